"""How fast notes come up: the time from a tenth to nine tenths of a rise, and how far it rises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.units import Decibels, Seconds

_SMOOTH_S: Seconds = 0.015
_LONGEST_S: Seconds = 1.0
_LOOK_BACK_S: Seconds = 0.2
_LOUDEST_S: Seconds = 0.1
_LEAST_RISE = 1.41
_SILENT = 1e-3
_BACKGROUND_S: Seconds = 3.0


@dataclass(frozen=True, slots=True)
class Attacks:
    """The attacks of a piece; every array has one entry an attack.

    Attributes
    ----------
    times_s
        Where it begins.
    rise_s
        From 10 to 90 % of the amplitude's rise.
    step_db
        How far the 100 ms from the top on stand above the mean level of the three seconds before it.
    from_silence
        Whether half a second of silence (below −60 dB) came before.
    """

    times_s: NDArray[np.float64]
    rise_s: NDArray[np.float64]
    step_db: NDArray[np.float64]
    from_silence: NDArray[np.bool_]


def attacks_at(onsets_s: NDArray[np.float64], mean_squares: NDArray[np.float32], hop_s: Seconds) -> Attacks:
    """Follow the envelope from every onset to its top.

    Parameters
    ----------
    onsets_s
        About where notes begin, in order.
    mean_squares
        The envelope, one mean square every ``hop_s`` (about 5 ms).

    Notes
    -----
    The envelope is smoothed over 15 ms, so that no attack reads below about 10 ms. Onsets that lift the sounding
    whole by less than 3 dB are left out: they have no attack of their own.
    """
    if not len(onsets_s):
        nothing = np.zeros(0)
        return Attacks(nothing, nothing, nothing, np.zeros(0, bool))
    width = max(round(_SMOOTH_S / hop_s), 1)
    smooth = np.sqrt(np.convolve(mean_squares, np.ones(width, np.float32) / width, mode="same").clip(0))
    running = np.concatenate([[0.0], np.cumsum(mean_squares, dtype=np.float64)])
    found: list[tuple[float, float, float, bool]] = []
    for index, onset in enumerate(onsets_s):
        until = onsets_s[index + 1] - 0.03 if index + 1 < len(onsets_s) else onset + _LONGEST_S
        since = max(onset - _LOOK_BACK_S, onsets_s[index - 1] + 0.03 if index else 0.0)
        low, high = max(round(since / hop_s), 0), round(min(until, onset + _LONGEST_S) / hop_s)
        stretch = smooth[low:high]
        if len(stretch) < 4:
            continue
        start = int(np.argmin(stretch[: max(round((onset + 0.04 - since) / hop_s), 2)]))
        top = start + int(np.argmax(stretch[start:]))
        base, peak = float(stretch[start]), float(stretch[top])
        if peak < max(base * _LEAST_RISE, _SILENT):
            continue
        rising = stretch[start : top + 1]
        ten = int(np.argmax(rising >= base + 0.1 * (peak - base)))
        ninety = int(np.argmax(rising >= base + 0.9 * (peak - base)))
        at = low + start
        background = _mean_level(running, at - round(_BACKGROUND_S / hop_s), at)
        just_before = _mean_level(running, at - round(0.5 / hop_s), at)
        now = _mean_level(running, low + top, low + top + round(_LOUDEST_S / hop_s))
        step = 20 * np.log10(max(now, 1e-6) / max(background, 1e-6))
        found.append((at * hop_s, (ninety - ten) * hop_s, step, just_before < _SILENT))
    table = np.asarray(found, dtype=np.float64).reshape(-1, 4)
    return Attacks(table[:, 0], table[:, 1], table[:, 2], table[:, 3].astype(bool))


def _mean_level(running: NDArray[np.float64], first: int, end: int) -> Decibels:
    """Root mean square over what the piece has of a stretch of hops; 0 where it has nothing."""
    first, end = max(first, 0), min(end, len(running) - 1)
    if end <= first:
        return 0.0
    return float(np.sqrt(max(running[end] - running[first], 0.0) / (end - first)))
