"""A nylon-string guitar, plucked gently with the flesh of the finger between sound hole and bridge."""

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
_RING_S = KeyCurve(((40, 3.4), (52, 3.2), (64, 2.7), (76, 2.0), (82, 1.6), (83, 0.95), (88, 0.85)))
_BRIGHT_S = KeyCurve(((40, 1.3), (66, 1.3), (74, 1.0), (82, 0.7)))
_RATES = (
    (78, 30_000, 3),
    (74, 27_000, 3),
    (71, 24_000, 3),
    (68, 24_000, 4),
    (60, 18_000, 3),
    (48, 16_200, 3),
    (0, 11_000, 2),
)
"""From which key on what lies high has so many frames a second, and which share of them the rest has."""
_HIGHEST_STRINGS = 83
_CUTOFF_PARTIALS = KeyCurve(((40, 20.0), (64, 15.0), (88, 11.0)))
_FALL_CENTS = KeyCurve(((40, 4800.0), (64, 4700.0), (88, 4000.0)))
_TOUCH = Touch(skin_db=-22.0, skin_hz=2600.0, knock_db=-15.0)


def _cut(key: int) -> Cut:
    """At a rate that is enough for the highest partial that a firm touch sets off; the highest strings ring shortly."""
    if key >= _HIGHEST_STRINGS:
        return Cut(_RING_S.at(key), 32_000)
    rate_hz, slow_share = next(cut for lowest, *cut in _RATES if key >= lowest)
    return Cut(_RING_S.at(key), rate_hz, bright_s=_BRIGHT_S.at(key), slow_share=slow_share)


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


def _zones(region: Region) -> tuple[Zone, ...]:
    root = region.root
    cutoff_hz = min(_CUTOFF_PARTIALS.at(root) * key_hz(root), 12_000)
    return tuple(
        Zone(
            sample=sample,
            low_key=region.low,
            high_key=region.high,
            envelope=decay_envelope(_DECAY_S, root, release_s=1.1),
            low_pass=LowPass(cutoff_hz, velocity_cents=_FALL_CENTS.at(root)),
        )
        for sample in string_samples(f"guitar {root}", root, partial(_string, key=root), _cut(root))
    )


def _build() -> tuple[Zone, ...]:
    touch = touch_zone("guitar touch", KEYS, _TOUCH, _BODY)
    strings = (zone for region in regions(KEYS, 3) for zone in _zones(region))
    return filters_following((*strings, touch))


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
