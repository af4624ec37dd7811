"""Blocks of sound → the loudspeaker, through pygame's mixer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def play(blocks: Iterable[NDArray[np.float32]], sample_rate: int) -> None:
    """Play blocks, shape (n_frames, 2), until they end; Ctrl-C fades out within two seconds, then raises.

    Raises
    ------
    MissingError
        Where there is no sound device or no pygame.
    """
    raise NotImplementedError
