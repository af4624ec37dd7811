"""The sound inside: a broad dark flow that swells softly, without a pulse of its own."""

from __future__ import annotations

import numpy as np

from calmando.instruments.model import Envelope, Family, Frames, Stated, Voice, Zone
from calmando.instruments.shaped_noise import LAYERS, Circle, moving_noise, two_sided, wandering


def _build() -> tuple[Zone, ...]:
    circle = Circle.of(11.9, 5_000)
    near = wandering(circle, seed=41, fastest_hz=0.4)
    far = wandering(circle, seed=42, fastest_hz=0.5)

    def spectrum_db(hertz: float, times: Frames) -> Frames:
        flow = 10 ** (
            (-12 - 6.0 * max(0.0, np.log2(hertz / 150.0)) - 5 * max(0.0, np.log2(75.0 / hertz)) + 1.5 * near)
            / 10
        )
        rush = 10 ** ((-21 - 7.0 * abs(np.log2(hertz / 280.0)) + 2.2 * far) / 10)
        return np.asarray(10 * np.log10(flow + rush))

    sound = moving_noise(circle, spectrum_db, seed=43, highest_hz=1_400)
    envelope = Envelope(attack_s=2.0, release_s=5.0)
    return two_sided(
        "womb",
        circle,
        sound,
        envelope=envelope,
        width=0.6,
        right_offset_s=4.7,
        layers=LAYERS,
        other_entry=0.4,
    )


VOICES = (
    Voice(
        name="Womb",
        program=122,
        bank=10,
        family=Family.AMBIENCE,
        method="dark noise from 60 to 300 Hz with slow swells",
        reference="Querleu et al. 1988 (intrauterine sound); Farnell 2010",
        keys=(0, 127),
        attack=Stated(0.8, 5.0),
        build=_build,
    ),
)
