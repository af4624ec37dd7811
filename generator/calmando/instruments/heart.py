"""Heart sounds: lub and dub of an adult and of an infant, soft, without a click.

The first sound is low and long (closing of the valves between the chambers), the second higher and shorter. Recorded at the
chest most of their energy lies at 20 to 150 Hz; small speakers play nothing below about 80, so the sound is carried
by partials at 80 to 160 Hz over a deep one. Each glides down a little, as heard through the body.

References
----------
Rangayyan, R. M. & Lehner, R. J. (1988): Phonocardiogram signal analysis: a review. CRC Crit. Rev. Biomed. Eng. 15.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from calmando.instruments.model import Frames, Sample, Zone
from calmando.instruments.modes import DARK_RATE_HZ, decibels, knock_noise
from calmando.instruments.one_shot import one_shot_zone, softened
from calmando.theory.percussion import HEART_DUB, HEART_LUB, INFANT_DUB, INFANT_LUB

_GLIDE_SHARE = 0.10
_GLIDE_S = 0.05
_LOWEST_HZ = 35.0


@dataclass(frozen=True, slots=True)
class HeartSound:
    """One of the two sounds: its partials (Hz, dB), how it rises and falls, its loudness at velocity 70."""

    key: int
    name: str
    partials: tuple[tuple[float, float], ...]
    rise_s: float
    t60_s: float
    target_lufs: float


_ADULT_LUB = ((56.0, -3.0), (84.0, 0.0), (112.0, -2.0), (146.0, -8.0))
_ADULT_DUB = ((72.0, -5.0), (104.0, 0.0), (138.0, -2.0), (176.0, -9.0))
_INFANT_LUB_RATIO, _INFANT_DUB_RATIO = 1.3, 1.2
"""How much higher an infant's sounds are; most of either still lies below 150 Hz, as a heart's does."""

SOUNDS = (
    HeartSound(HEART_LUB, "Heart lub", _ADULT_LUB, 0.050, 0.32, -31.0),
    HeartSound(HEART_DUB, "Heart dub", _ADULT_DUB, 0.034, 0.23, -33.0),
    HeartSound(
        INFANT_LUB,
        "Infant heart lub",
        tuple((_INFANT_LUB_RATIO * hz, db) for hz, db in _ADULT_LUB),
        0.036,
        0.23,
        -31.0,
    ),
    HeartSound(
        INFANT_DUB,
        "Infant heart dub",
        tuple((_INFANT_DUB_RATIO * hz, db) for hz, db in _ADULT_DUB),
        0.026,
        0.17,
        -33.0,
    ),
)


def heart_zones() -> tuple[Zone, ...]:
    """A zone for each heart sound."""
    return tuple(
        one_shot_zone(Sample(sound.name, _frames(sound), sound.key, rate_hz=DARK_RATE_HZ), sound.target_lufs)
        for sound in SOUNDS
    )


def _frames(sound: HeartSound) -> Frames:
    time = np.arange(round(1.1 * sound.t60_s * DARK_RATE_HZ)) / DARK_RATE_HZ
    glide = time + _GLIDE_SHARE * _GLIDE_S * (1 - np.exp(-time / _GLIDE_S))
    frames = np.zeros(len(time))
    for number, (hz, level_db) in enumerate(sound.partials):
        frames += decibels(level_db) * np.sin(2 * math.pi * hz * glide + 1.7 * number**2)
    frames *= 1000 ** (-np.maximum(time - sound.rise_s, 0) / sound.t60_s)
    murmur = knock_noise(0, sound.name, (45.0, 190.0), sound.t60_s, DARK_RATE_HZ)[: len(time)]
    frames[: len(murmur)] += decibels(-9) * murmur
    nothing_below = butter(2, _LOWEST_HZ, "highpass", fs=DARK_RATE_HZ, output="sos")
    frames = np.asarray(sosfiltfilt(nothing_below, frames))
    return softened(frames, sound.rise_s, DARK_RATE_HZ)
