"""Gives the one stream of an OGG file a fixed serial number, so that the same sound makes the same file.

libsndfile draws the number by the clock. Every page carries it, under a check sum over the whole page.

References
----------
RFC 3533, section 6: the page header.
"""

from __future__ import annotations

import zlib
from pathlib import Path

from calmando.errors import OutputError

SERIAL = int.from_bytes(b"Calm", "little")

_HEAD_BYTES = 27
_SERIAL_AT, _CHECK_AT = 14, 22
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ALL_ONES = 0xFFFF_FFFF


def fix_serial(path: Path | str) -> None:
    """Rewrite the serial number and check sum of every page, in place.

    Raises
    ------
    OutputError
        Where the file is not made of whole pages.
    """
    with Path(path).open("r+b") as file:
        place = 0
        while head := file.read(_HEAD_BYTES):
            table = file.read(head[-1])
            content = file.read(sum(table))
            page = bytearray(head + table + content)
            if not page.startswith(b"OggS") or len(page) != _HEAD_BYTES + head[-1] + sum(table):
                raise OutputError(f"{path} could not be written.", "Its pages are not whole.", "Try again.")
            page[_SERIAL_AT : _SERIAL_AT + 4] = SERIAL.to_bytes(4, "little")
            page[_CHECK_AT : _CHECK_AT + 4] = bytes(4)
            page[_CHECK_AT : _CHECK_AT + 4] = check_sum(bytes(page)).to_bytes(4, "little")
            file.seek(place)
            file.write(page[:_HEAD_BYTES])
            place += len(page)
            file.seek(place)


def check_sum(page: bytes) -> int:
    """The check sum of a page whose own is 0: polynomial 0x04C11DB7, from 0, highest bit first.

    zlib's has the same polynomial with every bit order turned round and all ones before and after.
    """
    mirrored = zlib.crc32(page.translate(_MIRRORED), _ALL_ONES) ^ _ALL_ONES
    return int(f"{mirrored:032b}"[::-1], 2)
