"""The commands as a person types them: results, messages, exit codes, and files that stay whole."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import mido
import pytest
import soundfile
from rich.console import Console
from typer.testing import CliRunner, Result

from calmando.cli import console
from calmando.cli.app import app
from calmando.resources import presets_folder, soundfonts_folder

LULLABY = "bedtime-lullaby"
COMMANDS = (
    "presets",
    "show",
    "copy",
    "render",
    "replay",
    "audit",
    "play",
    "instruments",
    "soundfonts",
    "doctor",
)
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, with an empty user folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALMANDO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CALMANDO_SOUNDFONT", raising=False)
    monkeypatch.delenv("SOUNDFONT_PATH", raising=False)

    def command(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return command


def _error(result: Result, code: int, *said: str) -> None:
    """An error has its exit code, its words on standard error, nothing on standard output, no traceback."""
    assert result.exit_code == code, result.output
    for words in said:
        assert re.search(words, result.stderr), result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "fault of the program" not in result.stderr


def test_presets_are_listed_for_people_and_programs(run: Run) -> None:
    """Every preset stands in the table and, with what a program needs, in the JSON."""
    names = {path.stem for path in presets_folder().glob("*.toml")}
    assert all(name in run("presets").stdout for name in names)
    rows = json.loads(run("presets", "--json").stdout)
    assert {row["name"] for row in rows} == names
    assert {"name", "title", "intent", "summary", "minutes", "start_bpm", "end_bpm"} <= set(rows[0])


@pytest.mark.parametrize("columns", [20, 40, 60, 80])
def test_the_list_loses_nothing_in_a_narrow_window(
    columns: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However narrow the window, every name can be read whole, and every preset says what it is."""
    monkeypatch.setattr("calmando.cli.app.results", Console(width=columns))
    listed = " ".join(run("presets").stdout.split())
    assert "…" not in listed
    assert all(row["name"] in listed for row in json.loads(run("presets", "--json").stdout))
    assert "gently" in listed
    playing = " ".join(run("instruments").stdout.split())
    assert all(row["name"] in playing for row in json.loads(run("instruments", "--json").stdout))
    shown = " ".join(run("show", LULLABY).stdout.split())
    assert "…" not in shown


def test_a_broken_own_preset_is_named_and_the_others_are_listed(run: Run, tmp_path: Path) -> None:
    """One slip in a file of one's own does not hide the rest."""
    folder = tmp_path / "home" / "presets"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("name = 3", encoding="utf-8")
    (folder / "lost.toml").symlink_to("nowhere.toml")
    (folder / "._mine.toml").write_bytes(b"\0")
    listed = run("presets")
    assert listed.exit_code == 0
    assert LULLABY in listed.stdout
    assert "Left out mine.toml" in listed.stderr
    assert "Left out lost.toml" in listed.stderr
    assert "._mine" not in listed.stderr


@pytest.mark.parametrize("path", sorted(presets_folder().glob("*.toml")), ids=lambda path: path.stem)
def test_a_preset_is_shown_whole(path: Path, run: Run) -> None:
    """What a therapist decides by is there: limits, level, stop, evidence with status tags, cautions, arc."""
    shown = run("show", path.stem)
    assert shown.exit_code == 0
    for heading in (
        "For whom",
        "Why it is as it is",
        "The arc",
        "The instruments",
        "Limits",
        "Level:",
        "Stop:",
        "Evidence",
    ):
        assert heading in shown.stdout
    assert re.search(r"\[(C|C\*|P|M|D)\]", shown.stdout)
    assert json.loads(run("show", path.stem, "--json").stdout)["name"] == path.stem


def test_the_register_shown_is_the_one_sung_in(run: Run) -> None:
    """Where a key note does not lie well in it, the register it has instead is shown; and rendering tells it."""
    shown = run("show", LULLABY, "--set", 'pitch.tonics=["E", "D"]').stdout
    assert "between E4 and F5, D4 and D#5 in D, 16 bars" in shown
    assert "between E4 and F5, 16 bars" in run("show", LULLABY).stdout
    told = run("render", LULLABY, "-m", "2", "--key", "D", "-o", "d.mid").stderr
    assert "in D it lies between D4 and D#5" in " ".join(told.split())


def test_what_is_true_of_the_notes_is_told_once(run: Run) -> None:
    """Of two files of one piece that falls silent one sentence tells, and both tell programs."""
    words = ("deep-sleep", "-s", "1", "-m", "3", "--set", "parts.pad.optional=true", "--json")
    made = run("render", *words, "-o", "a.mid", "-o", "a.svg")
    assert made.stderr.count("on nothing sounds") == 1
    assert made.stdout.count("on nothing sounds") == 2


