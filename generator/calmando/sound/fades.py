"""How a piece comes out of silence and goes back into it, on absolute frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calmando.score.model import Fades
from calmando.units import Decibels, Frames


class Fader:
    """Applies fade-in, fade-out and closing digital silence to blocks from any start frame."""

    def __init__(self, fades: Fades, n_frames: Frames, sample_rate: int) -> None:
        raise NotImplementedError

    def apply(self, block: NDArray[np.float32], start_frame: Frames) -> None:
        """Fade a block, shape (n_frames, 2), in place; it begins at ``start_frame`` of the piece."""
        raise NotImplementedError


def hold_below(block: NDArray[np.float32], ceiling_db: Decibels) -> None:
    """Bend the samples above a ceiling smoothly under it, in place; below −1 dB of it nothing changes.

    Without memory: the same frame always gives the same value, and nothing pumps. A guard for live streams,
    where a gain that proved too high cannot be taken back; files are written again at a lower gain instead.
    """
    raise NotImplementedError
