"""The dials do what they say, measurably and in one direction over a fine grid, at equal length."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

import pytest
from preset_scores import changed, score_from

from calmando.compose.harmony import voice_material
from calmando.compose.homing import at_home
from calmando.compose.material import Kind
from calmando.compose.tune_book import TuneBook, without_tune
from calmando.compose.tune_statistics import entropy_bits, repetition_of
from calmando.preset.model import Preset
from calmando.score.model import Role, Score
from calmando.score.tune import Tune
from calmando.theory.roughness import CALM_CHORD_LIMIT, roughness
from calmando.theory.voicing import Register

Item = TypeVar("Item")
GRID = tuple(index / 10 for index in range(11))
SEEDS = range(1, 9)
MORE_SEEDS = range(1, 17)
MOST_SEEDS = range(1, 25)
WINDOW = 101


def with_dial(dial: str, value: float) -> Preset:
    """The most varied preset with one dial moved, the tune's density left to the dials."""
    return changed("pain-companion", **{f"melody__{dial}": value}, melody__notes_per_second=None)


def pieces(dial: str, minutes: float, seeds: range = SEEDS) -> list[list[Score]]:
    """For each value of a dial, a score a seed, of equal length."""
    return [[score_from(with_dial(dial, value), seed, minutes) for seed in seeds] for value in GRID]


def tunes(dial: str, seeds: range) -> list[list[Tune]]:
    """For each value of a dial, the first tune of each seed."""
    found = []
    for value in GRID:
        preset = with_dial(dial, value)
        books = [TuneBook(preset, seed) for seed in seeds]
        found.append([book.tune(0, book.mode(0, 0), preset.tempo.start_bpm) for book in books])
    return found


def mean(values: list[float]) -> float:
    """The arithmetic mean."""
    return math.fsum(values) / len(values)


def curve(rows: list[list[Item]], measure: Callable[[Item], float]) -> list[float]:
    """The mean of a measure at each value of a dial."""
    return [mean([measure(item) for item in row]) for row in rows]


def slides_back(values: list[float]) -> float:
    """How far a curve ever falls below where it has been, as a share of its whole rise."""
    highest, worst = values[0], 0.0
    for value in values:
        highest = max(highest, value)
        worst = max(worst, highest - value)
    return worst / (values[-1] - values[0])


def test_a_curve_that_slides_back_is_told_from_one_that_rises() -> None:
    """The measure of these tests tells a rise from a rise with a dent."""
    assert slides_back([0.0, 1.0, 2.0]) == 0.0
    assert slides_back([0.0, 1.5, 1.0, 2.0]) == pytest.approx(0.25)


def pitches(score: Score) -> list[int]:
    """The tune's pitches."""
    melody = score.part(Role.MELODY)
    assert melody is not None
    return [note.pitch for note in melody.notes]


