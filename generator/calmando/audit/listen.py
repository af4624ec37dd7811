"""Listens to a piece block by block and remembers what the audit needs, in flat memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a piece; made by `Listener.heard`."""

    sample_rate: int
    n_frames: int


class Listener:
    """Hears blocks of any size; usable as the ``watch`` of `calmando.sound.encode.write_audio`.

    Parameters
    ----------
    sample_rate
        Frames a second.
    """

    def __init__(self, sample_rate: int) -> None:
        raise NotImplementedError

    def add(self, block: NDArray[np.float32]) -> None:
        """Hear the next block, shape (n_frames, 2) or (n_frames,)."""
        raise NotImplementedError

    def heard(self) -> Heard:
        """Say what has been heard so far."""
        raise NotImplementedError
