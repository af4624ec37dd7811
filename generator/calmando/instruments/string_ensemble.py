"""String ensemble: a section with open strings' brightness, still calm, that speaks sooner than slow strings."""

from __future__ import annotations

from calmando.instruments.bowed import Section, section_zones
from calmando.instruments.model import Envelope, Family, LowPass, Stated, Voice, Zone

KEYS = (36, 88)

SECTION = Section(
    short_name="strings",
    n_middle=8,
    n_side=8,
    corner_hz=4200.0,
    top_hz=8500.0,
    bow_noise=0.025,
    vibrato_cents=(8.0, 20.0),
    vibrato_hz=(4.8, 6.2),
    drift_cents=8.0,
    loop_s=5.0,
    rate_hz=20_000,
    width=0.8,
    envelope=Envelope(attack_s=0.32, release_s=1.5),
    low_pass=LowPass(11_000.0, 4200.0),
)


def _build() -> tuple[Zone, ...]:
    return section_zones(SECTION, KEYS, region_width=6)


VOICES = (
    Voice(
        name="String ensemble",
        program=49,
        family=Family.STRINGS,
        method="sixteen bowed strings: rounded Helmholtz motion, body modes, vibrato and drift of their own",
        reference="Helmholtz 1863; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.15, 0.5),
        build=_build,
    ),
)
