"""Harmony: chords are voiced below a tune without the classical faults."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmando.compose.harmony import voice_progression
from calmando.compose.tune import compose_tune
from calmando.compose.tune_brief import TuneBrief
from calmando.rng import Stream
from calmando.score.tune import Tune
from calmando.theory.chord import chord
from calmando.theory.metre import METRES
from calmando.theory.roughness import roughness
from calmando.theory.scale import MODES, Key
from calmando.theory.voicing import (
    CLEARANCE,
    OPEN_BELOW,
    ChordToVoice,
    Register,
    Voicing,
    is_parallel,
    voice_chords,
)

MODE_NAMES = sorted(MODES)


def some_tune(mode: str, tonic: int, seed: int) -> Tune:
    """A composed tune in a mode."""
    return compose_tune(TuneBrief(key=Key(tonic, MODES[mode]), metre=METRES["3/4"]), stream=Stream(seed, "t"))


@settings(max_examples=20, deadline=None)
@given(mode=st.sampled_from(MODE_NAMES), tonic=st.sampled_from((0, 2, 4, 5)), seed=st.integers(0, 10_000))
def test_voicings_keep_the_rules_of_voice_leading(mode: str, tonic: int, seed: int) -> None:
    """Voices do not cross, stay three semitones below the tune, low intervals are fifths or more, nothing is rough."""
    tune = some_tune(mode, tonic, seed)
    spans = voice_progression(tune.chords, tune.notes, tune.key, tune.metre, Register())
    for span in spans:
        for upper in (span.voicing.block, span.voicing.ladder):
            voices = (span.voicing.bass, *upper)
            assert list(voices) == sorted(set(voices))
            assert all(high - low >= 7 for low, high in pairwise(voices) if low < OPEN_BELOW)
            over = [
                n for n in tune.notes if n.onset_ticks < span.end_ticks and n.end_ticks > span.onset_ticks
            ]
            assert all(note.pitch - voices[-1] >= CLEARANCE for note in over) or len(voices) == 1
            held = [note.pitch for note in over if note.duration_ticks >= tune.metre.beat_ticks]
            if len(voices) > 1:
                assert max((roughness((*voices, note)) for note in held), default=0.0) <= 0.30


def count_parallels(tune: Tune) -> tuple[int, int]:
    """Parallel fifths and octaves of bass and tune from chord to chord, and chord changes."""
    spans = voice_progression(tune.chords, tune.notes, tune.key, tune.metre, Register())
    tops = [
        next((n.pitch for n in tune.notes if n.onset_ticks <= span.onset_ticks < n.end_ticks), None)
        for span in spans
    ]
    found = [
        is_parallel((a.voicing.bass, b.voicing.bass), (s, t))
        for (a, s), (b, t) in pairwise(zip(spans, tops, strict=True))
    ]
    return sum(found), len(found)


@pytest.mark.parametrize("mode", MODE_NAMES)
def test_outer_voices_do_not_move_in_parallel(mode: str) -> None:
    """Over many tunes bass and tune make no parallel fifths or octaves."""
    counted = [count_parallels(some_tune(mode, 2, seed)) for seed in range(8)]
    assert sum(found for found, _ in counted) == 0


def test_the_open_voicings_of_the_style_are_found() -> None:
    """The key chord in C lies open, with its fifth or tenth above the bass, and moves to IV by least movement."""
    major = MODES["major"]
    row = [ChordToVoice(chord(numeral, major), 0, root_position=True) for numeral in ("I", "IV", "V", "I")]
    voicings = voice_chords(row, Register())
    assert [v.bass % 12 for v in voicings] == [0, 5, 7, 0]
    assert all(isinstance(v, Voicing) and len(v.block) == 3 for v in voicings)
    assert all(roughness((v.bass, *v.block)) <= 0.20 for v in voicings)
    for before, after in pairwise(voicings):
        assert sum(min(abs(a - b) for a in before.block) for b in after.block) <= 7


def test_a_fourth_hangs_without_its_third() -> None:
    """Under a suspension the third is left out."""
    voicing = voice_chords([ChordToVoice(chord("Vsus4", MODES["major"]), 0)], Register())[0]
    assert {p % 12 for p in (voicing.bass, *voicing.block)} <= {7, 0, 2}
