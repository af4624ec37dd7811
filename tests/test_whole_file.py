"""Files appear whole or not at all, whatever goes wrong; the faults are provoked for real."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calmando import whole_file
from calmando.errors import OutputError, SynthesisError


def leftovers(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".part"))


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Mount a small file system in memory, or skip by name where that is not allowed."""
    if not sys.platform.startswith("linux"):
        pytest.skip("needs mount -t tmpfs (Linux)")
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(("size=64k", *options)), "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip("needs the right to mount a tmpfs (root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


@contextlib.contextmanager
def as_ordinary_user(folder: Path) -> Iterator[None]:
    """Give up root's rights for a while, since permissions do not bind root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
        return
    for part in (folder, *folder.parents):
        if not part.stat().st_mode & 0o001:
            part.chmod(part.stat().st_mode | 0o011)
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_appears_with_its_content_and_nothing_beside_it(tmp_path: Path) -> None:
    """What was written stands at the target, and no temporary file stays."""
    whole_file.write_text(tmp_path / "a.txt", "grün\n")
    assert (tmp_path / "a.txt").read_bytes() == "grün\n".encode()
    assert leftovers(tmp_path) == []


def test_the_target_is_untouched_until_the_end(tmp_path: Path) -> None:
    """While the new file is written, the old one still stands whole."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    with whole_file.writing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
        assert temporary.parent == tmp_path
    assert target.read_text() == "new"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_any_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    """An exception of any kind, a stop by the user too, passes on and leaves no trace."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error), whole_file.writing(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert leftovers(tmp_path) == []


def test_a_file_that_fails_its_verification_never_appears(tmp_path: Path) -> None:
    """Verification sees the finished temporary file, and its error keeps the target as it was."""
    seen: list[str] = []

    def verify(path: Path) -> None:
        seen.append(path.read_text())
        raise SynthesisError("silent")

    with pytest.raises(SynthesisError):
        whole_file.write_text(tmp_path / "a.txt", "content", verify=verify)
    assert seen == ["content"]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A missing folder is an output error that names it and how to go on."""
    with pytest.raises(OutputError) as caught:
        whole_file.write_text(tmp_path / "nowhere" / "a.txt", "x")
    assert str(tmp_path / "nowhere") in str(caught.value)
    assert "Make the folder" in caught.value.fix
    assert caught.value.exit_code == 4


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """A path through an ordinary file is an output error."""
    (tmp_path / "a").write_text("")
    with pytest.raises(OutputError, match="is not there"):
        whole_file.write_text(tmp_path / "a" / "b.txt", "x")


def test_a_folder_as_target_is_refused(tmp_path: Path) -> None:
    """A target that is a folder is an output error."""
    with pytest.raises(OutputError, match="It is a folder"):
        whole_file.write_text(tmp_path, "x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes (POSIX)")
def test_a_device_or_pipe_is_never_replaced(tmp_path: Path) -> None:
    """What is not an ordinary file stays what it is."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="not an ordinary file"):
        whole_file.write_text(pipe, "x")
    assert pipe.is_fifo()


def test_a_too_long_name_is_named(tmp_path: Path) -> None:
    """A name longer than the disk allows is an output error."""
    with pytest.raises(OutputError, match="too long"):
        whole_file.write_text(tmp_path / ("a" * 300), "x")


@pytest.mark.skipif(sys.platform == "win32", reason="needs links without special rights (POSIX)")
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    """Writing through a link changes the file it points to."""
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "a.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "far" / "a.txt")
    whole_file.write_text(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "far" / "a.txt").read_text() == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a umask (POSIX)")
@pytest.mark.skipif(sys.platform == "win32", reason="needs links without special rights (POSIX)")
def test_the_missing_folder_that_a_link_leads_to_is_named(tmp_path: Path) -> None:
    """Not the link's own folder, which is there."""
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "gone" / "a.txt")
    for deed in (whole_file.check_place, lambda target: whole_file.write_text(target, "new")):
        with pytest.raises(OutputError) as told:
            deed(link)
        assert f"The folder {tmp_path.resolve() / 'gone'} is not there" in str(told.value)
        assert str(told.value).startswith(f"{link} could not be written")


