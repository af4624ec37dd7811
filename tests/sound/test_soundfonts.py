"""SoundFonts are found where a person would put them, and what is no SoundFont is refused by name."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from calmando.errors import SoundFontError
from calmando.preset.load import found_presets
from calmando.resources import home_folder
from calmando.sound.fluidsynth import soundfonts
from calmando.sound.fluidsynth.hashes import font_used
from calmando.sound.fluidsynth.soundfonts import choose_fonts, font_name, found_fonts


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def font_bytes(name: bytes = b"Small", *, with_samples: bool = True) -> bytes:
    """The shortest file that passes for a whole SoundFont: a name, no samples to speak of, and one preset."""
    presets = b"".join(struct.pack("<20sHHHIII", title, 0, 0, 0, 0, 0, 0) for title in (b"Piano", b"EOP"))
    info = chunk(b"LIST", b"INFO" + chunk(b"INAM", name + b"\0"))
    samples = chunk(b"LIST", b"sdta") if with_samples else b""
    return chunk(b"RIFF", b"sfbk" + info + samples + chunk(b"LIST", b"pdta" + chunk(b"phdr", presets)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no fonts but those of pretty_midi, and a user's folder."""
    for variable in soundfonts.ENVIRONMENT:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("CALMANDO_HOME", str(tmp_path))
    monkeypatch.setattr(soundfonts, "_system_places", lambda: iter([tmp_path / "system"]))
    monkeypatch.setattr(soundfonts, "soundfonts_folder", lambda: tmp_path / "package")
    (tmp_path / "soundfonts").mkdir()
    return tmp_path


def put(path: Path, name: bytes = b"Small") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(font_bytes(name))
    return path


def test_the_built_in_font_is_the_default(home: Path) -> None:
    """Where nothing is asked for, the built-in font plays, whatever else is there."""
    put(home / "soundfonts" / "a.sf2")
    built_in = put(home / "package" / "calmando.sf2")
    assert choose_fonts() == (built_in,)


def test_foreign_music_has_the_small_general_midi_font_behind_the_built_in_one(home: Path) -> None:
    """Whoever may ask for any program gets both; what was asked for stays alone."""
    ours = put(home / "package" / "calmando.sf2")
    built_in, small = choose_fonts(any_program=True)
    assert built_in == ours
    assert small.name == "TimGM6mb.sf2"
    assert choose_fonts([small], any_program=True) == (small,)


def test_without_the_built_in_font_the_users_own_plays(home: Path) -> None:
    """The user's folder comes next, before the font of pretty_midi and the system's."""
    put(home / "system" / "a.sf2")
    assert [font.name for font in choose_fonts()] == ["TimGM6mb.sf2"]
    own = put(home / "soundfonts" / "z.sf3")
    assert choose_fonts() == (own,)


def test_the_small_font_is_found_without_importing_pretty_midi() -> None:
    """Importing pretty_midi takes a second; finding its font must not."""
    code = (
        "import sys; from calmando.sound.fluidsynth.soundfonts import choose_fonts; choose_fonts(); "
        "assert not {'pretty_midi', 'numpy', 'fluidsynth'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_first_variable_that_is_set_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CALMANDO_SOUNDFONT goes before SOUNDFONT_PATH, and both before the built-in font."""
    put(home / "package" / "calmando.sf2")
    first, second = put(home / "a.sf2"), put(home / "b.sf2")
    monkeypatch.setenv("SOUNDFONT_PATH", str(second))
    assert choose_fonts() == (second,)
    monkeypatch.setenv("CALMANDO_SOUNDFONT", str(first))
    assert choose_fonts() == (first,)


def test_fonts_stack(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several fonts, asked for or named in the variable, are kept in their order."""
    first, second = put(home / "a.sf2"), put(home / "b.sf2")
    monkeypatch.setenv("CALMANDO_SOUNDFONT", os.pathsep.join([str(second), str(first)]))
    assert choose_fonts() == (second, first)
    assert choose_fonts([first, str(second)]) == (first, second)


def test_a_bare_name_is_looked_for_in_the_known_places(home: Path) -> None:
    """A font is found by its name alone, with or without extension."""
    font = put(home / "system" / "FluidR3_GM.sf2")
    assert choose_fonts(["FluidR3_GM"]) == (font,)
    assert choose_fonts(["FluidR3_GM.sf2"]) == (font,)


def test_a_variable_may_name_a_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a folder the first font is taken."""
    put(home / "many" / "b.sf2")
    first = put(home / "many" / "a.sf2")
    monkeypatch.setenv("SOUNDFONT_PATH", str(home / "many"))
    assert choose_fonts() == (first,)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"Dear diary, this is a text file renamed.\n" * 20, "plain text"),
        (b"RIFF\0\0\0\0WAVEfmt 12345678", "no SoundFont"),
        (b"\0\1", "no SoundFont"),
        (font_bytes()[:-4], "cut short"),
        (font_bytes(with_samples=False), "no samples"),
        (chunk(b"RIFF", b"sfbk" + chunk(b"LIST", b"INFO")), "no list of presets"),
    ],
)
def test_what_is_no_soundfont_is_refused(home: Path, content: bytes, why: str) -> None:
    """A file that is empty, of another kind or cut off is an error that says so and names it."""
    font = home / "x.sf2"
    font.write_bytes(content)
    with pytest.raises(SoundFontError, match=why) as caught:
        choose_fonts([font])
    assert str(font) in caught.value.what
    assert "calmando soundfonts" in caught.value.fix


