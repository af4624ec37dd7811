"""The statistics are right where the answer is known, and the tunes stay inside their bounds."""

from __future__ import annotations

import pytest

from calmando.compose.tune import compose_tune
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_plan import draw_sketch
from calmando.compose.tune_statistics import (
    TuneStatistics,
    contour_of,
    entropy_bits,
    key_clarity_of,
    measure_notes,
    measure_tune,
    repetition_of,
)
from calmando.compose.tune_table import COLUMNS, ROWS, table_text, tunes_of
from calmando.rng import Stream
from calmando.score.tune import TuneNote
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

N_TUNES = 36


def _line(*pitches: int) -> tuple[TuneNote, ...]:
    return tuple(TuneNote(480 * i, 480, pitch) for i, pitch in enumerate(pitches))


def _measure(*pitches: int) -> TuneStatistics:
    return measure_notes(_line(*pitches), tonic=0, minor=False)


def test_intervals_are_counted() -> None:
    """C C D E C G E C: one repeat, two steps, three thirds, one fifth; counted by hand."""
    figures = _measure(60, 60, 62, 64, 60, 67, 64, 60)
    assert figures.interval_shares == pytest.approx((1 / 7, 0, 2 / 7, 1 / 7, 2 / 7, 0, 0, 1 / 7, 0))
    assert (figures.steps, figures.thirds, figures.fourths, figures.wider) == pytest.approx(
        (2 / 6, 3 / 6, 0, 1 / 6)
    )
    assert figures.upward == pytest.approx(3 / 6)
    assert (figures.range_semitones, figures.distinct_pitches, figures.n_peaks) == (7, 4, 1)
    assert figures.peak_position == pytest.approx(5 / 8)
    assert (figures.n_leaps, figures.unanswered_leaps) == (1, 0)
    assert figures.final_interval == -4
    assert not figures.final_by_step
    assert figures.notes_per_quarter == pytest.approx(1.0)


def test_an_unanswered_leap_is_found() -> None:
    """A leap that goes on, is repeated, or is answered by another leap counts as not answered."""
    assert _measure(60, 65, 67, 65).unanswered_leaps == 1
    assert _measure(60, 65, 65, 64).unanswered_leaps == 1
    assert _measure(60, 67, 62, 64).unanswered_leaps == 1
    assert _measure(60, 65, 64, 62).unanswered_leaps == 0


def test_entropy_and_repetition_of_known_lines() -> None:
    """A fair coin has one bit, a constant none; a line said twice repeats its groups."""
    assert entropy_bits("HTHT") == pytest.approx(1.0)
    assert entropy_bits("HHHH") == 0.0
    assert entropy_bits([]) == 0.0
    assert repetition_of([1, 2, 3, 4, 5, 6]) == 0.0
    assert repetition_of([1, 2, 3, 4] * 2) == pytest.approx(1 / 5)


@pytest.mark.parametrize(
    ("pitches", "shape"),
    [
        ((60, 62, 67, 67, 62, 60), "arch"),
        ((67, 65, 64, 62, 60, 59), "falling"),
        ((67, 66, 60, 60, 66, 67), "valley"),
        ((60, 62, 64, 65, 67, 69), "rising"),
        ((60, 60, 60, 60, 60, 60), "level"),
    ],
)
def test_contours_have_their_names(pitches: tuple[int, ...], shape: str) -> None:
    """The shape of a line by its thirds is the one a musician names."""
    assert contour_of(_line(*pitches)) == shape


def test_key_clarity_knows_the_key() -> None:
    """A scale and cadence in C is clear in C, less in G, and not at all in F sharp."""
    line = _line(60, 62, 64, 65, 67, 65, 64, 62, 60, 67, 64, 60)
    clarity = [key_clarity_of(line, tonic=tonic, minor=False) for tonic in (0, 7, 6)]
    assert clarity[0] > 0.85 > clarity[1] > 0.0 > clarity[2]
    assert key_clarity_of(_line(60), tonic=0, minor=False) == pytest.approx(0.6845, abs=1e-3)


@pytest.fixture(scope="module", params=COLUMNS)
def figures(request: pytest.FixtureRequest) -> list[TuneStatistics]:
    """The statistics of a sample of each mode's tunes."""
    return [measure_tune(tune) for tune in tunes_of(request.param, N_TUNES)]


def _value(name: str, tunes: list[TuneStatistics]) -> float:
    return next(row for row in ROWS if row.name == name).value(tunes)


