"""A mode lets the notes be heard that make it what it is."""

from __future__ import annotations

import pytest

from calmando.compose.tune_colour import colours_of, n_missing
from calmando.compose.tune_table import tunes_of
from calmando.theory.scale import MODES


@pytest.mark.parametrize("mode", ["dorian", "mixolydian", "lydian"])
def test_modes_let_their_own_note_be_heard(mode: str) -> None:
    """Nine tunes in ten sound the note that makes the mode, and none dwells on it for a third of its time."""
    tunes = tunes_of(mode, 20)
    (colour,) = colours_of(MODES[mode])
    heard = 0
    for tune in tunes:
        lengths = [n.duration_ticks for n in tune.notes if (n.pitch - tune.key.tonic) % 12 == colour]
        heard += bool(lengths)
        assert 3 * sum(lengths) < sum(note.duration_ticks for note in tune.notes)
    assert heard >= 18


def test_missing_colours_are_counted() -> None:
    """Minor without its sixth lacks one note, five-note modes never lack any."""
    assert n_missing(MODES["minor"], (0, 3, -2)) == 1
    assert n_missing(MODES["minor-pentatonic"], (0,)) == 0
