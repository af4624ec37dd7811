"""A sound convolved with a response, region by region, by overlap and save: compiled where it can be, else by numpy.

What comes out of both differs by −130 dB.
"""

from __future__ import annotations

import ctypes
import functools
import threading
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import address, addresses, kernels, room
from calmando.units import Frames

Mono: TypeAlias = NDArray[np.float32]
Spectra: TypeAlias = NDArray[np.complex64]

REGION_FRAMES: Frames = 262_144
"""Six seconds: long enough for the reverb's response, short enough for a quick first block."""
RESPONSE_FRAMES: Frames = 65_536
"""Together with a region that is 5 · 2¹⁶, of which transforms are quick."""


class Convolution(Protocol):
    """Answers what is sent, with a response it knows: shape (2, RESPONSE_FRAMES), on an absolute grid of regions.

    What is heard in a region depends on what was sent in itself and the one before it alone.
    """

    def add_answer(self, before: Mono | None, now: Mono | None, mixed: Stereo, gain: float = 1.0) -> None:
        """Add the answer to a region, and set it all at a gain.

        Parameters
        ----------
        before, now
            What was sent in the region before and in this one, shape (REGION_FRAMES,); ``None`` where nothing was.
        mixed
            Shape (2, REGION_FRAMES), changed in place.
        """


def convolution_with(response: Stereo) -> Convolution:
    """The quickest there is here."""
    library = kernels()
    return _ByNumpy(response) if library is None else _Compiled(response, library)


class _ByNumpy:
    """The response in pieces of `_PART`: numpy's longer transforms cost more than products do."""

    def __init__(self, response: Stereo) -> None:
        pieces = response.reshape(2, -1, _PART)
        self._response: Spectra = fft.rfft(pieces, 2 * _PART).astype(np.complex64)

    def add_answer(self, before: Mono | None, now: Mono | None, mixed: Stereo, gain: float = 1.0) -> None:
        sent = np.zeros(RESPONSE_FRAMES + REGION_FRAMES, np.float32)
        if before is not None:
            sent[:RESPONSE_FRAMES] = before[-RESPONSE_FRAMES:]
        if now is not None:
            sent[RESPONSE_FRAMES:] = now
        # All windows in one call: numpy prepares every call anew. Both ways with the norm "ortho": with its usual one
        # it turns to double precision.
        windows = np.lib.stride_tricks.sliding_window_view(sent, 2 * _PART)[::_PART]
        answers = self._answers(np.asarray(fft.rfft(windows, norm="ortho"), np.complex64))
        heard = fft.irfft(answers, norm="ortho")[..., _PART:]
        places = mixed.reshape(2, -1, _PART)
        places += heard.swapaxes(0, 1)
        places *= np.float32(gain)

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
    """One window for a region."""

    def __init__(self, response: Stereo, library: Any) -> None:
        self._library = library
        # Kept as long as the kernel may read them: of threads that ask at one time each may be given its own.
        self._factors = _factors()
        self._response = room(2 * _N_PARTS, _STRIDE)
        self._own = _Own()
        for side, spectrum in zip(response, self._response[::_N_PARTS], strict=True):
            divided = np.ascontiguousarray(side / np.float32(_N_PARTS * _PART))
            library.calmando_spectrum(address(divided), address(spectrum), _STRIDE, self._factors.told)

    def add_answer(self, before: Mono | None, now: Mono | None, mixed: Stereo, gain: float = 1.0) -> None:
        self._library.calmando_convolve(
            address(before), address(now), address(self._response), address(self._own.parts), _STRIDE,
            self._factors.told, *addresses(mixed), gain,
        )  # fmt: skip


class _Own(threading.local):
    """Every thread's own paper."""

    def __init__(self) -> None:
        self.parts = room(2 * _N_PARTS, _STRIDE)


_N_PARTS = 10
_PART = 16_384
_LANES = 16
_STRIDE = 2 * (_PART + 16 * _LANES) + 4 * _LANES
"""From one part to the next: their length, a row more after each of sixteen groups, and a little, so that their bins do not
share places in a cache."""


class _Factors:
    """The turns between the steps of the transform, and silence, as convolution.c wants them."""

    def __init__(self) -> None:
        window = _N_PARTS * _PART
        half_turn = np.pi / (2 * window)
        tenths = np.exp(1j * half_turn * _PART * np.arange(_N_PARTS))
        # Bin (5 k + 6 m) mod 10 of ten stands in place 5 k + m, bin k + 4 m of sixteen in place 4 k + m.
        of_ten = np.array([(5 * k + 6 * m) % _N_PARTS for k in range(2) for m in range(5)])
        of_sixteen = np.array([k + 4 * m for k in range(4) for m in range(4)])[:, np.newaxis]
        turn_a_frame = 1j * half_turn - 2j * np.pi * of_ten / window
        by_columns = np.exp(np.arange(0, _PART, _LANES)[:, np.newaxis] * turn_a_frame)
        by_lanes = np.exp(np.arange(_LANES) * turn_a_frame[:, np.newaxis])
        by_1024 = np.exp(-2j * np.pi * np.arange(1_024).reshape(-1, 1, _LANES) * of_sixteen / _PART)
        by_64 = np.exp(-2j * np.pi * np.arange(64).reshape(-1, 1, _LANES) * of_sixteen / 1_024)
        by_16 = np.exp(-2j * np.pi * np.arange(4)[:, np.newaxis] * np.arange(_LANES) / 64)
        silence = np.zeros(_PART, np.float32)
        self._kept = [
            _apart(tenths, _N_PARTS),
            _apart(by_columns, _N_PARTS),
            *(_apart(turns, _LANES) for turns in (by_lanes, by_1024, by_64, by_16)),
            silence,
        ]
        self._table = (ctypes.c_void_p * len(self._kept))(*map(address, self._kept))
        self.told = ctypes.addressof(self._table)
        """Where the kernel finds them."""


def _apart(turns: NDArray[np.complex128], together: int) -> NDArray[np.float32]:
    """Real parts and imaginary parts of every few."""
    rows = turns.reshape(-1, together)
    both = room(len(rows), 2, together)
    both[:, 0], both[:, 1] = rows.real, rows.imag
    return both


@functools.cache
def _factors() -> _Factors:
    return _Factors()
