"""Ceiling: no stroke stands out of what the piece has led one to expect.

The evening (`calmando.compose.evening`) hears three seconds, in which plucked notes that are struck together but seldom
are no more than one note held. The ear, and whoever is startled, hears the stroke: its loudest 400 ms. So the evening goes
no further than the piece's strokes usually go, and what would go beyond is played more softly, the way down to it and up
again no steeper than any other.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from calmando.compose.evening import LARGEST_MOVE_DB, N_ROUNDS, PAUSE_DB, Evening
from calmando.compose.evening import LEAD_CELLS as EVENING_CELLS
from calmando.units import Decibels, Unit

_AHEAD_CELLS = 2
LEAD_CELLS = EVENING_CELLS + _AHEAD_CELLS
"""A cell's evening under the ceiling is known when so many cells after it are."""
_LARGEST_MOVE_DB: Decibels = N_ROUNDS * LARGEST_MOVE_DB
"""From cell to cell it moves no further than the evening may."""
_USUAL_SHARE: Unit = 0.8
"""What this share of the cells stays below is how loud the strokes usually are."""
_HEADROOM_DB: Decibels = 0.5
"""From what is usual up to the ceiling: there the rest of the cells has room."""
_MOVE_DB: Decibels = 0.04
"""How fast what is usual follows, a cell."""


class Ceiling:
    """The evening of a piece under its ceiling, cell after cell.

    Parameters
    ----------
    evening
        What is wanted for three seconds' sake.
    strokes
        The power of the beginning's cells, each in its loudest 400 ms.
    """

    def __init__(self, evening: Evening, strokes: Sequence[float]) -> None:
        levels = [level_db(power) for power in strokes]
        sounding = sorted(level for level in levels if level > max(levels) - PAUSE_DB)
        self._evening = evening
        self._usual_db = sounding[int(_USUAL_SHARE * (len(sounding) - 1))]
        self._now_db: Decibels = math.inf
        self._strokes_db: deque[Decibels] = deque([0.0] * (EVENING_CELLS + 1), maxlen=EVENING_CELLS + 1)
        self._ahead: deque[tuple[Decibels, Decibels]] = deque(
            [(0.0, math.inf)] * (_AHEAD_CELLS + 1), maxlen=_AHEAD_CELLS + 1
        )

    def next(self, energy: float, fixed: float, stroke: float) -> Decibels:
        """Take one cell more: the energy that can be evened, what is fixed, the power of the loudest 400 ms that can be evened.

        Returns
        -------
        Decibels
            What is added in the cell `LEAD_CELLS` before.
        """
        wanted_db = self._evening.next(energy, fixed)
        self._strokes_db.append(level_db(stroke))
        stroke_db = self._strokes_db[0]
        self._ahead.append((stroke_db, min(wanted_db, self._usual_db + _HEADROOM_DB - stroke_db)))
        here_db = self._ahead[0][0]
        now_db = min(
            later_db + n_cells * _LARGEST_MOVE_DB for n_cells, (_, later_db) in enumerate(self._ahead)
        )
        self._now_db = min(now_db, self._now_db + _LARGEST_MOVE_DB)
        self._follow(here_db + self._now_db)
        return self._now_db

    def _follow(self, heard_db: Decibels) -> None:
        """Let what is usual follow what is heard: a share of the cells lies above it; a pause is none of them."""
        if heard_db > self._usual_db:
            self._usual_db += _MOVE_DB * _USUAL_SHARE
        elif heard_db > self._usual_db - PAUSE_DB:
            self._usual_db -= _MOVE_DB * (1.0 - _USUAL_SHARE)


def level_db(power: float) -> Decibels:
    """A power in dB; silence is −120."""
    return 10 * math.log10(max(power, 1e-12))
