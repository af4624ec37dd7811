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
from operator import add

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
        self._waiting: list[tuple[float, float]] = [(0.0, 0.0)] * _AHEAD_CELLS
        """Cells that the first round has not evened yet."""
        self._leaned_db: list[Decibels] = [0.0] * _AHEAD_CELLS
        """What the first round has evened, where the second has not."""

    def through(self, energies: Sequence[float], fixed: Sequence[float]) -> list[Decibels]:
        """Take the energies of the next cells, what can be evened and what is fixed; the evening of those `LEAD_CELLS` before."""
        first, second = self._rounds
        n_cells = len(energies)
        self._waiting += zip(energies, fixed, strict=True)
        self._leaned_db += first.through(list(map(add, energies, fixed)))
        left = [
            energy * math.pow(10, leaned_db / 10) + unmoved
            for (energy, unmoved), leaned_db in zip(
                self._waiting, self._leaned_db[_AHEAD_CELLS:], strict=False
            )
        ]
        evened_db = list(map(add, self._leaned_db, second.through(left)))
        del self._waiting[:n_cells], self._leaned_db[:n_cells]
        return evened_db


class _Round:
    """One round: its window, what it takes as usual, and how far it goes."""

    def __init__(self, usual_db: Decibels, *, may_rise: bool) -> None:
        self._usual_db = usual_db
        self._slow_db = usual_db
        self._ceiling_db = math.inf if may_rise else usual_db
        self._may_rise = may_rise
        self._now_db: Decibels = 0.0
        self._last = [0.0] * (_WINDOW_CELLS - 1)

    def through(self, energies: Sequence[float]) -> list[Decibels]:
        """The energies of the next cells in; the evening of those `_AHEAD_CELLS` before."""
        heard = [*self._last, *energies]
        self._last = heard[len(energies) :]
        windows = zip(*[heard[begin:] for begin in range(_WINDOW_CELLS)], strict=False)
        usual_db, now_db, slow_db, ceiling_db = self._usual_db, self._now_db, self._slow_db, self._ceiling_db
        evened_db: list[Decibels] = []
        for energy in map(math.fsum, windows):
            away_db = usual_db - level_db(energy / _WINDOW_CELLS)
            if away_db <= PAUSE_DB:
                now_db = _moved(now_db, away_db)
                heard_db = usual_db - away_db
                usual_db += (heard_db - usual_db) * CELL_S / USUAL_S
                if not self._may_rise:
                    slow_db += (heard_db - slow_db) * CELL_S / SLOW_S
                    ceiling_db = slow_db if slow_db < ceiling_db else ceiling_db
                    usual_db = usual_db if usual_db < ceiling_db else ceiling_db
            evened_db.append(now_db)
        self._usual_db, self._now_db, self._slow_db, self._ceiling_db = usual_db, now_db, slow_db, ceiling_db
        return evened_db


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
