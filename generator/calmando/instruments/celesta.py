"""Celesta: steel bars over wooden resonators, struck by small felt hammers.

References
----------
Fletcher, N. H. & Rossing, T. D. (1998): The Physics of Musical Instruments, 2nd ed., 2.16 (free bars: 1, 2.756,
5.404, 8.933) and 19.1.
"""

from __future__ import annotations

from calmando.instruments.bars import Bar, Knock, Opening, Partial, bar_zones
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.modes import between

KEYS = (60, 108)


def build() -> tuple[Zone, ...]:
    """The zones."""
    return bar_zones(_BAR)


def _t60_s(key: int) -> float:
    return between(key, (60, 3.6), (84, 2.4), (108, 1.0))


def _contact_s(key: int) -> float:
    return between(key, (60, 0.008), (108, 0.004))


_BAR = Bar(
    label="Celesta",
    keys=KEYS,
    step=5,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(2.0, -28.0, 0.5),
        Partial(2.756, -12.0, 0.35),
        Partial(3.98, -24.0, 0.2),
        Partial(5.404, -3.0, 0.26),
        Partial(8.933, -12.0, 0.1),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((250.0, 1_600.0), -14.0, 0.08),
    opening=Opening(10.0, 1_000.0, 6_000.0),
    release_t60_s=0.45,
    first_stage_db=5.0,
    spread=0.3,
    upper_tilt_db=lambda key: between(key, (60, 3.0), (76, -2.0), (84, -2.5), (96, -8.0), (108, -11.0)),
)

VOICES = (
    Voice(
        name="Celesta",
        program=8,
        family=Family.STRUCK,
        method="modal: free steel bars, wooden resonators, felt hammers",
        reference="Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.001, 0.030),
        decay=Stated(0.6, 4.0),
        build=build,
    ),
)
