"""Reads any Standard MIDI File as a score, and the record out of our own.

What a score cannot say is simplified and named in the notices: notes that a pedal holds are written out long, pitch
bends, modulation, balance and pressure are left out. A note struck again while it sounds ends the ringing one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import mido

from calmando.errors import MidiFileError, steers
from calmando.midi.open import DAMAGED, KEY_SIGNATURE, METRE, TEMPO, opened_midi
from calmando.midi.write import RECORD_PREFIX
from calmando.preset.recipe import LONGEST_MINUTES
from calmando.score.model import (
    ChannelStrip,
    ControlChange,
    Controller,
    Fades,
    KeyChange,
    MetreChange,
    Note,
    Part,
    PhraseSpan,
    Role,
    Score,
    Section,
)
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.theory.metre import METRES, Metre
from calmando.theory.percussion import DRUM_CHANNEL
from calmando.theory.programs import program_name
from calmando.theory.scale import MODES, Key, pitch_class
from calmando.units import TICKS_PER_QUARTER, Seconds, Ticks

_DEFAULT_TEMPO_US = 500_000
_SUSTAIN_PEDAL, _SOSTENUTO_PEDAL = 64, 66
_PEDAL_DOWN = 64
_ALL_SOUND_OFF, _RESET_CONTROLLERS = 120, 121
_ALL_NOTES_OFF = (123, 124, 125, 126, 127)
"""All Notes Off, and the four changes of mode that imply it (MIDI 1.0)."""
_WITHOUT_PLACE = {1: ("modulation", 0), 8: ("balance", 64), 65: ("portamento", 0), 67: ("the soft pedal", 0)}
"""Controllers that no score has a place for: what they are called, and the value that changes nothing (MIDI 1.0)."""
_DAMAGED = {TEMPO + DAMAGED: "Tempi", METRE + DAMAGED: "Metres", KEY_SIGNATURE + DAMAGED: "Key signatures"}
_UNIVERSAL, _GENERAL_MIDI, _ROLAND, _YAMAHA = 0x7E, 0x09, 0x41, 0x43
_GS_RESET, _XG_RESET = (0x42, 0x12, 0x40, 0x00, 0x7F), (0x4C, 0x00, 0x00, 0x7E)
PEDAL_WRITTEN_OUT = "Notes held by the pedal were written out long."
_RING_S: Seconds = 3.0
_LONG_RING_S: Seconds = 10.0
_RINGING_PROGRAMS = frozenset({9, 10, 14, 25, 46, *range(88, 105), 116, 122})
"""Bells, harp, steel guitar, pads and effects, sitar, taiko drum, surf: what needs longer than three seconds, up to seven,
to die away by 55 dB in FluidR3 GM or TimGM6mb."""
_RINGING_DRUMS = frozenset({49, 51, 53, 55, 57, 59, 84})
"""Crash, ride and splash cymbals, ride bell, bell tree: likewise."""
_FADE_OUT_S: Seconds = 2.0
"""Whatever still sounds at the end of a foreign piece is not cut."""
_LONGEST_S: Seconds = 60.0 * LONGEST_MINUTES
_LONGEST_NAME = 160
_MOST_BEATS, _SHORTEST_BEAT = 64, 64
"""A bar of more notes, or of shorter ones, than these is no metre but damage."""
_INITIAL = {
    Controller.VOLUME: 100,
    Controller.PAN: 64,
    Controller.EXPRESSION: 127,
    Controller.REVERB: 40,
    Controller.CHORUS: 0,
}


@dataclass(frozen=True, slots=True)
class MidiContents:
    """What a MIDI file holds.

    Attributes
    ----------
    score
        The music.
    record
        Our own record as JSON text, or empty where the file carries none.
    notices
        Plain sentences on what was simplified.
    """

    score: Score
    record: str
    notices: tuple[str, ...]


def read_midi_file(path: Path) -> MidiContents:
    """Read a MIDI file.

    Raises
    ------
    MidiFileError
        Where the file is missing, no MIDI file, damaged, without notes, or counts time in film frames.
    """
    midi = opened_midi(path)
    if midi.ticks_per_beat <= 0 or midi.ticks_per_beat >= 2**15:
        kind = "in film frames (SMPTE)" if midi.ticks_per_beat else "in nothing"
        raise MidiFileError(
            f"{path.name} counts time {kind}, not in beats.",
            "Calmando needs beats to read the tempo.",
            "Save it again with ticks per quarter note.",
        )
    if midi.type not in (0, 1, 2):
        raise MidiFileError(
            f"{path.name} is a MIDI file of format {midi.type}, which does not exist: it is damaged.",
            fix="Export it again as a Standard MIDI File (.mid).",
        )
    if midi.type == 2 and len(midi.tracks) > 1:
        raise MidiFileError(
            f"{path.name} is a MIDI file of format 2: a set of separate patterns, not one piece.",
            fix="Export it as format 0 or 1.",
        )
    return _contents(midi, path)


def read_midi_record(path: Path) -> str:
    """The record inside a MIDI file, or an empty text where it carries none.

    Raises
    ------
    MidiFileError
        Where the file cannot be read.
    """
    return _record(opened_midi(path, whole=False))


def _record(midi: mido.MidiFile) -> str:
    for track in midi.tracks[:1]:
        for message in track:
            if message.type == "text" and message.text.startswith(RECORD_PREFIX):
                return str(message.text.removeprefix(RECORD_PREFIX))
    return ""


def _contents(midi: mido.MidiFile, path: Path) -> MidiContents:
    events = list(_timed(midi))
    damaged = sorted({kind for event in events if (kind := _damage(event.message)) is not None})
    notices = [f"{kind} that cannot be were left out." for kind in damaged]
    tempo_map = _tempo_map(events)
    end = max((event.ticks for event in events), default=0)
    voices = _voices(events, end, notices)
    parts = _parts(voices)
    if not any(part.notes for part in parts):
        raise MidiFileError(f"{path.name} holds no notes.", fix="Choose a file with music in it.")
    end = max(end, *(note.end_ticks for part in parts for note in part.notes))
    length_s = tempo_map.seconds_at(end)
    if length_s > _LONGEST_S:
        raise MidiFileError(
            f"{path.name} lasts {length_s / 3600:.1f} hours.", "The limit is 12 hours.", "Cut it into pieces."
        )
    record = _record(midi)
    if not record:
        length_s = math.ceil(max(length_s + _RING_S, *(_rung_out_s(part, tempo_map) for part in parts)))
    return MidiContents(
        Score(
            title=next(
                (_name(e.message.name) for e in events if e.track == 0 and e.message.type == "track_name"), ""
            )
            or path.stem,
            parts=parts,
            tempo_map=tempo_map,
            metres=_metres(events),
            keys=_keys(events),
            sections=tuple(
                Section(e.ticks, _name(e.message.text)) for e in events if e.message.type == "marker"
            ),
            phrases=(PhraseSpan(0, end, "whole"),),
            length_s=length_s,
            fades=Fades() if record else Fades(fade_out_s=_FADE_OUT_S),
        ),
        record,
        tuple(notices),
    )


@dataclass(frozen=True, slots=True)
class _Event:
    ticks: Ticks
    track: int
    message: mido.Message | mido.MetaMessage


def _timed(midi: mido.MidiFile) -> Iterator[_Event]:
    """Every event at its moment in our own ticks, in order of time, then of track."""
    ours, theirs = TICKS_PER_QUARTER, midi.ticks_per_beat
    found: list[_Event] = []
    for index, track in enumerate(midi.tracks):
        now = 0
        for message in track:
            now += message.time
            found.append(_Event((now * ours * 2 + theirs) // (2 * theirs), index, message))
    found.sort(key=lambda event: event.ticks)
    yield from found


def _tempo_map(events: list[_Event]) -> TempoMap:
    tempo = {0: _DEFAULT_TEMPO_US}
    for event in events:
        if event.message.type == "set_tempo" and is_possible(event.message):
            tempo[event.ticks] = event.message.tempo
    return TempoMap.of(TempoChange(ticks, us) for ticks, us in sorted(tempo.items()))


def is_possible(message: mido.Message) -> bool:
    """Whether a tempo, a metre or a key signature can be one; what cannot is damage, and no reader may count it."""
    return _damage(message) is None


def _damage(message: mido.Message) -> str | None:
    """What an event that cannot be would have been."""
    if message.type == "set_tempo":
        return None if message.tempo > 0 else "Tempi"
    if message.type == "time_signature":
        possible = 1 <= message.numerator <= _MOST_BEATS and message.denominator <= _SHORTEST_BEAT
        return None if possible else "Metres"
    return _DAMAGED.get(message.type_byte) if message.type == "unknown_meta" else None


def silences(message: mido.Message) -> bool:
    """Whether a message tells all keys of its channel to go up, or all its sound to end."""
    return bool(message.type == "control_change" and message.control in (_ALL_SOUND_OFF, *_ALL_NOTES_OFF))


def _metres(events: list[_Event]) -> tuple[MetreChange, ...]:
    metres = {0: METRES["4/4"]}
    for event in events:
        if event.message.type == "time_signature":
            numerator, denominator = event.message.numerator, event.message.denominator
            if not is_possible(event.message):
                continue
            compound = denominator == 8 and numerator % 3 == 0
            beat = TICKS_PER_QUARTER * (6 if compound else 4) // denominator
            known = METRES.get(f"{numerator}/{denominator}")
            metres[event.ticks] = known or Metre(numerator, denominator, beat)
    return tuple(MetreChange(ticks, metre) for ticks, metre in sorted(metres.items()))


def _keys(events: list[_Event]) -> tuple[KeyChange, ...]:
    keys = {0: Key(0, MODES["major"])}
    for event in events:
        if event.message.type == "key_signature":
            name = event.message.key
            mode = MODES["minor" if name.endswith("m") else "major"]
            keys[event.ticks] = Key(pitch_class(name.removesuffix("m")), mode)
    return tuple(KeyChange(ticks, key) for ticks, key in sorted(keys.items()))


@dataclass(slots=True)
class _Voice:
    """What one channel plays with one program, while it is being read: of one track, or all the drums of a kit."""

    track: int
    name: str
    channel: _Channel
    program: int
    bank: int
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class _Sounding:
    voice: _Voice
    onset: Ticks
    velocity: int
    released_at: Ticks | None = None
    """Where its key went up while a pedal held it."""
    is_caught: bool = False
    """Whether the sostenuto pedal holds it."""


class _Channel:
    """The state of one channel while its events pass by."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.program = 0
        self.bank = 0
        self.initial = dict(_INITIAL)
        self.changes: list[ControlChange] = []
        self.expression = _INITIAL[Controller.EXPRESSION]
        self.pedal = False
        self.sostenuto = False
        self.has_pedalled = False
        """Whether a pedal made a note longer than its key was down."""
        self.was_silenced = False
        """Whether notes were told to fall silent at once."""
        self.sounding: dict[int, _Sounding] = {}
        self.written: dict[tuple[Ticks, int], tuple[_Voice, Note]] = {}
        """The notes that have ended, by onset and key: of two strokes within a tick the last stays."""

    def end(self, pitch: int, ticks: Ticks) -> None:
        """Write out the note that sounds on a key; one that began and ended within a tick lasts a tick."""
        sounding = self.sounding.pop(pitch, None)
        if sounding is None:
            return
        note = Note(sounding.onset, max(ticks - sounding.onset, 1), pitch, sounding.velocity)
        self.written[note.onset_ticks, pitch] = (sounding.voice, note)
        if sounding.released_at is not None and ticks > sounding.released_at:
            self.has_pedalled = True

    def release(self, pitch: int, ticks: Ticks) -> None:
        """A key goes up; a pedal may hold its note."""
        sounding = self.sounding.get(pitch)
        if sounding is None or not self._holds(sounding):
            self.end(pitch, ticks)
        elif sounding.released_at is None:
            sounding.released_at = ticks

    def _holds(self, sounding: _Sounding) -> bool:
        return self.pedal or sounding.is_caught

    def release_all(self, ticks: Ticks) -> None:
        """All Notes Off: every key goes up, as if by hand."""
        for pitch in list(self.sounding):
            self.release(pitch, ticks)

    def end_all(self, ticks: Ticks) -> None:
        """Every note ends at once, whatever holds it."""
        for pitch in list(self.sounding):
            self.end(pitch, ticks)

    def lift_pedal(self, ticks: Ticks) -> None:
        """The pedal goes up; what only it held ends."""
        self.pedal = False
        self._end_unheld(ticks)

    def press_sostenuto(self) -> None:
        """The sostenuto pedal catches the keys that are down, and no others."""
        if not self.sostenuto:
            for sounding in self.sounding.values():
                sounding.is_caught = sounding.released_at is None
        self.sostenuto = True

    def lift_sostenuto(self, ticks: Ticks) -> None:
        """The sostenuto pedal goes up; what only it held ends."""
        self.sostenuto = False
        for sounding in self.sounding.values():
            sounding.is_caught = False
        self._end_unheld(ticks)

    def _end_unheld(self, ticks: Ticks) -> None:
        """End what neither a key nor a pedal holds any more."""
        unheld = [
            pitch
            for pitch, sounding in self.sounding.items()
            if sounding.released_at is not None and not self._holds(sounding)
        ]
        for pitch in unheld:
            self.end(pitch, ticks)

    def turn(self, controller: Controller, value: int, ticks: Ticks) -> None:
        """A controller takes a new value: at the head of the channel, or from here on."""
        if controller is Controller.EXPRESSION:
            self.expression = value
        if ticks == 0:
            self.initial[controller] = value
        else:
            self.changes.append(ControlChange(ticks, controller, value))

    def reset(self, ticks: Ticks) -> None:
        """Reset All Controllers: the pedals up and expression full; volume, pan and effects stay (MIDI RP-015)."""
        self.lift_pedal(ticks)
        self.lift_sostenuto(ticks)
        if self.expression != _INITIAL[Controller.EXPRESSION]:
            self.turn(Controller.EXPRESSION, _INITIAL[Controller.EXPRESSION], ticks)


