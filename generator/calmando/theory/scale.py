"""Modes and keys: which pitch classes belong, and how they are written as a key signature."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.units import MidiPitch, PitchClass, Semitones

PITCH_CLASS_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_LETTERS = "FCGDAEB"
"""The natural notes as fifths above one another; C is 0 on that line, F −1, B flat −2."""
_SHARP_NAMES = {"C#": 1, "D#": 3, "F#": 6, "G#": 8, "A#": 10, "Cb": 11, "B#": 0, "E#": 5, "Fb": 4}


@dataclass(frozen=True, slots=True)
class Mode:
    """A scale by its steps above the tonic.

    ``signature_shift`` is how many semitones above the mode's tonic the major scale with the same key
    signature begins (natural minor: 3).
    """

    name: str
    steps: tuple[Semitones, ...]
    signature_shift: Semitones
    minor_third: bool

    def __hash__(self) -> int:
        """By its name, which is enough: modes stand in the keys of many tables."""
        return hash(self.name)

    def semitones(self, index: int) -> Semitones:
        """Semitones above the tonic of scale step ``index`` (0 the tonic; negative below; any octave)."""
        octave, step = divmod(index, len(self.steps))
        return 12 * octave + self.steps[step]


MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode("major", (0, 2, 4, 5, 7, 9, 11), 0, False),
        Mode("minor", (0, 2, 3, 5, 7, 8, 10), 3, True),
        Mode("dorian", (0, 2, 3, 5, 7, 9, 10), 10, True),
        Mode("mixolydian", (0, 2, 4, 5, 7, 9, 10), 5, False),
        Mode("lydian", (0, 2, 4, 6, 7, 9, 11), 7, False),
        Mode("major-pentatonic", (0, 2, 4, 7, 9), 0, False),
        Mode("minor-pentatonic", (0, 3, 5, 7, 10), 3, True),
    )
}
"""Every mode in use, by name; ``minor`` is natural minor."""


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic and a mode."""

    tonic: PitchClass
    mode: Mode

    @property
    def name(self) -> str:
        """As spoken: ``G major``; of two names the one with the fewer accidentals.

        Examples
        --------
        >>> Key(7, MODES["major"]).name, Key(8, MODES["minor"]).name, Key(3, MODES["minor"]).name
        ('G major', 'G# minor', 'Eb minor')
        """
        return f"{_name(self._fifths(self.tonic))} {self.mode.name}"

    def pitch_name(self, pitch: MidiPitch) -> str:
        """A pitch with its octave as this key spells it: every degree has its own letter.

        Notes from outside are the altered ones that belong to the key: a lowered third, sixth or seventh, a raised fourth or
        first degree; in minor the raised seventh.

        Examples
        --------
        >>> Key(3, MODES["minor"]).pitch_name(71), Key(9, MODES["minor"]).pitch_name(68), Key(0, MODES["major"]).pitch_name(68)
        ('Cb5', 'G#4', 'Ab4')
        """
        name = _name(self._fifths(pitch % 12))
        return f"{name}{(pitch - name.count('#') + name.count('b')) // 12 - 1}"

    def _fifths(self, pitch_class: PitchClass) -> int:
        """Where a pitch class lies on the line of fifths, C being 0, for a signature of six flats to five sharps."""
        lowest = self._signature_fifths() - (3 if self._is_minor() else 4)
        return lowest + (7 * pitch_class - lowest) % 12

    def _signature_fifths(self) -> int:
        """The major key of the same accidentals on that line: five sharps at most."""
        major = (self.tonic + self.mode.signature_shift) * 7 % 12
        return major if major <= _MOST_SHARPS else major - 12

    def _is_minor(self) -> bool:
        return self.mode.name.startswith("minor")

    @property
    def signature(self) -> str:
        """The MIDI key signature with the mode's own accidentals: ``F`` for G dorian, ``Em`` for E minor.

        Modes other than minor are written as the major key of the same accidentals.
        """
        fifths = self._signature_fifths()
        return f"{_name(fifths + 3)}m" if self._is_minor() else _name(fifths)


_MOST_SHARPS = 5


def _name(fifths: int) -> str:
    """The note so many fifths above C."""
    octaves, letter = divmod(fifths + 1, len(_LETTERS))
    return _LETTERS[letter] + ("#" if octaves > 0 else "b") * abs(octaves)


def pitch_class(name: str) -> PitchClass:
    """The pitch class of a note name such as ``G``, ``Bb`` or ``F#``.

    Raises
    ------
    ValueError
        Where the name is none.

    Examples
    --------
    >>> pitch_class("Bb"), pitch_class("f#")
    (10, 6)
    """
    tidy = name.strip().replace("♭", "b").replace("♯", "#")
    tidy = tidy[:1].upper() + tidy[1:]
    if tidy in PITCH_CLASS_NAMES:
        return PITCH_CLASS_NAMES.index(tidy)
    if tidy in _SHARP_NAMES:
        return _SHARP_NAMES[tidy]
    raise ValueError(f"{name!r} is not a note name; use C, Db, D … B, or F#")
