"""Other people's software reads the pieces as they were meant: tempo, metre, key."""

from __future__ import annotations

import warnings
from itertools import pairwise
from pathlib import Path

import pretty_midi
import pytest

import calmando
from calmando.score.model import Role

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # music21 warns of optional software when it is imported
    import music21

TONAL = ("bedtime-lullaby", "panic-grounding", "stress-relief")
MODAL = ("palliative-harp", "chant-and-drone", "breath-at-six")


def _written(preset: str, folder: Path, **overrides: object) -> tuple[calmando.Score, Path]:
    recipe = calmando.recipe(preset, seed=6, minutes=3, overrides=overrides or None)  # type: ignore[arg-type]
    score = calmando.compose(recipe)
    return score, calmando.write_midi(score, folder / f"{preset}.mid")


@pytest.mark.parametrize("preset", [*TONAL, *MODAL, "gait-training"])
def test_pretty_midi_reads_tempo_map_and_metre(preset: str, tmp_path: Path) -> None:
    """Every tempo change lies where the score has it and says what the score says; so does the metre."""
    score, path = _written(preset, tmp_path)
    read = pretty_midi.PrettyMIDI(str(path))
    times, tempi = read.get_tempo_changes()
    changes = score.tempo_map.changes
    assert list(times) == pytest.approx(
        [score.tempo_map.seconds_at(change.ticks) for change in changes], abs=1e-6
    )
    assert list(tempi) == pytest.approx([60e6 / change.us_per_quarter for change in changes], rel=1e-9)
    metre = score.metres[0].metre
    (signature,) = read.time_signature_changes
    assert (signature.numerator, signature.denominator) == (metre.numerator, metre.denominator)


@pytest.mark.parametrize("preset", ["bedtime-lullaby", "panic-grounding"])
def test_music21_reads_metre_tempo_and_key(preset: str, tmp_path: Path) -> None:
    """music21, by the profiles of Krumhansl and Kessler, hears the key the piece is written in."""
    score, path = _written(preset, tmp_path)
    read = music21.converter.parse(str(path))
    metre = score.metres[0].metre
    signature = next(iter(read.recurse().getElementsByClass(music21.meter.TimeSignature)))
    assert signature.ratioString == metre.name
    marks = [mark.getQuarterBPM() for mark in read.recurse().getElementsByClass(music21.tempo.MetronomeMark)]
    planned = [60e6 / change.us_per_quarter for change in score.tempo_map.changes]
    assert max(marks) == pytest.approx(max(planned), abs=0.6)
    assert min(marks) == pytest.approx(min(planned), abs=0.6)
    key = score.keys[0].key
    found = read.analyze("krumhanslkessler")
    assert (found.tonic.pitchClass, found.mode) == (key.tonic, "minor" if key.mode.minor_third else "major")


@pytest.mark.parametrize("preset", MODAL)
def test_modal_pieces_dwell_on_tonic_and_fifth(preset: str, tmp_path: Path) -> None:
    """Where a drone holds, key note and fifth take at least half of all sounding time."""
    score, path = _written(preset, tmp_path)
    read = pretty_midi.PrettyMIDI(str(path))
    tonic = score.keys[0].key.tonic
    weight = read.get_pitch_class_histogram(use_duration=True)
    assert weight[tonic] + weight[(tonic + 7) % 12] >= 0.5


@pytest.mark.parametrize("preset", [*TONAL, *MODAL])
def test_the_tune_s_track_is_called_melody(preset: str, tmp_path: Path) -> None:
    """A reader that looks for the tune finds it by name, one note at a time."""
    score, path = _written(preset, tmp_path)
    read = pretty_midi.PrettyMIDI(str(path))
    (melody,) = [instrument for instrument in read.instruments if instrument.name == "melody"]
    part = score.part(Role.MELODY)
    assert part is not None
    assert len(melody.notes) == len(part.notes)
    onsets = sorted(note.start for note in melody.notes)
    assert all(later > earlier for earlier, later in pairwise(onsets))
