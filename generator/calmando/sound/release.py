"""How a held note dies away once its key is let go, measured once and applied at any length.

While a note is sustained FluidSynth's volume envelope stands still, so that letting go at one moment or another
multiplies what would have sounded on by the same falling curve. That curve is straight between FluidSynth's
blocks. Where an instrument decays while it is held, or its filter moves, the curve does not fit, which the check
against a direct rendering shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES
from calmando.sound.synth import Stereo
from calmando.units import Decibels, Frames

Floats: TypeAlias = NDArray[np.float64]

LARGEST_ERROR_DB: Decibels = -100.0
"""A release that errs more than this, relative to the note, is not used."""
_STEADYING = 1e-12
"""How strongly the curve is held straight where the note itself is silent, relative to its power."""


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """The falling curve of each side, frame by frame from where the key is let go: shape (2, n_frames).

    Stereo samples are two voices, and their envelopes need not be the same.
    """

    curve: NDArray[np.float32]

    @property
    def n_frames(self) -> Frames:
        """How long it takes to silence."""
        return int(self.curve.shape[1])

    def tail(self, held: Stereo, let_go: Frames) -> Stereo:
        """What sounds after the key of a held note is let go."""
        sounding_on = held[:, let_go : let_go + self.n_frames]
        tail: Stereo = sounding_on * self.curve[: len(held), : sounding_on.shape[1]]
        return tail

    def fits(self, held: Stereo, note: Stereo, let_go: Frames) -> bool:
        """Whether it gives a directly rendered note that was let go at a frame."""
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


def _energy(frames: Stereo) -> float:
    return float(sum(np.vdot(side, side) for side in frames))


def measure_release(held: Stereo, note: Stereo, let_go: Frames) -> Release | None:
    """Measure it from a held note and the same note let go earlier; ``None`` where it cannot be.

    The curve's values at the borders of blocks are the least-squares solution of note = held × curve.
    """
    n_frames = min(note.shape[1], held.shape[1]) - let_go
    n_blocks = n_frames // GRID_FRAMES
    if n_blocks < 2 or note.shape[1] > held.shape[1]:
        return None
    n_frames = n_blocks * GRID_FRAMES
    rising = np.arange(GRID_FRAMES) / GRID_FRAMES
    at = np.arange(n_frames) / GRID_FRAMES
    curve = np.zeros((2, n_frames), np.float32)
    for side in range(2):
        base, goal = (
            sound[side, let_go : let_go + n_frames].astype(np.float64).reshape(n_blocks, GRID_FRAMES)
            for sound in (held, note)
        )
        corners = _corners(base * (1.0 - rising), base * rising, goal)
        curve[side] = np.interp(at, np.arange(n_blocks + 1), corners)
    return Release(curve)


def _corners(falling: Floats, rising: Floats, goal: Floats) -> Floats:
    """The curve at the borders of blocks: the normal equations tie each border to its neighbours alone."""
    here, cross, there = (
        (a * b).sum(axis=1) for a, b in ((falling, falling), (falling, rising), (rising, rising))
    )
    diagonal = np.zeros(len(goal) + 1)
    diagonal[:-1] += here
    diagonal[1:] += there
    power = float(diagonal.mean())
    if power == 0.0:
        return diagonal
    diagonal += _STEADYING * power
    wanted = np.zeros(len(goal) + 1)
    wanted[:-1] += (falling * goal).sum(axis=1)
    wanted[1:] += (rising * goal).sum(axis=1)
    return _solved(diagonal.tolist(), cross.tolist(), wanted.tolist())


def _solved(diagonal: list[float], beside: list[float], wanted: list[float]) -> Floats:
    """Solve symmetric, positive definite equations of three bands (Golub and Van Loan, Matrix Computations, 4.3.6).

    The lists are used up. Plain numbers are quick enough here, and spare loading a library of linear algebra.
    """
    for row, cross in enumerate(beside):
        share = cross / diagonal[row]
        diagonal[row + 1] -= share * cross
        wanted[row + 1] -= share * wanted[row]
    solved = [wanted[-1] / diagonal[-1]]
    for row in range(len(beside) - 1, -1, -1):
        solved.append((wanted[row] - beside[row] * solved[-1]) / diagonal[row])
    return np.array(solved[::-1])