def test_who_may_read_the_file_is_decided_by_the_umask(tmp_path: Path) -> None:
    """The finished file has the permissions of any new file, not those of a private temporary one."""
    before = os.umask(0o027)
    try:
        whole_file.write_text(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o666])
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    """A file that others may not read is not opened to them by being written again, not even while it is written."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(mode)
    with whole_file.writing(target) as temporary:
        assert temporary.stat().st_mode & 0o077 == mode & 0o077
        temporary.write_text("new")
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == mode


def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    """On a disk that fills up, the old file stays, nothing is left behind, and the message says so."""
    with mounted(tmp_path / "small") as folder:
        target = folder / "a.txt"
        target.write_text("old")
        with pytest.raises(OutputError, match="disk is full"):
            whole_file.write_bytes(target, bytes(1 << 20))
        assert target.read_text() == "old"
        assert leftovers(folder) == []


def test_a_full_disk_is_told_of_the_one_file_alone(tmp_path: Path) -> None:
    """Another file of the same order may have been replaced before: nothing is said of it."""
    told = str(whole_file.output_error(tmp_path / "b.wav", OSError(errno.ENOSPC, "")))
    assert "Nothing was changed" not in told
    assert "under this name" in told


def test_a_read_only_file_system_is_named(tmp_path: Path) -> None:
    """On a read-only file system the message says that it is one, before the work as after it."""
    with mounted(tmp_path / "fixed", "ro") as folder, pytest.raises(OutputError, match="read-only"):
        whole_file.check_place(folder / "a.wav")
    with mounted(tmp_path / "fixed again", "ro") as folder, pytest.raises(OutputError, match="read-only"):
        whole_file.write_text(folder / "a.txt", "x")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    """Where permissions forbid writing, the message says that it is not permitted."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    with as_ordinary_user(tmp_path), pytest.raises(OutputError, match="not permitted"):
        whole_file.write_text(folder / "a.txt", "x")
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="an open file's folder cannot vanish on Windows")
def test_a_vanished_folder_is_named(tmp_path: Path) -> None:
    """A folder that goes while its file is written is an output error, not a traceback."""
    folder = tmp_path / "gone"
    folder.mkdir()
    with pytest.raises(OutputError, match="not there"), whole_file.writing(folder / "a.txt") as temporary:
        temporary.unlink()
        folder.rmdir()


_CHILD = """
import signal, sys, time
from calmando import whole_file
if sys.argv[2] == "handled":
    def stop(number, frame):
        raise SystemExit(143)
    signal.signal(signal.SIGTERM, stop)
with whole_file.writing(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print(temporary.name, flush=True)
    for _ in range(600):  # a stop right before a sleep is heard after it
        time.sleep(0.1)
"""


@contextlib.contextmanager
def writing_child(target: Path, mode: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a process that hangs in the middle of writing a file; give it and its temporary file's name."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(target), mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stdout is not None
        yield child, child.stdout.readline().strip()
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, or a SIGTERM turned into an exception, stops a process that then cleans up."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    with writing_child(target, "handled") as (child, temporary):
        assert leftovers(tmp_path) == [temporary]
        child.send_signal(number)
        assert child.wait(timeout=30) != 0
    assert leftovers(tmp_path) == []
    assert target.read_text() == "old"


def rest(path: Path, minutes: float) -> None:
    """Make it so long ago that a file was written to."""
    then = time.time() - 60 * minutes
    os.utime(path, (then, then))


def test_what_a_killed_process_left_is_swept_by_the_next(tmp_path: Path) -> None:
    """A killed process leaves its temporary file; the next one to write there some minutes later removes it, not before."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    with writing_child(target, "plain") as (child, temporary):
        rest(tmp_path / temporary, 15)
        whole_file.write_text(tmp_path / "b.txt", "meanwhile")
        assert leftovers(tmp_path) == [temporary], "a file still being written was swept"
        child.kill()
        child.wait()
    assert leftovers(tmp_path) == [temporary]
    whole_file.write_text(tmp_path / "c.txt", "later")
    assert leftovers(tmp_path) == []
    assert target.read_text() == "old"


def test_leftovers_of_other_machines_are_swept_when_nobody_touched_them_for_days(tmp_path: Path) -> None:
    """A process number of another machine proves nothing: only long rest does."""
    name = ".calmando-00000000-1-0.part"
    other = tmp_path / name
    other.write_text("")
    rest(other, 15)
    whole_file.write_text(tmp_path / "a.txt", "x")
    assert leftovers(tmp_path) == [name]
    rest(other, 3 * 24 * 60)
    whole_file.write_text(tmp_path / "a.txt", "x")
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1], ids=["of this process", "of none"])
def test_what_is_written_in_another_container_stays(tmp_path: Path, pid: int) -> None:
    """Containers may share a host's name and a folder, but not their processes: what was written just now is in use."""
    live = tmp_path / f".calmando-{whole_file._host()}-{pid}-999999.part"
    live.write_text("live")
    rest(live, 5)
    whole_file.write_text(tmp_path / "a.txt", "x")
    assert leftovers(tmp_path) == [live.name]
    rest(live, 15)
    whole_file.write_text(tmp_path / "a.txt", "x")
    assert leftovers(tmp_path) == []


def test_a_file_of_our_own_is_not_swept_however_long_it_rests(tmp_path: Path) -> None:
    """In a container every start may get the same process number; what is in use now is no leftover."""
    with whole_file.writing(tmp_path / "a.txt") as ours:
        rest(ours, 3 * 24 * 60)
        whole_file.write_text(tmp_path / "b.txt", "x")
        assert leftovers(tmp_path) == [ours.name]


def test_a_leftover_of_the_very_name_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container that was killed and begins anew has the number it had, and counts from the beginning."""
    monkeypatch.setattr(whole_file, "_counter", itertools.count())
    left = tmp_path / f".calmando-{whole_file._host()}-{os.getpid()}-0.part"
    left.touch()
    rest(left, 15)
    whole_file.write_text(tmp_path / "a.txt", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_nothing_but_our_own_temporary_files_is_ever_swept(tmp_path: Path) -> None:
    """Files that only resemble ours stay."""
    others = [".calmando-xyz.part", "calmando-00000000-1-0.part", ".calmando-00000000-1-0.part.txt"]
    for name in others:
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (0, 0))
    whole_file.write_text(tmp_path / "a.txt", "x")
    assert {entry.name for entry in tmp_path.iterdir()} == {*others, "a.txt"}