def test_who_listens_at_once_is_told_of_silence_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a piece is played that falls silent, it is said."""
    monkeypatch.setattr("calmando.sound.play.play", lambda *_: None)
    words = ("play", "deep-sleep", "-s", "1", "-m", "3")
    assert "nothing sounds for 2 minutes" in run(*words, "--set", "parts.pad.optional=true").stderr
    assert "nothing sounds" not in run(*words).stderr


def test_a_tune_is_explained(run: Run) -> None:
    """The plan and the rules behind every note are told, for the seed that was asked for."""
    told = run("show", LULLABY, "--explain", "--seed", "7")
    assert told.exit_code == 0
    assert "form" in told.stdout
    assert told.stdout == run("show", LULLABY, "--explain", "--seed", "7").stdout


def test_no_program_is_given_an_explanation_for_json(run: Run) -> None:
    """Words where JSON was asked for would be taken for a broken answer."""
    _error(run("show", LULLABY, "--explain", "--json"), 2, "in words only")


def test_the_help_promises_no_depth_that_a_format_lacks(run: Run) -> None:
    """FLAC has no floating-point samples."""
    told = " ".join(run("render", "--help").stdout.replace("│", " ").split())
    assert "16 or 24 for WAV and FLAC, float for WAV" in told
    _error(run("render", LULLABY, "-o", "a.flac", "--bit-depth", "float"), 2, "It can with 16 and 24")


def test_settings_are_told_to_programs_too(run: Run) -> None:
    """With --json every setting is an object with its key, value and meaning; with --explain both are refused."""
    rows = json.loads(run("show", LULLABY, "--settings", "--json").stdout)
    assert {"key": "tempo.start_bpm", "value": "64"}.items() <= rows[2].items()
    assert all(row["meaning"] for row in rows)
    _error(run("show", LULLABY, "--settings", "--explain"), 2, "different things")


def test_a_preset_is_copied_edited_and_used(run: Run, tmp_path: Path) -> None:
    """A copy carries its new name, renders, and is not replaced without being asked."""
    copied = run("copy", LULLABY, "Für Zoë.toml")
    assert copied.exit_code == 0
    assert 'name = "fur-zoe"' in Path("Für Zoë.toml").read_text(encoding="utf-8")
    assert run("render", "Für Zoë.toml", "--seed", "1", "-m", "2", "-o", "Zoë.mid").exit_code == 0
    _error(run("copy", LULLABY, "Für Zoë.toml"), 4, "exists already")
    _error(run("copy", LULLABY, "mine.txt"), 2, r"must end in \.toml")


def test_the_tune_s_instrument_is_chosen_by_name(run: Run) -> None:
    """Every listed name can be given to --instrument, a setting or a preset file, and stands for its program and bank."""
    rows = json.loads(run("instruments", "--json").stdout)
    assert all(row["name"] in run("instruments").stdout for row in rows)
    for row in rows:
        shown = json.loads(
            run("show", LULLABY, "--set", f"parts.melody.program={row['name']}", "--json").stdout
        )
        part = next(part for part in shown["parts"] if part["name"] == "melody")
        assert (part["program"], part["bank"]) == (row["program"], row["bank"])
    assert (
        run("render", LULLABY, "-q", "-s", "1", "-m", "1", "--instrument", "Harp", "-o", "a.mid").exit_code
        == 0
    )
    melody = next(track for track in mido.MidiFile("a.mid").tracks if track.name == "melody")
    assert [message.program for message in melody if message.type == "program_change"] == [46]
    assert run("replay", "a.mid", "-q", "-o", "b.mid").exit_code == 0
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()
    assert run("copy", LULLABY, "mine.toml").exit_code == 0
    mine = Path("mine.toml").read_text(encoding="utf-8").replace("program = 73", 'program = "harp"')
    Path("mine.toml").write_text(mine, encoding="utf-8")
    assert run("render", "mine.toml", "-q", "-s", "1", "-m", "1", "-o", "c.mid").exit_code == 0
    wrong = run("render", LULLABY, "--instrument", "harfe")
    _error(wrong, 2, "'harfe' is not an instrument. Did you mean harp", "calmando instruments")


def test_a_tempo_that_stays_follows_its_start(run: Run) -> None:
    """A person's steps are typed once: nobody is made to walk faster by what was not asked for."""
    for changed in (("--from-bpm", "92"), ("--set", "tempo.start_bpm=92")):
        assert (
            run("render", "gait-training", "-s", "1", "-m", "3", *changed, "--force", "-o", "g.mid").exit_code
            == 0
        )
        tempi = {message.tempo for message in mido.MidiFile("g.mid") if message.type == "set_tempo"}
        assert tempi == {round(60e6 / 92)}
    assert run("render", LULLABY, "-m", "3", "--from-bpm", "70", "-o", "l.mid").exit_code == 0
    tempi = {message.tempo for message in mido.MidiFile("l.mid") if message.type == "set_tempo"}
    assert len(tempi) > 3


def test_a_tempo_that_is_not_reached_is_told(run: Run) -> None:
    """A short piece has no room for the whole way; a longer one says nothing."""
    told = " ".join(
        run("render", LULLABY, "-s", "1", "-m", "2", "--to-bpm", "50", "-o", "a.mid").stderr.split()
    )
    assert re.search(r"comes to 5[5-8][.0-9]* BPM, not to 50", told)
    assert (
        "not to" not in run("render", LULLABY, "-s", "1", "-m", "8", "--to-bpm", "50", "-o", "b.mid").stderr
    )


