"""The K-weighting of ITU-R BS.1770-4: how a head and ears change the energy of a sound, for any sample rate.

The standard gives its two filters as coefficients at 48 kHz. They are the bilinear transforms of a high
shelf and of a high-pass, whose analogue parameters were found by De Man, "Evaluation of implementations of
the EBU R128 loudness measurement", AES 145 (2018); with these they hold at every rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import signal

_SHELF_HZ = 1681.974450955533
_SHELF_DB = 3.999843853973347
_SHELF_Q = 0.7071752369554196
_SHELF_EXPONENT = 0.4996667741545416

_PASS_HZ = 38.13547087602444
_PASS_Q = 0.5003270373238773


def k_weighting_sections(sample_rate: int) -> NDArray[np.float64]:
    """Return the two second-order sections, shape (2, 6): shelf (BS.1770 table 1) and high-pass (table 2)."""
    return np.array([_shelf(sample_rate), _high_pass(sample_rate)])


class KWeighting:
    """Weights a stereo sound block by block."""

    def __init__(self, sample_rate: int) -> None:
        # Left and right are filtered as one complex signal: the filters are real, so that they stay apart.
        # Single precision errs by −80 dB, a thousandth of a loudness unit.
        self._sections = k_weighting_sections(sample_rate).astype(np.float32)
        self._state = np.zeros((2, 2), np.complex64)

    def weighted(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weight the next block, shape (n_frames, 2), contiguous; of the same shape."""
        both = block.view(np.complex64)[:, 0]
        weighted, self._state = signal.sosfilt(self._sections, both, zi=self._state)
        apart: NDArray[np.float32] = weighted.view(np.float32).reshape(-1, 2)
        return apart


def _shelf(sample_rate: int) -> list[float]:
    k = math.tan(math.pi * _SHELF_HZ / sample_rate)
    high = 10.0 ** (_SHELF_DB / 20.0)
    band = high**_SHELF_EXPONENT
    scale = 1.0 + k / _SHELF_Q + k * k
    return [
        (high + band * k / _SHELF_Q + k * k) / scale,
        2.0 * (k * k - high) / scale,
        (high - band * k / _SHELF_Q + k * k) / scale,
        1.0,
        2.0 * (k * k - 1.0) / scale,
        (1.0 - k / _SHELF_Q + k * k) / scale,
    ]


def _high_pass(sample_rate: int) -> list[float]:
    k = math.tan(math.pi * _PASS_HZ / sample_rate)
    scale = 1.0 + k / _PASS_Q + k * k
    return [1.0, -2.0, 1.0, 1.0, 2.0 * (k * k - 1.0) / scale, (1.0 - k / _PASS_Q + k * k) / scale]
