"""Float samples → whole numbers, with a noise that hides the steps and is the same every time.

Triangular dither of two least significant bits, after Lipshitz, Wannamaker and Vanderkooy, "Quantization
and dither: a theoretical survey", JAES 40 (1992): the error is then noise of constant power, whatever the
music does. It comes from a fixed table indexed by the absolute frame, so that the same music gives the same
bytes however it is cut into blocks.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from calmando.sound.files.direct_sink import PAGE_BYTES
from calmando.sound.kernels import address, addresses, kernels, room_at
from calmando.units import Frames

_TABLE_FRAMES = 1 << 18
"""Six seconds: too long a period to be heard in a noise at −93 dB."""

_DRAWN_AT_ONCE: Frames = 1 << 12

_SEED = 1992

_FULL_SCALE_16 = 32_768.0
_FULL_SCALE_24 = 8_388_608.0

_ROUNDING = np.float32(1.5 * 2.0**23)
"""Added to a number that is small against it, it leaves no room for a fraction: the lower half of the sum's bits
is then the number as 16 bits, rounded to the nearest, to even between two."""
_LOWER_HALF = np.uint32(0xFFFF)
_BOTH_SIDES = np.dtype("<u4")
"""A frame: left in the lower half, right in the upper."""


def quantise_16(block: NDArray[np.float32], start_frame: Frames) -> NDArray[np.int16]:
    """Dither and round a block, shape (n_frames, 2), that begins at an absolute frame.

    Quickest where each channel lies in one piece of memory.

    Digital silence (both channels exactly zero) stays digital silence.
    """
    sides = np.require(block, np.float32, "A").T
    library = kernels()
    if library is None:
        return _quantised(sides, start_frame)
    table = _table()
    frames = room_at(PAGE_BYTES, (len(block), 2), np.int16)
    library.calmando_quantise_16(
        *addresses(sides), sides.strides[1] // sides.itemsize, len(block),
        address(table), _TABLE_FRAMES, start_frame % _TABLE_FRAMES, address(frames),
    )  # fmt: skip
    return frames


def _quantised(sides: NDArray[np.float32], start_frame: Frames) -> NDArray[np.int16]:
    """The same by numpy."""
    steps = sides * np.float32(_FULL_SCALE_16)
    steps += _noise(start_frame, sides.shape[1])
    np.clip(steps, -_FULL_SCALE_16, _FULL_SCALE_16 - 1, out=steps)
    steps += _ROUNDING
    left, right = steps.view(np.uint32)
    left &= _LOWER_HALF
    right <<= 16
    stored: NDArray[np.uint32] = np.bitwise_or(left, right).astype(_BOTH_SIDES, copy=False)
    silent = sides[0] == 0.0
    if silent.any():
        stored[silent & (sides[1] == 0.0)] = 0
    frames: NDArray[np.int16] = stored.view("<i2").astype(np.int16, copy=False).reshape(-1, 2)
    return frames


def quantise_24(block: NDArray[np.float32]) -> NDArray[np.int32]:
    """Round a block to 24 bits, standing in the upper ones of 32 (its steps are below any audible noise)."""
    scaled = np.rint(block * np.float32(_FULL_SCALE_24))
    np.clip(scaled, -_FULL_SCALE_24, _FULL_SCALE_24 - 1, out=scaled)
    whole: NDArray[np.int32] = np.left_shift(scaled.astype(np.int32), 8)
    return whole


def _noise(start_frame: Frames, n_frames: Frames) -> NDArray[np.float32]:
    """Noise for both sides, shape (2, n_frames)."""
    table = _table()
    start = start_frame % _TABLE_FRAMES
    if start + n_frames <= _TABLE_FRAMES:
        return table[:, start : start + n_frames]
    return table[:, np.arange(start, start + n_frames) % _TABLE_FRAMES]


@functools.cache
def _table() -> NDArray[np.float32]:
    # Raw draws: of these numpy promises that they never change.
    draws = np.random.PCG64(_SEED)
    table = np.empty((2, _TABLE_FRAMES), np.float32)
    # Few at a time, which stay near the processor.
    for first in range(0, _TABLE_FRAMES, _DRAWN_AT_ONCE):
        raw = draws.random_raw(_DRAWN_AT_ONCE * 2)
        one, other = raw >> np.uint64(40), raw & np.uint64(0xFF_FFFF)
        noise = (one.astype(np.float64) + other.astype(np.float64) + 1.0) / 2.0**24 - 1.0
        table[:, first : first + _DRAWN_AT_ONCE] = noise.reshape(_DRAWN_AT_ONCE, 2).T
    table.flags.writeable = False
    return table
