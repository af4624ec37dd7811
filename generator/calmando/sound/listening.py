"""What a few moments of the mix tell of its prediction.

A prediction sums energies. Notes that sound together on one key, or an octave apart, strengthen or weaken each other
instead, and in predictable music they do so alike each time: some moments stand for the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from calmando.sound.convolution import REGION_FRAMES
from calmando.sound.k_weighting import KWeightedEnergy
from calmando.sound.predict import Floats, Steps
from calmando.sound.synth import Stereo

MOST_MOMENTS = 16
"""So many regions are listened to at most, and never more than every second one."""
_FEWEST_MOMENTS = 4
_CERTAIN = 0.02
"""Enough has been heard where the mean of the shares is as certain as this (0.1 dB)."""
_LARGEST_SHARE = 2.0
"""Two equal notes in phase have twice the energy of their sum; no more is believed of a prediction's error."""


def heard_share(
    mixed: Callable[[int], Stereo],
    predicted: Callable[[], Floats],
    steps: Steps,
    sample_rate: int,
    n_threads: int,
) -> float:
    """K-weighted energy as heard ÷ as predicted; the same however many threads listen.

    Parameters
    ----------
    mixed
        Mixes a region, shape (2, REGION_FRAMES), in any thread.
    predicted
        Tells the energy of every step of the piece, in any thread; not asked before something has been mixed.
    """

    def listen(region: int) -> tuple[float, float]:
        first_step = -(-region * REGION_FRAMES // steps.frames)
        frames = mixed(region)[:, first_step * steps.frames - region * REGION_FRAMES :]
        # In the first step the weighting settles.
        energies = KWeightedEnergy(sample_rate, steps.frames).of_steps(frames.T)[1:]
        return float(energies.sum()), float(predicted()[first_step + 1 :][: len(energies)].sum())

    heard: list[float] = []
    expected: list[float] = []
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="calmando-moment")
    try:
        for one, other in pool.map(listen, _spread(steps.n * steps.frames // REGION_FRAMES)):
            heard.append(one)
            expected.append(other)
            if len(heard) >= _FEWEST_MOMENTS and _uncertainty(heard, expected) < _CERTAIN:
                break
    finally:
        pool.shutdown(cancel_futures=True)
    if not (math.fsum(heard) > 0.0 and math.fsum(expected) > 0.0):
        return 1.0
    return min(max(math.fsum(heard) / math.fsum(expected), 1.0 / _LARGEST_SHARE), _LARGEST_SHARE)


def _spread(n_regions: int) -> list[int]:
    """Some regions, the first few of them already spread over the piece: by the golden ratio, each once."""
    places = (int((0.5 + number * _GOLDEN) % 1.0 * n_regions) for number in range(n_regions))
    return list(dict.fromkeys(places))[: min(MOST_MOMENTS, n_regions // 2)]


def _uncertainty(heard: list[float], expected: list[float]) -> float:
    """Standard error of the ratio of two sums (Cochran, Sampling Techniques, 1977, section 6.4)."""
    total, n = math.fsum(expected), len(heard)
    if total <= 0.0:
        return math.inf
    ratio = math.fsum(heard) / total
    squares = math.fsum((one - ratio * other) ** 2 for one, other in zip(heard, expected, strict=True))
    return math.sqrt(n / (n - 1) * squares) / total


_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
