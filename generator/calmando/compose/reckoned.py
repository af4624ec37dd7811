"""How loud the parts are, reckoned from their notes alone: enough to balance them, no sound is needed.

Loudness grows with the fourth power of channel volume, as General MIDI recommends. What a note does by itself, how
loudly it speaks at a touch and how long it goes on, is told by `calmando.compose.voices`.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from operator import add, mul
from typing import NamedTuple, TypeAlias

from calmando.compose.evening import CELL_S
from calmando.compose.voices import Ringing, Sustained, drum_power, power, sounding_voice
from calmando.score.model import ChannelStrip, Note, Role
from calmando.theory.pitch import key_hz
from calmando.units import Decibels, MidiPitch, Seconds, Ticks, Unit, Velocity

_REFERENCE_VOLUME = 100
_LOUDEST_WINDOW_S: Seconds = 0.4
_LOUDEST_WINDOW = _LOUDEST_WINDOW_S / CELL_S
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

    Times are in cells. ``whole`` makes of the power in the loudest 400 ms that of one exponential; ``string`` is what
    meets itself when it is struck again.
    """

    power: float
    ring: float = 0.0
    whole: float = 1.0
    string: _String | None = None
    rise: float = 0.0
    tail: float = 0.0


class _Tones(dict[tuple[MidiPitch, Velocity], _Tone]):
    """What a part's notes of a key and velocity have in common, told when it is first asked for; there are but few."""

    def __init__(self, strip: ChannelStrip) -> None:
        self._is_drum = strip.is_percussion
        self._volume = (strip.volume / _REFERENCE_VOLUME) ** 4
        self._voice = sounding_voice(strip.bank, strip.program, is_percussion=strip.is_percussion)
        self._strings: dict[MidiPitch, _String] = {}

    def __missing__(self, struck: tuple[MidiPitch, Velocity]) -> _Tone:
        key, velocity = struck
        voice = self._voice
        own = drum_power(key, velocity) if self._is_drum else power(voice, velocity)
        own *= self._volume
        if isinstance(voice, Sustained):
            self[struck] = _Tone(own * voice.level, rise=voice.rise_s / CELL_S, tail=voice.tail_s / CELL_S)
            return self[struck]
        ring_s = voice.ring_s(key)
        string = None
        if voice.struck_again:
            string = self._strings.setdefault(key, _String(key, ring_s, voice.struck_again))
        whole = _LOUDEST_WINDOW_S / (1.0 - math.exp(-_LOUDEST_WINDOW_S / ring_s))
        self[struck] = _Tone(own, ring_s / CELL_S, whole / CELL_S, string)
        return self[struck]


def is_struck(strip: ChannelStrip) -> bool:
    """Whether a part is plucked or struck, and rings on by itself."""
    return isinstance(sounding_voice(strip.bank, strip.program, is_percussion=strip.is_percussion), Ringing)


_Sound: TypeAlias = tuple[_Tone, float, float]
"""A note's tone, when it begins and how long it is held, in cells."""


