"""Keeps the places of standard input, output and error from files of music, where a caller has closed them."""

from __future__ import annotations

import os

_STANDARD_PLACES = 3


def occupy_standard_places() -> None:
    """Put nothing (the null device) into each of the descriptors 0, 1 and 2 that is closed.

    The system hands the lowest free descriptor to the next file that is opened: without this a sound file would
    become the standard error, where libraries of other languages write their complaints and are hidden.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < _STANDARD_PLACES:
        pass
    os.close(descriptor)
