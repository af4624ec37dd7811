"""Brings every melodic voice to one loudness, by scaling its samples.

The level of a note is the loudest 400 ms of ITU-R BS.1770 (momentary loudness) of the note held for four
seconds, at velocity 70, as FluidSynth plays it dry at gain 1 and channel volume 100. Every melodic note of the font has
`REFERENCE_LUFS`. The level is reckoned by a small model of FluidSynth's voice, because a maker of instruments
should not need a synthesiser to be installed.

References
----------
ITU-R BS.1770-5 (2023), annex 1: K-weighting; −0.691 dB offset; channel sum.
EBU Tech 3341 (2023): momentary loudness, 400 ms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from calmando.instruments.model import (
    SAMPLE_RATE,
    VELOCITY_DEPTH_CB,
    Envelope,
    Family,
    LowPass,
    Sample,
    Voice,
    Zone,
)
from calmando.instruments.sf2_zone import velocity_gain_db
from calmando.instruments.soft_notes import fundamentals_kept

REFERENCE_LUFS = -26.0
"""Loudness of every melodic note at velocity 70, FluidSynth gain 1."""
REFERENCE_VELOCITY = 70
_SOFT_VELOCITY, _STRONG_VELOCITY = 30, 110
HOLD_S = 4.0
_WINDOW_S = 0.4
_HOP_S = 0.05
_ROUNDS = 4
_CLOSE_ENOUGH_DB = 0.01
_ENVELOPE_SPAN_DB = 96.0

# ITU-R BS.1770-5 gives its filters for 48 kHz; these are the same two filters at 44.1 kHz, from their analogue
# parameters (shelf 1681.974 Hz, Q 0.7071752, +3.999844 dB; high-pass 38.13547 Hz, Q 0.5003270).
_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1681.974450955533, 0.7071752369554196, 3.999843853973347
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773

# FluidSynth divides by the square root of the filter's Q, and no resonance is a Q of −3.01 dB to it.
_UNFILTERED_GAIN = 10 ** (3.01 / 40)
# Channel volume is 100 of 127 unless a file says otherwise; as FluidSynth 2.5 plays it.
_CHANNEL_VOLUME_DB = -4.08

Stereo = NDArray[np.float64]


def levelled(zones: Sequence[Zone], *, target_lufs: float = REFERENCE_LUFS) -> tuple[Zone, ...]:
    """The same zones with their samples scaled so that each key region has the target loudness.

    Each sample is judged at the key nearest its root within its zone, with everything that sounds there, at
    velocity 70 or the velocity of its layer nearest to that (the target follows the velocity curve).
    """
    for _ in range(_ROUNDS):
        gains = _sample_gains_db(zones, target_lufs)
        if max(map(abs, gains.values())) < _CLOSE_ENOUGH_DB:
            break
        zones = _scaled(zones, gains)
    return tuple(zones)


def levelled_voice(voice: Voice) -> tuple[Zone, ...]:
    """Build a voice and level it; the drum kit keeps the balance its maker gave it."""
    zones = voice.build()
    if voice.bank == 128:
        return zones
    zones = fundamentals_kept(zones)
    return levelled(touch_kept(zones) if voice.family is Family.PLUCKED else zones)


def touch_kept(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones, with less depth from velocity to level where the filter already softens a soft note.

    A plucked string is darker when played softly; what the filter takes is given back, so that a soft note is
    as loud as its touch says.
    """
    return tuple(
        replace(zone, velocity_depth_cb=_depth_cb(zones, zone.sample.root_key))
        if zone.pitch_follows_key
        else zone
        for zone in zones
    )


def _depth_cb(zones: Sequence[Zone], key: int) -> int:
    """The depth with which a key falls from a strong touch to a soft one by what `velocity_gain_db` says."""
    wanted_db = velocity_gain_db(_SOFT_VELOCITY) - velocity_gain_db(_STRONG_VELOCITY)
    soft, strong = (
        note_loudness_lufs(zones, key, velocity) for velocity in (_SOFT_VELOCITY, _STRONG_VELOCITY)
    )
    heard_db = soft - strong
    return round(VELOCITY_DEPTH_CB * (2 - heard_db / wanted_db))


