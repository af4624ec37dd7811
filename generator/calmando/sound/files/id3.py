"""The tag at the head of an MP3 file: ID3v2.3, which every player reads.

References
----------
M. Nilsson, "ID3 tag version 2.3.0" (1999), sections 3.1 (header), 4.2 (text frames), 4.11 (comments).
"""

from __future__ import annotations

from calmando.sound.files.tags import Tags

_LATIN_1, _UTF_16 = b"\0", b"\1"


def id3_bytes(tags: Tags) -> bytes:
    """The tag with title, album (the preset) and comment (the record); empty where there is none of them."""
    frames = _text(b"TIT2", tags.title) + _text(b"TALB", tags.preset)
    if tags.record:
        # Language, then a description, here empty.
        frames += _frame(b"COMM", _LATIN_1 + b"eng" + b"\0" + tags.record.encode("latin-1"))
    return b"ID3\3\0\0" + _in_sevens(len(frames)) + frames if frames else b""


def _text(name: bytes, text: str) -> bytes:
    if not text:
        return b""
    if text.isascii():
        return _frame(name, _LATIN_1 + text.encode("ascii"))
    return _frame(name, _UTF_16 + b"\xff\xfe" + text.encode("utf-16-le"))


def _frame(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "big") + bytes(2) + content


def _in_sevens(number: int) -> bytes:
    """A length in four bytes of seven bits, so that it never looks like the start of a frame of sound."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
