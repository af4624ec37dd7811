"""A soft bass: thick gut strings over a large body, plucked far up with the side of the finger."""

from __future__ import annotations

from functools import partial

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Family, LowPass, Stated, Voice, Zone
from calmando.instruments.plucked import (
    Cut,
    PluckedString,
    Resonance,
    Touch,
    decay_envelope,
    string_samples,
    touch_zone,
)
from calmando.instruments.soft_notes import filters_following
from calmando.theory.pitch import key_hz

KEYS = (28, 60)

_BODY = (
    Resonance(62, 8, 0.5),
    Resonance(104, 12, 0.7),
    Resonance(168, 16, 0.4),
    Resonance(231, 18, 0.3),
    Resonance(410, 12, 0.25),
)
"""Air and first wood modes of a double bass (Fletcher & Rossing 1998, chapter 10)."""

_DECAY_S = KeyCurve(((28, 5.0), (43, 3.6), (60, 2.4)))
_TREBLE_DECAY_S = KeyCurve(((28, 0.4), (60, 0.7)))
_PULSE_S = KeyCurve(((28, 0.0075), (43, 0.0042), (60, 0.0022)))
_RING_S = KeyCurve(((28, 1.9), (60, 1.3)))
_CUTOFF_PARTIALS = KeyCurve(((28, 22.0), (60, 13.0)))
_TOUCH = Touch(skin_db=-26.0, skin_hz=1400.0, knock_db=-16.0)


def _string(frequency_hz: float, *, key: int) -> PluckedString:
    return PluckedString(
        frequency_hz=frequency_hz,
        decay_s=_DECAY_S.at(key),
        treble_decay_s=_TREBLE_DECAY_S.at(key),
        position=0.19,
        width_s=_PULSE_S.at(key),
        body=_BODY,
        fast_share=0.35,
        split_cents=1.2,
    )


def _zone(region: Region) -> Zone:
    cut = Cut(_RING_S.at(region.root), rate_hz=8_000, loop_s=(0.1, 0.17))
    (sample,) = string_samples(f"bass {region.root}", region.root, partial(_string, key=region.root), cut)
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=decay_envelope(_DECAY_S, region.root, release_s=1.1),
        low_pass=LowPass(_CUTOFF_PARTIALS.at(region.root) * key_hz(region.root), velocity_cents=4200.0),
    )


def _build() -> tuple[Zone, ...]:
    touch = touch_zone("bass touch", KEYS, _TOUCH, _BODY)
    return filters_following((*(_zone(region) for region in regions(KEYS, 3)), touch))


VOICES = (
    Voice(
        name="Soft bass",
        program=32,
        family=Family.PLUCKED,
        method="extended Karplus–Strong with five body modes",
        reference="Jaffe & Smith 1983; Karjalainen, Välimäki & Tolonen 1998; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.0, 0.04),
        decay=Stated(1.2, 7.0),
        build=_build,
    ),
)
