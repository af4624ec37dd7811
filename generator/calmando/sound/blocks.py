"""What a block of sound is, and how far it swings; light, so that whoever only names it need not load what makes it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Block: TypeAlias = NDArray[np.float32]
"""Stereo frames, shape (n_frames, 2), float32, full scale ±1; each channel lies in one piece of memory."""


def peak_of(sound: NDArray[np.float32]) -> float:
    """The largest magnitude of any sample, 0 where there is none; NaN where one is."""
    return max(float(sound.max(initial=0.0)), -float(sound.min(initial=0.0)))
