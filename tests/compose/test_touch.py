"""Touch: tones that are plucked together are each plucked more lightly."""

from __future__ import annotations

import math

import pytest

from calmando.compose.expression import lightened, to_notes
from calmando.compose.textures.contract import Stroke


@pytest.mark.parametrize("n_tones", [2, 3, 4])
def test_a_plucked_chord_is_little_louder_than_a_plucked_tone(n_tones: int) -> None:
    """Two to four tones together have 2 dB more power than one at most; held ones keep their touch."""
    strokes = tuple(Stroke(0, 480, 48 + 7 * index, 0.0) for index in range(n_tones))
    plucked = to_notes(lightened(strokes), 0, touch=48, arch_share=0.0)
    power = math.fsum((note.velocity / 48) ** 2.5 for note in plucked)
    assert 0.0 <= 10 * math.log10(power) <= 2.0
    held = to_notes(strokes, 0, touch=48, arch_share=0.0)
    assert {note.velocity for note in held} == {48}