def test_a_setting_asked_for_twice_is_refused(run: Run) -> None:
    """Which of two was meant, nobody knows; the same said twice is said once."""
    twice = ("render", LULLABY, "-m", "2", "--to-bpm", "60", "-o", "a.mid", "--set")
    _error(run(*twice, "tempo.end_bpm=62"), 2, "asked for twice")
    assert run(*twice, "tempo.end_bpm=60").exit_code == 0


def test_every_setting_is_explained(run: Run) -> None:
    """With its key, its value and what it does; what is only told elsewhere is left out."""
    shown = run("show", LULLABY, "--settings").stdout
    for key in (
        "minutes = 10",
        "tempo.end_bpm = 56",
        "stages.NAME.way = meet: 0.1; lead: 0.8;",
        "parts.NAME.velocity",
    ):
        assert key in " ".join(shown.split())
    assert "Allowed: 36 to 140." in " ".join(shown.split())
    assert "evidence" not in shown


def test_a_short_piece_shows_the_ending_it_has(run: Run) -> None:
    """Of five minutes no 90 seconds can be a fade."""
    shown = " ".join(run("show", "deep-sleep", "--set", "minutes=5").stdout.split())
    assert re.search(r"fade of 36 s, .* \(in a longer piece 90 s", shown)
    assert "in a longer piece" not in run("show", "deep-sleep").stdout


def test_what_somebody_worked_on_is_not_replaced(run: Run) -> None:
    """Notes that were moved, a sound that was cut, a file that is protected: each needs --force."""
    words = ("render", "nicu-lullaby", "-m", "1", "-s")
    for name in ("a.mid", "a.flac", "b.ogg"):
        assert run(*words, "3", "-o", name).exit_code == 0
        again = run(*words, "4", "-o", name)
        assert again.exit_code == 0
        assert f"Replaces {name}: nicu-lullaby, seed 3" in again.stderr
    file = mido.MidiFile("a.mid")
    for message in (message for track in file.tracks for message in track if "note" in message.type):
        message.note += 2
    file.save("a.mid")
    with soundfile.SoundFile("a.flac") as sound:
        comment, frames = sound.comment, sound.read()
    with soundfile.SoundFile("a.flac", "w", 44_100, 2) as cut:
        cut.comment = comment
        cut.write(frames[: 20 * 44_100])
    Path("b.ogg").chmod(0o444)
    for name, said in (("a.mid", "was changed"), ("a.flac", "was changed"), ("b.ogg", "write-protected")):
        before = Path(name).read_bytes()
        _error(run(*words, "5", "-o", name), 4, said, "--force")
        assert Path(name).read_bytes() == before
        assert run(*words, "5", "-o", name, "--force").exit_code == 0


def test_what_a_file_was_made_from_is_shown(run: Run) -> None:
    """A sound, a MIDI file and a recipe each show their preset as it was adapted, with its seed and length."""
    outs = [word for name in ("a.mp3", "a.mid", "a.json") for word in ("-o", name)]
    changes = ("-s", "7", "-m", "1.5", "--key", "D", "--instrument", "harp")
    assert run("render", LULLABY, "-q", *changes, *outs).exit_code == 0
    for name in outs[1::2]:
        shown = run("show", name)
        told = " ".join(shown.stderr.split())
        assert f"{name} was made from {LULLABY} with seed 7, 1.5 minutes, in D major" in told
        assert "parts.melody.program = harp" in told
        assert re.search(r"length +1\.5 minutes", shown.stdout)
        assert re.search(r"key +D major", shown.stdout)
        assert re.search(r"musicbox .*\(not in this piece\)", shown.stdout)
        assert re.search(r"melody +harp \(46\)", shown.stdout)
        as_data = json.loads(run("show", name, "--json").stdout)
        assert as_data["minutes"] == 1.5
        assert as_data["made_from"]["seed"] == 7
        assert as_data["made_from"]["changes"]["parts.melody.program"] == "harp"
        other = run("show", name, "--seed", "8").stderr
        assert "with seed 7" in other
        assert "what your changes make of it" in other
    _error(run("show", "none.mp3"), 2, "There is no file none.mp3")
    Path("a.mid").rename("tune")
    assert f"tune was made from {LULLABY}" in " ".join(run("show", "tune").stderr.split())
    Path("other.json").write_text("{}", encoding="utf-8")
    _error(run("show", "other.json"), 2, "carries no record")


@pytest.mark.parametrize(
    ("number", "said"),
    [("0", r"from\W+1\W+to\W+1000"), ("1001", r"from\W+1\W+to\W+1000"), ("x", "whole number")],
)
def test_a_wrong_number_of_variants_is_told_in_words(number: str, said: str, run: Run) -> None:
    """The limits are named as a person would."""
    _error(run("render", LULLABY, "--variants", number), 2, said)


def test_midi_is_made_and_made_again_byte_for_byte(run: Run) -> None:
    """The path is the result; the MIDI file alone makes itself again."""
    made = run("render", LULLABY, "--seed", "7", "--minutes", "3", "-o", "a.mid")
    assert made.exit_code == 0
    assert made.stdout == "a.mid\n"
    assert "seed 7" in made.stderr
    assert run("replay", "a.mid", "-o", "b.mid").exit_code == 0
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()


