"""The library's border: its names, its types, no work at import, several threads at once."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import calmando
from calmando.preset.recipe import make_recipe
from calmando.preset.record import make_record, record_json

PUBLIC = {
    *("AudioFileError", "CalmandoError", "InputError", "MidiFileError", "MissingError", "OutputError"),
    *(
        "PresetError",
        "RecordError",
        "SoundFontError",
        "SynthMissingError",
        "SynthesisError",
        "UnknownPresetError",
    ),
    *("Preset", "Progress", "Recipe", "Rendered", "Score", "Tune", "TuneChord", "TuneNote", "TunePhrase"),
    *(
        "audit_file",
        "audit_score",
        "compose",
        "load_preset",
        "presets",
        "recipe",
        "render",
        "replay",
        "stream",
        "write_midi",
    ),
    *("Audit", "Key", "METRES", "MODES", "pitch", "__version__"),
}


def test_the_public_names_are_these() -> None:
    """Names are kept: adding or removing one is a decision."""
    assert set(calmando.__all__) == PUBLIC
    assert all(getattr(calmando, name) is not None for name in PUBLIC)


@pytest.mark.parametrize("name", sorted(PUBLIC - {"METRES", "MODES", "__version__"}))
def test_public_things_are_documented_and_typed(name: str) -> None:
    """Every public name has a docstring; every function has its types."""
    thing = getattr(calmando, name)
    assert inspect.getdoc(thing)
    if inspect.isfunction(thing):
        signature = inspect.signature(thing)
        assert signature.return_annotation is not inspect.Signature.empty
        assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


def test_names_stay_functions_whatever_is_imported() -> None:
    """No module of the package hides a public function of the same name."""
    program = (
        "import calmando, pkgutil, importlib\n"
        "for m in pkgutil.walk_packages(calmando.__path__, 'calmando.'):\n"
        "    if not m.name.endswith('__main__'): importlib.import_module(m.name)\n"
        "assert callable(calmando.compose) and callable(calmando.render)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_does_no_work() -> None:
    """The import loads no numpy, no synthesiser, no file; it only makes names."""
    program = "import sys, calmando; print(sorted(m for m in ('numpy', 'pydantic', 'fluidsynth', 'pygame', 'mido', 'typer') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers read its types."""
    assert (Path(calmando.__file__).parent / "py.typed").exists()


def test_several_threads_make_the_same_pieces_as_one(tmp_path: Path) -> None:
    """Composing and rendering in four threads at once changes nothing."""
    recipes = [calmando.recipe("bedtime-lullaby", seed=seed, minutes=1.2) for seed in (1, 2)]

    def render(number: int) -> bytes:
        path = tmp_path / f"{number}.wav"
        calmando.render(recipes[number % 2], path)
        return path.read_bytes()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(render, range(4)))
    assert made[0] == made[2]
    assert made[1] == made[3]
    assert made[0] != made[1]


def test_a_program_may_end_while_a_stream_is_open() -> None:
    """Who breaks off listening and ends need not close anything first: no thread is left when Python shuts down.

    From 3.13 on, Python lets none return after that, and a program that waits for one never ends.
    """
    program = (
        "import atexit, threading; atexit.register(lambda: print(len(threading.enumerate())))\n"
        "import calmando; stream = calmando.stream(calmando.recipe('deep-sleep', minutes=2)); next(stream)"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True)
    assert (ended.stdout.split(), ended.stderr) == ([b"1"], b"")


def test_a_stream_is_the_rendering(tmp_path: Path) -> None:
    """At equal gain the streamed frames are those of the file; from a later bar they are the same from there."""
    import numpy as np
    import soundfile

    recipe = calmando.recipe("bedtime-lullaby", seed=1, minutes=1.2)
    rendered = calmando.render(recipe, tmp_path / "a.wav", bit_depth="float")
    written, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    streamed = np.concatenate(list(calmando.stream(recipe, gain_db=rendered.gain_db, block_frames=10_007)))
    assert streamed.shape == written.shape
    assert np.array_equal(streamed, written)
    later = np.concatenate(list(calmando.stream(recipe, gain_db=rendered.gain_db, start_bar=5)))
    assert np.array_equal(later, written[-len(later) :])


def test_blocks_and_bars_that_do_not_exist_are_refused() -> None:
    """An empty block or a bar after the end is told."""
    recipe = calmando.recipe("bedtime-lullaby", seed=1, minutes=2)
    with pytest.raises(calmando.InputError, match="at least one frame"):
        calmando.stream(recipe, block_frames=0)
    with pytest.raises(calmando.InputError, match="There is no bar 5000"):
        next(calmando.stream(recipe, start_bar=5000))


def test_a_given_tune_is_arranged_and_carries_no_recipe() -> None:
    """A hand-written tune becomes the piece's melody; the recipe alone could not make it again."""
    from calmando.score.model import Role
    from calmando.theory.metre import METRES
    from calmando.theory.scale import MODES, Key

    beat = 480
    pitches = (60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60)
    lengths = (1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2)
    onsets = [sum(lengths[:index]) for index in range(len(lengths))]
    numerals = ("I", "I", "IV", "I", "IV", "I", "V", "I")
    tune = calmando.Tune(
        key=Key(0, MODES["major"]),
        metre=METRES["2/4"],
        notes=tuple(
            calmando.TuneNote(onset * beat, length * beat, pitch)
            for onset, length, pitch in zip(onsets, lengths, pitches, strict=True)
        ),
        chords=tuple(
            calmando.TuneChord(bar * 2 * beat, 2 * beat, numeral) for bar, numeral in enumerate(numerals)
        ),
        phrases=(calmando.TunePhrase("A", 0, 4), calmando.TunePhrase("B", 4, 8)),
    )
    score = calmando.compose(calmando.recipe("bedtime-lullaby", seed=1, minutes=3), tune=tune)
    assert score.recipe is None
    melody = score.part(Role.MELODY)
    assert melody is not None
    sung = [note.pitch % 12 for note in melody.notes][: len(pitches)]
    assert sung == [pitch % 12 for pitch in pitches]


def test_the_hints_of_public_functions_can_be_resolved() -> None:
    """Whoever asks what a public function takes and gives is answered, without any name left open."""
    for name in sorted(PUBLIC):
        thing = getattr(calmando, name)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            typing.get_type_hints(thing)


def test_a_recipe_file_gives_its_recipe(tmp_path: Path) -> None:
    """What the command line kept as a recipe a program takes up again, as it is or changed."""
    kept = make_recipe("bedtime-lullaby", seed=7, minutes=3, overrides={"melody.stability": 0.9})
    path = tmp_path / "anna.json"
    path.write_text(record_json(make_record(kept)), encoding="utf-8")
    assert calmando.recipe(path) == calmando.recipe(str(path)) == kept
    other = calmando.recipe(path, seed=8, overrides={"minutes": 4})
    assert (other.seed, other.minutes, other.overrides["melody.stability"]) == (8, 4, 0.9)
    with pytest.raises(calmando.RecordError, match="no recipe file"):
        calmando.recipe("nowhere.json")
