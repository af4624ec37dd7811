"""What nobody should type, name or send: each is told in plain words, and no file is harmed."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

import calmando
from calmando.cli.app import app
from calmando.cli.console import result_json
from calmando.errors import InputError, OutputError
from calmando.preset.record import record_json
from calmando.replaying import read_record

LULLABY = "bedtime-lullaby"
LONG = "x" * 5_000
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, with an empty user folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALMANDO_HOME", str(tmp_path / "home"))

    def command(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return command


@pytest.fixture
def recipe(run: Run) -> Path:
    """A recipe file."""
    assert run("render", LULLABY, "-s", "1", "-m", "2", "-q", "-o", "a.json").exit_code == 0
    return Path("a.json")


def _told(result: Result, code: int, words: str) -> None:
    said = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == code, result.output
    assert re.search(words, said), said
    assert len(result.stderr) < 1_500
    assert result.stdout == ""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.stderr)


def test_what_is_too_soft_to_measure_is_null_for_programs(run: Run) -> None:
    """No loudness is told as null, which every reader of JSON takes, and as words, not as a number without an end."""
    notes = [mido.Message(kind, note=60, velocity=1, time=480) for kind in ("note_on", "note_off") * 4]
    mido.MidiFile(tracks=[mido.MidiTrack(notes)]).save("soft.mid")
    made = run("render", "soft.mid", "-o", "a.wav", "--json")
    assert made.exit_code == 0
    assert "a.wav: 0:07, too soft to be measured" in made.stderr
    assert "too soft to be heard" in made.stderr

    def refuse(word: str) -> None:
        raise AssertionError(word)

    (told,) = json.loads(made.stdout, parse_constant=refuse)
    assert told["loudness_lufs"] is None


def test_a_piece_turned_down_to_nothing_says_what_to_turn_up(run: Run) -> None:
    """Notes whose volume is zero throughout need no other SoundFont."""
    notes = [mido.Message(kind, note=60, velocity=80, time=480) for kind in ("note_on", "note_off")]
    volume = mido.Message("control_change", control=7, value=0)
    mido.MidiFile(tracks=[mido.MidiTrack([volume, *notes])]).save("down.mid")
    _told(run("render", "down.mid", "-o", "a.wav"), 3, r"silent .* Raise the volume \(controller 7\)")
    assert not Path("a.wav").exists()


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_no_result_for_programs_holds_what_json_cannot_say(
    value: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever in a result a number is not finite, it is null, and the rest is as it is."""
    result_json([{"a": value, "b": [1.5, (value, 2)]}, "text", True, None])
    assert json.loads(capsys.readouterr().out) == [{"a": None, "b": [1.5, [None, 2]]}, "text", True, None]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--minutes", "1,5"), "'1,5' is not a number. Write it with a point"),
        (("--minutes", "nan"), "nan minutes"),
        (("--seed", "9" * 5_000), "not a whole number"),
        (("--seed", "1.5"), "not a whole number"),
        (("--key", LONG), "not a note name"),
        (("--bit-depth", ""), "bit depth"),
        (("--set", f"{LONG}=1"), "no setting"),
        (("--set", 'title="A\\u001b[31mB"'), r"title: it holds the sign U\+001B"),
        (("--set", "title='\x07'"), r"title: it holds the sign U\+0007"),
        (("--set", 'cautions=["A\\u202eB"]'), r"U\+202E"),
        (("--set", 'title="A\\nB"'), "one line"),
        (("--set", "name='A B'"), "does not fit. It says: File and command-line name"),
        (("--set", "parts.melody.program=true"), "true is not a number"),
        (("--set", "stages=1"), "mend one problem"),
        (("--soundfont", "a.flac", "-o", "."), "is a folder"),
        (("--report", "a.wav"), r"end in \.html"),
        (("--stems", "parts", "-o", "a.mid"), "needs a sound file"),
        (("--seed", "2147483647", "--variants", "2"), "Choose a smaller seed"),
    ],
)
def test_a_strange_value_is_told_in_plain_words(words: tuple[str, ...], said: str, run: Run) -> None:
    """What is wrong and how to write it, never as long as what was typed, no sign that steers a terminal."""
    _told(run("render", LULLABY, *words), 2, said)
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize(
    "name", [LONG, f"{LONG}.json", f"{LONG}.mid", f"{LONG}.wav", f"{LONG}.toml", "\x1b[31m"]
)
@pytest.mark.parametrize("command", ["render", "audit", "show"])
def test_a_name_that_no_disk_takes_is_told(command: str, name: str, run: Run) -> None:
    """A name too long, or with signs that steer a terminal, is like any other that is not there."""
    _told(run(command, name), 2, "There is no|cannot be|[Tt]oo long|sound file")