def test_audio_is_made_again_from_audio_and_midi_comes_from_it_too(run: Run) -> None:
    """A WAV file makes the identical WAV and the MIDI again; JSON tells what was measured."""
    made = run("render", LULLABY, "-s", "7", "-m", "1.5", "-o", "a.wav", "-o", "a.mid", "--json", "-q")
    assert made.exit_code == 0, made.stderr
    assert all(line.startswith("Caution: ") for line in made.stderr.splitlines())
    told = json.loads(made.stdout)
    assert told[0]["length_s"] == 90.0
    assert told[0]["loudness_lufs"] == pytest.approx(-23, abs=0.5)
    assert told[0]["true_peak_dbtp"] <= -3
    assert run("replay", "a.wav", "-o", "b.wav", "-o", "b.mid").exit_code == 0
    assert Path("a.wav").read_bytes() == Path("b.wav").read_bytes()
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()


def test_a_recipe_file_is_a_source(run: Run) -> None:
    """The recipe as a file makes the same piece, and may be changed on the way."""
    assert run("render", LULLABY, "-s", "7", "-m", "3", "-o", "a.json", "-o", "a.mid").exit_code == 0
    assert run("render", "a.json", "-o", "b.mid").exit_code == 0
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()
    assert run("render", "a.json", "--seed", "8", "-o", "c.mid").exit_code == 0
    assert Path("a.mid").read_bytes() != Path("c.mid").read_bytes()


def test_settings_reach_the_music(run: Run) -> None:
    """Tempo, key and single settings given at the command line are heard in the file."""
    words = ("--from-bpm", "60", "--to-bpm", "60", "--key", "D major", "--set", "parts.melody.program=79")
    assert run("render", LULLABY, "-s", "1", "-m", "3", "-o", "a.mid", *words).exit_code == 0
    messages = [message for track in mido.MidiFile("a.mid").tracks for message in track]
    tempos = {message.tempo for message in messages if message.type == "set_tempo"}
    assert tempos == {round(60e6 / 60 * 480 / 720)}
    assert {message.key for message in messages if message.type == "key_signature"} == {"D"}
    assert any(message.type == "program_change" and message.program == 79 for message in messages)


def test_variants_are_pieces_with_seeds_in_their_names(run: Run) -> None:
    """Three variants are three different files to choose from."""
    made = run("render", LULLABY, "-s", "5", "-m", "3", "--variants", "3", "-o", "x.mid")
    assert made.stdout.split() == ["x-5.mid", "x-6.mid", "x-7.mid"]
    assert len({Path(name).read_bytes() for name in made.stdout.split()}) == 3


def test_without_output_the_name_says_preset_and_seed(run: Run) -> None:
    """PRESET-SEED.flac appears in the current folder."""
    assert run("render", LULLABY, "-s", "5", "-m", "1.5", "-q").stdout == f"{LULLABY}-5.flac\n"
    assert Path(f"{LULLABY}-5.flac").exists()


def test_a_picture_is_drawn(run: Run) -> None:
    """The score as PNG and SVG; both may be drawn again."""
    for _ in range(2):
        assert run("render", LULLABY, "-s", "5", "-m", "3", "-o", "a.png", "-o", "a.svg").exit_code == 0
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in Path("a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["b.wav", "b.flac", "b.ogg", "b.mp3", "b.png"])
def test_what_was_made_of_written_notes_is_ours_too(name: str, run: Run) -> None:
    """Sound of another program's notes carries no record, and is made anew without --force all the same."""
    midi = mido.MidiFile(
        tracks=[
            mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)])
        ]
    )
    midi.save("a.mid")
    for _ in range(2):
        assert run("render", "a.mid", "-q", "-o", name).exit_code == 0


