"""How much the spectrum changes from one fiftieth of a second to the next: onsets are where much is new."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from calmando.units import Seconds

HOP_S: Seconds = 0.02
_HIGHEST_HZ = 8000.0


class ChangeTaker:
    """Takes the spectral flux of one mix of the channels, block by block.

    The flux of a frame is the sum over the bins of what their magnitude has gained since the frame 20 ms before
    (half-wave rectified), as a share of the sum of the larger of both frames' magnitudes: 0 where nothing new
    begins, near 1 where everything is new. Its size does not depend on level.
    """

    def __init__(self, sample_rate: int) -> None:
        self._hop = max(round(HOP_S * sample_rate), 8)
        self._size = 2 ** max(round(np.log2(2 * HOP_S * sample_rate)), 4)
        self._window = np.hanning(self._size).astype(np.float32)
        n_bins = self._size // 2 + 1
        self._n_bins = min(n_bins, int(_HIGHEST_HZ * self._size / sample_rate) + 1)
        self._before = np.zeros((1, self._n_bins), np.float32)
        self._rest = np.zeros(self._size // 2, np.float32)
        self._flux: list[NDArray[np.float32]] = []

    def add(self, mix: NDArray[np.float32]) -> None:
        """Take the next frames of the mix, shape (n_frames,)."""
        signal = np.concatenate([self._rest, mix])
        n_windows = (len(signal) - self._size) // self._hop + 1
        if n_windows < 1:
            self._rest = signal
            return
        windows = np.lib.stride_tricks.sliding_window_view(signal, self._size)[:: self._hop][:n_windows]
        spectra = scipy.fft.rfft(windows * self._window, axis=1)[:, : self._n_bins]
        magnitudes = np.abs(spectra)
        both = np.concatenate([self._before, magnitudes])
        gained = np.maximum(both[1:] - both[:-1], 0).sum(axis=1)
        larger = np.maximum(both[1:], both[:-1]).sum(axis=1)
        self._flux.append(np.divide(gained, larger, out=np.zeros_like(gained), where=larger > 1e-6))
        self._before = magnitudes[-1:].copy()
        self._rest = signal[n_windows * self._hop :].copy()

    def flux(self) -> NDArray[np.float32]:
        """The relative flux, one value every 20 ms, in the time of the frame's middle."""
        return np.concatenate(self._flux) if self._flux else np.zeros(0, np.float32)

    @property
    def hop_frames(self) -> int:
        """Frames from one value to the next."""
        return self._hop
