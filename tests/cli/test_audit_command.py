"""The audit as a person types it: findings in words, JSON, a report to keep, exit code 1 where it is strict."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from rich.console import Console
from typer.testing import CliRunner, Result

from calmando.cli.app import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def noise() -> str:
    """A sound file of somebody's: noise that is far too loud."""
    rng = np.random.default_rng(1)
    soundfile.write("noise.wav", rng.uniform(-0.9, 0.9, (44_100 * 12, 2)), 44_100)
    return "noise.wav"


def test_somebody_s_sound_is_judged_in_words(run: Run, noise: str) -> None:
    """Loud noise fails, and the words say why; only --strict makes that an exit code."""
    told = run("audit", noise, "--intent", "sleep")
    assert told.exit_code == 0
    assert re.search(r"(?m)^fail ", told.stdout)
    assert run("audit", noise, "--intent", "sleep", "--strict").exit_code == 1


def test_a_sound_can_be_held_against_a_preset(run: Run, noise: str) -> None:
    """The name of a preset stands for its intent with the preset's own figures."""
    told = run("audit", noise, "--intent", "deep-sleep", "--json")
    data = json.loads(told.stdout)
    assert data["intent"] == "sleep"
    loudness = next(finding for finding in data["findings"] if finding["key"] == "loudness")
    assert loudness["source"].startswith("the preset's own figure")


def test_an_intent_nearly_right_is_guessed(run: Run, noise: str) -> None:
    """A slip of the pen is answered with the nearest intent."""
    told = run("audit", noise, "--intent", "slep")
    assert told.exit_code == 2
    assert "Did you mean sleep?" in told.output


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("pyfluidsynth", ["it prints", "it breaks off"])
def test_nothing_but_the_result_is_printed(noise: str, pyfluidsynth: str) -> None:
    """A package loaded on the way may print (pyfluidsynth does where CI is set) or fail: the result is whole."""
    changed = {"CI": "true"}
    if pyfluidsynth == "it breaks off":
        Path("broken").mkdir()
        Path("broken", "fluidsynth.py").write_text("raise OSError('wrong ELF class')")
        changed["PYTHONPATH"] = "broken"
    audit = [sys.executable, "-P", "-m", "calmando", "audit", noise, "--json"]
    told = subprocess.run(
        audit, check=True, capture_output=True, text=True, env={**os.environ, **changed}
    ).stdout
    assert json.loads(told)["findings"]


def test_programs_read_json(run: Run, noise: str) -> None:
    """The JSON names intent, findings and their verdicts."""
    data = json.loads(run("audit", noise, "--json").stdout)
    assert data["intent"] == "relaxation"
    assert {finding["verdict"] for finding in data["findings"]} <= {"pass", "warn", "fail", "not measured"}


def test_a_piece_is_audited_while_it_is_made(run: Run) -> None:
    """A preset needs no file: it is composed, rendered and measured on the way, and fails nothing."""
    told = run("audit", "bedtime-lullaby", "--strict")
    assert told.exit_code == 0, told.stdout


def test_a_piece_with_high_peaks_is_audited_as_it_would_be_written(run: Run) -> None:
    """Where a file is written more softly to keep its peaks under the ceiling, the audit hears that file."""
    assert run("copy", "turn-taking-drum", "short.toml").exit_code == 0
    preset = Path("short.toml")
    shorter = re.sub(r"(?m)^minutes = .*$", "minutes = 3", preset.read_text(encoding="utf-8"))
    preset.write_text(shorter, encoding="utf-8")
    told = json.loads(run("audit", "short.toml", "--json").stdout)
    peak = next(finding for finding in told["findings"] if finding["key"] == "true-peak")
    assert peak["verdict"] == "pass"


def test_a_user_s_own_bounds_are_used(run: Run, noise: str) -> None:
    """A table of the user's own changes what it names; one that cannot be used is told."""
    Path("mine.toml").write_text("[calm]\nloudness = { high = 9 }\n", encoding="utf-8")
    told = json.loads(run("audit", noise, "--bounds", "mine.toml", "--json").stdout)
    loud = next(finding for finding in told["findings"] if finding["key"] == "loudness")
    assert (loud["verdict"], loud["source"]) == ("pass", "set by the user in mine.toml")
    assert run("audit", noise, "--bounds", "none.toml").exit_code == 2


