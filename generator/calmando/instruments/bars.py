"""A bar, tooth or tine struck softly: few inharmonic partials, the upper ones soon gone.

What a celesta, a vibraphone, a marimba or a kalimba have in common; each voice's own module says how they differ.
Partials, decays and the knock are the instrument; velocity opens a low-pass filter that follows the key, so
that a softly struck bar is nearly a pure tone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calmando.instruments.keyboard import seat
from calmando.instruments.level import scaled_sample
from calmando.instruments.model import SAMPLE_RATE, LowPass, Vibrato, Zone
from calmando.instruments.modes import (
    ByKey,
    Mode,
    Strike,
    decibels,
    key_zones,
    knock_noise,
    ringing,
    struck_sample,
)
from calmando.instruments.soft_notes import filters_following
from calmando.rng import Stream
from calmando.theory.pitch import key_hz

_HIGHEST_PARTIAL_HZ = 14_000.0
_LEAST_RATE_HZ, _RATE_STEP_HZ = 11_025, 1_000
_HIGHEST_SHARE, _FUNDAMENTAL_SHARE, _KNOCK_SHARE = 0.345, 1 / 18, 0.25
"""Up to these shares of a sample's rate a partial is heard as it is, the mirror of the fundamental is not, and the noise of the
blow keeps its band."""
_HEADROOM_DB = -20.0
_SEED = 0


@dataclass(frozen=True, slots=True)
class Partial:
    """A mode of a bar: its ratio to the fundamental, its level when struck hard, and how fast it falls.

    A maker tunes it where the ratio is whole, so that it does not beat with an octave or a twelfth; others go a little astray
    from bar to bar.
    """

    ratio: float
    level_db: float
    decay_share: float
    """Its 60 dB decay, as a share of the fundamental's."""


@dataclass(frozen=True, slots=True)
class Knock:
    """The noise of the blow: its band, its level beside the fundamental, its decay."""

    band_hz: tuple[float, float]
    level_db: float
    t60_s: float


@dataclass(frozen=True, slots=True)
class Opening:
    """How velocity opens the filter: cutoff in multiples of the fundamental plus a constant, and its fall.

    A soft mallet excites the upper partials less: they are made for a hard one, and the fall (as far as `soft_notes`
    lets it) takes at velocity 60 what they have more than a soft one gives them.
    """

    multiple: float
    plus_hz: float
    velocity_cents: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar instrument.

    ``t60_s`` and ``contact_s`` are functions of the key; ``first_stage_db`` is how much stronger the bar's first,
    three times faster decay is than the ring that follows; ``width`` pans two microphones apart (0: one only, which
    hears the bars laid out from left to right over ``spread``).
    """

    label: str
    keys: tuple[int, int]
    step: int
    partials: tuple[Partial, ...]
    t60_s: ByKey
    contact_s: ByKey
    knock: Knock
    opening: Opening
    release_t60_s: float
    first_stage_db: float = 0.0
    width: float = 0.0
    spread: float = 0.0
    loop_s: float = 0.2
    tremolo: Vibrato | None = None
    upper_tilt_db: ByKey = lambda _key: 0.0
    """Added to every partial above the fundamental."""


def bar_zones(bar: Bar) -> tuple[Zone, ...]:
    """The zones of a bar instrument."""
    sides = (("L", -bar.width), ("R", bar.width)) if bar.width else (("", 0.0),)
    return filters_following(
        [
            _zone(bar, low, root, high, side, pan)
            for low, root, high in key_zones(*bar.keys, bar.step)
            for side, pan in sides
        ]
    )


def _zone(bar: Bar, low: int, root: int, high: int, side: str, pan: float) -> Zone:
    modes = _modes(bar, root, side)
    longest_upper = max((mode.t60_s for mode in modes[1:]), default=0.1)
    first_stage = bar.t60_s(root) / 3 if bar.first_stage_db else 0.0
    knock = bar.knock
    rate = _rate_hz(key_hz(root), max(mode.hz for mode in modes), knock)
    noise = knock_noise(_SEED, f"{bar.label}/{root}/{side}", knock.band_hz, knock.t60_s, rate)
    strike = Strike(
        contact_s=bar.contact_s(root),
        loop_from_s=min(0.55, max(0.7 * longest_upper, 0.7 * first_stage, 1.25 * knock.t60_s)),
        loop_s=bar.loop_s,
        knock=noise * decibels(knock.level_db),
        rate_hz=rate,
    )
    sample = struck_sample(f"{bar.label} {root} {side}".strip(), root, modes, strike)
    opening = bar.opening
    return Zone(
        scaled_sample(sample, _HEADROOM_DB),
        low,
        high,
        ringing(bar.t60_s, root, bar.release_t60_s),
        low_pass=LowPass(opening.multiple * key_hz(root) + opening.plus_hz, opening.velocity_cents),
        pan=pan + seat(root, bar.keys, bar.spread),
        vibrato=bar.tremolo,
    )


def _rate_hz(fundamental_hz: float, highest_hz: float, knock: Knock) -> int:
    """The least rate that is enough for a bar's fundamental, its highest partial and the blow."""
    least = max(
        fundamental_hz / _FUNDAMENTAL_SHARE, highest_hz / _HIGHEST_SHARE, knock.band_hz[1] / _KNOCK_SHARE
    )
    return min(SAMPLE_RATE, max(_LEAST_RATE_HZ, _RATE_STEP_HZ * math.ceil(least / _RATE_STEP_HZ)))


def _modes(bar: Bar, key: int, side: str) -> tuple[Mode, ...]:
    common = Stream(_SEED, f"{bar.label}/{key}")
    mine = common.child(f"side {side}")
    modes = []
    for number, partial in enumerate(bar.partials):
        astray = common.uniform(-0.004, 0.004) if number else 0.0
        hz = partial.ratio * key_hz(key) * (1 + (0.0 if partial.ratio.is_integer() else astray))
        phase = common.uniform(0, 2 * math.pi) + (mine.uniform(-0.6, 0.6) if side else 0.0)
        level = partial.level_db
        if number:
            level += (
                bar.upper_tilt_db(key)
                + common.uniform(-1.0, 1.0)
                + (mine.uniform(-0.7, 0.7) if side else 0.0)
            )
        if hz > _HIGHEST_PARTIAL_HZ:
            continue
        t60 = bar.t60_s(key)
        staged = number == 0 and bar.first_stage_db != 0.0
        modes.append(
            Mode(
                hz,
                level,
                t60 * partial.decay_share,
                phase,
                prompt_db=bar.first_stage_db if staged else -math.inf,
                prompt_t60_s=t60 / 3,
            )
        )
    return tuple(modes)
