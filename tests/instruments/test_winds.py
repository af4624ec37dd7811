import math

import numpy as np
import pytest

from calmando.instruments.winds import (
    Breath,
    Liveliness,
    Onset,
    Pipe,
    Register,
    blown_sample,
    harmonic_levels,
    onset_curve,
    slow_waves,
)
from calmando.theory.pitch import key_hz

_REGISTERS = (Register(60, (0.0, -6.0, -20.0)), Register(72, (0.0, -12.0)))
_STILL = Liveliness(harmonic_db=0.0, level_db=0.0, pitch_cents=0.0)
_NO_BREATH = Breath(level_db=-200.0, centre_hz=1_000.0)
_PLAIN_ONSET = Onset(rise_s=0.08, scoop_cents=0.0, chiff_db=-200.0)


def _pipe(*, life: Liveliness = _STILL, breath: Breath = _NO_BREATH, onset: Onset = _PLAIN_ONSET) -> Pipe:
    return Pipe(_REGISTERS, breath, onset, life)


def test_harmonics_run_between_registers_in_decibels() -> None:
    """Half-way between two registers a harmonic lies half-way between their decibels, and fades where it ends."""
    levels_db = 20 * np.log10(harmonic_levels(_REGISTERS, 66))
    assert levels_db[:2] == pytest.approx([0.0, -9.0])
    assert levels_db[2] == pytest.approx(-55.0)


def test_a_still_tone_has_exactly_the_harmonics_asked_for() -> None:
    """Without breath and life the loop is the register's harmonics and nothing else."""
    sample = blown_sample("x", 60, _pipe(), head_s=0.3, loop_s=(0.5, 0.6))
    assert sample.loop is not None
    loop = sample.frames[sample.loop.start : sample.loop.end]
    power = np.abs(np.fft.rfft(loop)) ** 2
    turns = int(np.argmax(power))
    ratios_db = 10 * np.log10(power[[2 * turns, 3 * turns]] / power[turns])
    assert ratios_db == pytest.approx([-6.0, -20.0], abs=0.01)
    assert np.sum(power) == pytest.approx(np.sum(power[[turns, 2 * turns, 3 * turns]]))


def test_a_living_breathing_tone_still_repeats_exactly_and_in_tune() -> None:
    """Wandering levels, wandering pitch and breath make whole turns a loop: the seam is no larger a step."""
    pipe = _pipe(
        life=Liveliness(harmonic_db=1.0, level_db=0.3, pitch_cents=1.5),
        breath=Breath(level_db=-40.0, centre_hz=1_500.0),
    )
    sample = blown_sample("x", 64, pipe, head_s=0.3, loop_s=(0.5, 0.6))
    assert sample.loop is not None
    start, end = sample.loop.start, sample.loop.end
    steps = np.abs(np.diff(sample.frames[start:end]))
    assert abs(sample.frames[start] - sample.frames[end - 1]) <= np.max(steps)
    turns = (end - start) * key_hz(64) * 2 ** (sample.sharp_cents / 1200) / sample.rate_hz
    assert abs(1200 * math.log2(round(turns) / turns)) < 0.25
    assert abs(sample.sharp_cents) < 0.5


def test_breath_is_as_loud_as_stated() -> None:
    """The power outside the harmonics lies at the stated level below the tone's."""
    pipe = _pipe(breath=Breath(level_db=-20.0, centre_hz=2_000.0, pulsing=0.5))
    sample = blown_sample("x", 60, pipe, head_s=0.3, loop_s=(0.9, 1.0))
    assert sample.loop is not None
    power = np.abs(np.fft.rfft(sample.frames[sample.loop.start : sample.loop.end])) ** 2
    turns = int(np.argmax(power))
    tone = float(np.sum(power[[turns, 2 * turns, 3 * turns]]))
    assert 10 * math.log10((np.sum(power) - tone) / tone) == pytest.approx(-20.0, abs=0.3)


def test_a_rise_takes_its_time_and_ends_at_full_level() -> None:
    """From 10 to 90 % the onset takes the stated time; afterwards it is exactly 1."""
    times = np.arange(10_000) / 10_000
    curve = onset_curve(times, 0.2)
    ten, ninety = (float(times[np.argmax(curve >= share)]) for share in (0.1, 0.9))
    assert ninety - ten == pytest.approx(0.2, abs=0.001)
    assert np.all(curve[4_000:] == 1.0)


def test_slow_waves_are_of_unit_size_and_repeat() -> None:
    """Each row has zero mean and unit variance over a loop, and the next loop is the same."""
    waves = slow_waves(3, 20_000, 10_000, generator=np.random.default_rng(1), rate_hz=10_000)
    assert np.mean(waves[:, :10_000], axis=1) == pytest.approx([0, 0, 0], abs=1e-9)
    assert np.std(waves[:, :10_000], axis=1) == pytest.approx([1, 1, 1], abs=1e-9)
    assert np.allclose(waves[:, :10_000], waves[:, 10_000:])
