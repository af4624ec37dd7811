"""A score written as MIDI and read back, by our own reader and by others."""

from __future__ import annotations

import io
from pathlib import Path

import mido
import pretty_midi
import pytest
from hypothesis import HealthCheck, given, settings
from midi_scores import scores

from calmando.midi.read import read_midi_file, read_midi_record
from calmando.midi.write import midi_bytes, write_midi_file
from calmando.score.model import Score

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