@pytest.mark.parametrize("name", ["notes.flac", "notes.mid", "notes.png", "notes.html"])
def test_a_file_that_is_not_ours_is_left_alone(name: str, run: Run) -> None:
    """What Calmando did not write is replaced only when that is said."""
    Path(name).write_bytes(b"somebody's notes")
    _error(run("render", LULLABY, "-s", "1", "-m", "3", "-o", name), 4, "did not write it", "--force")
    assert Path(name).read_bytes() == b"somebody's notes"
    if name.endswith(".mid"):
        assert run("render", LULLABY, "-s", "1", "-m", "3", "-o", name, "--force").exit_code == 0
        assert run("render", LULLABY, "-s", "2", "-m", "3", "-o", name).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("render", "bedtime-lulaby"), 2, "Did you mean bedtime-lullaby"),
        (("render", LULLABY, "-m", "0"), 2, "more than 0 and at most 720"),
        (("render", LULLABY, "-m", "-3"), 2, "more than 0 and at most 720"),
        (("render", LULLABY, "-m", "nan"), 2, "more than 0 and at most 720"),
        (("render", LULLABY, "-m", "721"), 2, "more than 0 and at most 720"),
        (("render", LULLABY, "-m", "0.1"), 2, "at least"),
        (("render", LULLABY, "-s", "-1"), 2, "whole number from 0"),
        (("render", LULLABY, "--set", "melody.colour=3"), 2, r"no setting melody\.colour"),
        (("render", LULLABY, "--set", "melody.colour=3"), 2, "show PRESET --settings"),
        (("audit", "."), 2, r"\. is a folder"),
        (("audit", "foreign.m4a"), 2, "There is no file foreign.m4a"),
        (("render", "foreign.m4a"), 2, "There is no file foreign.m4a"),
        (("render", LULLABY, "--set", "melody.stability=3"), 2, "the most allowed is 1"),
        (("render", LULLABY, "--set", "nonsense"), 2, "key=value"),
        (("render", LULLABY, "--to-bpm", "10"), 2, "the least allowed is"),
        (("render", LULLABY, "--key", "H"), 2, "not a note name"),
        (("render", LULLABY, "-o", "a.xyz"), 2, r"\.wav"),
        (("render", LULLABY, "-o", "noextension"), 2, r"\.wav"),
        (("render", LULLABY, "-o", "missing/a.flac", "-m", "2"), 4, "folder"),
        (("render", LULLABY, "-o", "missing/a.mid", "-m", "2"), 4, "folder"),
        (("render", LULLABY, "-o", "a.flac", "--sample-rate", "8000"), 2, "44100 or 48000"),
        (("render", LULLABY, "-o", "a.wav", "--bit-depth", "12"), 2, "16, 24, float"),
        (("render", LULLABY, "-o", "a.mp3", "--bit-depth", "24"), 2, "mp3|MP3"),
        (("render", LULLABY, "-o", "a.ogg", "--quality", "11"), 2, "10"),
        (("render", LULLABY, "-o", "a.flac", "-o", "./a.flac"), 2, "named twice"),
        (("render", LULLABY, "-o", "a.flac", "--stems", "./a.flac"), 2, "named twice"),
        (("render", LULLABY, "-o", "a.flac", "-m", "2", "--soundfont", "none.sf2"), 2, r"none\.sf2"),
        (("render", "none.mid"), 2, "no file"),
        (("render", "none.toml"), 2, "no preset file"),
        (("render", "none.json"), 2, "no recipe file"),
        (("replay", "none.flac", "-o", "b.flac"), 2, "none.flac"),
        (("show", "nothing"), 2, "no preset"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_bad_input_is_told_and_leaves_nothing(
    words: tuple[str, ...], code: int, said: str, run: Run, tmp_path: Path
) -> None:
    """Each mistake has its words and its exit code, and no file is left behind."""
    _error(run(*words), code, said)
    assert list(tmp_path.iterdir()) == []


def test_several_files_share_their_settings(run: Run) -> None:
    """What only one of them has is not asked of the others; what none has is refused."""
    words = ("-q", "-s", "1", "-m", "1", "--quality", "3", "--bit-depth", "24")
    assert run("render", LULLABY, "-o", "a.flac", "-o", "a.mp3", "-o", "a.mid", *words).exit_code == 0
    assert soundfile.info("a.flac").subtype == "PCM_24"
    assert run("render", LULLABY, "-o", "b.mp3", "-q", "-s", "1", "-m", "1", "--quality", "3").exit_code == 0
    assert len(Path("a.mp3").read_bytes()) == len(Path("b.mp3").read_bytes())
    _error(run("render", LULLABY, "-o", "c.flac", "-o", "c.wav", "--quality", "3"), 2, "has no quality")
    _error(
        run("render", LULLABY, "-o", "d.flac", "-o", "d.ogg", "--bit-depth", "float"), 2, "bit depth of float"
    )


def test_choices_of_sound_without_a_sound_file_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sound file is enough; a recorded sound and a variable that names a font are nobody's choice here."""
    piece = ("render", LULLABY, "-s", "1", "-m", "1")
    choices = ("--quality", "3", "--sample-rate", "48000", "-f", "calmando")
    told = "the choice of a SoundFont and a quality and another sample rate changes nothing"
    sounding = run(*piece, "-o", "a.mid", "-o", "a.mp3", "-o", "a.json", *choices)
    assert sounding.exit_code == 0
    assert "changes nothing" not in sounding.stderr
    silent = run(*piece, "-o", "c.mid", "-o", "c.png", *choices)
    assert silent.exit_code == 0
    assert told in " ".join(silent.stderr.split())
    again = run("replay", "a.mp3", "-o", "b.mid")
    assert again.exit_code == 0
    assert "changes nothing" not in again.stderr
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()
    assert "a SoundFont changes nothing" in run("replay", "a.mp3", "-o", "e.mid", "-f", "calmando").stderr
    monkeypatch.setenv("CALMANDO_SOUNDFONT", "none.sf2")
    assert "changes nothing" not in run(*piece, "-o", "d.mid").stderr


@pytest.mark.parametrize("content", [b"", b"hello, I am text\n" * 50, b"RIFF\x10\x00\x00\x00sfbkLIST"])
def test_a_font_that_is_none_is_refused_before_any_sound(content: bytes, run: Run, tmp_path: Path) -> None:
    """A text file renamed .sf2, an empty one and a cut one are told; no sound file appears."""
    Path("font.sf2").write_bytes(content)
    _error(run("render", LULLABY, "-m", "2", "-o", "a.wav", "-f", "font.sf2"), 2, r"font\.sf2")
    assert [path.name for path in tmp_path.iterdir()] == ["font.sf2"]


def test_a_file_without_a_record_cannot_be_replayed(run: Run) -> None:
    """A foreign MIDI file is told apart from one of ours."""
    midi = mido.MidiFile()
    midi.tracks.append(
        mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)])
    )
    midi.save("foreign.mid")
    _error(run("replay", "foreign.mid", "-o", "b.mid"), 2, "carries no record")
    _error(run("render", "foreign.mid", "--seed", "3"), 2, "notes are written already")
    assert run("render", "foreign.mid", "-o", "b.wav", "-q").exit_code == 0


