"""Keeps what foreign C libraries write to standard error from the user, who is told in our own words."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from calmando.units import Seconds

_STANDARD_ERROR = 2
_WRITING_S: Seconds = 0.002
"""Hardly a line takes longer to write."""
_lock = threading.RLock()
_OTHER_SOUNDS = (b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS", b"FORM")
_OF_MPG123 = re.compile(
    rb"(?m)^\n?(?:"
    rb"\[[^]\n]*libmpg123/"
    rb"|Note: (?:Junk at the|Looks like a RIFF|Could be a BMP|Illegal Audio|Trying to resync|Hit end of|Skipped \d|missing \d)"
    rb"|Warning: (?:Xing stream|Encountered more|Big change|Real sample)"
    rb").*\n?"
)
"""What libmpg123, which reads MP3 for libsndfile, says of a file that is not as it should be."""


@dataclass(slots=True)
class NativeMessages:
    """What was said, known when the hiding is over."""

    text: bytes = b""


@dataclass(slots=True)
class Complaints:
    """Whether the decoder complained of a file, known when the hiding is over."""

    any: bool = False


@contextlib.contextmanager
def decoder_messages_hidden(*, is_mp3: bool) -> Iterator[Complaints]:
    """Hide what the decoder of MP3 says of a file meanwhile; what others say appears a little later.

    The decoders of all other formats are silent: standard error is left alone.
    """
    complaints = Complaints()
    if not is_mp3:
        yield complaints
        return
    hidden = NativeMessages()
    try:
        with native_messages_hidden() as hidden:
            yield complaints
    finally:
        of_others, n_complaints = _OF_MPG123.subn(b"", hidden.text)
        complaints.any = n_complaints > 0
        if of_others.strip():
            with contextlib.suppress(OSError):
                os.write(_STANDARD_ERROR, of_others)


def may_be_mp3(head: bytes) -> bool:
    """Whether a file that begins like this may be MP3: it begins with anything, so no other format of sound is known by it."""
    return not head.startswith(_OTHER_SOUNDS)


@contextlib.contextmanager
def native_messages_hidden() -> Iterator[NativeMessages]:
    """Hide all that is written to the process's standard error meanwhile; one thread at a time may do so."""
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
            messages.text = _all_written_to(hidden)


def _all_written_to(hidden: IO[bytes]) -> bytes:
    """Its text, that included which other threads were just writing as standard error was given back."""
    known, n_bytes = -1, 0
    while n_bytes > known:
        time.sleep(_WRITING_S)
        known, n_bytes = n_bytes, os.fstat(hidden.fileno()).st_size
    hidden.seek(0)
    return hidden.read()


def _somewhere() -> IO[bytes]:
    """A place to write to: in memory, else in a temporary file, else nowhere (then nothing counts as said)."""
    if sys.platform == "linux":
        return open(os.memfd_create("calmando-words"), "w+b")  # noqa: PTH123 - a descriptor has no path
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return Path(os.devnull).open("w+b")
