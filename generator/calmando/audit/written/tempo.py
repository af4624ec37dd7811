"""How fast the music goes, how its tempo changes, and how evenly it beats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from calmando.score.pace import At, TempoPoint, at_beat, every_beat
from calmando.units import Bpm, Seconds

_DRIFT_BEATS = 16
_NEAR_BEAT = 0.12
_FEWEST_BEATS = 8


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
    beats = list(every_beat(tempo, last))
    for earlier, later in zip(beats, beats[window:], strict=False):
        drift = abs(math.log(later.value / earlier.value)) / window * 100
        if drift > best.value + 1e-9:
            best = At(drift, earlier.at_s)
    return best


def largest_step(tempo: Sequence[TempoPoint]) -> At:
    """The largest single change of tempo, in percent of the tempo before it."""
    steps = [At(abs(b.bpm / a.bpm - 1) * 100, b.onset_s) for a, b in pairwise(tempo)]
    return max(steps, key=lambda step: step.value, default=At(0.0, 0.0))


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
    before, last = at_beat(tempo, max(n_beats - _DRIFT_BEATS, 0.0)), at_beat(tempo, n_beats)
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
