"""Builds the zones of a pad from the recipe of its partials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calmando.instruments.keyboard import regions
from calmando.instruments.model import Envelope, LowPass, Zone
from calmando.instruments.padsynth import Partial, pad_loop
from calmando.instruments.steady import looped_stereo_sample
from calmando.instruments.stereo_loop import stereo_zones
from calmando.rng import Stream
from calmando.theory.pitch import key_hz

_TAKE = 13
"""Which of several drawings of phases: in this one no partial begins as it will not go on."""


@dataclass(frozen=True, slots=True)
class Pad:
    """How a pad is laid: ``partials`` gives the recipe for a pitch in Hz.

    All samples have the same phases and so move alike: they differ in nothing but pitch.
    """

    short_name: str
    partials: Callable[[float], tuple[Partial, ...]]
    loop_s: float
    rate_hz: int
    width: float
    envelope: Envelope
    low_pass: LowPass


def pad_zones(pad: Pad, keys: tuple[int, int], region_width: int) -> tuple[Zone, ...]:
    """Two zones a region, left and right."""
    stream = Stream(_TAKE, pad.short_name)
    zones: list[Zone] = []
    for region in regions(keys, region_width):
        frequency_hz = key_hz(region.root)
        loop = pad_loop(
            pad.partials(frequency_hz),
            frequency_hz,
            loop_s=pad.loop_s,
            rate_hz=pad.rate_hz,
            width=pad.width,
            stream=stream,
        )
        sample = looped_stereo_sample(f"{pad.short_name} {region.root}", loop, region.root, pad.rate_hz)
        zones += stereo_zones(sample, region, pad.envelope, pad.low_pass)
    return tuple(zones)
