"""Soft glockenspiel: thin steel bars under a yarn mallet, without the bright ping.

References
----------
Fletcher, N. H. & Rossing, T. D. (1998): The Physics of Musical Instruments, 2nd ed., 19.1 (bars 1, 2.71, 5.15,
8.43 measured).
"""

from __future__ import annotations

from calmando.instruments.bars import Bar, Knock, Opening, Partial, bar_zones
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.modes import between

KEYS = (67, 108)


def build() -> tuple[Zone, ...]:
    """The zones."""
    return bar_zones(_BAR)


def _t60_s(key: int) -> float:
    return between(key, (67, 5.0), (84, 3.6), (108, 1.6))


def _contact_s(key: int) -> float:
    return between(key, (67, 0.006), (108, 0.003))


_BAR = Bar(
    label="Glockenspiel",
    keys=KEYS,
    step=5,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(2.71, -8.0, 0.35),
        Partial(5.15, -2.0, 0.2),
        Partial(8.43, -10.0, 0.12),
        Partial(12.2, -19.0, 0.06),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((700.0, 3_500.0), -19.0, 0.05),
    opening=Opening(10.0, 1_000.0, 6_000.0),
    release_t60_s=1.6,
    first_stage_db=2.0,
    spread=0.3,
    upper_tilt_db=lambda key: between(key, (67, -1.3), (84, -2.5), (96, -8.0), (108, -11.0)),
)

VOICES = (
    Voice(
        name="Soft Glockenspiel",
        program=9,
        family=Family.STRUCK,
        method="modal: free steel bars, yarn mallet",
        reference="Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.001, 0.030),
        decay=Stated(0.8, 5.5),
        build=build,
    ),
)
