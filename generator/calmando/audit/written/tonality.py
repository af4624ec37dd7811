"""How clearly a key is felt: by the profile of Krumhansl and Kessler, or by the weight of tonic and fifth.

References
----------
C. Krumhansl and E. Kessler, "Tracing the dynamic changes in perceived tonal organization in a spatial
representation of musical keys", Psychological Review 89 (1982), 334–368: the probe-tone ratings below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calmando.audit.music import MusicPart
from calmando.units import PitchClass

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_WINDOW_BARS = 8
_DIATONIC = (0, 2, 4, 5, 7, 9, 11)


@dataclass(frozen=True, slots=True)
class KeyFelt:
    """The best-fitting key: its tonic, whether it is minor, and how well it fits (correlation, −1 to 1)."""

    tonic: PitchClass
    minor: bool
    clarity: float


def pitch_class_weights(
    parts: Sequence[MusicPart], onset_beats: float = -math.inf, end_beats: float = math.inf
) -> tuple[float, ...]:
    """For each pitch class how many beats it sounds within a stretch."""
    weights = [0.0] * 12
    for part in parts:
        for note in part.notes:
            overlap = min(note.end_beats, end_beats) - max(note.onset_beats, onset_beats)
            if overlap > 0:
                weights[note.pitch % 12] += overlap
    return tuple(weights)


def key_felt(weights: Sequence[float]) -> KeyFelt | None:
    """The key whose profile correlates best with the weights of the twelve pitch classes; None for silence."""
    if max(weights) <= 0 or len(set(weights)) == 1:
        return None
    candidates = (
        KeyFelt(tonic, minor, _correlation([*weights[tonic:], *weights[:tonic]], profile))
        for tonic in range(12)
        for minor, profile in ((False, _MAJOR), (True, _MINOR))
    )
    return max(candidates, key=lambda key: key.clarity)


def tonic_fifth_share(weights: Sequence[float], tonic: PitchClass) -> float | None:
    """Share of the sounding time that falls on the tonic and its fifth, in percent."""
    total = math.fsum(weights)
    return 100 * (weights[tonic] + weights[(tonic + 7) % 12]) / total if total > 0 else None


def scale_share(weights: Sequence[float]) -> float | None:
    """Share of the sounding time that keeps to one seven-note scale (any mode of major), in percent."""
    total = math.fsum(weights)
    if total <= 0:
        return None
    inside = (math.fsum(weights[(tonic + step) % 12] for step in _DIATONIC) for tonic in range(12))
    return 100 * max(inside) / total


def windows(
    parts: Sequence[MusicPart], beats_per_bar: int, end_beats: float
) -> tuple[tuple[float, ...], ...]:
    """The weights of the pitch classes in successive windows of eight bars; silent windows are left out.

    A last window of less than half that length is left out too, unless it is the only one.
    """
    width = _WINDOW_BARS * beats_per_bar
    n_windows = max(math.floor(end_beats / width + 0.5), 1)
    binned = [[0.0] * 12 for _ in range(n_windows)]
    for part in parts:
        for note in part.notes:
            first = max(int(note.onset_beats // width), 0)
            for index in range(first, min(int(note.end_beats // width) + 1, n_windows)):
                overlap = min(note.end_beats, (index + 1) * width) - max(note.onset_beats, index * width)
                binned[index][note.pitch % 12] += max(overlap, 0.0)
    return tuple(tuple(weights) for weights in binned if max(weights) > 0)


def _correlation(a: Sequence[float], b: Sequence[float]) -> float:
    mean_a, mean_b = math.fsum(a) / len(a), math.fsum(b) / len(b)
    covariance = math.fsum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    spread = math.fsum((x - mean_a) ** 2 for x in a) * math.fsum((y - mean_b) ** 2 for y in b)
    return covariance / math.sqrt(spread) if spread > 0 else 0.0
