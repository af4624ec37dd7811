"""Blown tones: harmonics by register, each with an onset of its own, and breath in time with them.

A tone is added up from harmonics. Their levels run along the keyboard between register tables. Each harmonic
rises in its own time, the pitch slides the last cents into place, and a puff of air (the chiff) precedes the
tone. Within the loop every harmonic's level breathes slowly, by itself, in whole waves a loop, so that the loop
repeats exactly and still is alive. The breath is noise with the spectrum of the air jet, half steady, half in
time with the tone's own period, as a jet that swings across an edge lets it through (Verge & Hirschberg 1995;
Fabre, Gilbert & Hirschberg 2012).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calmando.instruments.model import SAMPLE_RATE, Frames, Loop, Sample, Vibrato
from calmando.instruments.periods import whole_periods
from calmando.theory.pitch import key_hz

_HIGHEST_HZ = 15_000.0
_SILENT_DB = -90.0
_RATE_SHARE, _DELAY_SHARE = 0.06, 0.2
"""How far the vibrato of a region lies from the voice's own at most."""
_GOLDEN, _SILVER = (math.sqrt(5) - 1) / 2, math.sqrt(2) - 1
"""Whoever goes on by such a share of a circle never comes near where they just were."""
_LEAN_CENTS = 0.2
"""FluidSynth cuts a swinging pitch down to whole cents, half a cent on average; others do not: meet them between."""


@dataclass(frozen=True, slots=True)
class Register:
    """The levels of the harmonics around one key, in decibels beside the fundamental's 0, from the first up."""

    key: int
    harmonics_db: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Breath:
    """The air in the tone.

    ``level_db`` is its power beside the tone's; its spectrum is a broad hill around ``centre_hz``, ``octaves``
    wide (one standard deviation), and ``pulsing`` (0–1) how much of it swings with the tone's period.
    """

    level_db: float
    centre_hz: float
    octaves: float = 1.2
    pulsing: float = 0.5


@dataclass(frozen=True, slots=True)
class Onset:
    """How a tone begins.

    The fundamental rises in ``rise_s`` (10–90 %), harmonic k in ``rise_s`` · k^``rise_power``; the pitch starts
    ``scoop_cents`` low; ``chiff_db`` is the puff's peak power beside the tone's, ``chiff_s`` its length.
    """

    rise_s: float
    rise_power: float = 0.0
    scoop_cents: float = 12.0
    chiff_db: float = -30.0
    chiff_s: float = 0.05


@dataclass(frozen=True, slots=True)
class Liveliness:
    """How much the steady tone moves: levels of single harmonics, level and pitch of all (standard deviations).

    The harmonics share the tone's power anew from moment to moment; only ``level_db`` moves the whole.
    """

    harmonic_db: float = 0.8
    level_db: float = 0.12
    pitch_cents: float = 0.8


@dataclass(frozen=True, slots=True)
class Pipe:
    """A wind instrument at one key."""

    registers: tuple[Register, ...]
    breath: Breath
    onset: Onset
    life: Liveliness = Liveliness()
    rate_hz: int = SAMPLE_RATE


def harmonic_levels(registers: Sequence[Register], key: float) -> Frames:
    """Amplitudes of the harmonics at a key, between the registers by straight lines in decibels."""
    keys = [register.key for register in registers]
    n_harmonics = max(len(register.harmonics_db) for register in registers)
    rows = np.full((len(registers), n_harmonics), _SILENT_DB)
    for row, register in zip(rows, registers, strict=True):
        row[: len(register.harmonics_db)] = register.harmonics_db
    levels_db = np.array([np.interp(key, keys, column) for column in rows.T])
    return np.asarray(np.where(levels_db > _SILENT_DB + 1, 10 ** (levels_db / 20), 0.0))


def slow_waves(
    n_rows: int,
    n_frames: int,
    slowest_loop: int,
    *,
    generator: np.random.Generator,
    rate_hz: int = SAMPLE_RATE,
    highest_hz: float = 4.0,
) -> NDArray[np.float64]:
    """Smooth random curves of unit variance that repeat exactly after ``slowest_loop`` frames.

    Returns
    -------
    numpy.ndarray
        Shape (n_rows, n_frames); every partial wave makes a whole number of turns a loop.
    """
    n_waves = max(1, math.floor(highest_hz * slowest_loop / rate_hz))
    turns = np.arange(1, n_waves + 1)
    times = np.arange(n_frames) / slowest_loop
    waves = np.zeros((n_rows, n_frames))
    for turn in turns:
        phases = generator.uniform(0, 2 * np.pi, n_rows)
        waves += np.cos(2 * np.pi * turn * times[None, :] + phases[:, None]) / turn**0.5
    return waves / math.sqrt(float(np.sum(1 / turns)) / 2)


def looped_noise(n_frames: int, spectrum_db: Frames, *, generator: np.random.Generator) -> Frames:
    """Noise of unit power that repeats exactly after its length, with the given levels at its Fourier bins."""
    phases = generator.uniform(0, 2 * np.pi, spectrum_db.size)
    bins = 10 ** (spectrum_db / 20) * np.exp(1j * phases)
    bins[0] = 0
    noise = np.fft.irfft(bins, n_frames)
    return np.asarray(noise / np.std(noise))


