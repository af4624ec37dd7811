"""FLAC files: packed frames behind a head that tells the length, the tags, and where to find every tenth second.

The sound library packs FLAC as well, no smaller, but it takes five times as long: for an hour of music more than it takes
to mix it. It packs where no kernels fit the machine. The head tells the MD5 of all samples of up to ten minutes; of more it
is left out, as the format allows. Every frame has a checksum of its own.

References
----------
RFC 9639, "Free Lossless Audio Codec" (2024): sections 8 (the head) and 9.1 (numbers of sample rates).
"""

from __future__ import annotations

import functools
import hashlib
from array import array
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from calmando.sound.files.sink import Sink
from calmando.sound.files.tags import Tags
from calmando.sound.files.wav import upper_bytes
from calmando.sound.kernels import address, kernels
from calmando.units import Frames, Seconds

_BLOCK_FRAMES = 4_096
"""In a frame of FLAC, as the kernel packs them."""
_RATE_CODES = {
    88_200: 1, 16_000: 5, 22_050: 6, 24_000: 7, 32_000: 8, 44_100: 9, 48_000: 10, 96_000: 11
}  # fmt: skip

_FRAME_BYTES, _BLOCK_BYTES = 7, 64
"""What a frame of sound takes at most, and what a block does besides."""

_LONGEST_HASHED_S: Seconds = 10 * 60.0
"""Up to here the samples' MD5 is told: of longer pieces it would take more than half of what mixing them does."""

_STREAMINFO, _SEEKTABLE, _VORBIS_COMMENT = 0, 3, 4
_LAST = 0x80
_BETWEEN_POINTS_S: Seconds = 10.0

_POLYNOMIAL = 0x8005
_CRC_BYTES = 8
"""So many bytes the kernel's checksum takes at once."""


class FlacFile:
    """A FLAC file open for writing; a context manager.

    Parameters
    ----------
    n_bits
        16 or 24.
    n_frames
        Its length.
    """

    def __init__(self, sink: Sink, sample_rate: int, n_bits: int, n_frames: Frames, tags: Tags) -> None:
        self._sink = sink
        self._rate = sample_rate
        self._n_bits = n_bits
        self._n_frames = n_frames
        self._rest = np.empty((0, 2), np.int16 if n_bits == 16 else np.int32)
        self._block_bytes = array("q")
        self._comments = _comments(tags)
        self._md5 = (
            hashlib.md5(usedforsecurity=False) if n_frames <= _LONGEST_HASHED_S * sample_rate else None
        )
        self._room = np.empty(0, np.uint8)
        sink.write(self._head())

    def write(self, frames: NDArray[np.generic]) -> None:
        """Pack frames, shape (n_frames, 2): int16, or int32 whose upper 24 bits count."""
        waiting = np.concatenate([self._rest, frames]) if len(self._rest) else frames
        n_whole = len(waiting) // _BLOCK_FRAMES * _BLOCK_FRAMES
        self._pack(waiting[:n_whole])
        self._rest = waiting[n_whole:].copy()

    def close(self) -> None:
        """Write what is left, and the head once more, which now knows where everything lies."""
        self._pack(self._rest)
        self._sink.seek(0)
        self._sink.write(self._head())

    def __enter__(self) -> FlacFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if problem is None:
            self.close()

    def _pack(self, frames: NDArray[np.generic]) -> None:
        library = kernels()
        assert library is not None
        samples = np.ascontiguousarray(frames, self._rest.dtype)
        block_bytes = np.empty(-(-len(samples) // _BLOCK_FRAMES), np.int64)
        n_bytes = len(samples) * _FRAME_BYTES + len(block_bytes) * _BLOCK_BYTES
        if len(self._room) < n_bytes:
            self._room = np.empty(n_bytes, np.uint8)
        n_packed = library.calmando_pack_flac(
            address(samples), self._n_bits, len(samples), len(self._block_bytes), _RATE_CODES[self._rate],
            address(_crc_tables()), address(self._room), address(block_bytes),
        )  # fmt: skip
        self._block_bytes.frombytes(block_bytes.tobytes())
        if self._md5 is not None:
            self._md5.update((samples if self._n_bits == 16 else upper_bytes(samples)).data)
        self._sink.write(self._room[:n_packed].data)

    def _head(self) -> bytes:
        blocks = (
            (_STREAMINFO, self._stream_info()),
            (_SEEKTABLE, self._seek_table()),
            (_VORBIS_COMMENT | _LAST, self._comments),
        )
        return b"fLaC" + b"".join(
            bytes([kind]) + len(content).to_bytes(3, "big") + content for kind, content in blocks
        )

    def _stream_info(self) -> bytes:
        """Section 8.2: lengths of blocks and of frames, what the samples are and how many (0: not told)."""
        blocks = self._block_bytes
        sound = self._rate << 44 | 1 << 41 | (self._n_bits - 1) << 36 | self._n_frames
        return b"".join(
            (
                _BLOCK_FRAMES.to_bytes(2, "big") * 2,
                min(blocks, default=0).to_bytes(3, "big"),
                max(blocks, default=0).to_bytes(3, "big"),
                sound.to_bytes(8, "big"),
                self._md5.digest() if self._md5 is not None else bytes(16),
            )
        )

    def _seek_table(self) -> bytes:
        """Section 8.5: of the block that holds every tenth second, its first frame, its place and its length."""
        points = np.zeros(self._points.shape, [("frame", ">u8"), ("place", ">u8"), ("length", ">u2")])
        points["frame"] = self._points * _BLOCK_FRAMES
        points["length"] = np.minimum(self._n_frames - self._points * _BLOCK_FRAMES, _BLOCK_FRAMES)
        if self._block_bytes:
            places = np.cumsum([0, *self._block_bytes])
            points["place"] = places[self._points]
        return points.tobytes()

    @functools.cached_property
    def _points(self) -> NDArray[np.int64]:
        between = round(_BETWEEN_POINTS_S * self._rate)
        return np.arange(0, self._n_frames, between, dtype=np.int64) // _BLOCK_FRAMES


def _comments(tags: Tags) -> bytes:
    """Section 8.6, the one place of a FLAC file whose numbers begin with their lowest byte.

    The names have small letters because libsndfile asks for those: where people write Turkish, libFLAC's comparison
    does not take I for i.
    """
    named = {"title": tags.title, "album": tags.preset, "comment": tags.record}
    lines = [f"{name}={text}" for name, text in named.items() if text]
    counted = [_counted("Calmando"), len(lines).to_bytes(4, "little"), *map(_counted, lines)]
    return b"".join(counted)


def _counted(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(4, "little") + encoded


@functools.cache
def _crc_tables() -> NDArray[np.uint16]:
    """What a byte makes of the checksum of a frame; and what it does followed by another one, by two, … by seven."""
    table = np.arange(256, dtype=np.uint32) << 8
    for _ in range(8):
        table = (table << 1) ^ np.where(table & 0x8000, 0x1_0000 | _POLYNOMIAL, 0)
    tables = [table]
    while len(tables) < _CRC_BYTES:
        shorter = tables[-1]
        tables.append((shorter << 8 & 0xFF00) ^ table[shorter >> 8])
    return np.array(tables, np.uint16)
