"""WAV files, and beyond 4 GiB RF64: a head that tells everything, and the samples as they are.

The sound library would take them through Python as well, and copy them twice on the way; into files of floats it
puts the time of day.

References
----------
IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991): RIFF, WAVE, INFO, JUNK.
EBU Tech 3306, "MBWF / RF64" (2009).
"""

from __future__ import annotations

import struct
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from calmando.sound.files import riff
from calmando.sound.files.audio_format import BitDepth
from calmando.sound.files.direct_sink import PAGE_BYTES
from calmando.sound.files.sink import Sink
from calmando.sound.files.tags import Tags
from calmando.units import Frames

_LIMIT_BYTES = (1 << 32) - (1 << 20)
"""Sizes in WAV have 32 bits; a megabyte is kept for everything that is not sound."""
_DS64_BYTES = 36
"""Of the chunk that tells them beyond."""

_KINDS = {BitDepth.PCM_16: (1, 2), BitDepth.PCM_24: (1, 3), BitDepth.FLOAT: (3, 4)}
"""What stands for whole numbers and for floats, and the bytes of a sample."""


class WavFile:
    """A WAV file open for writing; a context manager.

    Parameters
    ----------
    n_frames
        Its length.
    """

    def __init__(self, sink: Sink, sample_rate: int, depth: BitDepth, n_frames: Frames, tags: Tags) -> None:
        self._sink = sink
        self._depth = depth
        sink.write(_head(sample_rate, depth, n_frames, tags))

    def write(self, frames: NDArray[np.generic]) -> None:
        """Write frames, shape (n_frames, 2): int16, int32 whose upper 24 bits count, or float32."""
        samples = np.ascontiguousarray(frames, frames.dtype.newbyteorder("<"))
        if self._depth is BitDepth.PCM_24:
            samples = upper_bytes(samples)
        self._sink.write(samples.reshape(-1).view(np.uint8).data)

    def close(self) -> None:
        """Nothing is left to write."""

    def __enter__(self) -> WavFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def upper_bytes(samples: NDArray[np.generic]) -> NDArray[np.uint8]:
    """The upper three bytes of every sample."""
    return np.ascontiguousarray(samples.view(np.uint8).reshape(-1, 4)[:, 1:])


def _head(sample_rate: int, depth: BitDepth, n_frames: Frames, tags: Tags) -> bytes:
    """All that stands before the sound, which begins with a page of the file: so it need not be copied to get there."""
    code, sample_bytes = _KINDS[depth]
    frame_bytes = 2 * sample_bytes
    data_bytes = n_frames * frame_bytes
    is_long = data_bytes > _LIMIT_BYTES
    told = _chunk(
        b"fmt ",
        struct.pack(
            "<HHIIHH", code, 2, sample_rate, sample_rate * frame_bytes, frame_bytes, 8 * sample_bytes
        ),
    )
    if depth is BitDepth.FLOAT:
        told += _chunk(b"fact", struct.pack("<I", min(n_frames, riff.UNKNOWN_SIZE)))
    told += _texts(tags)
    n_before = 12 + (_DS64_BYTES if is_long else 0) + len(told) + 8 + 8
    n_filling = -n_before % PAGE_BYTES
    told += _chunk(b"JUNK", bytes(n_filling))
    file_bytes = n_before + n_filling + data_bytes - 8
    if is_long:
        told = _chunk(b"ds64", struct.pack("<QQQI", file_bytes, data_bytes, n_frames, 0)) + told
        file_bytes = data_bytes = riff.UNKNOWN_SIZE
    form = b"RF64" if is_long else b"RIFF"
    return struct.pack("<4sI4s", form, file_bytes, b"WAVE") + told + struct.pack("<4sI", b"data", data_bytes)


def _texts(tags: Tags) -> bytes:
    named = {riff.TITLE: tags.title, riff.ALBUM: tags.preset, riff.COMMENT: tags.record}
    texts = b"".join(_chunk(name, text.encode() + b"\0") for name, text in named.items() if text)
    return _chunk(b"LIST", b"INFO" + texts) if texts else b""


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk begins at an even place."""
    return struct.pack("<4sI", name, len(content)) + content + bytes(len(content) % 2)
