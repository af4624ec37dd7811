"""The contract: no preset fails its own audit."""

from __future__ import annotations

import pytest

from calmando.audit import Verdict, audit_audio, audit_score
from calmando.compose.piece import compose_piece, shortest_length_s
from calmando.preset.load import found_presets, load_preset
from calmando.preset.recipe import make_recipe
from calmando.rendering import SoundOptions, compose
from calmando.score.model import assemble
from calmando.streaming import stream_score

PRESETS = [found.name for found in found_presets() if not found.own]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("seed", [1, 3, 4, 8])
def test_no_preset_fails_its_own_audit(name: str, seed: int) -> None:
    """What a preset composes lies within the bounds of its intent, short as it may be."""
    preset = load_preset(name)
    length_s = max(240.0, shortest_length_s(preset))
    piece = compose_piece(preset, seed=seed, length_s=length_s)
    audit = audit_score(assemble(piece.title, piece.passages()), preset)
    assert not audit.failed, [(finding.key, finding.sentence) for finding in audit.of(Verdict.FAIL)]
    assert len(audit.findings) > 25


# The ones with the widest balance, the barest texture, the slowest decline, and one for walking; the
# documentation of the audit has the figures of all.
@pytest.mark.parametrize(
    "name",
    ["bedtime-lullaby", "deep-sleep", "gait-training", "guided-imagery", "infant-lullaby", "nicu-lullaby"],
)
def test_its_sound_passes_too(name: str) -> None:
    """What is heard of a preset, calm or for walking, lies within the bounds as well."""
    recipe = make_recipe(name, seed=3, minutes=5.0)
    score = compose(recipe)
    options = SoundOptions()
    audit = audit_audio(stream_score(score, options), options.sample_rate, recipe.adapted, score=score)
    assert not audit.failed, [(finding.key, finding.sentence) for finding in audit.of(Verdict.FAIL)]
    assert audit.finding("loudness").verdict is Verdict.PASS


def test_a_harp_leaps_as_seldom_as_lullabies() -> None:
    """Leaps of a fifth and more, from phrase to phrase too, stay within the audit's bound of calm music."""
    preset = load_preset("palliative-harp")
    for seed in (2, 3, 5, 9):
        piece = compose_piece(preset, seed=seed, length_s=60 * preset.minutes)
        finding = audit_score(assemble(piece.title, piece.passages()), preset).finding("wide-leaps")
        assert finding.verdict is Verdict.PASS, (seed, finding.value)
