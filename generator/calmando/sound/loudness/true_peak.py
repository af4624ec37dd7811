"""The highest point of the waveform between the samples, after ITU-R BS.1770-4, annex 2.

Four times oversampling is costly, so only what can decide is oversampled. An interpolated point lies on the
straight line between its two samples plus a sum over how the waveform bends around it (its second
differences), so that it is at most the larger sample plus the largest bend times a known factor. Wherever that
stays under the highest point found so far, there is nothing to find; nor, to begin with, wherever the samples
themselves, or these and the slopes between them, are too small to be lifted there. The reading is the same as if
everything had been oversampled.

A kernel does it, see ``generator/kernels/true_peak.c``; where there is none, numpy.
"""

from __future__ import annotations

import copy
import math

import numpy as np
from numpy.typing import NDArray

from calmando.sound.blocks import Block, peak_of, sides_of
from calmando.sound.kernels import address, addresses, kernels
from calmando.units import Decibels

_OVERSAMPLING = 4
_REACH = 16
"""Samples on either side of an interpolated point that its filter reads."""
_TAPS = 2 * _REACH
_KAISER_BETA = 5.0
_STRETCH = 1_024
"""Samples whose magnitude alone is looked at first."""
_SEGMENT = 64
"""Samples that are decided on together, where a stretch may hold a peak."""
_FIRST = 8
"""Segments that are oversampled before the others are looked at again: what they raise spares most of them."""
_AT_ONCE = 12
"""So few segments that their matrix product stays on the thread that asks for it."""
_ROUNDING = 1.0 + 1e-5
"""Bounds are widened by this: sums in single precision are not exact."""


def _interpolators() -> NDArray[np.float64]:
    """Return the three filters for the points at 1/4, 2/4 and 3/4 between samples, shape (`_TAPS`, 3).

    Sinc functions under a Kaiser window, each made to pass a constant unchanged. The point lies between taps
    `_REACH` − 1 and `_REACH`.
    """
    at = np.arange(_TAPS)[:, None] - (_REACH - 1)
    distance = at - np.arange(1, _OVERSAMPLING)[None, :] / _OVERSAMPLING
    window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (distance / _REACH) ** 2)))
    filters: NDArray[np.float64] = np.sinc(distance) * window
    filters /= filters.sum(axis=0)
    return filters


