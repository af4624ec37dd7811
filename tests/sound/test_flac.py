"""FLAC files packed here: libFLAC, by way of the sound library, finds in them what was put in, sample by sample."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.sound.files.encode import write_audio
from calmando.sound.files.flac import FlacFile, _crc_tables
from calmando.sound.files.sink import Sink
from calmando.sound.files.tags import NO_TAGS, Tags, put_tags, read_tags
from calmando.sound.kernels import VARIABLE, address, kernels

RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
BLOCK = 4_096

pytestmark = pytest.mark.skipif(kernels() is None, reason="there are no kernels for this machine")


def shapes(n_frames: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Sounds, −1 to 1, which the packer treats in different ways; some are none that music makes."""
    random = np.random.default_rng(seed)
    time = np.arange(n_frames)[:, None]
    noise = random.uniform(-1, 1, (n_frames, 2))
    one_side = random.normal(0, 0.1, (n_frames, 1)) * [1.0, 1.0]
    return {
        "noise": noise,
        "silence": np.zeros((n_frames, 2)),
        "still": np.full((n_frames, 2), [0.25, -0.75]),
        "tones": 0.5 * np.sin(time * [0.03, 0.031]),
        "the same on both sides": one_side,
        "one side against the other": one_side * [1.0, -1.0],
        "almost the same on both sides": one_side + 1e-4 * noise,
        "the left side alone": one_side * [1.0, 0.0],
        "from one end to the other": np.sign(np.sin(0.01 * time * [1.0, -1.3]) + 1e-9),
        "every second sample": np.where(time % 2, 1.0, -1.0) * [1.0, -1.0],
        "clicks in silence": (random.random((n_frames, 2)) < 0.001) * 1.0,
        "the last bits": random.normal(0, 4e-5, (n_frames, 2)),
        "silence, then noise": noise * (time > n_frames // 2),
    }


def stored(sound: NDArray[np.float64], n_bits: int) -> NDArray[np.generic]:
    """The sound in whole numbers, as they are written."""
    top = 2.0 ** (n_bits - 1)
    whole = np.clip(np.rint(sound * top), -top, top - 1)
    return whole.astype(np.int16) if n_bits == 16 else whole.astype(np.int32) << 8


def packed(
    path: Path,
    frames: NDArray[np.generic],
    n_bits: int = 16,
    rate: int = 44_100,
    tags: Tags = NO_TAGS,
    n_pieces: int = 3,
) -> Path:
    """A file of these frames, written in some pieces."""
    path.write_bytes(b"")
    with Sink(path) as sink, FlacFile(sink, rate, n_bits, len(frames), tags) as file:
        for piece in np.array_split(frames, n_pieces):
            file.write(piece)
    return path


@pytest.mark.parametrize("n_bits", [16, 24])
@pytest.mark.parametrize("name", shapes(1, 0))
@pytest.mark.parametrize("n_frames", [1, 2, 4, 5, 15, 16, 17, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 1_234])
def test_every_sample_comes_back(tmp_path: Path, n_frames: int, name: str, n_bits: int) -> None:
    """Whatever the sound and its length."""
    frames = stored(shapes(n_frames, 1)[name], n_bits)
    file = packed(tmp_path / "a.flac", frames, n_bits)
    read, rate = soundfile.read(file, dtype=str(frames.dtype), always_2d=True)
    assert rate == 44_100
    assert soundfile.info(file).subtype == f"PCM_{n_bits}"
    np.testing.assert_array_equal(read, frames)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    steps=st.lists(st.tuples(st.integers(1, 3_000), st.integers(0, 24)), min_size=1, max_size=8),
    n_bits=st.sampled_from([16, 24]),
    n_pieces=st.integers(1, 9),
)
def test_sounds_that_change_in_strength(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    steps: list[tuple[int, int]],
    n_bits: int,
    n_pieces: int,
) -> None:
    """Noise of any strength beside any other: residuals of every size, and codes of every length."""
    random = np.random.default_rng(seed)
    sound = np.concatenate([random.uniform(-1, 1, (length, 2)) * 2.0**-bits for length, bits in steps])
    frames = stored(sound, n_bits)
    file = packed(tmp_path_factory.mktemp("flac") / "a.flac", frames, n_bits, n_pieces=n_pieces)
    np.testing.assert_array_equal(soundfile.read(file, dtype=str(frames.dtype), always_2d=True)[0], frames)


