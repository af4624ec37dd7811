"""How a held note dies away once its key is let go: what sounded on, times how much softer its envelope is then.

Held or let go, a voice of FluidSynth differs in its volume envelope, which is known from the font's numbers
(see `volume_envelope`), and where a second envelope moves its filter, in that: what has passed the filter as it stands
while the key is held passes it as it stands afterwards (see `moving_filter`). Where more goes on, this does not fit,
which the check against a note that is played shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES
from calmando.sound.kernels import address, kernels
from calmando.sound.stages import Floats
from calmando.sound.synth import Stereo
from calmando.sound.volume_envelope import VolumeEnvelope
from calmando.units import Decibels, Frames

LARGEST_ERROR_DB: Decibels = -103.0
"""A release that errs more than this, relative to the note it is judged by, is not used: others stay below −100 dB."""
_RISING = np.linspace(0.0, 1.0, GRID_FRAMES, endpoint=False, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Release:
    """What letting go does to a note of one envelope."""

    envelope: VolumeEnvelope

    def tail(self, held: Stereo, let_go: Frames) -> Stereo:
        """What sounds after the key of a held note is let go at a frame of the grid."""
        fallen, stood, n_frames = self._corners(let_go // GRID_FRAMES, max(held.shape[1] - let_go, 0))
        sounding = held[:, let_go : let_go + n_frames]
        library = kernels()
        if library is None:
            before = _straight(stood)
            factor = np.divide(_straight(fallen), before, out=np.zeros_like(before), where=before > 0.0)
            return np.asarray(sounding * factor[:n_frames], np.float32)
        tail = np.empty(sounding.shape, np.float32)
        moving = self.envelope.filter
        if moving is None or let_go < GRID_FRAMES or not n_frames:
            for row, its_tail in zip(sounding, tail, strict=True):
                library.calmando_let_go(
                    address(row), address(its_tail), n_frames, address(fallen), address(stood)
                )
            return tail
        block, n_blocks = let_go // GRID_FRAMES, len(stood) - 1
        while_held = moving.held(block - 1, n_blocks + 1)
        afterwards = moving.let_go(block, n_blocks)
        stood = self.envelope.held(block + n_blocks)[block - 1 :]
        for row, its_tail in zip(held[:, let_go - GRID_FRAMES :], tail, strict=True):
            library.calmando_let_go_filtered(
                address(row), address(its_tail), n_frames, address(fallen), address(stood),
                address(while_held), address(afterwards),
            )  # fmt: skip
        return tail

    def _corners(self, block: int, n_held: Frames) -> tuple[Floats, Floats, Frames]:
        """How high it stands at the borders of blocks once it is let go, and if it is not; for how many frames."""
        fallen = self.envelope.let_go(block)
        n_frames = min((len(fallen) - 1) * GRID_FRAMES, n_held)
        n_blocks = -(-n_frames // GRID_FRAMES)
        stood = self.envelope.held(block + n_blocks)[block:]
        return fallen[: n_blocks + 1], stood, n_frames

    def fits(self, held: Stereo, note: Stereo, let_go: Frames) -> bool:
        """Whether it gives a note as it is played, let go at a frame."""
        tail = self.tail(held, let_go)
        error = 0.0
        for modelled, played in (
            (held[:, :let_go], note[:, :let_go]),
            (tail, note[:, let_go : let_go + tail.shape[1]]),
        ):
            n_both = min(modelled.shape[1], played.shape[1])
            error += _energy(played[:, :n_both] - modelled[:, :n_both])
            error += _energy(modelled[:, n_both:]) + _energy(played[:, n_both:])
        error += _energy(note[:, let_go + tail.shape[1] :])
        return error <= _energy(note) * 10 ** (LARGEST_ERROR_DB / 10)


def _straight(corners: Floats) -> NDArray[np.float32]:
    """Values at the borders of blocks as a line, frame by frame: shape (n_blocks × GRID_FRAMES,)."""
    borders = corners.astype(np.float32)
    lines: NDArray[np.float32] = (
        borders[:-1, np.newaxis] + (borders[1:] - borders[:-1])[:, np.newaxis] * _RISING
    )
    return lines.ravel().astype(np.float32, copy=False)


def _energy(frames: Stereo) -> float:
    return float(sum(np.vdot(side, side) for side in frames))
