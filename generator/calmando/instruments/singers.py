"""Puts a choir together: men below, women above, each singer with a throat and a vibrato of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.instruments.ensemble import (
    Entry,
    Player,
    Response,
    Span,
    Swing,
    blended_unison,
    cycle_of,
    exact_span,
    n_partials_below,
    no_wider,
    unison,
)
from calmando.instruments.evened import MOST_DB_A_KEY, WHOLE, evened
from calmando.instruments.formants import Tract, blended, glottal_partials
from calmando.instruments.keyboard import Region
from calmando.instruments.model import Envelope, Frames, LowPass, Sample, Zone
from calmando.instruments.steady import (
    begun_at_rest,
    looped_at_rest,
    looped_sample,
    looped_stereo_sample,
    root_mean_square,
    side_of,
    steadied,
    tuned_sample,
)
from calmando.instruments.stereo_loop import quarter_span, stereo_unison, stereo_zones, whole
from calmando.rng import Stream
from calmando.theory.pitch import key_hz

_WINDOW_S = 0.15
_FULL_BREATH_HZ = 260.0
_MEN_UP_TO_KEY, _WOMEN_FROM_KEY = 45, 69
_CHANGE = 0.5
"""The share of the way from men to women that one singer takes to change: no key has all of them change at once."""
_SIZE_CENTRE_KEY, _SIZE_SHARE = 60, 0.06
"""Who sings higher is smaller: the tract follows the pitch by this share (in octaves), so that neighbouring
samples, whose tracts a player transposes towards each other's keys, meet nearer."""


@dataclass(frozen=True, slots=True)
class Choir:
    """How a choir sings.

    ``men`` and ``women`` are the tracts of its vowel, ``opening`` scales the tract it begins with; ``corner_hz``
    is where the soft source begins to fall faster, ``top_hz`` where the sound ends, ``breath`` the level of breath
    noise beside the source of a low voice. ``fill`` is the least gain between the formants (1 at 0 Hz): the many
    throats of a choir leave no deep valleys, and without them neighbouring samples, transposed towards each other,
    keep one colour. ``reach_keys`` is how far a sample's partials are evened with its neighbours', ``most_db_a_key`` how
    far they may step (see `evened`). Above ``calm_from_hz`` the voices lie no further apart in hertz (see `no_wider`).
    """

    short_name: str
    men: Tract
    women: Tract
    n_middle: int
    n_side: int
    corner_hz: float
    top_hz: float
    rate_hz: int
    breath: float
    vibrato_cents: tuple[float, float]
    vibrato_hz: tuple[float, float]
    drift_cents: float
    scatter: float
    entry_spread_s: float
    rise_s: tuple[float, float]
    scoop_cents: tuple[float, float]
    opening: float
    fill: float
    reach_keys: float
    loop_s: float
    side_loop_s: float
    onset_s: float
    width: float
    attack_s: float
    release_s: float
    cutoff_hz: float
    velocity_cents: float
    most_db_a_key: float = MOST_DB_A_KEY
    calm_from_hz: float = math.inf


def choir_zones(choir: Choir, spread: Sequence[Region]) -> tuple[Zone, ...]:
    """Three zones a region: the middle, with its sung onset, and the two sides."""
    stream = Stream(0, choir.short_name)
    streams = [stream.child(str(region.root)) for region in spread]
    middles = [
        _middle(choir, region.root, stream=own.child("middle"))
        for region, own in zip(spread, streams, strict=True)
    ]
    sides = [
        _side(choir, region.root, root_mean_square(middle.frames), stream=own.child("side"))
        for region, own, middle in zip(spread, streams, middles, strict=True)
    ]
    rows = (
        evened(row, reach_keys=choir.reach_keys, most_db_a_key=choir.most_db_a_key, parts=WHOLE)
        for row in (middles, sides)
    )
    return tuple(
        zone
        for region, middle, side in zip(spread, *rows, strict=True)
        for zone in _region_zones(choir, region, middle, side)
    )


def choir_pad_zones(choir: Choir, spread: Sequence[Region]) -> tuple[Zone, ...]:
    """Two zones a region, left and right, that swell without a sung onset."""
    stream = Stream(0, choir.short_name)
    envelope = Envelope(attack_s=choir.attack_s, release_s=choir.release_s)
    low_pass = LowPass(choir.cutoff_hz, choir.velocity_cents)
    samples = [_stereo_sample(choir, region.root, stream=stream.child(str(region.root))) for region in spread]
    even = evened(samples, reach_keys=choir.reach_keys, most_db_a_key=choir.most_db_a_key)
    return tuple(
        zone
        for sample, region in zip(even, spread, strict=True)
        for zone in stereo_zones(sample, region, envelope, low_pass)
    )


def _stereo_sample(choir: Choir, key: int, *, stream: Stream) -> Sample:
    quarter = quarter_span(key_hz(key), loop_s=choir.loop_s, rate_hz=choir.rate_hz)

    def middle(take: Stream) -> tuple[Player, ...]:
        return _group(choir, key, quarter, choir.n_middle, stream=take)

    def side(take: Stream) -> tuple[Player, ...]:
        return _group(choir, key, whole(quarter), choir.n_side, stream=take)

    loop = stereo_unison(middle, side, quarter, width=choir.width, stream=stream)
    return looped_stereo_sample(f"{choir.short_name} {key}", loop, key, choir.rate_hz)


def _group(choir: Choir, key: int, span: Span, n: int, *, stream: Stream) -> tuple[Player, ...]:
    return tuple(
        _singer(choir, key, span, number, n, stream=stream.child(f"singer-{number}")) for number in range(n)
    )


