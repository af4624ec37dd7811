"""Loudness from mean squares, and which windows count: ITU-R BS.1770-4, equations 4 to 7."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from calmando.units import Lufs

Series = NDArray[np.float64]

_ABSOLUTE_GATE_LUFS: Lufs = -70.0
_RELATIVE_GATE_LU = -10.0


def loudness_of(mean_squares: Series) -> Series:
    """Equation 4: the loudness of mean squares that are summed over channels of weight 1, in LUFS; silence is −inf."""
    with np.errstate(divide="ignore"):
        levels: Series = -0.691 + 10.0 * np.log10(mean_squares)
    return levels


def gated(levels: Series, relative_gate_lu: float) -> Series:
    """The windows that count: above −70 LUFS, and above the mean of those by so much (equation 6)."""
    above = levels[levels > _ABSOLUTE_GATE_LUFS]
    return above[above > _mean_loudness(above) + relative_gate_lu]


def integrated(blocks: Series) -> Lufs:
    """Equation 7: the integrated loudness of overlapping blocks of 400 ms; −inf where none is heard."""
    return _mean_loudness(gated(blocks, _RELATIVE_GATE_LU))


def _mean_loudness(levels: Series) -> Lufs:
    """The loudness of the mean energy of several windows (equation 5)."""
    if not len(levels):
        return -math.inf
    return float(10.0 * np.log10(np.mean(10.0 ** (levels / 10.0))))
