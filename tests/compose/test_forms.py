"""The forms of walking, breathing, relaxing muscles and taking turns keep their own promises."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise

import pytest
from preset_scores import changed, score_from, score_of

from calmando.score.model import Controller, Part, Role, Score
from calmando.theory import percussion
from calmando.theory.voicing import is_parallel


def melody_between(score: Score, start: int, end: int) -> list[int]:
    """The tune's pitches that begin in a stretch."""
    melody = score.part(Role.MELODY)
    assert melody is not None
    return [note.pitch for note in melody.notes if start <= note.onset_ticks < end]


@pytest.mark.parametrize("seed", [1, 22])
def test_walking_has_a_click_on_every_beat_and_no_jitter(seed: int) -> None:
    """Every beat up to the final one has its click, the first of two is the stronger; tempo is constant."""
    score = score_of("gait-training", seed, 6.0)
    click = score.part(Role.PULSE)
    assert click is not None
    onsets = [note.onset_ticks for note in click.notes]
    assert onsets == list(range(0, onsets[-1] + 1, 480))
    assert len(score.tempo_map.changes) == 1
    inner = [
        note for note in click.notes if note.onset_ticks < onsets[-1] - 8 * 480 and note.onset_ticks > 4 * 960
    ]
    assert all((note.pitch == percussion.WOOD_BLOCK_HIGH) == (note.onset_ticks % 960 == 0) for note in inner)
    assert min(n.velocity for n in inner if n.onset_ticks % 960 == 0) > max(
        n.velocity for n in inner if n.onset_ticks % 960
    )


def test_the_end_of_walking_is_announced_eight_beats_ahead_on_a_strong_close() -> None:
    """The last eight beats are all high clicks; then one chord on the beat with the last click; no fade."""
    score = score_of("gait-training", 1, 6.0)
    click = score.part(Role.PULSE)
    assert click is not None
    *announced, last = click.notes[-9:]
    assert all(note.pitch == percussion.WOOD_BLOCK_HIGH for note in announced)
    final = [strip.name for strip, note in score.notes() if note.onset_ticks == last.onset_ticks]
    assert {"melody", "piano", "bass"} <= set(final)
    assert score.fades.fade_out_s == 0
    assert max(note.onset_ticks for _, note in score.notes()) == last.onset_ticks


def test_cadence_rises_by_five_percent_between_sections_with_a_bar_of_notice() -> None:
    """From 100 to 110 the beat rises in steps of 5 % at a section; the bar before has high clicks only."""
    score = score_from(changed("gait-training", tempo__end_bpm=111.0), 3, 6.0)
    tempos = [change.us_per_quarter for change in score.tempo_map.changes]
    assert len(tempos) >= 3
    *stairs, last = (a / b for a, b in pairwise(tempos))
    assert all(stair == pytest.approx(1.05, rel=1e-4) for stair in stairs) and last < 1.05
    click = score.part(Role.PULSE)
    assert click is not None
    for change in score.tempo_map.changes[1:]:
        assert any(section.onset_ticks == change.ticks for section in score.sections)
        notice = [n for n in click.notes if change.ticks - 960 <= n.onset_ticks < change.ticks]
        assert [n.pitch for n in notice] == [percussion.WOOD_BLOCK_HIGH] * 2


@pytest.mark.parametrize(
    ("start_bpm", "end_bpm", "minutes", "cadences"),
    [
        (100, 105, 10, (100, 105)),
        (100, 110, 10, (100, 105, 110)),
        (92, 100, 5, (92, 96.6, 100)),
        (92, 101, 10, (92, 96.6, 101)),
        (100, 103, 20, (100, 103)),
        (100, 130, 10, (100, 105, 110)),
        (100, 95, 10, (100, 95)),
        (100, 88, 10, (100, 95, 90.25, 88)),
    ],
)
def test_each_cadence_is_walked_for_its_share(
    start_bpm: float, end_bpm: float, minutes: float, cadences: tuple[float, ...]
) -> None:
    """Stairs of five percent, the last smaller, come to what was asked or ten percent more, each for an equal time."""
    preset = changed("gait-training", tempo__start_bpm=start_bpm, tempo__end_bpm=end_bpm)
    score = score_from(preset, 1, minutes)
    changes = score.tempo_map.changes
    assert [60e6 / change.us_per_quarter for change in changes] == pytest.approx(cadences, abs=0.01)
    assert max(abs(a.us_per_quarter / b.us_per_quarter - 1) for a, b in pairwise(changes)) < 0.05001
    click = score.part(Role.PULSE)
    assert click is not None
    edges = [
        score.tempo_map.seconds_at(ticks)
        for ticks in (*(c.ticks for c in changes), click.notes[-1].onset_ticks)
    ]
    share = edges[-1] / len(cadences)
    assert all(b - a == pytest.approx(share, abs=15) for a, b in pairwise(edges))


