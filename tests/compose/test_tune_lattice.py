"""The lattice samples lines exactly as often as their weights say."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from calmando.compose import tune_weights
from calmando.compose.lattice import Lattice, Lines, Table
from calmando.compose.tune import compose_tune
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_slots import Accent, Ending, Ground, Slot, StepContext
from calmando.compose.tune_weights import PlanLines
from calmando.rng import Stream
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key


def _lattice(n_notes: int, n: int) -> Lattice:
    chance = Stream(3, "weights")
    notes = [[chance.uniform(0.1, 2) for _ in range(n)] for _ in range(n_notes)]
    steps = [[[chance.uniform(0.1, 2) for _ in range(n)] for _ in range(n)] for _ in range(n_notes - 1)]
    shapes = [
        [[[chance.uniform(0.1, 2) for _ in range(n)] for _ in range(n)] for _ in range(n)]
        for _ in range(n_notes - 2)
    ]
    return Lattice(notes, steps, shapes)


def _weight(lattice: Lattice, line: tuple[int, ...]) -> float:
    weight = 1.0
    for i, c in enumerate(line):
        weight *= lattice.notes[i][c]
        if i >= 1:
            weight *= lattice.steps[i - 1][line[i - 1]][c]
        if i >= 2:
            weight *= lattice.shapes[i - 2][line[i - 1]][c][line[i - 2]]
    return weight


def _drawn(lattice: Lattice, n_lines: int, stream: Stream) -> list[tuple[int, ...]]:
    lines = Lines(lattice)
    return [lines.draw(stream=stream) for _ in range(n_lines)]


def test_sampling_is_exact() -> None:
    """Every one of 81 lines appears as often as enumerating all of them says, within chance."""
    lattice = _lattice(4, 3)
    lines = list(product(range(3), repeat=4))
    total = sum(_weight(lattice, line) for line in lines)
    n = 40_000
    counts = Counter(_drawn(lattice, n, Stream(1, "lines")))
    for line in lines:
        expected = n * _weight(lattice, line) / total
        assert abs(counts[line] - expected) <= 5 * expected**0.5 + 2


def test_a_forbidden_end_shapes_the_beginning() -> None:
    """If the end can only be reached from one beginning, that beginning is always drawn."""
    notes = [[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]]
    stay = [[1.0, 0.0], [0.0, 1.0]]
    free = [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]]
    lines = _drawn(Lattice(notes, [stay, stay], [free]), 20, Stream(1, "x"))
    assert set(lines) == {(0, 0, 0)}


def test_an_impossible_line_is_refused() -> None:
    """Where nothing is allowed, nothing is made up."""
    nothing = Lattice([[0.0], [1.0], [1.0]], [[[1.0]], [[1.0]]], [[[[1.0]]]])
    with pytest.raises(ValueError, match="no line"):
        _drawn(nothing, 1, Stream(1, "x"))


def _place(
    number: int, *, floor: int, cap: int, anchor: int | None = None, ending: Ending = Ending.NONE
) -> Slot:
    return Slot(480 * number, 480, 0, number, Accent.NONE, ending, (0, 4, 7), "I", anchor, floor, cap)


@pytest.mark.parametrize(
    ("known", "anchor"),
    [(None, None), (None, 5), (9, None), (-8, None)],
    ids=["closed", "far", "above", "below"],
)
def test_a_phrase_is_always_possible(known: int | None, anchor: int | None) -> None:
    """Limits that leave a place nothing, a home or a known note out of reach: the nearest note in reach is sung."""
    ground = Ground(MODES["major"], -1, 4, 7, 0.8, 0.5, 0.5)
    places = (
        _place(0, floor=-1, cap=4),
        _place(1, floor=4, cap=1, anchor=anchor),
        _place(2, floor=-1, cap=4),
        _place(3, floor=-1, cap=4, anchor=-4, ending=Ending.HOME),
    )
    lattice = PlanLines(ground, beat_ticks=480).lattice(
        (0, 0), places, (None, known, None, None), (None,) * 3
    )
    line = Lines(lattice).draw(stream=Stream(1, "x"))
    wanted = next((step for step in (known, anchor) if step is not None), 2)
    assert ground.steps[line[1]] == min(max(wanted, -1), 4)
    assert ground.steps[line[3]] == -1


def test_lines_that_are_kept_are_those_of_their_lattice() -> None:
    """Lines filtered once for all realisations are drawn as from a lattice made anew, in any order."""
    places = tuple(_place(number, floor=-1, cap=4) for number in range(4))
    grounds = [Ground(MODES["major"], -1, 4, 7, temperature, 0.5, 0.5) for temperature in (0.8, 1.6)]
    for known, ground in product(((None,) * 4, (0, None, None, 2)), grounds * 2):
        lattice = PlanLines(ground, beat_ticks=480).lattice((0, 0), places, known, (None, 1, None))
        kept = PlanLines(ground, beat_ticks=480)
        anew, again = Stream(5, "x"), Stream(5, "x")
        found = [kept.of((0, 0), places, known, (None, 1, None)).draw(stream=again) for _ in range(9)]
        assert _drawn(lattice, 9, anew) == found


@pytest.mark.parametrize("mode", ["major", "dorian", "minor", "lydian"])
def test_a_chord_weighs_steps_between_its_own_tones_alone(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """The tables a tune is drawn from are what the rules say of every step, chord or none."""
    asked: set[tuple[Ground, StepContext]] = set()
    whole = tune_weights._whole_step_table.__wrapped__

    def remembered(ground: Ground, context: StepContext) -> Table:
        asked.add((ground, context))
        return whole(ground, context)

    monkeypatch.setattr(tune_weights, "_whole_step_table", remembered)
    tune_weights._tables_of.cache_clear()
    compose_tune(
        TuneBrief(Key(2, MODES[mode]), METRES["3/4"], low_pitch=55, high_pitch=79), stream=Stream(5, "tune")
    )
    tune_weights._tables_of.cache_clear()
    with_chord = [(ground, context) for ground, context in asked if context.chord]
    assert len(with_chord) > 5
    for ground, context in with_chord:
        weights = tune_weights._StepWeights(ground, context)
        expected = [[weights.of(a, b) for b in ground.steps] for a in ground.steps]
        assert whole(ground, context) == expected
