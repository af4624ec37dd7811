"""Ceiling: no stroke stands out of what the piece has led one to expect.

The evening (`calmando.compose.evening`) hears three seconds, in which plucked notes that are struck together but seldom
are no more than one note held. The ear, and whoever is startled, hears the stroke: its loudest 400 ms. So the evening goes
no further than the piece's strokes usually go, and what would go beyond is played more softly, the way down to it and up
again no steeper than any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from calmando.compose.evening import LARGEST_MOVE_DB, N_ROUNDS, PAUSE_DB, Evening, level_db
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
        loudest = max(levels)
        sounding = sorted(level for level in levels if level > loudest - PAUSE_DB)
        self._evening = evening
        self._usual_db = sounding[int(_USUAL_SHARE * (len(sounding) - 1))]
        self._now_db: Decibels = math.inf
        self._strokes_db: list[Decibels] = [0.0] * LEAD_CELLS
        self._allowed_db: tuple[Decibels, Decibels] = (math.inf, math.inf)
        """In the `_AHEAD_CELLS` that are decided next."""

    def through(
        self, energies: Sequence[float], fixed: Sequence[float], strokes: Sequence[float]
    ) -> list[Decibels]:
        """Take the next cells: their energy that can be evened, what is fixed, the power of the loudest 400 ms that can be evened.

        Returns
        -------
        list[Decibels]
            What is added in the cells `LEAD_CELLS` before.
        """
        strokes_db = [*self._strokes_db, *map(level_db, strokes)]
        wanted = self._evening.through(energies, fixed)
        usual_db, now_db = self._usual_db, self._now_db
        allowed_db, next_db = self._allowed_db
        added: list[Decibels] = []
        for stroke_db, ahead_db, wanted_db in zip(
            strokes_db, strokes_db[_AHEAD_CELLS:], wanted, strict=False
        ):
            room_db = usual_db + _HEADROOM_DB - ahead_db
            last_db = wanted_db if wanted_db < room_db else room_db
            now_db = min(
                now_db + _LARGEST_MOVE_DB,
                allowed_db,
                next_db + _LARGEST_MOVE_DB,
                last_db + _AHEAD_CELLS * _LARGEST_MOVE_DB,
            )
            allowed_db, next_db = next_db, last_db
            added.append(now_db)
            # A share of the cells lies above what is usual; a pause is none of them.
            heard_db = stroke_db + now_db
            if heard_db > usual_db:
                usual_db += _MOVE_DB * _USUAL_SHARE
            elif heard_db > usual_db - PAUSE_DB:
                usual_db -= _MOVE_DB * (1.0 - _USUAL_SHARE)
        self._strokes_db, self._allowed_db = strokes_db[len(added) :], (allowed_db, next_db)
        self._usual_db, self._now_db = usual_db, now_db
        return added