def _voices(events: list[_Event], end: Ticks, notices: list[str]) -> list[_Voice]:
    names = {e.track: _name(e.message.name) for e in reversed(events) if e.message.type == "track_name"}
    channels: dict[int, _Channel] = {}
    voices: dict[tuple[int, int, int, int], _Voice] = {}
    for event in events:
        message = event.message
        if message.is_meta or message.type == "sysex" or not hasattr(message, "channel"):
            continue
        channel = channels.setdefault(message.channel, _Channel(message.channel))
        if message.type == "note_on" and message.velocity > 0:
            channel.end(message.note, event.ticks)
            voice = _voice_of(channel, event.track, names.get(event.track, ""), voices)
            channel.sounding[message.note] = _Sounding(voice, event.ticks, message.velocity)
        elif message.type in ("note_on", "note_off"):
            channel.release(message.note, event.ticks)
        elif message.type == "program_change":
            channel.program = message.program
        elif message.type == "control_change":
            _control(channel, message, event.ticks)
    for channel in channels.values():
        if any(sounding.released_at is None for sounding in channel.sounding.values()):
            notices.append(f"Channel {channel.number + 1}: notes without an end were ended with the piece.")
        channel.end_all(end)
        for voice, note in channel.written.values():
            voice.notes.append(note)
    if left_out := list(dict.fromkeys(_left_out(events))):
        notices.append(f"Left out: {', '.join(left_out)}.")
    if any(channel.was_silenced for channel in channels.values()):
        notices.append("Notes to be silenced at once (All Sound Off) die away as when their keys go up.")
    if any(channel.has_pedalled for channel in channels.values()):
        notices.append(PEDAL_WRITTEN_OUT)
    return sorted(voices.values(), key=lambda voice: voice.track)


