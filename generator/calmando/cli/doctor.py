"""What works on this machine, what does not, and what to do."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from rich.text import Text

from calmando.cli.console import result_json, results, tell
from calmando.errors import CalmandoError, SoundFontError, SynthMissingError
from calmando.version import __version__

_PACKAGES = (
    "numpy",
    "scipy",
    "mido",
    "pretty_midi",
    "pyfluidsynth",
    "pydantic",
    "soundfile",
    "lameenc",
    "pygame-ce",
)
_FORMATS = {"WAV": "PCM_24", "FLAC": "PCM_24", "OGG": "VORBIS"}


class State(StrEnum):
    """How a thing stands."""

    WORKS = "works"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it stands, what was seen, what to do."""

    thing: str
    state: State
    seen: str
    to_do: str = ""

    @property
    def broken(self) -> bool:
        """Whether something that sound or files need does not work."""
        return self.state is State.BROKEN


def examine() -> tuple[Finding, ...]:
    """Look at everything that making music and sound needs."""
    return tuple(_findings())


def show_examination(findings: tuple[Finding, ...], as_json: bool) -> None:
    """Print what was found."""
    if as_json:
        result_json([asdict(finding) for finding in findings])
        return
    colours = {State.WORKS: "green", State.NOTE: "yellow", State.BROKEN: "bold red"}
    for finding in findings:
        results.print(
            Text.assemble(
                (f"{finding.state.value:7}", colours[finding.state]), f" {finding.thing}: {finding.seen}"
            ),
            soft_wrap=True,
        )
        if finding.to_do:
            results.print(Text(f"        → {finding.to_do}"), soft_wrap=True)


def show_soundfonts(as_json: bool) -> None:
    """Print the fonts found, the one in use first, and the places looked at."""
    from calmando.sound.fluidsynth.soundfonts import found_fonts

    report = found_fonts()
    used, problem = _fonts_used()
    if as_json:
        fonts = [
            {
                "path": str(font.path),
                "name": font.name,
                "bytes": font.n_bytes,
                "place": font.place,
                "default": font.path in used,
            }
            for font in report.fonts
        ]
        places = [{"place": place.title, "path": str(place.path)} for place in report.places]
        result_json({"fonts": fonts, "places": places})
        return
    for font in report.fonts:
        mark = "*" if font.path in used else " "
        results.print(
            Text(
                f"{mark} {font.path}  ({font.name or 'no name'}, {font.n_bytes / 1e6:.0f} MB; {font.place})"
            ),
            soft_wrap=True,
        )
    tell("* used when no --soundfont is given. Looked at:")
    for place in report.places:
        tell(f"  {place.path}  ({place.title}{'' if place.path.exists() else ', not there'})")
    if problem is not None:
        tell(f"None is used before this is mended: {problem.what} {problem.why}")


def _fonts_used() -> tuple[tuple[Path, ...], CalmandoError | None]:
    """The files of the fonts that are used when none is asked for, or why there are none."""
    from calmando.sound.fluidsynth.soundfonts import choose_fonts

    try:
        return tuple(font.resolve() for font in choose_fonts()), None
    except SoundFontError as error:
        return (), error


def _findings() -> Iterator[Finding]:
    yield Finding(
        "Calmando",
        State.WORKS,
        f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )
    yield from _packages()
    yield from _synthesiser()
    yield from _fonts()
    yield _arithmetic()
    yield from _codecs()
    yield _presets()
    yield _sound_card()
    yield _temporary_space()


