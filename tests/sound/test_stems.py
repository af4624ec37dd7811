"""Stems lie in files of their own, whatever the parts are called."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import soundfile

from calmando.midi.read import read_midi_file
from calmando.rendering import SoundOptions, render
from calmando.sound.files.audio_format import BitDepth
from calmando.sound.stems import stem_paths


def test_no_two_parts_share_a_file() -> None:
    """Not where signs that no disk takes are left out, nor on a disk that knows no capitals."""
    names = ["Pi/ano", "Pi:ano", "pi-ano", "A 2", "a", "A", "???", "x" * 160, "é" * 160, "\udc80"]
    paths = stem_paths(Path("parts"), "a", names)
    assert len({path.name.casefold() for path in paths}) == len(names)
    assert all(path.parent == Path("parts") for path in paths)
    assert max(len(path.name.encode()) for path in paths) < 120


def test_parts_of_like_names_sum_to_the_mix(tmp_path: Path) -> None:
    """Every part of a foreign piece is kept."""
    midi = mido.MidiFile()
    for number, name in enumerate(("Pi/ano", "Pi:ano", "pi-ano")):
        on, off = (
            mido.Message(kind, note=50 + 4 * number, channel=number, time=time)
            for kind, time in (("note_on", 0), ("note_off", 480))
        )
        midi.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name=name), on, off]))
    midi.save(tmp_path / "a.mid")
    options, folder = SoundOptions(bit_depth=BitDepth.FLOAT), tmp_path / "parts"
    render(read_midi_file(tmp_path / "a.mid").score, tmp_path / "a.wav", options, stems_folder=folder)
    stems = sorted(folder.iterdir())
    assert len(stems) == 3
    total = np.sum([soundfile.read(path)[0] for path in stems], axis=0)
    assert np.abs(total - soundfile.read(tmp_path / "a.wav")[0]).max() < 1e-6
