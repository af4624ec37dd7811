"""Anybody's files: sound and MIDI, whole and damaged, foreign and our own; findings or a clear error, never a traceback."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from constructed import SR, TUNE, calm_score, calm_sound, silence, sine

from calmando.audit import Verdict, audit_file
from calmando.audit.of_midi import music_of_midi
from calmando.compose.piece import compose_piece
from calmando.errors import AudioFileError, CalmandoError, InputError, MidiFileError
from calmando.midi.write import write_midi_file
from calmando.preset.model import Intent
from calmando.preset.recipe import make_recipe
from calmando.preset.record import make_record, record_json
from calmando.score.model import assemble
from calmando.sound.files.encode import write_audio
from calmando.sound.files.tags import Tags


def midi_file(path: Path, *tracks: list[mido.Message], kind: int = 1, resolution: int = 480) -> Path:
    """Write a MIDI file of these tracks."""
    midi = mido.MidiFile(type=kind, ticks_per_beat=resolution)
    midi.tracks.extend(mido.MidiTrack(track) for track in tracks)
    midi.save(path)
    return path


def melody(pitches: tuple[int, ...] = TUNE, *, channel: int = 0, ticks: int = 480) -> list[mido.Message]:
    """One note after another."""
    made: list[mido.Message] = []
    for pitch in pitches:
        made.append(mido.Message("note_on", channel=channel, note=pitch, velocity=60, time=0))
        made.append(mido.Message("note_off", channel=channel, note=pitch, time=ticks))
    return made


def name(text: str) -> mido.MetaMessage:
    """A track's name."""
    return mido.MetaMessage("track_name", name=text, time=0)


def test_sound_of_every_kind_is_heard_alike(tmp_path: Path) -> None:
    """WAV, FLAC, OGG and MP3 of one sound have the same loudness within 0.2 LU."""
    sound = calm_sound(15)
    heard = {}
    for extension in (".wav", ".flac", ".ogg", ".mp3"):
        path = tmp_path / f"a{extension}"
        soundfile.write(path, sound, SR)
        heard[extension] = audit_file(path).finding("loudness").value
    values = list(heard.values())
    assert all(value == pytest.approx(values[0], abs=0.2) for value in values)


@pytest.mark.parametrize("rate", [8_000, 11_025, 12_345, 22_050, 48_000, 96_000])
def test_every_sample_rate(tmp_path: Path, rate: int) -> None:
    """A sine reads the same loudness and brightness at every rate."""
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(997, 8, -23, rate=rate), rate, subtype="FLOAT")
    audit = audit_file(path)
    assert audit.finding("loudness").value == pytest.approx(-23, abs=0.15)
    assert audit.finding("brightness").value == pytest.approx(997, rel=0.02)


