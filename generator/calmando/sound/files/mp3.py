"""MP3 files: LAME's frames behind a tag and a frame that says how long they are.

The sound library could write MP3 as well, at a third of the speed and with titles whose accents no player reads.

References
----------
ISO/IEC 11172-3, 2.4.2.3, and 13818-3: the header of a frame.
G. Bouvigne, "Mp3 Info Tag revision 1 Specifications" (LAME project): the first frame, after Xing's.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from calmando.errors import OutputError
from calmando.sound.files.id3 import id3_bytes
from calmando.sound.files.sink import Sink
from calmando.sound.files.tags import Tags
from calmando.units import Frames

_HEADER_BYTES = 4
_SYNC = 0xFFE
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_1 = (44_100, 48_000, 32_000)
_RATE_DIVISORS = {3: 1, 2: 2, 0: 4}
"""By the version in the header: MPEG 1, 2 and 2.5."""
_LAYER_3 = 1

_ENCODER_DELAY: Frames = 576
"""What LAME puts before the first sample; the last 529 that a decoder adds are every player's own."""
_ALGORITHM = 3
"""LAME's own choice for variable bit rates; 2 takes longer, 7 is worse."""
_VBR_NEW = 4
_TOC_ENTRIES = 100
_EVERYTHING_TOLD = 0x0F
"""Of Xing's frame: the number of frames and of bytes, the places and the quality."""


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What the header of a frame of MPEG audio, layer III, says.

    Attributes
    ----------
    bits
        Version, layer and protection; sampling rate; channel mode: as they stand in the header.
    n_bytes
        Length of the frame.
    """

    bits: int
    version: int
    sample_rate: int
    n_bytes: int

    @classmethod
    def read(cls, head: bytes) -> FrameHeader:
        """Read the first four bytes of a frame.

        Raises
        ------
        ValueError
            If they begin no frame of layer III.
        """
        bits = int.from_bytes(head[:_HEADER_BYTES], "big")
        version, layer = bits >> 19 & 3, bits >> 17 & 3
        kbits_index, rate_index = bits >> 12 & 15, bits >> 10 & 3
        if bits >> 20 | 1 != _SYNC | 1 or version not in _RATE_DIVISORS or layer != _LAYER_3:
            raise ValueError("no frame begins here")
        if not 0 < kbits_index < len(_KBITS_1) or rate_index >= len(_RATES_1):
            raise ValueError("a frame without a bit rate or a sampling rate")
        sample_rate = _RATES_1[rate_index] // _RATE_DIVISORS[version]
        return cls(
            bits, version, sample_rate, _frame_bytes(version, kbits_index, sample_rate) + (bits >> 9 & 1)
        )

    @property
    def n_samples(self) -> Frames:
        """Samples of each channel in the frame."""
        return 1_152 if self.version == 3 else 576

    @property
    def side_bytes(self) -> int:
        """Length of the side information of a stereo frame."""
        return 32 if self.version == 3 else 17

    def with_kbits(self, kbits_index: int) -> FrameHeader:
        """The same header for another bit rate, unpadded."""
        bits = self.bits & ~0xF200 | kbits_index << 12
        return FrameHeader(
            bits, self.version, self.sample_rate, _frame_bytes(self.version, kbits_index, self.sample_rate)
        )


def _frame_bytes(version: int, kbits_index: int, sample_rate: int) -> int:
    kbits = (_KBITS_1 if version == 3 else _KBITS_2)[kbits_index]
    return (144_000 if version == 3 else 72_000) * kbits // sample_rate


class Mp3File:
    """An MP3 file open for writing, at a variable bit rate; a context manager.

    Parameters
    ----------
    quality
        10 (best) to 1: LAME's V0 to V9.
    """

    def __init__(self, sink: Sink, sample_rate: int, quality: float, tags: Tags) -> None:
        import lameenc  # every other format does without

        self._sink = sink
        self._quality = quality
        self._encoder = lameenc.Encoder()
        self._encoder.silence()
        self._encoder.set_in_sample_rate(sample_rate)
        self._encoder.set_out_sample_rate(sample_rate)
        self._encoder.set_channels(2)
        self._encoder.set_quality(_ALGORITHM)
        self._encoder.set_vbr(_VBR_NEW)
        self._encoder.set_vbr_quality(10.0 - quality)
        self._n_samples: Frames = 0
        self._first: FrameHeader | None = None
        self._place_of_info = sink.write(id3_bytes(tags))
        self._places = array("Q")
        """Of every frame, counted from the info frame."""
        self._unparsed = bytearray()
        self._n_bytes = 0

    def write(self, frames: NDArray[np.generic]) -> None:
        """Encode frames, shape (n_frames, 2), int16."""
        self._n_samples += len(frames)
        self._keep(self._encoder.encode(np.ascontiguousarray(frames).tobytes()))

    def close(self) -> None:
        """Write what is left, and the first frame, which tells the length."""
        if self._n_samples:
            self._keep(self._encoder.flush())
        if self._first is None or self._unparsed:
            raise _broken()
        self._sink.seek(self._place_of_info)
        self._sink.write(self._info_frame(self._first))

    def __enter__(self) -> Mp3File:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if problem is None:
            self.close()

    def _keep(self, encoded: bytes | bytearray) -> None:
        """Write encoded sound, and note where its frames begin."""
        if not encoded:
            return
        if self._first is None:
            self._first = _header(encoded)
            self._n_bytes = self._sink.write(bytes(_info_header(self._first).n_bytes))
        self._sink.write(bytes(encoded))
        self._unparsed += encoded
        place = 0
        while place + _HEADER_BYTES <= len(self._unparsed):
            length = _header(self._unparsed[place : place + _HEADER_BYTES]).n_bytes
            if place + length > len(self._unparsed):
                break
            self._places.append(self._n_bytes + place)
            place += length
        del self._unparsed[:place]
        self._n_bytes += place

    def _info_frame(self, first: FrameHeader) -> bytes:
        header = _info_header(first)
        n_frames = len(self._places)
        padding = n_frames * first.n_samples - _ENCODER_DELAY - self._n_samples
        if not 0 <= padding < 1 << 12:
            raise _broken()
        marks = (self._places[number * n_frames // _TOC_ENTRIES] for number in range(_TOC_ENTRIES))
        content = b"".join(
            (
                header.bits.to_bytes(_HEADER_BYTES, "big"),
                bytes(first.side_bytes),
                b"Xing",
                _EVERYTHING_TOLD.to_bytes(4, "big"),
                n_frames.to_bytes(4, "big"),
                self._n_bytes.to_bytes(4, "big"),
                bytes(min(mark * 256 // self._n_bytes, 255) for mark in marks),
                math.floor(10 * self._quality).to_bytes(4, "big"),
                b"LAME3.100",
                bytes([_VBR_NEW, 0]),  # revision 0 and the kind of bit rate; the low-pass is not told
                bytes(8),  # neither are peak and gains
                bytes([0, 0]),
                (_ENCODER_DELAY << 12 | padding).to_bytes(3, "big"),
                bytes(4),
                self._n_bytes.to_bytes(4, "big"),
                bytes(2),
            )
        )
        content += _crc_16(content).to_bytes(2, "big")
        return content.ljust(header.n_bytes, b"\0")


def _info_header(first: FrameHeader) -> FrameHeader:
    """The header of the info frame: like the others, at the lowest bit rate with room for what it tells."""
    needed = _HEADER_BYTES + first.side_bytes + 156
    return next(
        header
        for header in (first.with_kbits(index) for index in range(1, len(_KBITS_1)))
        if header.n_bytes >= needed
    )


def _header(head: bytes | bytearray) -> FrameHeader:
    try:
        return FrameHeader.read(bytes(head[:_HEADER_BYTES]))
    except ValueError as error:
        raise _broken() from error


def _broken() -> OutputError:
    return OutputError(
        "The MP3 file could not be written.",
        "The encoder's frames are not whole.",
        "Try another format (.wav, .flac, .ogg).",
    )


def _crc_16(content: bytes) -> int:
    """The check sum of the info frame: CRC-16 with the polynomial 0x8005, mirrored, from 0."""
    check = 0
    for byte in content:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ (0xA001 if check & 1 else 0)
    return check
