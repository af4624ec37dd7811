"""Sound files: what goes in comes out, whole, tagged, the same every time, or an error says why not."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.errors import AudioFileError, InputError, OutputError, SynthesisError
from calmando.sound.files import encode, sink
from calmando.sound.files.audio_format import BitDepth, audio_format
from calmando.sound.files.encode import write_audio
from calmando.sound.files.tags import MAX_RECORD_BYTES, Tags, read_tags
from calmando.sound.loudness.loudness import LoudnessMeter

Block = NDArray[np.float32]

RECORD = '{"format":1,"x":"' + "r" * (MAX_RECORD_BYTES - 19) + '"}'
TAGS = Tags("Schläfchen – “nap”", "bedtime-lullaby", RECORD)

KINDS = [
    (".wav", BitDepth.PCM_16),
    (".wav", BitDepth.PCM_24),
    (".wav", BitDepth.FLOAT),
    (".flac", BitDepth.PCM_16),
    (".flac", BitDepth.PCM_24),
    (".ogg", None),
    (".mp3", None),
]
TOLERANCE = {BitDepth.PCM_16: 2 / 32_768, BitDepth.PCM_24: 2.0**-23, BitDepth.FLOAT: 0.0, None: 0.02}


def music(n_frames: int) -> Block:
    """Two soft sines that come and go."""
    t = np.arange(n_frames)[:, None] / 44_100
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * t * 1.3)
    sound: Block = (0.1 * swell * np.sin(2 * np.pi * t * np.array([220.0, 330.0]))).astype(np.float32)
    return sound


def in_blocks(sound: Block, n_frames: int = 4_000) -> Iterator[Block]:
    for start in range(0, len(sound), n_frames):
        yield sound[start : start + n_frames]


def leftovers(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".part"))


@pytest.mark.parametrize(("extension", "depth"), KINDS)
def test_every_format_gives_back_the_sound_and_its_tags(
    tmp_path: Path, extension: str, depth: BitDepth | None
) -> None:
    """Length to the frame, samples within the format's steps, title, preset and a record of the longest kind."""
    sound = music(100_003)
    path = tmp_path / f"a{extension}"
    written = write_audio(path, in_blocks(sound), n_frames=len(sound), bit_depth=depth, tags=TAGS)
    read, rate = soundfile.read(path, dtype="float32")
    assert (read.shape, rate) == (sound.shape, 44_100)
    assert np.abs(read - sound).max() <= TOLERANCE[depth]
    tags = read_tags(path)
    assert tags.record == RECORD
    assert tags.preset == "bedtime-lullaby"
    assert tags.title == TAGS.title
    assert written.n_bytes == path.stat().st_size
    assert abs(written.sample_peak_db + 20) < 0.1
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("extension", [".ogg", ".mp3"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n_frames=st.integers(1, 60_000), quality=st.sampled_from([1.0, 4.0, 7.0, 10.0]))
def test_packed_formats_keep_the_length_to_the_frame(
    tmp_path: Path, extension: str, n_frames: int, quality: float
) -> None:
    """OGG and MP3 decode to exactly the frames that went in: the codec's padding is declared and cut."""
    sound = music(n_frames + 10_000)[10_000:]
    path = tmp_path / f"a{extension}"
    write_audio(path, in_blocks(sound), n_frames=n_frames, quality=quality)
    assert len(soundfile.read(path)[0]) == n_frames


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 32_000, 48_000])
@pytest.mark.parametrize("extension", [".wav", ".flac", ".ogg", ".mp3"])
def test_every_sample_rate_is_kept(tmp_path: Path, extension: str, rate: int) -> None:
    """The file has the sample rate asked for, and the length."""
    sound = music(20_011)
    write_audio(tmp_path / f"a{extension}", in_blocks(sound), n_frames=len(sound), sample_rate=rate)
    info = soundfile.info(tmp_path / f"a{extension}")
    assert (info.samplerate, info.frames) == (rate, len(sound))


def test_packed_sound_stays_in_its_place(tmp_path: Path) -> None:
    """The delay of the MP3 coder is taken off again: a knock is heard where it was played."""
    sound = np.zeros((30_000, 2), np.float32)
    sound[12_345:12_400] = 0.5
    for extension in (".ogg", ".mp3"):
        path = tmp_path / f"a{extension}"
        write_audio(path, in_blocks(sound), n_frames=len(sound), quality=10)
        energy = (soundfile.read(path, dtype="float64")[0] ** 2).sum(axis=1)
        centre = float((energy * np.arange(len(energy))).sum() / energy.sum())
        assert abs(centre - 12_372) < 30


