"""A wooden recorder: plain, almost without vibrato, its second harmonic weak."""

from __future__ import annotations

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Envelope, Family, LowPass, Stated, Vibrato, Voice, Zone
from calmando.instruments.winds import Breath, Liveliness, Onset, Pipe, Register, blown_sample, vibrato_of
from calmando.theory.pitch import key_hz

KEYS = (60, 93)

_REGISTERS = (
    Register(60, (0.0, -17.0, -8.0, -27.0, -17.0, -33.0, -27.0, -40.0, -38.0)),
    Register(69, (0.0, -20.0, -13.0, -31.0, -22.0, -38.0, -34.0, -46.0)),
    Register(77, (0.0, -20.0, -20.0, -34.0, -30.0, -44.0)),
    Register(86, (0.0, -23.0, -28.0, -42.0)),
    Register(93, (0.0, -26.0, -34.0)),
)
"""A stopped windway jet blown on its centre line hardly drives even harmonics (Fletcher & Rossing 1998, chapter 16)."""

_RISE_S = KeyCurve(((60, 0.06), (93, 0.035)))
_BREATH_HZ = KeyCurve(((60, 1800.0), (93, 4000.0)))
_CUTOFF_PARTIALS = KeyCurve(((60, 14.0), (93, 8.0)))

_ENVELOPE = Envelope(attack_s=0.008, release_s=0.42)
_VIBRATO = Vibrato(rate_hz=4.5, depth_cents=2.5, tremolo_db=0.3, delay_s=0.7)


def _pipe(key: int) -> Pipe:
    return Pipe(
        registers=_REGISTERS,
        rate_hz=24_000,
        breath=Breath(level_db=-38.0, centre_hz=_BREATH_HZ.at(key), octaves=1.0, pulsing=0.4),
        onset=Onset(rise_s=_RISE_S.at(key), rise_power=-0.2, scoop_cents=16.0, chiff_db=-24.0, chiff_s=0.022),
        life=Liveliness(harmonic_db=0.6, level_db=0.12, pitch_cents=0.7),
    )


def _zone(number: int, region: Region) -> Zone:
    sample = blown_sample(
        f"recorder {region.root}", region.root, _pipe(region.root), head_s=0.25, loop_s=(0.8, 0.9)
    )
    cutoff_hz = min(_CUTOFF_PARTIALS.at(region.root) * key_hz(region.root), 12_000)
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=_ENVELOPE,
        low_pass=LowPass(cutoff_hz, velocity_cents=3300.0),
        vibrato=vibrato_of(number, _VIBRATO),
    )


def _build() -> tuple[Zone, ...]:
    return tuple(_zone(number, region) for number, region in enumerate(regions(KEYS, 4)))


VOICES = (
    Voice(
        name="Recorder",
        program=74,
        family=Family.BLOWN,
        method="additive by register, chiff of the windway, breath noise",
        reference="Verge & Hirschberg 1995; Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.015, 0.15),
        build=_build,
    ),
)