def test_a_damaged_record_is_told(run: Run) -> None:
    """A record with a changed digit is not silently played."""
    assert run("render", LULLABY, "-s", "7", "-m", "3", "-o", "a.mid").exit_code == 0
    data = Path("a.mid").read_bytes()
    Path("b.mid").write_bytes(data.replace(b'"format":1', b'"format":9', 1))
    _error(run("replay", "b.mid", "-o", "c.mid"), 2, "format 9")


def test_the_caution_of_a_clinician_led_preset_is_always_printed(run: Run) -> None:
    """Even a quiet rendering says that a clinician is needed; the MIDI file keeps it."""
    rows = json.loads(run("presets", "--json").stdout)
    name = next(row["name"] for row in rows if row["clinician_led"])
    made = run("render", name, "-s", "1", "-q", "-o", "a.mid")
    assert made.exit_code == 0
    assert "trained clinician" in made.stderr
    assert b'"clinician_led":true' in Path("a.mid").read_bytes()


@pytest.mark.parametrize("name", ["panic-grounding", "infant-lullaby", "muscle-relaxation", "nicu-lullaby"])
def test_the_cautions_of_every_preset_are_always_printed(run: Run, name: str) -> None:
    """Even a quiet rendering says each caution, whether or not a clinician is needed."""
    made = run("render", name, "-s", "1", "-m", "4", "-q", "-o", "a.json")
    assert made.exit_code == 0
    cautions = json.loads(Path("a.json").read_text())["recipe"]["preset"]["cautions"]
    assert cautions
    assert all(f"Caution: {text}" in made.stderr for text in cautions)


def test_no_change_takes_the_cautions_of_a_preset_away(run: Run) -> None:
    """Whatever is set for one piece, its preset's cautions are printed, and that it serves another purpose now."""
    changes = ("--set", "clinician_led=false", "--set", "cautions=[]", "--set", "intent=relaxation")
    plain = run("render", "nicu-lullaby", "-s", "1", "-m", "4", "-q", "-o", "a.json").stderr
    changed = run("render", "nicu-lullaby", "-s", "1", "-m", "4", "-q", "-o", "b.json", *changes).stderr
    assert "trained clinician" in changed
    assert set(plain.splitlines()) <= set(changed.splitlines())
    assert "Caution: intent is 'relaxation' for this piece, not 'nicu'" in changed


def test_no_word_of_a_caution_is_broken_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long caution is wrapped between its words."""
    shown_on = io.StringIO()
    monkeypatch.setattr(
        console, "errors", Console(file=shown_on, force_terminal=True, width=30, soft_wrap=True)
    )
    console.caution("Pain in the chest, trouble breathing or a first attack need medical help, not music.")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown_on.getvalue()).splitlines()
    assert max(map(len, lines)) <= 30
    assert "breathing" in " ".join(lines).split()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-m", "2", "--from-bpm", "60", "--to-bpm", "80"), "Its tempo changes by 7.7 BPM a minute"),
        (
            ("--set", "minutes=2", "--from-bpm", "60", "--to-bpm", "80"),
            "Its tempo changes by 7.7 BPM a minute",
        ),
        (("-m", "60", "--set", "minutes=2", "--from-bpm", "60", "--to-bpm", "80"), ""),
    ],
)
def test_the_tempo_is_judged_by_the_length_that_is_made(words: tuple[str, ...], said: str, run: Run) -> None:
    """However the length was asked for, a tempo that changes too fast in it is told, and no other."""
    made = run("render", LULLABY, "-s", "1", *words, "-o", "a.mid")
    assert made.exit_code == 0, made.output
    if said:
        assert said in " ".join(made.stderr.split()), made.stderr
    else:
        assert "Note:" not in made.stderr and "Its tempo" not in made.stderr


def test_the_doctor_and_the_fonts_speak_json_too(run: Run) -> None:
    """What works on a machine can be read by a person and by a program."""
    examined = run("doctor")
    assert examined.exit_code == 0, examined.stdout
    assert "FluidSynth" in examined.stdout
    things = {finding["thing"] for finding in json.loads(run("doctor", "--json").stdout)}
    assert {"Calmando", "FluidSynth", "SoundFont", "audio formats", "presets"} <= things
    fonts = json.loads(run("soundfonts", "--json").stdout)
    assert any(font["default"] for font in fonts["fonts"])
    assert fonts["places"]


def test_only_mp3_misses_its_encoder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where LAME cannot be loaded the doctor says so, and every other format is written all the same."""
    monkeypatch.setitem(sys.modules, "lameenc", None)
    examined = run("doctor")
    assert examined.exit_code == 3
    assert "pip install -U lameenc" in examined.stdout
    assert run("render", LULLABY, "-q", "-m", "1", "-o", "a.wav").exit_code == 0


