"""A clay ocarina: a vessel with one resonance, so almost a pure tone, with breath around it."""

from __future__ import annotations

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Envelope, Family, LowPass, Stated, Vibrato, Voice, Zone
from calmando.instruments.winds import Breath, Liveliness, Onset, Pipe, Register, blown_sample, vibrato_of
from calmando.theory.pitch import key_hz

KEYS = (57, 91)

_REGISTERS = (
    Register(57, (0.0, -23.0, -29.0, -41.0, -47.0)),
    Register(72, (0.0, -27.0, -36.0, -50.0)),
    Register(91, (0.0, -34.0, -46.0)),
)
"""A Helmholtz resonator has no higher modes in tune with the jet: harmonics come from the jet alone."""

_RISE_S = KeyCurve(((57, 0.09), (91, 0.05)))
_BREATH_HZ = KeyCurve(((57, 1100.0), (91, 2600.0)))
_CUTOFF_PARTIALS = KeyCurve(((57, 12.0), (91, 7.0)))

_ENVELOPE = Envelope(attack_s=0.008, release_s=0.65)
_VIBRATO = Vibrato(rate_hz=4.3, depth_cents=4.0, tremolo_db=0.6, delay_s=0.6)


def _pipe(key: int) -> Pipe:
    return Pipe(
        registers=_REGISTERS,
        rate_hz=22_050,
        breath=Breath(level_db=-33.0, centre_hz=_BREATH_HZ.at(key), octaves=0.9, pulsing=0.3),
        onset=Onset(rise_s=_RISE_S.at(key), scoop_cents=25.0, chiff_db=-24.0, chiff_s=0.04),
        life=Liveliness(harmonic_db=0.8, level_db=0.12, pitch_cents=1.0),
    )


def _zone(number: int, region: Region) -> Zone:
    sample = blown_sample(
        f"ocarina {region.root}", region.root, _pipe(region.root), head_s=0.3, loop_s=(0.9, 1.0)
    )
    cutoff_hz = min(_CUTOFF_PARTIALS.at(region.root) * key_hz(region.root), 12_000)
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=_ENVELOPE,
        low_pass=LowPass(cutoff_hz, velocity_cents=3000.0),
        vibrato=vibrato_of(number, _VIBRATO),
    )


def _build() -> tuple[Zone, ...]:
    return tuple(_zone(number, region) for number, region in enumerate(regions(KEYS, 5)))


VOICES = (
    Voice(
        name="Ocarina",
        program=79,
        family=Family.BLOWN,
        method="additive, nearly pure, with breath around the resonance",
        reference="Fabre, Gilbert & Hirschberg 2012; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.02, 0.2),
        build=_build,
    ),
)
