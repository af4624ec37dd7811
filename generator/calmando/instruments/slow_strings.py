"""Slow strings: a large muted section that begins as a breath does."""

from __future__ import annotations

from calmando.instruments.bowed import Section, section_zones
from calmando.instruments.model import Envelope, Family, LowPass, Stated, Voice, Zone

KEYS = (36, 88)

SECTION = Section(
    short_name="slow strings",
    n_middle=9,
    n_side=9,
    corner_hz=2600.0,
    top_hz=7000.0,
    bow_noise=0.02,
    vibrato_cents=(6.0, 16.0),
    vibrato_hz=(4.4, 5.8),
    drift_cents=9.0,
    loop_s=5.0,
    rate_hz=18_000,
    width=0.8,
    envelope=Envelope(attack_s=0.45, release_s=2.6),
    low_pass=LowPass(8000.0, 4200.0),
)


def _build() -> tuple[Zone, ...]:
    return section_zones(SECTION, KEYS, region_width=6)


VOICES = (
    Voice(
        name="Slow strings",
        program=48,
        family=Family.STRINGS,
        method="eighteen bowed strings: rounded Helmholtz motion, body modes, vibrato and drift of their own",
        reference="Helmholtz 1863; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.2, 0.6),
        build=_build,
    ),
)
