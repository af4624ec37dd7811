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
from calmando.sound.drift import STRETCH
from calmando.sound.kernels import address, kernels
from calmando.sound.notes import BankNote, in_own_pages, own_pages
from calmando.sound.stages import Floats
from calmando.sound.synth import Stereo
from calmando.sound.volume_envelope import VolumeEnvelope
from calmando.units import Decibels, Frames, Seconds

LARGEST_ERROR_DB: Decibels = -103.0
"""A release that errs more than this, relative to the note it is judged by, is not used: others stay below −100 dB."""
_RINGS_S: Seconds = 0.2
"""So long after a note its drift is heard to end: it falls by 40 dB."""
_RISING = np.linspace(0.0, 1.0, GRID_FRAMES, endpoint=False, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Release:
    """What letting go does to a note of one envelope."""

    envelope: VolumeEnvelope

    def tail_of(self, note: BankNote, let_go: Frames) -> Stereo:
        """What of a held note is another, from `tail_begins` on, once its key is let go at a frame of the grid.

        It lies in pages of its own.
        """
        if note.drift is None:
            return self.tail(note.frames, let_go)
        begins = tail_begins(note, let_go)
        first = max(begins - STRETCH, 0)
        # No release is longer, and what is held on after it is not asked for.
        stop = min(let_go + self.envelope.release * GRID_FRAMES, note.frames.shape[1])
        held = note.frames[:, first:stop] + note.drift.between(first, stop)
        before, after = held[:, begins - first : let_go - first], self.tail(held, let_go, first)
        ringing = np.zeros((len(held), round(_RINGS_S * note.drift.sample_rate)), np.float32)
        rest = np.concatenate([before, after, ringing], axis=1)
        drift = note.drift.going_on(begins, rest)
        return in_own_pages(rest - drift.between(begins, begins + rest.shape[1]))

    def tail(self, held: Stereo, let_go: Frames, first: Frames = 0) -> Stereo:
        """What sounds after the key of a held note, given from some frame on, is let go."""
        block, at = let_go // GRID_FRAMES, let_go - first
        fallen, stood, n_frames = self._corners(block, max(held.shape[1] - at, 0))
        sounding = held[:, at : at + n_frames]
        library = kernels()
        if library is None:
            before = _straight(stood)
            factor = np.divide(_straight(fallen), before, out=np.zeros_like(before), where=before > 0.0)
            return in_own_pages(sounding * factor[:n_frames])
        tail = own_pages(sounding.shape)
        moving = self.envelope.filter
        if moving is None or at < GRID_FRAMES or not n_frames:
            for row, its_tail in zip(sounding, tail, strict=True):
                library.calmando_let_go(
                    address(row), address(its_tail), n_frames, address(fallen), address(stood)
                )
            return tail
        n_blocks = len(stood) - 1
        while_held = moving.held(block - 1, n_blocks + 1)
        afterwards = moving.let_go(block, n_blocks)
        stood = self.envelope.held(block + n_blocks, block - 1)
        for row, its_tail in zip(held[:, at - GRID_FRAMES :], tail, strict=True):
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
        stood = self.envelope.held(block + n_blocks, block)
        return fallen[: n_blocks + 1], stood, n_frames


def tail_begins(note: BankNote, let_go: Frames) -> Frames:
    """From which frame on a held note is another once its key is let go: its drift is told by whole stretches."""
    return let_go if note.drift is None else let_go // STRETCH * STRETCH


def fits(made: BankNote, played: BankNote) -> bool:
    """Whether what is made of a held note is the note that is played, but for the drift of a shorter one."""
    if made.drift is not None and played.drift is None:
        played = played.freed(made.drift.sample_rate)
    one, other = made.both_sides(), played.both_sides()
    n_both = min(one.shape[1], other.shape[1])
    error = _energy(other[:, :n_both] - one[:, :n_both])
    error += _energy(one[:, n_both:]) + _energy(other[:, n_both:])
    return error <= _energy(other) * 10 ** (LARGEST_ERROR_DB / 10)


def _straight(corners: Floats) -> NDArray[np.float32]:
    """Values at the borders of blocks as a line, frame by frame: shape (n_blocks × GRID_FRAMES,)."""
    borders = corners.astype(np.float32)
    lines: NDArray[np.float32] = (
        borders[:-1, np.newaxis] + (borders[1:] - borders[:-1])[:, np.newaxis] * _RISING
    )
    return lines.ravel().astype(np.float32, copy=False)


def _energy(frames: Stereo) -> float:
    return float(sum(np.vdot(side, side) for side in frames))
