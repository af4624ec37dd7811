"""Other people's MIDI files, and files that are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mido
import pytest

from calmando.errors import MidiFileError
from calmando.midi.read import PEDAL_WRITTEN_OUT, read_midi_file
from calmando.score.model import ControlChange, Controller, Note, Role


def _save(
    path: Path, tracks: Sequence[Sequence[mido.Message | mido.MetaMessage]], kind: int = 1, ppq: int = 480
) -> Path:
    midi = mido.MidiFile(type=kind, ticks_per_beat=ppq)
    midi.tracks.extend(mido.MidiTrack(track) for track in tracks)
    midi.save(path)
    return path


def _on(note: int, time: int = 0, velocity: int = 64, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=velocity, time=time, channel=channel)


def _off(note: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=note, time=time, channel=channel)


def test_format_0_is_split_by_channel(tmp_path: Path) -> None:
    """One track with two channels becomes two parts."""
    path = _save(
        tmp_path / "a.mid", [[_on(60), _on(40, channel=1), _off(60, 480), _off(40, channel=1)]], kind=0
    )
    parts = read_midi_file(path).score.parts
    assert [part.notes[0].pitch for part in parts] == [60, 40]


def test_other_resolutions_become_ours(tmp_path: Path) -> None:
    """A quarter of 96 ticks is read as a quarter of 480."""
    path = _save(tmp_path / "a.mid", [[_on(60, 96), _off(60, 48)]], ppq=96)
    assert read_midi_file(path).score.parts[0].notes == (Note(480, 240, 60, 64),)


@pytest.mark.parametrize("ppq", [480, 960, 1920, 3840])
def test_the_shortest_notes_are_read(ppq: int, tmp_path: Path) -> None:
    """Hits of one tick, or of none, sound for a tick of ours, as many as were written."""
    hits = [
        message
        for n in range(8)
        for message in (_on(38, ppq - 1 if n else 0, 100, 9), _off(38, 1, channel=9))
    ]
    empty = [message for n in range(8) for message in (_on(36, ppq if n else 0, 100, 9), _off(36, channel=9))]
    read = read_midi_file(_save(tmp_path / "a.mid", [[*hits, *empty]], ppq=ppq))
    notes = [note for _, note in read.score.notes()]
    assert [note.onset_ticks for note in notes if note.pitch == 38] == [480 * n for n in range(8)]
    assert sum(note.pitch == 36 for note in notes) == 8
    assert {note.duration_ticks for note in notes} == {1}


@pytest.mark.parametrize(
    ("events", "notes"),
    [
        ([_on(60), _off(60), _on(60), _off(60, 480)], [(0, 480)]),
        ([_on(60), _on(60), _off(60, 480)], [(0, 480)]),
        ([_on(60), _off(60), _on(60), _off(60)], [(0, 1)]),
        ([_on(60), _off(60), _on(60, 1), _off(60, 480)], [(0, 1), (1, 480)]),
    ],
    ids=["let-go-and-struck", "struck-twice", "both-short", "a-tick-apart"],
)
def test_of_two_strokes_within_a_tick_the_last_stays(
    events: list[mido.Message], notes: list[tuple[int, int]], tmp_path: Path
) -> None:
    """A key that is struck again at once is one note, and never overlaps itself."""
    read = read_midi_file(_save(tmp_path / "a.mid", [events]))
    assert [(note.onset_ticks, note.duration_ticks) for _, note in read.score.notes()] == notes


def test_a_missing_tempo_is_120(tmp_path: Path) -> None:
    """Without a tempo event a quarter lasts half a second, as the standard says."""
    path = _save(tmp_path / "a.mid", [[_on(60), _off(60, 480)]])
    assert read_midi_file(path).score.tempo_map.seconds_at(480) == 0.5


def test_a_note_struck_again_ends_the_ringing_one(tmp_path: Path) -> None:
    """No key overlaps itself on a channel."""
    path = _save(tmp_path / "a.mid", [[_on(60), _on(60, 480), _off(60, 480)]])
    assert [n.end_ticks for n in read_midi_file(path).score.parts[0].notes] == [480, 960]


def test_the_pedal_holds_notes(tmp_path: Path) -> None:
    """A note released under the pedal lasts until the pedal is lifted, and that is said."""
    down = mido.Message("control_change", control=64, value=127)
    up = mido.Message("control_change", control=64, value=0, time=960)
    path = _save(tmp_path / "a.mid", [[down, _on(60), _off(60, 240), up]])
    read = read_midi_file(path)
    assert read.score.parts[0].notes[0].duration_ticks == 1200
    assert any("pedal" in notice for notice in read.notices)


def _control(control: int, value: int = 0, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("control_change", control=control, value=value, time=time, channel=channel)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([_control(64, 0), _on(60), _off(60, 480)], False),
        ([_control(64, 127), _control(64, 0), _on(60), _off(60, 480)], False),
        ([_on(60), _control(64, 127), _off(60, 480), _control(64, 0)], False),
        ([_on(60), _control(64, 127), _off(60, 480), _control(64, 0, 1)], True),
        ([_on(60), _control(64, 127), _off(60, 480), _on(60, 1), _off(60, 9)], True),
    ],
    ids=["never-pressed", "lifted-before", "lifted-with-the-key", "held", "held-until-struck-again"],
)
def test_the_pedal_is_told_of_only_where_it_held(
    events: list[mido.Message], said: bool, tmp_path: Path
) -> None:
    """Programs lift the pedal at the beginning of every file; that lengthens nothing."""
    read = read_midi_file(_save(tmp_path / "a.mid", [events]))
    assert (PEDAL_WRITTEN_OUT in read.notices) is said
    assert len(read.notices) == said


@pytest.mark.parametrize("control", [120, 123, 124, 125, 126, 127])
def test_one_message_ends_all_notes_of_its_channel(control: int, tmp_path: Path) -> None:
    """All Notes Off, All Sound Off and the changes of mode end what sounds, from whichever track, and no other channel."""
    track = [_on(60), _on(64), _on(40, channel=1), _control(control, time=480), _off(40, 480, channel=1)]
    read = read_midi_file(_save(tmp_path / "a.mid", [track, [_on(67), mido.MetaMessage("marker", time=960)]]))
    ends = {note.pitch: note.end_ticks for _, note in read.score.notes()}
    assert ends == {60: 480, 64: 480, 67: 480, 40: 960}
    said = ("Notes to be silenced at once (All Sound Off) die away as when their keys go up.",)
    assert read.notices == (said if control == 120 else ())


def test_all_sound_off_is_told_of_only_where_something_sounds(tmp_path: Path) -> None:
    """Many files silence every channel before they begin and when they are over; nothing is lost by that."""
    events = [_control(120), _on(60), _off(60, 480), _control(120, time=1)]
    assert read_midi_file(_save(tmp_path / "a.mid", [events])).notices == ()


def test_the_sostenuto_pedal_holds_the_keys_that_were_down(tmp_path: Path) -> None:
    """Keys that are down when it is pressed are held until it is lifted; those let go before or struck later are not."""
    before = [_on(55), _off(55, 120), _on(60)]
    events = [
        *before,
        _control(66, 127, 120),
        _on(64),
        _control(66, 127),
        _off(60, 240),
        _off(64),
        _control(66, 0, 480),
    ]
    read = read_midi_file(_save(tmp_path / "a.mid", [events]))
    assert {note.pitch: note.end_ticks for _, note in read.score.notes()} == {55: 120, 60: 960, 64: 480}
    assert read.notices == (PEDAL_WRITTEN_OUT,)


@pytest.mark.parametrize("lifted", [66, 64, 121])
def test_what_both_pedals_hold_ends_with_the_last(lifted: int, tmp_path: Path) -> None:
    """A key under both pedals sounds until the second is lifted; a reset lifts both."""
    events = [_on(60), _control(64, 127), _control(66, 127), _off(60, 240), _control(lifted, 0, 240)]
    events += [_control(64, 0, 240), _control(66, 0)]
    read = read_midi_file(_save(tmp_path / "a.mid", [events]))
    assert [note.end_ticks for _, note in read.score.notes()] == [480 if lifted == 121 else 720]


_GM_ON = mido.Message("sysex", data=(0x7E, 0x7F, 0x09, 0x01))
_GS_RESET = mido.Message("sysex", data=(0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41))
_XG_RESET = mido.Message("sysex", data=(0x43, 0x10, 0x4C, 0x00, 0x00, 0x7E, 0x00))


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (mido.Message("pitchwheel", pitch=99), "pitch bends"),
        (mido.Message("aftertouch", value=99), "pressure on keys"),
        (mido.Message("polytouch", note=60, value=99), "pressure on keys"),
        (_control(1, 99), "modulation"),
        (_control(8, 0), "balance"),
        (_control(65, 127), "portamento"),
        (_control(67, 127), "the soft pedal"),
        (_GM_ON, "resets within the piece"),
        (_GS_RESET, "resets within the piece"),
        (_XG_RESET, "resets within the piece"),
    ],
)
def test_what_a_score_has_no_place_for_is_told_once(event: mido.Message, name: str, tmp_path: Path) -> None:
    """Whatever changes the sound elsewhere and not here is named, once."""
    read = read_midi_file(_save(tmp_path / "a.mid", [[_on(60), event, event, _off(60, 480)]]))
    assert read.notices == (f"Left out: {name}.",)


def test_controllers_that_change_nothing_are_not_told_of(tmp_path: Path) -> None:
    """Programs set everything to its middle and reset all before the first note."""
    neutral = [_control(1), _control(8, 64), _control(65), _control(67), mido.Message("aftertouch", value=0)]
    events = [_GM_ON, _GS_RESET, _XG_RESET, *neutral, mido.Message("pitchwheel"), _on(60), _off(60, 480)]
    assert read_midi_file(_save(tmp_path / "a.mid", [events])).notices == ()


@pytest.mark.parametrize(("control", "end"), [(123, 720), (120, 480)])
def test_the_pedal_holds_against_all_notes_off_but_not_all_sound_off(
    control: int, end: int, tmp_path: Path
) -> None:
    """Keys that go up all at once are held by the pedal like any; sound that is ended is ended (MIDI 1.0)."""
    events = [_control(64, 127), _on(60), _control(control, time=480), _control(64, 0, 240)]
    read = read_midi_file(_save(tmp_path / "a.mid", [events]))
    assert [note.end_ticks for _, note in read.score.notes()] == [end]
    assert (PEDAL_WRITTEN_OUT in read.notices) is (control == 123)


def test_reset_controllers_lift_the_pedal_and_fill_expression(tmp_path: Path) -> None:
    """What only the pedal held ends, keys that are down go on, expression is full again; volume stays (MIDI RP-015)."""
    events = [_control(64, 127), _control(11, 40), _control(7, 50), _on(60), _on(64), _off(60, 480)]
    events += [_control(121, time=480), _off(64, 480)]
    part = read_midi_file(_save(tmp_path / "a.mid", [events])).score.parts[0]
    assert {note.pitch: note.end_ticks for note in part.notes} == {60: 960, 64: 1440}
    assert part.controls == (ControlChange(960, Controller.EXPRESSION, 127),)
    assert (part.strip.expression, part.strip.volume) == (40, 50)


def test_reset_controllers_change_nothing_that_is_as_it_was(tmp_path: Path) -> None:
    """Many files reset at their beginning, or more than once: no curve comes of it."""
    events = [_control(121), _on(60), _control(121, time=240), _off(60, 240)]
    part = read_midi_file(_save(tmp_path / "a.mid", [events])).score.parts[0]
    assert (part.strip.expression, part.controls) == (127, ())


def test_hanging_notes_end_with_the_piece(tmp_path: Path) -> None:
    """A note without an end is ended, and that is said."""
    path = _save(tmp_path / "a.mid", [[_on(60), _on(64), _off(64, 960)]])
    read = read_midi_file(path)
    assert {note.end_ticks for note in read.score.parts[0].notes} == {960}
    assert any("without an end" in notice for notice in read.notices)


def test_drums_and_named_tunes_are_known(tmp_path: Path) -> None:
    """Channel 10 is a pulse; a track called melody is the tune."""
    name = mido.MetaMessage("track_name", name="Melody")
    path = _save(
        tmp_path / "a.mid", [[name, _on(60), _off(60, 480)], [_on(36, channel=9), _off(36, 10, channel=9)]]
    )
    assert [part.strip.role for part in read_midi_file(path).score.parts] == [Role.MELODY, Role.PULSE]


def test_drums_of_one_kit_are_one_part(tmp_path: Path) -> None:
    """A drum a track is one player at one kit; of no single track, it has no track's name. Other instruments stay apart."""

    def track(name: str, key: int, channel: int) -> list[mido.Message | mido.MetaMessage]:
        named = mido.MetaMessage("track_name", name=name)
        return [named, _on(key, key, channel=channel), _off(key, 9, channel=channel)]

    tracks = [
        track("Bass drum", 36, 9),
        track("Piano", 60, 0),
        track("Hi-hat", 42, 9),
        track("Left hand", 48, 0),
    ]
    parts = read_midi_file(_save(tmp_path / "a.mid", tracks)).score.parts
    assert [(part.strip.name, part.strip.role, len(part.notes)) for part in parts] == [
        ("drums", Role.PULSE, 2),
        ("Piano", Role.HARMONY, 1),
        ("Left hand", Role.HARMONY, 1),
    ]


