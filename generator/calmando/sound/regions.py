"""Regions of the piece, mixed by several threads and handed on in order; the same bytes however many work."""

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from calmando.sound.desk import Bus, Desk, Sent, mix
from calmando.sound.source import Paper, Source
from calmando.sound.synth import Stereo
from calmando.units import Frames

REGION_FRAMES: Frames = 262_144
"""Six seconds: long enough for the reverb's response, short enough for a quick first block."""


@dataclass(slots=True, eq=False)
class _Promised:
    """A region that is to be mixed, by whoever comes to it first."""

    mix: Callable[[], list[Stereo]]
    future: Future[list[Stereo]]


def mixed_regions(
    source: Source, desk: Desk, buses: Sequence[Bus], first_region: int, end_region: int, n_threads: int
) -> Generator[list[Stereo], None, None]:
    """Every bus, region by region: shape (2, REGION_FRAMES), fresh memory each.

    The region before the first is mixed too, for its reverb in the first. The thread that asks is one
    of the ``n_threads``: while a region is not ready it mixes a later one, so that none waits and none is too many.
    """
    start = max(first_region - 1, 0)
    own = _Own(2 * len(desk.levels))
    with _Helpers(n_threads - 1) as helpers:
        waiting: deque[_Promised] = deque()
        promised: deque[Future[Sent]] = deque(maxlen=n_threads + 4)
        before: Future[Sent] | None = None
        upcoming = start
        try:
            for index in range(start, end_region):
                while upcoming < min(index + n_threads + 2, end_region):
                    sent: Future[Sent] = Future()
                    promised.append(sent)
                    if upcoming < first_region:
                        mix = functools.partial(_sending, source, desk, buses, own, upcoming, sent)
                    else:
                        mix = functools.partial(_region, source, desk, buses, own, upcoming, before, sent)
                    waiting.append(_Promised(mix, helpers.submit(mix)))
                    before = sent
                    upcoming += 1
                # Somebody waits to hear the first: until then nothing is mixed here that comes after it.
                mixed = _next(waiting, first_region - index + 1 if index <= first_region else len(waiting))
                if index >= first_region:
                    yield mixed
        finally:
            # From the last: no region is begun that would wait for one that is not.
            for region in reversed(waiting):
                region.future.cancel()
            # A stop may fall between the beginning of a region and its entry among those that are waited for.
            for sent in promised:
                sent.cancel()
            source.close()


def _next(waiting: deque[_Promised], n_helped: int) -> list[Stereo]:
    """The next region; while another thread is at it, one of the first ``n_helped`` that nobody has begun is mixed."""
    while not waiting[0].future.done():
        mine = next((region for region in islice(waiting, n_helped) if region.future.cancel()), None)
        if mine is None:
            break
        mine.future = Future()
        mine.future.set_result(mine.mix())
    return waiting.popleft().future.result()


class _Own(threading.local):
    """Every thread's own paper."""

    def __init__(self, most_rows: int) -> None:
        self.paper = Paper(most_rows, REGION_FRAMES)


class _Helpers:
    """Threads that mix beside the one that asks; where there are none, nothing begins of itself."""

    def __init__(self, n_threads: int) -> None:
        self._pool = ThreadPoolExecutor(n_threads, thread_name_prefix="calmando-mix") if n_threads else None

    def submit(self, mix: Callable[[], list[Stereo]]) -> Future[list[Stereo]]:
        """Have a region mixed, as soon as a thread is free."""
        return Future() if self._pool is None else self._pool.submit(mix)

    def __enter__(self) -> _Helpers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()


def _region(
    source: Source,
    desk: Desk,
    buses: Sequence[Bus],
    own: _Own,
    index: int,
    before: Future[Sent] | None,
    sent: Future[Sent],
) -> list[Stereo]:
    """Mix a region, say what it sends, and add its reverb, which needs what the one before it sent.

    Regions are begun in order, so that the one before is at work or done: nobody waits for long.
    """
    mixed = _sending(source, desk, buses, own, index, sent)
    if desk.reverb is not None:
        earlier = before.result() if before is not None else [None] * len(mixed)
        for frames, past, now in zip(mixed, earlier, sent.result(), strict=True):
            desk.reverb.add_answer(past, now, frames)
    return mixed


def _sending(
    source: Source, desk: Desk, buses: Sequence[Bus], own: _Own, index: int, sent: Future[Sent]
) -> list[Stereo]:
    """Mix a region without its reverb, and say what it sends."""
    try:
        paper = own.paper
        paper.clear()
        mixed, shares = mix(source.region(index, paper), paper, desk, buses, index * REGION_FRAMES)
    except BaseException as problem:
        sent.set_exception(problem)
        raise
    sent.set_result(shares)
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
