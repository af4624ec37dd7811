"""Keeps what foreign C libraries write to standard error from the user, who is told in our own words."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_STANDARD_ERROR = 2
_lock = threading.RLock()


@dataclass(slots=True)
class NativeMessages:
    """Whether anything was said; known when the hiding is over."""

    said: bool = False


@contextlib.contextmanager
def native_messages_hidden() -> Iterator[NativeMessages]:
    """Hide what is written to the process's standard error meanwhile; one thread at a time may do so."""
    messages = NativeMessages()
    with _lock, contextlib.ExitStack() as last:
        try:
            kept = os.dup(_STANDARD_ERROR)
        except OSError:  # there is no standard error: nothing can be seen
            yield messages
            return
        last.callback(os.close, kept)
        hidden = last.enter_context(_somewhere())
        os.dup2(hidden.fileno(), _STANDARD_ERROR)
        try:
            yield messages
        finally:
            os.dup2(kept, _STANDARD_ERROR)
            messages.said = os.fstat(hidden.fileno()).st_size > 0


def _somewhere() -> IO[bytes]:
    """A place to write to: in memory, else in a temporary file, else nowhere (then nothing counts as said)."""
    if sys.platform == "linux":
        return open(os.memfd_create("calmando-words"), "w+b")  # noqa: PTH123 - a descriptor has no path
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return Path(os.devnull).open("w+b")