@pytest.mark.parametrize("name", ["loop.mid", "loop.json", "loop.flac"])
def test_a_link_to_itself_is_told(name: str, run: Run) -> None:
    """A link that leads nowhere can be neither read nor written."""
    Path(name).symlink_to(name)
    _told(run("render", LULLABY, "-q", "-o", name), 4, "could not be written")
    _told(run("replay", name, "-q", "-o", "b.mid"), 2, "cannot be")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("piece.wav", "is a sound file.*calmando replay"),
        ("nowhere.mid", "There is no file nowhere.mid"),
        (f"{LULLABY}.toml", "without .toml is a preset"),
        ("nowhere.json", "There is no recipe file"),
    ],
)
def test_a_source_that_is_none_leads_to_one(name: str, said: str, run: Run) -> None:
    """Who names the wrong thing is told the right one."""
    _told(run("render", name, "--minutes", "2", "-o", "b.mid"), 2, said)


def test_written_notes_have_no_variants(run: Run) -> None:
    """Who asks for them is told that, and not of a seed he never gave."""
    assert run("render", LULLABY, "-q", "-m", "2", "-o", "a.mid").exit_code == 0
    _told(run("render", "a.mid", "--variants", "2", "-o", "b.mid"), 2, "no variants of written notes")


def test_a_thousand_slips_are_told_in_twenty_lines(run: Run) -> None:
    """A file that is something else altogether does not fill the screen."""
    Path("mine.toml").write_text("\n".join(f"k{n} = {n}" for n in range(1_000)), encoding="utf-8")
    told = run("show", "mine.toml")
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) < 25
    assert "more" in told.stderr


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "[" * 100_000, "1" * 5_000, '{"a": "\\u00e9"}', "é" * 600_000]
)
def test_json_that_is_no_recipe_is_told(content: str, run: Run) -> None:
    """In our words, not in those of a parser."""
    Path("mine.json").write_text(content, encoding="utf-8")
    _told(run("render", "mine.json", "-o", "b.mid"), 2, "is no recipe|larger than a megabyte")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", True),
        ("seed", 7.0),
        ("minutes", True),
        ("composer", None),
        ("composer", "2"),
        ("composer", 2.0),
    ],
)
def test_a_recipe_takes_numbers_for_numbers_only(key: str, value: object, recipe: Path, run: Run) -> None:
    """True is not 1."""
    data = json.loads(recipe.read_text())
    data["recipe"][key] = value
    recipe.write_text(json.dumps(data))
    _told(run("render", "a.json", "-o", "b.mid"), 2, f"damaged.*{key}")


@pytest.mark.parametrize("value", [True, 1.5, "1", None])
def test_a_format_that_is_no_number_is_not_format_1(value: object, recipe: Path, run: Run) -> None:
    """True is not 1 there either."""
    data = json.loads(recipe.read_text())
    for part, said in (
        (data, "a record of format"),
        (data["recipe"], "damaged.*format"),
        (data["recipe"]["preset"], "damaged.*format"),
    ):
        part["format"] = value
        recipe.write_text(json.dumps(data))
        _told(run("render", "a.json", "-o", "b.mid"), 2, said)
        part["format"] = 1


