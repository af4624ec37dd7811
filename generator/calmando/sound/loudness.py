"""How loud a sound is, after ITU-R BS.1770-4, EBU R 128, EBU Tech 3341 and 3342.

Measuring, deciding and applying are three things: `LoudnessMeter` measures, `decide_gain` decides, and
whoever mixes applies. Only numbers of 100 ms steps are kept, so that eight hours take a few megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from calmando.units import Decibels, Frames, Lufs


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a meter has read. Silence reads −inf LUFS and −inf dB.

    ``largest_step_lu`` is the largest difference between successive 3-second windows that do not overlap
    (one starting every 100 ms), ``largest_rise_lu`` the largest upward one; windows below −70 LUFS count as
    −70 LUFS only where ``include_silence`` was asked for.
    """

    integrated_lufs: Lufs
    range_lu: float
    max_momentary_lufs: Lufs
    max_short_term_lufs: Lufs
    largest_step_lu: float
    largest_rise_lu: float
    true_peak_db: Decibels
    sample_peak_db: Decibels
    n_frames: Frames


class LoudnessMeter:
    """Reads loudness and true peak from blocks of any size, in flat memory."""

    def __init__(self, sample_rate: int, *, measure_true_peak: bool = True) -> None:
        raise NotImplementedError

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next block, shape (n_frames, 2)."""
        raise NotImplementedError

    def result(self) -> Loudness:
        """Say what has been read so far."""
        raise NotImplementedError

    def short_term_lufs(self) -> NDArray[np.float64]:
        """Short-term loudness (3 s windows, one every 100 ms)."""
        raise NotImplementedError


class GainLimit(StrEnum):
    """What decided a gain."""

    TARGET = "target"
    CEILING = "ceiling"
    CAP = "cap"
    NEAR_SILENCE = "near silence"


@dataclass(frozen=True, slots=True)
class GainDecision:
    """One gain for the whole piece, a whole number of hundredths of a decibel."""

    gain_db: Decibels
    limit: GainLimit


def decide_gain(
    loudness_lufs: Lufs,
    target_lufs: Lufs,
    *,
    peak_db: Decibels | None = None,
    ceiling_db: Decibels = -3.0,
    cap_db: Decibels = 30.0,
) -> GainDecision:
    """Decide the one gain of a piece from its loudness (measured or predicted) before any gain.

    Never above ``cap_db``; never so that ``peak_db`` (true peak before gain, if known) would pass the ceiling;
    near-silence (below −60 LUFS) is never boosted.
    """
    raise NotImplementedError
