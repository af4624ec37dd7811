"""Any score can be drawn, whatever its parts and titles are called."""

from __future__ import annotations

from pathlib import Path

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