def test_a_missing_font_and_an_empty_folder_are_named(home: Path) -> None:
    """A font that is not there is an error, not another font."""
    put(home / "package" / "calmando.sf2")
    with pytest.raises(SoundFontError, match="There is no SoundFont"):
        choose_fonts([home / "nope.sf2"])
    with pytest.raises(SoundFontError, match="There is no SoundFont"):
        choose_fonts(["nope"])


def test_a_wrong_variable_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who did not type a font's name is told where it comes from."""
    monkeypatch.setenv("SOUNDFONT_PATH", str(home / "nope.sf2"))
    with pytest.raises(SoundFontError, match="variable SOUNDFONT_PATH"):
        choose_fonts()


def test_no_font_at_all_is_an_error_with_a_way_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any font the message says where to put one."""
    monkeypatch.setattr(soundfonts, "_pretty_midi_font", lambda: iter(()))
    with pytest.raises(SoundFontError, match="No SoundFont was found") as caught:
        choose_fonts()
    assert str(home / "soundfonts") in caught.value.fix


def test_a_broken_font_in_the_users_folder_is_passed_over(home: Path) -> None:
    """The default is a font that works; a broken one in the way does not count and is not listed."""
    (home / "soundfonts" / "a.sf2").write_bytes(b"broken")
    good = put(home / "soundfonts" / "b.sf2", b"Good Font")
    assert choose_fonts() == (good,)
    assert [font.name for font in found_fonts().fonts] == ["Good Font", "TimGM6mb"]


def test_the_report_tells_fonts_and_places(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each font once, with its name, size and place; every place looked at, there or not."""
    built_in = put(home / "package" / "calmando.sf2", b"Calmando")
    monkeypatch.setenv("SOUNDFONT_PATH", str(built_in))
    report = found_fonts()
    first = report.fonts[0]
    assert (first.path, first.name, first.n_presets) == (built_in, "Calmando", 1)
    assert first.n_bytes == built_in.stat().st_size
    assert first.place == "the variable SOUNDFONT_PATH"
    assert len({font.path.resolve() for font in report.fonts}) == len(report.fonts)
    assert home / "system" in [place.path for place in report.places]


def test_a_font_without_a_name_has_its_files(tmp_path: Path) -> None:
    """A font that tells no readable name is called after its file."""
    font = tmp_path / "nameless.sf2"
    font.write_bytes(b"RIFF\x08\0\0\0sfbkLIST")
    assert font_name(font) == "nameless"
    assert font_name(put(tmp_path / "b.sf2", b"\x01\x02")) == "b"


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    """The hash is that of the bytes, also after the file was changed."""
    font = put(tmp_path / "a.sf2", b"One")
    first = font_used(font).sha256
    assert first == font_used(font).sha256
    put(font, b"Another")
    assert font_used(font).sha256 != first
    assert len(first) == 64
    with pytest.raises(SoundFontError, match="cannot be read"):
        font_used(tmp_path / "nope.sf2")


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_every_system_has_its_usual_places(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows, macOS (Homebrew anywhere) and Linux have folders of their own, each named once."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOMEBREW_PREFIX", "/opt/homebrew")
    places = list(soundfonts._system_places())
    assert places
    assert len(places) == len(set(places))
    if platform == "darwin":
        assert Path("/opt/homebrew/share/soundfonts") in places


@pytest.mark.parametrize(
    ("name", "what"),
    [("", "is empty"), ("  ", "is empty"), ("a" * 300, "cannot be read"), ("a\0b", "There is no SoundFont")],
)
def test_a_name_no_font_can_have_is_refused_in_plain_words(home: Path, name: str, what: str) -> None:
    """An empty name, an endless one and one with a zero in it say what is wrong, and none means the current folder."""
    with pytest.raises(SoundFontError, match=what):
        choose_fonts([name])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no list of users by number")
@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_user_without_a_home_has_all_that_comes_along(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services and containers may run under a number that no list of users knows, with no HOME set."""
    monkeypatch.setattr(sys, "platform", platform)
    for variable in ("HOME", "CALMANDO_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)

    def unknown(user: int) -> None:
        raise KeyError(user)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~").mkdir()
    assert not home_folder().exists()
    assert any(font.path.name == soundfonts.BUILT_IN_NAME for font in found_fonts().fonts)
    assert any(found.name == "bedtime-lullaby" for found in found_presets())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_no_soundfont(home: Path) -> None:
    """A pipe is refused at once, asked for or lying among the fonts; waiting at it would never end."""
    pipe = home / "soundfonts" / "pipe.sf2"
    os.mkfifo(pipe)
    with pytest.raises(SoundFontError, match="not an ordinary file"):
        choose_fonts([pipe])
    assert pipe not in [font.path for font in found_fonts().fonts]