def test_the_doctor_sends_to_the_variable_that_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a variable leads to no FluidSynth, installing one would change nothing."""
    monkeypatch.setenv("CALMANDO_LIBFLUIDSYNTH", str(Path("nowhere.so").absolute()))
    examined = run("doctor")
    assert examined.exit_code == 3
    assert "Correct or remove the environment variable CALMANDO_LIBFLUIDSYNTH" in examined.stdout
    assert "Install one" not in examined.stdout


def test_the_fonts_are_listed_whatever_a_variable_names(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that leads nowhere is told below the list; a link counts as the font it leads to."""
    Path("link.sf2").symlink_to(soundfonts_folder() / "calmando.sf2")
    monkeypatch.setenv("CALMANDO_SOUNDFONT", "link.sf2")
    assert json.loads(run("soundfonts", "--json").stdout)["fonts"][0]["default"]
    monkeypatch.setenv("CALMANDO_SOUNDFONT", "nowhere.sf2")
    told = run("soundfonts")
    assert told.exit_code == 0
    assert "calmando.sf2" in told.stdout
    assert "There is no SoundFont nowhere.sf2. The variable CALMANDO_SOUNDFONT names it." in told.stderr


def test_version_and_help_answer(run: Run) -> None:
    """--version prints a version; every command has a help text."""
    assert re.fullmatch(r"calmando \d+\.\d+\.\d+\n", run("--version").stdout)
    for command in COMMANDS:
        assert run(command, "--help").exit_code == 0


def test_help_names_no_types_of_a_programming_language(run: Run) -> None:
    """What to give is said in words, and the list of commands begins with a piece one can make at once."""
    for command in ((), *((command,) for command in COMMANDS)):
        told = run(*command, "--help").stdout
        assert not re.search(r"<(str|path|bool|int|float)>|\b(TEXT|PATH|INTEGER|FLOAT)\b", told), command
    first = " ".join(run("--help").stdout.split())
    example = re.search(r"calmando (render .*?\.mp3)", first)
    assert example is not None
    assert run(*example[1].split(), "-q", "-s", "1", "-m", "1").exit_code == 0
    assert Path("zoe.mp3").exists()


def test_a_narrow_window_cuts_no_option_s_name(tmp_path: Path) -> None:
    """In a window of forty columns every option stands whole; lines have at most fifty signs, the least there is."""
    command = [sys.executable, "-m", "calmando", "render", "--help"]
    environment = {**os.environ, "COLUMNS": "40", "CALMANDO_HOME": str(tmp_path)}
    told = subprocess.run(command, env=environment, capture_output=True, check=True, encoding="utf-8").stdout
    for option in ("--minutes", "--from-bpm", "--instrument", "--sample-rate", "--soundfont"):
        assert option in told
    assert "…" not in told
    assert max(map(len, told.splitlines())) <= 50


def test_a_piece_is_never_written_over_its_source(run: Run) -> None:
    """Rendering a MIDI file into itself is refused, however its name is written; --force changes nothing."""
    assert run("render", LULLABY, "-s", "7", "-m", "3", "-o", "a.mid").exit_code == 0
    before = Path("a.mid").read_bytes()
    _error(run("render", "a.mid", "-o", "./a.mid", "--force"), 2, "both what to render and where to")
    assert Path("a.mid").read_bytes() == before


def test_stems_replace_only_stems(run: Run) -> None:
    """What is no stem of ours is left alone and told before the work, and --force replaces it; ours are made anew."""
    words = ("render", LULLABY, "-m", "1", "-s", "1", "-q", "-o", "a.wav", "--stems", "parts")
    Path("parts").mkdir()
    Path("parts/a-melody.wav").write_bytes(b"mine")
    _error(run(*words), 4, "did not write it")
    assert [path.name for path in Path("parts").iterdir()] == ["a-melody.wav"]
    assert not Path("a.wav").exists()
    assert run(*words, "--force").exit_code == 0
    assert run(*words).exit_code == 0


def test_a_stem_is_never_written_over_another_output(run: Run) -> None:
    """A second output with the name of a stem is refused before anything is made."""
    words = ("render", LULLABY, "-m", "1", "-q", "-o", "a.wav", "-o", "a-melody.wav", "--stems", ".")
    _error(run(*words), 2, "also the name of a stem")
    assert not list(Path.cwd().iterdir())