def scaled_sample(sample: Sample, gain_db: float) -> Sample:
    """The sample, louder or softer."""
    return replace(sample, frames=sample.frames * 10 ** (gain_db / 20))


def note_loudness_lufs(zones: Sequence[Zone], key: int, velocity: int = REFERENCE_VELOCITY) -> float:
    """The level of a note, in LUFS (see the head of this module)."""
    return momentary_lufs(model_note(zones, key, velocity, hold_s=HOLD_S))


def momentary_lufs(stereo: Stereo) -> float:
    """The loudest 400 ms, in LUFS.

    Parameters
    ----------
    stereo
        Shape (n_frames, 2) at 44,100 Hz. Shorter sounds are taken as followed by silence.
    """
    power = np.sum(k_weighted(stereo) ** 2, axis=1)
    window, hop = round(_WINDOW_S * SAMPLE_RATE), round(_HOP_S * SAMPLE_RATE)
    total = np.concatenate([[0.0], np.cumsum(power), np.full(window, np.sum(power))])
    sums = total[window::hop] - total[:-window:hop][: len(total[window::hop])]
    return -0.691 + 10 * math.log10(max(float(np.max(sums)) / window, 1e-12))


def k_weighted(stereo: Stereo) -> Stereo:
    """The frames after the K-weighting filters of BS.1770."""
    shelved = lfilter(*_shelf(), stereo, axis=0)
    return cast(Stereo, lfilter(*_rumble_filter(), shelved, axis=0))


def model_note(
    zones: Sequence[Zone], key: int, velocity: int, *, hold_s: float, tail_s: float = 0.0
) -> Stereo:
    """What FluidSynth makes of a note, dry, at gain 1; shape (n_frames, 2).

    Vibrato and tremolo are left out, and pitch changes by linear interpolation: near enough for a level.
    """
    n_hold, n_frames = round(hold_s * SAMPLE_RATE), round((hold_s + tail_s) * SAMPLE_RATE)
    mix = np.zeros((n_frames, 2))
    for zone in zones:
        if zone.low_key <= key <= zone.high_key and zone.low_velocity <= velocity <= zone.high_velocity:
            mono = _played(zone, key, n_frames) * _envelope(zone.envelope, key, n_hold, n_frames)
            mono = _filtered(mono, zone.low_pass, velocity, key - zone.sample.root_key)
            touch_db = velocity_gain_db(velocity, zone.velocity_depth_cb)
            mono *= 10 ** ((touch_db + _CHANNEL_VOLUME_DB - zone.attenuation_db) / 20)
            angle = (zone.pan + 1) * math.pi / 4
            mix += np.outer(mono, (math.cos(angle), math.sin(angle)))
    return mix


def _sample_gains_db(zones: Sequence[Zone], target_lufs: float) -> dict[str, float]:
    found: dict[str, list[float]] = {}

    @cache
    def loudness(key: int, velocity: int) -> float:
        return note_loudness_lufs(zones, key, velocity)

    for zone in zones:
        key = min(max(zone.sample.root_key, zone.low_key), zone.high_key)
        velocity = min(max(REFERENCE_VELOCITY, zone.low_velocity), zone.high_velocity)
        target = target_lufs + velocity_gain_db(velocity) - velocity_gain_db(REFERENCE_VELOCITY)
        found.setdefault(zone.sample.name, []).append(target - loudness(key, velocity))
    return {name: math.fsum(gains) / len(gains) for name, gains in found.items()}


def _scaled(zones: Sequence[Zone], gains_db: dict[str, float]) -> tuple[Zone, ...]:
    samples = {zone.sample.name: zone.sample for zone in zones}
    louder = {name: scaled_sample(sample, gains_db[name]) for name, sample in samples.items()}
    return tuple(replace(zone, sample=louder[zone.sample.name]) for zone in zones)


