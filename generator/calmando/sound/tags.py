"""The tags of a sound file: its title, its preset, and the record that makes it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MAX_RECORD_BYTES = 30_000
"""Every format here carries a comment of this length unharmed (tried)."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What a sound file says of itself.

    ``record`` is ASCII text (compact JSON) of at most `MAX_RECORD_BYTES`; it is kept as the comment.
    ``title`` may hold any letters; MP3 keeps it without accents. ``preset`` is kept as the album.
    """

    title: str = ""
    preset: str = ""
    record: str = ""


NO_TAGS = Tags()


def read_tags(path: Path | str) -> Tags:
    """Read the tags of a WAV, RF64, FLAC, OGG or MP3 file, known by its content, not by its name.

    Raises
    ------
    AudioFileError
        Where the file is missing or is none of these.
    RecordError
        Where a record is there but damaged. A file without one gives ``record == ""``.
    """
    raise NotImplementedError
