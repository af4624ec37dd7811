"""Music box: the teeth of a steel comb, plucked by pins, in a small wooden case.

A plain clamped tooth has its second partial at 6.27 times the first; teeth that are thinned to tune them bring it down
towards 4, where it sounds sweet and belongs to the tone. The pin's release is a tiny tick, the case adds a low knock.

References
----------
Fletcher, N. H. & Rossing, T. D. (1998): The Physics of Musical Instruments, 2nd ed., 2.16 (clamped bars).
"""

from __future__ import annotations

from calmando.instruments.bars import Bar, Knock, Opening, Partial, bar_zones
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.modes import between

KEYS = (60, 103)


def build() -> tuple[Zone, ...]:
    """The zones."""
    return bar_zones(_BAR)


def _t60_s(key: int) -> float:
    return between(key, (60, 2.8), (84, 1.9), (108, 1.0))


def _contact_s(key: int) -> float:
    return between(key, (60, 0.004), (108, 0.002))


_BAR = Bar(
    label="Music box",
    keys=KEYS,
    step=4,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(2.0, -21.0, 0.45),
        Partial(4.0, -3.0, 0.5),
        Partial(6.9, -17.0, 0.2),
        Partial(10.87, -9.0, 0.16),
        Partial(20.6, -18.0, 0.06),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((900.0, 4_000.0), -20.0, 0.05),
    opening=Opening(10.0, 1_000.0, 6_000.0),
    release_t60_s=1.2,
    first_stage_db=3.0,
    spread=0.2,
    upper_tilt_db=lambda key: between(key, (60, 3.0), (84, -3.5), (103, -13.0)),
)

VOICES = (
    Voice(
        name="Music Box",
        program=10,
        family=Family.STRUCK,
        method="modal: clamped steel teeth, plucked, in a wooden case",
        reference="Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.001, 0.030),
        decay=Stated(0.6, 3.2),
        build=build,
    ),
)
