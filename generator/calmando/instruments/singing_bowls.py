"""Singing bowls: wide bronze bowls struck with a soft mallet, their modes beating slowly from side to side.

No bowl is quite round, so each of its modes is a pair a fraction of a hertz apart, which beats. Here the pair is drawn
as a tone with two faint neighbours, one step of the loop below and above, so that the pitch stays in the middle;
left and right beat in turns, and the mono sum is steady. The high modes fade first,
so they are a layer of their own.

References
----------
Inácio, O., Henrique, L. L. & Antunes, J. (2006): The dynamics of Tibetan singing bowls. Acta Acustica united with
Acustica 92, 637–653 (modes near 1, 2.8, 5.2, 7.9; paired).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calmando.instruments.level import scaled_sample
from calmando.instruments.model import Family, LowPass, Stated, Voice, Zone
from calmando.instruments.modes import (
    DARK_RATE_HZ,
    Mode,
    Strike,
    between,
    decibels,
    exact_loop_frames,
    key_zones,
    knock_noise,
    ringing,
    struck_sample,
)
from calmando.instruments.soft_notes import filters_following
from calmando.rng import Stream
from calmando.theory.pitch import key_hz

KEYS = (36, 84)
_STEP = 8
_LOOP_S = 1.7
_SIDES = (("L", -0.8, 0.0), ("R", 0.8, math.pi))
_SEED = 0
_HEADROOM_DB = -20.0
_BEAT_DB = -11.0


@dataclass(frozen=True, slots=True)
class Ring:
    """A mode: ratio to the lowest, level in dB, share of the lowest one's decay, beats in a loop."""

    ratio: float
    level_db: float
    decay_share: float
    beats: int


_HUM = (Ring(1.0, 0.0, 1.0, 1),)
_SHINE = (Ring(2.78, -9.0, 0.55, 2), Ring(5.2, -15.0, 0.32, 3), Ring(7.9, -24.0, 0.18, 5))


def build() -> tuple[Zone, ...]:
    """Two layers on each side: the hum, and the shine that fades twice as fast."""
    return filters_following(
        [
            layer(low, root, high, side, pan, turn)
            for low, root, high in key_zones(*KEYS, _STEP)
            for side, pan, turn in _SIDES
            for layer in (_hum_zone, _shine_zone)
        ]
    )


def _t60_s(key: int) -> float:
    return between(key, (36, 26.0), (60, 19.0), (84, 11.0))


def _hum_zone(low: int, root: int, high: int, side: str, pan: float, turn: float) -> Zone:
    rate = DARK_RATE_HZ // 4 if root < 68 else 8_000 if root < 76 else DARK_RATE_HZ // 2
    knock = knock_noise(_SEED, f"bowl/{root}/{side}", (90.0, 500.0), 0.15, rate) * decibels(-22)
    strike = Strike(_contact_s(root), 0.2, _LOOP_S, knock, rate)
    sample = struck_sample(f"Bowl hum {root} {side}", root, _modes(_HUM, root, turn, rate), strike)
    return Zone(scaled_sample(sample, _HEADROOM_DB), low, high, ringing(_t60_s, root, 5.0), pan=pan)


def _shine_zone(low: int, root: int, high: int, side: str, pan: float, turn: float) -> Zone:
    rate = DARK_RATE_HZ // 2 if root < 66 else 16_000 if root < 76 else DARK_RATE_HZ
    strike = Strike(_contact_s(root), 0.5, _LOOP_S, rate_hz=rate)
    sample = struck_sample(f"Bowl shine {root} {side}", root, _modes(_SHINE, root, turn, rate), strike)
    return Zone(
        scaled_sample(sample, _HEADROOM_DB),
        low,
        high,
        ringing(lambda key: _SHINE[0].decay_share * _t60_s(key), root, 3.5),
        low_pass=LowPass(11.0 * key_hz(root) + 500.0, velocity_cents=3_600),
        pan=pan,
    )


def _contact_s(key: int) -> float:
    return between(key, (36, 0.05), (84, 0.025))


def _modes(rings: Sequence[Ring], key: int, turn: float, rate_hz: int) -> tuple[Mode, ...]:
    stream = Stream(_SEED, f"bowl/{key}/{len(rings)}")
    first = key_hz(key)
    step_hz = rate_hz / exact_loop_frames(rings[0].ratio * first, _LOOP_S, rate_hz)
    modes = []
    for ring in rings:
        hz = round(ring.ratio * first / step_hz) * step_hz
        t60, phase = ring.decay_share * _t60_s(key), stream.uniform(0, 2 * math.pi)
        beat_phase = stream.uniform(0, 2 * math.pi) + turn
        modes.append(Mode(hz, ring.level_db, t60, phase))
        for sign in (-1, 1):
            side_hz = hz + sign * ring.beats * step_hz
            modes.append(Mode(side_hz, ring.level_db + _BEAT_DB, t60, phase + sign * beat_phase))
    return tuple(modes)


VOICES = (
    Voice(
        name="Singing Bowls",
        program=14,
        bank=1,
        family=Family.STRUCK,
        method="modal: paired modes of bronze bowls, beating from side to side; soft mallet",
        reference="Inácio et al. 2006",
        keys=KEYS,
        attack=Stated(0.010, 0.120),
        decay=Stated(7.0, 32.0),
        build=build,
    ),
)
