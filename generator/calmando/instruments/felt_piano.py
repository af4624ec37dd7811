"""Felt piano: inharmonic strings with a two-stage decay, struck through a strip of felt.

Each key is a stiff string (partials stretched by its inharmonicity B), struck at an eighth of its length by a hammer whose
felt swallows the high partials. Pairs of strings make the prompt sound and the aftersound of Weinreich. A soft
thump of the soundboard comes first. Left and right are two microphones: the same partials, other phases and
slightly other levels.

References
----------
Fletcher, H., Blackham, E. D. & Stratton, R. (1962): Quality of piano tones. JASA 34, 749–761 (inharmonicity).
Weinreich, G. (1977): Coupled piano strings. JASA 62, 1474–1484 (two-stage decay).
Rauhala, J., Lehtonen, H.-M. & Välimäki, V. (2007): Toward next-generation digital keyboard instruments. IEEE SPM 24(2).
"""

from __future__ import annotations

import math
from statistics import fmean

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
from calmando.rng import Stream
from calmando.theory.pitch import key_hz

KEYS = (21, 108)
_STEP = 4
_SEED = 0
_STRIKE_POINT = 1 / 8
_SIDES = (("L", -0.85), ("R", 0.85))
_MOST_PARTIALS = 64
_HIGHEST_PARTIAL_HZ = 9_000.0
_FAINTEST_DB = -75.0
_AIR_DB = -40.0
_SHELF_HZ, _ABOVE_FIRST = 550.0, 1.15
"""Above here (at the least that many times the first partial) partials lie 10 dB (low keys) to 25 dB (high keys) under
the first, and fall slowly from there."""
_EVEN_OVER_KEYS = 9
"""Levels of partials are those of so many keys below and above on the mean."""
_TURN = 0.25
"""Half the angle by which a partial differs at the two microphones: always alike, so that the mono sum loses alike."""
_UNISON_BEAT_HZ = 0.4
"""How far apart the strings of a key sound at the fundamental; n times that at partial n."""
_GOLDEN = (math.sqrt(5) - 1) / 2
"""So much of a turn later each partial beats than the one below it: never do all fade and come back together."""


def inharmonicity(key: int) -> float:
    """Fletcher's B of a medium grand: least near the tenor, most at the top."""
    return float(10.0 ** (-3.9 + 0.0335 * max(0, key - 45) + 0.012 * max(0, 45 - key)))


def ring_t60_s(key: int) -> float:
    """How long the aftersound takes to fall by 60 dB."""
    return between(key, (21, 17.0), (48, 11.0), (60, 8.5), (72, 7.0), (84, 4.2), (96, 2.4), (108, 1.4))


def build() -> tuple[Zone, ...]:
    """The zones of both sides."""
    zones = []
    for low, root, high in key_zones(*KEYS, _STEP):
        for side, pan in _SIDES:
            zones.append(_zone(low, root, high, side, pan))
    return tuple(zones)


def _zone(low: int, root: int, high: int, side: str, pan: float) -> Zone:
    rate = _rate_hz(root)
    knock = knock_noise(_SEED, f"felt/{side}/{root}", _thump_band(root), 0.3, rate) * decibels(
        between(root, (21, -9.0), (60, -1.0), (84, -4.0), (108, -12.0))
    )
    strike = Strike(
        contact_s=between(root, (21, 0.016), (60, 0.011), (108, 0.006)),
        loop_from_s=between(root, (21, 1.5), (60, 1.3), (84, 0.9), (108, 0.35)),
        loop_s=_loop_s(root),
        knock=knock,
        rate_hz=rate,
        air_db=_AIR_DB,
    )
    sample = struck_sample(f"Felt piano {root} {side}", root, _modes(root, side), strike)
    sample = scaled_sample(sample, -30)
    return Zone(
        sample,
        low,
        high,
        ringing(ring_t60_s, root, 0.45 if root < 90 else 0.9),
        low_pass=LowPass(_cutoff_hz(root), velocity_cents=5_000),
        pan=pan,
    )


def _rate_hz(key: int) -> int:
    """Enough for the highest partial that matters at the key."""
    if key < 36:
        return DARK_RATE_HZ // 2
    return 16_000 if key < 48 else DARK_RATE_HZ if key < 100 else 32_000


def _loop_s(key: int) -> float:
    return between(key, (21, 1.0), (60, 0.9), (84, 0.6), (108, 0.3))


def _thump_band(key: int) -> tuple[float, float]:
    return (between(key, (21, 55.0), (108, 110.0)), between(key, (21, 600.0), (108, 1_400.0)))


