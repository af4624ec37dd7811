"""A bed of monochord strings: many strings of one pitch, stroked without end, their overtones rising and falling.

A player strokes the strings round and round, so that no stroke is heard but a wave of overtones that wanders through
a steady tone. Here the wave runs slowly up through the partials, again and again, in whole turns a loop. A
General MIDI font has its nearest relative, a plucked string over a curved bridge, in the bank below.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Envelope, Family, Frames, Loop, LowPass, Sample, Stated, Voice, Zone
from calmando.instruments.periods import Periods, whole_periods
from calmando.instruments.steady import steadied
from calmando.instruments.winds import slow_waves
from calmando.theory.pitch import key_hz

KEYS = (33, 67)

_RATE_HZ = 12_800
_LEAD_FRAMES = 8
_WINDOW_S = 0.4
"""The level is held still over this long: the wave of overtones is slower, the beating of partials quicker."""
_LOOP_S = (3.2, 3.4)
_HIGHEST_HZ = 5_500.0
_BLOOM_DB = 6.0
_OCTAVES_A_LOOP = 3.0
_SHIMMER_DB = 1.0
_WIDTH = 0.8
_SLOPE_DB = KeyCurve(((33, 5.0), (67, 8.0)))
_CUTOFF_PARTIALS = KeyCurve(((33, 40.0), (67, 16.0)))


def _strings(key: int, periods: Periods) -> Frames:
    """The bed: one loop that repeats exactly. Its colour wanders, its level rests."""
    generator = np.random.default_rng(10_400 + key)
    times = np.arange(periods.n_frames) / _RATE_HZ
    turns = np.arange(periods.n_frames) / periods.n_frames
    n_partials = min(48, int(_HIGHEST_HZ / periods.frequency_hz))
    shimmer = slow_waves(
        n_partials,
        periods.n_frames,
        periods.n_frames,
        generator=generator,
        rate_hz=_RATE_HZ,
        highest_hz=1.3,
    )
    sound = np.zeros(periods.n_frames)
    for index in range(n_partials):
        octave = np.log2(index + 1)
        level_db = -_SLOPE_DB.at(key) * octave - 0.02 * (index * periods.frequency_hz / 250.0) ** 2
        bloom = np.cos(2 * np.pi * (turns - octave / _OCTAVES_A_LOOP))
        level_db = level_db + _BLOOM_DB * min(1.0, octave) * bloom + _SHIMMER_DB * shimmer[index]
        phase = 2 * np.pi * (index + 1) * periods.frequency_hz * times + generator.uniform(0, 2 * np.pi)
        sound += 10 ** (level_db / 20) * np.sin(phase)
    bed = steadied(sound, periods.n_frames, _RATE_HZ, window_s=_WINDOW_S)
    return np.asarray(0.7 * bed / np.max(np.abs(bed)))


def _zones(region: Region) -> tuple[Zone, Zone]:
    """Two sides an eighth of a loop apart, in phase, so that the shimmer moves about; both swell alike."""
    wanted_hz = key_hz(region.root)
    periods = whole_periods(wanted_hz, *_LOOP_S, rate_hz=_RATE_HZ)
    bed = _strings(region.root, periods)
    sample = Sample(
        name=f"monochord {region.root}",
        frames=np.concatenate([bed[-_LEAD_FRAMES:], bed]),
        root_key=region.root,
        sharp_cents=periods.sharp_cents(wanted_hz),
        loop=Loop(_LEAD_FRAMES, _LEAD_FRAMES + periods.n_frames),
        rate_hz=_RATE_HZ,
    )
    ahead = round(periods.n_periods // 8 * _RATE_HZ / periods.frequency_hz)
    left = Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=Envelope(attack_s=0.8, release_s=4.5),
        low_pass=LowPass(_CUTOFF_PARTIALS.at(region.root) * wanted_hz, velocity_cents=2400.0),
        pan=-_WIDTH,
    )
    right = replace(left, pan=_WIDTH, start_offset_frames=ahead)
    return (left, right)


def _build() -> tuple[Zone, ...]:
    return tuple(zone for region in regions(KEYS, 5) for zone in _zones(region))


VOICES = (
    Voice(
        name="Monochord",
        program=104,
        bank=1,
        family=Family.DRONE,
        method="additive, a slow wave of energy running up through the partials",
        reference="Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.3, 1.5),
        build=_build,
    ),
)
