"""Ambience: a long looped sound, struck again with a crossfade on a neighbouring key.

Every stroke begins at the same frame of the sample; strokes of one length would repeat like a loop of tape. So their
lengths change, by chance, and no two neighbours are alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from calmando.rng import Stream
from calmando.score.model import Note
from calmando.units import MidiPitch, Seconds, Ticks, Velocity

_STROKES_S: tuple[tuple[MidiPitch, tuple[Seconds, ...]], ...] = ((60, (17.0, 22.0, 27.0)), (61, (19.0, 24.5)))
"""The keys, one after the other, and how long each may be struck: a few lengths only, for each is a note of its own to render,
which whoever hears the piece as a stream waits for; and none of them on both keys."""
_CROSSFADE_S: Seconds = 1.0
"""The sounds come up in two seconds and go in one or so: longer together, they swell by 3 dB at every stroke."""
_TOUCH: Velocity = 64


class Ambience:
    """The ambience of a piece, phrase by phrase.

    Parameters
    ----------
    stream
        For the strokes' lengths.
    """

    def __init__(self, *, stream: Stream) -> None:
        self._stream = stream
        self._next: Ticks = 0
        self._count = 0

    def through(self, end: Ticks, ticks_per_second: float, sound_end: Ticks | None) -> Iterator[Note]:
        """The strokes that begin before ``end``; none sounds beyond ``sound_end``."""
        while self._next < end:
            key, lengths_s = _STROKES_S[self._count % len(_STROKES_S)]
            stroke_s = self._stream.choice(lengths_s)
            length = round(stroke_s * ticks_per_second)
            if sound_end is not None:
                length = min(length, sound_end - self._next)
            if length <= 0:
                return
            yield Note(self._next, length, key, _TOUCH)
            self._count += 1
            self._next += round((stroke_s - _CROSSFADE_S) * ticks_per_second)
