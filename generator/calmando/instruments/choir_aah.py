"""Choir aah: a small mixed choir on an open, dark *ah*."""

from __future__ import annotations

from calmando.instruments.formants import Formant, Tract
from calmando.instruments.keyboard import regions
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.singers import Choir, choir_zones

KEYS = (43, 81)
REGIONS = (*regions((43, 54), 3), *regions((55, 74), 2), *regions((75, 81), 2))
"""Where choirs have their tunes the regions are narrow: a transposed sample takes the vowel along with it."""

_MEN = Tract(
    (Formant(640, 95), Formant(1080, 108), Formant(2500, 175), Formant(2850, 216), Formant(3400, 284))
)
_WOMEN = Tract(
    (Formant(760, 108), Formant(1200, 122), Formant(2850, 216), Formant(3500, 257), Formant(4400, 342))
)

CHOIR = Choir(
    short_name="aah",
    men=_MEN,
    women=_WOMEN,
    n_middle=10,
    n_side=8,
    corner_hz=6000.0,
    top_hz=7200.0,
    rate_hz=16_000,
    breath=0.05,
    vibrato_cents=(12.0, 28.0),
    vibrato_hz=(4.9, 6.0),
    drift_cents=8.0,
    scatter=0.08,
    entry_spread_s=0.04,
    rise_s=(0.1, 0.16),
    scoop_cents=(15.0, 40.0),
    opening=0.6,
    fill=0.3,
    reach_keys=2.5,
    most_db_a_key=1.14,
    loop_s=2.2,
    side_loop_s=1.0,
    onset_s=0.3,
    width=0.38,
    attack_s=0.02,
    release_s=2.0,
    cutoff_hz=14_000.0,
    velocity_cents=4800.0,
)


def _build() -> tuple[Zone, ...]:
    return choir_zones(CHOIR, REGIONS)


VOICES = (
    Voice(
        name="Choir aah",
        program=52,
        family=Family.CHOIR,
        method="eighteen singers: glottal pulses through five formants each, vibrato, drift and breath of their own",
        reference="Fant 1960; Sundberg 1987; Ternström 1989",
        keys=KEYS,
        attack=Stated(0.08, 0.5),
        build=_build,
    ),
)
