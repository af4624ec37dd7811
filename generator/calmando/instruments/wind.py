"""A mild wind in trees: broad noise with two soft resonances that wander slowly."""

from __future__ import annotations

import numpy as np

from calmando.instruments.model import Envelope, Family, Frames, Stated, Voice, Zone
from calmando.instruments.shaped_noise import LAYERS, Circle, moving_noise, two_sided, wandering


def _build() -> tuple[Zone, ...]:
    circle = Circle.of(11.6, 16_000)
    low_hz = 260 * 2 ** (0.35 * wandering(circle, seed=31, fastest_hz=0.35))
    high_hz = 620 * 2 ** (0.30 * wandering(circle, seed=32, fastest_hz=0.4))
    gust_db = 2.6 * wandering(circle, seed=33, fastest_hz=0.3)

    def spectrum_db(hertz: float, times: Frames) -> Frames:
        bed = 10 ** (
            (-24 - 4.0 * max(0.0, np.log2(hertz / 180.0)) - 3 * max(0.0, np.log2(120.0 / hertz))) / 10
        )
        low = 10 ** (-1.5 - 0.5 * (np.log2(hertz / low_hz) / 0.45) ** 2)
        high = 10 ** (-2.15 - 0.5 * (np.log2(hertz / high_hz) / 0.35) ** 2)
        leaves = 10 ** ((-39 - 4.0 * abs(np.log2(hertz / 2600.0)) + gust_db) / 10)
        return np.asarray(10 * np.log10(bed + low + high + leaves) + gust_db)

    sound = moving_noise(circle, spectrum_db, seed=34, highest_hz=6_500)
    envelope = Envelope(attack_s=2.0, release_s=5.0)
    return two_sided(
        "wind",
        circle,
        sound,
        envelope=envelope,
        width=0.8,
        right_offset_s=3.9,
        layers=LAYERS,
        other_entry=0.2,
    )


VOICES = (
    Voice(
        name="Wind",
        program=122,
        bank=3,
        family=Family.AMBIENCE,
        method="noise in third-octave bands with two wandering resonances",
        reference="Marelli et al. 2012; Farnell 2010, Designing Sound",
        keys=(0, 127),
        attack=Stated(0.8, 5.0),
        build=_build,
    ),
)
