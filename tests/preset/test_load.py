"""Presets by name and from files, and files that are none."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from calmando.errors import PresetError, UnknownPresetError
from calmando.preset.line_told import line_told
from calmando.preset.load import found_presets, load_preset
from calmando.resources import presets_folder

LULLABY = "bedtime-lullaby"


def _text() -> str:
    return (presets_folder() / f"{LULLABY}.toml").read_text(encoding="utf-8")


def _broken(tmp_path: Path, old: str, new: str) -> Path:
    assert old in _text()
    path = tmp_path / "mine.toml"
    path.write_text(_text().replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("preset", found_presets(), ids=lambda preset: preset.name)
def test_every_preset_is_valid_and_carries_its_file_s_name(preset: object) -> None:
    """What stands in the presets' folder loads, and is called as its file is."""
    name = preset.name  # type: ignore[attr-defined]  # parametrize hands objects
    assert load_preset(name).name == name


@pytest.mark.parametrize(
    "name", ["Bedtime-Lullaby", "bedtime lullaby", "bedtime_lullaby", " bedtime-lullaby "]
)
def test_names_are_forgiving(name: str) -> None:
    """Capitals, spaces and underscores in a name do not matter."""
    assert load_preset(name).name == LULLABY


@pytest.mark.parametrize("name", ["bedtime-lulaby", "lullaby", "bedtime"])
def test_an_unknown_name_brings_the_nearest(name: str) -> None:
    """A mistyped name is answered with the names nearest to it."""
    with pytest.raises(UnknownPresetError, match="bedtime-lullaby"):
        load_preset(name)


def test_a_piece_of_music_is_no_preset_and_is_sent_to_the_audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for a music file by the name of a preset hears which command reads it."""
    monkeypatch.chdir(tmp_path)
    Path("anna.flac").touch()
    with pytest.raises(UnknownPresetError) as caught:
        load_preset("anna.flac")
    assert "calmando audit anna.flac" in caught.value.fix


@pytest.mark.parametrize(
    ("old", "new", "plain"),
    [
        ("[tempo]", "[tempo]\nstart_bpm = 60", "stands in the file twice"),
        ("[tempo]", "[tempo]\n[tempo]", "stands in the file twice"),
        ("[tempo]", "[tempo", "the heading is not closed"),
        ("[tempo]", "[tempo]\nx = 1,5", "a point, not a comma"),
        ("[tempo]", "[tempo]\nx = „so“", "straight quotes"),
        ("[tempo]", "[tempo]\nx = 'so", "not closed with a quote"),
        ("[tempo]", "[tempo]\nx 5", "name = value"),
        ("[tempo]", '[tempo]\nx = "C:\\q"', "a single backslash"),
        ("[tempo]", "[tempo]\nx = [1, 2", "is not closed"),
    ],
)
def test_a_slip_of_the_pen_is_named_in_plain_words(tmp_path: Path, old: str, new: str, plain: str) -> None:
    """What breaks the rules of TOML is told with its line, in words for a person who does not know TOML."""
    with pytest.raises(PresetError, match=rf"line \d+, column \d+: .*{plain}"):
        load_preset(_broken(tmp_path, old, new))


@pytest.mark.parametrize(
    ("last", "plain"),
    [
        ('x = """so', "what begins with one quote or three"),
        ("x = '''so", "what begins with one quote or three"),
        ("x = [1", r"a list in \[ \] is not closed"),
        ("x = ", "the value cannot be read"),
        ("[[parts", "the heading is not closed"),
        ("tempo", "a setting needs the form"),
    ],
)
def test_what_is_open_at_the_end_of_the_file_is_told_there(tmp_path: Path, last: str, plain: str) -> None:
    """No line can be named where a quote or a bracket is missed only when the file is over."""
    path = tmp_path / "mine.toml"
    path.write_text(f"{_text()}\n{last}", encoding="utf-8")
    with pytest.raises(PresetError, match=rf"mine\.toml: end of the file: .*{plain}"):
        load_preset(path)


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    """A preset file without content is one problem, not a dozen missing settings."""
    (tmp_path / "mine.toml").write_text("\n", encoding="utf-8")
    with pytest.raises(PresetError, match=r"mine\.toml is empty") as caught:
        load_preset(tmp_path / "mine.toml")
    assert "\n" not in caught.value.what


