"""The weighted energies of spans of a note, from their spectra: compiled where it can be, else by numpy."""

from __future__ import annotations

import ctypes
import functools
import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import address, addresses, kernels
from calmando.units import Frames

Floats: TypeAlias = NDArray[np.float64]
Mono: TypeAlias = NDArray[np.float32]

SPAN: Frames = 4_096
"""Energies are taken over spans of this length (93 ms); as spans.c has it."""
N_BINS = SPAN // 2 + 1
_SPANS_AT_ONCE = 64
_N_PARTS = 9
_OF_SIXTEEN = np.array([k + 4 * m for k in range(4) for m in range(4)])
"""Bin k + 4 m of sixteen stands in place 4 k + m."""


@dataclass(frozen=True, slots=True, eq=False)
class SpanWeights:
    """How the power in every bin of a span counts, dry and as it is sent: shape (N_BINS,) each."""

    dry: Mono
    sent: Mono
    _kept: tuple[Mono, ...] = field(init=False)
    _table: ctypes.Array[ctypes.c_void_p] = field(init=False)

    def __post_init__(self) -> None:
        kept = *_turns(), _as_they_come_out(self.dry), _as_they_come_out(self.sent)
        object.__setattr__(self, "_kept", kept)
        object.__setattr__(self, "_table", (ctypes.c_void_p * len(kept))(*map(address, kept)))

    def energies(self, rows: Stereo) -> Floats:
        """Of every span of one row or of left and right, dry, and of their sum as it is sent: shape (2, n_spans).

        The last span goes on in silence.
        """
        library, n_frames = kernels(), rows.shape[1]
        energies = np.empty((2, -(-n_frames // SPAN)))
        if library is None:
            for first in range(0, energies.shape[1], _SPANS_AT_ONCE):
                stretch = rows[:, first * SPAN : (first + _SPANS_AT_ONCE) * SPAN]
                energies[:, first : first + _SPANS_AT_ONCE] = self._by_numpy(stretch)
            return energies
        left, right = (*addresses(rows), None)[:2]
        library.calmando_span_energies(
            left, right, n_frames, ctypes.addressof(self._table), *addresses(energies)
        )
        return energies

    def _by_numpy(self, rows: Stereo) -> Floats:
        n_spans = -(-rows.shape[1] // SPAN)
        padded = np.zeros((len(rows), n_spans * SPAN), np.float32)
        padded[:, : rows.shape[1]] = rows
        # The norm that keeps energy; with its usual one numpy turns to double precision, which takes twice the time.
        spectra = fft.rfft(padded.reshape(len(rows), n_spans, SPAN), norm="ortho")
        # All other bins stand for two.
        spectra[..., (0, -1)] *= np.float32(math.sqrt(0.5))
        each, together = np.square(np.abs(spectra)).sum(axis=0), np.square(np.abs(spectra.sum(axis=0)))
        return np.stack([each @ self.dry, together @ self.sent]).astype(np.float64) * 2.0


@functools.cache
def _turns() -> tuple[Mono, Mono]:
    """Between the steps of the transform: nine parts of sixteen vectors, and sixteen vectors of one part."""
    by_span = np.outer(np.arange(_N_PARTS), np.arange(256)) / SPAN
    by_part = np.outer(_OF_SIXTEEN, np.arange(16)) / 256
    one, other = (np.exp(-2j * np.pi * turns.reshape(-1, 16)) for turns in (by_span, by_part))
    return _apart(one), _apart(other)


def _apart(turns: NDArray[np.complex128]) -> Mono:
    """Real parts and imaginary parts of every vector."""
    return np.asarray(np.stack([turns.real, turns.imag], axis=1), np.float32)


def _as_they_come_out(weights: Mono) -> Mono:
    """The weights of the bins that the transform tells, those counted twice that stand for others as well."""
    part, of_last, of_second = np.ix_(np.arange(_N_PARTS), _OF_SIXTEEN, _OF_SIXTEEN)
    bins = part + 16 * of_second + 256 * of_last
    counted = np.where((part == 0) | (part == _N_PARTS - 1), 1.0, 2.0) / SPAN
    return np.asarray(weights[np.minimum(bins, SPAN - bins)] * counted, np.float32)
