"""Puts a string section together: bowed strings on wooden bodies, each player with a hand of their own.

A bowed string moves in two straight lines (Helmholtz motion), a sawtooth whose corner the bow's width and the
string's stiffness round off; the body adds its air, wood and bridge resonances.

References
----------
Helmholtz, H. (1863). Die Lehre von den Tonempfindungen, appendix VI.
Fletcher, N. H. & Rossing, T. D. (1998). The physics of musical instruments, chapter 10: bowed strings, bodies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.instruments.ensemble import (
    Entry,
    Player,
    Response,
    Span,
    Swing,
    cycle_of,
    n_partials_below,
    no_wider,
)
from calmando.instruments.evened import evened
from calmando.instruments.keyboard import Region, regions
from calmando.instruments.model import Envelope, Frames, LowPass, Sample, Zone
from calmando.instruments.steady import looped_stereo_sample
from calmando.instruments.stereo_loop import quarter_span, stereo_unison, stereo_zones, whole
from calmando.rng import Stream
from calmando.theory.pitch import key_hz


@dataclass(frozen=True, slots=True)
class BodyMode:
    """A resonance of the body: centre in Hz, width in Hz, and how much it adds."""

    centre_hz: float
    width_hz: float
    gain: float


_VIOLIN = (BodyMode(275, 60, 0.7), BodyMode(460, 80, 0.9), BodyMode(560, 90, 0.6), BodyMode(2400, 1400, 0.35))
_CELLO = (BodyMode(100, 30, 0.6), BodyMode(180, 40, 0.8), BodyMode(230, 60, 0.6), BodyMode(1500, 900, 0.3))
_CELLO_UP_TO_KEY, _VIOLIN_FROM_KEY = 45, 62
_CALM_FROM_HZ = 330.0
"""Above here the hands of players lie no further apart in hertz: their beats would be a flutter."""
_REACH_KEYS = 14.0
"""A section holds instruments of many sizes: no resonance of a body is left to be heard by itself."""


@dataclass(frozen=True, slots=True)
class Section:
    """How a string section plays.

    ``corner_hz`` is where the bow rounds the sawtooth off, ``top_hz`` where the sound ends; ``attack_s`` maps the
    bow's slow start.
    """

    short_name: str
    n_middle: int
    n_side: int
    corner_hz: float
    top_hz: float
    bow_noise: float
    vibrato_cents: tuple[float, float]
    vibrato_hz: tuple[float, float]
    drift_cents: float
    loop_s: float
    rate_hz: int
    width: float
    envelope: Envelope
    low_pass: LowPass


def section_zones(section: Section, keys: tuple[int, int], region_width: int) -> tuple[Zone, ...]:
    """Two zones a region, left and right."""
    stream = Stream(0, section.short_name)
    spread = regions(keys, region_width)
    samples = [_sample(section, region, stream=stream.child(str(region.root))) for region in spread]
    return tuple(
        zone
        for sample, region in zip(evened(samples, reach_keys=_REACH_KEYS), spread, strict=True)
        for zone in stereo_zones(sample, region, section.envelope, section.low_pass)
    )


def _sample(section: Section, region: Region, *, stream: Stream) -> Sample:
    quarter = quarter_span(key_hz(region.root), loop_s=section.loop_s, rate_hz=section.rate_hz)

    def middle(take: Stream) -> tuple[Player, ...]:
        return _group(section, region.root, quarter, section.n_middle, stream=take)

    def side(take: Stream) -> tuple[Player, ...]:
        return _group(section, region.root, whole(quarter), section.n_side, stream=take)

    loop = stereo_unison(middle, side, quarter, width=section.width, stream=stream)
    return looped_stereo_sample(f"{section.short_name} {region.root}", loop, region.root, section.rate_hz)


def _group(section: Section, key: int, span: Span, n: int, *, stream: Stream) -> tuple[Player, ...]:
    return tuple(_player(section, key, span, stream=stream.child(f"player-{number}")) for number in range(n))


def _player(section: Section, key: int, span: Span, *, stream: Stream) -> Player:
    frequency_hz = span.frequency_hz
    numbers = np.arange(1, n_partials_below(section.top_hz * 1.15, frequency_hz) + 1)
    corner_hz = section.corner_hz * stream.uniform(0.8, 1.2)
    partials = 1.0 / numbers / np.sqrt(1.0 + (numbers * frequency_hz / corner_hz) ** 2)
    return Player(
        cycle=cycle_of(partials),
        response=_body(section, key, stream.uniform(0.93, 1.07)),
        pitch=_pitch_swings(section, span, stream=stream.child("pitch")),
        level=tuple(Swing(1 + stream.below(5), stream.uniform(0.4, 1.4), stream.random()) for _ in range(3)),
        gain=stream.uniform(0.7, 1.0),
        noise=section.bow_noise,
        entry=Entry(0.0, 0.1, 0.0),
    )


def _pitch_swings(section: Section, span: Span, *, stream: Stream) -> tuple[Swing, ...]:
    loop_s, share = span.n_loop / span.rate_hz, no_wider(span.frequency_hz, _CALM_FROM_HZ)
    slowest, fastest = (round(rate * loop_s) for rate in section.vibrato_hz)
    vibrato = Swing(
        slowest + stream.below(max(1, fastest - slowest + 1)),
        share * stream.uniform(*section.vibrato_cents),
        stream.random(),
    )
    drift_cents = share * section.drift_cents
    drifts = (Swing(n, drift_cents * stream.uniform(0.4, 1.0) / n, stream.random()) for n in (1, 2))
    return (vibrato, *drifts)


def _body(section: Section, key: int, size: float) -> Response:
    share = min(1.0, max(0.0, (key - _CELLO_UP_TO_KEY) / (_VIOLIN_FROM_KEY - _CELLO_UP_TO_KEY)))
    weighted = [(mode, 1.0 - share) for mode in _CELLO] + [(mode, share) for mode in _VIOLIN]

    def response(frequencies_hz: Frames) -> NDArray[np.complex128]:
        gains = np.full(len(frequencies_hz), 0.6, dtype=np.complex128)
        for mode, weight in weighted:
            centre = mode.centre_hz * size
            damped = 1j * frequencies_hz * mode.width_hz
            gains += weight * mode.gain * damped / (centre**2 - frequencies_hz**2 + damped)
        edge = 1.0 / (1.0 + (frequencies_hz / section.top_hz) ** 6)
        rumble = frequencies_hz**2 / (frequencies_hz**2 + 50.0**2)
        return np.asarray(gains * edge * rumble)

    return response
