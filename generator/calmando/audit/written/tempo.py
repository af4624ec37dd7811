"""How fast the music goes, how its tempo changes, and how evenly it beats."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from calmando.audit.music import TempoPoint
from calmando.units import Bpm, Seconds

_DRIFT_BEATS = 16
_SLOPE_S: Seconds = 60.0
_NEAR_BEAT = 0.12
_FEWEST_BEATS = 8


@dataclass(frozen=True, slots=True)
class At:
    """A value and where in the piece it was found."""

    value: float
    at_s: Seconds


def slowest(tempo: Sequence[TempoPoint]) -> At:
    """The lowest tempo, in beats a minute."""
    point = min(tempo, key=lambda point: point.bpm)
    return At(point.bpm, point.onset_s)


def fastest(tempo: Sequence[TempoPoint]) -> At:
    """The highest tempo, in beats a minute."""
    point = max(tempo, key=lambda point: point.bpm)
    return At(point.bpm, point.onset_s)


def largest_drift(tempo: Sequence[TempoPoint], n_beats: float) -> At:
    """The largest change of tempo in percent a beat, averaged over any sixteen beats.

    ``|ln(T₁ / T₀)| / 16 · 100``, with T₀ and T₁ the tempi sixteen beats apart. A piece shorter than that is
    taken whole.
    """
    best = At(0.0, 0.0)
    last = max(math.floor(n_beats) - 1, 0)
    window = min(_DRIFT_BEATS, last)
    if window == 0:
        return best
    bpm = [_at_beat(tempo, beat).bpm for beat in range(last + 1)]
    for beat in range(last - window + 1):
        drift = abs(math.log(bpm[beat + window] / bpm[beat])) / window * 100
        if drift > best.value + 1e-9:
            best = At(drift, _seconds(tempo, beat))
    return best


def largest_step(tempo: Sequence[TempoPoint]) -> At:
    """The largest single change of tempo, in percent of the tempo before it."""
    steps = [At(abs(b.bpm / a.bpm - 1) * 100, b.onset_s) for a, b in pairwise(tempo)]
    return max(steps, key=lambda step: step.value, default=At(0.0, 0.0))


def steepest_slope(tempo: Sequence[TempoPoint], n_beats: float) -> At:
    """The steepest change of tempo over any minute, in beats a minute per minute; short pieces are taken whole."""
    ticks = [At(_at_beat(tempo, beat).bpm, _seconds(tempo, beat)) for beat in range(math.floor(n_beats) + 1)]
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


def beat_jitter(onset_beats: Sequence[float]) -> float | None:
    """How unevenly the beats fall: standard deviation of the beats' lengths in percent of a beat.

    The onset nearest each beat (within 12 % of one) stands for it; neighbours some beats apart give one length
    divided by that many beats. None with fewer than eight such lengths.
    """
    nearest: dict[int, float] = {}
    for onset in onset_beats:
        beat = round(onset)
        if abs(onset - beat) <= _NEAR_BEAT and (
            beat not in nearest or abs(onset - beat) < abs(nearest[beat] - beat)
        ):
            nearest[beat] = onset
    beats = sorted(nearest)
    lengths = [(nearest[b] - nearest[a]) / (b - a) for a, b in pairwise(beats)]
    if len(lengths) < _FEWEST_BEATS:
        return None
    mean = math.fsum(lengths) / len(lengths)
    variance = math.fsum((length - mean) ** 2 for length in lengths) / len(lengths)
    return math.sqrt(variance) / mean * 100


def closing_slowdown(tempo: Sequence[TempoPoint], n_beats: float) -> float:
    """How much slower the last beat is than the one sixteen beats before, in percent; 0 where it is not."""
    before, last = _at_beat(tempo, max(n_beats - _DRIFT_BEATS, 0.0)), _at_beat(tempo, n_beats)
    return max((1 - last.bpm / before.bpm) * 100, 0.0)


def tempo_curve(tempo: Sequence[TempoPoint], end_s: Seconds) -> tuple[tuple[Seconds, Bpm], ...]:
    """The tempo as corners of stairs, ``(seconds, beats a minute)``, up to the end."""
    corners: list[tuple[Seconds, Bpm]] = []
    for index, point in enumerate(tempo):
        if point.onset_s > end_s:
            break
        if index:
            corners.append((point.onset_s, tempo[index - 1].bpm))
        corners.append((point.onset_s, point.bpm))
    if corners:
        corners.append((end_s, corners[-1][1]))
    return tuple(corners)


def _at_beat(tempo: Sequence[TempoPoint], beats: float) -> TempoPoint:
    return tempo[max(bisect_right(tempo, beats + 1e-6, key=lambda point: point.onset_beats) - 1, 0)]


def _seconds(tempo: Sequence[TempoPoint], beats: float) -> Seconds:
    point = _at_beat(tempo, beats)
    return point.onset_s + (beats - point.onset_beats) * 60 / point.bpm
