"""What was heard of fonts is remembered, and told from what sounds otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copyfile

import numpy as np
import pretty_midi
import pytest
from numpy.typing import NDArray

from calmando import api
from calmando.errors import SynthesisError
from calmando.performance import perform
from calmando.sound import heard_before as module
from calmando.sound.bank.ear import Ear
from calmando.sound.bank.predict import NoteEnergy
from calmando.sound.engine import Engine, EngineOptions
from calmando.sound.fluidsynth.soundfonts import choose_fonts
from calmando.sound.fluidsynth.synth import Synth
from calmando.sound.heard_before import Hearing

FONT = Path(pretty_midi.__file__).parent / "TimGM6mb.sf2"
PIECE = perform(api.compose(api.recipe("turn-taking-drum", seed=1, minutes=2)), 44_100)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins as a new process does."""
    monkeypatch.setattr(module, "_known", type(module._known)())


def estimate(font: Path, options: EngineOptions | None = None) -> float:
    with Engine(PIECE, (font,), options) as engine:
        return engine.estimated_loudness()


def deaf(_ear: Ear, _kind: object) -> NoteEnergy:
    raise SynthesisError("heard", "again", "")


def test_no_note_is_listened_to_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second engine on the same font tells the same from memory."""
    first = estimate(FONT)
    monkeypatch.setattr(Ear, "energy", deaf)
    assert estimate(FONT) == first


def test_no_key_is_tried_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second engine on the same font knows which keys sound and what they send to the reverb."""

    def unasked(_synth: Synth, *_note: int) -> bool:
        raise SynthesisError("asked", "again", "")

    with Engine(PIECE, (FONT,)) as first:
        remarks = first.remarks
    for question in ("has_sound", "note_on"):
        monkeypatch.setattr(Synth, question, unasked)
    with Engine(PIECE, (FONT,)) as second:
        assert second.remarks == remarks


@pytest.mark.parametrize(("before", "seed"), [(5, 4), (6, 7)])
def test_a_piece_sounds_the_same_whatever_was_played_before(before: int, seed: int) -> None:
    """What is remembered of its notes hangs on them alone, not on what was asked along with them."""

    def sound(seed: int) -> NDArray[np.float32]:
        score = api.compose(api.recipe("bedtime-lullaby", seed=seed, minutes=1.2))
        with Engine(perform(score, 44_100), choose_fonts()) as engine:
            return np.concatenate(list(engine.blocks(0.0)))

    alone = sound(seed)
    module._known.clear()
    sound(before)
    np.testing.assert_array_equal(sound(seed), alone)


def test_what_sounds_otherwise_is_listened_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another file, a file that was changed, and another room are not taken for what was heard."""
    copy = tmp_path / "font.sf2"
    copyfile(FONT, copy)
    estimate(copy)
    monkeypatch.setattr(Ear, "energy", deaf)
    estimate(copy)
    with pytest.raises(SynthesisError):
        estimate(FONT)
    with pytest.raises(SynthesisError):
        estimate(copy, EngineOptions(reverb=False))
    os.utime(copy, ns=(1, 1))
    with pytest.raises(SynthesisError):
        estimate(copy)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not asked for lately is forgotten first."""
    monkeypatch.setattr(module, "MOST_ANSWERS", 3)
    listened: list[int] = []

    def ask(note: int) -> None:
        def listen() -> NoteEnergy:
            listened.append(note)
            return NoteEnergy(np.zeros((2, 1)))

        Hearing("harp").told((note,), listen)

    for note in (1, 2, 3, 1, 4, 1, 3, 2):
        ask(note)
    assert listened == [1, 2, 3, 4, 2]
    assert len(module._known) == 3
