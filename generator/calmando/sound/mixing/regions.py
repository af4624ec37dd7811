"""Regions of the piece, mixed by several threads and handed on in order; the same bytes however many work."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.mixing.convolution import REGION_FRAMES
from calmando.sound.mixing.crew import Crew, Step
from calmando.sound.mixing.desk import Bus, Desk
from calmando.sound.mixing.mix import Sent, mix
from calmando.sound.mixing.source import Source
from calmando.units import Frames

Mixed: TypeAlias = tuple[list[Stereo], Sent]
"""The buses of a region, shape (2, REGION_FRAMES) each, and what they send to the reverb."""


def mixed_regions(
    source: Source,
    desk: Desk,
    buses: Sequence[Bus],
    first_region: int,
    end_region: int,
    n_threads: int,
    gain: float = 1.0,
    known: dict[int, Mixed] | None = None,
) -> Generator[list[Stereo], None, None]:
    """Every bus at a gain, region by region, fresh memory each.

    The region before the first is mixed too, for its reverb in the first. The thread that asks is one
    of the ``n_threads``: while a region is not ready it works on others, so that none waits and none is too many.

    Parameters
    ----------
    known
        Whole regions that need not be mixed again (see `whole_region`); they are taken out.
    """
    known = known or {}
    with Crew(n_threads - 1) as crew:
        waiting: deque[Step[list[Stereo]]] = deque()
        before: Step[Mixed] | None = None
        upcoming = max(first_region - 1, 0)
        try:
            for index in range(first_region, end_region):
                while upcoming < min(index + n_threads + 2, end_region):
                    mixed, whole = _steps(source, desk, buses, upcoming, before, gain, known)
                    crew.add(mixed)
                    if upcoming >= first_region:
                        crew.add(whole)
                        waiting.append(whole)
                    before = mixed
                    upcoming += 1
                # Somebody waits to hear the first: until then nothing is done here that comes after it.
                is_ahead = n_threads > 1 and index > first_region
                yield crew.result_of(waiting.popleft(), upcoming if is_ahead else index)
        finally:
            crew.end()
            source.close()


def whole_region(source: Source, desk: Desk, buses: Sequence[Bus], index: int) -> Mixed:
    """One region alone, its reverb included, in the thread that asks."""
    earlier = _dry(source, desk, buses, index - 1)[1] if index > 0 else None
    mixed, sent = _dry(source, desk, buses, index)
    _answer(desk, earlier, sent, mixed)
    return mixed, sent


def _steps(
    source: Source,
    desk: Desk,
    buses: Sequence[Bus],
    index: int,
    before: Step[Mixed] | None,
    gain: float,
    known: dict[int, Mixed],
) -> tuple[Step[Mixed], Step[list[Stereo]]]:
    """What is to be done for a region: its parts are mixed; their reverb is added, where it is not there yet, and the gain."""
    if index in known:
        kept = known.pop(index)
        mixed = Step(index, lambda: kept)
        return mixed, Step(index, lambda: [frames * np.float32(gain) for frames in kept[0]], (mixed,))

    def add_reverb() -> list[Stereo]:
        whole, sent = mixed.result()
        _answer(desk, before.result()[1] if before is not None else None, sent, whole, gain)
        return whole

    mixed = Step(index, functools.partial(_dry, source, desk, buses, index))
    needed = (mixed,) if before is None else (before, mixed)
    return mixed, Step(index, add_reverb, needed, is_long=True)


def _dry(source: Source, desk: Desk, buses: Sequence[Bus], index: int) -> Mixed:
    return mix(source.region(index), desk, buses, index * REGION_FRAMES, REGION_FRAMES)


def _answer(desk: Desk, earlier: Sent | None, sent: Sent, mixed: list[Stereo], gain: float = 1.0) -> None:
    """Add the reverb of what the buses sent in a region and the one before it, and set them at a gain."""
    for frames, past, now in zip(mixed, earlier or [None] * len(mixed), sent, strict=True):
        if desk.reverb is None or (past is None and now is None):
            np.multiply(frames, np.float32(gain), out=frames)
        else:
            desk.reverb.add_answer(past, now, frames, gain)


def reblocked(
    regions: Iterator[Stereo], skip: Frames, n_frames: Frames, block_frames: Frames
) -> Iterator[Stereo]:
    """Cut regions into blocks of another length, leaving out the first frames; in all ``n_frames``."""
    waiting: deque[Stereo] = deque()
    held = 0
    left = n_frames
    for region in regions:
        waiting.append(region[:, skip:])
        held += waiting[-1].shape[1]
        skip = max(skip - region.shape[1], 0)
        while left > 0 and held >= min(block_frames, left):
            size = min(block_frames, left)
            yield _take(waiting, size)
            held -= size
            left -= size
        if left <= 0:
            return


def _take(waiting: deque[Stereo], size: Frames) -> Stereo:
    pieces: list[Stereo] = []
    while size > 0:
        piece = waiting.popleft()
        if piece.shape[1] > size:
            waiting.appendleft(piece[:, size:])
            piece = piece[:, :size]
        pieces.append(piece)
        size -= piece.shape[1]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)
