"""Harmony: chords are voiced below a tune without the classical faults."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmando.compose.harmony import (
    WIDEST_AT_TOP,
    ChordSpan,
    joint_after,
    voice_material,
    voice_progression,
)
from calmando.compose.material import phrase_of
from calmando.compose.tune import compose_tune
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.workshop import Workshop
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
    is_awkward,
    is_parallel,
    leap_at_top,
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


def leaps(spans: Sequence[ChordSpan]) -> tuple[int, int, int]:
    """Awkward leaps of the bass, wide ones of the highest voice above it, and changes of chord."""
    moves = [(a.voicing, b.voicing) for a, b in pairwise(spans) if a.voicing != b.voicing]
    awkward = sum(is_awkward(a.bass, b.bass) for a, b in moves)
    return awkward, sum(leap_at_top(a.block, b.block) > WIDEST_AT_TOP for a, b in moves), len(moves)


def test_chords_lead_on_inside_a_phrase() -> None:
    """Of a tune's chord changes one in a hundred has a seventh or tritone in the bass, one in fifty a leap at the top."""
    counted = [
        leaps(voice_progression(tune.chords, tune.notes, tune.key, tune.metre, Register()))
        for mode in ("major", "minor", "dorian", "mixolydian", "lydian")
        for tonic in (0, 2, 4, 5, 7)
        for seed in range(4)
        for tune in (some_tune(mode, tonic, seed),)
    ]
    awkward, wide, n_moves = (sum(each) for each in zip(*counted, strict=True))
    assert n_moves > 1000
    assert awkward <= 0.01 * n_moves
    assert wide <= 0.02 * n_moves


def joins(tune: Tune) -> tuple[list[ChordSpan], list[ChordSpan]]:
    """The last chord of each phrase of a tune and the first of the next: laid out with regard to each other, and each alone."""
    workshop = Workshop(Register())
    heeding, alone = list[ChordSpan](), list[ChordSpan]()
    joint = None
    for index in range(len(tune.phrases)):
        material = phrase_of(tune, index, f"phrase {index}")
        heeded, joint_next = workshop.joined(material, joint)
        spans = workshop.chords(material, heeded)
        assert joint_next == joint_after(material, spans)
        heeding += (spans[0], spans[-1])
        unheeding = voice_material(material, Register())
        alone += (unheeding[0], unheeding[-1])
        joint = joint_next
    return heeding[1:-1], alone[1:-1]


def test_a_phrase_goes_on_from_the_chord_before_it() -> None:
    """From phrase to phrase the highest voice of the chords leaps a third as often as without regard to the last chord."""
    wide = {True: 0, False: 0}
    for mode in ("major", "minor", "mixolydian", "lydian"):
        for tonic in (0, 2, 4, 5):
            for seed in range(8):
                for heeds, spans in zip((True, False), joins(some_tune(mode, tonic, seed)), strict=True):
                    for join in zip(spans[::2], spans[1::2], strict=True):
                        wide[heeds] += leaps(join)[1]
    assert wide[False] > 10
    assert wide[True] <= wide[False] / 3


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
