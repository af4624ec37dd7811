"""How loud the parts are, reckoned from their notes alone: enough to balance them, no sound is needed.

Loudness grows with the fourth power of channel volume, as General MIDI recommends. What a note does by itself, how
loudly it speaks at a touch and how long it goes on, is told by `calmando.compose.voices`.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from calmando.compose.evening import CELL_S
from calmando.compose.voices import Ringing, Sustained, drum_power, power, sounding_voice
from calmando.score.model import ChannelStrip, Role
from calmando.theory.pitch import key_hz
from calmando.units import Decibels, MidiPitch, Seconds, Unit, Velocity

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

    def __init__(self, key: MidiPitch, ring_s: Seconds, share: Unit) -> None:
        self._turns_a_second = 2.0 * math.pi * key_hz(key)
        self._ring_s = ring_s
        self._share = share
        self._struck_s: Seconds = -math.inf
        self._vibration = 0j

    def strike(self, onset_s: Seconds) -> float:
        """Strike it with amplitude 1; the factor of the stroke's power, below 1 where it goes against the old vibration."""
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
        return 1.0 + 2.0 * self._share * met


class _Tone(NamedTuple):
    """A key struck at a velocity: its power, how long it rings (0: it is held), or how late it comes up and how long it goes on.

    ``whole`` makes of the power in the loudest 400 ms that of one exponential; ``string`` is what meets itself when it is
    struck again.
    """

    power: float
    ring_s: Seconds = 0.0
    whole: float = 1.0
    string: _String | None = None
    rise_s: Seconds = 0.0
    tail_s: Seconds = 0.0


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
        self._last_of_part = [-1] * len(self._strips)
        self._strokes = {
            part: list[float]() for part, voice in enumerate(self._voices) if isinstance(voice, Ringing)
        }
        self._rows = (*self._of_part, *self._strokes.values())
        self._vibrating = dict.fromkeys(self._strokes, (0.0, -math.inf))
        self._strings: dict[tuple[int, MidiPitch], _String] = {}
        self._tones: dict[tuple[int, MidiPitch, Velocity], _Tone] = {}

    def add(self, part: int, key: MidiPitch, onset_s: Seconds, end_s: Seconds, velocity: Velocity) -> None:
        """Add a note of a part; its energy in a second of full sound is 1 at velocity 70 and volume 100."""
        tone = self._tones.get((part, key, velocity))
        if tone is None:
            tone = self._tones[part, key, velocity] = self._tone(part, key, velocity)
        if tone.ring_s:
            self._strike(part, tone, onset_s, end_s)
        elif self._strips[part].role is Role.AMBIENCE:
            self._cover(part, onset_s, end_s, tone.power)
        else:
            self._hold(part, onset_s + tone.rise_s, end_s + tone.tail_s, tone.power)

    def _tone(self, part: int, key: MidiPitch, velocity: Velocity) -> _Tone:
        """What a part's notes of a key and velocity have in common; there are but few."""
        voice = self._voices[part]
        is_drum = self._strips[part].is_percussion
        own = drum_power(key, velocity) if is_drum else power(voice, velocity)
        own *= self._volumes[part]
        if isinstance(voice, Sustained):
            return _Tone(own * voice.level, rise_s=voice.rise_s, tail_s=voice.tail_s)
        ring_s = voice.ring_s(key)
        string = None
        if voice.struck_again:
            string = self._strings.setdefault((part, key), _String(key, ring_s, voice.struck_again))
        return _Tone(own, ring_s, _LOUDEST_WINDOW_S / (1.0 - math.exp(-_LOUDEST_WINDOW_S / ring_s)), string)

    def all(self, cell: int) -> float:
        """The energy of all parts in a cell."""
        index = cell - self._first
        return math.fsum([row[index] for row in self._of_part]) if 0 <= index < self._n else 0.0

    def is_silent_from(self, cell: int, part: int) -> bool:
        """Whether a part's notes so far have all ended before a cell."""
        return self._last_of_part[part] < cell

    def stretch(self, part: int, cells: range) -> list[float]:
        """A part's energy in some cells, none of them forgotten."""
        low = cells.start - self._first
        found = self._of_part[part][low : low + len(cells)]
        return found if len(found) == len(cells) else found + [0.0] * (len(cells) - len(found))

    def totals(self, cells: range, parts: Iterable[int] | None = None) -> list[float]:
        """The energy of all parts, or of some, in some cells, none of them forgotten."""
        rows = [
            self.stretch(part, cells)
            for part in (range(len(self._of_part)) if parts is None else parts)
            if not self.is_silent_from(cells.start, part)
        ]
        return list(map(math.fsum, zip(*rows, strict=True))) if rows else [0.0] * len(cells)

    def loudest(self, cells: range, parts: Iterable[int]) -> list[float]:
        """The power of some parts together in the loudest 400 ms of some cells, none of them forgotten.

        What is held is as loud as its energy; of what is struck the loudest stroke counts, with all that is struck
        together with it.
        """
        held = [part for part in parts if part not in self._strokes]
        totals = self.totals(cells, held)
        low = cells.start - self._first
        for part in parts:
            if part in self._strokes and not self.is_silent_from(cells.start, part):
                for index, stroke in enumerate(self._strokes[part][low : low + len(cells)]):
                    totals[index] += stroke
        return totals

    def soften(self, part: int, cells: range, levels_db: Sequence[Decibels]) -> None:
        """Change a part's energy in some cells, none of them forgotten, by so many decibels each."""
        if self.is_silent_from(cells.start, part):
            return
        low = cells.start - self._first
        high = min(cells.stop, self._last_of_part[part] + 1) - self._first
        for row in filter(None, (self._of_part[part], self._strokes.get(part))):
            for index, level_db in zip(range(low, high), levels_db, strict=False):
                row[index] *= math.pow(10, level_db / 10)

    def forget_before(self, cell: int) -> None:
        """Forget what is past, so that memory stays flat."""
        n_gone = cell - self._first
        if n_gone > 0:
            for row in self._rows:
                del row[:n_gone]
            self._first = cell
            self._n = max(self._n - n_gone, 0)

    def _hold(self, part: int, onset_s: Seconds, end_s: Seconds, power: float) -> None:
        low = self._cell_at(onset_s)
        begun_s = max(onset_s, low * CELL_S)
        if end_s <= begun_s:
            # It is let go before it has risen, or has ended in what is forgotten.
            return
        row, high, first = self._of_part[part], self._room_until(part, end_s), self._first
        if low == high:
            row[low - first] += power * (end_s - begun_s) / CELL_S
            return
        row[low - first] += power * ((low + 1) * CELL_S - begun_s) / CELL_S
        for index in range(low - first + 1, high - first):
            row[index] += power
        row[high - first] += power * (end_s - high * CELL_S) / CELL_S

    def _cover(self, part: int, onset_s: Seconds, end_s: Seconds, power: float) -> None:
        """A sound that is crossfaded with itself: where two overlap it is no louder."""
        row, low, high = self._of_part[part], self._cell_at(onset_s), self._room_until(part, end_s)
        for index in range(low - self._first, high + 1 - self._first):
            row[index] += max(power - row[index], 0.0)

    def _strike(self, part: int, tone: _Tone, onset_s: Seconds, end_s: Seconds) -> None:
        """A stroke sounds together with what is left of those before it, and rings on."""
        power, ring_s = tone.power, tone.ring_s
        if tone.string is not None:
            power *= tone.string.strike(onset_s)
        vibrating, struck_s = self._vibrating[part]
        since_s = onset_s - struck_s
        if since_s > 0.0:
            vibrating *= math.exp(-since_s / ring_s)
            struck_s = onset_s
        vibrating += power
        self._vibrating[part] = vibrating, struck_s
        low, high = self._cell_at(onset_s), self._room_until(part, onset_s + _LOUDEST_WINDOW_S)
        strokes = self._strokes[part]
        for index in range(low - self._first, high + 1 - self._first):
            if strokes[index] < vibrating:
                strokes[index] = vibrating
        rung_s = onset_s + _TAILS * ring_s
        self._ring(part, low, onset_s, end_s if end_s < rung_s else rung_s, power * tone.whole, ring_s)

    def _ring(
        self, part: int, low: int, onset_s: Seconds, end_s: Seconds, power: float, ring_s: Seconds
    ) -> None:
        row, high, first = self._of_part[part], self._room_until(part, end_s), self._first
        before = 1.0 if low * CELL_S <= onset_s else math.exp((onset_s - low * CELL_S) / ring_s)
        for cell in range(low, high):
            after = math.exp((onset_s - (cell + 1) * CELL_S) / ring_s)
            row[cell - first] += power * (before - after) / CELL_S
            before = after
        row[high - first] += power * (before - math.exp((onset_s - end_s) / ring_s)) / CELL_S

    def _cell_at(self, at_s: Seconds) -> int:
        """The cell of a moment, the first that is not forgotten at least."""
        cell = int(at_s / CELL_S)
        return cell if cell > self._first else self._first

    def _room_until(self, part: int, at_s: Seconds) -> int:
        """The cell of a moment until which a part sounds, room made up to it: all rows reach equally far."""
        cell = int(at_s / CELL_S)
        if cell > self._last_of_part[part]:
            self._last_of_part[part] = cell
        n_missing = cell + 1 - self._first - self._n
        if n_missing > 0:
            n_more = max(n_missing, _ROOM)
            for row in self._rows:
                row.extend([0.0] * n_more)
            self._n += n_more
        return cell
