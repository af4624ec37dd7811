"""The envelope of the sound: its level every few milliseconds, sudden rises, and how fast notes come up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from calmando.units import Decibels, Seconds

HOP_S: Seconds = 0.005
_FLOOR_DB: Decibels = -120.0
_SILENT_DB: Decibels = -60.0
_BACKGROUND_S: Seconds = 3.0
_LONG_BACKGROUND_S: Seconds = 10.0
_USUAL_S: Seconds = 20.0
_OPENING_S: Seconds = 10.0
_ENOUGH_BEFORE_S: Seconds = 5.0
_PAUSE_SHARE = 0.03
"""What lies 15 dB and more under the piece's own level counts as a pause."""


class EnvelopeTaker:
    """Takes the mean square of both channels in equal short hops, block by block."""

    def __init__(self, sample_rate: int, hop_s: Seconds) -> None:
        self.hop_frames = max(round(hop_s * sample_rate), 1)
        self._rest = np.zeros(0, np.float32)
        self._means: list[NDArray[np.float32]] = []

    def add(self, squares: NDArray[np.float32]) -> None:
        """Take the next squares (mean of both channels), shape (n_frames,)."""
        signal = np.concatenate([self._rest, squares]) if len(self._rest) else squares
        n_hops = len(signal) // self.hop_frames
        used = n_hops * self.hop_frames
        means: NDArray[np.float32] = (
            signal[:used].reshape(n_hops, self.hop_frames).mean(axis=1, dtype=np.float32)
        )
        self._means.append(means)
        self._rest = signal[used:].copy()

    def mean_squares(self) -> NDArray[np.float32]:
        """What was taken so far, one value a hop."""
        return np.concatenate(self._means) if self._means else np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise of the level in decibels, and when."""

    rise_db: Decibels
    at_s: Seconds


def largest_rise(mean_squares: NDArray[np.float32], hop_s: Seconds) -> Rise:
    """How far, at most, the level of 100 ms stands above what came just before, in dB.

    What came before is the highest of three: the mean level of three seconds, the middle level of ten, and the usual
    top of twenty (the middle of what each of their seconds rose to). So neither a breath between phrases nor a harp
    that dies away makes the next note, as loud as those before, an event; and one stroke does not hide the next. In
    the opening ten seconds, which may fade in, the usual top is that of the whole piece. Only where it sounds (above −60 dB and less than 15 dB under the piece's own level): what comes out of silence is
    judged by `largest_entry`.
    """
    tenths = level_tenths(mean_squares, hop_s)
    n_mean, n_middle = round(_BACKGROUND_S * 10), round(_LONG_BACKGROUND_S * 10)
    n = len(tenths) - n_mean
    if n <= 0:
        return Rise(0.0, 0.0)
    # Windows that end just before the tenth in question.
    mean = _moving_mean(tenths, n_mean)[:n]
    middle = scipy.ndimage.median_filter(tenths, n_middle, origin=(n_middle - 1) // 2, mode="nearest")
    just_before = np.maximum(mean, middle[n_mean - 1 : -1])
    before = np.maximum(just_before, _usual_top(tenths)[n_mean - 1 : -1])
    floor = max(10 ** (_SILENT_DB / 10), float(tenths.mean()) * _PAUSE_SHARE)
    rise = np.where(just_before > floor, _db(tenths[n_mean:]) - _db(before), 0.0)
    at = int(np.argmax(rise))
    return Rise(max(float(rise[at]), 0.0), (at + n_mean) * 0.1)


def _usual_top(tenths: NDArray[np.float64]) -> NDArray[np.float64]:
    """The middle, over the twenty seconds up to each tenth, of the highest tenth of every second; in the opening that of
    the whole piece, where it is higher."""
    n_second, n_usual = 10, round(_USUAL_S * 10)
    tops = scipy.ndimage.maximum_filter1d(tenths, n_second, origin=(n_second - 1) // 2, mode="nearest")
    usual = scipy.ndimage.median_filter(tops, n_usual, origin=(n_usual - 1) // 2, mode="nearest")
    opening = usual[: round(_OPENING_S * 10)]
    np.maximum(opening, np.median(tops), out=opening)
    return np.asarray(usual, np.float64)


def level_tenths(mean_squares: NDArray[np.float32], hop_s: Seconds) -> NDArray[np.float64]:
    """The mean square of every tenth of a second."""
    edges = np.round(np.arange(0.0, len(mean_squares) * hop_s, 0.1) / hop_s).astype(int)
    running = np.concatenate([[0.0], np.cumsum(mean_squares, dtype=np.float64)])
    edges = edges[edges <= len(mean_squares)]
    return np.asarray(np.maximum(np.diff(running[edges]), 0.0) / np.maximum(np.diff(edges), 1))


def largest_entry(mean_squares: NDArray[np.float32], hop_s: Seconds) -> Rise:
    """How loud, at most, the first second after a silence is against what is usual, in dB.

    A silence is the piece's beginning, or half a second below −60 dB or 15 dB under the piece's own level. The loudest 400 ms of the second that
    follows are held against the mean level of what sounded before; at the beginning (until five seconds have
    sounded) against that of the whole piece.
    """
    starts = entries(mean_squares, hop_s)
    rises = entry_rises_db(mean_squares, hop_s, starts)
    if not np.isfinite(rises).any():
        return Rise(0.0, 0.0)
    best = int(np.argmax(rises))
    return Rise(float(rises[best]), starts[best] * hop_s)


def entry_rises_db(
    mean_squares: NDArray[np.float32], hop_s: Seconds, starts: Sequence[int]
) -> NDArray[np.float64]:
    """How loud the first second from each start (in hops) is against what is usual, in dB; see `largest_entry`.

    Minus infinity where nothing sounds at all.
    """
    rises = np.full(len(starts), -np.inf)
    sounds = mean_squares > 10 ** (_SILENT_DB / 10)
    if not sounds.any():
        return rises
    energy = np.cumsum(np.where(sounds, mean_squares, 0.0), dtype=np.float64)
    n_sounding = np.cumsum(sounds)
    momentary = _moving_mean(mean_squares, round(0.4 / hop_s))
    n_second = round(1.0 / hop_s)
    for index, start in enumerate(starts):
        after = momentary[start : start + n_second]
        if len(after):
            until = start - 1 if start and n_sounding[start - 1] * hop_s >= _ENOUGH_BEFORE_S else -1
            usual = _db(np.asarray([energy[until] / n_sounding[until]]))[0]
            rises[index] = float(_db(after).max() - usual)
    return rises


def entries(mean_squares: NDArray[np.float32], hop_s: Seconds) -> list[int]:
    """Where sound begins after silence, in hops: at the beginning, or after half a second of silence."""
    own = float(mean_squares.mean()) if len(mean_squares) else 0.0
    quiet = mean_squares < max(10 ** (_SILENT_DB / 10), own * _PAUSE_SHARE)
    edges = np.flatnonzero(np.diff(np.concatenate([[True], quiet]).astype(np.int8)) == -1)
    n_silence = round(0.5 / hop_s)
    found: list[int] = []
    for edge in edges:
        if not found or quiet[max(edge - n_silence, 0) : edge].all():
            found.append(int(edge))
    return found


def _moving_mean(values: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    """The mean of every ``width`` successive values."""
    if len(values) < width:
        return np.zeros(0)
    running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(np.maximum(running[width:] - running[:-width], 0.0) / width)


def _db(mean_squares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(np.maximum(mean_squares, 10 ** (_FLOOR_DB / 10))))
