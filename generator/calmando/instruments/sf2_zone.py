"""A zone's settings in the numbers of the SoundFont format: timecents, absolute cents, centibels, per mille.

References
----------
SoundFont Technical Specification 2.04, 8.1 (generators), 8.2 and 8.4 (modulators), 9.5 (the synthesis they drive).
"""

from __future__ import annotations

import math

from calmando.instruments.model import VELOCITY_DEPTH_CB, Envelope, LowPass, Vibrato, Zone

_KEY_0_HZ = 8.175_798_915_643_707
_SHORTEST_TIMECENTS = -12_000
_LONGEST_TIMECENTS = 8_000
_LOWEST_CUTOFF, _HIGHEST_CUTOFF = 1_500, 13_500
_COARSE_FRAMES = 32_768
_VELOCITY_CONCAVE_NEGATIVE = 0x0502
_VELOCITY_LINEAR_NEGATIVE = 0x0102
_KEY_LINEAR_BIPOLAR = 0x0203
_MIDDLE_KEY = 64
"""The key at which a modulator of the key adds nothing; at key 0 it takes its whole amount away."""
ATTENUATION_SCALE = 0.4
"""Players lower the level by this share of what the attenuation generator says, as the first hardware did."""

Generator = tuple[int, int]
"""Number and value."""
Modulator = tuple[int, int, int, int, int]
"""Source, target, amount, second source, transform."""


class Gen:
    """Numbers of the generators in use (specification, 8.1.2)."""

    START_OFFSET = 0
    START_COARSE_OFFSET = 4
    VIBRATO_TO_PITCH = 6
    FILTER_CUTOFF = 8
    FILTER_Q = 9
    TREMOLO_TO_VOLUME = 13
    PAN = 17
    TREMOLO_DELAY = 21
    TREMOLO_RATE = 22
    VIBRATO_DELAY = 23
    VIBRATO_RATE = 24
    ATTACK = 34
    HOLD = 35
    DECAY = 36
    SUSTAIN = 37
    RELEASE = 38
    KEY_TO_DECAY = 40
    INSTRUMENT = 41
    KEY_RANGE = 43
    VELOCITY_RANGE = 44
    ATTENUATION = 48
    COARSE_TUNE = 51
    FINE_TUNE = 52
    SAMPLE = 53
    SAMPLE_MODES = 54
    SCALE_TUNING = 56
    ROOT_KEY = 58


def velocity_gain_db(velocity: int, depth_cb: int = VELOCITY_DEPTH_CB) -> float:
    """How far a note of this velocity lies below one of velocity 127, in decibels (0 or less)."""
    return -(depth_cb / 960) * 40 * math.log10(127 / max(velocity, 1))


def common_modulators() -> tuple[Modulator, ...]:
    """Velocity to level with a gentler slope, and the default velocity to filter silenced."""
    return (
        (_VELOCITY_CONCAVE_NEGATIVE, Gen.ATTENUATION, VELOCITY_DEPTH_CB, 0, 0),
        (_VELOCITY_LINEAR_NEGATIVE, Gen.FILTER_CUTOFF, 0, 0, 0),
    )


def zone_modulators(zone: Zone) -> tuple[Modulator, ...]:
    """Velocity and key to the zone's filter, where it has one, velocity to its level, where that has a depth of its own."""
    found: list[Modulator] = []
    if zone.velocity_depth_cb != VELOCITY_DEPTH_CB:
        found.append((_VELOCITY_CONCAVE_NEGATIVE, Gen.ATTENUATION, zone.velocity_depth_cb, 0, 0))
    if zone.low_pass is not None:
        fall = -round(zone.low_pass.velocity_cents)
        found.append((_VELOCITY_LINEAR_NEGATIVE, Gen.FILTER_CUTOFF, fall, 0, 0))
        if rise := round(_MIDDLE_KEY * zone.low_pass.key_cents):
            found.append((_KEY_LINEAR_BIPOLAR, Gen.FILTER_CUTOFF, rise, 0, 0))
    return tuple(found)


