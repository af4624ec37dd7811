"""The presets of a SoundFont are read from its directory, and a file that is none is named as such."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from calmando.errors import SoundFontError
from calmando.instruments.model import Envelope, Sample, Zone
from calmando.instruments.sf2_read import FontPreset, read_presets
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes


def small_font() -> bytes:
    sample = Sample("one", 0.5 * np.sin(np.arange(400) / 10), 60)
    zones = (Zone(sample, 0, 127, Envelope()),)
    places = (("Kit", 128, 0), ("Bowls", 1, 14), ("Piano", 0, 0))
    return font_bytes(
        FontInfo("small"), [Preset(name, bank, program, zones) for name, bank, program in places]
    )


@pytest.fixture
def font(tmp_path: Path) -> Path:
    path = tmp_path / "small.sf2"
    path.write_bytes(small_font())
    return path


def test_presets_come_back_by_bank_and_program(font: Path) -> None:
    """What was written is what is listed, sorted."""
    expected = (FontPreset(0, 0, "Piano"), FontPreset(1, 14, "Bowls"), FontPreset(128, 0, "Kit"))
    assert read_presets(font) == expected
    assert read_presets(str(font)) == expected


@pytest.mark.parametrize("padding", [b"\0", b""])
def test_chunks_it_does_not_know_are_passed_over(font: Path, padding: bytes) -> None:
    """A foreign chunk of odd length before the directory does not confuse the reader, nor a padding byte forgotten."""
    data = font.read_bytes()
    body = data[8:12] + b"junk" + struct.pack("<I", 3) + b"abc" + padding + data[12:]
    font.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert len(read_presets(font)) == 3


def broken_fonts() -> dict[str, tuple[bytes, str]]:
    data = small_font()
    wave = b"RIFF" + data[4:8] + b"WAVE" + data[12:]
    return {
        "empty": (b"", "is empty (0 bytes)"),
        "text": (b"Dear reader, this is a letter.", "holds plain text"),
        "short text": (b"hello", "holds plain text"),
        "bytes": (bytes(range(128, 256)), "does not begin as a SoundFont does"),
        "wave": (wave, "RIFF file of the kind 'WAVE'"),
        "cut": (data[: len(data) // 2], "is cut short"),
        "without directory": (data.replace(b"pdta", b"xxxx"), "is damaged"),
        "without presets": (data.replace(b"phdr", b"xxxx"), "is damaged"),
    }


@pytest.mark.parametrize("kind", broken_fonts())
def test_a_broken_font_is_explained(tmp_path: Path, kind: str) -> None:
    """Whatever is wrong with the file, the error names the file, the reason and the next step."""
    content, text = broken_fonts()[kind]
    path = tmp_path / "broken.sf2"
    path.write_bytes(content)
    with pytest.raises(SoundFontError) as caught:
        read_presets(path)
    assert str(path) in caught.value.what
    assert text in f"{caught.value.what} {caught.value.why}"
    assert caught.value.fix


def test_a_font_of_no_presets_is_refused(tmp_path: Path) -> None:
    """A directory that ends at once is an error, not an empty list."""
    path = tmp_path / "none.sf2"
    path.write_bytes(font_bytes(FontInfo("none"), []))
    with pytest.raises(SoundFontError, match="holds no presets"):
        read_presets(path)


def test_missing_files_and_folders_are_explained(tmp_path: Path) -> None:
    """Neither a wrong name nor a folder ends in a bare Python error."""
    with pytest.raises(SoundFontError, match="There is no SoundFont"):
        read_presets(tmp_path / "nowhere.sf2")
    with pytest.raises(SoundFontError, match="is a folder"):
        read_presets(tmp_path)
