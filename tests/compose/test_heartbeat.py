"""The heartbeat: lub–dub at a resting rate, tied to the tempo, coming and going gradually, never last, never alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from preset_scores import changed, preset_of, score_from, score_of
from pydantic import ValidationError

from calmando.compose.heartbeat import heartbeat, level_db, systole_s
from calmando.preset.heart_rate import beats_per_heartbeat
from calmando.preset.model import HeartbeatSettings
from calmando.score.model import Controller, Role
from calmando.theory import percussion
from calmando.theory.metre import METRES


@pytest.mark.parametrize(("rate", "gap_ms"), [(50, 361), (60, 339), (70, 317), (80, 295)])
def test_the_gap_is_that_of_the_heart(rate: float, gap_ms: float) -> None:
    """From first to second sound 471 − 2.2 × rate milliseconds pass."""
    assert systole_s(rate) == pytest.approx(gap_ms / 1000)


@given(bpm=st.floats(50, 80), metre=st.sampled_from(sorted(METRES)))
def test_lub_and_dub_are_written_that_far_apart(bpm: float, metre: str) -> None:
    """In the score the gap is right to the tick, and one lub falls on every beat."""
    us = METRES[metre].us_per_quarter(bpm)
    bar = METRES[metre].bar_ticks
    strokes = heartbeat(HeartbeatSettings(on=True), METRES[metre], 4 * bar, us, 0.0)
    lubs = [s for s in strokes if s.pitch == percussion.HEART_LUB]
    dubs = [s for s in strokes if s.pitch == percussion.HEART_DUB]
    assert [s.onset_ticks for s in lubs] == list(range(0, 4 * bar, METRES[metre].beat_ticks))
    for lub, dub in zip(lubs, dubs, strict=True):
        gap_s = (dub.onset_ticks - lub.onset_ticks) * us / 480e6
        assert gap_s == pytest.approx((471 - 2.2 * METRES[metre].bpm(us)) / 1000, abs=0.0015)


def test_breathing_moves_the_rate_by_three_percent_at_most() -> None:
    """The optional variation is a slow sine, not chance, and stays below 3 %."""
    metre, us = METRES["2/4"], 1_000_000
    strokes = heartbeat(HeartbeatSettings(on=True, breathing_percent=3), metre, 60 * 480, us, 5.0)
    lubs = [s.onset_ticks for s in strokes if s.pitch == percussion.HEART_LUB]
    steps = [b - a for a, b in pairwise(lubs)]
    assert 480 * 0.965 <= min(steps) < 475 and 485 < max(steps) <= 480 * 1.035
    assert steps[:10] == pytest.approx(steps[10:20], abs=1)


WAYS = st.lists(st.floats(-1, 2), min_size=3, max_size=3)


@settings(max_examples=40, deadline=None)
@given(start=st.floats(50, 135), end=st.floats(50, 135), ways=WAYS)
@example(start=110, end=60, ways=[0.1, 0.8, 1.0])
@example(start=60, end=110, ways=[0.1, 0.8, 1.0])
@example(start=78, end=60, ways=[-1.0, 0.8, 1.0])
@example(start=64, end=56, ways=[0.1, 0.8, 2.0])
@example(start=130, end=104, ways=[0.1, 0.8, 1.0])
@example(start=79, end=51, ways=[0.0, 1.0, 0.0])
def test_its_rate_stays_within_its_bounds_all_the_way(start: float, end: float, ways: list[float]) -> None:
    """Wherever the tempo goes, from one lub to the next it beats 50 to 80 times a minute, or it is refused."""
    stages = [
        {**stage.model_dump(), "way": way}
        for stage, way in zip(preset_of("bedtime-lullaby").stages, ways, strict=True)
    ]
    try:
        preset = changed("bedtime-lullaby", tempo__start_bpm=start, tempo__end_bpm=end, stages=stages)
    except ValidationError as error:
        assume("the heart would beat" in str(error))
        return
    score = score_from(preset, 1, 6.0)
    heart = score.part(Role.HEARTBEAT)
    assert heart is not None
    lubs = [score.tempo_map.seconds_at(n.onset_ticks) for n in heart.notes if n.pitch == percussion.HEART_LUB]
    rates = [60 / (b - a) for a, b in pairwise(lubs)]
    assert min(rates) >= 50 * 0.995 and max(rates) <= 80 * 1.005


@pytest.mark.parametrize(
    ("start", "end", "beats"), [(60, 60, 1), (79, 51, 1), (100, 100, 2), (120, 104, 2), (110, 60, None)]
)
def test_at_a_walking_beat_it_halves(start: float, end: float, beats: int | None) -> None:
    """There is one heartbeat for two beats where one a beat would be too fast, and it is so in the whole piece."""
    off = preset_of("bedtime-lullaby").heartbeat.model_copy(update={"on": False}).model_dump()
    preset = changed("bedtime-lullaby", tempo__start_bpm=start, tempo__end_bpm=end, heartbeat=off)
    assert beats_per_heartbeat(preset) == beats


def test_it_fades_over_twenty_seconds_and_stops_with_the_tune_going_on() -> None:
    """Its level falls for more than twenty seconds before its last beat; the music goes on after it."""
    score = score_of("bedtime-lullaby", 1, 6.0)
    heart = score.part(Role.HEARTBEAT)
    assert heart is not None
    end_s = score.tempo_map.seconds_at(heart.notes[-1].end_ticks)
    falling = [
        c
        for c in heart.controls
        if c.controller is Controller.EXPRESSION and c.ticks < heart.notes[-1].end_ticks
    ]
    tail = [c.value for c in falling if score.tempo_map.seconds_at(c.ticks) > end_s - 20]
    assert len(tail) >= 15 and tail == sorted(tail, reverse=True) and tail[-1] <= 20
    assert heart.strip.expression <= 1
    endings = [s for s in score.sections if s.name == "ending"]
    assert heart.notes[-1].end_ticks <= endings[0].onset_ticks + 480


@given(since=st.floats(0, 1000), left=st.floats(0, 1000))
def test_its_level_never_jumps(since: float, left: float) -> None:
    """A second more or less changes the level by less than two decibels."""
    assert abs(level_db(since, left) - level_db(since + 1, max(left - 1, 0))) < 2


def test_infants_have_smaller_heart_sounds() -> None:
    """The infant heart plays on its own keys."""
    preset = changed("infant-lullaby", heartbeat__on=True)
    heart = score_from(preset, 1, 3.0).part(Role.HEARTBEAT)
    assert heart is not None
    assert {note.pitch for note in heart.notes} == {percussion.INFANT_LUB, percussion.INFANT_DUB}