def windows(score: Score) -> list[list[int]]:
    """The tune's intervals in windows of a hundred, half overlapping."""
    line = pitches(score)
    starts = range(0, max(len(line) - WINDOW, 0) + 1, WINDOW // 2)
    return [[b - a for a, b in pairwise(line[start : start + WINDOW])] for start in starts]


def conditional_entropy(score: Score) -> float:
    """Bits of uncertainty from interval to interval, in windows of a hundred."""
    return mean([entropy_bits(pairwise(window)) - entropy_bits(window) for window in windows(score)])


def repetition(score: Score) -> float:
    """Share of groups of four intervals heard before, in windows of a hundred."""
    return mean([repetition_of(window) for window in windows(score)])


def onsets(score: Score) -> float:
    """Distinct onsets a second of everything that sounds."""
    return len({note.onset_ticks for _, note in score.notes()}) / score.length_s


def arch_width(score: Score) -> float:
    """Standard deviation of the tune's velocities after the opening."""
    melody = score.part(Role.MELODY)
    assert melody is not None
    values = [float(note.velocity) for note in melody.notes if note.onset_ticks > score.phrases[4].end_ticks]
    middle = mean(values)
    return math.sqrt(mean([(value - middle) ** 2 for value in values]))


def tune_range(tune: Tune) -> float:
    """The tune's range in semitones."""
    line = [note.pitch for note in tune.notes]
    return float(max(line) - min(line))


def step_share(tune: Tune) -> float:
    """Steps among the tune's moves."""
    line = [note.pitch for note in tune.notes]
    moves = [abs(b - a) for a, b in pairwise(line) if a != b]
    return sum(move <= 2 for move in moves) / len(moves)


def colour_share(tune: Tune) -> float:
    """Share of a tune's time in which an added tone is heard beside its chord's third, or a suspension; none is rough."""
    book = TuneBook(with_dial("resonance", 0.0), 1)
    coloured = 0
    for index in range(len(tune.phrases)):
        for span in voice_material(book.phrase(tune, "t", index), Register()):
            assert roughness((span.voicing.bass, *span.voicing.block)) <= CALM_CHORD_LIMIT
            asked = (*span.chord.colours, span.chord.third)
            wanted = {(tune.key.tonic + span.chord.root + tone) % 12 for tone in asked if tone is not None}
            sounding = {pitch % 12 for pitch in (span.voicing.bass, *span.voicing.block)}
            is_coloured = bool(span.chord.colours) or span.chord.third == _FOURTH
            coloured += span.duration_ticks if is_coloured and wanted <= sounding else 0
    return coloured / (tune.n_bars * tune.metre.bar_ticks)


_FOURTH = 5


def test_activity_is_followed_by_onsets() -> None:
    """More activity, more distinct onsets a second: from the quietest to the busiest by a third at least."""
    measured = curve(pieces("activity", 3.0), onsets)
    assert measured[-1] > 1.33 * measured[0]
    assert slides_back(measured) <= 0.05


def test_predictability_raises_repetition_and_lowers_entropy() -> None:
    """More predictability, more that was heard before and less uncertainty, from literal and varied returns alike."""
    rows = pieces("predictability", 4.0, range(1, 13))
    repeated, uncertain = curve(rows, repetition), curve(rows, conditional_entropy)
    assert repeated[-1] > repeated[0] + 0.2 and uncertain[-1] < uncertain[0] - 0.3
    assert slides_back(repeated) <= 0.07
    assert slides_back([-value for value in uncertain]) <= 0.1


def test_resonance_widens_dynamics_and_colours_chords_within_the_bounds() -> None:
    """More resonance, a wider arch of touch and more colour in the chords; none is beyond the calm bound."""
    touched = curve(pieces("resonance", 3.0), arch_width)
    assert touched[-1] > 1.1 * touched[0] and slides_back(touched) <= 0.03
    coloured = curve(tunes("resonance", MORE_SEEDS), colour_share)
    assert coloured[2] == 0 < 0.075 < coloured[-1] and slides_back(coloured) <= 0.05


def test_stability_narrows_the_range_and_raises_the_share_of_steps() -> None:
    """More stability, a narrower tune with more steps."""
    rows = tunes("stability", MOST_SEEDS)
    wide, stepping = curve(rows, tune_range), curve(rows, step_share)
    assert wide[-1] < wide[0] - 1.5 and stepping[-1] > stepping[0] + 0.1
    assert slides_back([-value for value in wide]) <= 0.15
    assert slides_back(stepping) <= 0.2


def key_and_fifth_share(score: Score) -> float:
    """Share of time in which parts play the key note or its fifth, notes of a second counted at most."""
    tonic = score.keys[0].key.tonic
    parts = [part for part in score.parts if part.strip.role in (Role.MELODY, Role.HARMONY, Role.BASS)]
    notes = [(note.pitch, min(note.duration_ticks, 480)) for part in parts for note in part.notes]
    at_home = sum(ticks for pitch, ticks in notes if (pitch - tonic) % 12 in (0, 7))
    return at_home / sum(ticks for _, ticks in notes)


def test_stability_keeps_the_harmony_at_home_where_the_tune_rests() -> None:
    """More stability, the more of an interlude is the key chord; what leads on stays; so key note and fifth are heard more."""
    book = TuneBook(with_dial("stability", 0.0), 1)
    tune = book.tune(0, book.mode(0, 0), 72)
    rest = without_tune(book.phrase(tune, "t", 2), kind=Kind.INTERLUDE, label="interlude")
    rows = [at_home(rest, value).chords for value in GRID]
    home = [sum(c.duration_ticks for c in row if c.numeral == rows[-1][0].numeral) for row in rows]
    assert rows[0] == rest.chords and home[-1] > home[0] and home == sorted(home)
    assert all(row[-2:] == rest.chords[-2:] for row in rows)
    ends = [
        mean(
            [key_and_fifth_share(score_from(with_dial("stability", value), seed, 3.0)) for seed in range(40)]
        )
        for value in (0.0, 1.0)
    ]
    assert ends[1] > ends[0] + 0.005
