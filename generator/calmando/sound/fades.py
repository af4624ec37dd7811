"""How a piece comes out of silence and goes back into it, on absolute frames."""

from __future__ import annotations

from collections.abc import Generator, Iterable

import numpy as np
from numpy.typing import NDArray

from calmando.errors import InputError
from calmando.score.model import Fades
from calmando.sound.blocks import peak_of
from calmando.units import Decibels, Frames

_GIVE_DB = 1.0
"""How far above its ceiling the guard of a live stream ever lets a sample come."""


class Fader:
    """Applies fade-in, fade-out and closing digital silence to blocks from any start frame.

    The fades are raised cosines (``(1 − cos πx) / 2``): they leave silence, and enter it, with slope zero, and
    where both meet in a piece they multiply.

    Parameters
    ----------
    n_frames
        The whole length of the piece, closing silence included.

    Raises
    ------
    InputError
        Where a time is negative, or the closing silence is longer than the piece.
    """

    def __init__(self, fades: Fades, n_frames: Frames, sample_rate: int) -> None:
        times = (fades.fade_in_s, fades.fade_out_s, fades.end_silence_s)
        if (
            not all(0.0 <= time < float("inf") for time in times)
            or fades.end_silence_s * sample_rate > n_frames
        ):
            raise InputError(
                f"The fades (in {times[0]:g} s, out {times[1]:g} s, closing silence {times[2]:g} s) do not fit "
                f"a piece of {n_frames / sample_rate:g} s.",
                "None may be negative, and the silence no longer than the piece.",
                "Make them shorter, or the piece longer.",
            )
        self._fade_in = round(fades.fade_in_s * sample_rate)
        self._fade_out = round(fades.fade_out_s * sample_rate)
        self._silence_at = n_frames - round(fades.end_silence_s * sample_rate)

    def apply(self, block: NDArray[np.float32], start_frame: Frames) -> None:
        """Fade a block, shape (n_frames, 2), in place; it begins at ``start_frame`` of the piece."""
        end_frame = start_frame + len(block)
        if start_frame < self._fade_in:
            part = block[: self._fade_in - start_frame]
            part *= _raised_cosine(np.arange(start_frame, start_frame + len(part)) / self._fade_in)
        fade_out_at = self._silence_at - self._fade_out
        first, last = max(start_frame, fade_out_at), min(end_frame, self._silence_at)
        if first < last:
            part = block[first - start_frame : last - start_frame]
            part *= _raised_cosine((self._silence_at - np.arange(first, last)) / self._fade_out)
        if end_frame > self._silence_at:
            block[max(0, self._silence_at - start_frame) :] = 0.0

    def over(
        self, blocks: Iterable[NDArray[np.float32]], frame: Frames = 0
    ) -> Generator[NDArray[np.float32], None, None]:
        """Blocks that follow one another, the first of them at a frame of the piece, faded in place."""
        for block in blocks:
            self.apply(block, frame)
            frame += len(block)
            yield block

    def gains_at(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """The fades' gain at some frames of the piece, 0 to 1."""
        gains = np.ones(len(frames))
        if self._fade_in:
            gains *= _raised_cosine(np.minimum(frames / self._fade_in, 1.0))[:, 0]
        left = np.maximum(self._silence_at - frames, 0)
        gains *= _raised_cosine(np.minimum(left / self._fade_out, 1.0))[:, 0] if self._fade_out else left > 0
        return gains


def hold_below(block: NDArray[np.float32], ceiling_db: Decibels) -> None:
    """Bend the samples above a ceiling smoothly back, in place, so that none comes 1 dB above it.

    A guard for live streams, where a gain that proved too high cannot be taken back; a file is written again
    at a lower gain instead. It has no memory: the same frame always gives the same value, nothing pumps, and
    a sound whose true peak stays under the ceiling is not touched at all. No sample passes full scale.
    """
    ceiling = min(10.0 ** (ceiling_db / 20.0), 1.0)
    # Comparing is quick; most blocks end here.
    if peak_of(block) <= ceiling:
        return
    give = min(ceiling * 10.0 ** (_GIVE_DB / 20.0), 1.0) - ceiling
    magnitude = np.abs(block)
    above = magnitude > np.float32(ceiling)
    over = magnitude[above] - ceiling
    bent = ceiling + (give * np.tanh(over / give) if give > 0 else 0.0)
    block[above] = np.copysign(bent, block[above])


def _raised_cosine(share: NDArray[np.float64]) -> NDArray[np.float32]:
    gain = 0.5 - 0.5 * np.cos(np.pi * share)
    return gain.astype(np.float32)[:, None]
