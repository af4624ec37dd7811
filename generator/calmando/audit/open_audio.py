"""Opens anybody's sound file and hands it out in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import soundfile
from numpy.typing import NDArray

from calmando.errors import AudioFileError, CalmandoError
from calmando.sound.tags import read_tags

_BLOCK_FRAMES = 1 << 16
_HEAD_BYTES = 12


def is_midi(path: Path) -> bool:
    """Whether a file is a Standard MIDI File, by its content (bare, or in a RIFF); by its name where it is none at all.

    Raises
    ------
    AudioFileError
        Where the file is missing or cannot be opened.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        raise AudioFileError(f"There is no file {path}.", fix="Check the name and the folder.") from None
    except IsADirectoryError:
        raise AudioFileError(f"{path} is a folder, not a file.", fix="Name a file in it.") from None
    except OSError as error:
        raise AudioFileError(f"{path} cannot be opened for reading.", f"{error.strerror}.") from None
    if not head:
        raise AudioFileError(
            f"{path.name} is empty.", "It has no content at all.", "Export or copy it again."
        )
    return head.startswith(b"MThd") or head[8:12] == b"RMID" or path.suffix.lower() in (".mid", ".midi")


@dataclass
class OpenAudio(AbstractContextManager["OpenAudio"]):
    """A sound file that is open for reading.

    Attributes
    ----------
    title, record
        As tagged; empty where there is none.
    notices
        What was simplified.
    """

    file: soundfile.SoundFile
    title: str
    record: str
    notices: tuple[str, ...]

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
        while True:
            try:
                block = self.file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                raise _damaged(self.file.name, str(error)) from None
            if not len(block):
                break
            n_frames += len(block)
            yield block
        if n_frames == 0:
            raise AudioFileError(
                f"{Path(self.file.name).name} holds no sound at all.", "Its length is 0.", "Export it again."
            )

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
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        raise _damaged(str(path), str(error)) from None
    notices: list[str] = []
    if file.channels > 2:
        notices.append(f"Of its {file.channels} channels only the first two were heard.")
    if file.channels == 1:
        notices.append("It has one channel; its loudness is that of one loudspeaker.")
    try:
        tags = read_tags(path)
    except CalmandoError:
        return OpenAudio(file, "", "", tuple(notices))
    return OpenAudio(file, tags.title, tags.record, tuple(notices))


def _damaged(path: str, detail: str) -> AudioFileError:
    return AudioFileError(
        f"{Path(path).name} is not a sound file that can be read, or it is damaged ({detail.strip().rstrip('.')}).",
        "MIDI, WAV, FLAC, OGG and MP3 can be audited.",
        "Export it again in one of these.",
    )
