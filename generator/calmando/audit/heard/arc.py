"""The arc of loudness: steps between neighbouring windows, and how steeply it swells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.units import Lufs, Seconds

HOP_S: Seconds = 0.1
_WINDOW_HOPS = 30
_SWELL_HOPS = 100
_BELOW_INTEGRATED_LU = 15.0


@dataclass(frozen=True, slots=True)
class LoudnessMove:
    """A move of loudness: in LU, or LU a second; and when."""

    value: float
    at_s: Seconds


def largest_step(short_term: NDArray[np.float64], integrated: Lufs) -> LoudnessMove:
    """The largest difference between successive three-second windows that both sound, in LU.

    Sounding: not more than 15 LU under the integrated loudness. The way down into the closing silence is no step:
    it is the fade.
    """
    before, after = short_term[:-_WINDOW_HOPS], short_term[_WINDOW_HOPS:]
    floor = integrated - _BELOW_INTEGRATED_LU
    closing = _closing_from(short_term, integrated)
    valid = (before > floor) & (after > floor) & (np.arange(len(before)) + _WINDOW_HOPS < closing)
    if not valid.any():
        return LoudnessMove(0.0, 0.0)
    steps = np.where(valid, np.abs(after - before, where=valid, out=np.zeros(len(before))), 0.0)
    at = int(np.argmax(steps))
    return LoudnessMove(float(steps[at]), (at + _WINDOW_HOPS) * HOP_S)


def steepest_swell(short_term: NDArray[np.float64], integrated: Lufs) -> LoudnessMove:
    """The steepest rise of loudness over ten seconds, in LU a second (slope of the regression line).

    All of the ten seconds must sound (not more than 15 LU under the integrated loudness); the beginning of the
    piece, where sound comes out of silence, is left out.
    """
    if len(short_term) < _SWELL_HOPS:
        return LoudnessMove(0.0, 0.0)
    floor = integrated - _BELOW_INTEGRATED_LU
    windows = np.lib.stride_tricks.sliding_window_view(np.maximum(short_term, -120.0), _SWELL_HOPS)[::5]
    times = (np.arange(_SWELL_HOPS) - (_SWELL_HOPS - 1) / 2) * HOP_S
    slopes = windows @ times / float(times @ times)
    slopes = np.where(windows.min(axis=1) > floor, slopes, 0.0)
    at = int(np.argmax(slopes))
    return LoudnessMove(max(float(slopes[at]), 0.0), at * 5 * HOP_S)


def _closing_from(short_term: NDArray[np.float64], integrated: Lufs) -> int:
    """The hop from which on the loudness only goes down, into the end."""
    if not len(short_term):
        return 0
    safe = np.where(np.isfinite(short_term), short_term, -120.0)
    highest_later = np.maximum.accumulate(safe[::-1])[::-1]
    low = np.flatnonzero(highest_later < integrated - 3.0)
    return int(low[0]) if len(low) else len(short_term)
