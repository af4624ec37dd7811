"""Ambience: a long looped sound, struck again with a crossfade on a neighbouring key."""

from __future__ import annotations

from collections.abc import Iterator

from calmando.score.model import Note
from calmando.units import MidiPitch, Seconds, Ticks, Velocity

_KEYS: tuple[MidiPitch, MidiPitch] = (60, 61)
_STROKE_S: Seconds = 24.0
_CROSSFADE_S: Seconds = 1.0
"""The sounds come up in two seconds and go in one or so: longer together, they swell by 3 dB at every stroke."""
_TOUCH: Velocity = 64


class Ambience:
    """The ambience of a piece, phrase by phrase."""

    def __init__(self) -> None:
        self._next: Ticks = 0
        self._count = 0

    def through(self, end: Ticks, ticks_per_second: float, sound_end: Ticks | None) -> Iterator[Note]:
        """The strokes that begin before ``end``; none sounds beyond ``sound_end``."""
        while self._next < end:
            length = round(_STROKE_S * ticks_per_second)
            if sound_end is not None:
                length = min(length, sound_end - self._next)
            if length <= 0:
                return
            yield Note(self._next, length, _KEYS[self._count % 2], _TOUCH)
            self._count += 1
            self._next += round((_STROKE_S - _CROSSFADE_S) * ticks_per_second)
