"""A soft single reed, clarinet-like: hollow odd harmonics below, rounder above."""

from __future__ import annotations

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Envelope, Family, LowPass, Stated, Vibrato, Voice, Zone
from calmando.instruments.winds import Breath, Liveliness, Onset, Pipe, Register, blown_sample, vibrato_of
from calmando.theory.pitch import key_hz

KEYS = (50, 88)
REGIONS = (*regions((50, 61), 4), *regions((62, 88), 3))
"""Narrow from where one register passes into the other."""

_REGISTERS = (
    Register(
        50,
        (
            0.0,
            -38.0,
            -2.0,
            -34.0,
            -5.0,
            -29.0,
            -9.0,
            -25.0,
            -13.0,
            -26.0,
            -17.0,
            -29.0,
            -22.0,
            -33.0,
            -27.0,
            -37.0,
            -32.0,
            -42.0,
            -38.0,
        ),
    ),
    Register(
        58,
        (0.0, -36.0, -3.0, -31.0, -7.0, -26.0, -12.0, -26.0, -18.0, -29.0, -23.0, -33.0, -29.0, -38.0, -36.0),
    ),
    Register(68, (0.0, -27.0, -5.0, -24.0, -12.0, -24.0, -19.0, -29.0, -27.0, -35.0, -36.0, -42.0)),
    Register(75, (0.0, -20.0, -9.0, -20.0, -18.0, -27.0, -28.0, -36.0)),
    Register(88, (0.0, -18.0, -20.0, -30.0, -34.0)),
)
"""Odd harmonics in the chalumeau; above the break the even ones come in (Benade 1976; Fletcher & Rossing 1998, chapter 15)."""

_RISE_S = KeyCurve(((50, 0.06), (88, 0.04)))
_CUTOFF_PARTIALS = KeyCurve(((50, 30.0), (68, 18.0), (88, 11.0)))

_ENVELOPE = Envelope(attack_s=0.008, release_s=0.42)
_VIBRATO = Vibrato(rate_hz=4.6, depth_cents=1.5, tremolo_db=0.4, delay_s=0.8)


def _pipe(key: int) -> Pipe:
    return Pipe(
        registers=_REGISTERS,
        rate_hz=22_050,
        breath=Breath(level_db=-46.0, centre_hz=2200.0, octaves=1.0, pulsing=0.2),
        onset=Onset(rise_s=_RISE_S.at(key), rise_power=0.25, scoop_cents=6.0, chiff_db=-40.0, chiff_s=0.02),
        life=Liveliness(harmonic_db=0.7, level_db=0.12, pitch_cents=0.6),
    )


def _zone(number: int, region: Region) -> Zone:
    sample = blown_sample(
        f"reed {region.root}", region.root, _pipe(region.root), head_s=0.3, loop_s=(0.9, 1.0)
    )
    cutoff_hz = min(_CUTOFF_PARTIALS.at(region.root) * key_hz(region.root), 12_000)
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=_ENVELOPE,
        low_pass=LowPass(cutoff_hz, velocity_cents=4000.0),
        vibrato=vibrato_of(number, _VIBRATO),
    )


def _build() -> tuple[Zone, ...]:
    return tuple(_zone(number, region) for number, region in enumerate(REGIONS))


VOICES = (
    Voice(
        name="Soft reed",
        program=71,
        family=Family.BLOWN,
        method="additive by register, harmonics rising one after another",
        reference="Benade 1976; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.02, 0.2),
        build=_build,
    ),
)
