"""How pieces end: with a cadence that is heard, by step, and never with a second beginning."""

from __future__ import annotations

from itertools import pairwise

import pytest
from preset_scores import PRESETS, preset_of, score_of

from calmando.score.model import Note, PhraseSpan, Role, Score

THIRD = 4
"""Semitones of the widest third."""
TAGGED = [
    name
    for name in PRESETS
    if preset_of(name).form.ending in ("amen", "plain")
    and preset_of(name).form.kind in ("strophes", "statements", "motif")
]


def tune_of(score: Score) -> list[Note]:
    """The tune's notes, whoever has it, in order."""
    notes = [note for part in score.parts if part.strip.role is Role.MELODY for note in part.notes]
    return sorted(notes, key=lambda note: note.onset_ticks)


def within(score: Score, phrase: PhraseSpan) -> list[Note]:
    """The tune's notes that begin in a phrase."""
    return [note for note in tune_of(score) if phrase.onset_ticks <= note.onset_ticks < phrase.end_ticks]


def labelled(score: Score, label: str) -> PhraseSpan:
    """The last phrase of a label."""
    return next(phrase for phrase in reversed(score.phrases) if phrase.label == label)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", TAGGED)
def test_the_tag_is_a_cadence(name: str, seed: int) -> None:
    """What closes the tune returns in double values: other pitches lead to the last note, by a third at most."""
    score = score_of(name, seed, 6.0)
    pitches = [note.pitch for note in within(score, labelled(score, "tag"))]
    assert len(pitches) >= 3
    assert 0 < abs(pitches[-1] - pitches[-2]) <= THIRD
    assert max(abs(b - a) for a, b in pairwise(pitches)) <= 12
    assert pitches[-1] % 12 == score.keys[-1].key.tonic
