"""Memory for notes, which come and go in all sizes for hours: in the common heap they would leave holes."""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from calmando.sound.fluidsynth.synth import Stereo

Room: TypeAlias = Callable[[tuple[int, ...]], Stereo]
"""Gives memory for frames of a shape."""

_OWN: dict[str, Any] = (
    {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
)
"""Pages of this process alone; Windows gives them of its own accord. They come as they are written to: asked for all at
once they would keep other threads from Python meanwhile."""


def own_pages(shape: tuple[int, ...]) -> Stereo:
    """Memory that goes back to the system the moment the note in it is forgotten.

    Raises
    ------
    MemoryError
        Where there is none.
    """
    n_numbers = math.prod(shape)
    try:
        pages = mmap.mmap(-1, max(4 * n_numbers, 1), **_OWN)
    except OSError as error:
        raise MemoryError(f"no memory for {4 * n_numbers} bytes of sound") from error
    return np.frombuffer(pages, np.float32, n_numbers).reshape(shape)


def passing(shape: tuple[int, ...]) -> Stereo:
    """Memory for what is soon put elsewhere: that of others before it, which costs less than pages of its own."""
    return np.empty(shape, np.float32)


def in_own_pages(frames: Stereo) -> Stereo:
    """Copy a note to pages of its own."""
    kept = own_pages(frames.shape)
    kept[...] = frames
    return kept