def test_a_user_s_own_preset_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the user's preset folder is listed and loads by its name, accents and spaces included."""
    monkeypatch.setenv("CALMANDO_HOME", str(tmp_path))
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "für Zoë 2.toml").write_text(_text(), encoding="utf-8")
    assert any(found.name == "für Zoë 2" and found.own for found in found_presets())
    for name in ("für Zoë 2", "FÜR ZOË 2", "für_zoë-2", unicodedata.normalize("NFD", "für Zoë 2")):
        assert load_preset(name).name == LULLABY


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    """A byte-order mark and Windows line ends change nothing."""
    path = tmp_path / "w.toml"
    path.write_bytes(b"\xef\xbb\xbf" + _text().replace("\n", "\r\n").encode("utf-8"))
    assert load_preset(path) == load_preset(LULLABY)


def test_broken_toml_names_file_and_line(tmp_path: Path) -> None:
    """A slip of syntax is told with the file and the line it stands on."""
    path = _broken(tmp_path, "start_bpm = 64", "start_bpm = = 64")
    line = path.read_text(encoding="utf-8").split("start_bpm = =")[0].count("\n") + 1
    with pytest.raises(PresetError, match=rf"mine\.toml: line {line}, column"):
        load_preset(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "end_bpm = 56",
            "end_bpm = 20",
            r"mine\.toml: line \d+: tempo\.end_bpm is 20; the least allowed is 36 BPM",
        ),
        ("end_bpm = 56", 'end_bpm = "slow"', r"tempo\.end_bpm is 'slow'; it must be a number \(BPM\)"),
        ("end_bpm = 56", "end_bpm = nan", r"tempo\.end_bpm is nan; it must be a number that is finite"),
        ("start_bpm = 64", "", r"tempo\.start_bpm is missing"),
        ("end_bpm = 56", "end_bpm = 56\nend_tempo = 3", r"tempo\.end_tempo is not a setting"),
        ("stability =", "stabilty =", r"melody\.stabilty is not a setting\. Did you mean stability"),
        ('metre = "6/8"', 'metre = "7/8"', r"tempo\.metre is '7/8'; it must be '2/4', '3/4', '4/4' or '6/8'"),
        ("program = 73", "program = 200", r"parts\.melody\.program is 200; the most allowed is 127"),
        ("minutes = 10", "minutes = 0", r"minutes is 0; it must be more than 0 minutes"),
        ("format = 1", "format = 2", r"format is 2; it must be 1"),
        (
            "clinician_led = false",
            'clinician_led = "perhaps"',
            r"clinician_led is 'perhaps'; it must be true or false",
        ),
    ],
)
def test_a_wrong_value_is_told_with_key_value_limit_and_unit(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    """Each message names the file, the key, the value and what is allowed."""
    with pytest.raises(PresetError, match=said):
        load_preset(_broken(tmp_path, old, new))


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Two slips give two lines, so that nobody mends a file one error at a time."""
    path = _broken(tmp_path, "end_bpm = 56", "end_bpm = 20")
    path.write_text(path.read_text(encoding="utf-8").replace("stability =", "stabilty ="), encoding="utf-8")
    with pytest.raises(PresetError, match=r"(?s)end_bpm.*stabil.*problems"):
        load_preset(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("end_bpm = 56", "end_bpm = 20", "tempo.end_bpm is 20"),
        ("program = 24 # nylon guitar", "program = 200", "parts.guitar.program is 200"),
        ("program = 73 # flute", "programme = 73", "parts.melody.programme is not a setting"),
        ('modes = ["major"]', 'modes = [\n"major",\n"mayor"]', "pitch.modes.2 is 'mayor'"),
        ("end_bpm = 56", "tempo = 56", "tempo.tempo is not a setting"),
        ("phrase_bars = 4", "phrase_bars = 1", "tempo.phrase_bars is 1"),
        (
            'name = "meet"\nshare = 0.2\nway = 0.1',
            'name = "to meet"\nway = -1.5\nshare = 0.2',
            "stages.to meet.way is",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    """The line in which the setting begins, whatever its table, whether alone wrong or against another."""
    path = _broken(tmp_path, old, new)
    key = next(line for line in new.split("\n") if "name" not in line)
    line = path.read_text(encoding="utf-8").split("\n").index(key) + 1
    with pytest.raises(PresetError) as caught:
        load_preset(path)
    assert f"mine.toml: line {line}: {said}" in caught.value.what


def test_what_a_long_text_says_is_no_setting() -> None:
    """Brackets in prose head no table, and the lines of a text are counted."""
    text = 'reasons = """\n[Anna]\ncautions = 1\n"""\ncautions = 5\n'
    assert line_told(text, ("cautions",)) == 5
    assert line_told(text, ("Anna",)) is None


def test_a_missing_setting_is_told_with_the_line_of_its_table(tmp_path: Path) -> None:
    """Where a setting has no line, that of the heading it belongs under helps."""
    path = _broken(tmp_path, "start_bpm = 64", "")
    line = path.read_text(encoding="utf-8").split("\n").index("[tempo]") + 1
    with pytest.raises(PresetError, match=rf"line {line}: tempo\.start_bpm is missing"):
        load_preset(path)
    (tmp_path / "short.toml").write_text("format = 1", encoding="utf-8")
    with pytest.raises(PresetError, match=r"short\.toml: tempo is missing"):
        load_preset(tmp_path / "short.toml")


def test_every_wrong_key_note_is_told(tmp_path: Path) -> None:
    """Of several key notes each that is none has a line of its own."""
    path = _broken(tmp_path, 'tonics = ["E", "F", "G", "Ab"]', 'tonics = ["Fis", "F", "H"]')
    with pytest.raises(
        PresetError, match=r"(?s)tonics\.1: 'Fis' is not a .*tonics\.3: 'H' is not a .* 2 problems"
    ):
        load_preset(path)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A missing file, bytes that are no text, and a huge file each have their message."""
    with pytest.raises(UnknownPresetError, match="no preset file"):
        load_preset(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match="UTF-8"):
        load_preset(tmp_path / "bytes.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(PresetError, match="larger than a megabyte"):
        load_preset(tmp_path / "huge.toml")


@pytest.mark.parametrize("value", ["[" * 20_000 + "]" * 20_000, "9" * 6000], ids=["deep", "long"])
def test_a_value_too_deep_or_long_to_read_is_told(tmp_path: Path, value: str) -> None:
    """A preset file made to exhaust its reader is refused as any other broken one."""
    path = tmp_path / "mine.toml"
    path.write_text(f"x = {value}", encoding="utf-8")
    with pytest.raises(PresetError, match="nested too deeply"):
        load_preset(path)


def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path: Path) -> None:
    """A folder is told; a pipe, which nobody may ever write into, is not waited for."""
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    for name, said in (("folder.toml", "is a folder, not a file"), ("pipe.toml", "is not an ordinary file")):
        with pytest.raises(PresetError, match=said):
            load_preset(tmp_path / name)


def test_a_number_in_hexadecimal_without_end_is_told(tmp_path: Path) -> None:
    """TOML reads it, though Python would not write it out."""
    path = _broken(tmp_path, "start_bpm = 64", f"start_bpm = 0x{5_000 * 'f'}")
    with pytest.raises(PresetError, match=r"tempo\.start_bpm is a number of thousands of digits"):
        load_preset(path)
