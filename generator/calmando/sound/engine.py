"""The performance as sound: blocks of float32 stereo frames, before fades and dither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.performance import Performance
from calmando.units import Decibels, Frames, Lufs

Block: TypeAlias = NDArray[np.float32]
"""Stereo frames, shape (n_frames, 2), float32, full scale ±1."""


class Way(StrEnum):
    """How the notes are played."""

    BANK = "bank"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class FontUsed:
    """A SoundFont in use: file name (no folder), SHA-256 of the file."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to render. None of it changes the sound, but for ``reverb`` and ``way`` (equal to −100 dB).

    Attributes
    ----------
    way
        ``None`` lets the engine choose.
    reverb
        Whether the reverb bus sounds.
    threads
        Threads to work in; ``None`` takes the processor's cores.
    bank_bytes
        Memory for the notes of the bank.
    """

    way: Way | None = None
    reverb: bool = True
    threads: int | None = None
    bank_bytes: int = 160_000_000


@dataclass(frozen=True, slots=True)
class StemBlock:
    """A part's share of the mix: its name and its frames, its own reverb included."""

    part: int
    name: str
    frames: Block


class Engine:
    """Plays one performance; a context manager (closing it frees FluidSynth).

    Parameters
    ----------
    performance
        What to play.
    fonts
        SoundFonts; a sound missing in the first is looked for in the next.

    Attributes
    ----------
    total_frames, sample_rate
        Of the performance.
    fonts
        Name and hash of every font.
    synth_version
        FluidSynth's version.
    remarks
        Sentences for the user: programs that had to be replaced by a neighbour.

    Raises
    ------
    SynthMissingError
        Without a FluidSynth library.
    SoundFontError
        If a font cannot be used or a program has no replacement.
    """

    def __init__(
        self, performance: Performance, fonts: tuple[Path, ...], options: EngineOptions | None = None
    ) -> None:
        self.performance = performance
        self.total_frames: Frames = performance.total_frames
        self.sample_rate: int = performance.sample_rate
        self.options = options or EngineOptions()
        self.fonts: tuple[FontUsed, ...] = ()
        self.synth_version: str = ""
        self.remarks: tuple[str, ...] = ()
        raise NotImplementedError

    def predicted_loudness(self) -> Lufs:
        """Integrated loudness of the whole piece at a gain of 0 dB, before fades, known without mixing."""
        raise NotImplementedError

    def blocks(
        self, gain_db: Decibels, start_frame: Frames = 0, block_frames: Frames = 65_536
    ) -> Iterator[Block]:
        """The piece from a frame on, at a gain, in blocks of ``block_frames`` (the last may be shorter).

        The frames are the same whatever the start, the block size and the number of threads.

        Raises
        ------
        SynthesisError
            If FluidSynth fails, or stays silent where sound was asked for.
        """
        raise NotImplementedError

    def stems(self, gain_db: Decibels, block_frames: Frames = 65_536) -> Iterator[tuple[StemBlock, ...]]:
        """The same, one block for every part; they sum to the mix."""
        raise NotImplementedError

    def close(self) -> None:
        """Free FluidSynth; the engine cannot be used after it."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
