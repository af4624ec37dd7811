"""Evening: the whole plays somewhat louder where little sounds and softer where much does.

What is evened is the loudness of three seconds: a phrase may swell and fall within its free play, what goes beyond is
mostly taken back. It is done in rounds, each on what the round before has left: where a tune ends at once, the
first round can but lean towards it, since its three seconds hold some of both. Slow changes are the piece's own arc
and a true pause is a pause: both are left alone. One slow change is not: where a piece shall never grow louder, what is
usual has a ceiling, the softest that minutes have been so far.
"""

from __future__ import annotations

import math
from collections import deque

from calmando.units import Decibels, Seconds, Unit

CELL_S: Seconds = 0.5
"""Energies are told for cells of this length."""
EVENING_SHARE: Unit = 1.0
"""How much of what goes beyond the free play is evened out."""
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

    def next(self, energy: float, fixed: float) -> Decibels:
        """Take the energy of one cell more, what can be evened and what is fixed; the evening `LEAD_CELLS` before."""
        moved: Decibels = 0.0
        for each in self._rounds:
            energy, fixed, moved = each.next(energy, fixed, moved)
        return moved


class _Round:
    """One round: its window, what it takes as usual, and how far it goes."""

    def __init__(self, usual_db: Decibels, *, may_rise: bool) -> None:
        self._usual_db = usual_db
        self._slow_db = usual_db
        self._ceiling_db = math.inf if may_rise else usual_db
        self._may_rise = may_rise
        self._now_db: Decibels = 0.0
        self._cells: deque[tuple[float, float, Decibels]] = deque(
            [(0.0, 0.0, 0.0)] * _WINDOW_CELLS, maxlen=_WINDOW_CELLS
        )
        self._energies: deque[float] = deque([0.0] * _WINDOW_CELLS, maxlen=_WINDOW_CELLS)

    def next(self, energy: float, fixed: float, moved: Decibels) -> tuple[float, float, Decibels]:
        """One cell in, one cell out that came in `_AHEAD_CELLS` before: evened energy, fixed energy, all its evening."""
        cells, energies = self._cells, self._energies
        cells.append((energy, fixed, moved))
        energies.append(energy + fixed)
        mean = math.fsum(energies) / _WINDOW_CELLS
        away_db = self._usual_db - 10 * math.log10(mean if mean > 1e-12 else 1e-12)
        if away_db <= PAUSE_DB:
            self._move(away_db)
        here, unmoved, before = cells[-1 - _AHEAD_CELLS]
        now_db = self._now_db
        return here * math.pow(10, now_db / 10), unmoved, before + now_db

    def _move(self, away_db: Decibels) -> None:
        """Go on towards what evens so much, and let what is usual follow what is heard, never beyond the ceiling."""
        wanted = max(abs(away_db) - FREE_PLAY_DB, 0.0) * EVENING_SHARE
        wanted = math.copysign(wanted if wanted < MOST_DB else MOST_DB, away_db)
        move = wanted - self._now_db
        if move > LARGEST_MOVE_DB:
            move = LARGEST_MOVE_DB
        elif move < -LARGEST_MOVE_DB:
            move = -LARGEST_MOVE_DB
        self._now_db += move
        heard_db = self._usual_db - away_db
        self._usual_db += (heard_db - self._usual_db) * CELL_S / USUAL_S
        if not self._may_rise:
            self._slow_db += (heard_db - self._slow_db) * CELL_S / SLOW_S
            self._ceiling_db = min(self._ceiling_db, self._slow_db)
            self._usual_db = min(self._usual_db, self._ceiling_db)
