"""The arc of loudness: steps between neighbouring windows, how steeply it swells, and what stands out of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from calmando.units import Lufs, Seconds

HOP_S: Seconds = 0.1
_WINDOW_HOPS = 30
_SWELL_HOPS = 120
_PAUSE_S: Seconds = 0.4
_PAUSE_SHARE = 0.01
_SILENT_MEAN_SQUARE = 1e-6
_SILENCE_LUFS: Lufs = -120.0
USUAL_FADE_IN_S: Seconds = 3.0
_BELOW_INTEGRATED_LU = 15.0
_SOUNDS_ABOVE_LU = -20.0
_USUAL_TOP_PERCENT = 95.0


@dataclass(frozen=True, slots=True)
class LoudnessMove:
    """A move of loudness: in LU, or LU a second; and when."""

    value: float
    at_s: Seconds


def largest_step(
    short_term: NDArray[np.float64],
    integrated: Lufs,
    sounding: NDArray[np.bool_],
    *,
    fade_in_s: Seconds = USUAL_FADE_IN_S,
) -> LoudnessMove:
    """The largest difference between successive three-second windows that both sound, in LU.

    Sounding: without a pause (see `windows_that_sound`), and not more than 15 LU under the integrated loudness. The way up out of silence at the beginning
    (``fade_in_s``) and the way down into the closing silence are no steps: they are fades.
    """
    safe = _finite(short_term)
    before, after = safe[:-_WINDOW_HOPS], safe[_WINDOW_HOPS:]
    floor = integrated - _BELOW_INTEGRATED_LU
    hops = np.arange(len(before))
    valid = (
        (before > floor)
        & (after > floor)
        & sounding[: len(before)]
        & sounding[_WINDOW_HOPS : _WINDOW_HOPS + len(before)]
    )
    valid &= hops >= fade_in_s / HOP_S
    valid &= hops + 2 * _WINDOW_HOPS < _closing_from(safe, integrated)
    if not valid.any():
        return LoudnessMove(0.0, 0.0)
    steps = np.where(valid, np.abs(after - before), 0.0)
    at = int(np.argmax(steps))
    return LoudnessMove(float(steps[at]), (at + _WINDOW_HOPS) * HOP_S)


def steepest_swell(
    short_term: NDArray[np.float64],
    integrated: Lufs,
    sounding: NDArray[np.bool_],
    *,
    fade_in_s: Seconds = USUAL_FADE_IN_S,
) -> LoudnessMove:
    """The steepest swell over twelve seconds, in LU a second: what each of their thirds rises by at least.

    A step, such as the entry of a part, rises in one or two thirds and is no swell. All of the twelve seconds must
    sound, as above; the fade-in is left out.
    """
    safe = _finite(short_term)
    n = len(safe) - _SWELL_HOPS
    if n <= 0:
        return LoudnessMove(0.0, 0.0)
    third = _SWELL_HOPS // 3
    edges = [safe[k * third : k * third + n] for k in range(4)]
    slopes = np.min([b - a for a, b in pairwise(edges)], axis=0) / (third * HOP_S)
    valid = np.min(edges, axis=0) > integrated - _BELOW_INTEGRATED_LU
    counts = np.concatenate([[0], np.cumsum(~sounding)])
    valid &= counts[_SWELL_HOPS : _SWELL_HOPS + n] == counts[:n]
    valid &= np.arange(n) >= fade_in_s / HOP_S
    slopes = np.where(valid, slopes, 0.0)
    at = int(np.argmax(slopes))
    return LoudnessMove(max(float(slopes[at]), 0.0), at * HOP_S)


def loudest_moment(momentary: NDArray[np.float64], integrated: Lufs) -> LoudnessMove:
    """How far the loudest 400 ms (momentary loudness, EBU Tech 3341) stand above the piece's own loud level, in LU.

    That level is the 95th percentile of what sounds, the upper end of the loudness range, gated as there 20 LU under the
    integrated loudness (EBU Tech 3342).
    """
    sounds = momentary[momentary > integrated + _SOUNDS_ABOVE_LU]
    if not len(sounds):
        return LoudnessMove(0.0, 0.0)
    at = int(np.argmax(momentary))
    return LoudnessMove(float(momentary[at] - np.percentile(sounds, _USUAL_TOP_PERCENT)), at * HOP_S)


def windows_that_sound(
    mean_squares: NDArray[np.float32], envelope_hop_s: Seconds, n_windows: int
) -> NDArray[np.bool_]:
    """Which three-second windows (one every 100 ms) sound without a pause.

    A pause is four tenths of a second more than 20 dB under the piece's own level, or below −60 dB.
    """
    own = float(mean_squares.mean()) if len(mean_squares) else 0.0
    quiet = mean_squares < max(own * _PAUSE_SHARE, _SILENT_MEAN_SQUARE)
    run = round(_PAUSE_S / envelope_hop_s)
    counts = np.concatenate([[0], np.cumsum(quiet)])
    pauses = np.flatnonzero(counts[run:] - counts[:-run] == run) if len(quiet) >= run else np.zeros(0, int)
    sounding = np.ones(n_windows, bool)
    # A pause that begins at p lies within every window that begins up to 3 s − 0.4 s before it.
    first = np.ceil((pauses * envelope_hop_s + _PAUSE_S) / HOP_S - _WINDOW_HOPS).astype(int)
    last = np.floor(pauses * envelope_hop_s / HOP_S).astype(int)
    marks = np.zeros(n_windows + 1, int)
    np.add.at(marks, np.clip(first, 0, n_windows), 1)
    np.add.at(marks, np.clip(last + 1, 0, n_windows), -1)
    sounding[np.cumsum(marks)[:n_windows] > 0] = False
    return sounding


def _finite(short_term: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(short_term, _SILENCE_LUFS)


def _closing_from(short_term: NDArray[np.float64], integrated: Lufs) -> int:
    """The hop from which on the loudness only goes down, into the end."""
    if not len(short_term):
        return 0
    highest_later = np.maximum.accumulate(short_term[::-1])[::-1]
    low = np.flatnonzero(highest_later < integrated - 3.0)
    return int(low[0]) if len(low) else len(short_term)