def test_tunes_keep_their_ceilings_and_floors(figures: list[TuneStatistics]) -> None:
    """No drumming on one note, home by step, one peak in the second half, leaps answered: in every mode."""
    assert _value("run of 4 or more equal notes", figures) <= 0.05
    assert _value("final leapt to or repeated into", figures) <= 0.01
    assert _value("final note by step", figures) >= 0.85
    assert _value("peak more than four times", figures) <= 0.02
    assert _value("single peak at 50–80 %", figures) >= 0.70
    assert _value("leaps of a fourth or more not answered", figures) <= 0.08


def test_tunes_are_near_real_lullabies(figures: list[TuneStatistics]) -> None:
    """Beside the lullabies' medians: steps .59, thirds .28, fourths .09, range 7–12, H1 1.32–1.76, up .45."""
    assert _value("steps, of the moves", figures) == pytest.approx(0.59, abs=0.14)
    assert _value("thirds, of the moves", figures) == pytest.approx(0.28, abs=0.13)
    assert _value("fourths, of the moves", figures) == pytest.approx(0.09, abs=0.08)
    assert _value("wider, of the moves", figures) <= 0.09
    assert 0.15 <= _value("interval of 0 st", figures) <= 0.39
    assert 0.38 <= _value("upward, of the moves", figures) <= 0.48
    assert 7 <= _value("range, st", figures) <= 12
    assert 5 <= _value("distinct pitches", figures) <= 8
    assert 1.29 <= _value("mean interval, st", figures) <= 2.6
    assert 1.32 <= _value("H1, bits, 100 intervals", figures) <= 1.76
    assert _value("contour arch", figures) + _value("contour falling", figures) >= 0.66
    assert _value("time on 1, 3, 5", figures) >= 0.58


def test_tunes_that_are_to_fall_do_so_more_often() -> None:
    """Outside major a quarter of all tunes are drawn to fall as a whole; most of these do, a fifth of the others."""
    falling: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(540):
        brief = TuneBrief(
            Key(0, MODES[("minor", "dorian", "major-pentatonic")[seed % 3]]),
            METRES["3/4"],
            low_pitch=55,
            high_pitch=79,
        )
        stream = Stream(seed, "fall")
        planning = stream.child("plan")
        plan = draw_sketch(brief, stream=planning).plan(stream=planning.child("schema"))
        falling[plan.falls].append(measure_tune(compose_tune(brief, stream=stream)).contour == "falling")
    told, left = (sum(falling[falls]) / len(falling[falls]) for falls in (True, False))
    assert 0.2 <= len(falling[True]) / 540 <= 0.3
    assert told >= 0.5
    assert left <= 0.27


def _dialled(seeds: range, **dials: float) -> list[TuneStatistics]:
    tunes = []
    for seed in seeds:
        brief = TuneBrief(
            Key(0, MODES[("major", "dorian", "minor")[seed % 3]]),
            METRES["2/4"],
            notes_per_beat=1.5,
            low_pitch=55,
            high_pitch=77,
            **dials,  # type: ignore[arg-type]  # dials are all floats
        )
        tunes.append(measure_tune(compose_tune(brief, stream=Stream(seed, "dial"))))
    return tunes


def test_predictability_lowers_entropy_and_raises_repetition() -> None:
    """From 0 to 1, at the same density and length, conditional entropy falls and repetition rises at each step."""
    samples = [_dialled(range(30), predictability=value) for value in (0.0, 0.5, 1.0)]
    entropy = [_value("H1, bits, 100 intervals", sample) for sample in samples]
    repetition = [_value("repetition, 100 intervals", sample) for sample in samples]
    assert entropy == sorted(entropy, reverse=True)
    assert repetition == sorted(repetition)
    assert entropy[0] - entropy[2] >= 0.1
    assert repetition[2] - repetition[0] >= 0.05


def test_stability_narrows_range_and_raises_steps() -> None:
    """From 0 to 1 the range narrows, intervals get smaller, steps more frequent, the key clearer."""
    low, middle, high = (_dialled(range(90), stability=value) for value in (0.0, 0.5, 1.0))
    for name, rises in (("range, st", False), ("mean interval, st", False), ("steps, of the moves", True)):
        values = [_value(name, sample) for sample in (low, middle, high)]
        assert values == sorted(values, reverse=not rises), name
    clarity = "key clarity (Krumhansl–Kessler)"
    assert _value(clarity, high) > _value(clarity, low)


def test_the_table_is_printed_whole() -> None:
    """Every figure has its line and every mode its column."""
    lines = table_text(2, ("major", "drone")).splitlines()
    assert len(lines) == len(ROWS) + 2
    assert all(line.count("|") == 5 for line in lines)
