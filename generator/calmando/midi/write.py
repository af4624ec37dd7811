"""Writes a score as a Standard MIDI File.

Format 1: track 0 conducts (tempo, metre, key, section markers, the record as a text event); every part has a
named track of its own. End-of-track stands where the piece ends, last ring and closing silence included.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import mido

from calmando.score.model import ChannelStrip, Controller, Part, Score
from calmando.units import TICKS_PER_QUARTER, Ticks
from calmando.whole_file import write_bytes

RECORD_PREFIX = "calmando-record:"
"""Opens the text event that carries the record."""

_BANK_FINE = 32
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
    for part in score.parts:
        midi.tracks.append(_track(_part_events(part), end))
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
    for ticks, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=ticks - now))
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


def _part_events(part: Part) -> Iterator[_Timed]:
    strip = part.strip
    yield 0, _END, mido.MetaMessage("track_name", name=_latin(strip.name))
    yield from ((0, _END, message) for message in _channel_head(strip))
    channel = strip.channel
    for change in part.controls:
        yield (
            change.ticks,
            _CONTROL,
            mido.Message("control_change", channel=channel, control=change.controller, value=change.value),
        )
    for note in part.notes:
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        off = mido.Message("note_off", channel=channel, note=note.pitch, velocity=64)
        yield note.onset_ticks, _START, on
        yield note.end_ticks, _END, off


def _channel_head(strip: ChannelStrip) -> Iterator[mido.Message]:
    """Everything a channel must say before its first note, so that any player plays it the same."""

    def control(controller: int, value: int) -> mido.Message:
        return mido.Message("control_change", channel=strip.channel, control=controller, value=value)

    if not strip.is_percussion:
        yield control(Controller.BANK, strip.bank)
        yield control(_BANK_FINE, 0)
    yield mido.Message("program_change", channel=strip.channel, program=strip.program)
    yield control(Controller.VOLUME, strip.volume)
    yield control(Controller.PAN, strip.pan)
    yield control(Controller.EXPRESSION, strip.expression)
    yield control(Controller.REVERB, strip.reverb)
    yield control(Controller.CHORUS, strip.chorus)


def _latin(text: str) -> str:
    """Text as MIDI files carry it (Latin-1); what that cannot write becomes a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
