"""What is asked of a note once it has been played; compiled where it can be, else by numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calmando.sound.blocks import peak_of, sum_of_products
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import address, addresses, kernels
from calmando.units import Frames


@dataclass(frozen=True, slots=True)
class Description:
    """A note's sides: how far they swing, their means, the sums of their squares, and that of left times right."""

    peak: float
    means: tuple[float, float]
    powers: tuple[float, float]
    product: float


def described(frames: Stereo) -> Description:
    """Describe a note, shape (2, n_frames), one frame or more."""
    library = kernels()
    if library is not None:
        told = np.empty(6)
        library.calmando_describe(*addresses(frames), frames.shape[1], address(told))
        peak, left, right, left_power, right_power, product = told.tolist()
    else:
        peak = peak_of(frames)
        left, right = frames.sum(axis=1, dtype=np.float64).tolist()
        left_power, right_power = (float(np.vdot(side, side)) for side in frames)
        product = float(np.vdot(frames[0], frames[1]))
    n_frames = frames.shape[1]
    return Description(peak, (left / n_frames, right / n_frames), (left_power, right_power), product)


def frames_above(frames: Stereo, floor: float) -> Frames:
    """How many frames there are up to the last one that swings as far as ``floor`` on either side."""
    library = kernels()
    if library is not None:
        return int(library.calmando_frames_above(*addresses(frames), frames.shape[1], floor))
    last: Frames = frames.shape[1]
    while last > _SEARCH_FRAMES and peak_of(frames[:, last - _SEARCH_FRAMES : last]) < floor:
        last -= _SEARCH_FRAMES
    ending = np.abs(frames[:, max(last - _SEARCH_FRAMES, 0) : last]).max(axis=0)
    loud = np.flatnonzero(ending >= np.float32(floor))
    begun = last - len(ending)
    return begun + int(loud[-1]) + 1 if len(loud) else begun


_SEARCH_FRAMES: Frames = 4_096


def largest_difference(frames: Stereo, louder: int, share: float) -> float:
    """How far the softer side and a share of the louder one are apart at most."""
    one, other = frames[1 - louder], frames[louder]
    library = kernels()
    if library is not None:
        n_frames = frames.shape[1]
        return float(library.calmando_largest_difference(address(one), address(other), share, n_frames))
    return peak_of(one - other * np.float32(share))


def energies(one: Stereo, other: Stereo) -> tuple[float, float, float]:
    """The sums of the squares of two sounds of one shape, and that of their products."""
    library = kernels()
    if library is None:
        pairs = (one, one), (other, other), (one, other)
        first, second, both = (sum_of_products(*pair) for pair in pairs)
        return first, second, both
    told = np.empty((len(one), 6))
    for row, its_other, of_row in zip(addresses(one), addresses(other), told, strict=True):
        library.calmando_describe(row, its_other, one.shape[1], address(of_row))
    return tuple(told[:, 3:].sum(axis=0).tolist())


def difference_energy(one: Stereo, other: Stereo, other_level: float, one_level: float = 1.0) -> float:
    """The sum of the squares of what one sound is beyond another one of its shape, which is set at a level first.

    The first may be set at one as well.
    """
    library = kernels()
    if library is None:
        error = one * np.float32(one_level) - other * np.float32(other_level)
        return sum_of_products(error, error)
    return sum(
        float(library.calmando_difference_energy(row, one_level, its_other, other_level, one.shape[1]))
        for row, its_other in zip(addresses(one), addresses(other), strict=True)
    )
