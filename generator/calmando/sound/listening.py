"""What a few moments of the mix tell of its prediction: how loud the whole is, and where its highest peak may be.

A prediction sums energies. Notes that sound together on one key, or an octave apart, strengthen or weaken each other
instead, and in predictable music they do so alike each time: some moments stand for the whole. As far as the waveform
rises above the energy in some, so far at most, nearly, it does in the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from calmando.sound.bank.predict import Floats, Steps
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.loudness.k_weighting import KWeightedEnergy
from calmando.sound.mixing.convolution import REGION_FRAMES
from calmando.units import Decibels, Lufs

MOST_MOMENTS = 16
"""So many regions are listened to at most, and never more than every second one; as many again for the highest peak."""
_FEWEST_MOMENTS = 4
_CERTAIN = 0.02
"""Enough has been heard where the mean of the shares is as certain as this (0.1 dB)."""
_LARGEST_SHARE = 2.0
"""Two equal notes in phase have twice the energy of their sum; no more is believed of a prediction's error."""
_NEAR_DB: Decibels = 1.0
"""A peak that is expected so far under a height may come up to it."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of a piece before it is mixed, at a gain of 0 dB and faded.

    Attributes
    ----------
    loudness_lufs
        Its integrated loudness.
    highest_peak
        Tells its highest true peak (dB), as far as it may come near a height (dB): only then it is looked for. −inf
        where it cannot be foreseen.
    """

    loudness_lufs: Lufs
    highest_peak: Callable[[Decibels], Decibels]


@dataclass(frozen=True, slots=True)
class Moment:
    """A region that was listened to.

    Attributes
    ----------
    heard, expected
        Its K-weighted energy, as it is and as it was predicted.
    peak
        Its true peak, faded.
    """

    region: int
    heard: float
    expected: float
    peak: float


def heard_moments(
    listened: Callable[[int], tuple[Stereo, float]],
    predicted: Callable[[], Floats],
    steps: Steps,
    sample_rate: int,
    n_threads: int,
) -> list[Moment]:
    """Listen to so many moments that their share of the prediction is certain; the same however many threads listen.

    Parameters
    ----------
    listened
        Mixes a region, shape (2, REGION_FRAMES), and tells its true peak, in any thread.
    predicted
        Tells the energy of every step of the piece, in any thread; not asked before something has been mixed.
    """

    def listen(region: int) -> Moment:
        first_step = _first_step(region, steps)
        whole, peak = listened(region)
        frames = whole[:, first_step * steps.frames - region * REGION_FRAMES :]
        # In the first step the weighting settles.
        energies = KWeightedEnergy(sample_rate, steps.frames).of_steps(frames.T)[1:]
        expected = predicted()[first_step + 1 :][: len(energies)]
        return Moment(region, float(energies.sum()), float(expected.sum()), peak)

    moments: list[Moment] = []
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="calmando-moment")
    try:
        for moment in pool.map(listen, _spread(steps.n * steps.frames // REGION_FRAMES)):
            moments.append(moment)
            if len(moments) >= _FEWEST_MOMENTS and _uncertainty(moments) < _CERTAIN:
                break
    finally:
        pool.shutdown(cancel_futures=True)
    return moments


def heard_share(moments: Sequence[Moment]) -> float:
    """K-weighted energy as heard ÷ as predicted."""
    heard, expected = _sums(moments)
    if not (heard > 0.0 and expected > 0.0):
        return 1.0
    return min(max(heard / expected, 1.0 / _LARGEST_SHARE), _LARGEST_SHARE)


def likely_highest(moments: Sequence[Moment], power: Floats, steps: Steps, near_db: Decibels) -> list[int]:
    """The regions whose peaks may come near a height, other than those listened to; the likeliest first.

    Parameters
    ----------
    power
        The predicted mean square of every step, faded.
    """
    n_regions = -(-steps.n * steps.frames // REGION_FRAMES)
    firsts = (_first_step(region, steps) for region in range(n_regions))
    loudest = np.maximum.reduceat(power, [first for first in firsts if first < steps.n])
    known = [moment.region for moment in moments]
    # None is thought to rise further above its loudest step than the moment that does so most.
    peaks = np.array([moment.peak for moment in moments])
    rise = np.divide(peaks**2, loudest[known], out=np.zeros(len(known)), where=loudest[known] > 0.0)
    expected = loudest * rise.max(initial=0.0)
    ranked = np.argsort(-expected, kind="stable")[:MOST_MOMENTS].tolist()
    least = 10 ** ((near_db - _NEAR_DB) / 10)
    return [region for region in ranked if expected[region] > least and region not in known]


def _first_step(region: int, steps: Steps) -> int:
    """The first step that begins in a region."""
    return -(-region * REGION_FRAMES // steps.frames)


def _spread(n_regions: int) -> list[int]:
    """Some regions, the first few of them already spread over the piece: by the golden ratio, each once."""
    places = (int((0.5 + number * _GOLDEN) % 1.0 * n_regions) for number in range(n_regions))
    return list(dict.fromkeys(places))[: min(MOST_MOMENTS, n_regions // 2)]


def _uncertainty(moments: Sequence[Moment]) -> float:
    """Standard error of the ratio of two sums (Cochran, Sampling Techniques, 1977, section 6.4)."""
    (heard, expected), n = _sums(moments), len(moments)
    if expected <= 0.0:
        return math.inf
    ratio = heard / expected
    squares = math.fsum((moment.heard - ratio * moment.expected) ** 2 for moment in moments)
    return math.sqrt(n / (n - 1) * squares) / expected


def _sums(moments: Sequence[Moment]) -> tuple[float, float]:
    """All that was heard and all that was expected."""
    return math.fsum(moment.heard for moment in moments), math.fsum(moment.expected for moment in moments)


_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