@pytest.mark.parametrize("rate", RATES)
def test_every_sample_rate_is_told(tmp_path: Path, rate: int) -> None:
    """The head and every frame tell the rate."""
    file = packed(tmp_path / "a.flac", stored(shapes(9_000, 2)["tones"], 16), rate=rate)
    assert (soundfile.info(file).samplerate, soundfile.info(file).frames) == (rate, 9_000)


def test_pieces_make_no_difference(tmp_path: Path) -> None:
    """The same bytes, however the sound was handed over."""
    frames = stored(shapes(30_000, 3)["tones"], 16)
    whole = packed(tmp_path / "whole.flac", frames, n_pieces=1).read_bytes()
    assert packed(tmp_path / "pieces.flac", frames, n_pieces=37).read_bytes() == whole


def test_calm_music_becomes_as_small_as_by_the_library(tmp_path: Path) -> None:
    """Within a hundredth of libFLAC's second level, of dying notes at different places, with dither."""
    random = np.random.default_rng(4)
    time = np.arange(88_200) / 44_100
    notes = [
        np.exp(-3 * time)[:, None] * np.sin(2 * np.pi * hertz * time)[:, None] * [place, 1 - place]
        for hertz, place in ((220.0, 0.4), (277.2, 0.6), (329.6, 0.45), (440.0, 0.55))
    ]
    sound = 0.2 * np.concatenate(notes)
    frames = stored(sound + random.triangular(-1, 0, 1, sound.shape) / 32_768, 16)
    library = tmp_path / "library.flac"
    with soundfile.SoundFile(library, "w", 44_100, 2, "PCM_16", compression_level=0.125) as file:
        file.write(frames)
    assert packed(tmp_path / "own.flac", frames).stat().st_size <= 1.01 * library.stat().st_size


def test_silence_takes_no_room(tmp_path: Path) -> None:
    """An hour of it, a block at a time, is less than a kilobyte a minute."""
    silence = np.zeros((600 * 44_100, 2), np.int16)
    assert packed(tmp_path / "a.flac", silence).stat().st_size < 10_000 * 16


def test_noise_takes_hardly_more_than_it_is(tmp_path: Path) -> None:
    """What cannot be packed stands as it is, behind a few bytes a block."""
    noise = stored(shapes(40 * BLOCK, 5)["noise"], 16)
    assert packed(tmp_path / "a.flac", noise).stat().st_size < noise.nbytes + 40 * 32 + 400


def test_titles_keep_their_letters(tmp_path: Path) -> None:
    """Accents, dashes and other scripts come back as they went in; so does the longest record."""
    tags = Tags("Wiegenlied für Zoë – 子守唄 🌙", "bedtime-lullaby", "x" * 30_000)
    assert read_tags(packed(tmp_path / "a.flac", stored(shapes(500, 6)["tones"], 16), tags=tags)) == tags


@pytest.mark.parametrize("n_bits", [16, 24])
def test_the_head_tells_the_md5_of_the_samples(tmp_path: Path, n_bits: int) -> None:
    """Of what is short, as strict checkers want it: of samples as they would stand in a WAV file, without its head."""
    frames = stored(shapes(30_000, 9)["tones"], n_bits)
    as_bytes = frames.view(np.uint8).reshape(-1, frames.dtype.itemsize)[:, 0 if n_bits == 16 else 1 :]
    content = packed(tmp_path / "a.flac", frames, n_bits).read_bytes()
    assert content[26:42] == hashlib.md5(as_bytes.tobytes()).digest()


def test_of_long_pieces_no_md5_is_told(tmp_path: Path) -> None:
    """It would cost more than packing them: the format has a word for that, all zeros."""
    content = packed(tmp_path / "a.flac", np.zeros((601 * 16_000, 2), np.int16), rate=16_000).read_bytes()
    assert content[26:42] == bytes(16)


