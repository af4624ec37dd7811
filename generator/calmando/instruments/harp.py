"""A concert harp, plucked near the middle of its strings, left to ring."""

from __future__ import annotations

from functools import partial

from calmando.instruments.keyboard import KeyCurve, Region, regions, seat
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
_RING_S = KeyCurve(
    ((24, 2.2), (38, 2.6), (39, 3.4), (60, 3.0), (72, 2.2), (82, 1.3), (83, 0.75), (103, 0.35))
)
_BRIGHT_S = KeyCurve(((39, 1.3), (60, 0.9), (83, 0.5)))
_CUTOFF_PARTIALS = KeyCurve(((24, 36.0), (48, 18.0), (72, 16.0), (103, 14.0)))
_FALL_CENTS = KeyCurve(((24, 7200.0), (48, 5000.0), (60, 4400.0), (103, 3400.0)))
_RELEASE_S = KeyCurve(((24, 8.0), (60, 6.5), (103, 3.0)))
_SPREAD = 0.3
_TOUCH = Touch(skin_db=-26.0, skin_hz=2000.0, knock_db=-14.0)


def _cut(key: int) -> Cut:
    """At a rate that is enough for the highest partial that a firm touch sets off; the highest strings ring shortly."""
    if key >= 83:
        return Cut(_RING_S.at(key), 32_000)
    if key < 39:
        return Cut(_RING_S.at(key), 5_500)
    rate_hz = 8_000 if key < 54 else 11_000 if key < 74 else 22_000
    return Cut(_RING_S.at(key), rate_hz, bright_s=_BRIGHT_S.at(key), slow_share=2)


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


def _zones(region: Region) -> tuple[Zone, ...]:
    root = region.root
    cutoff_hz = min(_CUTOFF_PARTIALS.at(root) * key_hz(root), 13_000)
    return tuple(
        Zone(
            sample=sample,
            low_key=region.low,
            high_key=region.high,
            envelope=decay_envelope(_DECAY_S, root, release_s=_RELEASE_S.at(root)),
            low_pass=LowPass(cutoff_hz, velocity_cents=_FALL_CENTS.at(root)),
            pan=seat(root, KEYS, _SPREAD),
        )
        for sample in string_samples(f"harp {root}", root, partial(_string, key=root), _cut(root))
    )


def _build() -> tuple[Zone, ...]:
    touch = touch_zone("harp touch", KEYS, _TOUCH, _BODY)
    strings = (zone for region in REGIONS for zone in _zones(region))
    return filters_following((*strings, touch))


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