@pytest.mark.parametrize("seed", [1, 22])
def test_breaths_rise_on_the_inhale_and_fall_on_the_longer_exhale(seed: int) -> None:
    """Each breath's tune rises to the top of the inhale and falls over the exhale, on the bar lines."""
    score = score_of("breath-at-six", seed, 6.0)
    bar = 960
    breaths = [p for p in score.phrases if p.label in ("A", "B")]
    assert len(breaths) > 8
    for phrase in breaths:
        rising = melody_between(score, phrase.onset_ticks, phrase.onset_ticks + 2 * bar)
        falling = melody_between(score, phrase.onset_ticks + 2 * bar, phrase.end_ticks)
        assert rising == sorted(rising) and falling == sorted(falling, reverse=True)
        assert rising[-1] >= falling[0] >= falling[-1]


def _level_db(part: Part, ticks: int) -> float:
    """A part's expression at a moment, in decibels below full."""
    changes = [c for c in part.controls if c.controller is Controller.EXPRESSION]
    at = bisect_right(changes, ticks, key=lambda change: change.ticks) - 1
    return 40 * math.log10((changes[at].value if at >= 0 else part.strip.expression) / 127)


def test_breathing_slows_to_six_a_minute_and_swells_with_the_breath() -> None:
    """Breaths go from 7.2 to 6 a minute; the pad swells slowly, by three decibels at most from low to high."""
    score = score_of("breath-at-six", 1, 6.0)
    lengths = [
        score.tempo_map.seconds_at(p.end_ticks) - score.tempo_map.seconds_at(p.onset_ticks)
        for p in score.phrases
    ]
    assert lengths[0] == pytest.approx(60 / 7.2, rel=0.01)
    assert lengths[-4] == pytest.approx(10.0, abs=0.01)
    swell = score.part(Role.BREATH)
    assert swell is not None
    still = score.part(Role.HARMONY)
    assert still is not None
    phrase = score.phrases[5]
    at = range(phrase.onset_ticks, phrase.end_ticks, 240)
    swells = [_level_db(swell, ticks) - _level_db(still, ticks) for ticks in at]
    assert 2.0 <= max(swells) - min(swells) <= 3.3
    rising = swells[: 1920 // 240]
    assert all(b >= a - 0.2 for a, b in pairwise(rising)) and rising[-1] >= rising[0] + 2.0


def test_muscles_are_tensed_for_six_seconds_and_let_go_for_twenty_four() -> None:
    """The cycle is six beats and twenty-four at one a second; the tune rises, then falls; the end is awake."""
    score = score_of("muscle-relaxation", 1, 6.0)
    labels = [phrase.label for phrase in score.phrases]
    assert 4 <= labels.count("tense") <= 16
    for index, phrase in enumerate(score.phrases):
        if phrase.label != "tense":
            continue
        release = score.phrases[index + 2]
        assert score.phrases[index + 1].label == release.label == "release"
        seconds = [
            score.tempo_map.seconds_at(t) for t in (phrase.onset_ticks, phrase.end_ticks, release.end_ticks)
        ]
        assert seconds[1] - seconds[0] == pytest.approx(6.0)
        assert seconds[2] - seconds[1] == pytest.approx(24.0)
        up = melody_between(score, phrase.onset_ticks, phrase.end_ticks)
        down = melody_between(score, phrase.end_ticks, score.phrases[index + 1].end_ticks)
        assert up == sorted(set(up)) and down == sorted(down, reverse=True) and down[0] > down[-1]
    assert "return" in score.sections[-2].name


@pytest.mark.parametrize("seed", range(12))
def test_letting_go_is_a_resolution(seed: int) -> None:
    """A rise to the leading note goes home, and tune and bass do not let go in parallel fifths or octaves."""
    score = score_of("muscle-relaxation", seed, 6.0)
    chords = [note for strip, note in score.notes() if strip.role is Role.HARMONY]
    for tense, release in pairwise(score.phrases):
        if (tense.label, release.label) != ("tense", "release"):
            continue
        up = melody_between(score, tense.onset_ticks, tense.end_ticks)
        down = melody_between(score, release.onset_ticks, release.end_ticks)
        if (up[-1] - score.keys[0].key.tonic) % 12 == 11:
            assert down[0] - up[-1] == 1
        basses = [
            min(n.pitch for n in chords if n.onset_ticks <= at < n.end_ticks)
            for at in (release.onset_ticks - 240, release.onset_ticks + 240)
        ]
        assert not is_parallel((basses[0], basses[1]), (up[-1], down[0])), (basses, up[-1], down[0])


@pytest.mark.parametrize("silent", [False, True])
def test_call_and_answer_are_equal_and_one_thing_changes_at_a_time(silent: bool) -> None:
    """A bar of call ending in a low "your turn" and a rest, a bar for the answer; four times, then one change."""
    score = score_from(changed("turn-taking-drum", form__silent_answer=silent), 3, 4.0)
    drum, bar = score.part(Role.PULSE), 1920
    assert drum is not None
    calls: list[tuple[tuple[int, int], ...]] = []
    for phrase in (p for p in score.phrases if p.label == "turns"):
        for start in range(phrase.onset_ticks, phrase.end_ticks, 2 * bar):
            melody = score.part(Role.MELODY)
            assert melody is not None
            notes = [n for n in melody.notes if start <= n.onset_ticks < start + bar]
            assert max(n.end_ticks for n in notes) <= start + 3 * 480
            calls.append(tuple((n.onset_ticks - start, n.pitch) for n in notes))
            assert not melody_between(score, start + bar, start + 2 * bar)
            answer = [n for n in drum.notes if start + bar <= n.onset_ticks < start + 2 * bar]
            assert len(answer) == (0 if silent else 4)
            assert any(n.onset_ticks == start + 960 for n in drum.notes)
    groups = [calls[i : i + 4] for i in range(0, len(calls) - 3, 4)]
    assert all(len(set(group)) == 1 for group in groups)
    assert len({group[0] for group in groups}) >= 3
    for before, after in pairwise(groups):
        assert before[0] == after[0] or len(set(before[0]) ^ set(after[0])) <= 3 or after[0] == groups[0][0]


@pytest.mark.parametrize("seed", [2, 5, 11, 19])
def test_a_call_is_more_than_your_turn_and_never_the_one_before(seed: int) -> None:
    """Each call has two tones at least, so that the low "your turn" is told from it, and another follows it."""
    score = score_of("turn-taking-drum", seed, 10.0)
    melody, bar = score.part(Role.MELODY), 1920
    assert melody is not None
    starts = [p.onset_ticks for p in score.phrases if p.label == "turns"]
    calls = [
        tuple((n.onset_ticks - start, n.pitch) for n in melody.notes if start <= n.onset_ticks < start + bar)
        for start in starts
    ]
    assert all(len({pitch for onset, pitch in call if onset < 960}) > 1 for call in calls)
    assert len(calls) >= 20
    assert all(before != after for before, after in pairwise(calls[::2]))


@pytest.mark.parametrize("seed", range(6))
def test_walking_is_counted_in(seed: int) -> None:
    """Over four bars the click grows evenly to what it is from then on, accented in each, and keeps above the music."""
    score = score_of("gait-training", seed, 2.0)
    bar = score.metres[0].metre.bar_ticks
    click = score.part(Role.PULSE)
    bass = score.part(Role.BASS)
    assert click is not None and bass is not None
    clicks = [note.velocity for note in click.notes[:16]]
    firsts, seconds = clicks[::2], clicks[1::2]
    assert firsts[0] <= 40
    assert all(first > second for first, second in zip(firsts, seconds, strict=True))
    assert all(40 * math.log10(later / earlier) <= 4 for earlier, later in pairwise(firsts))
    assert firsts[4:] == [firsts[-1]] * 4 and firsts[:5] == sorted(set(firsts[:5]))
    basses = {note.onset_ticks // bar: note.velocity for note in bass.notes if note.onset_ticks % bar == 0}
    above = [40 * math.log10(first / basses[index]) for index, first in enumerate(firsts) if index in basses]
    assert max(above) - min(above) <= 2
