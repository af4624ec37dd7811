"""How loud the parts are, reckoned from their notes alone: enough to balance them, no sound is needed.

Loudness grows with the fourth power of channel volume, as General MIDI recommends. What a note does by itself, how
loudly it speaks at a touch and how long it goes on, is told by `calmando.compose.voices`.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable

from calmando.compose.evening import CELL_S
from calmando.compose.voices import Ringing, drum_power, power, sounding_voice
from calmando.score.model import ChannelStrip, Role
from calmando.theory.pitch import key_hz
from calmando.units import MidiPitch, Seconds, Velocity

_REFERENCE_VOLUME = 100
_LOUDEST_WINDOW_S: Seconds = 0.4
_TAILS = 6.0
_ROOM = 64
"""So many cells are added at once, at least."""


class _String:
    """A string that is struck again while it rings: the new stroke meets the old vibration, with or against it.

    Synthesised strokes begin alike each time, so at a steady tempo every stroke of a repeated key meets the same phase,
    and keys differ by decibels.
    """

    def __init__(self, key: MidiPitch, ring_s: Seconds) -> None:
        self._turns_a_second = 2.0 * math.pi * key_hz(key)
        self._ring_s = ring_s
        self._struck_s: Seconds = -math.inf
        self._vibration = 0j

    def strike(self, onset_s: Seconds) -> float:
        """Strike it with amplitude 1 and tell how much of the old vibration goes its way: negative where it goes against it."""
        since_s = onset_s - self._struck_s
        if since_s < _TAILS * self._ring_s:
            self._vibration *= cmath.exp(
                complex(-since_s / (2.0 * self._ring_s), self._turns_a_second * since_s)
            )
        else:
            self._vibration = 0j
        met = self._vibration.real
        self._vibration += 1.0
        self._struck_s = onset_s
        return met


def is_struck(strip: ChannelStrip) -> bool:
    """Whether a part is plucked or struck, and rings on by itself."""
    return isinstance(sounding_voice(strip.bank, strip.program, is_percussion=strip.is_percussion), Ringing)


class Cells:
    """Energy of every part in cells of half a second, from a first cell on; what is past may be forgotten."""

    def __init__(self, strips: Iterable[ChannelStrip]) -> None:
        self._strips = tuple(strips)
        self._volumes = [(strip.volume / _REFERENCE_VOLUME) ** 4 for strip in self._strips]
        self._voices = [
            sounding_voice(strip.bank, strip.program, is_percussion=strip.is_percussion)
            for strip in self._strips
        ]
        self._first = 0
        self._n = 0
        self._of_part: list[list[float]] = [[] for _ in self._strips]
        self._strokes = {
            part: list[float]() for part, voice in enumerate(self._voices) if isinstance(voice, Ringing)
        }
        self._rows = (*self._of_part, *self._strokes.values())
        self._vibrating = dict.fromkeys(self._strokes, (0.0, -math.inf))
        self._strings: list[dict[MidiPitch, _String]] = [{} for _ in self._strips]
        self._powers: list[dict[tuple[MidiPitch, Velocity], float]] = [{} for _ in self._strips]
        self._rings: list[dict[MidiPitch, Seconds]] = [{} for _ in self._strips]

    def add(self, part: int, key: MidiPitch, onset_s: Seconds, end_s: Seconds, velocity: Velocity) -> None:
        """Add a note of a part; its energy in a second of full sound is 1 at velocity 70 and volume 100."""
        voice = self._voices[part]
        own = self._powers[part].get((key, velocity))
        if own is None:
            own = self._powers[part][key, velocity] = self._power(part, key, velocity)
        if isinstance(voice, Ringing):
            ring_s = self._rings[part].get(key)
            if ring_s is None:
                ring_s = self._rings[part][key] = voice.ring_s(key)
            if voice.struck_again:
                string = self._strings[part].get(key)
                if string is None:
                    string = self._strings[part][key] = _String(key, ring_s)
                own *= 1.0 + 2.0 * voice.struck_again * string.strike(onset_s)
            self._strike(part, onset_s, own, ring_s)
            self._ring(part, onset_s, min(end_s, onset_s + _TAILS * ring_s), own, ring_s)
        elif self._strips[part].role is Role.AMBIENCE:
            self._cover(part, onset_s, end_s, own * voice.level)
        else:
            self._hold(part, onset_s + voice.rise_s, end_s + voice.tail_s, own * voice.level)

    def _power(self, part: int, key: MidiPitch, velocity: Velocity) -> float:
        """The power of a part's notes; there are but few."""
        is_drum = self._strips[part].is_percussion
        own = drum_power(key, velocity) if is_drum else power(self._voices[part], velocity)
        return own * self._volumes[part]

    def of(self, part: int, cell: int) -> float:
        """A part's energy in a cell."""
        index = cell - self._first
        return self._of_part[part][index] if 0 <= index < self._n else 0.0

    def all(self, cell: int) -> float:
        """The energy of all parts in a cell."""
        index = cell - self._first
        return math.fsum([row[index] for row in self._of_part]) if 0 <= index < self._n else 0.0

    def stretch(self, part: int, cells: range) -> list[float]:
        """A part's energy in some cells, none of them forgotten."""
        low = cells.start - self._first
        found = self._of_part[part][low : low + len(cells)]
        return found if len(found) == len(cells) else found + [0.0] * (len(cells) - len(found))

    def totals(self, cells: range, parts: Iterable[int] | None = None) -> list[float]:
        """The energy of all parts, or of some, in some cells, none of them forgotten."""
        rows = [self.stretch(part, cells) for part in (range(len(self._of_part)) if parts is None else parts)]
        return list(map(math.fsum, zip(*rows, strict=True))) if rows else [0.0] * len(cells)

    def loudest(self, cells: range, parts: Iterable[int]) -> list[float]:
        """The power of some parts together in the loudest 400 ms of some cells, none of them forgotten.

        What is held is as loud as its energy; of what is struck the loudest stroke counts, with all that is struck
        together with it.
        """
        held = [part for part in parts if part not in self._strokes]
        totals = self.totals(cells, held)
        low = cells.start - self._first
        for row in (self._strokes[part] for part in parts if part in self._strokes):
            for index, stroke in enumerate(row[low : low + len(cells)]):
                totals[index] += stroke
        return totals

    def scale(self, part: int, cells: range, factor: float) -> None:
        """Multiply a part's energy in some cells."""
        for row in filter(None, (self._of_part[part], self._strokes.get(part))):
            for index in range(max(cells.start - self._first, 0), min(cells.stop - self._first, self._n)):
                row[index] *= factor

    def forget_before(self, cell: int) -> None:
        """Forget what is past, so that memory stays flat."""
        n_gone = cell - self._first
        if n_gone > 0:
            for row in self._rows:
                del row[:n_gone]
            self._first = cell
            self._n = max(self._n - n_gone, 0)

    def _hold(self, part: int, onset_s: Seconds, end_s: Seconds, power: float) -> None:
        row, cells = self._row(part, onset_s, end_s)
        first = self._first
        for cell in (cells[0], cells[-1]) if len(cells) > 1 else cells:
            overlap = min(end_s, (cell + 1) * CELL_S) - max(onset_s, cell * CELL_S)
            row[cell - first] += power * max(overlap, 0.0) / CELL_S
        # Those between the first and the last are full.
        for index in range(cells.start - first + 1, cells.stop - first - 1):
            row[index] += power

    def _cover(self, part: int, onset_s: Seconds, end_s: Seconds, power: float) -> None:
        """A sound that is crossfaded with itself: where two overlap it is no louder."""
        row, cells = self._row(part, onset_s, end_s)
        for index in range(cells.start - self._first, cells.stop - self._first):
            row[index] += max(power - row[index], 0.0)

    def _ring(self, part: int, onset_s: Seconds, end_s: Seconds, power: float, ring_s: Seconds) -> None:
        power *= _LOUDEST_WINDOW_S / (1.0 - math.exp(-_LOUDEST_WINDOW_S / ring_s))
        row, cells = self._row(part, onset_s, end_s)
        first, last = self._first, cells.stop - 1
        before = math.exp((onset_s - max(cells.start * CELL_S, onset_s)) / ring_s)
        for cell in cells:
            after = math.exp((onset_s - (end_s if cell == last else (cell + 1) * CELL_S)) / ring_s)
            row[cell - first] += power * (before - after) / CELL_S
            before = after

    def _strike(self, part: int, onset_s: Seconds, power: float, ring_s: Seconds) -> None:
        """A stroke sounds together with what is left of those before it."""
        vibrating, struck_s = self._vibrating[part]
        vibrating = power + vibrating * math.exp(min(struck_s - onset_s, 0.0) / ring_s)
        self._vibrating[part] = (vibrating, max(onset_s, struck_s))
        _, cells = self._row(part, onset_s, onset_s + _LOUDEST_WINDOW_S)
        row = self._strokes[part]
        for index in range(cells.start - self._first, cells.stop - self._first):
            row[index] = max(row[index], vibrating)

    def _row(self, part: int, onset_s: Seconds, end_s: Seconds) -> tuple[list[float], range]:
        """A part's row and the cells between two moments, those that are forgotten left out; all rows reach equally far."""
        cells = range(max(int(onset_s / CELL_S), self._first), int(end_s / CELL_S) + 1)
        n_missing = cells.stop - self._first - self._n
        if n_missing > 0:
            n_more = max(n_missing, _ROOM)
            for row in self._rows:
                row.extend([0.0] * n_more)
            self._n += n_more
        return self._of_part[part], cells