def _voice_of(
    channel: _Channel, track: int, name: str, voices: dict[tuple[int, int, int, int], _Voice]
) -> _Voice:
    """The voice that a note of a track belongs to.

    Drums of one kit are one voice, whatever tracks they stand in: a hi-hat that closes ends the open one.
    """
    of_track = -1 if channel.number == DRUM_CHANNEL else track
    key = (of_track, channel.number, channel.program, channel.bank)
    voice = voices.setdefault(key, _Voice(track, name, channel, channel.program, channel.bank))
    if voice.track != track:
        voice.name = ""
    return voice


def _left_out(events: list[_Event]) -> Iterator[str]:
    """What changes the sound and has no place in a score."""
    has_begun = False
    for event in events:
        message = event.message
        has_begun = has_begun or message.type == "note_on"
        if message.type == "pitchwheel" and message.pitch != 0:
            yield "pitch bends"
        elif message.type in ("aftertouch", "polytouch") and message.value > 0:
            yield "pressure on keys"
        elif message.type == "control_change" and message.control in _WITHOUT_PLACE:
            name, neutral = _WITHOUT_PLACE[message.control]
            if message.value != neutral:
                yield name
        elif message.type == "sysex" and has_begun and _is_reset(message.data):
            yield "resets within the piece"


def _is_reset(data: tuple[int, ...]) -> bool:
    """Whether a message of a system turns General MIDI, GS or XG on, and with it every channel back."""
    maker, rest = data[:1], data[2:]
    if maker == (_UNIVERSAL,):
        return rest[:1] == (_GENERAL_MIDI,)
    return (maker == (_ROLAND,) and rest[:5] == _GS_RESET) or (maker == (_YAMAHA,) and rest[:4] == _XG_RESET)


