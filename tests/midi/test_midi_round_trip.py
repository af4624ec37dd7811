"""A score written as MIDI and read back, by our own reader and by others."""

from __future__ import annotations

import io
from pathlib import Path

import mido
import pretty_midi
import pytest
from hypothesis import HealthCheck, given, settings
from midi_scores import scores

from calmando import api
from calmando.errors import MidiFileError
from calmando.midi.read import read_midi_file, read_midi_record
from calmando.midi.write import midi_bytes, write_midi_file
from calmando.score.model import Score
from calmando.theory.percussion import DRUM_CHANNEL

Played = list[tuple[int, int, int, int, bool]]

ONE_FILE_IS_ENOUGH = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ONE_FILE_IS_ENOUGH
@given(score=scores())
def test_what_is_written_is_read_back_note_for_note(score: Score, tmp_path: Path) -> None:
    """Parts, notes, curves, tempo, metre, key, sections and length come back exactly."""
    path = tmp_path / "piece.mid"
    write_midi_file(score, path, '{"a":1}')
    read = read_midi_file(path)
    assert read.record == '{"a":1}'
    assert read.notices == ()
    assert read.score.title == score.title
    assert read.score.tempo_map == score.tempo_map
    assert read.score.metres == score.metres
    assert read.score.keys == score.keys
    assert read.score.sections == score.sections
    assert read.score.length_s == pytest.approx(score.length_s, abs=1e-9)
    for ours, theirs in zip(score.parts, read.score.parts, strict=True):
        assert theirs.strip == ours.strip
        assert theirs.notes == ours.notes
        assert theirs.controls == ours.controls


@ONE_FILE_IS_ENOUGH
@given(score=scores())
def test_pretty_midi_hears_the_same_notes_at_the_same_seconds(score: Score, tmp_path: Path) -> None:
    """An independent reader agrees on every note's pitch, velocity and time."""
    path = tmp_path / "piece.mid"
    write_midi_file(score, path)
    instruments = pretty_midi.PrettyMIDI(str(path)).instruments
    for part, instrument in zip(score.parts, instruments, strict=True):
        assert instrument.name == part.strip.name
        assert instrument.program == part.strip.program
        ours = [
            (
                note.pitch,
                note.velocity,
                score.tempo_map.seconds_at(note.onset_ticks),
                score.tempo_map.seconds_at(note.end_ticks),
            )
            for note in part.notes
        ]
        theirs = sorted(instrument.notes, key=lambda note: (note.start, note.pitch))
        tick_s = max(change.us_per_quarter for change in score.tempo_map.changes) / 480e6
        for (pitch, velocity, start, end), note in zip(ours, theirs, strict=True):
            assert (note.pitch, note.velocity) == (pitch, velocity)
            assert note.start == pytest.approx(start, abs=tick_s)
            assert note.end == pytest.approx(end, abs=tick_s)


@settings(max_examples=20)
@given(score=scores())
def test_the_file_is_as_the_field_expects_it(score: Score) -> None:
    """Format 1, 480 ticks, a conductor first, every channel's head complete, the end after the tail."""
    midi = mido.MidiFile(file=io.BytesIO(midi_bytes(score, "{}")))
    assert (midi.type, midi.ticks_per_beat) == (1, 480)
    conductor, *tracks = midi.tracks
    kinds = {message.type for message in conductor}
    assert {"set_tempo", "time_signature", "key_signature", "marker", "text"} <= kinds
    assert not any(message.type.startswith("note") for message in conductor)
    for track, part in zip(tracks, score.parts, strict=True):
        assert track.name == part.strip.name
        head = [message for message in track if message.time == 0][:12]
        assert any(message.type == "program_change" for message in head)
        controls = {message.control for message in head if message.type == "control_change"}
        assert {7, 10, 11, 91, 93} <= controls
        assert sum(message.time for message in track) == score.end_ticks


@settings(max_examples=10)
@given(score=scores())
def test_the_same_score_gives_the_same_bytes(score: Score) -> None:
    """Nothing in the file depends on when or where it is written."""
    assert midi_bytes(score, "{}") == midi_bytes(score, "{}")


def test_a_record_is_found_without_reading_the_notes(tmp_path: Path) -> None:
    """A file's record can be asked for alone, and is empty where there is none."""
    midi = mido.MidiFile()
    midi.tracks.append(mido.MidiTrack([mido.MetaMessage("text", text="hello")]))
    midi.save(tmp_path / "foreign.mid")
    assert read_midi_record(tmp_path / "foreign.mid") == ""


def test_a_cut_file_still_has_its_record(tmp_path: Path) -> None:
    """The piece can be made again from it, though its notes are lost."""
    score = api.compose(api.recipe("turn-taking-drum", seed=1, minutes=1))
    path = tmp_path / "cut.mid"
    path.write_bytes(midi_bytes(score, "{}")[:-100])
    assert read_midi_record(path) == "{}"
    with pytest.raises(MidiFileError, match="ends too early"):
        read_midi_file(path)


def _changing(channel: int, n_programs: int, *, bank: int = 0) -> mido.MidiTrack:
    """A track that plays two notes in turn on every program, and goes through all of them twice."""
    track = mido.MidiTrack()
    for turn in range(2 * n_programs):
        program = turn % n_programs
        track.append(mido.Message("control_change", control=0, value=bank * (program % 2), channel=channel))
        track.append(mido.Message("program_change", program=program, channel=channel))
        track.append(mido.Message("note_on", note=40 + program, channel=channel))
        track.append(mido.Message("note_off", note=40 + program, time=120, channel=channel))
    return track


def _played(midi: mido.MidiFile) -> Played:
    """When every key is struck with which bank and program, and whether on a drum: as a player hears the file."""
    banks, programs = [0] * 16, [0] * 16
    now, played = 0, []
    for message in mido.merge_tracks(midi.tracks):
        now += message.time
        if message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type == "control_change" and message.control == 0:
            banks[message.channel] = message.value
        elif message.type == "note_on" and message.velocity:
            channel = message.channel
            played.append((now, message.note, banks[channel], programs[channel], channel == DRUM_CHANNEL))
    return sorted(played)


@pytest.mark.parametrize(
    ("tracks", "n_channels"),
    [
        ([_changing(0, 3)], 3),
        ([_changing(0, 3, bank=8), _changing(1, 1)], 4),
        ([_changing(0, 20)], 15),
        ([_changing(0, 2), _changing(0, 2), _changing(5, 9)], 11),
        ([_changing(9, 3), _changing(0, 2)], 3),
        ([_changing(channel, 2) for channel in range(16)], 16),
    ],
    ids=["some", "banks", "more-than-channels", "tracks-in-unison", "kits", "no-channel-free"],
)
def test_every_note_of_a_foreign_file_keeps_its_instrument(
    tracks: list[mido.MidiTrack], n_channels: int, tmp_path: Path
) -> None:
    """Read and written again, each note is played by the program and bank it had, wherever that finds room."""
    foreign = mido.MidiFile(ticks_per_beat=480)
    foreign.tracks.extend(tracks)
    foreign.save(tmp_path / "foreign.mid")
    read = read_midi_file(tmp_path / "foreign.mid")
    written = mido.MidiFile(file=io.BytesIO(midi_bytes(read.score)))
    heard = set(_played(foreign))
    assert set(_played(written)) == heard
    assert len({m.channel for track in written.tracks for m in track if m.type == "note_on"}) == n_channels
    write_midi_file(read.score, tmp_path / "again.mid")
    again = read_midi_file(tmp_path / "again.mid").score
    assert set(_played(mido.MidiFile(file=io.BytesIO(midi_bytes(again))))) == heard
