"""Notes put aside in a file while there is no room for them in memory; to have them back takes next to no time."""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.sound.bank.notes import BankNote
from calmando.sound.fluidsynth.synth import Stereo

FetchBack: TypeAlias = Callable[[], BankNote | None]
"""Gives a note as it was put aside, or ``None`` where that is not possible any more."""

_SHARE_OF_DISK = 10
"""The file takes no more than one part in so many of what is free: the piece itself has to find room as well."""
_ON_DISK = Path("/var/tmp")
"""Where systems keep large passing files, if nobody names another place: the usual folder may lie in memory."""


class Aside:
    """A file without a name, made when it is first needed and gone with the process, for any number of threads.

    Where there is no room for it, or it cannot be written, nothing is put aside, and whoever asks does without.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._file: IO[bytes] | None = None
        self._room = 0
        self._written = 0
        self._is_possible = True
        self._mappings: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()

    def put(self, note: BankNote) -> FetchBack | None:
        """Put a note without a tail aside; ``None`` where that is not possible."""
        n_bytes, shape = note.frames.nbytes, note.frames.shape
        with self._lock:
            begins = self._written
            if not self._is_possible or not self._write(np.ascontiguousarray(note.frames).data.cast("B")):
                return None
        silent = replace(note, frames=note.frames[:, :0].copy())
        in_use: weakref.ReferenceType[Stereo] | None = None

        def fetch_back() -> BankNote | None:
            nonlocal in_use
            frames = in_use() if in_use is not None else None
            if frames is None:
                # The pages of the file are those of the note: nothing is copied.
                mapped = self._mapped(begins, n_bytes)
                if mapped is None:
                    return None
                frames = mapped.reshape(shape)
                in_use = weakref.ref(frames)
            return replace(silent, frames=frames)

        return fetch_back

    def _write(self, data: memoryview) -> bool:
        """Add to the file, which after the first failure stays as it is, and go on to where a mapping may begin."""
        try:
            if self._file is None:
                self._open()
            pages = -(-len(data) // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
            self._is_possible = self._written + pages <= self._room
            if self._file is not None and self._is_possible:
                self._file.seek(self._written)
                while data:
                    data = data[self._file.write(data) :]
                self._written += pages
        except OSError:
            self._is_possible = False
        return self._is_possible

    def _open(self) -> None:
        """Make the file, and see how many bytes it may take."""
        is_named = any(os.environ.get(variable) for variable in ("TMPDIR", "TEMP", "TMP"))
        folder = str(_ON_DISK) if not is_named and os.access(_ON_DISK, os.W_OK) else tempfile.gettempdir()
        self._room = shutil.disk_usage(folder).free // _SHARE_OF_DISK
        file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 (it stays as long as this)
        weakref.finalize(self, file.close)
        self._file = file

    def _mapped(self, begins: int, n_bytes: int) -> NDArray[np.float32] | None:
        with self._lock:
            if self._file is None:
                return None
            try:
                pages = mmap.mmap(self._file.fileno(), n_bytes, access=mmap.ACCESS_READ, offset=begins)
            except (OSError, ValueError):
                return None
            self._mappings.add(pages)
        return np.frombuffer(pages, np.float32)

    def give_back_pages(self) -> None:
        """Take no memory for what has been read of notes that are in use; what is read again comes from the file.

        Of a long note little is heard at a time.
        """
        if hasattr(mmap, "MADV_DONTNEED"):
            with self._lock:
                for pages in self._mappings:
                    pages.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Give the file up; notes that were fetched back stay."""
        with self._lock:
            self._is_possible = False
            if self._file is not None:
                self._file.close()
                self._file = None