def _control(channel: _Channel, message: mido.Message, ticks: Ticks) -> None:
    is_down = message.value >= _PEDAL_DOWN
    if message.control == _SUSTAIN_PEDAL:
        if is_down:
            channel.pedal = True
        elif channel.pedal:
            channel.lift_pedal(ticks)
    elif message.control == _SOSTENUTO_PEDAL:
        if is_down:
            channel.press_sostenuto()
        else:
            channel.lift_sostenuto(ticks)
    elif message.control == _ALL_SOUND_OFF:
        channel.was_silenced = channel.was_silenced or bool(channel.sounding)
        channel.end_all(ticks)
    elif message.control == _RESET_CONTROLLERS:
        channel.reset(ticks)
    elif message.control in _ALL_NOTES_OFF:
        channel.release_all(ticks)
    elif message.control == Controller.BANK:
        channel.bank = message.value
    elif message.control in _INITIAL:
        channel.turn(Controller(message.control), message.value, ticks)


def _parts(voices: list[_Voice]) -> tuple[Part, ...]:
    parts: list[Part] = []
    taken: set[str] = set()
    for voice in voices:
        channel = voice.channel
        drums = channel.number == DRUM_CHANNEL
        name = _free_name(voice, drums, taken)
        taken.add(name)
        strip = ChannelStrip(
            name=name,
            role=_role(name, drums),
            channel=channel.number,
            program=voice.program,
            bank=0 if drums else voice.bank,
            volume=channel.initial[Controller.VOLUME],
            pan=channel.initial[Controller.PAN],
            expression=channel.initial[Controller.EXPRESSION],
            reverb=channel.initial[Controller.REVERB],
            chorus=channel.initial[Controller.CHORUS],
        )
        notes = tuple(sorted(voice.notes, key=lambda note: (note.onset_ticks, note.pitch)))
        if notes:
            parts.append(Part(strip, notes, tuple(channel.changes)))
    return tuple(parts)


