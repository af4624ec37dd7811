"""The sea on a gentle beach: two unlike swells that roll in, break softly and run out over the sand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calmando.instruments.model import Envelope, Family, Frames, Stated, Vibrato, Voice, Zone
from calmando.instruments.shaped_noise import Circle, Layer, moving_noise, two_sided, wandering

_LENGTH_S = 18.0
_ENVELOPE = Envelope(attack_s=1.4, decay_s=150.0, sustain_db=3.5, release_s=5.0)
"""Below full level there is room for the higher waves."""


@dataclass(frozen=True, slots=True)
class _Swell:
    """When a wave breaks on the circle, how high it is, and how slowly it comes and goes."""

    break_s: float
    level_db: float
    pace: float


_SWELLS = (_Swell(2.3, 0.0, 1.0), _Swell(11.7, -2.0, 1.12))
"""Breaking 9.4 and 8.6 s apart: the pace of quiet breathing, but never quite the same."""
_OTHER_ENTRY = (_SWELLS[1].break_s - _SWELLS[0].break_s) / _LENGTH_S
"""The other key begins before the other swell."""
_LAYERS = (
    Layer(-90.0, drift=Vibrato(rate_hz=1 / 140, depth_cents=200.0, tremolo_db=3.0)),
    Layer(190.0, below_db=5.0, drift=Vibrato(rate_hz=1 / 53, depth_cents=250.0, tremolo_db=4.0)),
)
"""Two seas, one behind the other, whose waves come sooner and later, higher and lower, each in its own slow time: the
loop comes round, but no wave meets its neighbours as they were."""


def _humps(times: Frames, after_s: float, rise_s: float, fall_s: float) -> Frames:
    """Power of one stage of both swells: bells that begin quicker or slower than they end."""
    power = np.zeros_like(times)
    for swell in _SWELLS:
        away = (times - swell.break_s - after_s + _LENGTH_S / 2) % _LENGTH_S - _LENGTH_S / 2
        width = swell.pace * np.where(away < 0, rise_s, fall_s)
        power += 10 ** (swell.level_db / 10) * np.exp(-((away / width) ** 2))
    return power


def _hill_db(hertz: float, low_hz: float, low_slope: float, high_hz: float, high_slope: float) -> float:
    """A plateau between two frequencies with slopes in decibels an octave beside it."""
    below, above = math.log2(low_hz / hertz), math.log2(hertz / high_hz)
    return -low_slope * max(0.0, below) - high_slope * max(0.0, above)


def _build() -> tuple[Zone, ...]:
    circle = Circle.of(_LENGTH_S, 19_000)
    times = _LENGTH_S * circle.control_times / circle.length_s
    roll, surf, sizzle = (
        _humps(times, *stage) for stage in ((-0.6, 1.7, 2.0), (0.1, 1.15, 1.8), (1.7, 1.1, 2.3))
    )
    ripple = 0.7 * wandering(circle, seed=11, slowest=8, fastest_hz=2.0)

    def spectrum_db(hertz: float, _: Frames) -> Frames:
        power = (
            10 ** ((-29 + _hill_db(hertz, 200, 3.0, 350, 3.6)) / 10)
            + 10 ** ((-14.5 + _hill_db(hertz, 110, 3.0, 170, 5.5)) / 10) * roll
            + 10 ** ((-18 + _hill_db(hertz, 450, 3.0, 750, 6.3)) / 10) * surf
            + 10 ** ((-32 + _hill_db(hertz, 2200, 4.0, 3000, 8.0)) / 10) * sizzle
        )
        return np.asarray(10 * np.log10(power) + ripple)

    sound = moving_noise(circle, spectrum_db, seed=12, highest_hz=8_500)
    return two_sided(
        "ocean",
        circle,
        sound,
        envelope=_ENVELOPE,
        width=0.7,
        right_offset_s=0.4,
        right_cents=-3.0,
        layers=_LAYERS,
        other_entry=_OTHER_ENTRY,
    )


VOICES = (
    Voice(
        name="Ocean",
        program=122,
        family=Family.AMBIENCE,
        method="noise in third-octave bands, shaped as two swells",
        reference="Marelli et al. 2012; Farnell 2010, Designing Sound",
        keys=(0, 127),
        attack=Stated(0.8, 5.0),
        build=_build,
    ),
)
