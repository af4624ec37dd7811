"""Reads anybody's MIDI file as music, through pretty_midi; says which part it took for the tune."""

from __future__ import annotations

import statistics
import warnings
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import mido

from calmando.audit.music import Music, MusicNote, MusicPart, Span, monophonic
from calmando.audit.pretty import pretty_midi
from calmando.errors import InputError, MidiFileError
from calmando.midi.open import parsed_midi
from calmando.midi.read import PEDAL_WRITTEN_OUT, is_possible, read_midi_file, silences
from calmando.score.model import Role, Score
from calmando.score.pace import TempoPoint
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key
from calmando.units import Seconds

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

_TUNE_WORDS = ("melod", "tune", "vocal", "voice", "lead", "sing", "soprano", "flute")
_BASS_PROGRAMS = range(32, 40)
_FEWEST_NOTES = 8
_SINGLE_LINE = 0.8
_MOST_TICKS = 9_000_000
"""pretty_midi refuses more than ten million."""
_PEDAL_LEFT_OUT = "The pedal was left out: notes were taken to end where their key goes up."
_CONDUCTING = ("set_tempo", "time_signature", "key_signature")


@dataclass(frozen=True, slots=True)
class ForeignMidi:
    """A MIDI file as music, and as our own reader has it; with plain sentences on what was simplified."""

    music: Music
    score: Score
    record: str
    notices: tuple[str, ...]


def music_of_midi(path: Path, tune: str | None = None) -> ForeignMidi:
    """Read a MIDI file of format 0 or 1.

    Parameters
    ----------
    tune
        Name of the part that has the tune (case and the rest of the name do not matter); None: found.

    Raises
    ------
    MidiFileError
        Where it is missing, damaged, of format 2, or without notes.
    InputError
        Where no part has the name ``tune``.
    """
    contents = read_midi_file(path)
    midi = _pretty(path)
    parts = _parts(midi)
    if not parts:
        raise MidiFileError(f"{path.name} holds no notes.", fix="Choose a file with music in it.")
    tempo = _tempo(midi)
    chosen, how = _tune_part(parts, tune, path)
    if chosen is not None:
        parts = tuple(replace(part, role=Role.MELODY) if part is chosen else part for part in parts)
    found = next((part for part in parts if part.role is Role.MELODY), None)
    sections = contents.score.sections
    seconds = contents.score.tempo_map.seconds_at
    edges = [*(seconds(section.onset_ticks) for section in sections), midi.get_end_time()]
    beats = _BeatClock(tempo)
    music = Music(
        title=contents.score.title,
        parts=parts,
        tune=monophonic(found) if found else None,
        tempo=tempo,
        beats_per_bar=_beats_per_bar(midi),
        key=_key(midi),
        phrases=(),
        sections=tuple(
            Span(onset, end, beats.at(onset), beats.at(end), section.name)
            for section, (onset, end) in zip(sections, pairwise(edges), strict=True)
        ),
        length_s=contents.score.length_s if contents.record else midi.get_end_time(),
    )
    told = tuple(_PEDAL_LEFT_OUT if notice == PEDAL_WRITTEN_OUT else notice for notice in contents.notices)
    return ForeignMidi(music, contents.score, contents.record, (*told, *how))


def _pretty(path: Path) -> PrettyMIDI:
    """Open with pretty_midi, after mending what it would leave out: tempi outside the first track, notes that end together or never.

    Tracks without a single event, on which it breaks off, are left out.
    """
    reader = pretty_midi()
    try:
        midi = parsed_midi(path)
        midi.tracks[:] = filter(None, midi.tracks)
        for track in midi.tracks:
            _leave_out_the_impossible(track)
        _count_in_fewer_ticks(midi)
        _conduct_from_first_track(midi)
        _end_silenced_notes(midi)
        for track in midi.tracks:
            _end_hanging_notes(track)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reader.PrettyMIDI(mido_object=midi)
    except Exception as error:  # pretty_midi raises whatever it trips over
        raise MidiFileError(
            f"{path.name} cannot be read as music ({error}).", fix="Export it again as a Standard MIDI File."
        ) from None


