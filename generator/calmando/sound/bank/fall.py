"""How the frames of a held note fall once its key is let go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES
from calmando.sound.bank.own_pages import Room, own_pages
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import address, kernels
from calmando.units import Frames

_RISING = np.linspace(0.0, 1.0, GRID_FRAMES, endpoint=False, dtype=np.float32)

Borders = NDArray[np.float32]
"""Levels at the borders of blocks of `GRID_FRAMES`, straight lines between: shape (n_blocks + 1,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Fall:
    """For ``n_frames`` every frame is ``fallen`` over ``stood`` times as high, and 0 where nothing stood."""

    fallen: Borders
    stood: Borders
    n_frames: Frames

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.fallen.nbytes + self.stood.nbytes

    def of(self, held: Stereo, room: Room = own_pages) -> Stereo:
        """The frames as they fall, from where the key is let go, in new memory."""
        sounding = held[:, : self.n_frames]
        library = kernels()
        if library is None:
            before = _straight(self.stood)
            factor = np.divide(_straight(self.fallen), before, out=np.zeros_like(before), where=before > 0.0)
            return np.multiply(sounding, factor[: self.n_frames], out=room(sounding.shape))
        fallen = room(sounding.shape)
        borders = address(self.fallen), address(self.stood)
        for row, its_fall in zip(sounding, fallen, strict=True):
            library.calmando_let_go(address(row), address(its_fall), self.n_frames, *borders)
        return fallen


def _straight(borders: Borders) -> NDArray[np.float32]:
    """Frame by frame: shape (n_blocks × GRID_FRAMES,)."""
    lines: NDArray[np.float32] = (
        borders[:-1, np.newaxis] + (borders[1:] - borders[:-1])[:, np.newaxis] * _RISING
    )
    return lines.ravel()
