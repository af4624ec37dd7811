"""Choir ooh: a small mixed choir on a soft, rounded *oo*."""

from __future__ import annotations

from dataclasses import replace

from calmando.instruments.choir_aah import CHOIR as AAH
from calmando.instruments.formants import Formant, Tract
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.singers import choir_zones

KEYS = (43, 81)

_MEN = Tract((Formant(330, 70), Formant(760, 90), Formant(2350, 180), Formant(2800, 220), Formant(3350, 280)))
_WOMEN = Tract(
    (Formant(400, 80), Formant(850, 110), Formant(2700, 220), Formant(3400, 280), Formant(4300, 340))
)

CHOIR = replace(AAH, short_name="ooh", men=_MEN, women=_WOMEN, opening=0.8, breath=0.05)


def _build() -> tuple[Zone, ...]:
    return choir_zones(CHOIR, KEYS, region_width=5)


VOICES = (
    Voice(
        name="Choir ooh",
        program=53,
        family=Family.CHOIR,
        method="eighteen singers: glottal pulses through five formants each, vibrato, drift and breath of their own",
        reference="Fant 1960; Sundberg 1987; Ternström 1989",
        keys=KEYS,
        attack=Stated(0.08, 0.5),
        build=_build,
    ),
)
