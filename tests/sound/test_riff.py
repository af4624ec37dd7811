"""RIFF files are read chunk by chunk, and damaged ones are refused."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmando.errors import AudioFileError
from calmando.sound.files import riff
from calmando.sound.files.tags import read_tags


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def wave(*parts: bytes) -> bytes:
    body = b"WAVE" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_chunks_of_odd_length_are_followed_by_a_filler() -> None:
    """A chunk begins at an even place, as the format demands."""
    file = io.BytesIO(wave(chunk(b"odd ", b"123"), chunk(b"next", b"45")))
    assert list(riff.chunks(file)) == [riff.Chunk(b"odd ", 20, 3), riff.Chunk(b"next", 32, 2)]


def test_rf64_says_the_length_of_its_sound_elsewhere() -> None:
    """In RF64 the data chunk's length stands in the ds64 chunk, and what follows it is found."""
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, 6, 0, 0))
    data = b"data" + struct.pack("<I", 0xFFFF_FFFF) + b"123456"
    file = io.BytesIO(b"RF64\xff\xff\xff\xffWAVE" + ds64 + data + chunk(b"LIST", b"INFO"))
    assert [(part.name, part.n_bytes) for part in riff.chunks(file)] == [
        (b"ds64", 28),
        (b"data", 6),
        (b"LIST", 4),
    ]


def test_texts_are_found_wherever_the_list_stands(tmp_path: Path) -> None:
    """A comment behind the sound, after another list, is read whole, however long."""
    comment = b"{" + b"c" * 50_000 + b"}"
    info = b"INFO" + chunk(b"INAM", b"Title\0") + chunk(b"ICMT", comment)
    path = tmp_path / "a.wav"
    path.write_bytes(wave(chunk(b"LIST", b"adtlxxxx"), chunk(b"data", bytes(9)), chunk(b"LIST", info)))
    assert riff.info_text(path, b"ICMT").encode() == comment
    assert riff.info_text(path, b"INAM") == "Title"
    assert riff.info_text(path, b"ISFT") == ""


def test_a_file_that_was_cut_off_is_named(tmp_path: Path) -> None:
    """A chunk that reaches beyond the file's end is an error that names the file and the chunk."""
    path = tmp_path / "a.wav"
    path.write_bytes(wave(chunk(b"data", bytes(100)))[:-50])
    with pytest.raises(AudioFileError, match=r"a\.wav: The file ends within its chunk 'data'"):
        read_tags(path)


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(content: bytes) -> None:
    """Whatever stands after the head, reading ends, with chunks or with an error of ours."""
    try:
        found = list(riff.chunks(io.BytesIO(b"RIFF\0\0\0\0WAVE" + content)))
    except AudioFileError:
        return
    assert all(part.offset + part.n_bytes <= 12 + len(content) for part in found)
