"""A file appears whole, or not at all.

It is written under a temporary name in the folder of its target, flushed to the disk, verified, and only then
renamed. Whatever fails on the way (a full disk, a signal turned into an exception, a failed verification),
the temporary file is removed and what stood at the target before stays as it was. A killed process cannot
clean up; what it left is swept by the next one that writes into the same folder some minutes later.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import platform
import re
import stat
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from calmando.errors import OutputError

_ABANDONED_AFTER_S = 2 * 24 * 3600.0
"""A temporary file that nobody has written to for two days is abandoned, whoever made it."""
_LEFT_AFTER_S = 10 * 60.0
"""One whose process is not seen here, after ten minutes: containers may share a host's name and a folder, but no processes."""

_NAME = re.compile(r"\.calmando-(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]{1,10})-[0-9]+\.part")

_counter = itertools.count()
_lock = threading.Lock()
_in_use: set[str] = set()


@contextlib.contextmanager
def writing(target: Path | str, *, verify: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """Give a temporary path to write to; on leaving, verify it and rename it to the target.

    A file that stands there is replaced, and its permissions stay; those of a new one are decided by the user's umask.

    Parameters
    ----------
    target
        Where the file shall appear. A link is followed. Its folder must exist.
    verify
        Called with the temporary path after it was flushed to the disk; raises where the file is not good.

    Yields
    ------
    Path
        An existing, empty file in the target's folder.

    Raises
    ------
    OutputError
        Where the file cannot be written; every `OSError` within the block becomes one.
    """
    target = Path(target)
    with _translated(target):
        final = Path(os.path.realpath(target))
    _check_target(target, final)
    with _translated(target), _temporary(final.parent) as temporary:
        _sweep(final.parent)
        _take_permissions(temporary, final, stat.S_IRUSR | stat.S_IWUSR)
        yield temporary
        _flush(temporary)
        if verify is not None:
            verify(temporary)
        _take_permissions(temporary, final)
        temporary.replace(final)
        _flush_folder(final.parent)


def check_place(target: Path | str) -> None:
    """Find out before the work what is known to fail after it: no such folder, or a target that is no file.

    Raises
    ------
    OutputError
        Where a file could not be written there.
    """
    target = Path(target)
    with _translated(target):
        final = Path(os.path.realpath(target))
    _check_target(target, final)
    if not os.access(final.parent, os.W_OK | os.X_OK):
        raise output_error(target, OSError(errno.EROFS if _is_read_only(final.parent) else errno.EACCES, ""))


def _is_read_only(folder: Path) -> bool:
    """Whether nothing can be written there because its disk is mounted so."""
    statvfs = getattr(os, "statvfs", None)
    with contextlib.suppress(OSError):
        return statvfs is not None and bool(statvfs(folder).f_flag & os.ST_RDONLY)
    return False


def write_bytes(target: Path | str, data: bytes, *, verify: Callable[[Path], None] | None = None) -> None:
    """Write a whole file of bytes; see `writing`."""
    with writing(target, verify=verify) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path | str, text: str, *, verify: Callable[[Path], None] | None = None) -> None:
    """Write a whole text file in UTF-8, its lines ended as they stand in the text; see `writing`.

    A question mark stands for what UTF-8 cannot hold, such as a sign of a file name from before it.
    """
    write_bytes(target, text.encode("utf-8", "replace"), verify=verify)


def output_error(target: Path | str, error: OSError, folder: Path | None = None) -> OutputError:
    """Say in a person's words why a file could not be written, into a folder that a link led to where it is not its own."""
    name = f"{target} could not be written."
    folder = folder or Path(target).parent
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return OutputError(
                name,
                "The disk is full.",
                "Free some space, or choose another folder. What stood under this name before is untouched.",
            )
        case errno.EROFS:
            return OutputError(
                name, "It lies on a read-only file system.", "Choose a folder that can be written to."
            )
        case errno.EACCES | errno.EPERM:
            return OutputError(
                name,
                f"Writing into {folder} is not permitted, or another program holds the file open.",
                "Choose another folder, or close that program.",
            )
        case errno.ENOENT if not folder.is_absolute() and _is_lost():
            return OutputError(name, "The folder you are in is not there any more.", "Change to another.")
        case errno.ENOENT | errno.ENOTDIR:
            return OutputError(
                name, f"The folder {folder} is not there (any more).", "Make the folder, or choose another."
            )
        case errno.ENAMETOOLONG:
            return OutputError(name, "The name is too long for this disk.", "Choose a shorter name.")
        case errno.EFBIG:
            return OutputError(
                name,
                "The file grew larger than this disk or user may hold.",
                "Choose a shorter piece, or a format that packs more (.flac, .ogg, .mp3).",
            )
        case _:
            return OutputError(
                name, f"The system says: {error.strerror or error}.", "Choose another folder or disk."
            )