def _cutoff_hz(key: int) -> float:
    return 10.0 * key_hz(key) + 2_900.0


def _modes(key: int, side: str) -> tuple[Mode, ...]:
    stream = Stream(_SEED, f"felt-piano/{key}")
    step_hz = _rate_hz(key) / exact_loop_frames(key_hz(key), _loop_s(key), _rate_hz(key))
    modes = []
    for number in range(1, _MOST_PARTIALS + 1):
        hz = _partial_hz(key, number)
        level = (
            _even_level_db(key, number)
            + _wandering("felt-piano", key, number, 1.2)
            + _wandering(f"felt-piano/{side}", key, number, 1.0)
        )
        beat, phase = _wandering("felt-piano/beat", key, number, 1.0), stream.uniform(0, 2 * math.pi)
        turn = math.copysign(_TURN, stream.uniform(-1, 1)) * (1 if side == _SIDES[0][0] else -1)
        if hz > min(_HIGHEST_PARTIAL_HZ, 0.42 * _rate_hz(key)) or (level < _FAINTEST_DB and number > 1):
            continue
        t60 = ring_t60_s(key) / (1 + 0.11 * (number - 1) + (hz / 5_000) ** 2)
        modes.append(
            Mode(
                hz,
                level - 9 - 4 * min(1.0, number / 8),
                t60,
                phase + turn,
                prompt_db=between(key, (24, 3.0), (48, 6.0), (60, 7.0), (100, 4.0)),
                prompt_t60_s=t60 / between(key, (24, 2.0), (48, 2.5), (60, 2.7), (100, 1.8)),
                prompt_hz=beat * (0.000_1 * hz if number == 1 else min(0.3, 0.000_8 * hz)),
            )
        )
        if number > 1:
            apart_hz = step_hz * max(1, round(number * _UNISON_BEAT_HZ * _loop_s(key)))
            ahead = 2 * math.pi * (number - 2) * _GOLDEN
            twin_hz = step_hz * round(hz / step_hz) + apart_hz
            modes.append(Mode(twin_hz, level - 25 + 3 * beat, t60, phase + turn + ahead))
    return tuple(modes)


def _partial_hz(key: int, number: int) -> float:
    """Where a stiff string has its partial (Fletcher)."""
    stiffness = inharmonicity(key)
    return number * key_hz(key) * math.sqrt((1 + stiffness * number**2) / (1 + stiffness))


def _even_level_db(key: int, number: int) -> float:
    """A partial's level beside the first one's, as the keys around have it on the mean.

    Neighbouring samples are `_STEP` keys apart; what changes the colour sooner would be heard as another piano.
    """
    near = range(key - _EVEN_OVER_KEYS, key + _EVEN_OVER_KEYS + 1)
    return fmean(_level_db(k, number, _partial_hz(k, number)) - _level_db(k, 1, key_hz(k)) for k in near)


def _wandering(name: str, key: int, number: int, most: float) -> float:
    """How far a partial goes its own way, ``most`` at most: drawn once an octave, and on the straight way between."""
    octave, place = divmod(key, 12)
    below, above = (
        Stream(_SEED, f"{name}/{number}/{drawn}").uniform(-most, most) for drawn in (octave, octave + 1)
    )
    return below + (above - below) * place / 12


def _level_db(key: int, number: int, hz: float) -> float:
    knee_hz = max(_SHELF_HZ, _ABOVE_FIRST * key_hz(key))
    shelf = -between(key, (36, 8.0), (48, 11.0), (60, 20.0), (72, 24.0)) / (1 + (knee_hz / hz) ** 4)
    felt = shelf - between(key, (36, 2.0), (48, 2.5), (60, 3.0), (84, 2.5), (108, 2.0)) * (hz / 1000) ** 0.95
    comb = abs(math.sin(math.pi * number * _STRIKE_POINT))
    place = 20 * math.log10(0.12 + 0.88 * comb)
    board = -20 * math.log10(1 + (45 / hz) ** 2)
    return float(felt + place + board)


VOICES = (
    Voice(
        name="Felt Piano",
        program=0,
        family=Family.STRUCK,
        method="additive stiff strings, two-stage decay, felt hammer, soundboard thump; two microphones",
        reference="Fletcher et al. 1962; Weinreich 1977",
        keys=KEYS,
        attack=Stated(0.002, 0.030),
        decay=Stated(0.4, 16.0),
        build=build,
    ),
)
