"""Writes a score as a Standard MIDI File.

Format 1: track 0 conducts (tempo, metre, key, section markers, the record as a text event); every part has a
named track of its own. End-of-track stands where the piece ends, last ring and closing silence included.

Where parts of one channel want different programs, as one track of a foreign file may that changes its instrument, each
further program moves to a channel that is free. Where none is, and for drum kits, which have but one channel, the program
is told anew before every note that is played by another than the last.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path

import mido

from calmando.score.model import ChannelStrip, Controller, Note, Part, Score
from calmando.theory.percussion import DRUM_CHANNEL
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks
from calmando.whole_file import write_bytes

RECORD_PREFIX = "calmando-record:"
"""Opens the text event that carries the record."""

_BANK_FINE = 32
_MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_Timed = tuple[Ticks, int, mido.Message | mido.MetaMessage]
_END, _CONTROL, _START = range(3)


def midi_bytes(score: Score, record: str = "") -> bytes:
    """The score as the bytes of a MIDI file; the same score gives the same bytes everywhere.

    Parameters
    ----------
    score
        The piece.
    record
        ASCII JSON that travels inside the file; empty for none.
    """
    end = score.end_ticks
    midi = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, charset="latin-1")
    midi.tracks.append(_track(_conductor_events(score, record), end))
    parts = _on_free_channels(score.parts)
    for part, changes in zip(parts, _changes(parts), strict=True):
        midi.tracks.append(_track(_part_events(part, changes), end))
    buffer = io.BytesIO()
    midi.save(file=buffer)
    return buffer.getvalue()


def write_midi_file(score: Score, path: Path, record: str = "") -> None:
    """Write the score to ``path``, whole or not at all.

    Raises
    ------
    OutputError
        Where the file cannot be written; what stood there before is untouched.
    """
    write_bytes(path, midi_bytes(score, record))


def _track(events: Iterable[_Timed], end: Ticks) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for ticks, _, message in sorted(events, key=itemgetter(0, 1)):
        own = message.copy()
        own.time = ticks - now
        track.append(own)
        now = ticks
    track.append(mido.MetaMessage("end_of_track", time=max(end - now, 0)))
    return track


def _conductor_events(score: Score, record: str) -> Iterator[_Timed]:
    yield 0, _END, mido.MetaMessage("track_name", name=_latin(score.title))
    if record:
        yield 0, _END, mido.MetaMessage("text", text=RECORD_PREFIX + record)
    for metre_change in score.metres:
        metre = metre_change.metre
        yield (
            metre_change.ticks,
            _CONTROL,
            mido.MetaMessage(
                "time_signature",
                numerator=metre.numerator,
                denominator=metre.denominator,
                clocks_per_click=24 * metre.beat_ticks // TICKS_PER_QUARTER,
            ),
        )
    for key_change in score.keys:
        yield key_change.ticks, _CONTROL, mido.MetaMessage("key_signature", key=key_change.key.signature)
    for tempo in score.tempo_map.changes:
        yield tempo.ticks, _CONTROL, mido.MetaMessage("set_tempo", tempo=tempo.us_per_quarter)
    for section in score.sections:
        yield section.onset_ticks, _START, mido.MetaMessage("marker", text=_latin(section.name))


_Program = tuple[int, int]
"""What a channel is set to: bank and program."""


def _program(part: Part) -> _Program:
    return part.strip.bank, part.strip.program


def _on_free_channels(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts, every further program of a channel on one that no part has, as long as there are any."""
    taken = {part.strip.channel for part in parts}
    free = [channel for channel in _MELODIC_CHANNELS if channel not in taken]
    homes: dict[tuple[int, _Program], int] = {}
    moved: list[Part] = []
    for part in parts:
        channel = part.strip.channel
        is_first = all(settled != channel for settled, _ in homes)
        key = channel, _program(part)
        if key not in homes:
            may_move = free and not is_first and not part.strip.is_percussion
            homes[key] = free.pop(0) if may_move else channel
        moved.append(replace(part, strip=replace(part.strip, channel=homes[key])))
    return tuple(moved)


def _changes(parts: Sequence[Part]) -> list[frozenset[Note] | None]:
    """The notes of every part before which its program has to be told; ``None`` where telling it at the head will do."""
    programs: dict[int, set[_Program]] = {}
    for part in parts:
        programs.setdefault(part.strip.channel, set()).add(_program(part))
    shared = {channel for channel, wanted in programs.items() if len(wanted) > 1}
    changes: list[set[Note]] = [set() for _ in parts]
    told: dict[int, _Program] = {}
    played = (
        (note, index)
        for index, part in enumerate(parts)
        for note in part.notes
        if part.strip.channel in shared
    )
    for note, index in sorted(played, key=lambda one: (one[0].onset_ticks, one[1])):
        channel, program = parts[index].strip.channel, _program(parts[index])
        if told.get(channel) != program:
            changes[index].add(note)
            told[channel] = program
    return [
        frozenset(notes) if part.strip.channel in shared else None
        for part, notes in zip(parts, changes, strict=True)
    ]


def _part_events(part: Part, changes: frozenset[Note] | None) -> Iterator[_Timed]:
    strip = part.strip
    yield 0, _END, mido.MetaMessage("track_name", name=_latin(strip.name))
    if changes is None:
        yield from ((0, _END, message) for message in _program_messages(strip))
    yield from ((0, _END, message) for message in _channel_head(strip))
    channel = strip.channel
    for change in part.controls:
        yield (
            change.ticks,
            _CONTROL,
            _control(channel, change.controller, change.value),
        )
    for note in part.notes:
        if changes and note in changes:
            yield from ((note.onset_ticks, _START, message) for message in _program_messages(strip))
        yield note.onset_ticks, _START, _note("note_on", channel, note.pitch, note.velocity)
        yield note.end_ticks, _END, _note("note_off", channel, note.pitch, 64)


# mido looks at every value of every new message; a piece says the same few thousands of times.
@functools.lru_cache(maxsize=4096)
def _note(kind: str, channel: int, pitch: MidiPitch, velocity: int) -> mido.Message:
    return mido.Message(kind, channel=channel, note=pitch, velocity=velocity)


@functools.lru_cache(maxsize=4096)
def _control(channel: int, controller: int, value: int) -> mido.Message:
    return mido.Message("control_change", channel=channel, control=controller, value=value)


def _program_messages(strip: ChannelStrip) -> Iterator[mido.Message]:
    """What puts a part's instrument on its channel."""
    if not strip.is_percussion:
        yield _control(strip.channel, Controller.BANK, strip.bank)
        yield _control(strip.channel, _BANK_FINE, 0)
    yield mido.Message("program_change", channel=strip.channel, program=strip.program)


def _channel_head(strip: ChannelStrip) -> Iterator[mido.Message]:
    """Everything else a channel must say before its first note, so that any player plays it the same."""
    yield _control(strip.channel, Controller.VOLUME, strip.volume)
    yield _control(strip.channel, Controller.PAN, strip.pan)
    yield _control(strip.channel, Controller.EXPRESSION, strip.expression)
    yield _control(strip.channel, Controller.REVERB, strip.reverb)
    yield _control(strip.channel, Controller.CHORUS, strip.chorus)


def _latin(text: str) -> str:
    """Text as MIDI files carry it (Latin-1); what that cannot write becomes a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
