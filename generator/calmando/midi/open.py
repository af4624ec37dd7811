"""Opens a Standard MIDI File, whatever stands around its tracks."""

from __future__ import annotations

import io
from pathlib import Path

import mido

from calmando.errors import MidiFileError
from calmando.resources import is_file, not_a_file

MIDI_NAMES = (".mid", ".midi", ".rmi", ".kar", ".smf")
"""How the names of MIDI files end."""
_BIGGEST_BYTES = 64 * 2**20
_HEADER, _TRACK = b"MThd", b"MTrk"
_RIFF, _RIFF_MIDI = b"RIFF", b"RMID"
_CHUNK_HEAD = 8
_HEAD_BYTES = 12


def is_midi_file(path: Path) -> bool:
    """Whether a file's name or its beginning says that it is MIDI; it need not be there."""
    if path.suffix.lower() in MIDI_NAMES:
        return True
    if not is_file(path):
        return False
    try:
        return holds_midi(path)
    except OSError:
        return False


def holds_midi(path: Path) -> bool:
    """Whether a file begins as MIDI does, whatever its name; raises what opening it raises."""
    with path.open("rb") as opened:
        return begins_like_midi(opened.read(_HEAD_BYTES))


def begins_like_midi(head: bytes) -> bool:
    """Whether the first twelve bytes of a file are those of MIDI, bare or in the RIFF of Windows programs."""
    return head.startswith(_HEADER) or (head[:4] == _RIFF and head[8:12] == _RIFF_MIDI)


def opened_midi(path: Path) -> mido.MidiFile:
    """The events of a MIDI file.

    Raises
    ------
    MidiFileError
        Where it is missing, cannot be read, is larger than 64 MB, damaged, or no MIDI file.
    """
    if wrong := not_a_file(path):
        raise MidiFileError(f"{path} {wrong}.", fix="Give the name of a MIDI file.")
    try:
        if path.stat().st_size > _BIGGEST_BYTES:
            raise MidiFileError(
                f"{path.name} is larger than 64 MB.", "No piece of notes is that large.", "Check the file."
            )
        return parsed_midi(path)
    except FileNotFoundError:
        raise MidiFileError(f"There is no file {path}.", fix="Check the name and the folder.") from None
    except MidiFileError:
        raise
    except EOFError:
        raise MidiFileError(
            f"{path.name} ends too early, or is not a MIDI file.",
            fix="Copy it again, or export it again as a Standard MIDI File (.mid).",
        ) from None
    except OSError as error:
        # mido says with an OSError without a number that the content is not MIDI.
        if error.errno is not None:
            raise MidiFileError(
                f"{path} cannot be opened for reading.",
                f"The system says: {error.strerror}.",
                "Check its name and permissions.",
            ) from None
        raise _no_midi_file(path, str(error)) from None
    except Exception as error:  # mido raises whatever the damage happens to trip over
        raise _no_midi_file(path, str(error) or type(error).__name__) from None


def parsed_midi(path: Path) -> mido.MidiFile:
    """The events of a MIDI file, bare or in the RIFF that Windows programs put around it; raises what mido raises."""
    return mido.MidiFile(file=io.BytesIO(_bare(path.read_bytes())), charset="latin-1", clip=True)


def _bare(content: bytes) -> bytes:
    """The header and the tracks alone: without the RIFF around them, and without chunks of other programs."""
    if content[:4] == _RIFF and content[8:12] == _RIFF_MIDI:
        content = _within_riff(content)
    return _without_foreign_chunks(content) if content[:4] == _HEADER else content


def _within_riff(content: bytes) -> bytes:
    """What stands in the data chunk of a RIFF MIDI file."""
    at = 12
    while at + _CHUNK_HEAD <= len(content):
        kind, n_bytes = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if kind == b"data":
            return content[at + 8 : at + 8 + n_bytes]
        at += _CHUNK_HEAD + n_bytes + n_bytes % 2
    return b""


def _without_foreign_chunks(content: bytes) -> bytes:
    """The file without chunks that are neither header nor track: "expect alien chunks, and ignore them" (SMF 1.0)."""
    at = _CHUNK_HEAD + int.from_bytes(content[4:8], "big")
    kept = [content[:at]]
    while at + _CHUNK_HEAD <= len(content):
        kind, n_bytes = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "big")
        if not (kind.isascii() and kind.decode("ascii").isprintable()):
            break
        end = at + _CHUNK_HEAD + n_bytes
        if kind == _TRACK:
            kept.append(content[at:end])
        at = end
    return b"".join((*kept, content[at:]))


def _no_midi_file(path: Path, detail: str) -> MidiFileError:
    return MidiFileError(
        f"{path.name} is not a MIDI file, or it is damaged ({detail}).",
        fix="Export it again as a Standard MIDI File (.mid).",
    )