@pytest.mark.parametrize(("extension", "depth"), KINDS[:5])
def test_the_same_sound_gives_the_same_bytes_in_any_blocks(
    tmp_path: Path, extension: str, depth: BitDepth
) -> None:
    """Bytes depend on the sound and the tags alone, not on the clock or on how blocks are cut."""
    sound = music(150_000)
    contents = []
    for n_frames in (150_000, 777, 65_537):
        path = tmp_path / f"{n_frames}{extension}"
        write_audio(path, in_blocks(sound, n_frames), n_frames=len(sound), bit_depth=depth, tags=TAGS)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1] == contents[2]


def test_blocks_are_written_in_a_thread_of_their_own(tmp_path: Path) -> None:
    """Blocks are watched in order in another thread than the caller's, in which progress counts the frames."""
    sound = music(50_000)
    watched: list[Block] = []
    threads: set[int] = set()
    threads_told: set[int] = set()
    counts: list[int] = []

    def watch(block: Block, peak: float) -> None:
        assert peak == np.abs(block).max()
        time.sleep(encode._TELL_EVERY_S / 4)
        watched.append(block)
        threads.add(threading.get_ident())

    def progress(n_frames: int) -> None:
        threads_told.add(threading.get_ident())
        counts.append(n_frames)

    write_audio(tmp_path / "a.wav", in_blocks(sound), n_frames=len(sound), watch=watch, progress=progress)
    np.testing.assert_array_equal(np.concatenate(watched), sound)
    assert threads_told == {threading.get_ident()}
    assert threads.isdisjoint(threads_told)
    assert len(counts) > 1
    assert counts == sorted(set(counts))
    assert counts[-1] == len(sound)


def test_a_file_that_is_not_approved_never_appears(tmp_path: Path) -> None:
    """When everything was watched, and before the file appears, it can still be refused."""
    target = tmp_path / "a.wav"
    target.write_text("old")
    meter = LoudnessMeter(44_100)

    def too_loud() -> None:
        loudness = meter.result()
        assert loudness.n_frames == 50_000
        if loudness.true_peak_db > -30:
            raise SynthesisError("too loud")

    with pytest.raises(SynthesisError, match="too loud"):
        write_audio(
            target,
            in_blocks(music(50_000)),
            n_frames=50_000,
            watch=lambda block, _: meter.add(block),
            approve=too_loud,
        )
    assert target.read_text() == "old"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("extension", [".wav", ".flac", ".ogg", ".mp3"])
def test_a_block_may_lie_in_memory_either_way(tmp_path: Path, extension: str) -> None:
    """Frame by frame or channel by channel, a block gives the same file."""
    sound = music(40_000)
    by_frame, by_channel = tmp_path / f"a{extension}", tmp_path / f"b{extension}"
    write_audio(by_frame, [np.ascontiguousarray(sound)], n_frames=len(sound))
    write_audio(by_channel, [np.asfortranarray(sound)], n_frames=len(sound))
    np.testing.assert_array_equal(soundfile.read(by_frame)[0], soundfile.read(by_channel)[0])


def test_blocks_are_made_one_by_one(tmp_path: Path) -> None:
    """A block is asked for when the one before is written, so that memory stays flat."""
    n_made = n_written = 0

    def watch(block: Block, peak: float) -> None:
        nonlocal n_written
        n_written += 1

    def blocks() -> Iterator[Block]:
        nonlocal n_made
        for block in in_blocks(music(100_000), 1_000):
            assert n_made == n_written
            n_made += 1
            yield block

    write_audio(tmp_path / "a.wav", blocks(), n_frames=100_000, watch=watch)
    assert n_written == 100


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_stop_while_mixing_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    """What stops the mixing passes on; the maker of the blocks is closed, its old file stands."""
    target = tmp_path / "a.flac"
    target.write_text("old")
    closed = []

    def blocks() -> Iterator[Block]:
        try:
            yield music(10_000)
            raise error
        finally:
            closed.append(True)

    with pytest.raises(error):
        write_audio(target, blocks(), n_frames=1_000_000)
    assert closed == [True]
    assert target.read_text() == "old"
    assert leftovers(tmp_path) == []
    assert not any(thread.name.startswith("calmando-encoder") for thread in threading.enumerate())


