"""Whether a sound file ends before its own header says, where the decoder would keep silent about it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_OPEN_END = 0xFFFF_FF00
"""Sizes from here on (and 0) are those of files written to a pipe: they promise nothing."""
_OGG_TAIL = 1 << 17
"""More than a page of OGG (65,307 bytes at most) and the next one's head."""
_OGG_HEAD = 27
_LAST_PAGE = 0x04


def is_cut_short(path: Path) -> bool:
    """Whether a WAV holds less sound than its header promises, or an OGG lacks its last page.

    Other kinds tell by what is decoded of them; see `calmando.audit.open_audio`.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
            return _promised_end(file, size) > size
        if head[:4] == b"OggS":
            return not _ends_whole(file, size)
    return False


def _promised_end(file: BinaryIO, size: int) -> int:
    """Where the sound of a WAV should end, or 0 where it does not say."""
    place, long_size = 12, 0
    while place + 8 <= size:
        file.seek(place)
        head = file.read(8)
        name, length = head[:4], int.from_bytes(head[4:], "little")
        if name == b"ds64":
            long_size = int.from_bytes(file.read(16)[8:], "little")
        if name == b"data":
            if 0 < length < _OPEN_END:
                return place + 8 + length
            return place + 8 + long_size if long_size else 0
        place += 8 + length + length % 2
    return 0


def _ends_whole(file: BinaryIO, size: int) -> bool:
    """Whether the last page of an OGG is marked as the last, and there to its end (RFC 3533, section 6)."""
    start = max(size - _OGG_TAIL, 0)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + _OGG_HEAD:
        return False
    n_segments = tail[at + 26]
    table = tail[at + _OGG_HEAD : at + _OGG_HEAD + n_segments]
    whole = len(table) == n_segments and at + _OGG_HEAD + n_segments + sum(table) <= len(tail)
    return whole and bool(tail[at + 5] & _LAST_PAGE)
