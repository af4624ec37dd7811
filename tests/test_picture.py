"""Any score can be drawn, whatever its parts and titles are called."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from xml.dom import minidom

import mido
import pytest

import calmando
from calmando.midi.read import read_midi_file
from calmando.picture import write_picture


@pytest.mark.parametrize("title", ["$\\frac{1}$", "For $5, or $6^", "你好 🌙", "_"])
def test_a_title_is_no_formula_and_needs_no_font(title: str, tmp_path: Path) -> None:
    """Dollars stand as they are; signs that the font lacks are no warning (which would be an error here)."""
    recipe = calmando.recipe("bedtime-lullaby", seed=1, minutes=1, overrides={"title": title})
    write_picture(calmando.compose(recipe), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_piece_of_many_parts_has_colours_for_all(tmp_path: Path) -> None:
    """An orchestra of another program has more parts than there are colours."""
    track = mido.MidiTrack()
    for program in range(40):
        track.append(mido.Message("program_change", program=program))
        track.append(mido.Message("note_on", note=60))
        track.append(mido.Message("note_off", note=60, time=240))
    mido.MidiFile(tracks=[track]).save(tmp_path / "a.mid")
    write_picture(read_midi_file(tmp_path / "a.mid").score, tmp_path / "a.svg")
    assert "<svg" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_threads_draw_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Matplotlib's settings, and the variables it reads, are the whole program's: pictures drawn at once are as one alone."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    score = calmando.compose(calmando.recipe("bedtime-lullaby", seed=1, minutes=1))
    paths = [tmp_path / f"{number}.svg" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: write_picture(score, path), paths))
    assert len({path.read_bytes() for path in paths}) == 1
    assert os.environ["SOURCE_DATE_EPOCH"] == "1000000000"


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\ud800"])
def test_signs_that_cannot_be_drawn_break_no_picture(sign: str, tmp_path: Path) -> None:
    """A score made by hand may be called anything; what is written is well-formed."""
    score = calmando.compose(calmando.recipe("bedtime-lullaby", seed=1, minutes=1))
    part = replace(score.parts[0], strip=replace(score.parts[0].strip, name=f"a{sign}"))
    section = replace(score.sections[0], name=f"b{sign}")
    named = replace(score, title=f"c{sign}", parts=(part, *score.parts[1:]), sections=(section,))
    write_picture(named, tmp_path / "a.svg")
    assert minidom.parse(str(tmp_path / "a.svg"))


@pytest.mark.parametrize("n_parts", [1, 6, 16, 80, 300])
@pytest.mark.parametrize("name", ["Violin section, desk", "W" * 150, "w"])
def test_the_names_of_many_parts_leave_the_notes_their_room(n_parts: int, name: str, tmp_path: Path) -> None:
    """The roll is as wide as the picture, whatever stands above it, and no name runs out of it on the left."""
    tracks = [
        mido.MidiTrack(
            (
                mido.MetaMessage("track_name", name=f"{name} {index}"),
                mido.Message("program_change", channel=index % 9, program=index % 128),
                mido.Message("note_on", channel=index % 9, note=40 + index % 40),
                mido.Message("note_off", channel=index % 9, note=40 + index % 40, time=480),
            )
        )
        for index in range(n_parts)
    ]
    tracks[0].append(mido.MetaMessage("marker", text=name))
    mido.MidiFile(type=1, tracks=tracks).save(tmp_path / "a.mid")
    write_picture(read_midi_file(tmp_path / "a.mid").score, tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    width = float(_found(r'viewBox="0 0 ([\d.]+)', drawn))
    left, right = (float(at) for at in re.findall(r"[ML] ([\d.]+)", _found(r'id="axes_1">(.*?)z', drawn))[:2])
    assert right - left > 0.85 * width
    legend = drawn[drawn.index('id="legend_1"') :]
    assert all(float(at) >= 0 for at in re.findall(r"translate\((-?[\d.]+)", legend))


@pytest.mark.parametrize("date", ["abc", "-1", "9" * 30, "1700000000"])
def test_the_date_of_a_build_is_no_concern_of_a_picture(
    date: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same piece is the same file, whatever the environment says, which is left as it was."""
    score = calmando.compose(calmando.recipe("bedtime-lullaby", seed=1, minutes=1))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    write_picture(score, tmp_path / "a.svg")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    write_picture(score, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert os.environ["SOURCE_DATE_EPOCH"] == date


def test_an_environment_that_matplotlib_refuses_is_told(tmp_path: Path) -> None:
    """A wrong variable is wrong input, not a fault of the program."""
    told = subprocess.run(
        [sys.executable, "-m", "calmando", "render", "bedtime-lullaby", "--minutes", "1", "-o", "a.png"],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "nonsense"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == calmando.InputError.exit_code
    assert "MPLBACKEND is nonsense" in told.stderr
    assert not list(tmp_path.iterdir())


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.DOTALL)
    assert match
    return match[1]