@pytest.mark.parametrize(("key", "value"), [("fonts", []), ("sample_rate", True), ("gain_db", "3")])
def test_a_damaged_way_of_rendering_is_told(key: str, value: object, recipe: Path, run: Run) -> None:
    """A record without fonts is not one for the default font."""
    data = json.loads(recipe.read_text())
    sound = {
        "fonts": [{"name": "a", "sha256": "b"}],
        "fluidsynth": "2",
        "sample_rate": 44_100,
        "gain_db": 0.0,
    }
    data["sound"] = sound | {key: value}
    recipe.write_text(json.dumps(data))
    _told(run("replay", "a.json", "-o", "b.flac"), 2, f"damaged.*{key}")


def test_a_midi_format_that_does_not_exist_is_told(run: Run) -> None:
    """Only 0, 1 and 2 do."""
    assert run("render", LULLABY, "-q", "-m", "2", "-o", "a.mid").exit_code == 0
    raw = bytearray(Path("a.mid").read_bytes())
    raw[9] = 9
    Path("a.mid").write_bytes(raw)
    _told(run("render", "a.mid", "-o", "b.flac"), 2, "format 9.*does not exist")
    _told(run("audit", "a.mid"), 2, "format 9.*does not exist")


def test_other_peoples_json_and_music_are_left_alone(run: Run) -> None:
    """Any JSON file, and any music with a comment in it, is not ours to replace."""
    Path("package.json").write_text('{"name": "x"}', encoding="utf-8")
    with soundfile.SoundFile("theirs.flac", "w", 44_100, 2) as file:
        file.comment = "ripped by somebody"
        file.write(np.zeros((441, 2)))
    for name in ("package.json", "theirs.flac"):
        before = Path(name).read_bytes()
        _told(run("render", LULLABY, "-q", "-o", name), 4, "did not write it")
        assert Path(name).read_bytes() == before
    _told(
        run("replay", "theirs.flac", "-o", "b.mid"),
        2,
        "carries no record .* another program left out its tags",
    )


def test_a_report_never_replaces_music(run: Run) -> None:
    """Not even music of our own, which may be replaced by music."""
    assert run("render", LULLABY, "-q", "-m", "2", "-o", "a.mid").exit_code == 0
    before = Path("a.mid").read_bytes()
    _told(run("audit", "a.mid", "--report", "a.mid"), 2, r"end in \.html")
    assert Path("a.mid").read_bytes() == before


def test_an_existing_file_is_looked_into_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the record of a long file twice would only cost time."""
    from calmando.cli import making

    assert run("render", LULLABY, "-q", "-m", "2", "-o", "a.mid").exit_code == 0
    looked: list[Path] = []

    def ours(path: Path) -> bool:
        looked.append(path)
        return True

    monkeypatch.setattr(making, "carries_record", ours)
    assert run("render", LULLABY, "-q", "-m", "2", "-o", "a.mid").exit_code == 0
    assert looked == [Path("a.mid")]


def test_a_changed_gain_is_not_noise(run: Run) -> None:
    """Who raises the gain in a file's record is refused; a record made with such a gain plays under its ceiling."""
    assert run("render", LULLABY, "-q", "-s", "1", "-m", "1", "-o", "a.wav").exit_code == 0
    raised = re.sub(
        rb'"gain_db":-?[\d.]+', lambda found: b'"gain_db":60'.ljust(len(found[0])), Path("a.wav").read_bytes()
    )
    assert raised != Path("a.wav").read_bytes()
    Path("b.wav").write_bytes(raised)
    _told(run("replay", "b.wav", "-q", "-o", "c.wav"), 2, r"b\.wav was altered")
    assert not Path("c.wav").exists()
    Path("b.wav").write_bytes(raised.replace(b'"gain_db":60', b'"gain_db":99'))
    _told(run("replay", "b.wav", "-q", "-o", "d.wav"), 2, "damaged.*gain_db")
    record = read_record("a.wav")
    assert record.sound is not None
    loud = record.model_copy(update={"sound": record.sound.model_copy(update={"gain_db": 60.0})})
    Path("loud.json").write_text(record_json(loud), encoding="ascii")
    assert run("replay", "loud.json", "-q", "-o", "c.wav").exit_code == 0
    samples, _ = soundfile.read("c.wav")
    assert abs(samples).max() <= 10 ** (-3 / 20)


