"""How loud the parts are, reckoned from their notes alone: enough to balance them, no sound is needed.

In the built-in SoundFont every melodic note has the same largest loudness of 400 ms at velocity 70, and
loudness grows with the fourth power of velocity and of channel volume, as General MIDI recommends. What is left is how
long a note goes on: as long as it is written where it is blown, bowed or sung, a quarter of a second where it is
plucked or struck (fitted to the font's notes: their energy over three seconds lies 7.3–8.7 dB under their loudest
400 ms). Other fonts differ by a few decibels a program, which shifts a part, not its course.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from calmando.compose.expression import is_ringing
from calmando.score.model import ChannelStrip, Role
from calmando.units import Seconds, Velocity

CELL_S: Seconds = 0.5
"""Energies are reckoned for cells of this length."""
_REFERENCE_VELOCITY = 70
_REFERENCE_VOLUME = 100
_RING_S: Seconds = 0.25
_LONG_RINGS: dict[tuple[int, int], Seconds] = {(0, 104): 0.8, (1, 14): 1.2}
"""What rings much longer than other plucked strings, by bank and program: the tambura, the bowl."""
_SLOW: dict[tuple[int, int], Seconds] = {
    (0, 48): 0.25,
    (0, 88): 0.25,
    (0, 89): 0.25,
    (0, 91): 0.25,
    (1, 104): 0.55,
}
"""What comes up slowly, by bank and program (strings, pads, the monochord): so much later its energy begins."""
_TAIL_S: Seconds = 0.2
"""What slow programs go on after their written end, in seconds of full energy."""
_LOUDEST_WINDOW_S: Seconds = 0.4
_DRUM_SHARE = 0.3
"""A soft drum's stroke has about this share of a plucked note's energy."""
_TAILS = 6.0


class Cells:
    """Energy of every part in cells of half a second, from a first cell on; what is past may be forgotten."""

    def __init__(self, strips: Iterable[ChannelStrip]) -> None:
        self._strips = tuple(strips)
        self._first = 0
        self._of_part: list[list[float]] = [[] for _ in self._strips]

    def add(self, part: int, onset_s: Seconds, end_s: Seconds, velocity: Velocity) -> None:
        """Add a note of a part; its energy in a second of full sound is 1 at velocity 70 and volume 100."""
        strip = self._strips[part]
        power = (velocity / _REFERENCE_VELOCITY) ** 4 * (strip.volume / _REFERENCE_VOLUME) ** 4
        if strip.is_percussion:
            power *= _DRUM_SHARE
        if strip.role is Role.AMBIENCE:
            self._cover(part, onset_s, end_s, power)
            return
        voice = (strip.bank, strip.program)
        if strip.is_percussion or (is_ringing(strip.program) and voice not in _SLOW):
            self._ring(part, onset_s, end_s, power, _LONG_RINGS.get(voice, _RING_S))
        else:
            slow_s = _SLOW.get(voice, 0.0)
            self._hold(part, onset_s + slow_s, end_s + (_TAIL_S if slow_s else 0.0), power)

    def of(self, part: int, cell: int) -> float:
        """A part's energy in a cell."""
        row, index = self._of_part[part], cell - self._first
        return row[index] if 0 <= index < len(row) else 0.0

    def scale(self, part: int, cell: int, factor: float) -> None:
        """Multiply a part's energy in a cell."""
        row, index = self._of_part[part], cell - self._first
        if 0 <= index < len(row):
            row[index] *= factor

    def forget_before(self, cell: int) -> None:
        """Forget what is past, so that memory stays flat."""
        n_gone = cell - self._first
        if n_gone > 0:
            for row in self._of_part:
                del row[:n_gone]
            self._first = cell

    def _hold(self, part: int, onset_s: Seconds, end_s: Seconds, power: float) -> None:
        for cell in range(int(onset_s / CELL_S), int(end_s / CELL_S) + 1):
            overlap = min(end_s, (cell + 1) * CELL_S) - max(onset_s, cell * CELL_S)
            self._put(part, cell, power * max(overlap, 0.0) / CELL_S)

    def _cover(self, part: int, onset_s: Seconds, end_s: Seconds, power: float) -> None:
        """A sound that is crossfaded with itself: where two overlap it is no louder."""
        for cell in range(int(onset_s / CELL_S), int(end_s / CELL_S) + 1):
            self._put(part, cell, max(power - self.of(part, cell), 0.0))

    def _ring(self, part: int, onset_s: Seconds, end_s: Seconds, power: float, ring_s: Seconds) -> None:
        power *= _LOUDEST_WINDOW_S / (1.0 - math.exp(-_LOUDEST_WINDOW_S / ring_s))
        end_s = min(end_s, onset_s + _TAILS * ring_s)
        before = 1.0
        for cell in range(int(onset_s / CELL_S), int(end_s / CELL_S) + 1):
            after = math.exp((onset_s - min((cell + 1) * CELL_S, end_s)) / ring_s)
            self._put(part, cell, power * (before - after) / CELL_S)
            before = after

    def _put(self, part: int, cell: int, energy: float) -> None:
        row, index = self._of_part[part], cell - self._first
        if index < 0:
            return
        if index >= len(row):
            row.extend([0.0] * (index + 1 - len(row)))
        row[index] += energy
