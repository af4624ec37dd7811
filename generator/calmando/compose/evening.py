"""Evening: the whole plays somewhat louder where little sounds and softer where much does.

What is evened is the loudness of three seconds: a phrase may swell and fall within its free play, what goes beyond is
mostly taken back. It is done in rounds, each on what the round before has left: where a tune ends at once, the
first round can but lean towards it, since its three seconds hold some of both. Slow changes are the piece's own arc
and a true pause is a pause: both are left alone. One slow change is not: where a piece shall never grow louder, what is
usual has a ceiling, the softest that minutes have been so far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from calmando.units import Decibels, Seconds

CELL_S: Seconds = 0.5
"""Energies are told for cells of this length."""
FREE_PLAY_DB: Decibels = 0.15
"""So far from the usual loudness nothing is evened: a phrase may swell and fall."""
MOST_DB: Decibels = 5.0
"""No evening goes further."""
USUAL_S: Seconds = 45.0
"""What is usual is the mean of about this time: slower changes are the piece's arc."""
SLOW_S: Seconds = 180.0
"""The ceiling of a piece that shall never grow louder follows the mean of about this time downwards."""
PAUSE_DB: Decibels = 15.0
"""What lies so far below the usual is a pause."""
N_ROUNDS = 2
_WINDOW_CELLS = 5
_AHEAD_CELLS = 2
LEAD_CELLS = N_ROUNDS * _AHEAD_CELLS
"""A cell's evening is known when so many cells after it are."""
LARGEST_MOVE_DB: Decibels = 1.25
"""From cell to cell it moves no further."""


Cell: TypeAlias = tuple[float, float, Decibels]
"""The energy of a cell that can be evened, what is fixed, and by how much it has been evened."""


class Evening:
    """The evening of a piece, cell after cell.

    Parameters
    ----------
    usual_db
        The usual loudness of its beginning: of three seconds' mean energy, in dB.
    may_rise
        Whether the piece may slowly grow louder; a piece to fall asleep to may not.
    """

    def __init__(self, usual_db: Decibels, *, may_rise: bool = True) -> None:
        self._rounds = [_Round(usual_db, may_rise=may_rise) for _ in range(N_ROUNDS)]

    def through(self, energies: Sequence[float], fixed: Sequence[float]) -> list[Decibels]:
        """Take the energies of the next cells, what can be evened and what is fixed; the evening of those `LEAD_CELLS` before."""
        cells = [(energy, unmoved, 0.0) for energy, unmoved in zip(energies, fixed, strict=True)]
        for each in self._rounds:
            cells = each.through(cells)
        return [evened_db for _, _, evened_db in cells]


class _Round:
    """One round: its window, what it takes as usual, and how far it goes."""

    def __init__(self, usual_db: Decibels, *, may_rise: bool) -> None:
        self._usual_db = usual_db
        self._slow_db = usual_db
        self._ceiling_db = math.inf if may_rise else usual_db
        self._may_rise = may_rise
        self._now_db: Decibels = 0.0
        self._last: list[Cell] = [(0.0, 0.0, 0.0)] * (_WINDOW_CELLS - 1)

    def through(self, cells: Sequence[Cell]) -> list[Cell]:
        """The next cells in, as many out that came in `_AHEAD_CELLS` before, evened."""
        heard = [*self._last, *cells]
        self._last = heard[len(cells) :]
        energies = [energy + fixed for energy, fixed, _ in heard]
        usual_db, now_db = self._usual_db, self._now_db
        evened: list[Cell] = []
        for begin, (energy, fixed, before_db) in enumerate(heard[_AHEAD_CELLS:-_AHEAD_CELLS]):
            mean = math.fsum(energies[begin : begin + _WINDOW_CELLS]) / _WINDOW_CELLS
            away_db = usual_db - level_db(mean)
            if away_db <= PAUSE_DB:
                now_db = _moved(now_db, away_db)
                heard_db = usual_db - away_db
                usual_db += (heard_db - usual_db) * CELL_S / USUAL_S
                if not self._may_rise:
                    usual_db = self._below_ceiling(usual_db, heard_db)
            evened.append((energy * math.pow(10, now_db / 10), fixed, before_db + now_db))
        self._usual_db, self._now_db = usual_db, now_db
        return evened

    def _below_ceiling(self, usual_db: Decibels, heard_db: Decibels) -> Decibels:
        """What is usual, not above the ceiling, which follows what is heard downwards."""
        self._slow_db += (heard_db - self._slow_db) * CELL_S / SLOW_S
        if self._slow_db < self._ceiling_db:
            self._ceiling_db = self._slow_db
        return usual_db if usual_db < self._ceiling_db else self._ceiling_db


def _moved(now_db: Decibels, away_db: Decibels) -> Decibels:
    """One cell further towards what evens so much."""
    wanted = abs(away_db) - FREE_PLAY_DB
    wanted = 0.0 if wanted < 0.0 else wanted if wanted < MOST_DB else MOST_DB
    move = (wanted if away_db > 0.0 else -wanted) - now_db
    if move > LARGEST_MOVE_DB:
        return now_db + LARGEST_MOVE_DB
    return now_db + (move if move > -LARGEST_MOVE_DB else -LARGEST_MOVE_DB)


def level_db(power: float) -> Decibels:
    """A power in dB; silence is −120."""
    return 10 * math.log10(power if power > 1e-12 else 1e-12)