@pytest.mark.parametrize("rate", [1, 2**31 - 1])
def test_a_rate_that_no_recording_has_is_refused(tmp_path: Path, rate: int) -> None:
    """A damaged header neither fills the memory nor is taken for music."""
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(997, 1, -23), 44_100)
    content = bytearray(path.read_bytes())
    content[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(AudioFileError, match=rf"rate of {rate} frames"):
        audit_file(path)


def test_a_web_page_under_the_name_of_music_is_not_called_missing(tmp_path: Path) -> None:
    """libsndfile says of it that it does not exist."""
    path = tmp_path / "a.mp3"
    path.write_bytes(b"<html>not found</html>" * 400)
    with pytest.raises(AudioFileError, match=r"it is damaged\. "):
        audit_file(path)


def test_one_channel_is_heard_and_said(tmp_path: Path) -> None:
    """A mono file is heard from one loudspeaker, three LU softer than from two, and the audit says so."""
    path = tmp_path / "mono.wav"
    soundfile.write(path, sine(997, 8, -20)[:, 0], SR, subtype="FLOAT")
    audit = audit_file(path)
    assert audit.finding("loudness").value == pytest.approx(-23, abs=0.1)
    assert any("one channel" in notice for notice in audit.notices)


def test_faulty_sound_is_named(tmp_path: Path) -> None:
    """Clipping, an offset and values that are no numbers are findings of their own."""
    path = tmp_path / "bad.wav"
    bad = np.clip(sine(100, 8, 3), -1, 1) * np.float32(0.9) + np.float32(0.1)
    bad[1000, 0] = np.nan
    soundfile.write(path, bad, SR, subtype="FLOAT")
    audit = audit_file(path)
    for key in ("clipping", "constant-offset", "broken-values"):
        assert audit.finding(key).verdict is Verdict.FAIL, key


@pytest.mark.parametrize("value", [3e38, -1e30])
def test_a_damaged_value_does_not_become_the_loudness(tmp_path: Path, value: float) -> None:
    """A single value larger than any sound is counted as broken; everything else is measured without it."""
    path = tmp_path / "damaged.wav"
    sound = sine(997, 8, -23)
    sound[1000, 0] = value
    soundfile.write(path, sound, SR, subtype="FLOAT")
    audit = audit_file(path)
    assert audit.finding("broken-values").verdict is Verdict.FAIL
    assert audit.finding("loudness").value == pytest.approx(-23, abs=0.1)


def test_a_silent_file_fails(tmp_path: Path) -> None:
    """A file of silence is a failure in one plain sentence."""
    path = tmp_path / "silent.flac"
    soundfile.write(path, silence(5), SR)
    audit = audit_file(path)
    assert [finding.key for finding in audit.of(Verdict.FAIL)] == ["silent"]


@pytest.mark.parametrize("seconds", [0.001, 0.05, 1.0, 3.5])
def test_very_short_sounds(tmp_path: Path, seconds: float) -> None:
    """What is too short to measure is said to be, without an error."""
    path = tmp_path / "short.wav"
    soundfile.write(path, sine(440, seconds), SR)
    audit = audit_file(path)
    assert audit.finding("loudness-step").verdict is Verdict.NOT_MEASURED


@pytest.mark.parametrize(
    ("content", "file_name"),
    [
        (b"", "empty.wav"),
        (b"", "empty.mid"),
        (b"RIFF\x00\x00", "cut.wav"),
        (b"MThd\x00\x00\x00\x06\x00\x01", "cut.mid"),
        (b"just some words, and more of them", "words.mp3"),
        (b"just some words, and more of them", "words.mid"),
        (b"fLaC" + bytes(60), "zero.flac"),
        (b"OggS" + bytes(200), "zero.ogg"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, content: bytes, file_name: str) -> None:
    """What is empty, cut off or no music at all is an error that names the file."""
    path = tmp_path / file_name
    path.write_bytes(content)
    with pytest.raises(CalmandoError, match=file_name.split(".")[0]):
        audit_file(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    """A file that is not there, and a folder, are told apart."""
    with pytest.raises(AudioFileError, match="no file"):
        audit_file(tmp_path / "gone.wav")
    with pytest.raises(AudioFileError, match="folder"):
        audit_file(tmp_path)


def test_a_sound_without_frames(tmp_path: Path) -> None:
    """A WAV file of length 0 holds no sound, and that is an error."""
    path = tmp_path / "none.wav"
    soundfile.write(path, silence(0), SR)
    with pytest.raises(AudioFileError, match="no sound at all"):
        audit_file(path)


def test_the_tune_is_found_by_its_name(tmp_path: Path) -> None:
    """A part called melody is the tune, even where another lies higher."""
    path = midi_file(
        tmp_path / "a.mid", [name("bells"), *melody((90,) * 16, channel=1)], [name("Melody"), *melody()]
    )
    tune = music_of_midi(path).music.tune
    assert tune is not None
    assert tune.name == "Melody"


def test_the_tune_is_found_by_its_nature(tmp_path: Path) -> None:
    """Without names the highest single line is the tune, and the audit says which part it took."""
    chords = [name("Piano")]
    for _ in range(16):
        chords += [mido.Message("note_on", note=p, velocity=50) for p in (80, 84, 87)]
        chords += [mido.Message("note_off", note=p, time=480 * (p == 80)) for p in (80, 84, 87)]
    bass = [name("Low"), *melody((40,) * 16, channel=1)]
    path = midi_file(tmp_path / "a.mid", chords, bass, [name("Oboe"), *melody(channel=2)])
    foreign = music_of_midi(path)
    assert foreign.music.tune is not None
    assert foreign.music.tune.name == "Oboe"
    assert any("Oboe" in notice for notice in foreign.notices)


def test_the_tune_can_be_named(tmp_path: Path) -> None:
    """Who names the part gets it; a name that is not there is answered with those that are."""
    path = midi_file(
        tmp_path / "a.mid", [name("Low"), *melody((40,) * 16)], [name("High"), *melody(channel=1)]
    )
    tune = music_of_midi(path, "low").music.tune
    assert tune is not None
    assert tune.notes[0].pitch == 40
    with pytest.raises(InputError, match="Low, High"):
        audit_file(path, tune="cello")


@pytest.mark.parametrize("on_track", [0, 1])
def test_the_tempo_map_is_honoured(tmp_path: Path, on_track: int) -> None:
    """Tempi count wherever in the file they stand: half the notes at 60, half at 90."""
    tempi = [
        mido.MetaMessage("set_tempo", tempo=1_000_000, time=0),
        mido.MetaMessage("set_tempo", tempo=666_667, time=8 * 480),
    ]
    tracks = [[name("Melody"), *melody()], [name("more"), *melody((48,) * 16, channel=1)]]
    conductor: list[mido.Message] = [name("conductor")]
    (conductor if on_track == 0 else tracks[1])[1:1] = []
    if on_track == 0:
        conductor += tempi
    else:
        tracks.append([name("tempi"), *tempi])
    audit = audit_file(midi_file(tmp_path / "a.mid", conductor, *tracks))
    assert audit.finding("tempo-slowest").value == pytest.approx(60, abs=0.01)
    assert audit.finding("tempo-fastest").value == pytest.approx(90, abs=0.01)
    assert max(n.end_s for p in audit.parts for n in p.notes) == pytest.approx(8 + 8 * 2 / 3, abs=0.01)


def test_compound_time_counts_dotted_quarters(tmp_path: Path) -> None:
    """In 6/8, 90 quarters a minute are 60 beats."""
    head = [
        mido.MetaMessage("time_signature", numerator=6, denominator=8),
        mido.MetaMessage("set_tempo", tempo=666_667),
    ]
    audit = audit_file(midi_file(tmp_path / "a.mid", [*head, *melody()]))
    assert audit.finding("tempo-fastest").value == pytest.approx(60, abs=0.01)


def test_format_0_is_read_and_format_2_refused(tmp_path: Path) -> None:
    """A file of one track is music; a set of patterns is none, and the error says so."""
    assert audit_file(midi_file(tmp_path / "a.mid", melody(), kind=0)).finding("range").value == 9
    with pytest.raises(MidiFileError, match="format 2"):
        audit_file(midi_file(tmp_path / "b.mid", melody(), melody(), kind=2))


def test_midi_in_a_riff_is_read_as_the_bare_file_is(tmp_path: Path) -> None:
    """The MIDI files of Windows programs, with a RIFF around them and other chunks before the notes, are music too."""
    bare = midi_file(tmp_path / "a.mid", melody()).read_bytes()
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"data" + struct.pack("<I", len(bare)) + bare
    wrapped = tmp_path / "b.mid"
    wrapped.write_bytes(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"RMID" + chunks)
    assert audit_file(wrapped).parts == audit_file(tmp_path / "a.mid").parts
    wrapped.write_bytes(b"RIFF\xff\xff\xff\xffRMIDLIST\xff\xff\xff\xff")
    with pytest.raises(MidiFileError, match="ends too early"):
        audit_file(wrapped)


def test_a_track_without_a_single_event_changes_nothing(tmp_path: Path) -> None:
    """Not even its own end stands in it; rendering passes over it, and so does the audit."""
    path = midi_file(tmp_path / "a.mid", melody(), kind=1)
    whole = audit_file(path)
    content = bytearray(path.read_bytes())
    content[10:12] = (2).to_bytes(2, "big")
    content[14:14] = b"MTrk" + bytes(4)
    path.write_bytes(content)
    assert audit_file(path) == whole


def test_no_notes_is_an_error(tmp_path: Path) -> None:
    """A MIDI file without a note is an error that says so."""
    with pytest.raises(MidiFileError, match="no notes"):
        audit_file(midi_file(tmp_path / "a.mid", [name("nothing")]))


def test_hanging_notes_end_with_the_piece(tmp_path: Path) -> None:
    """A note that is never ended sounds to the end, and the audit says so."""
    hanging = [mido.Message("note_on", note=36, velocity=60, channel=1), *melody((60,) * 8, channel=2)]
    foreign = music_of_midi(midi_file(tmp_path / "a.mid", melody(), hanging))
    ends = {n.pitch: n.end_s for p in foreign.music.parts for n in p.notes}
    assert ends[36] == pytest.approx(8 * 0.5, abs=0.01)
    assert any("without an end" in notice for notice in foreign.notices)


@pytest.mark.parametrize("control", [120, 123])
def test_notes_ended_all_at_once_end_there(control: int, tmp_path: Path) -> None:
    """One message ends what a channel sounds, also from another track, and the audit hears it end."""
    held = [mido.Message("note_on", note=36, velocity=60, channel=1), *melody((60,) * 8, channel=2)]
    ending = [mido.Message("control_change", control=control, channel=1, time=960), *melody(channel=3)]
    foreign = music_of_midi(midi_file(tmp_path / "a.mid", held, ending))
    ends = {n.pitch: n.end_s for p in foreign.music.parts for n in p.notes}
    assert ends[36] == pytest.approx(2 * 0.5, abs=0.01)
    assert not any("without an end" in notice for notice in foreign.notices)


def test_thousands_of_tempo_changes(tmp_path: Path) -> None:
    """Four thousand tempi are read, and judged as the drift they are."""
    first = mido.MetaMessage("set_tempo", tempo=1_000_000, time=0)
    tempi = [mido.MetaMessage("set_tempo", tempo=1_000_000 - 50 * i, time=24) for i in range(1, 4000)]
    audit = audit_file(midi_file(tmp_path / "a.mid", [first, *tempi], melody(TUNE * 13)))
    assert audit.finding("tempo-fastest").value == pytest.approx(75, abs=0.1)
    assert audit.finding("tempo-drift").value == pytest.approx(0.1, abs=0.03)


def test_absurd_lengths_are_refused(tmp_path: Path) -> None:
    """A note a day after the first is an error, not an hour of waiting."""
    far = [
        *melody(),
        mido.Message("note_on", note=60, velocity=60, time=200_000_000),
        mido.Message("note_off", note=60, time=10),
    ]
    with pytest.raises(MidiFileError):
        audit_file(midi_file(tmp_path / "a.mid", far))


def test_our_own_midi_brings_its_preset_and_phrases(tmp_path: Path) -> None:
    """A file with a record is held against its own preset, and its phrases are known; changed notes are noticed."""
    recipe = make_recipe("bedtime-lullaby", seed=4, minutes=3)
    piece = compose_piece(recipe.adapted, seed=4, length_s=recipe.length_s)
    written = assemble(piece.title, piece.passages())
    path = tmp_path / "own.mid"
    write_midi_file(written, path, record_json(make_record(recipe)))
    audit = audit_file(path)
    assert audit.intent is Intent.LULLABY
    assert audit.finding("closing-silence").value == recipe.preset.sound.end_silence_s
    midi = mido.MidiFile(path)
    for track in midi.tracks:
        for message in track:
            if message.type in ("note_on", "note_off") and message.note == 60:
                message.note = 61
    midi.save(path)
    assert any("differ" in notice for notice in audit_file(path).notices)


def test_our_own_sound_brings_its_score(tmp_path: Path) -> None:
    """A sound file with a record is audited with the score it was made from."""
    recipe = make_recipe("bedtime-lullaby", seed=4, minutes=3)
    path = tmp_path / "own.flac"
    sound = calm_sound(15)
    write_audio(
        path, [sound], n_frames=len(sound), tags=Tags(title="Own", record=record_json(make_record(recipe)))
    )
    audit = audit_file(path)
    assert audit.title == "Own"
    assert audit.parts
    assert audit.finding("roughness-mean").value is not None


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_sound_that_was_cut_afterwards_is_noticed(suffix: str, tmp_path: Path) -> None:
    """A sound of another length than the piece of its record says so; one of the same length says nothing."""
    recipe = make_recipe("bedtime-lullaby", seed=4, minutes=0.8)
    tags = Tags(title="Own", record=record_json(make_record(recipe)))
    for length_s, is_told in ((48, False), (30, True)):
        path = tmp_path / f"{length_s}{suffix}"
        sound = np.resize(calm_sound(15), (length_s * 44_100, 2)).astype(np.float32)
        write_audio(path, [sound], n_frames=len(sound), tags=tags)
        told = [notice for notice in audit_file(path).notices if "was changed" in notice]
        assert told == (
            [
                "The sound lasts 30 s, the piece of its record 48 s: it was changed after Calmando wrote it. "
                "What is said of the notes holds for the piece of the record."
            ]
            if is_told
            else []
        )


def test_a_record_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    """A file whose record is damaged is audited as a foreign one, and says so."""
    path = tmp_path / "odd.flac"
    sound = calm_sound(13)
    write_audio(path, [sound], n_frames=len(sound), tags=Tags(record='{"calmando":"record","format":7}'))
    assert any("record inside" in notice for notice in audit_file(path).notices)


def test_an_hour_of_midi(tmp_path: Path) -> None:
    """An hour of music is read whole."""
    audit = audit_file(midi_file(tmp_path / "a.mid", melody(TUNE * 450)))
    assert audit.length_s == pytest.approx(3600, abs=5)
    assert audit.finding("repetition").value is not None


def test_a_wav_that_promises_more_than_it_holds(tmp_path: Path) -> None:
    """A WAV file cut off in the middle is heard as far as it goes."""
    path = tmp_path / "cut.wav"
    soundfile.write(path, sine(440, 8), SR)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert audit_file(path).length_s == pytest.approx(4, abs=0.1)
    assert struct.unpack("<I", content[40:44])[0] > len(content) // 2


def test_a_foreign_lullaby_is_judged_like_our_own(tmp_path: Path) -> None:
    """The constructed lullaby, written to MIDI and read back as a stranger's, passes as before."""
    path = tmp_path / "lullaby.mid"
    write_midi_file(calm_score(), path)
    audit = audit_file(path, Intent.LULLABY)
    assert not audit.failed, [finding.sentence for finding in audit.of(Verdict.FAIL)]


@pytest.mark.parametrize("extension", [".wav", ".ogg", ".mp3"])
def test_a_sound_that_ends_early_is_heard_and_told(
    tmp_path: Path, extension: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file cut off in the middle is audited, and a notice says so; a whole one has no such notice."""
    path = tmp_path / f"a{extension}"
    soundfile.write(path, np.random.default_rng(1).uniform(-0.1, 0.1, (6 * SR, 2)), SR)
    assert not any("less sound" in notice for notice in audit_file(path).notices)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    assert any("less sound" in notice for notice in audit_file(path).notices)
    assert not capfd.readouterr().err


def test_a_decoder_does_not_speak_to_the_user(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What the MP3 decoder says of a damaged stretch is told in a notice, not printed."""
    path = tmp_path / "a.mp3"
    soundfile.write(path, calm_sound(8), SR)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 50] = b"\x55" * 50
    path.write_bytes(content)
    assert any("damaged within" in notice for notice in audit_file(path).notices)
    assert not capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """A pipe is refused at once instead of being waited at, and so is a name no file can have."""
    pipe = tmp_path / "a.wav"
    os.mkfifo(pipe)
    with pytest.raises(AudioFileError, match="not an ordinary file"):
        audit_file(pipe)
    with pytest.raises(InputError, match="No name may hold"):
        audit_file("a\0b.wav")


@pytest.mark.parametrize(("at", "value"), [(4, 255), (3, 0)])
def test_impossible_metres_and_tempi_do_not_count(tmp_path: Path, at: int, value: int) -> None:
    """A metre of 2^255ths, one of no beats and a tempo of 0 are left out, as when the file is rendered."""
    conducting = [
        mido.MetaMessage("set_tempo", tempo=0, time=0),
        mido.MetaMessage("time_signature", numerator=4, denominator=4, time=480),
    ]
    path = midi_file(tmp_path / "a.mid", [*conducting, *melody()])
    plain = music_of_midi(midi_file(tmp_path / "b.mid", [*conducting[1:], *melody()])).music
    content = bytearray(path.read_bytes())
    content[content.index(b"\xff\x58\x04") + at] = value
    path.write_bytes(content)
    music = music_of_midi(path).music
    assert music.parts == plain.parts
    assert music.beats_per_bar == 4


def test_more_ticks_than_pretty_midi_takes(tmp_path: Path) -> None:
    """A piece of more ticks than pretty_midi takes is audited, its notes where they were within 5 ms."""
    path = midi_file(tmp_path / "a.mid", melody(TUNE, ticks=2_000_000), resolution=480)
    music = music_of_midi(path).music
    onsets = [note.onset_s for note in music.parts[0].notes]
    assert onsets == pytest.approx([index * 2_000_000 / 960 for index in range(len(TUNE))], abs=0.005)
    assert music.length_s > 30_000


def test_no_part_of_a_sound_can_be_named(tmp_path: Path) -> None:
    """The name of a tune with a sound file is a mistake, not something to pass over."""
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(220, 2), SR)
    with pytest.raises(InputError, match="no MIDI"):
        audit_file(path, tune="flute")


def test_a_moment_of_sound_is_not_called_abrupt(tmp_path: Path) -> None:
    """A twentieth of a second is nearly all beginning: its change is not measured."""
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(220, 0.05), SR)
    assert audit_file(path, Intent.SLEEP).finding("flux").verdict is Verdict.NOT_MEASURED


@pytest.mark.parametrize("extension", [".wav", ".flac", ".mp3"])
def test_what_others_say_meanwhile_is_theirs(
    tmp_path: Path, extension: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Lines that another thread logs while a good file is heard all arrive, and nothing is called damaged for them."""
    path = tmp_path / f"a{extension}"
    soundfile.write(path, calm_sound(20), SR)
    line, n_lines, is_over = b"server: a request was served\n", 0, threading.Event()

    def log() -> None:
        nonlocal n_lines
        while not is_over.is_set():
            n_lines += os.write(2, line) == len(line)
            is_over.wait(0.001)

    logging = threading.Thread(target=log)
    logging.start()
    try:
        notices = audit_file(path).notices
    finally:
        is_over.set()
        logging.join()
    assert not any("damaged" in notice for notice in notices)
    assert capfd.readouterr().err.count(line.decode()) == n_lines > 0


def test_auditing_leaves_an_applications_modules_alone(tmp_path: Path) -> None:
    """Reading foreign notes loads no sound library, and what the application imports later it finds as if we were not there."""
    path = midi_file(tmp_path / "a.mid", melody())
    program = (
        "import sys, calmando.audit\n"
        f"calmando.audit.audit_file({str(path)!r})\n"
        "print({'fluidsynth', 'pretty_midi', 'pretty_midi.instrument'} & set(sys.modules))\n"
        "sys.modules['fluidsynth'] = theirs = type(sys)('fluidsynth')\n"
        "import pretty_midi\n"
        "print(sys.modules['pretty_midi.fluidsynth'].fluidsynth is theirs)\n"
    )
    env = {**os.environ, "CI": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout == "set()\nTrue\n"