@pytest.mark.parametrize("name", ["a.rmi", "a.kar", "a", "a.dat"])
def test_midi_is_known_whatever_its_name(name: str, run: Run) -> None:
    """The RIFF form of Windows programs and files without an ending are rendered, audited and made again."""
    assert run("render", LULLABY, "-q", "-s", "1", "-m", "1", "-o", "a.mid").exit_code == 0
    content = Path("a.mid").read_bytes()
    length = len(content).to_bytes(4, "little")
    riff = b"RIFF" + (len(content) + 12).to_bytes(4, "little") + b"RMIDdata" + length + content
    Path(name).write_bytes(riff if name.endswith(".rmi") else content)
    assert run("render", name, "-q", "-o", "b.mid").exit_code == 0
    assert json.loads(run("audit", name, "--json").stdout)["title"] == "Bedtime Lullaby"
    assert run("replay", name, "-q", "-o", "c.mid").exit_code == 0
    assert Path("c.mid").read_bytes() == content


@pytest.mark.parametrize(
    "words",
    [("--sample-rate", "22050"), ("--bit-depth", "20"), ("-o", "a.aac"), ("-o", "a.wav", "--quality", "5")],
)
def test_a_sound_that_cannot_be_written_is_refused_before_anything_is_announced(
    words: tuple[str, ...], run: Run
) -> None:
    """The first line of the message is the error, and the last says what to do."""
    result = run("render", LULLABY, *words)
    _told(result, 2, "^Error: .*What to do: ")


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".mid", ".json"])
def test_an_altered_record_is_refused_and_an_audit_says_so(suffix: str, run: Run) -> None:
    """Another seed in a file's record never makes another piece in silence."""
    assert run("render", LULLABY, "-q", "-s", "7", "-m", "1", "-o", f"a{suffix}").exit_code == 0
    content = Path(f"a{suffix}").read_bytes()
    altered = re.sub(rb'("seed": ?)7', rb"\g<1>8", content)
    assert altered != content
    Path(f"b{suffix}").write_bytes(altered)
    _told(run("replay", f"b{suffix}", "-q", "-o", "c.mid"), 2, rf"b\{suffix} was altered .* --seed N")
    if suffix != ".json":
        audit = run("audit", f"b{suffix}", "--json")
        assert any("was altered" in notice for notice in json.loads(audit.stdout)["notices"])


def test_notes_changed_in_a_midi_file_are_told_when_it_is_made_again(run: Run) -> None:
    """A replay makes the piece of the record, says that the file has other notes, and how to hear those."""
    assert run("render", LULLABY, "-q", "-s", "7", "-m", "1", "-o", "a.mid").exit_code == 0
    midi = mido.MidiFile("a.mid", charset="latin-1")
    for track in midi.tracks:
        for message in track:
            if track.name == "melody" and message.type in ("note_on", "note_off"):
                message.note += 1
    midi.save("b.mid")
    changed = run("replay", "b.mid", "-o", "c.mid")
    assert "notes in b.mid were changed" in changed.stderr
    assert "calmando render b.mid" in changed.stderr
    assert Path("c.mid").read_bytes() == Path("a.mid").read_bytes()
    assert "changed" not in run("replay", "a.mid", "-o", "c.mid").stderr
    assert any("were changed" in remark for remark in calmando.replay("b.mid", "c.mid").remarks)


