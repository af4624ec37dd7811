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

_SHEET_BYTES = 1 << 20
"""So much is written at a time. Disks want whole pieces of some thousand bytes, in memory and in the file."""


def sink_for_long_writes(path: Path) -> Sink:
    """A sink for whoever writes a file from its beginning to its end in long pieces, and last its head again."""
    try:
        return DirectSink(path, os.open(path, os.O_WRONLY | os.O_DIRECT))
    except (AttributeError, OSError):
        # There is no such thing, or not on this file system.
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

    @property
    def own_writer(self) -> Sink | int:
        """What is written has to come here."""
        return self

    def write(self, data: bytes | memoryview) -> int:
        """Write all of it, or nothing once an error has occurred."""
        rest = memoryview(data)
        while rest and self._is_on_the_sheet():
            at = self._place - self._sheet_begins
            taken = rest[: _SHEET_BYTES - at]
            # As arrays, so that others get on in Python meanwhile.
            np.copyto(self._sheet[at : at + len(taken)], np.frombuffer(taken, np.uint8))
            self._place += len(taken)
            self._n_written = max(self._n_written, at + len(taken))
            rest = rest[len(taken) :]
            if self._n_written == _SHEET_BYTES:
                self._put_sheet()
        if rest:
            self._settle()
            super().write(bytes(rest))
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

    def _put_sheet(self) -> None:
        """Write a full sheet; whoever refuses it gets it, and all that comes, the usual way, and says then what is wrong."""
        assert self._direct is not None
        try:
            is_written = os.pwrite(self._direct, self._sheet.data, self._sheet_begins) == _SHEET_BYTES
        except OSError:
            is_written = False
        if is_written:
            self._sheet_begins += _SHEET_BYTES
            self._n_written = 0
        else:
            self._settle()

    def _settle(self) -> None:
        """Write what there is, and go on the usual way."""
        if self._direct is None:
            return
        os.close(self._direct)
        self._direct = None
        super().seek(self._sheet_begins)
        super().write(self._sheet[: self._n_written].tobytes())
        super().seek(self._place)
