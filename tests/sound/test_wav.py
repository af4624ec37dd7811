"""WAV files: other readers find in them what was put in, and disks find it where they want it."""

from __future__ import annotations

import io
import os
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.io import wavfile

from calmando.sound.files import riff, wav
from calmando.sound.files.audio_format import BitDepth
from calmando.sound.files.direct_sink import PAGE_BYTES, DirectSink, sink_for_long_writes
from calmando.sound.files.dither import quantise_16
from calmando.sound.files.tags import NO_TAGS, Tags, read_tags
from calmando.sound.files.wav import WavFile

TAGS = Tags("Wiegenlied für Zoë – 子守唄", "bedtime-lullaby", '{"calmando":"record","n":[1,2]}')


def stored(n_frames: int, depth: BitDepth) -> NDArray[np.generic]:
    """Two tones as they are written."""
    sides = 0.4 * np.sin(np.outer(np.arange(n_frames), [0.03, 0.05]))
    if depth is BitDepth.FLOAT:
        return sides.astype(np.float32)
    if depth is BitDepth.PCM_24:
        return np.rint(sides * 2**23).astype(np.int32) << 8
    return np.rint(sides * 2**15).astype(np.int16)


def written(
    path: Path, frames: NDArray[np.generic], depth: BitDepth, rate: int = 44_100, tags: Tags = TAGS
) -> Path:
    """A file of these frames, written in three pieces."""
    path.write_bytes(b"")
    with sink_for_long_writes(path) as sink, WavFile(sink, rate, depth, len(frames), tags) as file:
        for piece in np.array_split(frames, 3):
            file.write(piece)
    return path


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("depth", BitDepth)
@pytest.mark.parametrize("n_frames", [1, 4_097, 50_000])
def test_the_sound_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: BitDepth, n_frames: int, is_long: bool
) -> None:
    """At every depth, as WAV and as RF64, with its rate and its tags."""
    if is_long:
        monkeypatch.setattr(wav, "_LIMIT_BYTES", 0)
    frames = stored(n_frames, depth)
    file = written(tmp_path / "ä.wav", frames, depth, 48_000)
    read, rate = soundfile.read(file, dtype=str(frames.dtype), always_2d=True)
    assert rate == 48_000
    np.testing.assert_array_equal(read, frames)
    assert read_tags(file) == TAGS
    with soundfile.SoundFile(file) as sound:
        assert (sound.title, sound.album, sound.comment) == (TAGS.title, TAGS.preset, TAGS.record)
        assert sound.format == ("RF64" if is_long else "WAV")


@pytest.mark.parametrize("depth", [BitDepth.PCM_16, BitDepth.PCM_24])
def test_pythons_own_reader_reads_whole_numbers(tmp_path: Path, depth: BitDepth) -> None:
    """It knows nothing but the format's plainest form."""
    frames = stored(3_000, depth)
    with wave.open(str(written(tmp_path / "a.wav", frames, depth))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 44_100, 3_000)
        sample_bytes = file.getsampwidth()
        assert sample_bytes * 8 == int(depth)
        lowest = frames.dtype.itemsize - sample_bytes
        assert (
            file.readframes(3_000)
            == frames.view(np.uint8).reshape(-1, frames.dtype.itemsize)[:, lowest:].tobytes()
        )


@pytest.mark.filterwarnings("ignore:Chunk .non-data. not understood")
def test_scipys_reader_reads_floats(tmp_path: Path) -> None:
    """Floats are told as such, with the number of frames."""
    frames = stored(3_000, BitDepth.FLOAT)
    rate, read = wavfile.read(written(tmp_path / "a.wav", frames, BitDepth.FLOAT))
    assert rate == 44_100
    np.testing.assert_array_equal(read, frames)


def test_nothing_in_a_file_changes_with_time(tmp_path: Path) -> None:
    """Neither do floats come with a time stamp."""
    frames = stored(3_000, BitDepth.FLOAT)
    content = written(tmp_path / "a.wav", frames, BitDepth.FLOAT).read_bytes()
    names = [chunk.name for chunk in riff.chunks(io.BytesIO(content))]
    assert names == [b"fmt ", b"fact", b"LIST", b"JUNK", b"data"]


@pytest.mark.parametrize(("minutes", "form"), [(405, b"RIFF"), (406, b"RF64")])
def test_rf64_begins_where_wav_ends(minutes: int, form: bytes) -> None:
    """The choice is made on the bytes of the samples: 6 h 45 min of 16 bits fit into WAV, 6 h 46 min do not."""
    head = wav._head(44_100, BitDepth.PCM_16, minutes * 60 * 44_100, NO_TAGS)
    assert head[:4] == form


@pytest.mark.parametrize("record_bytes", [0, 1, 2, 3_900, 4_000, 30_000])
def test_the_sound_begins_with_a_page(record_bytes: int) -> None:
    """However long the tags are, so that whole pages of sound are whole pages of the file."""
    for n_frames in (1, 406 * 60 * 44_100):
        head = wav._head(44_100, BitDepth.PCM_16, n_frames, Tags("ab", "c", "x" * record_bytes))
        assert len(head) % PAGE_BYTES == 0
        assert head[-8:-4] == b"data"


def test_long_blocks_are_written_from_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six seconds at a time, as they come from rounding, go to the disk as they are: the sheet holds head and end alone."""
    given: list[tuple[int, int]] = []
    put = os.pwrite

    def told(descriptor: int, data: bytes, place: int) -> int:
        given.append((place, len(data)))
        return put(descriptor, data, place)

    path, n_frames = tmp_path / "a.wav", 2 * 262_144 + 100
    path.write_bytes(b"")
    sound = np.random.default_rng(0).normal(0, 0.1, (n_frames, 2)).astype(np.float32)
    monkeypatch.setattr(os, "pwrite", told)
    with (
        sink_for_long_writes(path) as sink,
        WavFile(sink, 44_100, BitDepth.PCM_16, n_frames, NO_TAGS) as file,
    ):
        if not isinstance(sink, DirectSink):
            pytest.skip("not on this system, or not in this folder")
        for first in range(0, n_frames, 262_144):
            file.write(quantise_16(sound[first : first + 262_144], first))
    assert given == [(0, PAGE_BYTES), (PAGE_BYTES, 1 << 20), (PAGE_BYTES + (1 << 20), 1 << 20)]
    read = soundfile.read(path, dtype="int16")[0]
    np.testing.assert_array_equal(read, quantise_16(sound, 0))
