"""Choir pad: voices without a consonant or a face, between *oh* and *ah*, that swell and hang in the air."""

from __future__ import annotations

from dataclasses import replace

from calmando.instruments.choir_aah import CHOIR as AAH
from calmando.instruments.formants import Formant, Tract
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.singers import choir_pad_zones

KEYS = (36, 84)

_MEN = Tract(
    (Formant(480, 90), Formant(900, 110), Formant(2450, 180), Formant(2850, 240), Formant(3400, 300))
)
_WOMEN = Tract(
    (Formant(560, 100), Formant(1000, 120), Formant(2800, 220), Formant(3500, 280), Formant(4400, 340))
)

CHOIR = replace(
    AAH,
    short_name="choir pad",
    men=_MEN,
    women=_WOMEN,
    n_middle=9,
    n_side=9,
    drift_cents=7.0,
    vibrato_cents=(6.0, 15.0),
    loop_s=2.6,
    width=0.6,
    attack_s=0.7,
    release_s=2.6,
    cutoff_hz=10_000.0,
)


def _build() -> tuple[Zone, ...]:
    return choir_pad_zones(CHOIR, KEYS, region_width=7)


VOICES = (
    Voice(
        name="Choir pad",
        program=91,
        family=Family.PAD,
        method="eighteen voices: glottal pulses through five formants each, swelling together",
        reference="Fant 1960; Ternström 1989",
        keys=KEYS,
        attack=Stated(0.3, 0.9),
        build=_build,
    ),
)
