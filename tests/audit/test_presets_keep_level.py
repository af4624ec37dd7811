"""The contract: as heard, a preset's piece moves in loudness no more than the preset says."""

from __future__ import annotations

import pytest

from calmando.audit import Verdict, audit_audio
from calmando.compose.piece import compose_piece
from calmando.preset.load import load_preset
from calmando.rendering import SoundOptions, stream
from calmando.score.model import assemble


# The tune over a guitar, over womb sound, over a plucked drone, alone; a breath's swell; single tones of a harp.
@pytest.mark.parametrize(
    ("name", "seed", "minutes"),
    [
        ("bedtime-lullaby", 1, 3),
        ("breath-at-six", 2, 3),
        ("chant-and-drone", 3, 3),
        ("infant-lullaby", 2, 3),
        ("nicu-lullaby", 1, 3),
        ("palliative-harp", 1, 4),
        ("stress-relief", 2, 3),
    ],
)
def test_loudness_range_and_largest_step_stay_within_the_presets_limits(
    name: str, seed: int, minutes: float
) -> None:
    """Parts come and go without a step, and the whole keeps within its range, in short pieces too."""
    preset = load_preset(name)
    piece = compose_piece(preset, seed=seed, length_s=60.0 * minutes)
    score = assemble(piece.title, piece.passages())
    options = SoundOptions()
    audit = audit_audio(stream(score, options), options.sample_rate, preset, score=score)
    for key in ("loudness-step", "loudness-range", "swell"):
        finding = audit.finding(key)
        assert finding.verdict is Verdict.PASS, finding.sentence