def blown(pipe: Pipe, key: int, frequency_hz: float, start: int, loop_frames: int) -> Frames:
    """A tone of ``start`` + ``loop_frames`` frames whose end joins its frame ``start`` exactly."""
    n_frames = start + loop_frames
    generator = np.random.default_rng(7000 + key)
    amplitudes = harmonic_levels(pipe.registers, key)
    amplitudes = amplitudes[: int(min(_HIGHEST_HZ, 0.42 * pipe.rate_hz) / frequency_hz)]
    times = np.arange(n_frames) / pipe.rate_hz
    life = pipe.life
    wander = slow_waves(amplitudes.size + 2, n_frames, loop_frames, generator=generator, rate_hz=pipe.rate_hz)

    onset = pipe.onset
    slide = -onset.scoop_cents * np.exp(-times / max(0.4 * onset.rise_s, 1e-3))
    slide *= _settled(times, start / pipe.rate_hz)
    cents = slide + life.pitch_cents * wander[-1]
    detune = np.cumsum(2 ** (cents / 1200) - 1)
    detune -= (detune[-1] - detune[start - 1]) * np.arange(n_frames) / loop_frames
    turns: Frames = np.asarray(frequency_hz / pipe.rate_hz * (np.arange(n_frames) + detune), np.float64)

    tone = np.zeros(n_frames)
    gains = _shared(amplitudes, 10 ** (life.harmonic_db * wander[: amplitudes.size] / 20))
    first_phases = generator.uniform(0, 2 * np.pi, amplitudes.size)
    for index, amplitude in enumerate(amplitudes):
        if amplitude > 0:
            number = index + 1
            rise = onset_curve(times, onset.rise_s * number**onset.rise_power)
            level = amplitude * rise * gains[index]
            tone += level * np.sin(2 * np.pi * number * turns + first_phases[index])
    tone *= 10 ** (life.level_db * wander[-2] / 20)
    power = float(np.sum(amplitudes**2) / 2)
    return tone + math.sqrt(power) * _air(pipe, turns, times, start, loop_frames, generator)


def _shared(amplitudes: Frames, gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gains of the harmonics (one row each), so scaled from moment to moment that the tone keeps its power."""
    power = amplitudes**2 @ gains**2
    return np.asarray(gains * np.sqrt(np.sum(amplitudes**2) / power))


def onset_curve(times: Frames, rise_s: float) -> Frames:
    """A smooth rise from 0 to exactly 1 whose 10–90 % time is ``rise_s`` (a raised cosine)."""
    whole_s = rise_s / 0.5903
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(times / whole_s, 0.0, 1.0)))


def blown_sample(name: str, key: int, pipe: Pipe, *, head_s: float, loop_s: tuple[float, float]) -> Sample:
    """One looped sample of a blown tone, tuned by the exact length of its loop."""
    wanted_hz = key_hz(key + _LEAN_CENTS / 100)
    periods = whole_periods(wanted_hz, *loop_s, rate_hz=pipe.rate_hz)
    start = round(head_s * pipe.rate_hz)
    frames = blown(pipe, key, periods.frequency_hz, start, periods.n_frames)
    return Sample(
        name=name,
        frames=0.7 * frames / float(np.max(np.abs(frames))),
        root_key=key,
        sharp_cents=periods.sharp_cents(wanted_hz),
        loop=Loop(start, start + periods.n_frames),
        rate_hz=pipe.rate_hz,
    )


def vibrato_of(region: int, vibrato: Vibrato) -> Vibrato:
    """The vibrato of a region, counted from the lowest: near the voice's own, and unlike its neighbours'.

    A player's vibrato is not the same on every note, nor does it begin at the same moment.

    Examples
    --------
    >>> own = Vibrato(rate_hz=5.0, depth_cents=4.0, delay_s=0.5)
    >>> [round(vibrato_of(region, own).rate_hz, 2) for region in range(4)]
    [4.7, 5.07, 4.84, 5.21]
    """
    return replace(
        vibrato,
        rate_hz=vibrato.rate_hz * _swayed(region * _GOLDEN, _RATE_SHARE),
        delay_s=vibrato.delay_s * _swayed(region * _SILVER, _DELAY_SHARE),
    )


def _swayed(turns: float, share: float) -> float:
    """A factor between 1 − ``share`` and 1 + ``share``, by the place on a circle."""
    return 1 + share * (2 * (turns % 1) - 1)


def _air(
    pipe: Pipe,
    turns: Frames,
    times: Frames,
    start: int,
    loop_frames: int,
    generator: np.random.Generator,
) -> Frames:
    """Breath and chiff beside a tone of unit power."""
    breath, onset = pipe.breath, pipe.onset
    hertz = np.fft.rfftfreq(loop_frames, 1 / pipe.rate_hz)
    octaves = np.log2(np.maximum(hertz, 1.0) / breath.centre_hz)
    spectrum_db = np.maximum(-4.343 * (octaves / breath.octaves) ** 2, -100.0)
    spectrum_db = np.where(hertz > min(_HIGHEST_HZ, 0.42 * pipe.rate_hz), -120.0, spectrum_db)
    cycle = looped_noise(loop_frames, spectrum_db, generator=generator)
    noise = cycle[(np.arange(times.size) - start) % loop_frames]
    swing = 1 + breath.pulsing * math.sqrt(2) * np.cos(2 * np.pi * turns)
    noise = noise * swing / math.sqrt(1 + breath.pulsing**2)
    steady = 10 ** (breath.level_db / 20) * onset_curve(times, 0.6 * onset.rise_s)
    puff = 10 ** (onset.chiff_db / 20) * times / onset.chiff_s * np.exp(1 - times / onset.chiff_s)
    puff = puff * _settled(times, start / pipe.rate_hz)
    return np.asarray(noise * (steady + puff))


def _settled(times: Frames, end_s: float) -> Frames:
    """1 at first, smoothly 0 from ``end_s`` on."""
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.clip(2 * times / end_s - 1, 0.0, 1.0)))