def test_an_error_while_encoding_stops_the_mixing(tmp_path: Path) -> None:
    """When the encoder fails, endless mixing ends, the maker is closed, and the encoder's error is told."""
    closed = []

    def endless() -> Iterator[Block]:
        try:
            while True:
                yield music(4_000)
        finally:
            closed.append(True)

    def watch(block: Block, peak: float) -> None:
        raise SynthesisError("no")

    with pytest.raises(SynthesisError, match="no"):
        write_audio(tmp_path / "a.wav", endless(), n_frames=10**9, watch=watch)
    assert closed == [True]
    assert list(tmp_path.iterdir()) == []


def test_silence_is_an_error_unless_it_is_allowed(tmp_path: Path) -> None:
    """A silent piece is never written; a silent stem may be."""
    silence = np.zeros((10_000, 2), np.float32)
    with pytest.raises(SynthesisError, match="silent where sound was asked for"):
        write_audio(tmp_path / "a.wav", in_blocks(silence), n_frames=10_000)
    assert list(tmp_path.iterdir()) == []
    written = write_audio(tmp_path / "a.wav", in_blocks(silence), n_frames=10_000, may_be_silent=True)
    assert written.sample_peak_db == -np.inf
    assert not soundfile.read(tmp_path / "a.wav")[0].any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1.01, -1.5])
def test_sound_beyond_full_scale_is_an_error(tmp_path: Path, value: float) -> None:
    """A sample that is no number, or would be cut, is never written."""
    sound = music(10_000)
    sound[5_000, 1] = value
    with pytest.raises(SynthesisError, match="full scale"):
        write_audio(tmp_path / "a.wav", in_blocks(sound), n_frames=10_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("n_frames", [9_999, 10_001])
def test_the_length_must_be_the_one_promised(tmp_path: Path, n_frames: int) -> None:
    """Too few or too many frames are an error, not a file of another length."""
    with pytest.raises(SynthesisError, match=r"9999|10001"):
        write_audio(tmp_path / "a.wav", in_blocks(music(10_000)), n_frames=n_frames)
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    if not sys.platform.startswith("linux"):
        pytest.skip("needs mount -t tmpfs (Linux)")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a tmpfs (root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


@pytest.mark.parametrize("n_flushed_well", [0, 2])
def test_a_disk_that_fails_on_the_way_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_flushed_well: int
) -> None:
    """What is written goes to the disk in portions; a failure that is told there is not lost, the old file is whole."""
    told: list[int] = []

    def fail_at_last(descriptor: int) -> None:
        told.append(descriptor)
        if len(told) > n_flushed_well:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(sink, "_FLUSH_EVERY_BYTES", 10_000)
    monkeypatch.setattr(sink.os, "fsync", fail_at_last)
    path = tmp_path / "a.ogg"
    path.write_bytes(b"old")
    sound = music(400_000)
    with pytest.raises(OutputError):
        write_audio(path, in_blocks(sound), n_frames=len(sound))
    assert len(told) > n_flushed_well
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_portions_on_the_way_to_the_disk_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that went to the disk piece by piece is the same as one that went at once."""
    sound = music(300_000)
    whole, pieces = tmp_path / "whole.ogg", tmp_path / "pieces.ogg"
    write_audio(whole, in_blocks(sound), n_frames=len(sound))
    monkeypatch.setattr(sink, "_FLUSH_EVERY_BYTES", 10_000)
    write_audio(pieces, in_blocks(sound), n_frames=len(sound))
    assert pieces.read_bytes() == whole.read_bytes()


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system takes no such advice")
def test_a_system_that_keeps_its_memory_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where what has gone to the disk cannot be let go, the file is written all the same."""
    asked: list[int] = []

    def refuse(descriptor: int, offset: int, length: int, advice: int) -> None:
        asked.append(length)
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(sink, "_FLUSH_EVERY_BYTES", 10_000)
    monkeypatch.setattr(sink.os, "posix_fadvise", refuse)
    sound = music(300_000)
    write_audio(tmp_path / "a.ogg", in_blocks(sound), n_frames=len(sound))
    assert asked


@pytest.mark.parametrize(("extension", "depth"), KINDS)
def test_a_full_disk_is_named_in_every_format(tmp_path: Path, extension: str, depth: BitDepth | None) -> None:
    """A disk that fills up is told as such, also where the codec itself would say nothing."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (400_000, 2)).astype(np.float32)
    with small_disk(tmp_path / "small") as folder:
        target = folder / f"a{extension}"
        target.write_text("old")
        with pytest.raises(OutputError, match="disk is full"):
            write_audio(target, in_blocks(noise), n_frames=len(noise), bit_depth=depth)
        assert target.read_text() == "old"
        assert leftovers(folder) == []


@pytest.mark.parametrize("extension", [".wav", ".flac", ".ogg", ".mp3"])
def test_a_file_that_reads_back_otherwise_never_appears(
    tmp_path: Path, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sound that differs from what was mixed, in the second half alone, is found before the file appears."""
    as_stored = encode._Writer._as_stored

    def faulty(self: encode._Writer, piece: Block) -> NDArray[np.generic]:
        stored = as_stored(self, piece)
        return stored if self.n_written < 100_000 else np.zeros_like(stored)

    monkeypatch.setattr(encode._Writer, "_as_stored", faulty)
    sound = music(200_000)
    with pytest.raises(OutputError, match="Read back, its sound at"):
        write_audio(tmp_path / f"a{extension}", in_blocks(sound), n_frames=len(sound))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("n_frames", "n_sounding"), [(604_186, 415_949), (690_222, 186_247)])
