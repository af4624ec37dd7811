"""A sink whose file does not go through the memory that the system keeps of files.

What is written once, in long pieces, and seldom read soon, need not be copied there first: that costs a tenth of a
rendering. Linux alone; elsewhere, and on file systems that refuse, a file is written as any other.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from types import TracebackType

import numpy as np

from calmando.sound.files.sink import Sink

PAGE_BYTES = 4_096
"""Disks want whole pieces of this length, which begin at a multiple of it in memory and in the file."""
_SHEET_BYTES = 1 << 20
"""So much at least is written at a time."""


def sink_for_long_writes(path: Path) -> Sink:
    """A sink for whoever writes a file from its beginning to its end in long pieces, and last its head again."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_DIRECT)
    except (AttributeError, OSError):
        # There is no such thing, or not on this file system.
        return Sink(path)
    try:
        return DirectSink(path, descriptor)
    except OSError:
        os.close(descriptor)
        return Sink(path)


class DirectSink(Sink):
    """An existing empty file; ``descriptor`` is it, opened with ``O_DIRECT``, and is closed with the sink."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._direct: int | None = descriptor
        # Pages of their own begin where disks want them to.
        self._sheet = np.frombuffer(mmap.mmap(-1, _SHEET_BYTES), np.uint8)
        self._sheet_begins = 0
        self._n_written = 0
        """Bytes on the sheet."""
        self._place = 0
        super().__init__(path)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._settle()
        super().__exit__(kind, error, trace)

    def write(self, data: bytes | memoryview) -> int:
        """Write all of it, or nothing once an error has occurred."""
        rest = memoryview(data)
        while rest and self._is_on_the_sheet():
            if self._goes_as_it_is(rest):
                n_taken = self._put_with_sheet(rest[: len(rest) // PAGE_BYTES * PAGE_BYTES])
            else:
                n_taken = self._note(rest)
            rest = rest[n_taken:]
        if rest:
            self._settle()
            super().write(rest)
        return 0 if self.has_failed else len(data)

    def flush_behind(self) -> None:
        """What has been written is on the disk already."""
        if self._direct is None:
            super().flush_behind()

    def read(self, n_bytes: int = -1) -> bytes:
        """Read up to this many bytes."""
        self._settle()
        return super().read(n_bytes)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place and return it."""
        if self._direct is None:
            return super().seek(offset, whence)
        end = self._sheet_begins + self._n_written
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: end}[whence]
        return self._place

    def tell(self) -> int:
        """Return the place where the next byte goes."""
        return super().tell() if self._direct is None else self._place

    def _is_on_the_sheet(self) -> bool:
        end = self._sheet_begins + self._n_written
        return self._direct is not None and self._sheet_begins <= self._place <= end

    def _goes_as_it_is(self, data: memoryview) -> bool:
        """Whether it is long, and begins with a page both in memory and in the file, behind what is on the sheet."""
        is_next = self._place == self._sheet_begins + self._n_written
        begins_page = (np.frombuffer(data, np.uint8).ctypes.data | self._place) % PAGE_BYTES == 0
        return len(data) >= _SHEET_BYTES and is_next and begins_page

    def _put_with_sheet(self, data: memoryview) -> int:
        """Write what is on the sheet, and then this; returns how many bytes of it."""
        is_put = (self._n_written == 0 or self._put(self._sheet.data[: self._n_written])) and self._put(data)
        if not is_put:
            return 0
        self._place += len(data)
        return len(data)

    def _note(self, data: memoryview) -> int:
        """Write on the sheet, as much as it has room for; returns how many bytes that are."""
        at = self._place - self._sheet_begins
        taken = data[: _SHEET_BYTES - at]
        # As arrays, so that others get on in Python meanwhile.
        np.copyto(self._sheet[at : at + len(taken)], np.frombuffer(taken, np.uint8))
        self._place += len(taken)
        self._n_written = max(self._n_written, at + len(taken))
        if self._n_written == _SHEET_BYTES:
            self._put(self._sheet.data)
        return len(taken)

    def _put(self, pages: memoryview) -> bool:
        """Write whole pages; whoever refuses them gets all the usual way, and says then what is wrong."""
        assert self._direct is not None
        try:
            is_written = os.pwrite(self._direct, pages, self._sheet_begins) == len(pages)
        except OSError:
            is_written = False
        if is_written:
            self._sheet_begins += len(pages)
            self._n_written = 0
        else:
            self._settle()
        return is_written

    def _settle(self) -> None:
        """Write what there is, and go on the usual way."""
        direct, self._direct = self._direct, None
        if direct is None:
            return
        try:
            os.close(direct)
        except OSError as error:
            # Some file systems tell only now that there was no room.
            self.fail(error)
        super().seek(self._sheet_begins)
        super().write(self._sheet[: self._n_written].tobytes())
        super().seek(self._place)