def _rung_out_s(part: Part, tempo_map: TempoMap) -> Seconds:
    """Where the last note of a part that rings for long has died away; 0 for others."""
    strip = part.strip
    rings = strip.program in _RINGING_PROGRAMS
    ends = [
        note.end_ticks
        for note in part.notes
        if (note.pitch in _RINGING_DRUMS if strip.is_percussion else rings)
    ]
    return tempo_map.seconds_at(max(ends)) + _LONG_RING_S if ends else 0.0


def _free_name(voice: _Voice, drums: bool, taken: set[str]) -> str:
    """The name of a voice's part, which no other part has: with its instrument, or with its number."""
    instrument = "drums" if drums else program_name(voice.program)
    name = voice.name or instrument
    candidates = [name] if drums or name == instrument else [name, f"{name} ({instrument})"]
    numbered = (f"{name} {number}" for number in itertools.count(len(taken) + 1))
    return next(candidate for candidate in itertools.chain(candidates, numbered) if candidate not in taken)


def _name(text: str) -> str:
    """A name from a file, on one line and of a length to read."""
    return "".join(" " if steers(sign) else sign for sign in text).strip()[:_LONGEST_NAME]


def _role(name: str, drums: bool) -> Role:
    """What a part is for, by its name; other people's parts are harmony, drums a pulse."""
    lowered = name.lower()
    by_name = next((role for role in Role if lowered.startswith(role.value)), None)
    return by_name or (Role.PULSE if drums else Role.HARMONY)
