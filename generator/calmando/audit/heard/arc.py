"""The arc of loudness: steps between neighbouring windows, and how steeply it swells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.units import Lufs, Seconds

HOP_S: Seconds = 0.1
_WINDOW_HOPS = 30
_SWELL_HOPS = 100
_SWELL_EVERY = 5
_SILENCE_LUFS: Lufs = -120.0
USUAL_FADE_IN_S: Seconds = 3.0
_BELOW_INTEGRATED_LU = 15.0


@dataclass(frozen=True, slots=True)
class LoudnessMove:
    """A move of loudness: in LU, or LU a second; and when."""

    value: float
    at_s: Seconds


def largest_step(
    short_term: NDArray[np.float64], integrated: Lufs, *, fade_in_s: Seconds = USUAL_FADE_IN_S
) -> LoudnessMove:
    """The largest difference between successive three-second windows that both sound, in LU.

    Sounding: not more than 15 LU under the integrated loudness. The way up out of silence at the beginning
    (``fade_in_s``) and the way down into the closing silence are no steps: they are fades.
    """
    safe = _finite(short_term)
    before, after = safe[:-_WINDOW_HOPS], safe[_WINDOW_HOPS:]
    floor = integrated - _BELOW_INTEGRATED_LU
    hops = np.arange(len(before))
    valid = (before > floor) & (after > floor) & (hops >= fade_in_s / HOP_S)
    valid &= hops + 2 * _WINDOW_HOPS < _closing_from(safe, integrated)
    if not valid.any():
        return LoudnessMove(0.0, 0.0)
    steps = np.where(valid, np.abs(after - before), 0.0)
    at = int(np.argmax(steps))
    return LoudnessMove(float(steps[at]), (at + _WINDOW_HOPS) * HOP_S)


def steepest_swell(
    short_term: NDArray[np.float64], integrated: Lufs, *, fade_in_s: Seconds = USUAL_FADE_IN_S
) -> LoudnessMove:
    """The steepest rise of loudness over ten seconds, in LU a second (slope of the regression line).

    All of the ten seconds must sound (not more than 15 LU under the integrated loudness); the fade-in is left
    out.
    """
    safe = _finite(short_term)[round(fade_in_s / HOP_S) :]
    if len(safe) < _SWELL_HOPS:
        return LoudnessMove(0.0, 0.0)
    windows = np.lib.stride_tricks.sliding_window_view(safe, _SWELL_HOPS)[::_SWELL_EVERY]
    times = (np.arange(_SWELL_HOPS) - (_SWELL_HOPS - 1) / 2) * HOP_S
    slopes = windows @ times / float(times @ times)
    slopes = np.where(windows.min(axis=1) > integrated - _BELOW_INTEGRATED_LU, slopes, 0.0)
    at = int(np.argmax(slopes))
    return LoudnessMove(max(float(slopes[at]), 0.0), at * _SWELL_EVERY * HOP_S + fade_in_s)


def _finite(short_term: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(short_term, _SILENCE_LUFS)


def _closing_from(short_term: NDArray[np.float64], integrated: Lufs) -> int:
    """The hop from which on the loudness only goes down, into the end."""
    if not len(short_term):
        return 0
    highest_later = np.maximum.accumulate(short_term[::-1])[::-1]
    low = np.flatnonzero(highest_later < integrated - 3.0)
    return int(low[0]) if len(low) else len(short_term)
