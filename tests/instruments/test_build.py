"""The font in the repository is the one the catalogue describes, and building is deterministic."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from font_player import FontPlayer
from sf2_parser import ParsedFont, parse

from calmando.instruments import marimba
from calmando.instruments.__main__ import main
from calmando.instruments.build import INFO, built_preset
from calmando.instruments.catalogue import VOICES
from calmando.instruments.describe import picture_name, table
from calmando.instruments.model import Family
from calmando.instruments.sf2_read import read_presets
from calmando.instruments.sf2_write import font_bytes
from calmando.resources import presets_folder, soundfonts_folder
from calmando.theory import percussion

FOLDER = soundfonts_folder()
FONT = FOLDER / "calmando.sf2"
MOST_BYTES = 24 * 2**20
MOST_PICTURE_BYTES = 300_000


@cache
def font() -> ParsedFont:
    return parse(FONT.read_bytes())


def test_the_font_holds_what_the_catalogue_lists() -> None:
    """Names, banks and programs, no more and no fewer."""
    listed = sorted((voice.bank, voice.program, voice.name) for voice in VOICES)
    assert [(p.bank, p.program, p.name) for p in font().presets] == listed
    assert [(p.bank, p.program, p.name) for p in read_presets(FONT)] == listed


def test_the_font_holds_what_the_presets_ask_for() -> None:
    """No part of a preset needs a stand-in: bank and program of each are in the font."""
    held = {(preset.bank, preset.program) for preset in font().presets}
    asked = [
        (path.stem, part["name"], (part.get("bank", 0), part["program"]))
        for path in sorted(presets_folder().glob("*.toml"))
        for part in tomllib.loads(path.read_text(encoding="utf-8")).get("parts", ())
        if "program" in part and part.get("role") != "percussion"
    ]
    assert len(asked) > 40
    assert [wish for wish in asked if wish[2] not in held] == []


def test_every_voice_says_how_it_is_made() -> None:
    """A method and a reference for each, and a playing range."""
    for voice in VOICES:
        assert len(voice.method) > 10, voice.name
        assert len(voice.reference) > 5, voice.name
        assert 0 <= voice.keys[0] < voice.keys[1] <= 127, voice.name


def test_the_font_is_small_and_plainly_free() -> None:
    """24 MiB at most; the public-domain dedication travels inside."""
    assert FONT.stat().st_size <= MOST_BYTES
    assert b"CC0" in font().info["ICOP"]
    assert "CC0 1.0" in (FOLDER / "LICENSE").read_text(encoding="utf-8")


def test_samples_keep_their_distance() -> None:
    """46 zeros after each, loops of 32 frames or more with 8 frames beside them, names of their own."""
    parsed = font()
    starts = [sample.start for sample in parsed.samples] + [len(parsed.smpl)]
    for sample, following in zip(parsed.samples, starts[1:], strict=True):
        assert following - sample.end >= 46
        assert not parsed.smpl[sample.end : following].any()
    looped = {
        zone.value("sample") for preset in parsed.presets for zone in preset.zones if zone.value("modes")
    }
    for sample in (parsed.samples[number] for number in looped):
        assert sample.loop_end - sample.loop_start >= 32, sample.name
        assert sample.loop_start - sample.start >= 8, sample.name
        assert sample.end - sample.loop_end >= 8, sample.name
    assert len({sample.name for sample in parsed.samples}) == len(parsed.samples)


def test_no_key_is_silent() -> None:
    """Every melodic voice covers all keys at all velocities; the kit has every drum key in use."""
    families = {(voice.bank, voice.program): voice.family for voice in VOICES}
    for preset in font().presets:
        spans = [(*zone.span("keys"), *zone.span("velocities")) for zone in preset.zones]
        if families[preset.bank, preset.program] is Family.DRUM:
            continue
        for key in range(128):
            for velocity in (1, 30, 70, 100, 127):
                assert any(a <= key <= b and c <= velocity <= d for a, b, c, d in spans), (preset.name, key)
    kit = next(preset for preset in font().presets if preset.bank == percussion.DRUM_BANK)
    keys = {zone.span("keys")[0] for zone in kit.zones}
    wanted = {
        value for name, value in vars(percussion).items() if name.isupper() and not name.startswith("DRUM")
    }
    assert wanted <= keys


def test_fluidsynth_loads_it_without_a_message() -> None:
    """Not an error, not a warning."""
    with FontPlayer(FONT) as player:
        assert player.messages == []


def test_an_instrument_builds_the_same_again() -> None:
    """Byte for byte here, and as it lies in the repository within one step of 16 bits."""
    voice = marimba.VOICES[0]
    preset = built_preset(voice)
    data = font_bytes(INFO, [preset])
    assert font_bytes(INFO, [built_preset(voice)]) == data
    stored = {sample.name: sample for sample in font().samples}
    for sample in parse(data).samples:
        kept = stored[sample.name]
        assert (sample.rate_hz, sample.root_key, len(sample.frames)) == (
            kept.rate_hz,
            kept.root_key,
            len(kept.frames),
        )
        assert np.max(np.abs(sample.frames.astype(int) - kept.frames.astype(int))) <= 1, sample.name


def test_the_readme_shows_every_instrument() -> None:
    """The table is the catalogue's own, each picture exists, and together they are small."""
    assert table(VOICES) in (FOLDER / "README.md").read_text(encoding="utf-8")
    pictures = [FOLDER / "pictures" / picture_name(voice) for voice in VOICES]
    assert all(picture.is_file() for picture in pictures)
    assert sum(picture.stat().st_size for picture in pictures) <= MOST_PICTURE_BYTES


def test_the_maker_builds_one_voice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command writes a font, shows its progress on standard error and nothing on standard output."""
    target = tmp_path / "one.sf2"
    assert main(["--only", "heart and drums", "-o", str(target)]) == 0
    assert [preset.name for preset in read_presets(target)] == ["Heart and Drums"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Heart and Drums" in shown.err


def test_the_maker_explains_its_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown name and a place that cannot be written end in one line and leave nothing behind."""
    assert main(["--only", "Bagpipe"]) == 2
    assert "No voice is called bagpipe. There are: Felt Piano" in capsys.readouterr().err
    assert main(["--only", "Heart and Drums", "-o", str(tmp_path / "nowhere" / "x.sf2")]) == 4
    assert "cannot be written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_maker_runs_as_a_module() -> None:
    """``python -m calmando.instruments --table`` prints the table."""
    command = [sys.executable, "-m", "calmando.instruments", "--table"]
    printed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    assert printed == table(VOICES)
