"""How a sound ends: how long it goes down, and how loud it still is in its last second."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.audit.heard.envelope import level_tenths
from calmando.units import Decibels, Seconds

SHORTEST_S: Seconds = 10.0
"""Shorter sounds have no usual level to go down from."""
_STEP_S: Seconds = 0.1
_WINDOW = 30
"""Three seconds, in steps."""
_USUAL_STEPS = 3000
"""The last five minutes say what is usual."""
_GATE_SHARE = 0.01
_START_SHARE = 10 ** (-3 / 10)
_GONE_SHARE = 10 ** (-30 / 10)
_LAST_STEPS = 10
_FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a sound.

    Attributes
    ----------
    fade_s
        How long it takes from 3 dB to 30 dB under the usual level, in seconds.
    last_second_under_db
        How far the last second before that (or before the sound is cut off) lies under the usual level; 0 where it does not.
    starts_s, gone_s
        When it goes below the usual level for good, and when it has gone.
    """

    fade_s: Seconds
    last_second_under_db: Decibels
    starts_s: Seconds
    gone_s: Seconds


def ending_of(mean_squares: NDArray[np.float32], hop_s: Seconds) -> Ending | None:
    """How a sound ends; None where it is silent or too short to say.

    The usual level is the middle of the three-second windows of the last five minutes which sound (within 20 dB of
    their mean). The fade begins with the last such window that reaches 3 dB under it, and is over where every tenth of a
    second lies 30 dB under it: so a raised-cosine fade counts half of its length, one that is even in decibels down to
    −60 dB as well, a cut nothing.
    """
    steps = level_tenths(mean_squares, hop_s)
    if len(steps) * _STEP_S < SHORTEST_S or not steps.any():
        return None
    windows = _centred_means(steps)
    usual = _usual(windows)
    gone = int(np.flatnonzero(steps > usual * _GONE_SHARE)[-1]) + 1
    loud = np.flatnonzero(windows >= usual * _START_SHARE)
    start = min(int(loud[-1]) if len(loud) else 0, gone)
    last = float(steps[max(gone - _LAST_STEPS, 0) : gone].mean())
    return Ending(
        fade_s=(gone - start) * _STEP_S,
        last_second_under_db=max(-10 * math.log10(max(last / usual, _FLOOR)), 0.0),
        starts_s=start * _STEP_S,
        gone_s=gone * _STEP_S,
    )


def _centred_means(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the three seconds around every step; beyond both ends there is silence."""
    half = _WINDOW // 2
    sums = np.concatenate([[0.0], np.cumsum(np.pad(steps, half))])
    means = (sums[_WINDOW:] - sums[:-_WINDOW])[: len(steps)] / _WINDOW
    return np.asarray(np.maximum(means, 0.0))


def _usual(windows: NDArray[np.float64]) -> float:
    """The middle of the last five minutes' windows that sound."""
    sounding = np.flatnonzero(windows > windows.max() * 1e-6)
    last = windows[max(int(sounding[-1]) - _USUAL_STEPS, 0) : int(sounding[-1]) + 1]
    gated = last[last > last.mean() * _GATE_SHARE]
    return float(np.median(gated))
