"""The colour of the sound over time: centroid, roll-off, and how its energy lies over the bands.

Every third of a second one windowed spectrum is taken of both channels; their powers are added. Between those
windows nothing is missed that a listener would call colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from calmando.units import Hertz, Seconds

WINDOW_S: Seconds = 0.37
BRIGHT_FROM_HZ: Hertz = 1500.0
SUB_BASS_BELOW_HZ: Hertz = 40.0
PRESENCE_HZ: tuple[Hertz, Hertz] = (2000.0, 5000.0)
ROLL_OFF_SHARE = 0.85
_SILENT_POWER = 1e-12
_BELOW_LOUDEST = 1e-5


@dataclass(frozen=True, slots=True)
class Colour:
    """The colour of a piece; every array has one entry a window.

    Attributes
    ----------
    times_s
        Middle of the window in seconds.
    centroid_hz, roll_off_hz
        Power-weighted mean frequency, and the frequency below which 85 % of the power lies.
    sounding
        Whether the window is louder than silence and less than 50 dB below the loudest.
    bright_share, presence_share, sub_bass_share
        Share of the whole power above 1.5 kHz, within 2–5 kHz, and below 40 Hz (0–1; NaN for silence).
    """

    times_s: NDArray[np.float64]
    centroid_hz: NDArray[np.float64]
    roll_off_hz: NDArray[np.float64]
    sounding: NDArray[np.bool_]
    bright_share: float
    presence_share: float
    sub_bass_share: float


class ColourTaker:
    """Takes the colour of both channels, block by block."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._size = 2 ** max(round(np.log2(WINDOW_S * sample_rate)), 6)
        window = np.hanning(self._size).astype(np.float32)
        self._window = window / np.sqrt(np.sum(window**2) * self._size / 2)
        self._frequencies = scipy.fft.rfftfreq(self._size, 1 / sample_rate).astype(np.float32)
        self._sum = np.zeros(len(self._frequencies))
        self._rows: list[NDArray[np.float64]] = []
        self._pending: list[NDArray[np.float32]] = []
        self._n_pending = 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next block, shape (n_frames, 2)."""
        self._pending.append(block)
        self._n_pending += len(block)
        if self._n_pending >= 8 * self._size:
            self._take(len_multiple=self._size)

    def colour(self) -> Colour:
        """Say what was seen so far; a last part of a window is filled up with silence."""
        rows, total = list(self._rows), self._sum.copy()
        if self._n_pending:
            rest = np.concatenate(self._pending)
            missing = -len(rest) % self._size
            padded = np.concatenate([rest, np.zeros((missing, 2), np.float32)])
            powers = self._powers(padded)
            rows.append(self._features(powers))
            total += powers.sum(axis=0, dtype=np.float64)
        table = np.concatenate(rows) if rows else np.zeros((0, 3))
        power = table[:, 0]
        loudest = power.max(initial=0.0)
        sounding = (power > _SILENT_POWER) & (power > loudest * _BELOW_LOUDEST)
        return Colour(
            times_s=(np.arange(len(table)) + 0.5) * self._size / self._rate,
            centroid_hz=table[:, 1],
            roll_off_hz=table[:, 2],
            sounding=sounding,
            bright_share=self._share(total, BRIGHT_FROM_HZ, np.inf),
            presence_share=self._share(total, *PRESENCE_HZ),
            sub_bass_share=self._share(total, 0.0, SUB_BASS_BELOW_HZ),
        )

    def _take(self, len_multiple: int) -> None:
        whole = np.concatenate(self._pending)
        used = len(whole) - len(whole) % len_multiple
        powers = self._powers(whole[:used])
        self._rows.append(self._features(powers))
        self._sum += powers.sum(axis=0, dtype=np.float64)
        self._pending = [whole[used:].copy()]
        self._n_pending = len(whole) - used

    def _powers(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """One power spectrum a window, both channels added, shape (n_windows, n_bins)."""
        powers = np.zeros((len(frames) // self._size, len(self._frequencies)), np.float32)
        for channel in range(2):
            windows = np.ascontiguousarray(frames[:, channel]).reshape(-1, self._size)
            spectra = scipy.fft.rfft(windows * self._window, axis=1)
            powers += spectra.real**2 + spectra.imag**2
        return powers

    def _features(self, powers: NDArray[np.float32]) -> NDArray[np.float64]:
        """Power, centroid and roll-off of every window, shape (n_windows, 3)."""
        total = powers.sum(axis=1, dtype=np.float64)
        safe = np.where(total > 0, total, 1.0)
        centroid = (powers @ self._frequencies) / safe
        reached = np.cumsum(powers, axis=1) >= ROLL_OFF_SHARE * total[:, None]
        roll_off = self._frequencies[np.argmax(reached, axis=1)]
        return np.column_stack([total, centroid, roll_off]).astype(np.float64)

    def _share(self, power: NDArray[np.float64], low: Hertz, high: Hertz) -> float:
        # The mean (DC) and its leakage into the neighbouring bins are no sound.
        audible = self._frequencies > 2.5 * self._rate / self._size
        total = float(power[audible].sum())
        band = audible & (self._frequencies >= low) & (self._frequencies < high)
        return float(power[band].sum()) / total if total > 0 else float("nan")
