"""The drum kit: heart sounds, frame drum, shaker, wood blocks, click, none of which snaps.

The drum skin's modes are those of a membrane loaded with air; the blocks are short modes of hollow wood; the shaker is a
swell of band-passed noise.

References
----------
Fletcher, N. H. & Rossing, T. D. (1998): The Physics of Musical Instruments, 2nd ed., 18.1 (membranes: 1, 1.59, 2.14,
2.30, 2.65, 2.92, 3.16, 3.50, 4.06; the first, which moves the most air, dies away first), 19.9 (wood).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from calmando.instruments.heart import heart_zones
from calmando.instruments.model import SAMPLE_RATE, Family, Frames, LowPass, Sample, Stated, Voice, Zone
from calmando.instruments.modes import DARK_RATE_HZ, decibels, knock_noise
from calmando.instruments.one_shot import one_shot_zone, softened
from calmando.rng import Stream
from calmando.theory.percussion import (
    CLICK,
    DRUM_BANK,
    FRAME_DRUM,
    FRAME_DRUM_MUTED,
    SHAKER,
    WOOD_BLOCK_HIGH,
    WOOD_BLOCK_LOW,
)

SIDE_STICK = 37
MARACAS = 70

_SKIN = (
    (1.0, 0.0, 0.45),
    (1.59, -4.0, 1.0),
    (2.14, -8.0, 0.7),
    (2.30, -10.0, 0.35),
    (2.65, -11.0, 0.45),
    (2.92, -13.0, 0.3),
    (3.16, -14.0, 0.3),
    (3.50, -16.0, 0.25),
    (4.06, -19.0, 0.2),
)
_MUTED_SKIN = (
    (1.0, 0.0, 1.0),
    (1.59, -6.0, 0.55),
    (2.14, -11.0, 0.4),
    (2.30, -12.0, 0.35),
    (2.65, -15.0, 0.3),
    (2.92, -18.0, 0.25),
)
_BLOCK = ((1.0, 0.0, 1.0), (1.62, -9.0, 0.7), (2.41, -15.0, 0.5))
_TICK = ((1.0, 0.0, 1.0), (2.0, -12.0, 0.6))
"""Ratio, level in dB, share of the longest decay."""


def build() -> tuple[Zone, ...]:
    """A zone for each key."""
    return (*heart_zones(), *_skin_zones(), *_shaker_zones(), *_wood_zones())


def _skin_zones() -> tuple[Zone, ...]:
    rate = DARK_RATE_HZ
    drum_filter = LowPass(2_600.0, velocity_cents=3_000)
    opened = _struck(_SKIN, 86.0, 1.1, rate)
    muted = _struck(_MUTED_SKIN, 98.0, 0.28, rate)
    for frames, level_db in ((opened, -12.0), (muted, -17.0)):
        hand = knock_noise(0, f"hand/{level_db:g}", (140.0, 800.0), 0.09, rate)
        frames[: len(hand)] += decibels(level_db) * hand
    return (
        one_shot_zone(
            Sample("Frame drum", softened(opened, 0.010, rate), FRAME_DRUM, rate_hz=rate),
            -29.0,
            low_pass=drum_filter,
        ),
        one_shot_zone(
            Sample("Frame drum muted", softened(muted, 0.010, rate), FRAME_DRUM_MUTED, rate_hz=rate),
            -32.0,
            low_pass=drum_filter,
        ),
    )


def _shaker_zones() -> tuple[Zone, ...]:
    sample = Sample("Shaker", _grains(), SHAKER)
    shaker = one_shot_zone(sample, -38.0, low_pass=LowPass(9_000.0, velocity_cents=1_800))
    return (shaker, replace(shaker, low_key=MARACAS, high_key=MARACAS))


def _wood_zones() -> tuple[Zone, ...]:
    high = softened(_struck(_BLOCK, 930.0, 0.16, SAMPLE_RATE), 0.003, SAMPLE_RATE)
    low = softened(_struck(_BLOCK, 690.0, 0.20, SAMPLE_RATE), 0.004, SAMPLE_RATE)
    tick = softened(_struck(_TICK, 1_100.0, 0.07, SAMPLE_RATE), 0.003, SAMPLE_RATE)
    wood_filter = LowPass(5_000.0, velocity_cents=2_400)
    click = one_shot_zone(Sample("Click", tick, CLICK), -36.0)
    return (
        one_shot_zone(Sample("Wood block high", high, WOOD_BLOCK_HIGH), -35.0, low_pass=wood_filter),
        one_shot_zone(Sample("Wood block low", low, WOOD_BLOCK_LOW), -35.0, low_pass=wood_filter),
        click,
        replace(click, low_key=SIDE_STICK, high_key=SIDE_STICK),
    )


def _struck(
    modes: tuple[tuple[float, float, float], ...], first_hz: float, t60_s: float, rate_hz: int
) -> Frames:
    time = np.arange(round(1.1 * t60_s * rate_hz)) / rate_hz
    frames = np.zeros(len(time))
    for number, (ratio, level_db, share) in enumerate(modes):
        tone = np.sin(2 * math.pi * ratio * first_hz * time + 0.7 * number)
        frames += decibels(level_db) * tone * 1000 ** (-time / (share * t60_s))
    return frames


def _grains() -> Frames:
    """Many small grains between two soft edges, as beads roll and settle."""
    n_frames = round(0.19 * SAMPLE_RATE)
    noise = knock_noise(0, "shaker", (3_000.0, 7_500.0), 4.0, SAMPLE_RATE)[3_000 + SAMPLE_RATE // 2 :][
        :n_frames
    ]
    time = np.arange(n_frames) / SAMPLE_RATE
    stream = Stream(0, "shaker/grains")
    density = np.zeros(n_frames)
    for _ in range(70):
        start, width = stream.uniform(0.0, 0.11), stream.uniform(0.004, 0.012)
        density += np.exp(-(((time - start - 0.02) / width) ** 2))
    swell = np.sin(math.pi * np.clip(time / 0.19, 0, 1)) ** 1.5 * np.exp(-time / 0.09)
    return np.asarray(noise * density * swell)


VOICES = (
    Voice(
        name="Heart and Drums",
        program=0,
        bank=DRUM_BANK,
        family=Family.DRUM,
        method="modal membranes and wood, shaped noise, gliding low partials for the heart",
        reference="Rangayyan & Lehner 1988; Fletcher & Rossing 1998",
        keys=(CLICK, SHAKER),
        attack=Stated(0.001, 0.060),
        build=build,
    ),
)
