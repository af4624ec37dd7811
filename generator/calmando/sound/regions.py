"""Regions of the piece, mixed by several threads and handed on in order; the same bytes however many work."""

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from calmando.sound.crew import Crew, Step
from calmando.sound.desk import Bus, Desk, Sent, mix
from calmando.sound.source import Paper, Source
from calmando.sound.synth import Stereo
from calmando.units import Frames

REGION_FRAMES: Frames = 262_144
"""Six seconds: long enough for the reverb's response, short enough for a quick first block."""


def mixed_regions(
    source: Source, desk: Desk, buses: Sequence[Bus], first_region: int, end_region: int, n_threads: int
) -> Generator[list[Stereo], None, None]:
    """Every bus, region by region: shape (2, REGION_FRAMES), fresh memory each.

    The region before the first is mixed too, for its reverb in the first. The thread that asks is one
    of the ``n_threads``: while a region is not ready it works on others, so that none waits and none is too many.
    """
    own = _Own(2 * len(desk.levels))
    with Crew(n_threads - 1) as crew:
        waiting: deque[Step[list[Stereo]]] = deque()
        before: Step[_Dry] | None = None
        upcoming = max(first_region - 1, 0)
        try:
            for index in range(first_region, end_region):
                while upcoming < min(index + n_threads + 2, end_region):
                    dry = Step(upcoming, functools.partial(_mixed, source, desk, buses, own, upcoming))
                    crew.add(dry)
                    if upcoming >= first_region:
                        needed = (dry,) if before is None else (before, dry)
                        whole = Step(
                            upcoming, functools.partial(_answered, desk, before, dry), needed, is_long=True
                        )
                        crew.add(whole)
                        waiting.append(whole)
                    before = dry
                    upcoming += 1
                # Somebody waits to hear the first: until then nothing is done here that comes after it.
                is_ahead = n_threads > 1 and index > first_region
                yield crew.result_of(waiting.popleft(), upcoming if is_ahead else index)
        finally:
            crew.end()
            source.close()


_Dry: TypeAlias = tuple[list[Stereo], Sent]
"""The buses of a region without their reverb, and what they send to it."""


class _Own(threading.local):
    """Every thread's own paper."""

    def __init__(self, most_rows: int) -> None:
        self.paper = Paper(most_rows, REGION_FRAMES)


def _mixed(source: Source, desk: Desk, buses: Sequence[Bus], own: _Own, index: int) -> _Dry:
    own.paper.clear()
    return mix(source.region(index, own.paper), own.paper, desk, buses, index * REGION_FRAMES)


def _answered(desk: Desk, before: Step[_Dry] | None, dry: Step[_Dry]) -> list[Stereo]:
    """A region with its reverb, which also needs what the one before it sent."""
    mixed, sent = dry.result()
    if desk.reverb is not None:
        earlier = before.result()[1] if before is not None else [None] * len(mixed)
        for frames, past, now in zip(mixed, earlier, sent, strict=True):
            desk.reverb.add_answer(past, now, frames)
    return mixed


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