def _is_lost() -> bool:
    """Whether the folder that the process is in was removed."""
    try:
        os.getcwd()  # noqa: PTH109 - nothing is wanted but the error
    except FileNotFoundError:
        return True
    return False


def _check_target(target: Path, final: Path) -> None:
    try:
        mode = final.stat().st_mode
    except FileNotFoundError:
        if not final.parent.is_dir():
            folder = final.parent if target.is_symlink() else None
            raise output_error(target, FileNotFoundError(errno.ENOENT, ""), folder) from None
        return
    except OSError as error:
        raise output_error(target, error) from error
    name = f"{target} could not be written."
    if stat.S_ISDIR(mode):
        raise OutputError(name, "It is a folder.", "Give the name of a file in it.")
    if not stat.S_ISREG(mode):
        raise OutputError(name, "It is not an ordinary file.", "Give the name of an ordinary file.")


def _take_permissions(new: Path, old: Path, more: int = 0) -> None:
    """Give a file the permissions of the one it will replace, and ``more``: nobody else may read it in the meantime either."""
    with contextlib.suppress(OSError):  # there is no old file, or the disk knows no permissions
        new.chmod(stat.S_IMODE(old.stat().st_mode) | more)


@contextlib.contextmanager
def _translated(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise output_error(target, error) from error


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    path = _new_file(folder)
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        _in_use.discard(path.name)


def _new_file(folder: Path) -> Path:
    """An empty file under a name that nobody uses: a process of our own number may have left some."""
    while True:
        with _lock:
            name = f".calmando-{_host()}-{os.getpid()}-{next(_counter)}.part"
            _in_use.add(name)
        try:
            # As plain `open` would make it, so that the user's umask decides who may read the finished file.
            os.close(os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            _in_use.discard(name)
        except BaseException:
            _in_use.discard(name)
            raise
        else:
            return folder / name


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    # The file is whole by now: where a system cannot flush a folder, nothing is lost but haste.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Remove the temporary files that processes no longer running have left in a folder."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        stale = [entry for entry in entries if _is_stale(entry)]
        for entry in stale:
            with contextlib.suppress(OSError):
                Path(entry.path).unlink()


def _is_stale(entry: os.DirEntry[str]) -> bool:
    match = _NAME.fullmatch(entry.name)
    if match is None or entry.name in _in_use or not entry.is_file(follow_symlinks=False):
        return False
    pid = int(match["pid"])
    # A container's processes get the same few numbers at every start: our own number is no proof.
    is_unseen = match["host"] == _host() and (pid == os.getpid() or not _is_running(pid))
    return _age_s(entry) > (_LEFT_AFTER_S if is_unseen else _ABANDONED_AFTER_S)


def _age_s(entry: os.DirEntry[str]) -> float:
    # The folder was changed just now, by our own file: so its time is now, by the disk's own clock.
    return Path(entry.path).parent.stat().st_mtime - entry.stat(follow_symlinks=False).st_mtime


def _host() -> str:
    """Tell machines that share a folder apart: a process number means nothing on another one."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":
        return _is_running_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _is_running_on_windows(pid: int) -> bool:
    if sys.platform != "win32":
        return True
    # os.kill(pid, 0) would send Ctrl-C there.
    import ctypes

    synchronize, still_waiting = 0x0010_0000, 0x102
    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == still_waiting)
    finally:
        kernel.CloseHandle(handle)