def zone_generators(zone: Zone, sample_number: int) -> tuple[Generator, ...]:
    """All the zone's settings, in the order the specification asks: ranges first, the sample last."""
    return (
        (Gen.KEY_RANGE, zone.low_key | zone.high_key << 8),
        (Gen.VELOCITY_RANGE, zone.low_velocity | zone.high_velocity << 8),
        *_start_generators(zone.start_offset_frames),
        *_filter_generators(zone.low_pass, zone.sample.root_key),
        *_vibrato_generators(zone.vibrato),
        (Gen.PAN, round(500 * zone.pan)),
        *_envelope_generators(zone.envelope),
        (Gen.ATTENUATION, round(10 * zone.attenuation_db / ATTENUATION_SCALE)),
        *_tuning_generators(zone.tune_cents - zone.sample.sharp_cents),
        (Gen.SAMPLE_MODES, 0 if zone.sample.loop is None else 1),
        (Gen.SCALE_TUNING, 100 if zone.pitch_follows_key else 0),
        (Gen.ROOT_KEY, zone.sample.root_key),
        (Gen.SAMPLE, sample_number),
    )


def _start_generators(offset_frames: int) -> tuple[Generator, ...]:
    if not offset_frames:
        return ()
    coarse, fine = divmod(offset_frames, _COARSE_FRAMES)
    return ((Gen.START_OFFSET, fine), (Gen.START_COARSE_OFFSET, coarse))


def _filter_generators(low_pass: LowPass | None, root_key: int) -> tuple[Generator, ...]:
    if low_pass is None:
        return ()
    to_middle = round(low_pass.key_cents * (_MIDDLE_KEY - root_key))
    cutoff = min(_HIGHEST_CUTOFF, _absolute_cents(low_pass.cutoff_hz)) + to_middle
    cutoff = min(_HIGHEST_CUTOFF, max(_LOWEST_CUTOFF, cutoff))
    return ((Gen.FILTER_CUTOFF, cutoff), (Gen.FILTER_Q, round(10 * low_pass.resonance_db)))


def _vibrato_generators(vibrato: Vibrato | None) -> tuple[Generator, ...]:
    if vibrato is None:
        return ()
    rate, delay = _absolute_cents(vibrato.rate_hz), _timecents(vibrato.delay_s)
    pitch: tuple[Generator, ...] = (
        (Gen.VIBRATO_TO_PITCH, round(vibrato.depth_cents)),
        (Gen.VIBRATO_DELAY, delay),
        (Gen.VIBRATO_RATE, rate),
    )
    level: tuple[Generator, ...] = (
        (Gen.TREMOLO_TO_VOLUME, round(10 * vibrato.tremolo_db)),
        (Gen.TREMOLO_DELAY, delay),
        (Gen.TREMOLO_RATE, rate),
    )
    return (pitch if vibrato.depth_cents else ()) + (level if vibrato.tremolo_db else ())


def _envelope_generators(envelope: Envelope) -> tuple[Generator, ...]:
    return (
        (Gen.ATTACK, _timecents(envelope.attack_s)),
        (Gen.HOLD, _timecents(envelope.hold_s)),
        (Gen.DECAY, _timecents(envelope.decay_s)),
        (Gen.SUSTAIN, round(10 * min(envelope.sustain_db, 144.0))),
        (Gen.RELEASE, _timecents(envelope.release_s)),
        (Gen.KEY_TO_DECAY, round(envelope.key_to_decay)),
    )


def _tuning_generators(cents: float) -> tuple[Generator, ...]:
    whole = round(cents)
    coarse = round(whole / 100)
    return ((Gen.COARSE_TUNE, coarse), (Gen.FINE_TUNE, whole - 100 * coarse))


def _absolute_cents(hertz: float) -> int:
    return round(1200 * math.log2(hertz / _KEY_0_HZ))


def _timecents(seconds: float) -> int:
    if seconds <= 0.001:
        return _SHORTEST_TIMECENTS
    return min(_LONGEST_TIMECENTS, round(1200 * math.log2(seconds)))
