"""Choir ooh: a small mixed choir on a soft, rounded *oo*."""

from __future__ import annotations

from dataclasses import replace

from calmando.instruments.choir_aah import CHOIR as AAH
from calmando.instruments.formants import Formant, Tract
from calmando.instruments.keyboard import regions
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.singers import choir_zones

KEYS = (43, 81)
REGIONS = (*regions((43, 54), 3), *regions((55, 74), 2), *regions((75, 81), 2))
"""Above its second formant an *oo* falls steeply: the regions are narrow wherever tunes are."""

_MEN = Tract(
    (Formant(360, 130), Formant(780, 130), Formant(2350, 320), Formant(2900, 420), Formant(3500, 550))
)
_WOMEN = Tract(
    (Formant(400, 140), Formant(900, 140), Formant(2700, 360), Formant(3400, 480), Formant(4200, 600))
)
"""An *oo* as choirs sing it, opener than it is spoken."""

CHOIR = replace(
    AAH,
    short_name="ooh",
    men=_MEN,
    women=_WOMEN,
    opening=0.8,
    fill=0.06,
    reach_keys=1.5,
    corner_hz=1000.0,
    top_hz=5200.0,
    rate_hz=12_000,
    breath=0.03,
    drift_cents=5.0,
    vibrato_cents=(7.0, 18.0),
    width=0.22,
    cutoff_hz=6500.0,
    velocity_cents=5700.0,
)


def _build() -> tuple[Zone, ...]:
    return choir_zones(CHOIR, REGIONS)


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