def test_a_long_silence_in_an_ogg_file_is_no_fault(tmp_path: Path, n_frames: int, n_sounding: int) -> None:
    """Where libvorbis misses the place that was sought, the file is read through before it is called another."""
    t = np.arange(n_frames) / 44_100
    tone = (0.2 * np.exp(-6 * (t % 0.5)) * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    tone[n_sounding:] = 0
    write_audio(tmp_path / "a.ogg", in_blocks(np.stack([tone, tone], axis=1)), n_frames=n_frames)
    assert len(soundfile.read(tmp_path / "a.ogg")[0]) == n_frames


@pytest.mark.parametrize("extension", [".ogg", ".mp3"])
def test_a_shaker_may_be_packed_as_small_as_can_be(tmp_path: Path, extension: str) -> None:
    """That the least quality leaves out what lies highest is no fault of the disk."""
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(0, 0.1, 88_200))
    spectrum[: 2 * 8_000] = 0
    hiss = np.fft.irfft(spectrum).astype(np.float32)
    write_audio(
        tmp_path / f"a{extension}", in_blocks(np.stack([hiss, hiss], axis=1)), n_frames=88_200, quality=1
    )
    assert len(soundfile.read(tmp_path / f"a{extension}")[0]) == 88_200


def test_a_lost_record_is_found_before_the_file_appears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose record does not read back is not handed out."""
    monkeypatch.setattr(encode, "put_tags", lambda file, tags: None)
    with pytest.raises(OutputError, match="record is another"):
        write_audio(tmp_path / "a.ogg", in_blocks(music(10_000)), n_frames=10_000, tags=TAGS)
    assert list(tmp_path.iterdir()) == []


_CHILD = """
import sys, numpy as np
from calmando.sound.files.encode import write_audio
def blocks():
    rng = np.random.default_rng(0)
    print("mixing", flush=True)
    while True:
        yield rng.uniform(-0.1, 0.1, (4000, 2)).astype(np.float32)
write_audio(sys.argv[1], blocks(), n_frames=10**9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    """An interrupt while two threads work ends the process at once, with the old file in place."""
    target = tmp_path / "a.ogg"
    target.write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(target)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.2)
        os.kill(child.pid, signal.SIGINT)
        _, messages = child.communicate(timeout=60)
    assert b"KeyboardInterrupt" in messages
    assert target.read_text() == "old"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["a", "a.aac", "a.wav.txt", ".mp3"])
def test_an_unknown_extension_names_the_known_ones(name: str) -> None:
    """A file name that tells no known format is bad input."""
    with pytest.raises(InputError, match=r"\.wav, \.flac, \.ogg and \.mp3"):
        audio_format(name)


def test_extensions_are_known_in_capitals() -> None:
    """A.WAV is a WAV file."""
    assert audio_format("A.WAV").extension == ".wav"


@pytest.mark.parametrize(
    ("name", "rate", "depth", "quality", "message"),
    [
        ("a.flac", 44_100, BitDepth.FLOAT, None, "16 and 24"),
        ("a.mp3", 44_100, BitDepth.PCM_16, None, "no bit depth"),
        ("a.ogg", 44_100, BitDepth.FLOAT, None, "no bit depth"),
        ("a.wav", 44_100, None, 5.0, "no quality"),
        ("a.mp3", 44_100, None, 0.0, "1 .smallest file. to 10"),
        ("a.mp3", 44_100, None, 11.0, "the quality is 11"),
        ("a.ogg", 44_100, None, float("nan"), "the quality is nan"),
        ("a.mp3", 96_000, None, None, "sample rate of 96000 Hz"),
        ("a.wav", 44_101, None, None, "44100"),
    ],
)
def test_what_a_format_does_not_have_is_refused(
    name: str, rate: int, depth: BitDepth | None, quality: float | None, message: str
) -> None:
    """A rate, depth or quality that a format lacks is bad input, and the message names what it has."""
    with pytest.raises(InputError, match=message) as caught:
        audio_format(name, sample_rate=rate, bit_depth=depth, quality=quality)
    assert caught.value.fix


