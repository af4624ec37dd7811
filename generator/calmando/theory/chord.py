"""Chords: what a numeral such as ``ii``, ``bVII`` or ``V5`` means in a mode.

A numeral is a degree (``I``…``VII``; capital letters for a major third, small ones for a minor third), with ``b`` or
``#`` before it and a suffix after it, and perhaps ``/n`` for a bass on degree ``n`` of the mode (a pedal or an
inversion). A plain numeral stands on the mode's own degree (``VII`` in minor is the flat seventh); with ``b`` or
``#`` it is counted from the major scale, so ``bVII`` is the flat seventh in every mode. Pentatonic modes read
their numerals in the seven-note mode they are part of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from calmando.theory.scale import MODES, Mode
from calmando.units import Semitones

_DEGREES = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7}
_NUMERAL = re.compile(r"^([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)([a-z0-9]*)(?:/([1-7]))?$")
_SUFFIXES: dict[str, tuple[Semitones | None, tuple[Semitones, ...]]] = {
    "": (None, ()),
    "5": (0, ()),
    "sus4": (5, ()),
    "sus2": (2, ()),
    "add9": (None, (14,)),
    "maj7": (None, (11,)),
    "7": (None, (10,)),
    "o": (3, ()),
}
"""What a suffix puts in place of the third (0: nothing), and what it adds above the fifth."""
_PARENTS = {"major-pentatonic": "major", "minor-pentatonic": "minor"}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord by its distance from the tonic.

    Attributes
    ----------
    numeral
        As written.
    root, bass
        Semitones above the tonic, 0–11; they differ in inversions and over a pedal.
    third
        Semitones of the third (or of the second or fourth in its place) above the root; None where left out.
    fifth
        Semitones of the fifth above the root: 7, or 6 in a diminished chord.
    colours
        Added tones in semitones above the root (10 or 11 a seventh, 14 a ninth).

    Examples
    --------
    >>> chord("V5", MODES["major"]).tones
    (7, 2)
    >>> chord("bVII", MODES["mixolydian"]).tones, chord("VII", MODES["dorian"]).tones
    ((10, 2, 5), (10, 2, 5))
    """

    numeral: str
    root: Semitones
    bass: Semitones
    third: Semitones | None
    fifth: Semitones
    colours: tuple[Semitones, ...]

    triad: tuple[Semitones, ...] = field(init=False, repr=False, compare=False)
    """Root, third (where there is one) and fifth, in semitones above the tonic (0–11)."""
    tones: tuple[Semitones, ...] = field(init=False, repr=False, compare=False)
    """Triad and colours, root first, in semitones above the tonic (0–11)."""

    def __post_init__(self) -> None:
        above = (0, self.fifth) if self.third is None else (0, self.third, self.fifth)
        triad, colours = (
            tuple([(self.root + tone) % 12 for tone in tones]) for tones in (above, self.colours)
        )
        object.__setattr__(self, "triad", triad)
        object.__setattr__(self, "tones", triad + colours)


@lru_cache(maxsize=512)
def chord(numeral: str, mode: Mode) -> Chord:
    """Read a numeral in a mode.

    Raises
    ------
    ValueError
        Where the numeral cannot be read.
    """
    match = _NUMERAL.match(numeral)
    if match is None or match[3] not in _SUFFIXES:
        raise ValueError(f"{numeral!r} is not a chord numeral; write I, ii, bVII, V5, Isus4, IVmaj7, II/1 …")
    accidental, name, suffix, bass_degree = match.groups()
    parent = seven_note_mode(mode)
    scale = MODES["major"] if accidental else parent
    root = scale.steps[_DEGREES[name.upper()] - 1] + {"": 0, "#": 1, "b": -1}[accidental]
    replaced, colours = _SUFFIXES[suffix]
    third = replaced if replaced is not None else (4 if name.isupper() else 3)
    return Chord(
        numeral=numeral,
        root=root % 12,
        bass=parent.steps[int(bass_degree) - 1] if bass_degree else root % 12,
        third=third or None,
        fifth=6 if suffix == "o" else 7,
        colours=colours,
    )


def seven_note_mode(mode: Mode) -> Mode:
    """The mode whose degrees numerals and anchors are counted in: a pentatonic's parent, else the mode itself."""
    return MODES[_PARENTS.get(mode.name, mode.name)]


def degree_semitones(degree: int, mode: Mode) -> Semitones:
    """Semitones above the tonic of degree 1–7; 8 and up an octave higher, 0 and down below (0 is 7 below 1).

    Examples
    --------
    >>> degree_semitones(5, MODES["minor-pentatonic"]), degree_semitones(0, MODES["dorian"])
    (7, -2)
    """
    return seven_note_mode(mode).semitones(degree - 1)