def test_sound_of_another_synthesiser_is_told(run: Run) -> None:
    """Where FluidSynth is of another version than the one that made a file, tiny differences are announced."""
    assert run("render", LULLABY, "-q", "-s", "7", "-m", "1", "-o", "a.wav").exit_code == 0
    record = read_record("a.wav")
    assert record.sound is not None
    older = record.model_copy(update={"sound": record.sound.model_copy(update={"fluidsynth": "2.2.9"})})
    Path("old.json").write_text(record_json(older), encoding="ascii")
    assert "rendered by FluidSynth 2.2.9" in run("replay", "old.json", "-o", "b.mid").stderr
    assert "FluidSynth" not in run("replay", "a.wav", "-o", "b.mid").stderr


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 4), (255, 4), (4, 2**10), (4, 2**255)])
def test_a_midi_metre_that_is_none_is_passed_over(numerator: int, denominator: int, run: Run) -> None:
    """No bar of nothing, none without end: the notes are played all the same."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="\x1b[31mA\nB")])
    track.append(mido.MetaMessage("time_signature"))
    track += [
        mido.Message("note_on", note=60, velocity=60),
        mido.Message("note_off", note=60, time=480),
    ]
    midi = mido.MidiFile(type=0, tracks=[track])
    midi.save("theirs.mid")
    raw = Path("theirs.mid").read_bytes()
    sign = bytes([0xFF, 0x58, 4, numerator, denominator.bit_length() - 1])
    Path("theirs.mid").write_bytes(raw.replace(bytes([0xFF, 0x58, 4, 4, 2]), sign))
    assert run("render", "theirs.mid", "-q", "-o", "ours.wav").exit_code == 0
    assert soundfile.info("ours.wav").duration > 0.5


@pytest.mark.parametrize("content", [b"", b"MThd", b"MThd\0\0\0\6\0\1\0\1\0\0MTrk\0\0\0\4\0\xff\x2f\0"])
def test_a_midi_file_that_ends_too_early_is_told(content: bytes, run: Run) -> None:
    """In words, not with the name of an exception."""
    Path("theirs.mid").write_bytes(content)
    told = run("render", "theirs.mid", "-o", "ours.wav")
    _told(told, 2, "ends too early|not in beats")
    assert "EOFError" not in told.stderr


def test_an_error_never_steers_a_terminal() -> None:
    """The library's errors are clean as well, wherever their words come from."""
    error = InputError("a\x1b[31m\u202eb", "c" * 1_000, "d\ne")
    assert str(error).isprintable() or "\n" in str(error)
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
    assert len(str(error)) < 250
    assert error.fix == "d\ne"


@pytest.mark.skipif(os.name == "nt", reason="a folder of Linux")
def test_a_thing_that_is_no_file_is_told(run: Run) -> None:
    """A device is neither a source nor a place to write to."""
    _told(run("render", "/dev/null"), 2, "not an ordinary file")
    _told(run("replay", "/dev/null", "-o", "b.mid"), 2, "not an ordinary file")
    os.mkfifo("pipe.mid")
    Path("folder.toml").mkdir()
    for words in (
        ("render", "pipe.mid"),
        ("audit", "a.mid", "--bounds", "pipe.mid"),
        ("audit", "a.mid", "--bounds", "folder.toml"),
        ("audit", "pipe.mid"),
        ("replay", "pipe.mid", "-o", "b.mid"),
    ):
        _told(run(*words), 2, "not an ordinary file|is no file")


