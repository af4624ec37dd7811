"""The notes that make a mode what it is, and whether a tune lets them be heard."""

from __future__ import annotations

from collections.abc import Iterable

from calmando.theory.scale import Mode
from calmando.units import Semitones

_COLOURS: dict[str, tuple[Semitones, ...]] = {
    "minor": (8, 10),
    "dorian": (9,),
    "mixolydian": (10,),
    "lydian": (6,),
}


def colours_of(mode: Mode) -> tuple[Semitones, ...]:
    """The degrees by which a mode is known, in semitones above its tonic (0–11); none in major and in five notes.

    The sixth and seventh of minor, the raised sixth of dorian, the flat seventh of mixolydian, the raised fourth of
    lydian. A tune without them could as well be in another mode. They are touched, not dwelt on.
    """
    return _COLOURS.get(mode.name, ())


def n_missing(mode: Mode, heights: Iterable[Semitones]) -> int:
    """How many of a mode's colours are not among some heights above (or below) its tonic.

    Examples
    --------
    >>> from calmando.theory.scale import MODES
    >>> n_missing(MODES["dorian"], (0, 2, 3, 7)), n_missing(MODES["minor"], (0, -2, 7)), n_missing(MODES["major"], ())
    (1, 1, 0)
    """
    colours = colours_of(mode)
    if not colours:
        return 0
    heard = {height % 12 for height in heights}
    return sum(colour not in heard for colour in colours)