def _packages() -> Iterator[Finding]:
    versions: list[str] = []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding(package, State.BROKEN, "is not installed", f"pip install {package}")
    yield Finding("packages", State.WORKS, ", ".join(versions))
    if _installed("pygame") and _installed("pygame-ce"):
        yield Finding(
            "pygame",
            State.NOTE,
            "pygame and pygame-ce are both installed and write over each other's files",
            "pip uninstall pygame pygame-ce, then: pip install --force-reinstall pygame-ce==2.5.8",
        )
    if _installed("fluidsynth"):
        yield Finding(
            "fluidsynth",
            State.NOTE,
            "the package fluidsynth is installed; it is not pyfluidsynth and hides it",
            "pip uninstall fluidsynth pyfluidsynth, then: pip install pyfluidsynth",
        )


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _synthesiser() -> Iterator[Finding]:
    from calmando.sound.fluidsynth.library import load, report

    found = report()
    try:
        load()
    except SynthMissingError as error:
        yield Finding(
            "FluidSynth", State.BROKEN, "no library works; MIDI files can still be written", error.fix
        )
    else:
        yield Finding("FluidSynth", State.WORKS, f"{found.version}, {found.origin}: {found.path}")
    for attempt in found.attempts:
        yield Finding(
            "FluidSynth", State.NOTE, f"passed over {attempt.place} ({attempt.origin}): {attempt.problem}"
        )


def _fonts() -> Iterator[Finding]:
    from calmando.sound.fluidsynth.soundfonts import choose_fonts

    try:
        fonts = choose_fonts()
    except CalmandoError as error:
        yield Finding("SoundFont", State.BROKEN, f"{error.what} {error.why}".strip(), error.fix)
        return
    yield Finding("SoundFont", State.WORKS, ", ".join(str(font) for font in fonts))


def _arithmetic() -> Finding:
    from calmando.sound.kernels import VARIABLE, kernels_name

    name = kernels_name()
    if name is not None:
        return Finding("arithmetic", State.WORKS, f"compiled for {name}")
    return Finding(
        "arithmetic",
        State.NOTE,
        "nothing compiled fits this machine; sound is made by numpy, which takes twice as long",
        f"If {VARIABLE} is set to numpy, unset it.",
    )


def _codecs() -> Iterator[Finding]:
    import soundfile

    missing = [
        name
        for name, subtype in _FORMATS.items()
        if name not in soundfile.available_formats() or subtype not in soundfile.available_subtypes(name)
    ]
    library = f"libsndfile {soundfile.__libsndfile_version__}"
    if missing:
        yield Finding(
            "audio formats",
            State.BROKEN,
            f"{library} cannot write {', '.join(missing)}",
            "pip install -U soundfile",
        )
    else:
        yield Finding("audio formats", State.WORKS, f"{', '.join(_FORMATS)} with {library}")
    try:
        import lameenc  # noqa: F401
    except ImportError as error:
        yield Finding("audio formats", State.BROKEN, f"no MP3: {error}", "pip install -U lameenc")
    else:
        yield Finding("audio formats", State.WORKS, "MP3 with LAME")


def _presets() -> Finding:
    from calmando.preset.load import found_presets, read_preset_file
    from calmando.resources import user_presets_folder

    problems: list[str] = []
    found = found_presets()
    for preset in found:
        try:
            read_preset_file(preset.path)
        except CalmandoError as error:
            problems.append(error.what)
    own = sum(preset.own for preset in found)
    seen = f"{len(found)} presets, {own} of them your own ({user_presets_folder()})"
    if problems:
        return Finding(
            "presets", State.NOTE, seen + "; " + "; ".join(problems), "Mend the preset named here."
        )
    return Finding("presets", State.WORKS if found else State.BROKEN, seen)


def _sound_card() -> Finding:
    if not _installed("pygame-ce"):
        return Finding("playing", State.NOTE, "pygame-ce is not installed", "pip install pygame-ce==2.5.8")
    if sys.platform.startswith("linux") and not Path("/dev/snd").exists():
        return Finding(
            "playing",
            State.NOTE,
            "no sound device was found; files can be made all the same",
            "Play the files elsewhere.",
        )
    return Finding("playing", State.WORKS, "through pygame's mixer")


def _temporary_space() -> Finding:
    folder = Path.cwd()
    try:
        free = shutil.disk_usage(folder).free
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "this folder",
            State.NOTE,
            f"{folder} cannot be written to ({error.strerror})",
            "Work in another folder, or name one with -o.",
        )
    return Finding("this folder", State.WORKS, f"{folder}, {free / 1e9:.0f} GB free")
