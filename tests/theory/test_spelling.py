"""How keys spell their notes."""

from __future__ import annotations

import pytest

from calmando.theory.pitch import pitch
from calmando.theory.scale import MODES, Key, Mode

SEVEN = [mode for mode in MODES.values() if len(mode.steps) == 7]


@pytest.mark.parametrize("mode", SEVEN, ids=lambda mode: mode.name)
@pytest.mark.parametrize("tonic", range(12))
def test_every_degree_has_a_letter_of_its_own(tonic: int, mode: Mode) -> None:
    """No letter twice in a scale, at most six accidentals, none double; the key has its first note's name."""
    key = Key(tonic, mode)
    names = [key.pitch_name(60 + tonic + step)[:-1] for step in key.mode.steps]
    assert len({name[0] for name in names}) == 7
    assert all(len(name) <= 2 for name in names)
    assert sum(len(name) - 1 for name in names) <= 6
    assert key.name.split()[0] == names[0]


@pytest.mark.parametrize("mode", list(MODES.values()), ids=lambda mode: mode.name)
@pytest.mark.parametrize("tonic", range(12))
def test_a_spelled_note_is_the_note(tonic: int, mode: Mode) -> None:
    """What a key names is read back as the same pitch, across the octave's border too (C flat 5 is B4)."""
    key = Key(tonic, mode)
    for midi_pitch in range(24, 108):
        name = key.pitch_name(midi_pitch)
        if len(name.rstrip("0123456789")) <= 2:  # read are single accidentals only
            assert pitch(name) == midi_pitch


def test_c_flat_is_spelled_as_c_flat() -> None:
    """The fourth of G flat, the sixth of E flat minor, the third of the minor fourth in E flat."""
    keys = (Key(6, MODES["major"]), Key(3, MODES["minor"]), Key(3, MODES["major"]))
    assert [key.pitch_name(59) for key in keys] == ["Cb4"] * 3
    assert Key(11, MODES["major"]).pitch_name(59) == "B3"
