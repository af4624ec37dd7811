"""A tambura: courses of long strings over a broad, curved bridge, stroked with the side of the finger.

A thread under each string (jivari) lets it graze the bridge, which sends a sharp precursor ahead of the wave; it runs
ever further ahead, so that bands of strengthened partials wander down through the tone while it rings (Valette et
al. 1991). Because of the bridge even the partials with a node under the finger sound (Raman 1921): there
is no comb of the plucking place. The tone is not loudest at once; it blooms.

References
----------
Raman, C. V. (1921): On some Indian stringed instruments. Proc. Indian Assoc. Cultivation of Science 7, 29–33.
Valette, C., Cuesta, C., Castellengo, M. & Besnainou, C. (1991): The tampura bridge as a precursive wave generator.
Acustica 74, 201–208.
"""

from __future__ import annotations

import numpy as np

from calmando.instruments.keyboard import KeyCurve, Region, regions
from calmando.instruments.model import Family, Frames, Loop, LowPass, Sample, Stated, Voice, Zone
from calmando.instruments.periods import whole_periods
from calmando.instruments.plucked import decay_envelope, time_constant_s
from calmando.instruments.winds import onset_curve
from calmando.theory.pitch import key_hz

KEYS = (33, 67)

_RATE_HZ = 14_000
_HEAD_S = KeyCurve(((33, 2.8), (67, 1.5)))
"""How long the bands wander: along the keyboard nearly as a player stretches a sample."""
_LOOP_S = (1.35, 1.5)
_BEAT_HZ, _BEAT_DEPTH = 0.2, 0.4
"""How far apart the strings of a course sound at the fundamental (n times that at partial n), and how strong the second is
beside the first: where the bands have come to rest, the partials go on swelling, each in its own time."""
_FASTEST_BEAT = 4
"""Swells a loop."""
_HIGHEST_HZ = 5_900.0
_SLOPE_DB = KeyCurve(((33, 2.5), (67, 3.5)))
"""How far the partials fall an octave."""
_DECAY_S = KeyCurve(((33, 14.0), (67, 9.0)))
_LOSS = 0.05
"""How much faster each higher partial falls than the one below it, as a share of the fundamental's rate."""
_STROKE_S = 0.02
_BLOOM_S = 0.4
_STROKE_DB = -2.5
"""What of a partial is there at once, under the finger; the rest blooms."""
_WAVE_FROM_S, _WAVE_PERIODS = 0.000_12, 0.5
"""How far the precursor runs ahead of the wave: at the stroke, and where it comes to rest, in periods."""
_WAVE_DEPTH = 0.8
_CUTOFF_PARTIALS = KeyCurve(((33, 50.0), (67, 22.0)))
_SEED = 10_500


def _strings(key: int, frequency_hz: float, n_frames: int, start: int) -> Frames:
    """The string with its fundamental's decay taken out: what changes has come to rest at ``start``."""
    generator, course = np.random.default_rng(_SEED), np.random.default_rng(_SEED + 1)
    times = np.arange(n_frames) / _RATE_HZ
    held = np.minimum(times, start / _RATE_HZ)
    tau = time_constant_s(_DECAY_S.at(key))
    stroke = 10 ** (_STROKE_DB / 20)
    rise = stroke * onset_curve(times, _STROKE_S) + (1 - stroke) * onset_curve(times, _BLOOM_S)
    # The share of its way that the precursor has run, arriving at rest.
    run = np.sin(np.pi / 2 * held * _RATE_HZ / start)
    ahead_s = _WAVE_FROM_S + run * (_WAVE_PERIODS / frequency_hz - _WAVE_FROM_S)
    turns = (times - start / _RATE_HZ) * _RATE_HZ / (n_frames - start)
    sound = np.zeros(n_frames)
    for number in range(1, min(64, int(_HIGHEST_HZ / frequency_hz)) + 1):
        level_db = -_SLOPE_DB.at(key) * np.log2(number) + generator.uniform(-2.0, 2.0)
        level_db -= 8.686 * _LOSS * (number - 1) * held / tau
        wave = np.abs(np.sin(np.pi * number * frequency_hz * ahead_s))
        level = 1.0 if number == 1 else 1 - _WAVE_DEPTH + _WAVE_DEPTH * wave
        phase = 2 * np.pi * number * frequency_hz * times + generator.uniform(0, 2 * np.pi)
        n_beats = min(_FASTEST_BEAT, max(1, round(number * _BEAT_HZ * (n_frames - start) / _RATE_HZ)))
        other = phase + 2 * np.pi * (n_beats * turns + course.random())
        strings = np.sin(phase) + (_BEAT_DEPTH * run * np.sin(other) if number > 1 else 0.0)
        sound += level * 10 ** (level_db / 20) * strings
    return np.asarray(0.7 * rise * sound / np.max(np.abs(rise * sound)))


def _zone(region: Region) -> Zone:
    wanted_hz = key_hz(region.root)
    periods = whole_periods(wanted_hz, *_LOOP_S, rate_hz=_RATE_HZ)
    start = round(_HEAD_S.at(region.root) * _RATE_HZ)
    sample = Sample(
        name=f"tambura {region.root}",
        frames=_strings(region.root, periods.frequency_hz, start + periods.n_frames, start),
        root_key=region.root,
        sharp_cents=periods.sharp_cents(wanted_hz),
        loop=Loop(start, start + periods.n_frames),
        rate_hz=_RATE_HZ,
    )
    return Zone(
        sample=sample,
        low_key=region.low,
        high_key=region.high,
        envelope=decay_envelope(_DECAY_S, region.root, release_s=3.0),
        low_pass=LowPass(min(_CUTOFF_PARTIALS.at(region.root) * wanted_hz, 7_500), velocity_cents=4000.0),
    )


def _build() -> tuple[Zone, ...]:
    return tuple(_zone(region) for region in regions(KEYS, 5))


VOICES = (
    Voice(
        name="Tambura",
        program=104,
        family=Family.PLUCKED,
        method="additive strings that bloom, bands of partials wandering down through them",
        reference="Raman 1921; Valette, Cuesta, Castellengo & Besnainou 1991",
        keys=KEYS,
        attack=Stated(0.01, 0.12),
        decay=Stated(5.0, 18.0),
        build=_build,
    ),
)
