"""What still sounds: keeps keys from overlapping themselves and notes from lasting too long, from phrase to phrase."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from calmando.score.model import Note
from calmando.units import MidiPitch, Ticks

LONGEST_NOTE_S = 28.0
"""No note lasts longer (30 s is the limit); longer ones are struck again."""
_SHORTEST: Ticks = 40


class Sounding:
    """The keys of one channel and when each is free again."""

    def __init__(self) -> None:
        self._free_at: dict[MidiPitch, Ticks] = {}

    def place(
        self, notes: Iterable[Note], longest: Ticks, end: Ticks | None, *, rings: bool
    ) -> tuple[Note, ...]:
        """Notes as they can be played.

        Parameters
        ----------
        notes
            By onset, then pitch.
        longest
            Longest note in ticks: a ringing one is cut there, a sustained one struck again.
        end
            Nothing sounds after this moment; None: no such limit.
        rings
            Whether the instrument rings on by itself.
        """
        placed: list[Note] = []
        free_at = self._free_at
        for note in notes:
            onset, duration, pitch, velocity = note
            free = free_at.get(pitch, 0)
            begin = onset if onset > free else free
            stop = onset + duration
            if end is not None and stop > end:
                stop = end
            left = stop - begin
            if left < _SHORTEST and left < duration:
                continue
            free_at[pitch] = stop
            if left == duration and left <= longest:
                placed.append(note)
            elif rings or left <= longest:
                placed.append(Note(begin, min(left, longest), pitch, velocity))
            else:
                placed.extend(_struck_again(begin, stop, longest, note))
        return tuple(placed)


def _struck_again(onset: Ticks, stop: Ticks, longest: Ticks, note: Note) -> Iterable[Note]:
    count = -(-(stop - onset) // longest)
    edges = [onset + (stop - onset) * index // count for index in range(count + 1)]
    for begun, ended in itertools.pairwise(edges):
        yield Note(begun, ended - begun, note.pitch, note.velocity)
