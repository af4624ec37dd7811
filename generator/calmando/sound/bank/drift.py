"""Drift below hearing, which notes of some fonts carry: it eats headroom, and is taken away.

What is slow is found in means over short stretches, smoothed, and drawn as straight lines.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.sound.bank.described import Description
from calmando.sound.bank.own_pages import Room
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import addresses, kernels
from calmando.units import Frames, Seconds

STRETCH: Frames = 256
"""As drift.c has it."""
_SHARE = 0.05
"""Notes whose mean exceeds this share of their RMS carry DC, and are freed of it."""
_CORNER_HZ = 7.0
_FADES_S: Seconds = 1.0
"""After this the filter's response lies 200 dB lower."""

Floats = NDArray[np.float64]


def has_drift(heard: Description, n_frames: Frames, silent_frames: Frames = 0) -> bool:
    """Whether there is enough below hearing to matter, where so much silence follows."""
    longer = n_frames + silent_frames
    mean = max(abs(mean) for mean in heard.means) * n_frames / longer
    return mean**2 > _SHARE**2 * sum(heard.powers) / (2 * longer)


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """What is slow in a sound; ``means`` are those of every stretch before it was taken away, shape (n_rows, n_stretches)."""

    means: Floats
    sample_rate: int

    @classmethod
    def of(cls, frames: Stereo, sample_rate: int) -> Drift:
        """Find it; the last stretch goes on in silence."""
        return cls(_means(frames), sample_rate)

    def taken_from(self, frames: Stereo, first: Frames, room: Room) -> Stereo:
        """Frames from the beginning of a stretch on, free of it; in new memory."""
        return self._added(frames, first, -1.0, room)

    def given_back(self, frames: Stereo, first: Frames, room: Room) -> Stereo:
        """Such frames as they were before; in new memory."""
        return self._added(frames, first, 1.0, room)

    def of_row(self, row: int) -> Drift:
        """That of one row."""
        return Drift(self.means[row : row + 1], self.sample_rate)

    def going_on(self, frame: Frames, frames: Stereo) -> Drift:
        """That of a sound that goes on otherwise from the beginning of a stretch."""
        return Drift(
            np.concatenate([self.means[:, : frame // STRETCH], _means(frames)], axis=1), self.sample_rate
        )

    def _added(self, frames: Stereo, first: Frames, share: float, room: Room) -> Stereo:
        corners, added, library = self._corners(first, frames.shape[1]), room(frames.shape), kernels()
        if library is None:
            lines = corners[:, :-1, np.newaxis] + np.diff(corners, axis=1)[:, :, np.newaxis] * _RISING
            drawn = lines.reshape(len(frames), -1)[:, : frames.shape[1]] * np.float32(share)
            return np.add(frames, drawn, out=added)
        rows = zip(addresses(frames), addresses(added), addresses(corners), strict=True)
        for row, its_sum, its_corners in rows:
            library.calmando_add_lines(row, its_sum, frames.shape[1], its_corners, share)
        return added

    def _corners(self, first: Frames, n_frames: Frames) -> NDArray[np.float32]:
        """Between which it is drawn, from the beginning of a stretch on: shape (n_rows, n_stretches + 1)."""
        low_pass = _low_pass(self.sample_rate / STRETCH)
        first_stretch, n_stretches = first // STRETCH, -(-n_frames // STRETCH)
        # Before the sound there is silence, and one line ends where the next begins.
        earliest = max(first_stretch - 1 - len(low_pass), 0)
        means = self.means[:, earliest : first_stretch + n_stretches]
        smoothed = np.stack([np.convolve(row, low_pass)[: means.shape[1]] for row in means])
        corners = np.zeros((len(means), n_stretches + 1), np.float32)
        known = smoothed[:, max(first_stretch - 1, 0) - earliest :]
        corners[:, -known.shape[1] :] = known
        return corners


_RISING = np.arange(STRETCH, dtype=np.float32) / STRETCH


def _means(frames: Stereo) -> Floats:
    n_rows, n_frames = frames.shape
    n_stretches = -(-n_frames // STRETCH)
    library = kernels()
    if library is not None:
        means = np.empty((n_rows, n_stretches))
        for row, its_means in zip(addresses(frames), addresses(means), strict=True):
            library.calmando_means(row, n_frames, its_means)
        return means
    padded = np.zeros((n_rows, n_stretches * STRETCH), np.float32)
    padded[:, :n_frames] = frames
    return np.asarray(padded.reshape(n_rows, n_stretches, STRETCH).mean(axis=2, dtype=np.float64))


@functools.cache
def _low_pass(rate_hz: float) -> Floats:
    """The impulse response of a Butterworth filter of second order (the bilinear transform of its analogue prototype)."""
    corner = math.tan(math.pi * _CORNER_HZ / rate_hz)
    scale = 1.0 + math.sqrt(2.0) * corner + corner**2
    b0, a1 = corner**2 / scale, 2.0 * (corner**2 - 1.0) / scale
    a2 = (1.0 - math.sqrt(2.0) * corner + corner**2) / scale
    n_means = round(_FADES_S * rate_hz)
    response = np.zeros(n_means)
    for place, given in enumerate([b0, 2.0 * b0, b0, *[0.0] * (n_means - 3)]):
        response[place] = given - a1 * response[place - 1] - a2 * response[place - 2]
    return response
