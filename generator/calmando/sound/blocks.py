"""What a block of sound is, and how far it swings; light, so that whoever only names it need not load what makes it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.sound.kernels import address, kernels

Block: TypeAlias = NDArray[np.float32]
"""Stereo frames, shape (n_frames, 2), float32, full scale ±1; each channel lies in one piece of memory."""

_MANY_SAMPLES = 32_768
"""From here on a kernel finds their peak sooner than numpy does in two calls."""


def sides_of(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Both sides of a block, shape (2, n_frames), each in one piece of memory: copied only where they are not."""
    sides = np.asarray(block, np.float32).T
    return sides if sides.strides[1] == sides.itemsize else np.ascontiguousarray(sides)


def peak_of(sound: NDArray[np.float32]) -> float:
    """The largest magnitude of any sample, 0 where there is none; NaN where one is."""
    if sound.size >= _MANY_SAMPLES and sound.dtype == np.float32:
        library, rows = kernels(), _rows(sound)
        if library is not None and rows is not None:
            return float(library.calmando_peak(address(sound), *rows))
    return max(float(sound.max(initial=0.0)), -float(sound.min(initial=0.0)))


def sum_of_products(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The sum of the products of two sounds, shape (n_rows, n_frames), in double precision.

    It is the same on every processor: the library for linear algebra has an order of its own for each.
    """
    return float(np.einsum("ij,ij->", one, other, dtype=np.float64))


def _rows(sound: NDArray[np.float32]) -> tuple[int, int, int] | None:
    """How many rows a sound lies in, samples from one to the next, samples in each; ``None`` where it does not."""
    if not sound.flags.aligned:
        return None
    if sound.flags.forc:
        return 1, 0, sound.size
    if sound.ndim != 2:
        return None
    rows = sound if sound.strides[1] == sound.itemsize else sound.T
    stride, step = rows.strides
    if step != sound.itemsize or stride % sound.itemsize:
        return None
    return len(rows), stride // sound.itemsize, rows.shape[1]
