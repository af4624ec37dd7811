"""The pace of music: its tempo in beats a minute from point to point, and how steeply it changes."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calmando.score.model import Score
from calmando.units import Bpm, Seconds

_SLOPE_S: Seconds = 60.0
_SAME_BEATS = 1e-6
"""Moments that lie nearer to each other are one."""


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """From here on this tempo."""

    onset_s: Seconds
    onset_beats: float
    bpm: Bpm

    def second_of(self, beats: float) -> Seconds:
        """When a moment in beats comes that lies before the next point."""
        return self.onset_s + (beats - self.onset_beats) * 60 / self.bpm


@dataclass(frozen=True, slots=True)
class At:
    """A value and where in the piece it was found."""

    value: float
    at_s: Seconds


def pace_of(score: Score) -> tuple[TempoPoint, ...]:
    """The tempo map of a score, in beats of its first metre."""
    metre, seconds = score.metres[0].metre, score.tempo_map.seconds_at
    return tuple(
        TempoPoint(seconds(change.ticks), change.ticks / metre.beat_ticks, metre.bpm(change.us_per_quarter))
        for change in score.tempo_map.changes
    )


def bpm_at(score: Score, seconds: Seconds) -> Bpm:
    """The tempo of a score that is in force at a time."""
    tempo_map = score.tempo_map
    return score.metres[0].metre.bpm(tempo_map.us_per_quarter_at(tempo_map.ticks_at(seconds)))


def while_sounding(tempo: tuple[TempoPoint, ...], end_beats: float) -> tuple[TempoPoint, ...]:
    """The points before the last written note ends."""
    return tuple(point for point in tempo if point.onset_beats < end_beats) or tempo[:1]


def steepest_change(score: Score) -> At:
    """The steepest change of tempo over any minute of a score's notes; see `steepest_slope`."""
    end_ticks = max((note.end_ticks for part in score.parts for note in part.notes), default=0)
    end_beats = end_ticks / score.metres[0].metre.beat_ticks
    return steepest_slope(while_sounding(pace_of(score), end_beats), end_beats)


def steepest_slope(tempo: Sequence[TempoPoint], n_beats: float) -> At:
    """The steepest change of tempo over any minute, in beats a minute per minute; short pieces are taken whole."""
    ticks = list(every_beat(tempo, math.floor(n_beats)))
    best = At(0.0, 0.0)
    length = ticks[-1].at_s if ticks else 0.0
    span = min(_SLOPE_S, length)
    if span <= 0:
        return best
    later = 0
    for tick in ticks:
        while later < len(ticks) - 1 and ticks[later].at_s - tick.at_s < span - 1e-6:
            later += 1
        if ticks[later].at_s - tick.at_s < span - 1e-6:
            break
        slope = abs(ticks[later].value - tick.value) / (ticks[later].at_s - tick.at_s) * 60
        if slope > best.value + 1e-9:
            best = At(slope, tick.at_s)
    return best


def every_beat(tempo: Sequence[TempoPoint], last: int) -> Iterator[At]:
    """The tempo in force at every whole beat up to the last, and when that comes."""
    here = 0
    for beat in range(last + 1):
        while here + 1 < len(tempo) and tempo[here + 1].onset_beats <= beat + _SAME_BEATS:
            here += 1
        yield At(tempo[here].bpm, tempo[here].second_of(beat))


def at_beat(tempo: Sequence[TempoPoint], beats: float) -> TempoPoint:
    """The point whose tempo is in force at a moment in beats."""
    return tempo[max(bisect_right(tempo, beats + _SAME_BEATS, key=lambda point: point.onset_beats) - 1, 0)]


def second_of(tempo: Sequence[TempoPoint], beats: float) -> Seconds:
    """When a moment in beats comes."""
    return at_beat(tempo, beats).second_of(beats)
