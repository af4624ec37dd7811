"""The silence in a piece: the longest stretch in which none of its parts has a note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calmando.score.model import Score
from calmando.units import Seconds, Ticks


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch without a note: when it begins, and how long it lasts."""

    start_s: Seconds
    length_s: Seconds


def longest_silence(score: Score) -> Silence:
    """The longest stretch without a note, as written, from the beginning to where the closing silence begins.

    What rings on beyond its written length is not counted as sounding; ambience is.
    """
    end = score.tempo_map.ticks_at(score.length_s - score.fades.end_silence_s)
    at = score.tempo_map.seconds_at
    found = (Silence(at(begin), at(until) - at(begin)) for begin, until in _gaps(score, end))
    return max(found, key=lambda silence: silence.length_s, default=Silence(0.0, 0.0))


def _gaps(score: Score, end: Ticks) -> Iterator[tuple[Ticks, Ticks]]:
    """Where no note is written, in order."""
    sounding_until: Ticks = 0
    for note in sorted(note for part in score.parts for note in part.notes):
        if note.onset_ticks > sounding_until:
            yield sounding_until, note.onset_ticks
        sounding_until = max(sounding_until, note.end_ticks)
    if end > sounding_until:
        yield sounding_until, end