def _factors(filters: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return by how much slopes alone, and slope and bend, can lift a point above the straight line between samples.

    A filter less the straight line sums to zero. So it is a sum over first differences, of weights that are its
    running sums; and that, less what these sum to, one over second differences, of their running sums.
    """
    beyond_line = filters.copy()
    share = np.arange(1, _OVERSAMPLING) / _OVERSAMPLING
    beyond_line[_REACH - 1] -= 1.0 - share
    beyond_line[_REACH] -= share
    on_slopes = -np.cumsum(beyond_line, axis=0)[:-1]
    by_slopes = float(np.abs(on_slopes).sum(axis=0).max())
    slope = on_slopes.sum(axis=0)
    on_slopes[_REACH - 1] -= slope
    on_bends = -np.cumsum(on_slopes, axis=0)[:-1]
    return by_slopes, float(np.abs(slope).max()), float(np.abs(on_bends).sum(axis=0).max())


class TruePeakMeter:
    """Finds the sample peak and the true peak of blocks of any size."""

    def __init__(self) -> None:
        filters = _interpolators()
        factors = self._by_slopes, self._slope_factor, self._bend_factor = _factors(filters)
        self._most_by_samples = float(np.abs(filters).sum(axis=0).max())
        self._filters = filters.astype(np.float32)
        self._oversample = _oversampling(self._filters)
        # As the kernel reads it; see generator/kernels/true_peak.c.
        self._interpolation = np.array(
            [*filters.T.ravel(), self._most_by_samples, *factors, _ROUNDING], np.float32
        )
        # The end of what came before; silence at first.
        self._before = np.zeros((2, _TAPS - 1), np.float32)
        self._sample_peak = 0.0
        self._highest = 0.0
        self._n_places = 0

    def add(self, block: Block) -> None:
        """Take the next block, shape (n_frames, 2); quickest where each channel lies in one piece of memory."""
        sides = sides_of(block)
        library = kernels()
        if library is None:
            self._add_by_numpy(sides)
        elif sides.shape[1]:
            found = np.array([self._sample_peak, self._highest, 0.0], np.float32)
            library.calmando_true_peak(
                *addresses(sides), sides.shape[1],
                address(self._before), address(self._interpolation), address(found),
            )  # fmt: skip
            self._sample_peak, self._highest, n_places = found.tolist()
            self._n_places += int(n_places)

    def _add_by_numpy(self, sides: NDArray[np.float32]) -> None:
        stretches, rest = _stretches(sides)
        loudest = _largest(stretches)
        for peak in (float(loudest.max(initial=0.0)), peak_of(rest)):
            self._sample_peak = _larger(self._sample_peak, peak)
        self._highest = max(self._highest, self._sample_peak)
        self._look_at(np.concatenate([self._before, sides[:, : _TAPS - 1]], axis=1))
        self._before = np.concatenate([self._before, sides[:, -(_TAPS - 1) :]], axis=1)[:, -(_TAPS - 1) :]
        hopeful = self._most_by_samples * loudest * _ROUNDING > self._highest
        if hopeful.any():
            promising = stretches[hopeful]
            steepest = _largest(np.diff(promising, axis=-1))
            promise = (loudest[hopeful] + self._by_slopes * steepest) * _ROUNDING
            self._look_at(promising[promise > self._highest])
        self._look_at(rest)

    def sample_peak(self) -> float:
        """Return the largest magnitude of any sample so far; NaN where one was."""
        return self._sample_peak

    def true_peak(self) -> float:
        """Return the highest point so far, as if silence followed; NaN where a sample was."""
        ending = copy.copy(self)
        ending._before = self._before.copy()
        ending.add(np.zeros((_TAPS - 1, 2), np.float32))
        return _larger(ending._highest, self._sample_peak)

    def _look_at(self, rows: NDArray[np.float32]) -> None:
        """Oversample the segments of pieces of sound, shape (n_pieces, n_samples), that can hold a higher point."""
        n_points = rows.shape[1] - (_TAPS - 1)
        if (
            n_points <= 0
            or not len(rows)
            or self._most_by_samples * peak_of(rows) * _ROUNDING <= self._highest
        ):
            return
        starts = np.arange(0, n_points, _SEGMENT)
        slope = np.diff(rows, axis=1)
        samples, slopes, bends = (
            _largest_around(values, starts) for values in (rows, slope, np.diff(slope, axis=1))
        )
        bounds = self._bound(samples, slopes, bends)
        row, segment = np.nonzero(bounds > self._highest)
        promising = np.argsort(-bounds[row, segment], kind="stable")
        for some in (promising[:_FIRST], promising[_FIRST:]):
            higher = some[bounds[row[some], segment[some]] > self._highest]
            self._look_into(rows, row[higher], starts[segment[higher]])

    def _bound(
        self, sample: NDArray[np.float32], slope: NDArray[np.float32], bend: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return what no interpolated point can pass where samples, slopes and bends have these magnitudes."""
        bound: NDArray[np.float32] = (
            sample + self._slope_factor * slope + self._bend_factor * bend
        ) * _ROUNDING
        return bound

    def _look_into(
        self, rows: NDArray[np.float32], row: NDArray[np.int64], starts: NDArray[np.int64]
    ) -> None:
        """Oversample segments, and read their highest point."""
        if not len(row):
            return
        self._n_places += _SEGMENT * len(row)
        n_points = rows.shape[1] - (_TAPS - 1)
        if n_points < _SEGMENT:
            windows = np.lib.stride_tricks.sliding_window_view(rows[row], _TAPS, axis=1)
            self._highest = max(self._highest, peak_of(windows @ self._filters))
            return
        windows = np.lib.stride_tricks.sliding_window_view(rows, _SEGMENT + _TAPS - 1, axis=1)
        # A last, shorter segment is made whole by points of the one before it.
        n_groups = -(-len(row) // _AT_ONCE)
        heard = np.zeros((n_groups, _AT_ONCE, windows.shape[-1]), np.float32)
        heard.reshape(-1, windows.shape[-1])[: len(row)] = windows[
            row, np.minimum(starts, n_points - _SEGMENT)
        ]
        self._highest = max(self._highest, peak_of(heard @ self._oversample))


def _larger(a: float, b: float) -> float:
    """NaN where one is."""
    return a if a > b or math.isnan(a) else b


def _oversampling(filters: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what turns a segment and the reach of the filters around it into all its points between samples."""
    matrix = np.zeros((_SEGMENT + _TAPS - 1, _SEGMENT, filters.shape[1]), np.float32)
    for place in range(_SEGMENT):
        matrix[place : place + _TAPS, place] = filters
    return matrix.reshape(len(matrix), -1)


def _largest(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest magnitude in every row, shape (…, n_rows, n_samples); NaN where one is."""
    largest: NDArray[np.float32] = np.maximum(rows.max(axis=-1), -rows.min(axis=-1))
    return largest


def _largest_around(values: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the largest magnitude from each start to the end of the following segment: filters reach there."""
    own: NDArray[np.float32] = np.maximum(
        np.maximum.reduceat(values, starts, axis=1), -np.minimum.reduceat(values, starts, axis=1)
    )
    own[:, :-1] = np.maximum(own[:, :-1], own[:, 1:])
    return own


def _stretches(sides: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cut both sides into stretches that overlap by a filter's reach, shape (2, n, …), and what is left over."""
    reach = _TAPS - 1
    n_stretches = max((sides.shape[1] - reach) // _STRETCH, 0)
    if n_stretches == 0:
        return np.zeros((2, 0, _STRETCH + reach), np.float32), sides
    windows = np.lib.stride_tricks.sliding_window_view(sides, _STRETCH + reach, axis=1)
    return windows[:, : n_stretches * _STRETCH : _STRETCH], sides[:, n_stretches * _STRETCH :]


def to_decibels(amplitude: float) -> Decibels:
    """Return a magnitude in decibels relative to full scale; −inf for zero, NaN for NaN."""
    return -math.inf if amplitude == 0 else 20.0 * math.log10(amplitude)
