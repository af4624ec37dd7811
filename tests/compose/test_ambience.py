"""Ambience: the sea is never the same twice in a row."""

from __future__ import annotations

from itertools import pairwise

import pytest
from preset_scores import preset_of

from calmando.compose.piece import compose_piece
from calmando.score.model import Role, assemble


def test_neighbouring_strokes_of_ambience_differ_in_length() -> None:
    """No stroke is as long as the one before, none lasts 30 s, each overlaps the next by a second; a seed is a sea."""
    made = [compose_piece(preset_of("everyday-relaxation"), seed=seed, length_s=600.0) for seed in (1, 2)]
    scores = [assemble(piece.title, piece.passages()) for piece in made]
    lengths = []
    for score in scores:
        (sea,) = (part for part in score.parts if part.strip.role is Role.AMBIENCE)
        seconds = score.tempo_map.seconds_at
        spans = [(seconds(note.onset_ticks), seconds(note.end_ticks)) for note in sea.notes]
        lengths.append([end - onset for onset, end in spans])
        assert all(abs(b - a) > 1.0 for a, b in pairwise(lengths[-1]))
        assert max(lengths[-1]) < 30.0
        assert all(end - onset == pytest.approx(1.0, abs=0.05) for (_, end), (onset, _) in pairwise(spans))
    assert lengths[0] != lengths[1]