def test_a_report_is_written_beside_the_music_and_guarded(run: Run) -> None:
    """The report is one HTML file; a foreign file of that name is left alone, our own is replaced."""
    words = ("render", "bedtime-lullaby", "-s", "2", "-m", "3", "-o", "a.mid", "--report", "a.html")
    assert run(*words).exit_code == 0
    assert "<html" in Path("a.html").read_text(encoding="utf-8")
    assert run(*words).exit_code == 0
    Path("b.html").write_text("my notes", encoding="utf-8")
    refused = run("audit", "a.mid", "--report", "b.html")
    assert refused.exit_code == 4
    assert Path("b.html").read_text(encoding="utf-8") == "my notes"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("audit", "none.wav"), 2, "none.wav"),
        (("audit", "noise.wav", "--intent", "joy"), 2, "no intent called joy"),
        (("audit", "noise.wav", "--level", "60"), 2, "belong together"),
        (("audit", "noise.wav", "--level", "300", "--hours", "2"), 2, "not possible"),
        (("audit", "noise.wav", "--report", "missing/r.html"), 4, "folder"),
        (("audit", "a.mid", "--tune", "trumpet"), 2, "trumpet"),
        (("audit", "bedtime-lullaby", "--tune", "x"), 2, "part of a MIDI file"),
        (("audit", "noise.wav", "--child"), 2, "--child needs --level and --hours"),
    ],
)
def test_bad_input_is_told(words: tuple[str, ...], code: int, said: str, run: Run, noise: str) -> None:
    """Each mistake has its words and its exit code, no traceback."""
    midi = mido.MidiFile()
    midi.tracks.append(
        mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)])
    )
    midi.save("a.mid")
    told = run(*words)
    assert told.exit_code == code, told.output
    assert said in told.stderr
    assert "fault of the program" not in told.stderr


def test_a_font_for_a_file_that_is_measured_as_it_is_is_told(run: Run, noise: str) -> None:
    """The findings are given all the same."""
    told = run("audit", noise, "--soundfont", "nope")
    assert told.exit_code in (0, 1)
    assert "measured as it is" in " ".join(told.stderr.split())
    assert "held against" in told.output


@pytest.mark.parametrize(
    ("words", "report"),
    [
        (("render", "bedtime-lullaby", "-m", "1", "-o", "für Anna.mid", "--report"), "für Anna.html"),
        (("render", "--report", "bedtime-lullaby", "-m", "1", "-o", "b.mid"), "b.html"),
        (("render", "bedtime-lullaby", "--report", "-m", "1", "-o", "c.v2.mid"), "c.v2.html"),
        (("audit", "bedtime-lullaby", "-r"), "bedtime-lullaby.html"),
        (("render", "--report", "own.toml", "-m", "1", "-o", "d.mid"), "d.html"),
    ],
)
def test_a_report_without_a_name_lies_beside_the_music(run: Run, words: tuple[str, ...], report: str) -> None:
    """``--report`` alone, wherever it stands, names the report like the music."""
    run("copy", "bedtime-lullaby", "own.toml")
    made = run(*words)
    assert made.exit_code == 0, made.stderr
    assert "Bedtime Lullaby" in Path(report).read_text(encoding="utf-8")


def test_a_report_without_a_folder_is_refused_before_the_audit(run: Run, noise: str) -> None:
    """Nobody waits for findings only to read that the report could not be written."""
    refused = run("audit", "noise.wav", "--report", "missing/r.html")
    assert refused.exit_code == 4
    assert "held against" not in refused.output


@pytest.mark.parametrize("columns", [30, 40, 71, 80])
def test_findings_lose_nothing_in_a_narrow_window(
    columns: int, run: Run, noise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However narrow the window, every sentence can be read whole, with its verdict and its source."""
    findings = json.loads(run("audit", noise, "--intent", "sleep", "--json").stdout)["findings"]
    monkeypatch.setattr("calmando.cli.auditing.results", Console(width=columns))
    told = run("audit", noise, "--intent", "sleep").stdout
    words = told.split()
    assert "…" not in told
    assert max(map(len, told.splitlines())) <= columns
    for finding in findings:
        assert set(finding["sentence"].split()) <= set(words), finding["sentence"]
    assert sum(word == "fail" for word in words) >= sum(f["verdict"] == "fail" for f in findings) > 0
    if columns < 72:
        for finding in findings:
            assert f"{finding['verdict']} {finding['sentence']} [{finding['status']}" in " ".join(words)


def test_no_sentence_is_said_twice(run: Run) -> None:
    """A short tune is told what cannot be known of it, each time in words that say which measure is meant."""
    assert run("render", "bedtime-lullaby", "-q", "-s", "1", "-m", "1", "-o", "a.mid").exit_code == 0
    told = [finding["sentence"] for finding in json.loads(run("audit", "a.mid", "--json").stdout)["findings"]]
    assert sum("fewer than a hundred intervals" in sentence for sentence in told) == 2
    assert len(set(told)) == len(told)
