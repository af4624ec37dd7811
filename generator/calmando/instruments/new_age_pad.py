"""New-age pad: a warm ground with a glassy shimmer of octaves and fifths far above it."""

from __future__ import annotations

from calmando.instruments.model import Envelope, Family, LowPass, Stated, Voice, Zone
from calmando.instruments.pads import Pad, pad_zones
from calmando.instruments.padsynth import Partial

KEYS = (36, 84)
_TOP_HZ = 6000.0
_GLASS = ((4, 0.09), (6, 0.05), (8, 0.06), (12, 0.03), (16, 0.03), (24, 0.012), (32, 0.01))
"""Partial numbers and amplitudes of the shimmer: octaves and fifths only, so that nothing rubs."""


def _partials(frequency_hz: float) -> tuple[Partial, ...]:
    ground = tuple(Partial(i, 1.0 / i**1.9, 7.0) for i in range(1, 9))
    glass = tuple(Partial(number, amplitude, 4.0) for number, amplitude in _GLASS)
    return tuple(partial for partial in ground + glass if partial.number * frequency_hz < _TOP_HZ)


PAD = Pad(
    short_name="new age",
    partials=_partials,
    loop_s=3.1,
    rate_hz=16_000,
    width=0.85,
    envelope=Envelope(attack_s=0.6, release_s=3.0),
    low_pass=LowPass(4000.0, 2400.0),
)


def _build() -> tuple[Zone, ...]:
    return pad_zones(PAD, KEYS, region_width=7)


VOICES = (
    Voice(
        name="New-age pad",
        program=88,
        family=Family.PAD,
        method="PADsynth: a round ground, and octaves and fifths of glass above it",
        reference="Nasca 2006",
        keys=KEYS,
        attack=Stated(0.3, 0.8),
        build=_build,
    ),
)
