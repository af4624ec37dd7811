"""Opens a Standard MIDI File, whatever stands around its tracks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import mido
from mido.midifiles.meta import KeySignatureError

from calmando.errors import MidiFileError
from calmando.resources import is_file, not_a_file

MIDI_NAMES = (".mid", ".midi", ".rmi", ".kar", ".smf")
"""How the names of MIDI files end."""
_BIGGEST_BYTES = 64 * 2**20
_HEADER, _TRACK = b"MThd", b"MTrk"
_RIFF, _RIFF_MIDI = b"RIFF", b"RMID"
_CHUNK_HEAD = 8
_N_TRACKS_AT = 10
_HEAD_BYTES = 12
_META, _SYSEX = 0xFF, (0xF0, 0xF7)
TEMPO, METRE, KEY_SIGNATURE = 0x51, 0x58, 0x59
_TIME_OFFSET = 0x54
DAMAGED = 0x10
"""So much is added to the type of a meta event that cannot be: these types are free in SMF 1.0."""
_LEAST_BYTES = {0x00: 2, 0x20: 1, 0x21: 1, TEMPO: 3, _TIME_OFFSET: 5, METRE: 4, KEY_SIGNATURE: 2}
"""What mido reads of these events, the first three being a track's number, channel and port."""
_MOST_ACCIDENTALS, _MOST_FRAME_RATES = 7, 4
_SHORT_KINDS = (0xC0, 0xD0)
"""Program changes and channel pressure: one byte of data, where other messages of a channel have two."""


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


def opened_midi(path: Path, *, whole: bool = True) -> mido.MidiFile:
    """The events of a MIDI file, or of its first track alone, if that is not to be ``whole``.

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
        midi = parsed_midi(path, whole=whole)
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
            raise MidiFileError.unreadable(path, error) from None
        raise _no_midi_file(path, str(error)) from None
    except Exception as error:  # mido raises whatever the damage happens to trip over
        raise _no_midi_file(path, str(error) or type(error).__name__) from None
    if not midi.tracks:
        raise _no_midi_file(path, "it counts no tracks")
    return midi


def parsed_midi(path: Path, *, whole: bool = True) -> mido.MidiFile:
    """The events of a MIDI file, bare or in the RIFF that Windows programs put around it; raises what mido raises.

    The type of a meta event that cannot be one is raised by `DAMAGED`.
    """
    content = _bare(path.read_bytes())
    if not whole:
        content = _with_first_track(content)
    try:
        return _parsed(content)
    except (KeySignatureError, IndexError, KeyError):
        return _parsed(_without_wrong_events(content))


def _parsed(content: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(content), charset="latin-1", clip=True)


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
    at = _chunk_end(content, 0)
    kept = [content[:at]]
    while at + _CHUNK_HEAD <= len(content):
        kind, end = content[at : at + 4], _chunk_end(content, at)
        if not (kind.isascii() and kind.decode("ascii").isprintable()):
            break
        if kind == _TRACK:
            kept.append(content[at:end])
        at = end
    return b"".join((*kept, content[at:]))


def _with_first_track(content: bytes) -> bytes:
    """The header and the first track; a file that has none is left as it is."""
    at = _chunk_end(content, 0)
    if content[:4] != _HEADER or content[at : at + 4] != _TRACK:
        return content
    return content[:_N_TRACKS_AT] + b"\0\1" + content[_N_TRACKS_AT + 2 : _chunk_end(content, at)]


def _chunk_end(content: bytes, at: int) -> int:
    """Where the chunk ends that begins at a place; the first one is the header."""
    return at + _CHUNK_HEAD + int.from_bytes(content[at + 4 : at + _CHUNK_HEAD], "big")


def _without_wrong_events(content: bytes) -> bytes:
    """The file with every meta event that cannot be made one without a meaning: mido reads no other event then."""
    mended = bytearray(content)
    at = _chunk_end(content, 0)
    while at + _CHUNK_HEAD <= len(content):
        begin, at = at + _CHUNK_HEAD, _chunk_end(content, at)
        for kind_at, data in _meta_events(content[begin:at]):
            if not _can_be(content[begin + kind_at], data):
                mended[begin + kind_at] += DAMAGED
    return bytes(mended)


def _can_be(kind: int, data: bytes) -> bool:
    """Whether a meta event is long enough, a key seven flats to seven sharps, major or minor, an offset of a known rate."""
    if len(data) < _LEAST_BYTES.get(kind, 0):
        return False
    if kind == KEY_SIGNATURE:
        return abs(int.from_bytes(data[:1], "big", signed=True)) <= _MOST_ACCIDENTALS and data[1] in (0, 1)
    return kind != _TIME_OFFSET or data[0] >> 5 < _MOST_FRAME_RATES


def _meta_events(track: bytes) -> Iterator[tuple[int, bytes]]:
    """Where the type of every meta event of a track stands, and the event's data; ends where the track is damaged."""
    at, running = 0, 0
    while at < len(track):
        _, at = _variable_length(track, at)
        status = running
        if track[at : at + 1] >= b"\x80":
            status, at = track[at], at + 1
        if status == _META:
            kind_at = at
            length, at = _variable_length(track, at + 1)
            if kind_at < len(track):
                yield kind_at, track[at : at + length]
            at += length
            continue
        running = status
        if status in _SYSEX:
            length, at = _variable_length(track, at)
            at += length
        else:
            at += 1 if status & 0xF0 in _SHORT_KINDS else 2


def _variable_length(track: bytes, at: int) -> tuple[int, int]:
    """A number of variable length (SMF 1.0), and where it ends."""
    number = 0
    while at < len(track):
        byte, at = track[at], at + 1
        number = (number << 7) | (byte & 0x7F)
        if byte < 0x80:
            break
    return number, at


def _no_midi_file(path: Path, detail: str) -> MidiFileError:
    return MidiFileError(
        f"{path.name} is not a MIDI file, or it is damaged ({detail}).",
        fix="Export it again as a Standard MIDI File (.mid).",
    )
