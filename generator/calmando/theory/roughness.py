"""The roughness of a chord after Hutchinson and Knopoff: how much its tones beat against each other.

Every tone is taken as eleven harmonics, the *n*-th with amplitude 1/*n*. Partials closer than 1.2 critical
bandwidths beat; the roughest distance is a quarter of one. The sum over all pairs of partials is divided by
their energy, so that only register and intervals count, not the number of tones or their loudness. Because
the sum runs over pairs, the roughness of a chord is put together from that of its tones and of its intervals,
which are kept: the second look at a chord costs a few additions.

References
----------
W. Hutchinson and L. Knopoff, "The acoustic component of Western consonance", Interface 7 (1978), 1–29, with
the constants of P. Harrison and M. Pearce, "Simultaneous consonance in music perception and composition",
Psychological Review 127(2) (2020), 216–244.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations

from calmando.theory.pitch import key_hz
from calmando.units import Hertz, MidiPitch

CALM_CHORD_LIMIT = 0.30
"""No chord of calm music is rougher (a design bound)."""
CALM_MEAN_LIMIT = 0.20
"""The mean over time of calm music stays below this (a design bound)."""

_HARMONICS = tuple(range(1, 12))
_ENERGY = math.fsum(1 / n**2 for n in _HARMONICS)
_ROUGHEST = 0.25
_NO_MORE_BEATS = 1.2


def roughness(pitches: Iterable[MidiPitch]) -> float:
    """The roughness of tones that sound together.

    Parameters
    ----------
    pitches
        MIDI pitches, 0–127, in any order; a pitch given twice counts once.

    Returns
    -------
    float
        0 (nothing beats) upwards; a major triad on middle C is .120, a semitone .484, no tones 0.

    Examples
    --------
    >>> round(roughness((60, 64, 67)), 4), round(roughness((60, 63, 67)), 4)
    (0.1202, 0.1301)
    >>> roughness((60, 61)) > roughness((60, 62)) > roughness((60, 67))
    True
    """
    return _of_tones(frozenset(pitches))


@lru_cache(maxsize=4096)
def _of_tones(pitches: frozenset[MidiPitch]) -> float:
    if not pitches:
        return 0.0
    tones = sorted(pitches)
    beating = [_within(pitch) for pitch in tones]
    beating += [_between(low, high) for low, high in combinations(tones, 2)]
    return math.fsum(beating) / (len(tones) * _ENERGY)


def critical_bandwidth(mean_frequency: Hertz) -> Hertz:
    """The critical bandwidth about a frequency, as Hutchinson and Knopoff take it: 1.72 f^0.65 Hz."""
    return 1.72 * math.pow(mean_frequency, 0.65)


@lru_cache(maxsize=128)
def _within(pitch: MidiPitch) -> float:
    """How much the harmonics of one tone beat among themselves (low tones growl)."""
    f = key_hz(pitch)
    return math.fsum(_beating(m * f, n * f) / (m * n) for m, n in combinations(_HARMONICS, 2))


@lru_cache(maxsize=128 * 127 // 2)
def _between(low: MidiPitch, high: MidiPitch) -> float:
    """How much the harmonics of one tone beat with those of another."""
    f, g = key_hz(low), key_hz(high)
    reach = _reach(f)
    return math.fsum(
        _beating(m * f, n * g) / (m * n)
        for m in _HARMONICS
        for n in _HARMONICS[int(m * f / (reach * g)) : int(reach * m * f / g)]
    )


def _reach(lowest: Hertz) -> float:
    """The ratio of two frequencies beyond which they do not beat, the lower of them being no lower than ``lowest``."""
    distance = _NO_MORE_BEATS * critical_bandwidth(lowest) / lowest
    return (2 + distance) / (2 - distance)


def _beating(f: Hertz, g: Hertz) -> float:
    """The factor *g* of the formula: 0 for a unison, 1 a quarter of a bandwidth apart, 0 beyond 1.2."""
    distance = abs(f - g) / critical_bandwidth((f + g) / 2)
    if distance > _NO_MORE_BEATS:
        return 0.0
    relative = distance / _ROUGHEST
    return (relative * math.exp(1 - relative)) ** 2
