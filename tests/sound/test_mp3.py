"""MP3 files: of the right length to the frame, with titles in any script, told apart by an independent reader."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.sound.files.id3 import id3_bytes
from calmando.sound.files.mp3 import FrameHeader, Mp3File, _crc_16
from calmando.sound.files.sink import Sink
from calmando.sound.files.tags import Tags, read_tags

RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def tone(n_frames: int, sample_rate: int) -> NDArray[np.int16]:
    """Two soft tones, one a side."""
    time_s = np.arange(n_frames) / sample_rate
    sides = 3_000 * np.sin(2 * np.pi * np.outer(time_s, [440.0, 550.0]))
    return np.rint(sides).astype(np.int16)


def written(
    path: Path, frames: NDArray[np.int16], sample_rate: int, quality: float = 7.0, tags: Tags | None = None
) -> Path:
    """A file of these frames, written in three pieces."""
    path.touch()
    with Sink(path) as sink:
        with Mp3File(sink, sample_rate, quality, tags or Tags()) as file:
            for piece in np.array_split(frames, 3):
                file.write(piece)
        sink.check()
    return path


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("quality", [1.0, 5.5, 10.0])
def test_the_sound_comes_back_where_it_was(tmp_path: Path, sample_rate: int, quality: float) -> None:
    """At every rate and quality the file has the frames that went in: not one more, none shifted."""
    frames = tone(2 * sample_rate + 77, sample_rate)
    read, rate = soundfile.read(written(tmp_path / "a.mp3", frames, sample_rate, quality), dtype="float32")
    assert (len(read), rate) == (len(frames), sample_rate)
    errors = [
        float(np.abs(np.roll(read, lag, axis=0) * 32_768 - frames)[1_000:-1_000].mean()) for lag in (0, -1, 1)
    ]
    assert min(errors) == errors[0] < 300


@settings(max_examples=40, deadline=None)
@given(n_frames=st.integers(1, 9_000))
def test_any_length_is_told_exactly(tmp_path_factory: pytest.TempPathFactory, n_frames: int) -> None:
    """The first frame tells the length, from a single sample on."""
    path = written(tmp_path_factory.mktemp("mp3") / "a.mp3", tone(n_frames, 44_100), 44_100)
    assert soundfile.info(path).frames == n_frames


def test_titles_keep_their_letters(tmp_path: Path) -> None:
    """Accents, dashes and other scripts come back from the tag as they went in; so does the longest record."""
    tags = Tags("Wiegenlied für Zoë – 子守唄 🌙", "bedtime-lullaby", "x" * 30_000)
    assert read_tags(written(tmp_path / "a.mp3", tone(5_000, 44_100), 44_100, tags=tags)) == tags


def test_no_tags_no_bytes() -> None:
    """A file without tags begins with its sound."""
    assert id3_bytes(Tags()) == b""


def test_places_lead_to_frames(tmp_path: Path) -> None:
    """Each place in the table of contents lies at most a 256th of the file from that share of its time."""
    frames = np.concatenate([tone(441_000, 44_100), np.zeros((441_000, 2), np.int16)])
    content = written(tmp_path / "a.mp3", frames, 44_100).read_bytes()
    at = content.index(b"Xing")
    n_frames, n_bytes = (int.from_bytes(content[at + 8 + 4 * i :][:4], "big") for i in range(2))
    assert n_bytes == len(content)
    starts = []
    place = FrameHeader.read(content).n_bytes
    while place < len(content):
        starts.append(place)
        place += FrameHeader.read(content[place:]).n_bytes
    assert len(starts) == n_frames
    for percent, mark in enumerate(content[at + 16 : at + 116]):
        assert starts[percent * n_frames // 100] * 256 // n_bytes == mark


def test_the_check_sum_is_lames() -> None:
    """The check sum of the info frame is the one that LAME itself writes."""
    file = io.BytesIO()
    soundfile.write(
        file, tone(44_100, 44_100), 44_100, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="VARIABLE"
    )
    content = file.getvalue()
    end = content.index(b"Xing") + 154
    assert _crc_16(content[:end]) == int.from_bytes(content[end : end + 2], "big")


@pytest.mark.parametrize(
    "head", [b"", b"RIFF", b"\xff\xfb\x00\x00", b"\xff\xfb\xf0\x00", b"\xff\xfb\x9c\x00", b"\xff\xe8\x90\x00"]
)
def test_what_is_no_frame_is_refused(head: bytes) -> None:
    """Bytes that begin no frame of layer III, or one of no known length, are told apart from those that do."""
    with pytest.raises(ValueError, match="frame"):
        FrameHeader.read(head)