def test_a_change_of_program_makes_another_part(tmp_path: Path) -> None:
    """What one channel plays on two instruments is two parts, each with its own program."""
    change = mido.Message("program_change", program=73)
    path = _save(tmp_path / "a.mid", [[_on(60), _off(60, 480), change, _on(62), _off(62, 480)]])
    assert [part.strip.program for part in read_midi_file(path).score.parts] == [0, 73]


def test_every_part_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Tracks without a name, or with the same one, are told apart by their instrument or their number."""
    named = [mido.MetaMessage("track_name", name="Piano")]
    tracks = [[*(named if n >= 3 else []), _on(60 + n), _off(60 + n, 480)] for n in range(6)]
    kit = mido.Message("program_change", program=40, channel=9)
    drums = [
        [_on(36, channel=9), _off(36, 480, channel=9)],
        [kit, _on(38, 480, channel=9), _off(38, 9, channel=9)],
    ]
    path = _save(tmp_path / "a.mid", [*tracks, *drums])
    assert [part.strip.name for part in read_midi_file(path).score.parts] == [
        "acoustic grand piano",
        "acoustic grand piano 2",
        "acoustic grand piano 3",
        "Piano",
        "Piano (acoustic grand piano)",
        "Piano 6",
        "drums",
        "drums 8",
    ]


def test_thousands_of_tempo_changes_are_read(tmp_path: Path) -> None:
    """A performance with a tempo event a tick is read in full."""
    tempo = [mido.MetaMessage("set_tempo", tempo=500_000 + n, time=1) for n in range(5000)]
    path = _save(tmp_path / "a.mid", [tempo, [_on(60), _off(60, 6000)]])
    assert len(read_midi_file(path).score.tempo_map.changes) == 5000


_PLAIN_TRACK = bytes([0, 0x90, 60, 64, 0x83, 0x60, 60, 0])
"""A quarter note, its end in running status."""


def _raw(path: Path, *events: bytes) -> Path:
    """A file of one track, of events as they stand in it."""
    track = b"".join((*events, b"\x00\xff\x2f\x00"))
    head = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0"
    path.write_bytes(head + b"MTrk" + len(track).to_bytes(4, "big") + track)
    return path


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (b"\x00\xff\x59\x02\x0e\x00", "Key signatures that cannot be were left out."),
        (b"\x00\xff\x59\x02\xf8\x00", "Key signatures that cannot be were left out."),
        (b"\x00\xff\x59\x02\x00\x02", "Key signatures that cannot be were left out."),
        (b"\x00\xff\x59\x01\x00", "Key signatures that cannot be were left out."),
        (b"\x00\xff\x51\x03\x00\x00\x00", "Tempi that cannot be were left out."),
        (b"\x00\xff\x51\x01\x07", "Tempi that cannot be were left out."),
        (b"\x00\xff\x58\x04\x00\x02\x18\x08", "Metres that cannot be were left out."),
        (b"\x00\xff\x58\x02\x03\x02", "Metres that cannot be were left out."),
    ],
    ids=[
        "14-sharps",
        "8-flats",
        "no-mode",
        "too-short-a-key",
        "no-tempo",
        "too-short-a-tempo",
        "no-beats",
        "too-short-a-metre",
    ],
)
@pytest.mark.parametrize("before", [b"", b"\x00\xf0\x03\x59\x02\xf7\x00\xc0\x05", _PLAIN_TRACK])
def test_an_impossible_event_is_left_out_and_told(
    event: bytes, said: str, before: bytes, tmp_path: Path
) -> None:
    """One damaged key, tempo or metre takes nothing else with it: the rest reads as without it."""
    good = b"\x00\xff\x59\x02\xff\x01"
    plain = read_midi_file(_raw(tmp_path / "a.mid", good, before, _PLAIN_TRACK))
    assert (plain.notices, plain.score.keys[0].key.name) == ((), "D minor")
    read = read_midi_file(_raw(tmp_path / "a.mid", good, before, event, _PLAIN_TRACK))
    assert read.score == plain.score
    assert read.notices == (said,)


@pytest.mark.parametrize(
    "event",
    [
        b"\x00\xff\x54\x05\xff\x00\x00\x00\x00",
        b"\x00\xff\x54\x01\x60",
        b"\x00\xff\x20\x00",
        b"\x00\xff\x00\x01\x01",
    ],
    ids=["offset-of-no-rate", "short-offset", "no-channel", "short-number"],
)
def test_a_damaged_event_that_no_score_needs_is_passed_over(event: bytes, tmp_path: Path) -> None:
    """Nothing is said of it: the piece is what it would be without it."""
    plain = read_midi_file(_raw(tmp_path / "a.mid", _PLAIN_TRACK))
    assert read_midi_file(_raw(tmp_path / "a.mid", event, _PLAIN_TRACK)) == plain


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a MIDI file"),
        (b"MThd", "not a MIDI file"),
        (b"hello, this is no music", "not a MIDI file"),
        (
            b"MThd\x00\x00\x00\x06\x00\x01\x00\x00\x01\xe0MTrk\x00\x00\x00\x04\x00\xff\x2f\x00",
            "counts no tracks",
        ),
        (
            b"MThd\x00\x00\x00\x06\x00\x01\xff\xff\x01\xe0MTrk\x00\x00\x00\x04\x00\xff\x2f\x00",
            "counts no tracks",
        ),
        (b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk\x00\x00\x10\x00\x00\x90", "not a MIDI file"),
        (b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\xe7\x28MTrk\x00\x00\x00\x04\x00\xff\x2f\x00", "film frames"),
        (b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk\x00\x00\x00\x04\x00\xff\x2f\x00", "no notes"),
    ],
)
def test_what_is_no_music_is_refused_in_words(content: bytes, said: str, tmp_path: Path) -> None:
    """Empty, cut off, foreign and note-less files each give a message that says so."""
    path = tmp_path / "a.mid"
    path.write_bytes(content)
    with pytest.raises(MidiFileError, match=said):
        read_midi_file(path)


def test_format_2_is_refused_in_words(tmp_path: Path) -> None:
    """A set of patterns is not one piece."""
    track = [_on(60), _off(60, 480)]
    with pytest.raises(MidiFileError, match="format 2"):
        read_midi_file(_save(tmp_path / "a.mid", [track, track], kind=2))


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    """A name that leads nowhere, or to a folder, is said."""
    with pytest.raises(MidiFileError, match="no file"):
        read_midi_file(tmp_path / "none.mid")
    with pytest.raises(MidiFileError, match="is a folder"):
        read_midi_file(tmp_path)


_FOREIGN = b"XFIH" + (6).to_bytes(4, "big") + b"abcdef"


@pytest.mark.parametrize("before", [0, 1, 2])
def test_chunks_of_other_programs_are_passed_over(before: int, tmp_path: Path) -> None:
    """What stands before, between or behind the tracks and is none is skipped, as the standard asks."""
    path = _save(tmp_path / "a.mid", [[_on(60), _off(60, 480)], [_on(64), _off(64, 480)]])
    plain, content = read_midi_file(path).score, path.read_bytes()
    parts = content.split(b"MTrk")
    path.write_bytes(
        b"MTrk".join(parts[: before + 1]) + _FOREIGN + b"".join(b"MTrk" + p for p in parts[before + 1 :])
    )
    assert read_midi_file(path).score == plain


def test_a_track_with_a_damaged_name_is_no_foreign_chunk(tmp_path: Path) -> None:
    """A file that lacks one of the tracks it announces is refused, not played without it."""
    path = _save(tmp_path / "a.mid", [[_on(60), _off(60, 480)], [_on(64), _off(64, 480)]])
    path.write_bytes(path.read_bytes().replace(b"MTrk", b"MTrx", 1))
    with pytest.raises(MidiFileError, match="ends too early"):
        read_midi_file(path)
