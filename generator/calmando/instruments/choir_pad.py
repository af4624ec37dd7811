"""Choir pad: voices without a consonant or a face, between *oh* and *ah*, that swell and hang in the air."""

from __future__ import annotations

from dataclasses import replace

from calmando.instruments.choir_aah import CHOIR as AAH
from calmando.instruments.formants import Formant, Tract
from calmando.instruments.keyboard import regions
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.singers import choir_pad_zones

KEYS = (36, 84)
REGIONS = (*regions((36, 54), 5), *regions((55, 63), 3), *regions((64, 77), 2), *regions((78, 84), 4))
"""Where pads have their top line the regions are narrow, the more so where the formants leave the lowest partials."""
_REACH_KEYS = 10.0
"""A pad has no face: its formants may blur over the better part of an octave."""

_MEN = Tract(
    (Formant(480, 140), Formant(900, 180), Formant(2450, 290), Formant(2850, 380), Formant(3400, 480))
)
_WOMEN = Tract(
    (Formant(560, 160), Formant(1000, 190), Formant(2800, 350), Formant(3500, 450), Formant(4400, 540))
)

CHOIR = replace(
    AAH,
    short_name="choir pad",
    men=_MEN,
    women=_WOMEN,
    n_middle=9,
    n_side=9,
    fill=0.4,
    reach_keys=_REACH_KEYS,
    drift_cents=7.0,
    vibrato_cents=(6.0, 15.0),
    calm_from_hz=330.0,
    top_hz=7000.0,
    rate_hz=16_000,
    loop_s=2.9,
    width=0.65,
    attack_s=0.76,
    release_s=2.6,
    cutoff_hz=10_000.0,
)


def _build() -> tuple[Zone, ...]:
    return choir_pad_zones(CHOIR, REGIONS)


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
