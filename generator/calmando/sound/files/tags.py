"""The tags of a sound file: its title, its preset, and the record that makes it again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import soundfile

from calmando.errors import AudioFileError
from calmando.sound.files import riff
from calmando.sound.files.native_messages import decoder_messages_hidden, may_be_mp3
from calmando.sound.files.read_file import opened_sound

MAX_RECORD_BYTES = 30_000
"""Every format here carries a comment of this length unharmed (tried)."""
NO_RECORD = "Made by Calmando, without a record."
"""The comment of what no record makes again: a part alone, the notes of another program."""

_READ_BY_SOUNDFILE = frozenset({"FLAC", "OGG", "MP3"})


@dataclass(frozen=True, slots=True)
class Tags:
    """What a sound file says of itself.

    ``record`` is ASCII text (compact JSON) of at most `MAX_RECORD_BYTES`; it is kept as the comment.
    ``title`` may hold any letters. ``preset`` is kept as the album.
    """

    title: str = ""
    preset: str = ""
    record: str = ""

    def __post_init__(self) -> None:
        if not self.record.isascii() or len(self.record) > MAX_RECORD_BYTES:
            raise ValueError(f"a record is ASCII of at most {MAX_RECORD_BYTES} bytes")


NO_TAGS = Tags()


def put_tags(file: soundfile.SoundFile, tags: Tags) -> None:
    """Set the tags of a file that is open for writing and still empty."""
    if tags.title:
        file.title = tags.title
    if tags.preset:
        file.album = tags.preset
    if tags.record:
        file.comment = tags.record


def tags_as_kept(tags: Tags) -> Tags:
    """Return the tags as files keep them: on one line."""
    return replace(tags, title=_one_line(tags.title), preset=_one_line(tags.preset))


def read_tags(path: Path | str) -> Tags:
    """Read the tags of a WAV, RF64, FLAC, OGG or MP3 file, known by its content, not by its name.

    Returns
    -------
    Tags
        Its fields are empty where the file does not have them. ``record`` is whatever the comment holds (empty
        where that is not ASCII or too long): whether it is a record is for the reader of records to say.

    Raises
    ------
    AudioFileError
        Where the file is missing, damaged or none of these.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(12)
        if riff.is_wave(head):
            return _tags_of(*(riff.info_text(path, name) for name in (riff.TITLE, riff.ALBUM, riff.COMMENT)))
        with decoder_messages_hidden(is_mp3=may_be_mp3(head)), opened_sound(path) as sound:
            if sound.format in _READ_BY_SOUNDFILE:
                return _tags_of(sound.title, sound.album, sound.comment)
    except OSError as error:
        raise AudioFileError(
            f"{path} cannot be read.",
            f"The system says: {error.strerror or error}.",
            "Check its name and place.",
        ) from error
    except soundfile.SoundFileError as error:
        raise _unknown(path) from error
    except AudioFileError as error:
        raise AudioFileError(f"{path}: {error.what}", error.why, error.fix) from error
    raise _unknown(path)


def is_made_here(path: Path | str) -> bool:
    """Whether a sound file says that it was made here, though it carries no record; never raises."""
    try:
        return read_tags(path).record == NO_RECORD
    except AudioFileError:
        return False


def _unknown(path: Path) -> AudioFileError:
    return AudioFileError(
        f"{path} is not a sound file that can be read here.",
        "Its content is not WAV, FLAC, OGG or MP3, or is damaged.",
        "Give one of these.",
    )


def _tags_of(title: str, preset: str, comment: str) -> Tags:
    kept = comment.isascii() and len(comment) <= MAX_RECORD_BYTES
    return Tags(title, preset, comment if kept else "")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
