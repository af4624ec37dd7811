"""The numbers by which loudness is reckoned are those of the built-in instruments, measured again here."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from calmando.compose.evening import CELL_S
from calmando.compose.reckoned import Cells
from calmando.compose.voices import Ringing, Sustained, power, sounding_voice
from calmando.resources import soundfonts_folder
from calmando.score.model import ChannelStrip, Note, Role
from calmando.sound.fluidsynth.programs import WantedProgram
from calmando.sound.fluidsynth.synth import Synth, SynthOptions
from calmando.sound.loudness.k_weighting import KWeightedEnergy
from calmando.theory.percussion import DRUM_BANK, DRUM_CHANNEL, FRAME_DRUM, HEART_LUB
from calmando.theory.pitch import key_hz
from calmando.theory.programs import ProgramPlace

RATE = 44_100
BLOCK = 64
STEPS_A_SECOND = 10
N_STROKES = 8


@pytest.fixture(scope="module")
def synth() -> Iterator[Synth]:
    """FluidSynth with the built-in font, one channel."""
    with Synth((soundfonts_folder() / "calmando.sf2",), RATE, SynthOptions(n_channels=1)) as found:
        yield found


def energy_of(
    synth: Synth, place: ProgramPlace, key: int, velocity: int, held_s: float, heard_s: float
) -> float:
    """Weighted energy of a note held for some seconds and heard for some more."""
    synth.choose(0, WantedProgram(place))
    synth.cut(0)
    synth.render(BLOCK)
    synth.control(0, 7, 100)
    synth.note_on(0, key, velocity)
    held = synth.render(round(held_s * RATE / BLOCK) * BLOCK)
    synth.note_off(0, key)
    after = synth.render(round((heard_s - held_s) * RATE / BLOCK) * BLOCK)
    steps = KWeightedEnergy(RATE, RATE // STEPS_A_SECOND).of_steps(
        np.asfortranarray(np.concatenate([held, after], axis=1).T)
    )
    return float(steps.sum())


def reckoned(strip: ChannelStrip, key: int, velocity: int, *onsets_s: float, held_s: float) -> float:
    """The same energy as reckoned, of a note or of one that is struck again and again."""
    cells = Cells((strip,))
    for onset_s in onsets_s or (0.0,):
        cells.add(0, [Note(0, 1, key, velocity)], start_ticks=0, start_s=onset_s, tick_s=held_s)
    return math.fsum(cells.stretch(0, range(40))) * CELL_S


def energy_of_strokes(synth: Synth, key: int, pace_s: float) -> float:
    """Weighted energy of a harp string struck again and again."""
    synth.choose(0, WantedProgram(ProgramPlace(0, 46)))
    synth.cut(0)
    synth.render(BLOCK)
    synth.control(0, 7, 100)
    sound = []
    for stroke in range(N_STROKES):
        synth.note_off(0, key)
        synth.note_on(0, key, 52)
        sound.append(synth.render(round((stroke + 1) * pace_s * RATE) - round(stroke * pace_s * RATE)))
    synth.note_off(0, key)
    sound.append(synth.render(RATE))
    steps = KWeightedEnergy(RATE, RATE // STEPS_A_SECOND).of_steps(
        np.asfortranarray(np.concatenate(sound, axis=1).T)
    )
    return float(steps.sum())


NOTES = [
    # Bank, program, key, velocity, held for so many seconds.
    (0, 0, 45, 48, 2.0),
    (0, 8, 76, 40, 1.0),
    (0, 11, 67, 56, 2.0),
    (0, 12, 60, 44, 1.0),
    (0, 24, 50, 48, 2.0),
    (0, 32, 43, 52, 2.0),
    (0, 46, 48, 52, 3.0),
    (0, 46, 72, 44, 3.0),
    (0, 48, 57, 52, 2.0),
    (0, 49, 64, 44, 4.0),
    (0, 52, 64, 56, 2.0),
    (0, 53, 67, 44, 1.0),
    (0, 71, 67, 56, 1.0),
    (0, 73, 74, 60, 0.7),
    (0, 74, 72, 60, 1.0),
    (0, 79, 68, 60, 1.0),
    (0, 88, 57, 48, 4.0),
    (0, 89, 52, 44, 4.0),
    (0, 91, 55, 56, 3.0),
    (0, 104, 48, 44, 4.0),
    (0, 108, 72, 40, 1.0),
    (1, 14, 63, 44, 6.0),
    (1, 104, 48, 44, 8.0),
]


def test_reckoned_energies_are_those_of_the_built_in_sounds(synth: Synth) -> None:
    """Every voice's note has the reckoned energy within a decibel, against the middle of all voices."""
    away = {}
    for bank, program, key, velocity, held_s in NOTES:
        strip = ChannelStrip("p", Role.HARMONY, 0, program, bank=bank)
        heard = energy_of(synth, ProgramPlace(bank, program), key, velocity, held_s, held_s + 6.0)
        away[bank, program, key] = 10 * math.log10(heard / reckoned(strip, key, velocity, held_s=held_s))
    middle = sorted(away.values())[len(away) // 2]
    assert {place: round(db - middle, 1) for place, db in away.items() if abs(db - middle) > 1.0} == {}
    for key, held_s in ((FRAME_DRUM, 0.3), (HEART_LUB, 0.3)):
        drum = ChannelStrip("d", Role.PULSE, DRUM_CHANNEL, 0)
        heard = energy_of(synth, ProgramPlace(DRUM_BANK, 0), key, 48, held_s, 2.0)
        assert 10 * math.log10(heard / reckoned(drum, key, 48, held_s=held_s)) - middle == pytest.approx(
            0, abs=1.0
        )


def test_a_harp_rings_longer_low_than_high_a_flute_as_long_as_written() -> None:
    """Rings shorten evenly with the key, and stay within the measured keys; a sustained voice has none."""
    harp = sounding_voice(0, 46)
    assert isinstance(harp, Ringing)
    rings = [harp.ring_s(key) for key in range(30, 96)]
    assert rings == sorted(rings, reverse=True)
    assert rings[0] == harp.rings_s[0] and rings[-1] == harp.rings_s[-1]
    assert harp.ring_s(55) == pytest.approx(harp.rings_s[1])
    assert isinstance(sounding_voice(0, 73), Sustained)
    assert isinstance(sounding_voice(0, 13), Ringing) and isinstance(sounding_voice(0, 68), Sustained)


def test_a_softer_touch_is_softer_and_full_at_seventy() -> None:
    """Power grows with touch; half the velocity is eight decibels less, blown or plucked."""
    flute, guitar = sounding_voice(0, 73), sounding_voice(0, 24)
    assert power(flute, 70) == power(guitar, 70) == 1.0
    assert 10 * math.log10(power(flute, 35)) == pytest.approx(-7.7, abs=0.1)
    assert 10 * math.log10(power(guitar, 35)) == pytest.approx(-7.5, abs=0.1)


@pytest.mark.parametrize("key", [50, 53, 57, 60, 62])
def test_a_harp_string_struck_again_meets_its_own_vibration(synth: Synth, key: int) -> None:
    """In step with its vibration a repeated note is decibels louder than half a vibration later, heard and reckoned alike."""
    strip = ChannelStrip("p", Role.HARMONY, 0, 46)
    in_step_s = round(0.45 * key_hz(key)) / key_hz(key)
    between_s = in_step_s + 0.5 / key_hz(key)
    heard_db = 10 * math.log10(
        energy_of_strokes(synth, key, in_step_s) / energy_of_strokes(synth, key, between_s)
    )
    in_step, between = (
        reckoned(strip, key, 52, *(stroke * pace_s for stroke in range(N_STROKES)), held_s=pace_s)
        for pace_s in (in_step_s, between_s)
    )
    assert heard_db > 1.5
    assert 10 * math.log10(in_step / between) == pytest.approx(heard_db, abs=1.5)