def _played(zone: Zone, key: int, n_frames: int) -> NDArray[np.float64]:
    sample = zone.sample
    cents = zone.tune_cents - sample.sharp_cents
    if zone.pitch_follows_key:
        cents += 100.0 * (key - sample.root_key)
    place = zone.start_offset_frames + np.arange(n_frames) * (
        sample.rate_hz / SAMPLE_RATE * 2 ** (cents / 1200)
    )
    if sample.loop is None:
        return np.asarray(np.interp(place, np.arange(len(sample.frames)), sample.frames, right=0.0))
    length = sample.loop.end - sample.loop.start
    place = np.where(place < sample.loop.end, place, sample.loop.start + (place - sample.loop.start) % length)
    frames = np.append(sample.frames[: sample.loop.end], sample.frames[sample.loop.start])
    return np.asarray(np.interp(place, np.arange(len(frames)), frames))


def _envelope(envelope: Envelope, key: int, n_hold: int, n_frames: int) -> NDArray[np.float64]:
    time = np.arange(n_frames) / SAMPLE_RATE
    attack = np.clip(time / max(envelope.attack_s, 0.001), 0.0, 1.0)
    decay_s = max(envelope.decay_s, 0.001) * 2 ** (envelope.key_to_decay * (60 - key) / 1200)
    held = np.minimum(time, n_hold / SAMPLE_RATE)
    since = np.clip(held - envelope.attack_s - envelope.hold_s, 0.0, None)
    fall_db = np.minimum(_ENVELOPE_SPAN_DB * since / decay_s, envelope.sustain_db)
    since_release = np.clip(time - n_hold / SAMPLE_RATE, 0.0, None)
    fall_db = fall_db + _ENVELOPE_SPAN_DB * since_release / max(envelope.release_s, 0.001)
    gain = attack * 10 ** (-fall_db / 20)
    return np.where(fall_db >= _ENVELOPE_SPAN_DB, 0.0, gain)


def _filtered(
    mono: NDArray[np.float64], low_pass: LowPass | None, velocity: int, above_root: int
) -> NDArray[np.float64]:
    if low_pass is None:
        return mono * _UNFILTERED_GAIN
    cents = low_pass.key_cents * above_root - low_pass.velocity_cents * (1 - velocity / 127)
    cutoff = low_pass.cutoff_hz * 2 ** (cents / 1200)
    w = 2 * math.pi * min(cutoff, 0.45 * SAMPLE_RATE) / SAMPLE_RATE
    q = 10 ** ((low_pass.resonance_db - 3.01) / 20)
    alpha = math.sin(w) / (2 * q)
    b = 1 / math.sqrt(q) * (1 - math.cos(w)) / 2 * np.array([1.0, 2.0, 1.0])
    a = np.array([1 + alpha, -2 * math.cos(w), 1 - alpha])
    return cast("NDArray[np.float64]", lfilter(b / a[0], a / a[0], mono))


def _shelf() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = math.tan(math.pi * _SHELF_HZ / SAMPLE_RATE)
    high = 10 ** (_SHELF_DB / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / _SHELF_Q + k * k
    b = [high + band * k / _SHELF_Q + k * k, 2 * (k * k - high), high - band * k / _SHELF_Q + k * k]
    a = [a0, 2 * (k * k - 1), 1 - k / _SHELF_Q + k * k]
    return np.array(b) / a0, np.array(a) / a0


def _rumble_filter() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = math.tan(math.pi * _HIGH_PASS_HZ / SAMPLE_RATE)
    a0 = 1 + k / _HIGH_PASS_Q + k * k
    a = np.array([a0, 2 * (k * k - 1), 1 - k / _HIGH_PASS_Q + k * k])
    return np.array([1.0, -2.0, 1.0]), a / a0