def test_a_silent_stem_is_told(run: Run) -> None:
    """A short piece has no room for every part; its file is silent, which nobody takes for a fault."""
    made = run("render", LULLABY, "-m", "1", "-s", "1", "-o", "a.wav", "-o", "b.flac", "--stems", "parts")
    assert made.stderr.count("parts: a file for each of 6 parts; silent") == 1
    told = re.search("notes in this piece: (.*)", made.stderr.replace("\n", " "))
    assert told
    for path in Path("parts").iterdir():
        is_silent = not soundfile.read(path)[0].any()
        assert is_silent == (path.stem.removeprefix("a-") in told[1]), path


def test_stems_into_a_file_are_refused_before_any_work(run: Run) -> None:
    """A file where the folder of the stems should be is told before the piece is made."""
    Path("stems").write_text("mine", encoding="utf-8")
    _error(run("render", LULLABY, "-m", "2", "-o", "a.wav", "--stems", "stems"), 4, "not a folder")
    assert not Path("a.wav").exists()


def test_a_picture_is_drawn_without_a_home(tmp_path: Path) -> None:
    """Where nothing can be kept for the next time, the picture comes all the same, and no library complains."""
    environment = {**os.environ, "HOME": str(tmp_path / "file" / "home"), "CALMANDO_HOME": str(tmp_path)}
    for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    (tmp_path / "file").touch()
    words = ("render", LULLABY, "-q", "-s", "1", "-m", "1", "-o", "a.svg")
    done = subprocess.run(
        [sys.executable, "-m", "calmando", *words],
        env=environment,
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert all(line.startswith(b"Caution: ") for line in done.stderr.splitlines())
    assert (tmp_path / "a.svg").exists()


@pytest.mark.parametrize("words", [("presets",), ("show", "breath-at-six"), ("render", "--help")])
def test_a_terminal_without_unicode_is_no_obstacle(words: tuple[str, ...], tmp_path: Path) -> None:
    """Where a character set lacks arrows and accents, question marks stand for them."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "CALMANDO_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "calmando", *words], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_a_word_too_many_is_named_with_what_it_was_probably_meant_to_be(run: Run) -> None:
    """A file to write without --output, a name with spaces without quotation marks."""
    _error(run("render", LULLABY, "zoe.wav"), 2, "too many: zoe.wav", "-o zoe.wav", "quotation marks")
    _error(run("audit", "my", "lullaby.mid"), 2, "too many: lullaby.mid", "quotation marks")
    assert "-o" not in run("audit", "my", "lullaby.mid").stderr
    assert "quotation" not in run("presets", "all").stderr


def test_a_machine_without_threads_to_spare_is_told_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no further thread, the machine is too small: that is no fault of the program."""

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    result = run("render", LULLABY, "--minutes", "3", "-o", "a.wav", "--quiet")
    _error(result, 3, "too little memory, or too few threads")


def test_a_file_that_is_no_preset_is_not_called_missing(run: Run) -> None:
    """A file of another kind is told for what it is, and no preset is guessed from its name."""
    Path("foreign.m4a").write_bytes(b"sound")
    result = run("render", "foreign.m4a")
    _error(result, 2, "foreign.m4a is not a preset")
    assert "Did you mean" not in result.stderr


def test_settings_with_choices_list_them(run: Run) -> None:
    """Whoever may choose is told among what."""
    told = " ".join(run("show", LULLABY, "--settings").stdout.split())
    assert "ambience.sound = rain Which sound. One of: ocean, rain, wind, stream, womb." in told
    assert "One of: 2/4, 3/4, 4/4, 6/8." in told
    assert told.count("smooth, stairs") == 0, "choices that the description explains are not told twice"


def test_a_piece_is_shown_with_the_tempo_that_it_plays(run: Run) -> None:
    """Where a short piece comes short of its tempo, neither its page nor its arc says that it gets there."""
    assert run("render", "stress-relief", "-m", "3", "-s", "5", "-q", "-o", "s.mid").exit_code == 0
    told = [mido.tempo2bpm(m.tempo) for m in mido.MidiFile("s.mid").tracks[0] if m.type == "set_tempo"]
    page = run("show", "s.mid").stdout
    assert f"88 → {told[-1]:.3g} BPM (88 → 62 BPM where there is time for it)" in page
    rest = next(line for line in page.splitlines() if line.strip().startswith("rest "))
    assert rest.split()[2] == f"{told[-1]:.0f}"
    assert "88 → 62 BPM in 4/4" in run("show", "stress-relief").stdout


def test_a_piece_is_shown_with_the_instruments_that_play(run: Run) -> None:
    """What its SoundFont lacked, another instrument plays; drums and clicks are called what they are."""
    words = ("--instrument", "xylophone", "-m", "2", "-s", "5", "-q", "-o", "x.ogg")
    assert run("render", LULLABY, *words).exit_code == 0
    assert "marimba (12), as the SoundFont has no xylophone (13)" in run("show", "x.ogg").stdout
    for name, struck in (("panic-grounding", "frame drum"), ("gait-training", "wood block")):
        assert re.search(rf"(drum|click) +{struck}, pulse", run("show", name).stdout)
