"""Which SoundFonts this machine has, and which of them a piece is played with."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calmando.errors import SoundFontError
from calmando.instruments.sf2_read import read_presets
from calmando.resources import home_folder, is_folder, is_there, soundfonts_folder, user_soundfonts_folder

BUILT_IN_NAME = "calmando.sf2"

EXTENSIONS = (".sf2", ".sf3")
"""What FluidSynth plays and what is known here by its content."""

ENVIRONMENT = ("CALMANDO_SOUNDFONT", "SOUNDFONT_PATH")
"""Variables naming a font or several (separated as in ``PATH``); the first one set counts."""

_FEW_FONTS = "Run `calmando soundfonts` to see which are there."


_BUILT_IN = "built in"


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere fonts are looked for: what it is to the user, and its folder or file."""

    title: str
    path: Path


@dataclass(frozen=True, slots=True)
class FoundFont:
    """A SoundFont on this machine: its file, its name inside, its size, how many instruments it has, and its place."""

    path: Path
    name: str
    n_bytes: int
    n_presets: int
    place: str


@dataclass(frozen=True, slots=True)
class FontReport:
    """The fonts found, in the order they would be chosen, and every place looked at, there or not."""

    fonts: tuple[FoundFont, ...]
    places: tuple[Place, ...]


def choose_fonts(asked: Sequence[Path | str] = (), *, any_program: bool = False) -> tuple[Path, ...]:
    """Choose the stack of SoundFonts to play with, the first one first; each is checked.

    What is asked for; else what ``CALMANDO_SOUNDFONT`` or ``SOUNDFONT_PATH`` name; else the first one found
    of: the built-in font, one in the user's folder, the small one that pretty_midi carries (the same on every
    machine), one in the system's folders. A bare name (``FluidR3_GM``, with or without extension, or what the font
    calls itself) is looked for in these places too; of a folder the first font is taken.

    Parameters
    ----------
    asked
        Files or names.
    any_program
        For music that may ask for any General MIDI program: where the built-in font is taken, the small General
        MIDI font stands behind it.

    Raises
    ------
    SoundFontError
        Where a font is missing, empty, broken or no SoundFont, or where none is found.
    """
    if asked:
        return tuple(_checked(_located(font)) for font in asked)
    for variable in ENVIRONMENT:
        if named := _named_by(variable):
            return tuple(_checked(_located(font), f"The variable {variable} names it.") for font in named)
    for place in _places():
        for font in _fonts_in(place):
            if _is_font(font):
                behind = _pretty_midi_font() if any_program and place.title == _BUILT_IN else ()
                return (font, *(small for small in behind if _is_font(small)))
    raise SoundFontError(
        "No SoundFont was found.",
        "Without one nothing can sound.",
        f"Give one with --soundfont, or put one into {user_soundfonts_folder()}.",
    )


def found_fonts() -> FontReport:
    """Look at every known place; broken fonts are left out."""
    places = (*_environment_places(), *_places())
    fonts: dict[Path, FoundFont] = {}
    for place in places:
        for path in _fonts_in(place):
            real = path.resolve()
            if real in fonts:
                continue
            try:
                n_presets = len(read_presets(real))
            except SoundFontError:
                continue
            fonts[real] = FoundFont(real, font_name(real), real.stat().st_size, n_presets, place.title)
    return FontReport(tuple(fonts.values()), places)


def font_name(path: Path | str) -> str:
    """Return the name a font gives itself (``INAM``), or that of its file."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except (OSError, ValueError):
        return path.stem
    place = head.find(b"INAM")
    if place < 0:
        return path.stem
    length = int.from_bytes(head[place + 4 : place + 8], "little")
    name = head[place + 8 : place + 8 + min(length, 256)].partition(b"\0")[0].decode("latin-1").strip()
    return name if name.isprintable() and name else path.stem


def _checked(path: Path, who: str = "") -> Path:
    try:
        read_presets(path)
    except SoundFontError as error:
        why = f"{error.why} {who}".strip()
        raise SoundFontError(error.what, why, f"{error.fix} {_FEW_FONTS}") from error
    return path


def _is_font(path: Path) -> bool:
    try:
        read_presets(path)
    except SoundFontError:
        return False
    return True


def _located(font: Path | str) -> Path:
    """Find a font by path, by its folder, or by its bare name in the known places."""
    if not str(font).strip():
        raise SoundFontError(
            "The name of the SoundFont is empty.", "", f"Give a file or a name. {_FEW_FONTS}"
        )
    path = Path(os.path.expanduser(font))  # noqa: PTH111 - pathlib's own fails for a user who is not there
    if is_folder(path):
        return next(iter(_fonts_in(Place("", path))), path)
    if is_there(path) or path.name != str(font):
        return path
    asked = path.name.lower()
    names = {asked} | {asked + extension for extension in EXTENSIONS}
    for place in _places():
        for known in _fonts_in(place):
            if known.name.lower() in names or font_name(known).lower() == asked:
                return known
    return path


def _named_by(variable: str) -> tuple[str, ...]:
    return tuple(part for part in os.environ.get(variable, "").split(os.pathsep) if part)


def _environment_places() -> Iterator[Place]:
    for variable in ENVIRONMENT:
        for font in _named_by(variable):
            yield Place(f"the variable {variable}", _located(font))


def _places() -> tuple[Place, ...]:
    return (
        Place(_BUILT_IN, soundfonts_folder() / BUILT_IN_NAME),
        Place("your own", user_soundfonts_folder()),
        *(Place("the small one that pretty_midi carries", font) for font in _pretty_midi_font()),
        *(Place("the system's", folder) for folder in _system_places()),
    )


def _system_places() -> Iterator[Path]:
    if sys.platform == "win32":
        data = Path(os.environ.get("PROGRAMDATA", "C:/ProgramData"))
        yield from (data / "soundfonts", Path("C:/soundfonts"))
        return
    home = home_folder()
    if sys.platform == "darwin":
        prefixes = (os.environ.get("HOMEBREW_PREFIX"), "/opt/homebrew", "/usr/local")
        for prefix in dict.fromkeys(prefix for prefix in prefixes if prefix):
            yield Path(prefix) / "share" / "soundfonts"
            yield Path(prefix) / "share" / "sounds" / "sf2"
        yield home / "Library" / "Audio" / "Sounds" / "Banks"
        yield Path("/Library/Audio/Sounds/Banks")
        return
    yield home / ".local" / "share" / "soundfonts"
    yield home / ".fluidsynth" / "default_sound_font.sf2"
    for share in (Path("/usr/local/share"), Path("/usr/share")):
        yield from (share / "soundfonts", share / "sounds" / "sf2", share / "sounds" / "sf3")


def _pretty_midi_font() -> Iterator[Path]:
    # Found through the installed files' list: importing pretty_midi is slow.
    try:
        files = importlib.metadata.files("pretty_midi") or []
    except importlib.metadata.PackageNotFoundError:
        return
    for file in files:
        if file.name == "TimGM6mb.sf2":
            yield Path(str(file.locate()))


def _fonts_in(place: Place) -> list[Path]:
    """List the fonts at a place: itself, or those directly in the folder, best known first."""
    try:
        if place.path.is_dir():
            fonts = [path for path in place.path.iterdir() if path.suffix.lower() in EXTENSIONS]
            return sorted(fonts, key=_familiarity)
        return [place.path] if place.path.exists() else []
    except OSError:
        return []


def _familiarity(font: Path) -> tuple[bool, bool, str]:
    name = font.name.lower()
    return (not name.startswith("default"), not name.startswith("fluidr3"), font.name)
