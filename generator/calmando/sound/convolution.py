"""A sound convolved with a response, in pieces, by overlap and save: compiled where it can be, else by numpy.

Every window gives as many good frames as it has new ones. What comes out of both differs by −130 dB.
"""

from __future__ import annotations

import ctypes
import functools
import threading
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from calmando.sound.kernels import address, addresses, kernels, room
from calmando.sound.synth import Stereo
from calmando.units import Frames

Mono: TypeAlias = NDArray[np.float32]
Spectra: TypeAlias = NDArray[np.complex64]

PARTITION_FRAMES: Frames = 16_384
"""The response is convolved in pieces of this length: longer ones cost more in transforms, shorter ones in products."""


class Convolution(Protocol):
    """Answers what is sent, with a response it knows: shape (2, n_pieces · PARTITION_FRAMES)."""

    def add_answer(self, before: Mono | None, now: Mono | None, mixed: Stereo) -> None:
        """Add the answer to a region.

        Parameters
        ----------
        before, now
            What was sent in the region before and in this one, shape (n_frames,); ``None`` where nothing was.
        mixed
            Shape (2, n_frames), changed in place; whole partitions, as many as the response has or more.
        """


def convolution_with(response: Stereo) -> Convolution:
    """The quickest there is here."""
    library = kernels()
    return _ByNumpy(response) if library is None else _Compiled(response, library)


class _ByNumpy:
    def __init__(self, response: Stereo) -> None:
        pieces = response.reshape(2, -1, PARTITION_FRAMES)
        self._response: Spectra = fft.rfft(pieces, 2 * PARTITION_FRAMES).astype(np.complex64)

    def add_answer(self, before: Mono | None, now: Mono | None, mixed: Stereo) -> None:
        reach = self._response.shape[1] * PARTITION_FRAMES
        sent = np.zeros(reach + mixed.shape[1], np.float32)
        if before is not None:
            sent[:reach] = before[-reach:]
        if now is not None:
            sent[reach:] = now
        # All windows in one call: numpy prepares every call anew. Both ways with the norm "ortho": with its usual one
        # it turns to double precision.
        windows = np.lib.stride_tricks.sliding_window_view(sent, 2 * PARTITION_FRAMES)[::PARTITION_FRAMES]
        answers = self._answers(np.asarray(fft.rfft(windows, norm="ortho"), np.complex64))
        heard = fft.irfft(answers, norm="ortho")[..., PARTITION_FRAMES:]
        places = mixed.reshape(2, -1, PARTITION_FRAMES)
        places += heard.swapaxes(0, 1)

    def _answers(self, spectra: Spectra) -> Spectra:
        """The spectra of both sides in every window, shape (n_rows, 2, n_bins)."""
        n_pieces = self._response.shape[1]
        n_rows = len(spectra) - n_pieces + 1
        answers = np.empty((n_rows, *self._response[:, 0].shape), np.complex64)
        product = np.empty((_ROWS_AT_ONCE, *answers.shape[1:]), np.complex64)
        for row in range(0, n_rows, _ROWS_AT_ONCE):
            answer = answers[row : row + _ROWS_AT_ONCE]
            for age in range(n_pieces):
                partition, first = self._response[:, age], n_pieces - 1 + row - age
                spectrum = spectra[first : first + len(answer), np.newaxis]
                if age == 0:
                    np.multiply(spectrum, partition, out=answer)
                else:
                    answer += np.multiply(spectrum, partition, out=product[: len(answer)])
        return answers


_ROWS_AT_ONCE = 2
"""So few spectra that their products stay in a core's own memory."""


class _Compiled:
    def __init__(self, response: Stereo, library: Any) -> None:
        self._library = library
        pieces = response.reshape(-1, PARTITION_FRAMES) / np.float32(PARTITION_FRAMES)
        self._n_pieces = len(pieces) // 2
        self._response = room(len(pieces), _STRIDE)
        self._own = _Own(self._n_pieces + 2)
        for piece, spectrum in zip(pieces, self._response, strict=True):
            library.calmando_spectrum(address(piece), address(spectrum), _factors().told)

    def add_answer(self, before: Mono | None, now: Mono | None, mixed: Stereo) -> None:
        self._library.calmando_convolve(
            address(before), address(now), mixed.shape[1] // PARTITION_FRAMES, self._n_pieces, address(self._response),
            address(self._own.spectra), _STRIDE, _factors().told, *addresses(mixed),
        )  # fmt: skip


class _Own(threading.local):
    """Every thread's own paper."""

    def __init__(self, n_spectra: int) -> None:
        self.spectra = room(n_spectra, _STRIDE)


_LANES = 16
_STRIDE = 2 * PARTITION_FRAMES + 4 * _LANES
"""From one spectrum to the next: a little more than their length, so that their bins do not share places in a cache."""


class _Factors:
    """The turns between the steps of the transform, and silence, as convolution.c wants them.

    Bin k + 4 m of sixteen stands in place 4 k + m.
    """

    def __init__(self) -> None:
        bins = np.array([k + 4 * m for k in range(4) for m in range(4)])[:, np.newaxis]
        half_turn = np.pi / (2 * PARTITION_FRAMES)
        quarters = np.exp(1j * half_turn * 1_024 * np.arange(16))
        frames = np.arange(1_024).reshape(-1, 1, _LANES)
        by_1024 = np.exp(-2j * np.pi * frames * bins / PARTITION_FRAMES + 1j * half_turn * frames)
        by_64 = np.exp(-2j * np.pi * np.arange(64).reshape(-1, 1, _LANES) * bins / 1_024)
        by_16 = np.exp(-2j * np.pi * np.arange(4)[:, np.newaxis] * np.arange(_LANES) / 64)
        silence = np.zeros(PARTITION_FRAMES, np.float32)
        self._kept = [*(_apart(turns) for turns in (quarters, by_1024, by_64, by_16)), silence]
        self._table = (ctypes.c_void_p * len(self._kept))(*map(address, self._kept))
        self.told = ctypes.addressof(self._table)
        """Where the kernel finds them."""


def _apart(turns: NDArray[np.complex128]) -> NDArray[np.float32]:
    """Real and imaginary parts of every sixteen."""
    lanes = turns.reshape(-1, _LANES)
    both = room(len(lanes), 2, _LANES)
    both[:, 0], both[:, 1] = lanes.real, lanes.imag
    return both


@functools.cache
def _factors() -> _Factors:
    return _Factors()
