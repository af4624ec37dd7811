"""How a part's level moves: smooth lines through the stairs of its controllers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES, ControllerCurve, PerformedPart, Wholes
from calmando.score.model import Controller
from calmando.units import Frames, Seconds

Stereo = NDArray[np.float32]

SWELL_STEP = 8
"""Steps of a controller up to this size are stairs of a swell, and made smooth."""
SWELL_GAP_S: Seconds = 2.0
"""Steps further apart than this are no swell: the value holds, then glides at its end."""
GLIDE_S: Seconds = 0.05
"""A leap of a controller is taken in this time, so that it does not click."""


_LINE = np.stack([np.ones(GRID_FRAMES), np.arange(GRID_FRAMES) / GRID_FRAMES]).astype(np.float32)
"""What turns the start and the rise of a line into its points."""
_LINES_AT_ONCE = 64
"""So few that the matrix product stays on the thread that asks for it."""


def amplitude(values: Wholes) -> NDArray[np.float64]:
    """Amplitude factors of volume or expression values (0–127): their squares, as General MIDI recommends.

    FluidSynth's default modulators do the same, rounded to 0.1 dB.
    """
    factors: NDArray[np.float64] = (values / 127.0) ** 2
    return factors


def _on_grid(time_s: Seconds, sample_rate: int) -> Frames:
    return round(time_s * sample_rate / GRID_FRAMES) * GRID_FRAMES


@dataclass(frozen=True, slots=True, eq=False)
class GainCurve:
    """A level over the whole piece: straight lines between corners, which lie on the grid of `GRID_FRAMES`.

    Before the first corner and after the last the level stands still.
    """

    frames: NDArray[np.float64]
    gains: NDArray[np.float64]

    def __post_init__(self) -> None:
        # As the kernels read them.
        for name in ("frames", "gains"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), np.float64))

    @classmethod
    def smooth(
        cls,
        curve: ControllerCurve,
        sample_rate: int,
        law: Callable[[Wholes], NDArray[np.float64]] = amplitude,
    ) -> GainCurve:
        """A smooth course through a controller's stairs; ``law`` says what a value means."""
        frames, values = curve.frames, curve.values
        gains = law(values)
        swells = np.abs(np.diff(values)) <= SWELL_STEP
        glides = np.where(swells, *(_on_grid(time_s, sample_rate) for time_s in (SWELL_GAP_S, GLIDE_S)))
        held = np.flatnonzero(np.diff(frames) > glides)
        return cls(
            np.insert(frames, held + 1, frames[held + 1] - glides[held]).astype(np.float64),
            np.insert(gains, held + 1, gains[held]),
        )

    @classmethod
    def still(cls, gain: float) -> GainCurve:
        """A level that never moves."""
        return cls(np.zeros(1), np.array([gain]))

    def at(self, frames: Wholes) -> NDArray[np.float64]:
        """Factors at some frames."""
        return np.interp(frames, self.frames, self.gains)

    def apply(self, sound: NDArray[np.float32], first: Frames) -> None:
        """Set sound (…, n_frames) that begins at ``first`` at this level, in place."""
        gains = self.between(first, sound.shape[-1])
        if not (isinstance(gains, float) and gains == 1.0):
            np.multiply(sound, np.float32(gains) if isinstance(gains, float) else gains, out=sound)

    def between(self, first: Frames, n_frames: Frames) -> NDArray[np.float32] | float:
        """Factors for frames ``first`` …; a single number where nothing moves there."""
        begun = int(self.frames.searchsorted(first, side="right"))
        around = self.gains[max(begun - 1, 0) : int(self.frames.searchsorted(first + n_frames)) + 1]
        if around.min() == around.max():
            return float(around[0])
        low, high = first // GRID_FRAMES, -(-(first + n_frames) // GRID_FRAMES)
        corners = np.interp(np.arange(low, high + 1) * GRID_FRAMES, self.frames, self.gains)
        lines = np.zeros((-(-(high - low) // _LINES_AT_ONCE) * _LINES_AT_ONCE, 2), np.float32)
        lines[: high - low, 0] = corners[:-1]
        lines[: high - low, 1] = np.diff(corners)
        drawn = lines.reshape(-1, _LINES_AT_ONCE, 2) @ _LINE
        skipped = first - low * GRID_FRAMES
        return drawn.ravel()[skipped : skipped + n_frames]


MIXED_CONTROLLERS = (Controller.VOLUME, Controller.EXPRESSION)
"""Controllers that the mixer may move."""


def is_mixed(curve: ControllerCurve) -> bool:
    """Whether the mixer takes care of a controller, not FluidSynth itself: of expression, and of volume where it moves.

    Whether expression will ever move is not known in the opening of a piece that is heard while it is composed.
    """
    return curve.controller is Controller.EXPRESSION or (
        curve.controller is Controller.VOLUME and curve.moves
    )


@dataclass(frozen=True, slots=True, eq=False)
class PartLevel:
    """How a part's level moves, all its controllers together."""

    curves: tuple[GainCurve, ...]

    @classmethod
    def of(cls, part: PerformedPart, sample_rate: int) -> PartLevel:
        """The level of a part."""
        curves = (part.curve(controller) for controller in MIXED_CONTROLLERS)
        return cls(tuple(GainCurve.smooth(curve, sample_rate) for curve in curves if is_mixed(curve)))

    def at(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """Factors at some frames."""
        factors = np.ones(len(frames))
        for curve in self.curves:
            factors *= curve.at(frames)
        return factors

    def apply(self, frames: Stereo, first: Frames) -> Stereo:
        """Frames (…, n_frames) that begin at ``first``, at this level; changed in place."""
        for curve in self.curves:
            curve.apply(frames, first)
        return frames
