"""The contract: as heard, a preset's piece moves in loudness no more than the preset says, and nothing jumps out of it."""

from __future__ import annotations

import numpy as np
import pytest

from calmando.audit import Verdict, audit_audio
from calmando.compose.piece import compose_piece
from calmando.preset.load import load_preset
from calmando.rendering import SoundOptions
from calmando.score.model import assemble
from calmando.sound.loudness.loudness import LoudnessMeter
from calmando.streaming import stream_score


# The tune over a guitar, over womb sound, over a plucked drone, alone; a breath's swell; single tones of a harp.
@pytest.mark.parametrize(
    ("name", "seed", "minutes"),
    [
        ("bedtime-lullaby", 1, 3),
        ("bedtime-lullaby", 7, 3),
        ("breath-at-six", 2, 3),
        ("chant-and-drone", 3, 3),
        ("infant-lullaby", 2, 3),
        ("nicu-lullaby", 1, 3),
        ("palliative-harp", 1, 4),
        ("steady-ground", 7, 3),
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
    audit = audit_audio(stream_score(score, options), options.sample_rate, preset, score=score)
    for key in ("loudness-step", "loudness-range", "loudest-moment", "swell"):
        finding = audit.finding(key)
        assert finding.verdict is Verdict.PASS, finding.sentence


@pytest.mark.parametrize("seed", [1, 7])
def test_the_last_chord_of_steady_ground_is_no_louder_than_its_loud_moments(seed: int) -> None:
    """For people whom a sound can bring back to terror: no chord after the close is more than 1 LU above the rest."""
    piece = compose_piece(load_preset("steady-ground"), seed=seed, length_s=180.0)
    score = assemble(piece.title, piece.passages())
    options = SoundOptions()
    meter = LoudnessMeter(options.sample_rate)
    for block in stream_score(score, options):
        meter.add(block)
    momentary = meter.momentary_lufs()
    usual_top = np.percentile(momentary[momentary > -50], 95)
    close = next(phrase for phrase in score.phrases if phrase.label == "final")
    close_s = score.tempo_map.seconds_at(close.onset_ticks)
    assert momentary[round(10 * close_s) - 4 :].max() < usual_top + 1.0
