"""Reads the chunks of a RIFF or RF64 file, and its texts."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from calmando.errors import AudioFileError

UNKNOWN_SIZE = 0xFFFF_FFFF
"""What RF64 writes where the true size stands in its ``ds64`` chunk (EBU Tech 3306)."""

TITLE, ALBUM, COMMENT = b"INAM", b"IPRD", b"ICMT"
"""Names of texts in a ``LIST INFO`` chunk."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk's four-letter name, where its content begins in the file, and how many bytes that has."""

    name: bytes
    offset: int
    n_bytes: int


def is_wave(head: bytes) -> bool:
    """Whether the first twelve bytes of a file are those of a WAV or RF64 file."""
    return head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE"


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of a RIFF or RF64 file that can be read at any place.

    Raises
    ------
    AudioFileError
        Where a chunk claims to reach beyond the end of the file.
    """
    end = file.seek(0, os.SEEK_END)
    position = 12
    data_bytes = UNKNOWN_SIZE
    while position + 8 <= end:
        file.seek(position)
        name, n_bytes = struct.unpack("<4sI", file.read(8))
        if name == b"data" and n_bytes == UNKNOWN_SIZE:
            n_bytes = data_bytes
        if position + 8 + n_bytes > end:
            raise AudioFileError(
                f"The file ends within its chunk {name.decode('latin-1')!r}.",
                "It was cut off or damaged.",
                "Copy or make it again.",
            )
        if name == b"ds64" and n_bytes >= 24:
            data_bytes = struct.unpack("<8xQ8x", file.read(24))[0]
        yield Chunk(name, position + 8, n_bytes)
        position += 8 + n_bytes + n_bytes % 2


def info_text(path: Path | str, name: bytes) -> str:
    """Read a text of the ``LIST INFO`` chunk (`TITLE`, `COMMENT` and the like); empty if not there."""
    with Path(path).open("rb") as file:
        for chunk in chunks(file):
            if chunk.name != b"LIST":
                continue
            file.seek(chunk.offset)
            content = file.read(chunk.n_bytes)
            if content[:4] == b"INFO":
                text = _text_in(content, name)
                if text:
                    return text
    return ""


def _text_in(content: bytes, wanted: bytes) -> str:
    position = 4
    while position + 8 <= len(content):
        name, n_bytes = struct.unpack_from("<4sI", content, position)
        if name == wanted:
            text = content[position + 8 : position + 8 + n_bytes]
            return text.partition(b"\0")[0].decode("utf-8", "replace")
        position += 8 + n_bytes + n_bytes % 2
    return ""
