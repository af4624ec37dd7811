"""Memory: how much there is for a program on this machine, how much of it notes may take, and when it is given back."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from calmando.units import Seconds

_OF_CONTAINERS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux tells a container what it may take, in either version of its groups; what is no number is no limit."""


def memory_bytes() -> int | None:
    """The machine's memory, or what a container or a limit leaves of it; ``None`` where the system does not tell."""
    return min(_limits(), default=None)


def _limits() -> Iterator[int]:
    with contextlib.suppress(AttributeError, ValueError, OSError):
        yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in _OF_CONTAINERS:
        with contextlib.suppress(ValueError, OSError):
            yield int(file.read_text(encoding="ascii"))
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft != resource.RLIM_INFINITY:
            yield soft


_SHORT_BANK_BYTES = 400_000_000
_LARGEST_BANK_BYTES = 800_000_000
_SHARE_OF_MEMORY = 32
"""Between these two the bank takes one part in so many of the machine's memory."""
_SMALLEST_BANK_BYTES = 40_000_000
_BYTES_AN_HOUR = 45_000_000
"""So much less for every hour that a night stays under 400 MB in all (its notes and energies take 21 MB an hour)."""


def bank_bytes(length_s: Seconds, *, is_roomy: bool) -> int:
    """Memory for the notes of a piece: less, the more the piece itself takes, and more where the machine has plenty.

    Parameters
    ----------
    is_roomy
        Whether the piece is so short that it may take what the machine has to spare.
    """
    most = _SHORT_BANK_BYTES
    if is_roomy:
        share = (memory_bytes() or 0) // _SHARE_OF_MEMORY
        most = min(max(share, _SHORT_BANK_BYTES), _LARGEST_BANK_BYTES)
    return max(most - round(length_s / 3_600 * _BYTES_AN_HOUR), _SMALLEST_BANK_BYTES)


_KEPT_BYTES = 33_000_000


def keep_freed_memory() -> None:
    """Let the C library keep what is freed for the next of the same size.

    Arrays of a region come and go by the thousand, and pages asked from the system anew cost more than what is
    done in them. The GNU C library keeps pieces up to the largest it has seen freed (32 MB at most, see
    mallopt(3), M_MMAP_THRESHOLD); for others this does nothing.
    """
    np.empty(_KEPT_BYTES, np.uint8)


def give_back_freed_memory() -> None:
    """Have the GNU C library give back what is free; others do so of themselves."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
