"""Where SoundFonts are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FoundFont:
    """A SoundFont on this machine: its file, its name inside, its size, and why it was looked for there."""

    path: Path
    name: str
    n_bytes: int
    place: str


@dataclass(frozen=True, slots=True)
class FontReport:
    """The fonts found, and every place looked at (description, path), there or not."""

    fonts: tuple[FoundFont, ...]
    places: tuple[tuple[str, Path], ...]


def choose_fonts(asked: Sequence[Path | str] = ()) -> tuple[Path, ...]:
    """Choose the stack of SoundFonts to play with, the first one first; each is checked.

    What is asked for; else ``CALMANDO_SOUNDFONT`` or ``SOUNDFONT_PATH`` (several, separated as in ``PATH``);
    else the built-in font; else the user's folder, the system's, and the small font that pretty_midi carries.
    A bare name (``FluidR3_GM``, with or without extension) is looked for in the known folders.

    Raises
    ------
    SoundFontError
        Where a font is missing, empty, broken or no SoundFont, or where none is found.
    """
    raise NotImplementedError


def found_fonts() -> FontReport:
    """Look at every known place."""
    raise NotImplementedError


def check_font(path: Path | str) -> None:
    """Raise `SoundFontError` unless the file looks like a whole SoundFont (.sf2, .sf3)."""
    raise NotImplementedError


def font_hash(path: Path | str) -> str:
    """Return the SHA-256 of a font in hexadecimal; kept while path, size and time stay the same."""
    raise NotImplementedError
