"""Soft steady rain on leaves: a fine patter over a quiet hiss, no hard drops."""

from __future__ import annotations

import numpy as np

from calmando.instruments.model import Envelope, Family, Frames, Stated, Voice, Zone
from calmando.instruments.shaped_noise import (
    LAYERS,
    Circle,
    add_event,
    high_passed,
    moving_noise,
    two_sided,
    wandering,
)

_DROPS_A_SECOND = 110 / len(LAYERS)
"""In one layer."""


def _drop(rate_hz: int, generator: np.random.Generator) -> Frames:
    """One drop on a leaf: a small burst of noise and a short dull tone, softly begun."""
    length_s = generator.uniform(0.004, 0.014)
    times = np.arange(round(5 * length_s * rate_hz)) / rate_hz
    shape = (1 - np.exp(-times / 0.0012)) * np.exp(-times / length_s)
    hertz = 500 * 2 ** generator.uniform(0.0, 2.6)
    tone = np.sin(2 * np.pi * hertz * times + generator.uniform(0, 2 * np.pi))
    noise = np.convolve(generator.standard_normal(times.size), np.hanning(9) / 4, "same")
    level = 10 ** (-abs(generator.normal(0, 5)) / 20) * (900 / hertz) ** 0.4
    return np.asarray(level * shape * (0.45 * tone + 0.5 * noise))


def _build() -> tuple[Zone, ...]:
    circle = Circle.of(8.4, 22_050)
    density = 0.6 * wandering(circle, seed=21, fastest_hz=0.5)

    def hiss_db(hertz: float, times: Frames) -> Frames:
        slope = -3.2 * max(0.0, np.log2(hertz / 1800.0)) - 1.6 * max(0.0, np.log2(900.0 / hertz))
        return np.asarray(slope + density)

    sound = moving_noise(circle, hiss_db, seed=22, highest_hz=9_500)
    patter = np.zeros(circle.n_frames)
    generator = np.random.default_rng(23)
    for _ in range(round(_DROPS_A_SECOND * circle.length_s)):
        add_event(patter, _drop(circle.rate_hz, generator), int(generator.integers(circle.n_frames)))
    sound = 0.7 * sound / np.std(sound) + high_passed(circle, patter, 300.0) / np.std(patter)
    envelope = Envelope(attack_s=1.8, release_s=5.0)
    return two_sided(
        "rain",
        circle,
        sound,
        envelope=envelope,
        width=0.85,
        right_offset_s=3.7,
        layers=LAYERS,
        other_entry=0.65,
    )


VOICES = (
    Voice(
        name="Rain",
        program=122,
        bank=1,
        family=Family.AMBIENCE,
        method="band noise and about 110 soft drops a second",
        reference="Farnell 2010, Designing Sound; Marelli et al. 2012",
        keys=(0, 127),
        attack=Stated(0.8, 5.0),
        build=_build,
    ),
)
