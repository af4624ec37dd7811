"""Files that are written past the system's memory."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calmando.sound.files import direct_sink
from calmando.sound.files.direct_sink import DirectSink, sink_for_long_writes

SHEET = 8_192
"""Small ones, so that many are filled."""

steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 30_000)),
        st.tuples(st.just("head"), st.integers(1, 400)),
        st.tuples(st.just("end"), st.integers(0, 9_000)),
        st.tuples(st.just("look back"), st.integers(1, 400)),
    ),
    max_size=12,
)


@pytest.fixture(autouse=True)
def _small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_sink, "_SHEET_BYTES", SHEET)


def empty(folder: Path, name: str = "a.part") -> Path:
    """An empty file."""
    path = folder / name
    path.write_bytes(b"")
    return path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, seed=st.integers(0, 99))
def test_whatever_is_written_stands_there(tmp_path: Path, steps: list[tuple[str, int]], seed: int) -> None:
    """In the order of any other file: long pieces and short ones, the head again, what is read back, from the end on."""
    expected = io.BytesIO()
    path = empty(tmp_path)
    with sink_for_long_writes(path) as sink:
        for number, (what, n_bytes) in enumerate(steps):
            data = bytes((seed + number + place) % 251 for place in range(n_bytes))
            for file in (sink, expected):
                if what in ("head", "look back"):
                    file.seek(0)
                if what == "end":
                    assert file.seek(0, os.SEEK_END) == expected.seek(0, os.SEEK_END)
            if what == "look back":
                assert sink.read(n_bytes) == expected.read(n_bytes)
            elif n_bytes:
                assert sink.write(data) == expected.write(data)
            assert sink.tell() == expected.tell()
    assert path.read_bytes() == expected.getvalue()


def direct(folder: Path) -> DirectSink:
    """A sink that goes past the system's memory, where there is such a thing."""
    sink = sink_for_long_writes(empty(folder))
    if not isinstance(sink, DirectSink):
        pytest.skip("not on this system, or not in this folder")
    return sink


def test_long_pieces_go_past_the_systems_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole sheets are given to the disk; only what is left at the end goes the usual way."""
    given: list[int] = []
    put = os.pwrite

    def told(descriptor: int, data: bytes, place: int) -> int:
        given.append(place)
        return put(descriptor, data, place)

    monkeypatch.setattr(os, "pwrite", told)
    with direct(tmp_path) as sink:
        sink.write(bytes(3 * SHEET + 5))
        assert given == [0, SHEET, 2 * SHEET]
    assert (tmp_path / "a.part").stat().st_size == 3 * SHEET + 5


@pytest.mark.parametrize("refused_at", [0, SHEET])
@pytest.mark.parametrize("how", ["an error", "less than all"])
def test_a_disk_that_refuses_is_written_the_usual_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused_at: int, how: str
) -> None:
    """Some file systems open such files and refuse to write them, at once or later: nothing is lost."""
    put = os.pwrite

    def refuse(descriptor: int, data: bytes, place: int) -> int:
        if place < refused_at:
            return put(descriptor, data, place)
        if how == "less than all":
            return put(descriptor, memoryview(data)[:4_096], place)
        raise OSError(errno.EINVAL, "Invalid argument")

    sound = bytes(range(256)) * 200
    with direct(tmp_path) as sink:
        monkeypatch.setattr(os, "pwrite", refuse)
        for first in range(0, len(sound), 10_000):
            assert sink.write(sound[first : first + 10_000]) == len(sound[first : first + 10_000])
    assert (tmp_path / "a.part").read_bytes() == sound


def test_a_disk_that_tells_only_at_the_end_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disks of other machines may say of what was written only when the file is closed that it had no room."""
    close = os.close

    def refuse(descriptor: int) -> None:
        close(descriptor)
        if descriptor == direct_descriptor:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

    sink = direct(tmp_path)
    direct_descriptor = sink._direct
    monkeypatch.setattr(os, "close", refuse)
    with pytest.raises(OSError, match="quota"), sink:
        sink.write(bytes(SHEET + 5))


def test_a_sink_that_cannot_be_made_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without memory for its sheet the usual way is gone, and the file is open once."""

    def no_memory(*_: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    with direct(tmp_path):
        pass
    closed: list[int] = []
    close = os.close
    monkeypatch.setattr(os, "close", lambda descriptor: (closed.append(descriptor), close(descriptor)))
    monkeypatch.setattr("mmap.mmap", no_memory)
    with sink_for_long_writes(tmp_path / "a.part") as sink:
        assert not isinstance(sink, DirectSink)
        assert len(closed) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    """What the usual way says of a full disk is what is told; nothing more is taken then."""
    sink = DirectSink(Path("/dev/full"), os.open("/dev/full", os.O_WRONLY))
    assert sink.write(bytes(2 * SHEET)) == 0
    assert sink.write(b"more") == 0
    with pytest.raises(OSError, match="No space"), sink:
        pass


def test_where_there_is_no_such_thing_the_sink_is_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other systems do not know it."""
    monkeypatch.delattr(os, "O_DIRECT", raising=False)
    with sink_for_long_writes(empty(tmp_path)) as sink:
        assert not isinstance(sink, DirectSink)
