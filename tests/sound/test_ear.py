"""What a few notes heard at half the sample rate tell of how loud they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pretty_midi
import pytest

from calmando import api
from calmando.performance import Performance, perform
from calmando.resources import soundfonts_folder
from calmando.sound.bank.ear import ONE_OF, Ear
from calmando.sound.bank.notes import NoteKind, PartNotes, SynthPlayer
from calmando.sound.bank.predict import SPAN, NoteEnergy, Weights, note_energy
from calmando.sound.fluidsynth.synth import Synth
from calmando.sound.mixing.reverb import measured_response

RATE = 44_100
FONTS = {
    soundfonts_folder() / "calmando.sf2": 0.4,
    # Its strings are several voices that beat: which way, hangs on every block.
    Path(pretty_midi.__file__).parent / "TimGM6mb.sf2": 1.2,
}
"""How many decibels a part may be off."""
PRESETS = ("bedtime-lullaby", "guided-imagery", "gait-training", "palliative-harp")


@pytest.fixture(scope="module", params=PRESETS)
def performance(request: pytest.FixtureRequest) -> Performance:
    return perform(api.compose(api.recipe(request.param, seed=3, minutes=3)), RATE)


@pytest.fixture(params=FONTS, ids=lambda font: str(font.stem))
def font(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def ear(performance: Performance, font: Path) -> Iterator[Ear]:
    weights = Weights.of(measured_response(RATE), RATE, ONE_OF)
    with Ear(Synth((font,), RATE // ONE_OF), performance.parts, weights) as opened:
        yield opened


def kinds_of(performance: Performance) -> list[NoteKind]:
    """Some notes of every part, each part a voice of its own."""
    parts = [PartNotes(part.notes, voice, RATE).kinds for voice, part in enumerate(performance.parts)]
    return [kind for kinds in parts for kind in kinds[:: max(len(kinds) // 3, 1)]]


def test_a_part_is_as_loud_as_at_the_whole_rate(performance: Performance, font: Path, ear: Ear) -> None:
    """Dry and towards the reverb; where a note's energy is in time, within a span of the ear's."""
    weights = Weights.of(measured_response(RATE), RATE)
    sums = np.zeros((2, len(performance.parts), 2))
    with Synth((font,), RATE) as synth:
        player = SynthPlayer(synth, performance.parts)
        for kind in kinds_of(performance):
            whole, heard = note_energy(player.play(kind).both_sides(), weights), ear.energy(kind)
            sums[:, kind.voice] += heard.grown[:, -1], whole.grown[:, -1]
            if whole.grown[0, -1] > 0.0:
                assert abs(_half_way(heard) - _half_way(whole)) <= ONE_OF
    sounds = sums[1].min(axis=1) > 0.0
    assert sounds.any()
    heard_db, whole_db = 10 * np.log10(sums[:, sounds])
    np.testing.assert_allclose(heard_db, whole_db, atol=FONTS[font])
    assert not sums[0, ~sounds].any()


def _half_way(energy: NoteEnergy) -> float:
    """By which span half of a note's energy has come."""
    grown = energy.grown[0]
    return float(np.interp(grown[-1] / 2, grown, np.arange(len(grown))))


def test_what_is_told_of_a_note_hangs_on_it_alone(performance: Performance, ear: Ear) -> None:
    """To the last bit, whatever was heard before it."""
    kinds = kinds_of(performance)
    first = [ear.energy(kind).grown for kind in kinds]
    for kind, told in zip(reversed(kinds), reversed(first), strict=True):
        np.testing.assert_array_equal(ear.energy(kind).grown, told)


def test_no_more_is_heard_than_what_counts(performance: Performance) -> None:
    """A note held long after it has died away, or that rings on unheard, is told as soon as it has."""
    kind = NoteKind(0, 60, 60, 30 * RATE // 64 * 64)
    plucked = next(part for part in performance.parts if not part.strip.is_percussion)
    plucked = replace(plucked, strip=replace(plucked.strip, bank=0, program=46))
    with Synth((next(iter(FONTS)),), RATE) as synth:
        player = SynthPlayer(synth, [plucked])
        whole, heard = player.play(kind).both_sides(), player.loud_part(kind)
        assert heard.shape[1] < 0.7 * whole.shape[1]
        lost = float(np.sum(whole.astype(np.float64)[:, heard.shape[1] :] ** 2))
        assert lost < 1e-4 * float(np.sum(whole.astype(np.float64) ** 2))
    assert SPAN * ONE_OF < RATE // 4