@pytest.mark.parametrize("n_frames", [1, BLOCK, 44_100 * 10, 44_100 * 47 + 1])
def test_places_lead_to_frames(tmp_path: Path, n_frames: int) -> None:
    """Every place in the seek table is that of a frame, whose number is told, at most a block before its ten seconds."""
    content = packed(tmp_path / "a.flac", stored(shapes(n_frames, 7)["tones"], 16)).read_bytes()
    blocks, place, is_last = {}, 4, False
    while not is_last:
        is_last, kind = content[place] >> 7 == 1, content[place] & 0x7F
        length = int.from_bytes(content[place + 1 : place + 4], "big")
        blocks[kind] = content[place + 4 : place + 4 + length]
        place += 4 + length
    points = np.frombuffer(blocks[3], [("frame", ">u8"), ("place", ">u8"), ("length", ">u2")])
    assert len(points) == -(-n_frames // 441_000)
    for number, point in enumerate(points):
        at = place + int(point["place"])
        assert content[at : at + 2] == b"\xff\xf8"
        assert content[at + 4 :].startswith(chr(int(point["frame"]) // BLOCK).encode())
        assert 0 <= number * 441_000 - int(point["frame"]) < BLOCK
        assert point["length"] == min(BLOCK, n_frames - int(point["frame"]))


@pytest.mark.parametrize("number", [0, 127, 128, 2_047, 2_048, 65_535, 65_536, 0x10_FFFF])
def test_numbers_of_frames_are_written_as_letters_are(number: int) -> None:
    """A frame's number stands in its header as UTF-8 writes the letter of that number: up to 28 hours and beyond."""
    silence, sizes = np.zeros((BLOCK, 2), np.int16), np.zeros(1, np.int64)
    room, tables = np.zeros(7 * BLOCK + 64, np.uint8), _crc_tables()
    library = kernels()
    assert library is not None
    n_bytes = library.calmando_pack_flac(
        address(silence), 16, BLOCK, number, 9, address(tables), address(room), address(sizes)
    )
    assert n_bytes == sizes[0]
    assert room[4:n_bytes].tobytes().startswith(chr(number).encode())


def test_a_seek_finds_its_place_in_an_hour(tmp_path: Path) -> None:
    """Far into a long file the frames are those that were put there."""
    n_frames = 3_000 * BLOCK + 99
    frames = np.zeros((n_frames, 2), np.int16)
    frames[:, 0] = np.arange(n_frames) % 30_011
    with soundfile.SoundFile(packed(tmp_path / "a.flac", frames)) as file:
        for place in (0, 127 * BLOCK + 5, 128 * BLOCK, 2_047 * BLOCK - 7, 2_049 * BLOCK, n_frames - 100):
            file.seek(place)
            np.testing.assert_array_equal(file.read(100, dtype="int16"), frames[place : place + 100])


def test_without_kernels_the_library_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is a little larger, its sound and its tags are the same."""
    sound = (shapes(30_000, 8)["tones"] * 0.3).astype(np.float32)
    tags = Tags("Zoë", "deep-sleep", '{"format":1}')
    read = []
    for name, setting in (("own", ""), ("library", "numpy")):
        monkeypatch.setenv(VARIABLE, setting)
        written = write_audio(tmp_path / f"{name}.flac", [sound], n_frames=len(sound), tags=tags)
        read.append(soundfile.read(written.path, dtype="int16")[0])
        assert read_tags(written.path) == tags
    np.testing.assert_array_equal(*read)
    assert b"libFLAC" in (tmp_path / "library.flac").read_bytes()[:200]


def test_the_title_is_found_where_people_write_turkish(tmp_path: Path) -> None:
    """Where i and I are no pair, libFLAC finds a name only as the sound library writes and asks for it itself."""
    tags = Tags("a", "b", "c")
    write_audio(tmp_path / "a.flac", [np.full((4_096, 2), 0.1, np.float32)], n_frames=4_096, tags=tags)
    with soundfile.SoundFile(tmp_path / "b.flac", "w", 44_100, 2) as file:
        put_tags(file, tags)
        file.write(np.full((4_096, 2), 0.1, np.float32))
    names = [re.findall(rb"(\w+)=[abc]", (tmp_path / name).read_bytes()) for name in ("a.flac", "b.flac")]
    assert names[0] == names[1] == [b"title", b"album", b"comment"]
    code = "import sys; from calmando.sound.files.tags import read_tags; print(read_tags(sys.argv[1]).title)"
    told = subprocess.run(
        # Without site: where that locale is missing, it does not find packages in folders with an accent.
        [sys.executable, "-S", "-c", code, tmp_path / "a.flac"],
        env=os.environ
        | {"LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "a\n"
