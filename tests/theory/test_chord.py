"""A numeral means the same tones to every reader."""

from __future__ import annotations

import pytest

from calmando.theory.chord import chord, degree_semitones
from calmando.theory.scale import MODES


@pytest.mark.parametrize(
    ("mode", "numeral", "tones"),
    [
        ("major", "I", (0, 4, 7)),
        ("major", "ii", (2, 5, 9)),
        ("major", "iv", (5, 8, 0)),
        ("major", "V5", (7, 2)),
        ("major", "V7", (7, 11, 2, 5)),
        ("major", "Iadd9", (0, 4, 7, 2)),
        ("major", "IVmaj7", (5, 9, 0, 4)),
        ("major", "Isus4", (0, 5, 7)),
        ("minor", "VII", (10, 2, 5)),
        ("minor", "v", (7, 10, 2)),
        ("minor", "V", (7, 11, 2)),
        ("minor", "iio", (2, 5, 8)),
        ("dorian", "IV", (5, 9, 0)),
        ("mixolydian", "bVII", (10, 2, 5)),
        ("lydian", "II", (2, 6, 9)),
        ("major-pentatonic", "vi", (9, 0, 4)),
        ("minor-pentatonic", "VII5", (10, 5)),
    ],
)
def test_numeral_has_the_tones_of_its_mode(mode: str, numeral: str, tones: tuple[int, ...]) -> None:
    """Each numeral of the phrase models reads as the chord a musician expects."""
    assert chord(numeral, MODES[mode]).tones == tones


def test_bass_on_a_pedal() -> None:
    """A slash puts another degree of the mode into the bass and leaves the chord alone."""
    lydian = chord("II/1", MODES["lydian"])
    assert (lydian.root, lydian.bass, lydian.tones) == (2, 0, (2, 6, 9))


@pytest.mark.parametrize("text", ["", "VIII", "H", "Ifoo", "i/9", "IVx"])
def test_nonsense_is_refused(text: str) -> None:
    """What is no numeral is refused by name."""
    with pytest.raises(ValueError, match="numeral"):
        chord(text, MODES["major"])


def test_degrees_count_in_the_seven_note_mode() -> None:
    """Degree 5 is the fifth in every mode, pentatonics included."""
    assert {degree_semitones(5, mode) for mode in MODES.values()} == {7}
    assert degree_semitones(8, MODES["minor"]) == 12


def test_borrowed_chords_are_told_from_diatonic_ones() -> None:
    """The minor subdominant is foreign to major, the dominant is not."""
    major = set(MODES["major"].steps)
    assert set(chord("V", MODES["major"]).tones) <= major
    assert not set(chord("iv", MODES["major"]).tones) <= major
