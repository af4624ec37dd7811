"""The dials do what they say, measurably and in one direction, at equal length."""

from __future__ import annotations

import math
from itertools import pairwise

from preset_scores import changed, score_from

from calmando.score.model import Role, Score
from calmando.theory.roughness import roughness

SEEDS = range(1, 7)
GRID = (0.1, 0.5, 0.9)


def scores(dial: str, value: float, name: str = "pain-companion") -> list[Score]:
    """Scores with one dial moved."""
    preset = changed(name, **{f"melody__{dial}": value}, melody__notes_per_second=None)
    return [score_from(preset, seed, 5.0) for seed in SEEDS]


def mean(values: list[float]) -> float:
    """The arithmetic mean."""
    return math.fsum(values) / len(values)


def onsets(score: Score) -> float:
    """Distinct onsets a second of everything that sounds."""
    return len({note.onset_ticks for _, note in score.notes()}) / score.length_s


def tune_pitches(score: Score) -> list[int]:
    """The tune's pitches."""
    melody = score.part(Role.MELODY)
    assert melody is not None
    return [note.pitch for note in melody.notes]


def tune_range(score: Score) -> float:
    """The tune's range in semitones."""
    return float(max(tune_pitches(score)) - min(tune_pitches(score)))


def step_share(score: Score) -> float:
    """Steps among the tune's moves."""
    moves = [abs(a - b) for a, b in pairwise(tune_pitches(score)) if a != b]
    return sum(move <= 2 for move in moves) / len(moves)


def interval_entropy(score: Score) -> float:
    """Conditional entropy of the tune's intervals in bits, over its first hundred."""
    intervals = [b - a for a, b in pairwise(tune_pitches(score)[:101])]
    return _entropy(list(pairwise(intervals))) - _entropy(intervals[:-1])


def _entropy(symbols: list[object]) -> float:
    counts: dict[object, int] = {}
    for symbol in symbols:
        counts[symbol] = counts.get(symbol, 0) + 1
    return -math.fsum(n / len(symbols) * math.log2(n / len(symbols)) for n in counts.values())


def arch_width(score: Score) -> float:
    """Standard deviation of the tune's velocities."""
    melody = score.part(Role.MELODY)
    assert melody is not None
    values = [float(note.velocity) for note in melody.notes]
    middle = mean(values)
    return math.sqrt(mean([(value - middle) ** 2 for value in values]))


def colours(score: Score) -> float:
    """Distinct sets of pitch classes held by the strings: the wealth of chords."""
    strings = next(part for part in score.parts if part.strip.name == "harp")
    by_onset: dict[int, set[int]] = {}
    for note in strings.notes:
        by_onset.setdefault(note.onset_ticks // 1920, set()).add(note.pitch % 12)
    return float(len({frozenset(classes) for classes in by_onset.values()}))


def test_activity_is_followed_by_onsets() -> None:
    """More activity, more distinct onsets a second."""
    measured = [mean([onsets(s) for s in scores("activity", value)]) for value in GRID]
    assert measured[0] < measured[1] < measured[2]


def test_stability_narrows_the_range_and_raises_the_share_of_steps() -> None:
    """More stability, a narrower tune with more steps."""
    low, middle, high = (scores("stability", value) for value in GRID)
    assert mean([tune_range(s) for s in low]) > mean([tune_range(s) for s in high])
    assert (
        mean([tune_range(s) for s in low])
        >= mean([tune_range(s) for s in middle])
        >= mean([tune_range(s) for s in high])
    )
    ends = (scores("stability", 0.0), scores("stability", 1.0))
    assert mean([step_share(s) for s in ends[0]]) < mean([step_share(s) for s in ends[1]])


def test_predictability_lowers_the_entropy_of_the_tune() -> None:
    """More predictability, less conditional entropy from interval to interval."""
    measured = [
        mean([interval_entropy(s) for s in scores("predictability", value)]) for value in (0.0, 0.5, 1.0)
    ]
    assert measured[0] > measured[2]
    assert measured[0] >= measured[1] >= measured[2]


def test_resonance_widens_dynamics_and_colours_chords_within_the_bounds() -> None:
    """More resonance, a wider arch of touch and more kinds of chords; roughness stays inside the calm bounds."""
    low, middle, high = (scores("resonance", value) for value in GRID)
    assert (
        mean([arch_width(s) for s in low])
        < mean([arch_width(s) for s in middle])
        < mean([arch_width(s) for s in high])
    )
    assert mean([colours(s) for s in low]) < mean([colours(s) for s in high])
    harp = [part for s in high for part in s.parts if part.strip.name == "strings"]
    assert all(roughness({n.pitch for n in part.notes if n.onset_ticks == 0}) <= 0.3 for part in harp)