def _leave_out_the_impossible(track: mido.MidiTrack) -> None:
    """Take away tempi and metres that are damage, as our own reader does."""
    if not all(is_possible(message) for message in track):
        track[:] = _deltas([(now, message) for now, message in _timed(track) if is_possible(message)])


def _count_in_fewer_ticks(midi: mido.MidiFile) -> None:
    """Make long pieces fit into what pretty_midi takes: it keeps the time of every single tick."""
    longest = max((sum(message.time for message in track) for track in midi.tracks), default=0)
    if longest < _MOST_TICKS:
        return
    before = midi.ticks_per_beat
    midi.ticks_per_beat = now_ticks = max(before * _MOST_TICKS // longest, 1)
    for track in midi.tracks:
        track[:] = _deltas([((2 * now * now_ticks + before) // (2 * before), m) for now, m in _timed(track)])


def _timed(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    return list(zip(accumulate(message.time for message in track), track, strict=True))


def _conduct_from_first_track(midi: mido.MidiFile) -> None:
    """Bring every tempo, metre and key into the first track: pretty_midi reads them only there."""
    if not any(m.type in _CONDUCTING for track in midi.tracks[1:] for m in track):
        return
    conducting: list[tuple[int, int, mido.MetaMessage]] = []
    for index, track in enumerate(midi.tracks):
        now, kept = 0, []
        for message in track:
            now += message.time
            if message.type in _CONDUCTING or index == 0:
                conducting.append((now, index, message))
            if message.type not in _CONDUCTING:
                kept.append((now, message))
        if index:
            track[:] = _deltas(kept)
    ordered = sorted(conducting, key=lambda item: (item[0], item[2].type == "end_of_track"))
    last = ordered[-1][0]
    body = [(now, message) for now, _, message in ordered if message.type != "end_of_track"]
    midi.tracks[0][:] = _deltas([*body, (last, mido.MetaMessage("end_of_track"))])


def _deltas(timed: Sequence[tuple[int, mido.Message]]) -> list[mido.Message]:
    before, found = 0, []
    for now, message in timed:
        found.append(message.copy(time=now - before))
        before = now
    return found


def _end_silenced_notes(midi: mido.MidiFile) -> None:
    """Write out the ends that one message gives to all notes of a channel, in whichever track they stand."""
    if not any(silences(message) for track in midi.tracks for message in track):
        return
    events = [
        (now, index, message) for index, track in enumerate(midi.tracks) for now, message in _timed(track)
    ]
    kept: list[list[tuple[int, mido.Message]]] = [[] for _ in midi.tracks]
    sounding: dict[tuple[int, int, int], None] = {}
    for now, index, message in sorted(events, key=lambda event: event[:2]):
        kept[index].append((now, message))
        if message.type == "note_on" and message.velocity > 0:
            sounding[index, message.channel, message.note] = None
        elif message.type in ("note_on", "note_off"):
            sounding.pop((index, message.channel, message.note), None)
        elif silences(message):
            for track, channel, note in [key for key in sounding if key[1] == message.channel]:
                kept[track].append((now, mido.Message("note_off", channel=channel, note=note)))
                del sounding[track, channel, note]
    for track, timed in zip(midi.tracks, kept, strict=True):
        track[:] = _deltas(timed)


def _end_hanging_notes(track: mido.MidiTrack) -> None:
    """End with the track what was never ended: pretty_midi would drop such notes."""
    open_notes: dict[tuple[int, int], int] = {}
    for message in track:
        if message.type == "note_on" and message.velocity > 0:
            open_notes[message.channel, message.note] = 1
        elif message.type in ("note_on", "note_off"):
            open_notes.pop((message.channel, message.note), None)
    if not open_notes:
        return
    last = track.pop() if track and track[-1].type == "end_of_track" else None
    wait = last.time if last is not None else 0
    for channel, note in open_notes:
        track.append(mido.Message("note_off", channel=channel, note=note, time=max(wait, 1)))
        wait = 0
    track.append(mido.MetaMessage("end_of_track", time=0))


class _BeatClock:
    """From seconds to beats along a tempo map."""

    def __init__(self, tempo: Sequence[TempoPoint]) -> None:
        self._tempo = tempo
        self._onsets = [point.onset_s for point in tempo]

    def at(self, seconds: Seconds) -> float:
        point = self._tempo[max(bisect_right(self._onsets, seconds + 1e-9) - 1, 0)]
        return point.onset_beats + (seconds - point.onset_s) * point.bpm / 60


def _tempo(midi: PrettyMIDI) -> tuple[TempoPoint, ...]:
    quarters_a_beat = _quarters_a_beat(midi)
    points: list[TempoPoint] = []
    for onset, bpm in zip(*(values.tolist() for values in midi.get_tempo_changes()), strict=True):
        beats = 0.0
        if points:
            beats = points[-1].onset_beats + (onset - points[-1].onset_s) * points[-1].bpm / 60
        points.append(TempoPoint(onset, beats, bpm / quarters_a_beat))
    return tuple(points)


def _quarters_a_beat(midi: PrettyMIDI) -> float:
    if not midi.time_signature_changes:
        return 1.0
    first = midi.time_signature_changes[0]
    compound = first.denominator == 8 and first.numerator % 3 == 0
    return 1.5 if compound else 4 / first.denominator


def _beats_per_bar(midi: PrettyMIDI) -> int:
    if not midi.time_signature_changes:
        return METRES["4/4"].beats
    first = midi.time_signature_changes[0]
    bar: float = 4 * first.numerator / first.denominator
    return max(round(bar / _quarters_a_beat(midi)), 1)


def _key(midi: PrettyMIDI) -> Key | None:
    """The key it declares; files of every kind declare C major by habit, so that counts as none."""
    if not midi.key_signature_changes:
        return None
    number = midi.key_signature_changes[0].key_number
    if number == 0:
        return None
    return Key(number % 12, MODES["major" if number < 12 else "minor"])


def _parts(midi: PrettyMIDI) -> tuple[MusicPart, ...]:
    beats = _BeatClock(_tempo(midi))
    parts: list[MusicPart] = []
    for instrument in midi.instruments:
        name = instrument.name.strip() or (
            "drums" if instrument.is_drum else pretty_midi().program_to_instrument_name(instrument.program)
        )
        notes = tuple(
            MusicNote(n.start, n.end, beats.at(n.start), beats.at(n.end), n.pitch, max(n.velocity, 1))
            for n in sorted(instrument.notes, key=lambda n: (n.start, n.pitch))
        )
        if notes:
            parts.append(
                MusicPart(
                    name, _role(name, instrument.program, instrument.is_drum), instrument.is_drum, notes
                )
            )
    return tuple(parts)


def _role(name: str, program: int, is_drum: bool) -> Role:
    by_name = next((role for role in Role if name.casefold().startswith(role.value)), None)
    if by_name is not None and by_name is not Role.MELODY:
        return by_name
    if is_drum:
        return Role.PULSE
    return Role.BASS if program in _BASS_PROGRAMS else Role.HARMONY


def _tune_part(
    parts: Sequence[MusicPart], wanted: str | None, path: Path
) -> tuple[MusicPart | None, tuple[str, ...]]:
    if wanted is not None:
        for part in parts:
            if wanted.casefold() in part.name.casefold():
                return part, ()
        names = ", ".join(part.name for part in parts)
        raise InputError(
            f"{path.name} has no part called {wanted}.", f"Its parts are: {names}.", "Choose one of them."
        )
    able = [p for p in parts if not p.is_percussion and len(p.notes) >= _FEWEST_NOTES]
    named = [p for p in able if any(word in p.name.casefold() for word in _TUNE_WORDS)]
    if named:
        return named[0], ()
    single = [part for part in able if _single_line_share(part) >= _SINGLE_LINE]
    best = max(single or able, key=lambda part: statistics.median(n.pitch for n in part.notes), default=None)
    if best is None:
        return None, ("No part could be taken for the tune.",)
    line = "" if single else " (of notes that begin together, the highest)"
    return best, (f"The part “{best.name}” was taken for the tune{line}.",)


def _single_line_share(part: MusicPart) -> float:
    """Share of the notes that do not begin together with another."""
    together = sum(b.onset_s - a.onset_s < 0.02 for a, b in pairwise(part.notes))
    return 1 - together / len(part.notes)
