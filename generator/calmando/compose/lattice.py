"""Exact joint sampling of a line of pitches whose state is the last two pitches.

Forward filtering sums the weight of every line that leads to a state; backward sampling draws a whole line with
its exact probability. So the end of a phrase shapes its beginning, as in a tune that knows where it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from operator import mul

from calmando.rng import Stream

Row = list[float]
Table = list[Row]

_TINY, _HUGE = 1e-30, 1e30


@dataclass(frozen=True, slots=True)
class Lattice:
    """Weights (not logs) of a line of at least three notes over ``n`` candidate pitches.

    Attributes
    ----------
    notes
        ``notes[i][c]``: weight of pitch ``c`` at note ``i``; 0 where not allowed.
    steps
        ``steps[i][b][c]``: weight of the step from ``b`` at note ``i`` to ``c`` at the next.
    shapes
        ``shapes[i][b][c][a]``: weight of the three notes ``a``, ``b``, ``c`` whose middle one is note ``i + 1``.
    """

    notes: Sequence[Row]
    steps: Sequence[Table]
    shapes: Sequence[Sequence[Table]]


class Lines:
    """The lines of a lattice, filtered once and drawn as often as wanted, each with its exact probability.

    Raises
    ------
    ValueError
        Where no line is possible.
    """

    def __init__(self, lattice: Lattice) -> None:
        self._lattice = lattice
        self._filtered = _filter(lattice)

    def draw(self, *, stream: Stream) -> tuple[int, ...]:
        """One line, independent of those before."""
        return _sample(self._lattice, self._filtered, stream)


def _filter(lattice: Lattice) -> list[Table]:
    """``table[i][c][b]``: summed weight of all beginnings that end with ``b``, ``c`` at notes ``i``, ``i + 1``."""
    notes, steps = lattice.notes, lattice.steps
    n = len(notes[0])
    first: Table = [[notes[0][b] * steps[0][b][c] * notes[1][c] for b in range(n)] for c in range(n)]
    tables = [_scaled(first)]
    for i in range(2, len(notes)):
        before, shape, step, note = tables[-1], lattice.shapes[i - 2], steps[i - 1], notes[i]
        alive = [b for b in range(n) if any(before[b])]
        table: Table = []
        for c in range(n):
            weight = note[c]
            row = [0.0] * n
            if weight > 0.0:
                for b in alive:
                    move = step[b][c]
                    if move > 0.0:
                        row[b] = weight * move * fsum(map(mul, before[b], shape[b][c]))
            table.append(row)
        tables.append(_scaled(table))
    return tables


def _scaled(table: Table) -> Table:
    """The table, divided by its largest weight where that is far from 1, so that long lines do not underflow."""
    largest = max(map(max, table))
    if largest <= 0.0:
        raise ValueError("no line of pitches is possible")
    if _TINY < largest < _HUGE:
        return table
    return [[value / largest for value in row] for row in table]


def _sample(lattice: Lattice, tables: list[Table], stream: Stream) -> tuple[int, ...]:
    n = len(lattice.notes[0])
    pairs = [(b, c) for c in range(n) for b in range(n)]
    b, c = stream.weighted(pairs, [value for row in tables[-1] for value in row])
    line = [c, b]
    for i in range(len(tables) - 2, -1, -1):
        row = tables[i][b]
        shape = lattice.shapes[i][b][c]
        a = stream.weighted(range(n), list(map(mul, row, shape)))
        line.append(a)
        b, c = a, b
    return tuple(reversed(line))
