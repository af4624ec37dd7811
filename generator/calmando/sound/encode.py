"""Blocks of sound → a sound file that is whole, verified and tagged.

The caller's thread mixes, another one encodes; between them stand a few blocks, so that memory stays flat
however long the piece is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calmando.sound.tags import NO_TAGS, Tags
from calmando.units import Decibels, Frames


class BitDepth(StrEnum):
    """How a sample is stored in WAV and FLAC (FLAC: 16 and 24)."""

    PCM_16 = "16"
    PCM_24 = "24"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How a sound file is written; made by `audio_format`, which refuses what does not exist."""

    extension: str
    sample_rate: int
    bit_depth: BitDepth | None
    quality: float | None


@dataclass(frozen=True, slots=True)
class WrittenAudio:
    """What was written: ``sample_peak_db`` relative to full scale, before any lossy packing."""

    path: Path
    n_frames: Frames
    sample_peak_db: Decibels
    n_bytes: int


def audio_format(
    path: Path | str,
    *,
    sample_rate: int = 44_100,
    bit_depth: BitDepth | None = None,
    quality: float | None = None,
) -> AudioFormat:
    """Choose how to write by the file's extension: .wav, .flac, .ogg or .mp3.

    Cheap; call it before composing, so that a wrong choice is told at once.

    Parameters
    ----------
    sample_rate
        Frames a second.
    bit_depth
        For WAV and FLAC; 16 by default.
    quality
        For OGG and MP3, 0 (smallest) to 10 (best); 6 by default.

    Raises
    ------
    InputError
        For an unknown extension (naming the known), or a rate, depth or quality the format does not have.
    """
    raise NotImplementedError


def write_audio(
    path: Path | str,
    blocks: Iterable[NDArray[np.float32]],
    *,
    n_frames: Frames,
    sample_rate: int = 44_100,
    bit_depth: BitDepth | None = None,
    quality: float | None = None,
    tags: Tags = NO_TAGS,
    progress: Callable[[Frames], None] | None = None,
    watch: Callable[[NDArray[np.float32]], None] | None = None,
    overwrite: bool = True,
    may_be_silent: bool = False,
) -> WrittenAudio:
    """Write blocks of sound into a file that appears whole or not at all.

    Parameters
    ----------
    blocks
        Shape (any, 2), −1 to 1, ``n_frames`` in all. Each may be reused by its maker once the next is asked
        for only if it is a copy: blocks are kept until written.
    progress
        Called in the caller's thread with the number of frames mixed so far.
    watch
        Called in the encoding thread with every block in order, e.g. `LoudnessMeter.add`.
    may_be_silent
        For stems, whose part may rest; else silence is an error.

    Raises
    ------
    InputError
        See `audio_format`.
    OutputError
        Where the file cannot be written, or does not read back as it was written.
    SynthesisError
        Where the blocks are silent, not finite, beyond full scale, or not ``n_frames`` long.
    """
    raise NotImplementedError
