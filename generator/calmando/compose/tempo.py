"""The tempo of each phrase: towards the arc's, on a stair whose steps nobody notices; or, for walking, on one that is felt.

The stair lies evenly between a preset's first and last tempo. Few tempi mean that notes of the same written
length are the same in seconds too, through many phrases.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from calmando.preset.travel import largest_log_step
from calmando.units import Bpm, Seconds, Unit

_MINUTE_S: Seconds = 60.0
_REINS_MARGIN = 0.99
"""Kept clear of the largest change, which is measured from beat to beat."""
_STEP = 0.0045
"""Each step of the stair is at most so much; three fit into a phrase of eight beats."""
_ROUNDING = 1e-5
"""A whole microsecond's part of a quarter note, so that rounding never exceeds a limit."""


@dataclass(frozen=True, slots=True)
class TempoStair:
    """The tempi a piece may have.

    Attributes
    ----------
    start_bpm
        Step 0.
    log_step
        Natural logarithm of a step; negative where the tempo falls; 0 where it stays.
    most_steps
        Steps from one phrase to the next, at most.
    """

    start_bpm: Bpm
    log_step: float
    most_steps: int

    @classmethod
    def between(
        cls, start_bpm: Bpm, end_bpm: Bpm, *, phrase_beats: int, largest_step_percent: float
    ) -> TempoStair:
        """The stair of a piece.

        Parameters
        ----------
        start_bpm, end_bpm
            Where it begins and where the arc leads; both are on the stair, and it goes on beyond them.
        phrase_beats
            Beats of a phrase.
        largest_step_percent
            See `largest_log_step`, which is the most from one phrase to the next.
        """
        way = math.log(end_bpm / start_bpm)
        limit = largest_log_step(phrase_beats, largest_step_percent) - _ROUNDING
        if limit <= 0 or abs(way) < _ROUNDING:
            return cls(start_bpm, 0.0, 0)
        count = math.ceil(abs(way) / min(_STEP - _ROUNDING, limit))
        step = way / count
        return cls(start_bpm, step, int(limit / abs(step)))

    def bpm(self, step: int) -> Bpm:
        """The tempo of a step."""
        return self.start_bpm * math.exp(self.log_step * step)

    def next_step(self, step: int, wanted_bpm: Bpm) -> int:
        """The step after ``step`` on the way to what the arc asks for."""
        if self.log_step == 0:
            return 0
        wanted = math.floor(math.log(wanted_bpm / self.start_bpm) / self.log_step + 0.5)
        return max(step - self.most_steps, min(step + self.most_steps, wanted))


def stair_bpm(begun_bpm: Bpm, goal_bpm: Bpm, part: Unit, largest_step_percent: float) -> Bpm:
    """The cadence at a part of the time in which it goes by stairs from one tempo to another.

    All stairs are as large as allowed but the last, which reaches the goal. They divide the time into equal parts, so
    that every cadence, the last included, is walked for as long as the others.

    Examples
    --------
    >>> [stair_bpm(100, 110, part, 5) for part in (0.3, 0.4, 0.7)]
    [100.0, 105.0, 110.0]
    >>> [stair_bpm(100, 92, part, 5) for part in (0.3, 0.4, 0.7)]
    [100.0, 95.0, 92.0]
    """
    way = math.log(goal_bpm / begun_bpm)
    stair = 1 + math.copysign(largest_step_percent / 100, way)
    count = math.ceil(way / math.log(stair) - _ROUNDING) if stair != 1 else 0
    taken = min(int(part * (count + 1)), count)
    return float(goal_bpm) if taken and taken == count else begun_bpm * stair**taken


class TempoReins:
    """Holds the tempo back where it would change by more in a minute than people can be led.

    Parameters
    ----------
    most_bpm
        The largest change in any minute, in beats a minute.
    """

    def __init__(self, most_bpm: Bpm) -> None:
        self._most_bpm = most_bpm * _REINS_MARGIN
        self._past: deque[tuple[Seconds, Bpm]] = deque()

    def held(self, at_s: Seconds, wanted_bpm: Bpm) -> Bpm:
        """The tempo nearest to what is wanted that may begin at a moment."""
        past = self._past
        while len(past) > 1 and past[1][0] <= at_s - _MINUTE_S:
            past.popleft()
        found = wanted_bpm
        if past:
            tempi = [bpm for _, bpm in past]
            found = min(max(wanted_bpm, max(tempi) - self._most_bpm), min(tempi) + self._most_bpm)
        return found

    def holds_back(self, at_s: Seconds, bpm: Bpm) -> bool:
        """Whether a tempo that begins at a moment would change too much."""
        return abs(self.held(at_s, bpm) - bpm) > _ROUNDING

    def began(self, at_s: Seconds, bpm: Bpm) -> None:
        """A phrase has begun at a tempo."""
        self._past.append((at_s, bpm))