class Cells:
    """Energy of every part in cells of half a second, from a first cell on; what is past may be forgotten."""

    def __init__(self, strips: Iterable[ChannelStrip]) -> None:
        strips = tuple(strips)
        self._tones = [_Tones(strip) for strip in strips]
        self._first = 0
        self._n = 0
        self._of_part: list[list[float]] = [[] for _ in strips]
        self._last_of_part = [-1] * len(strips)
        self._strokes = {part: list[float]() for part, strip in enumerate(strips) if is_struck(strip)}
        self._rows = (*self._of_part, *self._strokes.values())
        self._vibrating = dict.fromkeys(self._strokes, (0.0, -math.inf))
        self._sound = [
            self._strike if is_struck(strip) else self._cover if strip.role is Role.AMBIENCE else self._hold
            for strip in strips
        ]

    def add(
        self, part: int, notes: Iterable[Note], *, start_ticks: Ticks, start_s: Seconds, tick_s: Seconds
    ) -> None:
        """Add notes of a part; the energy of one in a second of full sound is 1 at velocity 70 and volume 100.

        Parameters
        ----------
        start_ticks, start_s, tick_s
            A written moment, when it is, and how long a tick lasts around it.
        """
        tones, start, tick = self._tones[part], start_s / CELL_S, tick_s / CELL_S
        sounds: list[_Sound] = [
            (
                tones[key, velocity],
                onset if (onset := start + (onset_ticks - start_ticks) * tick) > 0.0 else 0.0,
                duration_ticks * tick,
            )
            for onset_ticks, duration_ticks, key, velocity in notes
        ]
        self._sound[part](part, sounds)

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
                strokes = self._strokes[part][low : low + len(cells)]
                totals[: len(strokes)] = map(add, totals, strokes)
        return totals

    def soften(self, part: int, cells: range, levels_db: Sequence[Decibels]) -> None:
        """Change a part's energy in some cells, none of them forgotten, by so many decibels each."""
        if self.is_silent_from(cells.start, part):
            return
        low = cells.start - self._first
        high = min(cells.stop, self._last_of_part[part] + 1) - self._first
        factors = [math.pow(10, level_db / 10) for level_db in levels_db]
        for row in filter(None, (self._of_part[part], self._strokes.get(part))):
            row[low:high] = map(mul, row[low:high], factors)

    def forget_before(self, cell: int) -> None:
        """Forget what is past, so that memory stays flat."""
        n_gone = cell - self._first
        if n_gone > 0:
            for row in self._rows:
                del row[:n_gone]
            self._first = cell
            self._n = max(self._n - n_gone, 0)

    def _hold(self, part: int, sounds: Iterable[_Sound]) -> None:
        row, first = self._of_part[part], self._first
        for tone, onset, length in sounds:
            power = tone.power
            begun, end = max(onset + tone.rise, float(first)), onset + length + tone.tail
            if end <= begun:
                # It is let go before it has risen, or has ended in what is forgotten.
                continue
            low, high = int(begun), int(end)
            self._make_room(part, high)
            if low == high:
                row[low - first] += power * (end - begun)
                continue
            row[low - first] += power * (low + 1 - begun)
            whole = slice(low + 1 - first, high - first)
            row[whole] = [energy + power for energy in row[whole]]
            row[high - first] += power * (end - high)

    def _cover(self, part: int, sounds: Iterable[_Sound]) -> None:
        """A sound that is crossfaded with itself: where two overlap it is no louder."""
        row, first = self._of_part[part], self._first
        for tone, onset, length in sounds:
            power = tone.power
            low, high = max(int(onset), first), int(onset + length)
            self._make_room(part, high)
            for index in range(low - first, high + 1 - first):
                row[index] += max(power - row[index], 0.0)

    def _strike(self, part: int, sounds: Iterable[_Sound]) -> None:
        """A stroke sounds together with what is left of those before it, and rings on."""
        row, strokes, first, exp = self._of_part[part], self._strokes[part], self._first, math.exp
        vibrating, struck = self._vibrating[part]
        last = self._last_of_part[part]
        for (own, ring, whole, string, _, _), onset, length in sounds:
            stroke = own if string is None else own * string.strike(onset * CELL_S)
            if onset > struck:
                vibrating *= exp((struck - onset) / ring)
                struck = onset
            vibrating += stroke
            end, rung = onset + length, onset + _TAILS * ring
            if rung < end:
                end = rung
            low, high, loud = int(onset), int(end), int(onset + _LOUDEST_WINDOW)
            if low < first:
                low = first
            if high > last or loud > last:
                last = high if high > loud else loud
                self._make_room(part, last)
            for index in range(low - first, loud + 1 - first):
                if strokes[index] < vibrating:
                    strokes[index] = vibrating
            rings = stroke * whole
            before = 1.0 if low <= onset else exp((onset - low) / ring)
            for cell in range(low, high):
                after = exp((onset - (cell + 1)) / ring)
                row[cell - first] += rings * (before - after)
                before = after
            row[high - first] += rings * (before - exp((onset - end) / ring))
        self._vibrating[part] = vibrating, struck

    def _make_room(self, part: int, cell: int) -> None:
        """Note that a part sounds until a cell, room made up to it: all rows reach equally far."""
        if cell > self._last_of_part[part]:
            self._last_of_part[part] = cell
        n_missing = cell + 1 - self._first - self._n
        if n_missing > 0:
            n_more = max(n_missing, _ROOM)
            for row in self._rows:
                row.extend([0.0] * n_more)
            self._n += n_more
