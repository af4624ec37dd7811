"""A file that whoever packs sound writes through, which remembers why writing failed.

libsndfile itself says no more than "System error", and of a full disk under OGG nothing at all.
"""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

_FLUSH_EVERY_BYTES = 32_000_000
"""What has been written goes to the disk in such portions while more is made: at the end little is left to wait for."""


class Sink:
    """An existing file opened for writing, as the file object that soundfile wants."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b", buffering=0)
        self._error: OSError | None = None
        self._n_flushed = 0
        self._flusher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="calmando-flush")
        self._flushing: Future[None] | None = None

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._flusher.shutdown()
        self._file.close()
        if error is None:
            self.check()

    @property
    def has_failed(self) -> bool:
        """Whether an error has occurred."""
        return self._error is not None

    def check(self) -> None:
        """Raise the first error that occurred in writing, if any did."""
        if self._error is not None:
            raise self._error

    def fail(self, error: OSError) -> None:
        """Take note of an error, unless it is not the first."""
        if self._error is None:
            self._error = error

    def write(self, data: bytes | memoryview) -> int:
        """Write all of it, or nothing once an error has occurred."""
        if self._error is not None:
            return 0
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            self.fail(error)
            return 0
        return len(data)

    def flush_behind(self) -> None:
        """Have what was written go to the disk meanwhile, where it is much and nothing goes there yet."""
        n_bytes = os.fstat(self._file.fileno()).st_size
        is_free = self._flushing is None or self._flushing.done()
        if n_bytes - self._n_flushed >= _FLUSH_EVERY_BYTES and is_free:
            self._n_flushed = n_bytes
            self._flushing = self._flusher.submit(self._flush_to_disk, n_bytes)

    def read(self, n_bytes: int = -1) -> bytes:
        """Read up to this many bytes; libsndfile looks back at its own header."""
        return self._file.read(n_bytes) or b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place and return it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place where the next byte goes."""
        return self._file.tell()

    def _flush_to_disk(self, n_bytes: int) -> None:
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            # A system tells such an error once: whoever flushes later would hear nothing of it.
            self.fail(error)
            return
        if hasattr(os, "posix_fadvise"):
            # The memory serves for what comes next; else a night's music would drive out all that others read.
            with contextlib.suppress(OSError):
                os.posix_fadvise(self._file.fileno(), 0, n_bytes, os.POSIX_FADV_DONTNEED)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""
