"""Warm pad: low, round partials without an edge, as of many soft analogue oscillators."""

from __future__ import annotations

from calmando.instruments.model import Envelope, Family, LowPass, Stated, Voice, Zone
from calmando.instruments.pads import Pad, pad_zones
from calmando.instruments.padsynth import Partial

KEYS = (36, 84)
_CORNER_HZ = 650.0
_CORNER_PACE = 0.6
"""The share of the pitch's way that the corner goes: what it lags behind is heard where one sample follows another."""
_TOP_HZ = 5600.0


def _partials(frequency_hz: float) -> tuple[Partial, ...]:
    """A sawtooth after a gentle low-pass of 12 dB an octave; the corner rises a little slower than the pitch."""
    corner_hz = _CORNER_HZ * (frequency_hz / 261.6) ** _CORNER_PACE
    n = max(1, int(_TOP_HZ / frequency_hz))
    return tuple(
        Partial(i, 1.0 / i / (1.0 + (i * frequency_hz / corner_hz) ** 2), 8.0) for i in range(1, n + 1)
    )


PAD = Pad(
    short_name="warm pad",
    partials=_partials,
    loop_s=3.1,
    rate_hz=12_500,
    width=0.85,
    envelope=Envelope(attack_s=0.75, release_s=2.4),
    low_pass=LowPass(4000.0, 2400.0),
)


def _build() -> tuple[Zone, ...]:
    return pad_zones(PAD, KEYS, region_width=7)


VOICES = (
    Voice(
        name="Warm pad",
        program=89,
        family=Family.PAD,
        method="PADsynth: a filtered sawtooth, each partial a narrow band",
        reference="Nasca 2006",
        keys=KEYS,
        attack=Stated(0.3, 0.9),
        build=_build,
    ),
)
