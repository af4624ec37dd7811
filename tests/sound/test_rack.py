"""Synths that are made before they are asked for."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from calmando import api
from calmando.errors import SoundFontError
from calmando.performance import perform
from calmando.resources import soundfonts_folder
from calmando.sound.engine import Engine
from calmando.sound.fluidsynth import rack as module
from calmando.sound.fluidsynth.programs import WantedProgram, wanted_by
from calmando.sound.fluidsynth.rack import Rack
from calmando.sound.fluidsynth.synth import Synth
from calmando.theory.programs import ProgramPlace

RATE = 44_100
FONT = soundfonts_folder() / "calmando.sf2"
HARP = WantedProgram(ProgramPlace(0, 46))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Synth]:
    """All the synths that are made."""
    synths: list[Synth] = []

    class Noted(Synth):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]
            synths.append(self)

    monkeypatch.setattr(module, "Synth", Noted)
    return synths


def is_open(synth: Synth) -> bool:
    return synth._synth is not None


def test_a_synth_that_is_ready_is_taken_once(made: list[Synth]) -> None:
    """One for each time it was asked for, at its sample rate; who asks for more has more made."""
    rack = Rack((FONT,))
    rack.prepare((RATE, RATE // 2), [HARP])
    taken = [rack.take(rate, 16) for rate in (RATE // 2, RATE, RATE)]
    assert [synth.sample_rate for synth in taken] == [RATE // 2, RATE, RATE]
    assert len(made) == 3
    for synth in taken:
        synth.close()


def test_no_two_threads_take_the_same(made: list[Synth]) -> None:
    """However many ask at once."""
    rack = Rack((FONT,))
    rack.prepare((RATE // 2, RATE) * 4, [HARP])
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda rate: rack.take(rate, 16), (RATE, RATE // 2) * 4))
    assert len({id(synth) for synth in taken}) == len(made) == 8
    assert [synth.sample_rate for synth in taken] == [RATE, RATE // 2] * 4
    for synth in taken:
        synth.close()


def test_more_channels_than_are_ready_are_made(made: list[Synth]) -> None:
    """A piece of very many sounds has a synth of its own."""
    rack = Rack((FONT,))
    rack.prepare((RATE,), [HARP])
    with rack.take(RATE, 40) as synth:
        synth.choose(39, HARP)
    rack.close()
    assert len(made) == 2
    assert not any(map(is_open, made))


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "forgotten"])
def test_what_nobody_takes_is_freed(made: list[Synth], is_closed: bool) -> None:
    """By whoever closes the rack, and where nobody does."""
    rack = Rack((FONT,))
    rack.prepare((RATE, RATE), [HARP])
    kept = rack.take(RATE, 16)
    if is_closed:
        rack.close()
    else:
        del rack
        gc.collect()
    assert [is_open(synth) for synth in made if synth is not kept] in ([], [False])
    assert is_open(kept)
    kept.close()


def test_a_broken_font_is_told_to_who_takes(tmp_path: Path) -> None:
    """Not to who had the synths made, nor by a word on the terminal."""
    font = tmp_path / "broken.sf2"
    font.write_bytes(b"RIFF\x10\x00\x00\x00sfbkLIST\xff\xff")
    rack = Rack((font,))
    rack.prepare((RATE,), [HARP])
    with pytest.raises(SoundFontError, match="cannot be used"):
        rack.take(RATE, 16)
    rack.prepare((RATE,), [HARP])
    rack.close()


def test_a_program_that_no_font_has_is_told_to_who_chooses_it() -> None:
    """Whoever takes the synth gets it all the same."""
    rack = Rack((FONT,))
    rack.prepare((RATE,), [WantedProgram(ProgramPlace(0, 9_999)), HARP])
    with rack.take(RATE, 16) as synth:
        assert synth.choose(1, HARP).place == HARP.place


def test_who_takes_does_not_wait_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not chosen by then is left to them."""
    chosen: list[int] = []
    is_choosing, go_on = threading.Event(), threading.Event()

    def choose(_synth: Synth, channel: int, _wanted: WantedProgram) -> None:
        chosen.append(channel)
        is_choosing.set()
        go_on.wait(10)

    monkeypatch.setattr(Synth, "choose", choose)
    rack = Rack((FONT,))
    rack.prepare((RATE,), [HARP] * 9)
    assert is_choosing.wait(10)
    threading.Timer(0.05, go_on.set).start()
    rack.take(RATE, 16).close()
    assert chosen == [0]


def test_a_piece_sounds_the_same_from_a_rack() -> None:
    """To the last bit, and as loud; nothing of the rack is left open."""
    score = api.compose(api.recipe("stress-relief", seed=4, minutes=2))
    performance = perform(score, RATE)
    with Engine(performance, (FONT,)) as engine:
        loudness, alone = engine.estimated_loudness(), next(engine.blocks(0.0))
    rack = Rack((FONT,))
    programs = [wanted_by(part.strip) for part in performance.parts]
    rack.prepare((RATE, RATE // 2, RATE), programs[::-1])
    with Engine(performance, (FONT,), rack=rack) as engine:
        assert engine.estimated_loudness() == pytest.approx(loudness, abs=1e-9)
        np.testing.assert_array_equal(next(engine.blocks(0.0)), alone)
    assert not rack._coming