def _region_zones(choir: Choir, region: Region, middle: Sample, side: Sample) -> tuple[Zone, ...]:
    low_pass = LowPass(choir.cutoff_hz, choir.velocity_cents)
    onset = Envelope(attack_s=choir.attack_s, release_s=choir.release_s)
    swell = Envelope(attack_s=0.7 * choir.onset_s, release_s=choir.release_s)
    half = _loop_frames(side) // 2
    return (
        Zone(middle, region.low, region.high, onset, low_pass=low_pass),
        Zone(side, region.low, region.high, swell, low_pass=low_pass, pan=-1.0),
        Zone(side, region.low, region.high, swell, low_pass=low_pass, pan=1.0, start_offset_frames=half),
    )


def _loop_frames(sample: Sample) -> int:
    return sample.loop.end - sample.loop.start if sample.loop else 0


def _middle(choir: Choir, key: int, *, stream: Stream) -> Sample:
    span = exact_span(key_hz(key), loop_s=choir.loop_s, onset_s=choir.onset_s, rate_hz=choir.rate_hz)

    def group(take: Stream) -> tuple[Player, ...]:
        return _group(choir, key, span, choir.n_middle, stream=take)

    sound = blended_unison(group, span, stream=stream)
    frames = steadied(sound, span.n_loop, choir.rate_hz, window_s=_WINDOW_S)
    frames = looped_at_rest(frames, span.n_loop)
    frames = frames / np.max(np.abs(frames))
    return tuned_sample(f"{choir.short_name} {key}", frames, frames[-span.n_loop :], key, choir.rate_hz)


def _side(choir: Choir, key: int, middle_level: float, *, stream: Stream) -> Sample:
    span = exact_span(key_hz(key), loop_s=choir.side_loop_s, onset_s=0.0, rate_hz=choir.rate_hz)
    sound = unison(_group(choir, key, span, choir.n_side, stream=stream), span, stream=stream)
    frames = begun_at_rest(steadied(side_of(sound), span.n_loop, choir.rate_hz, window_s=_WINDOW_S))
    # A zone panned hard reaches one side at full level, one in the middle reaches both 3 dB lower.
    level = choir.width * middle_level / math.sqrt(2.0)
    frames = frames * level / root_mean_square(frames)
    return looped_sample(f"{choir.short_name} {key} side", frames, key, choir.rate_hz)


def _singer(choir: Choir, key: int, span: Span, number: int, n: int, *, stream: Stream) -> Player:
    frequency_hz = span.frequency_hz
    size = 2.0 ** (_SIZE_SHARE * (key - _SIZE_CENTRE_KEY) / 12.0)
    tract = blended(choir.men, choir.women, _womanhood(key, (number + 0.5) / n)).scaled(size)
    tract = tract.scaled(1.0 + choir.scatter * stream.uniform(-1.0, 1.0)).tuned_to(frequency_hz)
    partials = glottal_partials(
        n_partials_below(choir.top_hz, frequency_hz),
        frequency_hz,
        corner_hz=choir.corner_hz * stream.uniform(0.8, 1.25),
    )
    return Player(
        cycle=cycle_of(partials),
        response=_mouth(tract, 1.0, choir),
        opens_from=_mouth(tract.scaled(choir.opening).tuned_to(frequency_hz), 0.5, choir)
        if span.n_onset
        else None,
        pitch=_pitch_swings(choir, span, stream=stream.child("pitch")),
        level=_level_swings(span, stream=stream.child("level")),
        gain=stream.uniform(0.7, 1.0),
        noise=choir.breath * min(1.0, math.sqrt(_FULL_BREATH_HZ / frequency_hz)),
        entry=Entry(
            delay_s=choir.entry_spread_s * number / n,
            rise_s=stream.uniform(*choir.rise_s),
            scoop_cents=-stream.uniform(*choir.scoop_cents),
        ),
    )


def _womanhood(key: int, place: float) -> float:
    """How much of a woman's tract the singer at a place in the row (0 to 1) has: 0 far down, 1 far up."""
    share = (key - _MEN_UP_TO_KEY) / (_WOMEN_FROM_KEY - _MEN_UP_TO_KEY)
    return min(1.0, max(0.0, (share - place) / _CHANGE + 0.5))


def _mouth(tract: Tract, gain: float, choir: Choir) -> Response:
    def response(frequencies_hz: Frames) -> NDArray[np.complex128]:
        edge = 1.0 / (1.0 + (frequencies_hz / choir.top_hz) ** 8)
        rumble = frequencies_hz**2 / (frequencies_hz**2 + 60.0**2)
        gains = tract.gains(frequencies_hz)
        filled = np.sqrt(1.0 + (choir.fill / np.abs(gains)) ** 2)
        return np.asarray(gain * edge * rumble * filled * gains)

    return response


def _pitch_swings(choir: Choir, span: Span, *, stream: Stream) -> tuple[Swing, ...]:
    loop_s, share = span.n_loop / span.rate_hz, no_wider(span.frequency_hz, choir.calm_from_hz)
    slowest, fastest = (round(rate * loop_s) for rate in choir.vibrato_hz)
    vibrato = Swing(
        slowest + stream.below(fastest - slowest + 1),
        share * stream.uniform(*choir.vibrato_cents),
        stream.random(),
    )
    drift_cents = share * choir.drift_cents
    drifts = (Swing(n, drift_cents * stream.uniform(0.4, 1.0) / n, stream.random()) for n in (1, 2, 3))
    return (vibrato, *drifts)


def _level_swings(span: Span, *, stream: Stream) -> tuple[Swing, ...]:
    return tuple(Swing(1 + stream.below(8), stream.uniform(0.3, 1.0), stream.random()) for _ in range(3))
