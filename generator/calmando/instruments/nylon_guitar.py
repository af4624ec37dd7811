"""A nylon-string guitar, plucked gently with the flesh of the finger between sound hole and bridge."""

from __future__ import annotations

from functools import partial

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Family, LowPass, Stated, Voice, Zone
from calmando.instruments.plucked import (
    PluckedString,
    Resonance,
    Touch,
    decay_envelope,
    string_sample,
    touch_zone,
)
from calmando.instruments.soft_notes import filters_following
from calmando.theory.pitch import key_hz

KEYS = (40, 88)

_BODY = (
    Resonance(101, 14, 0.9),
    Resonance(196, 20, 0.8),
    Resonance(277, 24, 0.35),
    Resonance(396, 28, 0.45),
    Resonance(545, 28, 0.3),
    Resonance(760, 24, 0.25),
)
"""Air, top plate and the next plate modes of a classical guitar (Fletcher & Rossing 1998, chapter 9)."""

_DECAY_S = KeyCurve(((40, 6.5), (52, 5.6), (64, 4.6), (76, 3.4), (88, 2.0)))
_TREBLE_DECAY_S = 1.6
_PULSE_S = KeyCurve(((40, 0.0013), (52, 0.00065), (64, 0.00038), (88, 0.00022)))
_HEAD_S = KeyCurve(((40, 1.5), (64, 1.3), (88, 0.75)))
_CUTOFF_PARTIALS = KeyCurve(((40, 20.0), (64, 15.0), (88, 11.0)))
_FALL_CENTS = KeyCurve(((40, 4800.0), (64, 4700.0), (88, 4000.0)))
_TOUCH = Touch(skin_db=-22.0, skin_hz=2600.0, knock_db=-15.0)


def _rate_hz(key: int) -> int:
    """Enough for the highest partial that a firm touch sets off."""
    if key < 48:
        return 11_025
    return 16_000 if key < 60 else 22_050 if key < 68 else 32_000


def _string(frequency_hz: float, *, key: int) -> PluckedString:
    return PluckedString(
        frequency_hz=frequency_hz,
        decay_s=_DECAY_S.at(key),
        treble_decay_s=_TREBLE_DECAY_S,
        position=0.18,
        width_s=_PULSE_S.at(key),
        body=_BODY,
        fast_share=0.45,
        split_cents=1.6,
    )


def _zone(region: Region) -> Zone:
    sample = string_sample(
        f"guitar {region.root}",
        region.root,
        partial(_string, key=region.root),
        head_s=_HEAD_S.at(region.root),
        loop_s=(0.06, 0.13),
        rate_hz=_rate_hz(region.root),
    )
    cutoff_hz = min(_CUTOFF_PARTIALS.at(region.root) * key_hz(region.root), 12_000)
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=decay_envelope(_DECAY_S, region.root, release_s=1.1),
        low_pass=LowPass(cutoff_hz, velocity_cents=_FALL_CENTS.at(region.root)),
    )


def _build() -> tuple[Zone, ...]:
    touch = touch_zone("guitar touch", KEYS, _TOUCH, _BODY)
    return filters_following((*(_zone(region) for region in regions(KEYS, 3)), touch))


VOICES = (
    Voice(
        name="Nylon guitar",
        program=24,
        family=Family.PLUCKED,
        method="extended Karplus–Strong with six body modes",
        reference="Jaffe & Smith 1983; Karjalainen, Välimäki & Tolonen 1998; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.0, 0.03),
        decay=Stated(0.8, 9.0),
        build=_build,
    ),
)
