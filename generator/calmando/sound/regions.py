"""Regions of the piece, mixed by several threads and handed on in order; the same bytes however many work."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from calmando.sound.mix import PartLevel
from calmando.sound.reverb import ReverbBus, Spectra
from calmando.sound.source import Source
from calmando.sound.synth import Stereo
from calmando.units import Frames

REGION_FRAMES: Frames = 131_072
"""Three seconds: long enough for the reverb's response, short enough for a quick first block."""


@dataclass(frozen=True, slots=True, eq=False)
class Bus:
    """One output: which parts it holds."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """What the mixer knows of every part: its level and its send; and the reverb they share."""

    levels: tuple[PartLevel, ...]
    sends: tuple[float, ...]
    reverb: ReverbBus | None


@dataclass(slots=True, eq=False)
class _Mixed:
    """A region of one bus, dry, with what it sends."""

    dry: Stereo
    spectra: Spectra | None


def mixed_regions(
    source: Source, desk: Desk, buses: Sequence[Bus], first_region: int, end_region: int, n_threads: int
) -> Generator[list[Stereo], None, None]:
    """Every bus, region by region: shape (2, REGION_FRAMES).

    The region before the first is mixed too, for the reverb that spills over from it.
    """
    start = max(first_region - 1, 0)
    with ThreadPoolExecutor(n_threads, thread_name_prefix="calmando-mix") as pool:
        dry: deque[Future[list[_Mixed]]] = deque()
        wet: deque[tuple[int, Future[list[tuple[Stereo, Stereo | None]]]]] = deque()
        before: Future[list[_Mixed]] | None = None
        spill: list[Stereo | None] = [None] * len(buses)
        upcoming = start
        try:
            for index in range(start, end_region):
                while upcoming < min(index + n_threads + 2, end_region):
                    now = pool.submit(_mix, source, desk, buses, upcoming)
                    dry.append(now)
                    wet.append((upcoming, pool.submit(_finish, desk, before, now)))
                    before = now
                    upcoming += 1
                dry.popleft()
                _, finished = wet.popleft()
                regions: list[Stereo] = []
                for bus, (region, spilled) in enumerate(finished.result()):
                    left_over = spill[bus]
                    if left_over is not None:
                        region[:, : left_over.shape[1]] += left_over
                    spill[bus] = spilled
                    regions.append(region)
                if index >= first_region:
                    yield regions
        finally:
            for future in dry:
                future.cancel()
            for _, waiting in wet:
                waiting.cancel()
            source.close()


def _mix(source: Source, desk: Desk, buses: Sequence[Bus], index: int) -> list[_Mixed]:
    """Set the parts at their levels, sum them, and gather what they send."""
    first = index * REGION_FRAMES
    parts = source.region(index)
    mixed: list[_Mixed] = []
    for bus in buses:
        total = np.zeros((2, REGION_FRAMES), np.float32)
        sent = np.zeros(REGION_FRAMES, np.float32) if desk.reverb is not None else None
        sounds = False
        for part in bus.parts:
            frames = parts[part] if parts else None
            if frames is None:
                continue
            level = desk.levels[part]
            frames = level.apply(frames, first)
            total += frames
            if sent is not None and desk.sends[part] > 0.0:
                share = frames[0] + frames[1]
                share *= np.float32(desk.sends[part])
                sent += share
                sounds = True
        spectra = (
            desk.reverb.spectra(sent) if desk.reverb is not None and sent is not None and sounds else None
        )
        mixed.append(_Mixed(total, spectra))
    return mixed


def _finish(
    desk: Desk, before: Future[list[_Mixed]] | None, now: Future[list[_Mixed]]
) -> list[tuple[Stereo, Stereo | None]]:
    """Add the reverb, which needs what was sent in the region before."""
    earlier = before.result() if before is not None else None
    finished: list[tuple[Stereo, Stereo | None]] = []
    for index, bus in enumerate(now.result()):
        past = earlier[index].spectra if earlier is not None else None
        if desk.reverb is None or (past is None and bus.spectra is None):
            finished.append((bus.dry, None))
            continue
        silence = desk.reverb.silence() if past is None or bus.spectra is None else None
        wet, spill = desk.reverb.answer(
            past if past is not None else _given(silence),
            bus.spectra if bus.spectra is not None else _given(silence),
        )
        wet += bus.dry
        finished.append((wet, spill))
    return finished


def _given(spectra: Spectra | None) -> Spectra:
    assert spectra is not None
    return spectra


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
