"""Notes put aside in a file."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from calmando.sound.bank.drift import Drift
from calmando.sound.bank.notes import BankNote
from calmando.sound.bank.put_aside import Aside, FetchBack


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file lies."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def noise(seed: int, n_rows: int = 2) -> BankNote:
    """A note of noise."""
    frames = np.random.default_rng(seed).random((n_rows, 5_000 + 37 * seed), np.float32)
    return BankNote(frames, sides=(1.0, 0.25), level=0.5, drift=Drift.of(frames, 44_100))


def fetched(fetch_back: FetchBack | None) -> BankNote:
    """A note that is there again."""
    assert fetch_back is not None
    note = fetch_back()
    assert note is not None
    return note


def test_a_note_comes_back_as_it_was_whoever_asks(folder: Path) -> None:
    """Frames, sides, level and drift are the same, for several threads at once, and no file is seen meanwhile."""
    aside = Aside()
    notes = [noise(seed, 1 + seed % 2) for seed in range(12)]
    put = [aside.put(note) for note in notes]
    problems: list[BaseException] = []

    def ask() -> None:
        try:
            for note, fetch_back in zip(notes, put, strict=True):
                again = fetched(fetch_back)
                np.testing.assert_array_equal(again.both_sides(), note.both_sides())
                assert (again.sides, again.level, again.drift) == (note.sides, note.level, note.drift)
                assert again.n_frames == note.n_frames
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    if os.name == "posix":
        assert not list(folder.iterdir())
    aside.close()


def memory_of_files() -> int:
    """Bytes of files, on disks or in memory themselves, that this process has before it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1_024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssFile:", "RssShmem:")))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_what_was_read_of_a_note_in_use_need_not_stay_in_memory() -> None:
    """Through a night many long notes are in use, and little of each is heard at a time."""
    aside = Aside()
    note = BankNote(np.random.default_rng(0).random((2, 2_000_000), np.float32))
    again = fetched(aside.put(note))
    before = memory_of_files()
    np.testing.assert_array_equal(again.frames, note.frames)
    assert memory_of_files() - before > 0.9 * note.nbytes
    aside.give_back_pages()
    assert memory_of_files() - before < 0.1 * note.nbytes
    np.testing.assert_array_equal(again.frames, note.frames)
    aside.close()


def test_what_was_fetched_back_outlives_the_file() -> None:
    """Once all is closed nothing more is put aside or fetched; notes in use stay."""
    aside = Aside()
    note = noise(1)
    fetch_back = aside.put(note)
    again = fetched(fetch_back)
    aside.close()
    aside.close()
    np.testing.assert_array_equal(again.frames, note.frames)
    del again
    assert fetch_back is not None
    assert fetch_back() is None
    assert aside.put(note) is None


def test_where_no_file_can_be_made_nothing_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not there, or a disk without room, is no fault."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    aside = Aside()
    assert aside.put(noise(1)) is None
    assert aside.put(noise(2)) is None


def test_it_takes_only_a_small_part_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the free disk at most: what was put aside before it was full stays."""
    note = noise(1)

    class Usage:
        free = 20 * 3 * 65_536

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    aside = Aside()
    put = [aside.put(note) for _ in range(80)]
    assert put[0] is not None
    assert put[-1] is None
    np.testing.assert_array_equal(fetched(put[0]).frames, note.frames)
    aside.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_disk_that_fills_up_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails ends it: what was not put aside is played again."""
    full = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115 (closed with what takes it)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: full)
    aside = Aside()
    assert aside.put(noise(1)) is None
    aside.close()
