"""A small stream over stones: bubbles that ring and rise a little in pitch, over a soft rush."""

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

_BUBBLES_A_SECOND = 38 / len(LAYERS)
"""In one layer."""
_LARGEST = 0.8
"""A large bubble is louder than a small one, but none stands out: it would be known again when the loop comes round."""


def _bubble(rate_hz: int, generator: np.random.Generator) -> Frames:
    """One bubble after Minnaert: a ringing of f = 3.26 / r, damped after van den Doel, rising as it nears air."""
    radius_m = 0.001 * 10 ** (generator.normal(0.58, 0.17))
    hertz = 3.26 / radius_m
    damping = 0.13 / radius_m + 0.0072 * radius_m**-1.5
    rising = generator.uniform(0.0, 0.12) * damping
    times = np.arange(round(min(0.35, 7 / damping) * rate_hz)) / rate_hz
    turns = hertz * times * (1 + 0.5 * rising * times)
    shape = (1 - np.exp(-times / 0.003)) * np.exp(-damping * times)
    level = 10 ** (-abs(generator.normal(0, 4)) / 20) * min(_LARGEST, (700 / hertz) ** 0.5)
    return np.asarray(level * shape * np.sin(2 * np.pi * turns))


def _build() -> tuple[Zone, ...]:
    circle = Circle.of(9.7, 22_050)
    rush = 0.8 * wandering(circle, seed=51, fastest_hz=0.8)

    def rush_db(hertz: float, times: Frames) -> Frames:
        slope = -4.0 * max(0.0, np.log2(hertz / 700.0)) - 3.0 * max(0.0, np.log2(400.0 / hertz))
        return np.asarray(slope + rush)

    bed = moving_noise(circle, rush_db, seed=52, highest_hz=8_000)
    bubbles = np.zeros(circle.n_frames)
    generator = np.random.default_rng(53)
    for _ in range(round(_BUBBLES_A_SECOND * circle.length_s)):
        add_event(bubbles, _bubble(circle.rate_hz, generator), int(generator.integers(circle.n_frames)))
    sound = 0.7 * bed / np.std(bed) + high_passed(circle, bubbles, 200.0) / np.std(bubbles)
    envelope = Envelope(attack_s=1.8, release_s=5.0)
    return two_sided(
        "stream",
        circle,
        sound,
        envelope=envelope,
        width=0.8,
        right_offset_s=4.1,
        layers=LAYERS,
        other_entry=0.5,
    )


VOICES = (
    Voice(
        name="Stream",
        program=122,
        bank=4,
        family=Family.AMBIENCE,
        method="about 38 ringing bubbles a second over band noise",
        reference="van den Doel 2005, Physically based models for liquid sounds; Minnaert 1933",
        keys=(0, 127),
        attack=Stated(0.8, 5.0),
        build=_build,
    ),
)
