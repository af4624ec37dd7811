"""The tempo map: where in time every written moment lies, exactly.

Tempo is whole microseconds a quarter note, as a MIDI file stores it, so that the score, the file and the
sound agree to the last tick over any length.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from calmando.units import TICKS_PER_QUARTER, Microseconds, Seconds, Ticks

_UNITS_PER_SECOND = 1_000_000 * TICKS_PER_QUARTER


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From ``ticks`` on, a quarter note lasts ``us_per_quarter`` microseconds."""

    ticks: Ticks
    us_per_quarter: Microseconds


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Tempo changes in order, the first at tick 0.

    Examples
    --------
    >>> TempoMap.of([TempoChange(0, 1_000_000), TempoChange(480, 500_000)]).seconds_at(960)
    1.5
    """

    changes: tuple[TempoChange, ...]
    _ticks: tuple[Ticks, ...] = field(repr=False, compare=False)
    _elapsed: tuple[int, ...] = field(repr=False, compare=False)
    """Time of every change in microseconds × ticks a quarter: whole numbers, so nothing drifts."""

    @classmethod
    def of(cls, changes: Iterable[TempoChange]) -> TempoMap:
        """Build a map, dropping changes that change nothing.

        Raises
        ------
        ValueError
            Without a change at tick 0, out of order, or with a tempo that is not positive.
        """
        kept: list[TempoChange] = []
        for change in changes:
            if change.us_per_quarter <= 0:
                raise ValueError(f"tempo must be positive, not {change.us_per_quarter} µs a quarter")
            if kept and change.ticks <= kept[-1].ticks:
                raise ValueError(f"tempo changes are out of order at tick {change.ticks}")
            if not kept or change.us_per_quarter != kept[-1].us_per_quarter:
                kept.append(change)
        if not kept or kept[0].ticks != 0:
            raise ValueError("the first tempo change must stand at tick 0")
        elapsed = [0]
        for here, following in pairwise(kept):
            elapsed.append(elapsed[-1] + (following.ticks - here.ticks) * here.us_per_quarter)
        return cls(tuple(kept), tuple(c.ticks for c in kept), tuple(elapsed))

    def seconds_at(self, ticks: Ticks) -> Seconds:
        """Seconds from the start to a written moment."""
        index = bisect_right(self._ticks, ticks) - 1
        change = self.changes[index]
        return (self._elapsed[index] + (ticks - change.ticks) * change.us_per_quarter) / _UNITS_PER_SECOND

    def ticks_at(self, seconds: Seconds) -> Ticks:
        """The nearest written moment to a time (0 or later)."""
        target = seconds * _UNITS_PER_SECOND
        index = max(bisect_right(self._elapsed, target) - 1, 0)
        change = self.changes[index]
        return change.ticks + round((target - self._elapsed[index]) / change.us_per_quarter)

    def us_per_quarter_at(self, ticks: Ticks) -> Microseconds:
        """The tempo in force at a written moment."""
        return self.changes[bisect_right(self._ticks, ticks) - 1].us_per_quarter
