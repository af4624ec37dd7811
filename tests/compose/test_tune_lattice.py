"""The lattice samples lines exactly as often as their weights say."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from calmando.compose.lattice import Lattice, sample_lines
from calmando.rng import Stream


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


def test_sampling_is_exact() -> None:
    """Every one of 81 lines appears as often as enumerating all of them says, within chance."""
    lattice = _lattice(4, 3)
    lines = list(product(range(3), repeat=4))
    total = sum(_weight(lattice, line) for line in lines)
    n = 40_000
    counts = Counter(sample_lines(lattice, n, stream=Stream(1, "lines")))
    for line in lines:
        expected = n * _weight(lattice, line) / total
        assert abs(counts[line] - expected) <= 5 * expected**0.5 + 2


def test_a_forbidden_end_shapes_the_beginning() -> None:
    """If the end can only be reached from one beginning, that beginning is always drawn."""
    notes = [[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]]
    stay = [[1.0, 0.0], [0.0, 1.0]]
    free = [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]]
    lines = sample_lines(Lattice(notes, [stay, stay], [free]), 20, stream=Stream(1, "x"))
    assert set(lines) == {(0, 0, 0)}


def test_an_impossible_line_is_refused() -> None:
    """Where nothing is allowed, nothing is made up."""
    nothing = Lattice([[0.0], [1.0], [1.0]], [[[1.0]], [[1.0]]], [[[[1.0]]]])
    with pytest.raises(ValueError, match="no line"):
        sample_lines(nothing, 1, stream=Stream(1, "x"))
