"""A concert harp, plucked near the middle of its strings, left to ring."""

from __future__ import annotations

from functools import partial

from calmando.instruments.keyboard import KeyCurve, Region, regions, seat
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

KEYS = (24, 103)
REGIONS = (*regions((24, 38), 3), *regions((39, 58), 2), *regions((59, 103), 3))
"""Narrower where a firm touch loses most of its sixth and seventh partials from key to key."""

_BODY = (
    Resonance(92, 9, 0.5),
    Resonance(152, 12, 0.7),
    Resonance(220, 14, 0.6),
    Resonance(334, 16, 0.5),
    Resonance(520, 18, 0.4),
    Resonance(790, 16, 0.3),
)
"""Soundbox and soundboard modes of a concert harp (Waltham & Kotlicki 2008)."""

_DECAY_S = KeyCurve(((24, 9.0), (48, 6.5), (60, 5.0), (72, 3.4), (84, 2.0), (103, 0.9)))
_TREBLE_DECAY_S = KeyCurve(((24, 0.6), (60, 0.9), (84, 1.1), (103, 0.8)))
_PULSE_S = KeyCurve(((24, 0.0036), (48, 0.0015), (60, 0.00094), (72, 0.0006), (84, 0.0003), (103, 0.00015)))
_HEAD_S = KeyCurve(((24, 1.8), (60, 1.4), (84, 0.7), (103, 0.3)))
_CUTOFF_PARTIALS = KeyCurve(((24, 36.0), (48, 18.0), (72, 16.0), (103, 14.0)))
_FALL_CENTS = KeyCurve(((24, 7200.0), (48, 5000.0), (60, 4400.0), (103, 3400.0)))
_RELEASE_S = KeyCurve(((24, 8.0), (60, 6.5), (103, 3.0)))
_SPREAD = 0.3
_TOUCH = Touch(skin_db=-26.0, skin_hz=2000.0, knock_db=-14.0)


def _rate_hz(key: int) -> int:
    """Enough for the highest partial that a firm touch sets off."""
    if key < 54:
        return 8_000
    return 11_025 if key < 74 else 22_050 if key < 83 else 44_100


def _string(frequency_hz: float, *, key: int) -> PluckedString:
    return PluckedString(
        frequency_hz=frequency_hz,
        decay_s=_DECAY_S.at(key),
        treble_decay_s=_TREBLE_DECAY_S.at(key),
        position=0.38,
        width_s=_PULSE_S.at(key),
        body=_BODY,
        fast_share=0.45,
        split_cents=1.6,
    )


def _zone(region: Region) -> Zone:
    sample = string_sample(
        f"harp {region.root}",
        region.root,
        partial(_string, key=region.root),
        head_s=_HEAD_S.at(region.root),
        loop_s=(0.06, 0.13),
        rate_hz=_rate_hz(region.root),
    )
    cutoff_hz = min(_CUTOFF_PARTIALS.at(region.root) * key_hz(region.root), 13_000)
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=decay_envelope(_DECAY_S, region.root, release_s=_RELEASE_S.at(region.root)),
        low_pass=LowPass(cutoff_hz, velocity_cents=_FALL_CENTS.at(region.root)),
        pan=seat(region.root, KEYS, _SPREAD),
    )


def _build() -> tuple[Zone, ...]:
    touch = touch_zone("harp touch", KEYS, _TOUCH, _BODY)
    return filters_following((*(_zone(region) for region in REGIONS), touch))


VOICES = (
    Voice(
        name="Harp",
        program=46,
        family=Family.PLUCKED,
        method="extended Karplus–Strong with six soundboard modes",
        reference="Jaffe & Smith 1983; Karjalainen, Välimäki & Tolonen 1998; Waltham & Kotlicki 2008",
        keys=KEYS,
        attack=Stated(0.0, 0.04),
        decay=Stated(0.5, 12.0),
        build=_build,
    ),
)