def test_quality_decides_the_size(tmp_path: Path) -> None:
    """Better quality makes larger files."""
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, (60_000, 2)).astype(np.float32)
    for extension in (".ogg", ".mp3"):
        sizes = [
            write_audio(
                tmp_path / f"{quality}{extension}", in_blocks(noise), n_frames=60_000, quality=quality
            ).n_bytes
            for quality in (1.0, 5.0, 10.0)
        ]
        assert sizes[0] < sizes[1] < sizes[2]


def test_tags_are_read_by_content_not_by_name(tmp_path: Path) -> None:
    """A WAV file called .mp3 still gives its record."""
    write_audio(tmp_path / "a.wav", in_blocks(music(5_000)), n_frames=5_000, tags=TAGS)
    (tmp_path / "a.wav").rename(tmp_path / "a.mp3")
    assert read_tags(tmp_path / "a.mp3") == TAGS


@pytest.mark.parametrize("content", [b"", b"hello, this is a text file" * 100, bytes(5_000), b"RIFF1234WAVX"])
def test_what_is_no_sound_file_is_named(tmp_path: Path, content: bytes) -> None:
    """Reading tags of anything else is an error that says what can be read."""
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioFileError, match="not WAV, FLAC, OGG or MP3"):
        read_tags(tmp_path / "a.wav")


@pytest.mark.parametrize("extension", [".wav", ".flac", ".ogg", ".mp3"])
def test_damaged_files_give_tags_or_an_error_of_ours(tmp_path: Path, extension: str) -> None:
    """A file that was cut, or of which bytes were changed or lost, never ends in a traceback."""
    path = tmp_path / f"a{extension}"
    write_audio(path, in_blocks(music(8_000)), n_frames=8_000, tags=TAGS)
    whole = path.read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(10):
        place = int(rng.integers(len(whole)))
        changed = bytearray(whole)
        changed[place % 4_000] ^= 0xFF
        for damaged in (whole[:place], bytes(changed), whole[:place] + whole[place + 100 :]):
            path.write_bytes(damaged)
            with contextlib.suppress(AudioFileError):
                assert len(read_tags(path).record) <= MAX_RECORD_BYTES


@pytest.mark.skipif(sys.platform == "win32", reason="an open file's folder cannot vanish on Windows")
@pytest.mark.parametrize(("extension", "depth"), KINDS)
def test_a_folder_that_vanishes_meanwhile_is_named(
    tmp_path: Path, extension: str, depth: BitDepth | None
) -> None:
    """A folder removed while its file is written is an output error."""
    folder = tmp_path / "gone"
    folder.mkdir()

    def blocks() -> Iterator[Block]:
        yield music(10_000)
        for entry in folder.iterdir():
            entry.unlink()
        folder.rmdir()

    with pytest.raises(OutputError, match="not there"):
        write_audio(folder / f"a{extension}", blocks(), n_frames=10_000, bit_depth=depth)


def test_a_missing_sound_file_is_named(tmp_path: Path) -> None:
    """Reading tags of a file that is not there names it."""
    with pytest.raises(AudioFileError, match=r"a\.wav cannot be read"):
        read_tags(tmp_path / "a.wav")


@pytest.mark.parametrize("record", ["x" * (MAX_RECORD_BYTES + 1), "ä"])
def test_a_record_that_formats_cannot_carry_is_refused(record: str) -> None:
    """A record too long or not ASCII is refused before anything is written."""
    with pytest.raises(ValueError, match="ASCII"):
        Tags(record=record)


def test_foreign_comments_are_no_trouble(tmp_path: Path) -> None:
    """A comment in other letters, by another program, is left out; the title is read."""
    with soundfile.SoundFile(tmp_path / "a.flac", "w", 44_100, 2) as file:
        file.title = "Träumerei"
        file.comment = "schön"
        file.write(music(1_000))
    assert read_tags(tmp_path / "a.flac") == Tags("Träumerei", "", "")
