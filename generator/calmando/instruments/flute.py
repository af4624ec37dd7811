"""A transverse flute, blown softly, with a vibrato that comes late."""

from __future__ import annotations

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Envelope, Family, LowPass, Stated, Vibrato, Voice, Zone
from calmando.instruments.winds import Breath, Onset, Pipe, Register, blown_sample, vibrato_of
from calmando.theory.pitch import key_hz

KEYS = (60, 96)
REGIONS = regions(KEYS, 3)
"""Narrow: from key to key a flute loses a decibel of its harmonics, which a player does not take from a sample."""

_REGISTERS = (
    Register(60, (0.0, 3.0, -1.0, -5.0, -11.0, -14.0, -19.0, -24.0, -29.0, -34.0, -39.0, -44.0)),
    Register(67, (0.0, 0.0, -5.0, -12.0, -18.0, -22.0, -27.0, -33.0, -39.0, -45.0)),
    Register(74, (0.0, -5.0, -12.0, -19.5, -26.5, -33.0, -40.0)),
    Register(84, (0.0, -12.0, -21.0, -30.0, -39.0)),
    Register(96, (0.0, -18.0, -30.0, -44.0)),
)
"""Strong second harmonic below, ever purer above (Fletcher & Rossing 1998, chapter 16)."""

_RISE_S = KeyCurve(((60, 0.09), (96, 0.05)))
_BREATH_HZ = KeyCurve(((60, 1900.0), (96, 4000.0)))
_CUTOFF_PARTIALS = KeyCurve(((60, 26.0), (96, 10.0)))

_ENVELOPE = Envelope(attack_s=0.008, release_s=0.6)
_VIBRATO = Vibrato(rate_hz=4.9, depth_cents=7.0, tremolo_db=1.1, delay_s=0.55)


def _pipe(key: int) -> Pipe:
    return Pipe(
        registers=_REGISTERS,
        rate_hz=22_050,
        breath=Breath(level_db=-34.0, centre_hz=_BREATH_HZ.at(key), octaves=1.3, pulsing=0.6),
        onset=Onset(rise_s=_RISE_S.at(key), rise_power=0.25, scoop_cents=10.0, chiff_db=-27.0, chiff_s=0.035),
    )


def _zone(number: int, region: Region) -> Zone:
    sample = blown_sample(
        f"flute {region.root}", region.root, _pipe(region.root), head_s=0.3, loop_s=(0.9, 1.0)
    )
    cutoff_hz = min(_CUTOFF_PARTIALS.at(region.root) * key_hz(region.root), 12_000)
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=_ENVELOPE,
        low_pass=LowPass(cutoff_hz, velocity_cents=3600.0),
        vibrato=vibrato_of(number, _VIBRATO),
    )


def _build() -> tuple[Zone, ...]:
    return tuple(_zone(number, region) for number, region in enumerate(REGIONS))


VOICES = (
    Voice(
        name="Flute",
        program=73,
        family=Family.BLOWN,
        method="additive by register, pulsing breath noise, delayed vibrato",
        reference="Verge & Hirschberg 1995; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.02, 0.2),
        build=_build,
    ),
)
