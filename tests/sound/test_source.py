"""Where the parts' dry sound comes from: one failure never leaves another thread waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from calmando import api
from calmando.performance import perform
from calmando.resources import soundfonts_folder
from calmando.score.model import Note
from calmando.sound.engine import Engine
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.mixing import source
from calmando.sound.mixing.source import BothSources, DirectSource, PartSound

FAILS_IN = 1


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> DirectSource:
    """FluidSynth, which runs out of memory in a region."""

    def play(*_: object) -> Iterator[list[Stereo]]:
        for _region in range(FAILS_IN):
            yield [np.zeros((2, 64), np.float32)]
        raise MemoryError

    monkeypatch.setattr(source, "play_directly", play)
    return DirectSource((), (), 44_100, 64, 0)


def beside(regions: Iterator[PartSound]) -> threading.Thread:
    """Ask for a region in a thread of its own."""
    thread = threading.Thread(target=lambda: list(regions), daemon=True)
    thread.start()
    return thread


def test_who_waits_for_a_region_that_fails_before_is_let_go(direct: DirectSource) -> None:
    """What went wrong is told to whoever asked for it; the others come to an end."""
    assert len(list(direct.region(0))) == 1
    later = beside(direct.region(FAILS_IN + 1))
    with pytest.raises(MemoryError):
        list(direct.region(FAILS_IN))
    later.join(5.0)
    assert not later.is_alive()
    direct.close()


def test_where_the_bank_fails_nobody_waits_for_fluidsynth(direct: DirectSource) -> None:
    """The region that failed is never asked of FluidSynth: those after it need not wait for it."""

    class Failing:
        def region(self, index: int) -> Iterator[PartSound]:
            if index == 0:
                raise MemoryError
            return iter(())

        def close(self) -> None:
            """Nothing."""

    both = BothSources(Failing(), direct, (0,))
    later = beside(both.region(1))
    with pytest.raises(MemoryError):
        list(both.region(0))
    later.join(5.0)
    assert not later.is_alive()
    both.close()


def test_a_note_held_for_long_is_played_and_not_kept() -> None:
    """Ten minutes of an organ's key are no note for the bank: memory would grow with its length."""
    score = api.compose(api.recipe("nicu-lullaby", seed=1, minutes=3))
    part = score.parts[0]
    ticks = score.end_ticks
    held = replace(score, parts=(replace(part, notes=(Note(0, ticks, 60, 50),)), *score.parts[1:]))
    with Engine(perform(held, 44_100), (soundfonts_folder() / "calmando.sf2",)) as engine:
        assert engine._direct == [True] + [False] * (len(score.parts) - 1)
        next(engine.blocks(0.0))
        assert engine._bank.held_bytes < 60e6
