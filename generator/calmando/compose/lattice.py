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
        last = self._filtered[-1]
        self._ends = [(b, c) for c, row in enumerate(last) for b, weight in enumerate(row) if weight > 0.0]
        self._end_weights = [last[c][b] for b, c in self._ends]

    def draw(self, *, stream: Stream) -> tuple[int, ...]:
        """One line, independent of those before."""
        b, c = stream.weighted(self._ends, self._end_weights)
        line = [c, b]
        places = range(len(self._lattice.notes[0]))
        for table, shapes in zip(reversed(self._filtered[:-1]), reversed(self._lattice.shapes), strict=True):
            a = stream.weighted(places, list(map(mul, table[b], shapes[b][c])))
            line.append(a)
            b, c = a, b
        return tuple(reversed(line))


def _filter(lattice: Lattice) -> list[Table]:
    """``table[i][c][b]``: summed weight of all beginnings that end with ``b``, ``c`` at notes ``i``, ``i + 1``."""
    notes, steps = lattice.notes, lattice.steps
    silent = [0.0] * len(notes[0])
    begun = [(b, weight, steps[0][b]) for b, weight in enumerate(notes[0]) if weight]
    first: Table = []
    for c, weight in enumerate(notes[1]):
        row = silent.copy()
        for b, before, moves in begun:
            row[b] = before * moves[c] * weight
        first.append(row)
    tables = [_scaled(first)]
    for note, step, shape in zip(notes[2:], steps[1:], lattice.shapes, strict=True):
        allowed = [(c, weight) for c, weight in enumerate(note) if weight]
        table = [silent if not weight else silent.copy() for weight in note]
        for b, beginnings in enumerate(tables[-1]):
            if not any(beginnings):
                continue
            moves, shapes, a = step[b], shape[b], _only_one(beginnings)
            if a is None:
                for c, weight in allowed:
                    table[c][b] = weight * moves[c] * fsum(map(mul, beginnings, shapes[c]))
            else:
                before = beginnings[a]
                for c, weight in allowed:
                    table[c][b] = weight * moves[c] * (before * shapes[c][a])
        tables.append(_scaled(table))
    return tables


def _only_one(row: Row) -> int | None:
    """The one place of a row that is not 0, if there is but one: there is nothing to sum."""
    return row.index(max(row)) if row.count(0.0) == len(row) - 1 else None


def _scaled(table: Table) -> Table:
    """The table, divided by its largest weight where that is far from 1, so that long lines do not underflow."""
    largest = max(map(max, table))
    if largest <= 0.0:
        raise ValueError("no line of pitches is possible")
    if _TINY < largest < _HUGE:
        return table
    return [[value / largest for value in row] for row in table]
