"""Opens anybody's sound file and hands it out in blocks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import soundfile
from numpy.typing import NDArray

from calmando.audit.cut_short import is_cut_short
from calmando.errors import AudioFileError, CalmandoError
from calmando.midi.open import MIDI_NAMES, begins_like_midi
from calmando.resources import not_a_file
from calmando.sound.files.native_messages import decoder_messages_hidden, may_be_mp3
from calmando.sound.files.read_file import opened_sound
from calmando.sound.files.tags import read_tags

_BLOCK_FRAMES = 1 << 16
_HEAD_BYTES = 12
_FEW_MISSING_FRAMES = 2_304
"""Two frames of MP3: encoders do not agree on whether the ends are counted."""
_CALLED_MISSING = 7
"""libsndfile's number for a file that "does not exist"; it says so of an MP3 file without sound, too."""
_TOO_SHORT = "The file holds less sound than its header says: only what is there was heard."
_DAMAGED_WITHIN = "The file is damaged within: what could not be decoded was left out."


def is_midi(path: Path) -> bool:
    """Whether a file is a Standard MIDI File, by its content (bare, or in a RIFF); by its name where it is none at all.

    Raises
    ------
    AudioFileError
        Where the file is missing or cannot be opened.
    """
    _refuse_what_is_no_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except (FileNotFoundError, ValueError):  # ValueError: a name no file can have
        raise AudioFileError(f"There is no file {path}.", fix="Check the name and the folder.") from None
    except OSError as error:
        raise AudioFileError.unreadable(path, error) from None
    if not head:
        raise AudioFileError(
            f"{path.name} is empty.", "It has no content at all.", "Export or copy it again."
        )
    return begins_like_midi(head) or path.suffix.lower() in MIDI_NAMES


def _refuse_what_is_no_file(path: Path) -> None:
    """A pipe or a device would be waited at without end."""
    if wrong := not_a_file(path):
        raise AudioFileError(f"{path} {wrong}.", fix="Give the name of a MIDI or sound file.")


@dataclass
class OpenAudio(AbstractContextManager["OpenAudio"]):
    """A sound file that is open for reading.

    Attributes
    ----------
    title, record
        As tagged; empty where there is none.
    notices
        What was simplified; when all blocks are read also what is missing or damaged.
    """

    file: soundfile.SoundFile
    title: str
    record: str
    notices: tuple[str, ...]
    complaints: bool = False
    """Whether the decoder had something to say of the file's beginning."""

    @property
    def _path(self) -> Path:
        return Path(os.fsdecode(self.file.name))

    @property
    def sample_rate(self) -> int:
        """Frames a second."""
        return int(self.file.samplerate)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """The sound in blocks, shape (n_frames, 1 or 2).

        Raises
        ------
        AudioFileError
            Where the file is damaged further on.
        """
        n_frames = 0
        complaints = self.complaints
        while True:
            try:
                with decoder_messages_hidden(is_mp3=self.file.format == "MP3") as said:
                    block = self.file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
                complaints = complaints or said.any
            except soundfile.LibsndfileError as error:
                raise _damaged(self._path, error) from None
            if not len(block):
                break
            n_frames += len(block)
            yield block
        if n_frames == 0:
            raise AudioFileError(
                f"{self._path.name} holds no sound at all.", "Its length is 0.", "Export it again."
            )
        self._note_what_is_missing(n_frames, complaints)

    def _note_what_is_missing(self, n_frames: int, complaints: bool) -> None:
        if n_frames < self.file.frames - _FEW_MISSING_FRAMES or is_cut_short(self._path):
            self.notices += (_TOO_SHORT,)
        elif complaints:
            self.notices += (_DAMAGED_WITHIN,)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()


def open_audio(path: Path) -> OpenAudio:
    """Open a WAV, FLAC, OGG or MP3 file.

    Raises
    ------
    AudioFileError
        Where it is damaged, empty or of an unknown kind.
    """
    _refuse_what_is_no_file(path)
    try:
        with path.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
        with decoder_messages_hidden(is_mp3=may_be_mp3(head)) as said:
            file = opened_sound(path)
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        raise _damaged(path, error) from None
    notices: list[str] = []
    if file.channels > 2:
        notices.append(f"Of its {file.channels} channels only the first two were heard.")
    if file.channels == 1:
        notices.append("It has one channel; its loudness is that of one loudspeaker.")
    try:
        tags = read_tags(path)
    except CalmandoError:
        return OpenAudio(file, "", "", tuple(notices), said.any)
    return OpenAudio(file, tags.title, tags.record, tuple(notices), said.any)


def _damaged(path: Path, error: Exception) -> AudioFileError:
    detail = error.error_string if isinstance(error, soundfile.LibsndfileError) else str(error)
    if getattr(error, "code", None) == _CALLED_MISSING:
        detail = ""
    named = f" ({detail.strip().rstrip('.')})" if detail else ""
    return AudioFileError(
        f"{path.name} is not a sound file that can be read, or it is damaged{named}.",
        "MIDI, WAV, FLAC, OGG and MP3 can be audited.",
        "Export it again in one of these.",
    )