def test_a_long_path_stays_on_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person copies from a list of fonts is not broken where the line is full."""
    from calmando.resources import soundfonts_folder

    folder = Path.cwd() / ("long" * 30)
    folder.mkdir()
    (folder / "mine.sf2").symlink_to(soundfonts_folder() / "calmando.sf2")
    (folder / "broken.sf2").write_bytes(b"")
    monkeypatch.setenv("CALMANDO_SOUNDFONT", str(folder / "broken.sf2"))
    assert any(str(folder / "broken.sf2") in line for line in run("doctor").stdout.splitlines())
    monkeypatch.setenv("CALMANDO_SOUNDFONT", str(folder / "mine.sf2"))
    assert any(str(folder / "mine.sf2") in line for line in run("doctor").stdout.splitlines())


def test_a_length_set_like_any_setting_is_the_length(run: Run) -> None:
    """Of a preset and of a recipe; --minutes has the last word."""
    for words, minutes in (
        ((LULLABY, "--set", "minutes=2"), 2),
        (("2.json", "--set", "minutes=3"), 3),
        (("3.json", "--set", "minutes=4", "-m", "5"), 5),
    ):
        assert run("render", *words, "-s", "1", "-q", "-o", f"{minutes}.json").exit_code == 0
        assert json.loads(Path(f"{minutes}.json").read_text())["recipe"]["minutes"] == minutes


def test_a_copy_renames_the_preset_alone(run: Run) -> None:
    """However its name is quoted, no stage or part gets the name of the copy."""
    assert run("copy", LULLABY, "one.toml").exit_code == 0
    text = Path("one.toml").read_text(encoding="utf-8")
    Path("one.toml").write_text(text.replace('"one"', "'one'", 1), encoding="utf-8")
    assert run("copy", "one.toml", "two.toml").exit_code == 0
    assert Path("two.toml").read_text(encoding="utf-8") == text.replace('"one"', '"two"', 1)


@pytest.mark.parametrize(
    ("second", "code", "said"),
    [
        ("nowhere/a.flac", 4, "folder nowhere is not there"),
        ("taken.flac", 4, "It is a folder"),
        ("a.xyz", 2, "which cannot be written"),
    ],
)
def test_no_file_of_several_is_made_where_one_cannot_be(second: str, code: int, said: str, run: Run) -> None:
    """What is known to fail is told before the work, not after the half of it."""
    Path("taken.flac").mkdir()
    _told(run("render", LULLABY, "-q", "-m", "2", "-o", "a.mid", "-o", second), code, said)
    assert [path.name for path in Path.cwd().iterdir()] == ["taken.flac"]


def test_a_folder_not_to_be_written_into_is_told_before_the_work(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for an hour of music to hear that it cannot be kept."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    _told(run("render", LULLABY, "-q", "-m", "2", "-o", "a.mid"), 4, "not permitted")


def test_what_is_finished_before_another_file_fails_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person knows which of the files asked for are there."""
    from calmando import rendering

    def full(*_: object) -> None:
        raise OutputError("b.png could not be written.", "The disk is full.")

    monkeypatch.setattr(rendering, "write_picture", full)
    _told(
        run("render", LULLABY, "-m", "2", "-s", "1", "-o", "a.mid", "-o", "b.png"),
        4,
        "Finished before: a.mid Error: b.png could",
    )
    assert [path.name for path in Path.cwd().iterdir()] == ["a.mid"]


@pytest.mark.skipif(sys.platform != "linux", reason="a name that only Linux's disks hold")
def test_a_name_from_before_utf_8_is_a_name(run: Run) -> None:
    """An old disk's names are written to and read from like any other, a folder's too."""
    old = os.fsdecode(b"\xe9")
    Path(old).mkdir()
    wav, mid, report = f"{old}/{old}.wav", f"{old}/{old}.mid", f"{old}/{old}.html"
    recipe = calmando.recipe(LULLABY, minutes=1)
    for sound in (wav, f"{old}/{old}.ogg"):
        calmando.render(recipe, sound)
        calmando.replay(sound, mid)
    for music in (wav, mid):
        audited = run("audit", music, "--report", report, "--force")
        assert audited.exit_code == 0, audited.stderr
        assert "Bedtime Lullaby" in Path(report).read_text(encoding="utf-8")


def test_what_may_not_be_read_is_told_in_our_own_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file to write need not be readable, and what is to be read says what the system says."""

    def denied(path: object, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    for name in ("a.flac", "a.toml"):
        Path(name).write_text("x", encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda _, mode, **__: mode != os.R_OK)
    _told(run("render", LULLABY, "-o", "a.flac"), 4, "exists already.*--force")
    _told(run("copy", LULLABY, "a.toml"), 4, "exists already.*--force")
    monkeypatch.setattr(Path, "open", denied)
    monkeypatch.setattr(Path, "read_text", denied)
    _told(run("audit", "a.flac"), 2, "The system says: Permission denied. What to do: Check")
    _told(run("replay", "a.flac", "-o", "b.mid"), 2, "The system says: Permission denied. What to do: ")
