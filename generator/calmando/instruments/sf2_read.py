"""Reads which presets a SoundFont holds, without reading its samples.

Works for SF2 and for SF3 (the same container with compressed samples): only the ``pdta`` chunk is read.

References
----------
SoundFont Technical Specification 2.04, chapters 4 (RIFF) and 7.2 (``phdr``).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from calmando.errors import SoundFontError
from calmando.resources import not_a_file

_RECORD = struct.Struct("<20sHHHIII")
_CHUNK = struct.Struct("<4sI")
_ANOTHER = "Choose another SoundFont (.sf2 or .sf3)."
_AGAIN = "Copy or download the file again."


@dataclass(frozen=True, slots=True, order=True)
class FontPreset:
    """A program that a font holds."""

    bank: int
    program: int
    name: str


def read_presets(path: str | Path) -> tuple[FontPreset, ...]:
    """The presets of a SoundFont, by bank and program.

    Parameters
    ----------
    path
        An SF2 or SF3 file.

    Raises
    ------
    SoundFontError
        If the file is missing, unreadable, empty, cut short, or no SoundFont.
    """
    font = Path(path)
    if wrong := not_a_file(font):
        raise SoundFontError(f"{font} {wrong}.", "", _ANOTHER)
    try:
        size = font.stat().st_size
        with font.open("rb") as file:
            records = _preset_records(font, file, size)
    except (FileNotFoundError, ValueError) as error:  # ValueError: a name no file can have
        raise SoundFontError(
            f"There is no SoundFont {font}.", "", "Check the name and the folder."
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SoundFontError(
            f"{font} cannot be read.", f"{reason}.", "Check its name and permissions."
        ) from error
    return _presets(font, records)


def _preset_records(font: Path, file: BinaryIO, size: int) -> bytes:
    if size == 0:
        raise SoundFontError(f"{font} is empty (0 bytes).", "", _AGAIN)
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"sfbk":
        raise SoundFontError(f"{font} is no SoundFont.", _what_it_is(head), _ANOTHER)
    stated = struct.unpack("<I", head[4:8])[0] + 8
    if stated > size:
        why = f"It should hold {stated:,} bytes and holds {size:,}."
        raise SoundFontError(f"{font} is cut short.", why, _AGAIN)
    pdta = _find_list(file, 12, stated, b"pdta")
    records = pdta and _find_chunk(file, *pdta, b"phdr")
    if not records:
        raise SoundFontError(f"{font} is damaged.", "It has no list of presets (pdta, phdr).", _AGAIN)
    if _find_list(file, 12, stated, b"sdta") is None:
        raise SoundFontError(
            f"{font} is damaged.", "It has no samples (sdta), so nothing could sound.", _AGAIN
        )
    start, end = records
    file.seek(start)
    return file.read(end - start)


def _what_it_is(head: bytes) -> str:
    if head[:4] == b"RIFF":
        kind = head[8:12].decode("ascii", "replace").strip()
        return f"It is a RIFF file of the kind {kind!r}, not 'sfbk'."
    if head and all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head):
        return "It holds plain text, whatever its name says."
    return "It does not begin as a SoundFont does (RIFF … sfbk)."


def _find_list(file: BinaryIO, start: int, end: int, kind: bytes) -> tuple[int, int] | None:
    """Where the content of a LIST of this kind begins and ends."""
    for name, first, last in _chunks(file, start, end):
        if name == b"LIST":
            file.seek(first)
            if file.read(4) == kind:
                return first + 4, last
    return None


def _find_chunk(file: BinaryIO, start: int, end: int, wanted: bytes) -> tuple[int, int] | None:
    return next(((first, last) for name, first, last in _chunks(file, start, end) if name == wanted), None)


def _chunks(file: BinaryIO, start: int, end: int) -> list[tuple[bytes, int, int]]:
    """Name, first byte and end of each whole chunk between two places.

    Chunks of odd length ought to be followed by a zero; some SF3 files leave it out.
    """
    found = []
    while start + _CHUNK.size <= end:
        file.seek(start)
        name, length = _CHUNK.unpack(file.read(_CHUNK.size))
        first = start + _CHUNK.size
        if first + length > end:
            break
        found.append((name, first, first + length))
        start = first + length
        if length % 2 and _byte_at(file, start) == b"\0":
            start += 1
    return found


def _byte_at(file: BinaryIO, place: int) -> bytes:
    file.seek(place)
    return file.read(1)


def _presets(font: Path, records: bytes) -> tuple[FontPreset, ...]:
    count, rest = divmod(len(records), _RECORD.size)
    if rest:
        why = f"Its list of presets is {len(records)} bytes long, no multiple of {_RECORD.size}."
        raise SoundFontError(f"{font} is damaged.", why, _AGAIN)
    if count < 2:
        raise SoundFontError(f"{font} holds no presets.", "", _ANOTHER)
    fields = (_RECORD.unpack_from(records, index * _RECORD.size) for index in range(count - 1))
    return tuple(sorted(FontPreset(bank, program, _text(name)) for name, program, bank, *_ in fields))


def _text(name: bytes) -> str:
    return name.split(b"\0", 1)[0].decode("latin-1").strip()
