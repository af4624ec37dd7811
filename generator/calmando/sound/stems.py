"""Every part as a sound file of its own; together they sum to the mix."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import numpy as np

from calmando.errors import OutputError
from calmando.sound.blocks import Block
from calmando.sound.engine import Engine
from calmando.sound.files.audio_format import BitDepth
from calmando.sound.files.encode import write_audio
from calmando.sound.files.handing_over import Blocks, give_up, hand_over
from calmando.sound.files.tags import NO_RECORD, Tags
from calmando.units import Decibels, Frames

_BLOCKS_AHEAD = 4
_LONGEST_NAME_BYTES = 80
"""Disks take 255 bytes for the whole name of a file."""


def write_stems(
    engine: Engine,
    folder: Path,
    stem: str,
    gain_db: Decibels,
    *,
    progress: Callable[[Frames], None] | None = None,
) -> tuple[Path, ...]:
    """Write a file for every part (see `stem_paths`), 24 bit, with the mix's gain and fades.

    Raises
    ------
    OutputError
        Where the folder cannot be made or a file cannot be written.
    """
    is_new = not folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {folder} for the stems cannot be made.",
            error.strerror or "",
            "Choose another folder with --stems.",
        ) from None
    names = [part.strip.name for part in engine.performance.parts]
    paths = stem_paths(folder, stem, names)
    try:
        _write_all(engine, gain_db, paths, names, progress)
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):  # a stem that was finished stays, and the folder with it
                folder.rmdir()
        raise
    return paths


def stem_paths(folder: Path, stem: str, names: Iterable[str]) -> tuple[Path, ...]:
    """Where the parts of these names are written: ``folder/stem-part.wav``, each in a file of its own on every disk."""
    paths: list[Path] = []
    taken: set[str] = set()
    for name in names:
        plain = _file_name(name)
        while plain.casefold() in taken:
            plain = f"{plain}-{len(paths) + 1}"
        taken.add(plain.casefold())
        paths.append(folder / f"{stem}-{plain}.wav")
    return tuple(paths)


def _write_all(
    engine: Engine,
    gain_db: Decibels,
    paths: tuple[Path, ...],
    names: list[str],
    progress: Callable[[Frames], None] | None,
) -> None:
    queues: list[Blocks] = [Queue(_BLOCKS_AHEAD) for _ in names]
    with ThreadPoolExecutor(max_workers=max(len(names), 1)) as pool:
        try:
            jobs = [
                pool.submit(_write, path, name, queue, engine.total_frames, engine.sample_rate)
                for path, name, queue in zip(paths, names, queues, strict=True)
            ]
            _feed(engine, gain_db, queues, jobs, progress)
        except BaseException:
            for queue in queues:
                give_up(queue)
            raise
    for job in jobs:
        job.result()


def _feed(
    engine: Engine,
    gain_db: Decibels,
    queues: list[Blocks],
    jobs: list[Future[None]],
    progress: Callable[[Frames], None] | None,
) -> None:
    frame = 0
    for stems in engine.stems(gain_db):
        n_frames = 0
        for stem in stems:
            block = np.array(stem.frames)
            engine.fader.apply(block, frame)
            n_frames = len(block)
            hand_over(block, queues[stem.part], jobs[stem.part])
        frame += n_frames
        if progress is not None:
            progress(frame)
    for queue, job in zip(queues, jobs, strict=True):
        hand_over(None, queue, job)


def _write(path: Path, name: str, queue: Blocks, n_frames: Frames, sample_rate: int) -> None:
    def blocks() -> Iterator[Block]:
        while (block := queue.get()) is not None:
            yield block

    write_audio(
        path,
        blocks(),
        n_frames=n_frames,
        sample_rate=sample_rate,
        bit_depth=BitDepth.PCM_24,
        tags=Tags(title=name, record=NO_RECORD),
        may_be_silent=True,
    )


def _file_name(name: str) -> str:
    plain = (
        re.sub(r"[^\w-]+", "-", name).encode(errors="ignore")[:_LONGEST_NAME_BYTES].decode(errors="ignore")
    )
    return plain.strip("-") or "part"
