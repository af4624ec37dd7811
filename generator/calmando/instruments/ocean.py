"""The sea on a gentle beach: a swell every nine seconds that rolls in, breaks softly and runs out over the sand."""

from __future__ import annotations

import numpy as np

from calmando.instruments.model import Envelope, Family, Frames, Stated, Voice, Zone
from calmando.instruments.shaped_noise import Circle, moving_noise, two_sided, wandering

_SWELL_S = 9.2
_BREAK_S = 3.4
"""When the wave breaks, after the loop's start in the trough."""


def _hump(times: Frames, centre_s: float, rise_s: float, fall_s: float) -> Frames:
    """A bell on the circle of one swell, 0 to 1, with a quicker or slower rise than fall."""
    away = (times - centre_s + _SWELL_S / 2) % _SWELL_S - _SWELL_S / 2
    return np.asarray(np.exp(-0.5 * (away / np.where(away < 0, rise_s, fall_s)) ** 2))


def _build() -> tuple[Zone, ...]:
    circle = Circle.of(_SWELL_S, 22_050)
    swell = _SWELL_S * circle.control_times / circle.length_s
    deep = _hump(swell, _BREAK_S - 0.5, 1.7, 1.9)
    surf = _hump(swell, _BREAK_S + 0.2, 1.1, 1.5)
    sizzle = _hump(swell, _BREAK_S + 1.7, 1.0, 1.7)
    ripple = wandering(circle, seed=11, slowest=4, fastest_hz=2.0)

    def spectrum_db(hertz: float, times: Frames) -> Frames:
        octaves = np.log2(hertz / 250.0)
        far = 10 ** ((-30 - 3.2 * abs(octaves)) / 10)
        roll = 10 ** ((-13 - 5.0 * max(0.0, np.log2(hertz / 160.0)) - 2 * max(0.0, -octaves)) / 10)
        broken = 10 ** (
            (-19 - 4.0 * max(0.0, np.log2(hertz / 700.0)) - 2.5 * max(0.0, np.log2(500.0 / hertz))) / 10
        )
        foam = 10 ** ((-33 - 3.0 * abs(np.log2(hertz / 3200.0))) / 10)
        power = far + roll * deep**2 + broken * surf**2 + foam * sizzle**2
        return np.asarray(10 * np.log10(power) + 0.7 * ripple)

    sound = moving_noise(circle, spectrum_db, seed=12, highest_hz=8_500)
    envelope = Envelope(attack_s=1.4, release_s=5.0)
    return two_sided(
        "ocean", circle, sound, envelope=envelope, width=0.7, right_offset_s=0.4, right_cents=-3.0
    )


VOICES = (
    Voice(
        name="Ocean",
        program=122,
        family=Family.AMBIENCE,
        method="noise in third-octave bands, shaped as one swell",
        reference="Marelli et al. 2012; Farnell 2010, Designing Sound",
        keys=(0, 127),
        attack=Stated(0.8, 5.0),
        build=_build,
    ),
)
