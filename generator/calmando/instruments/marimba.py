"""Marimba: deeply arched rosewood bars tuned 1 : 4 : 9.2 over tubes, soft yarn mallets.

References
----------
Fletcher, N. H. & Rossing, T. D. (1998): The Physics of Musical Instruments, 2nd ed., 19.3 and 19.5.
Bork, I. (1995): Practical tuning of xylophone bars and resonators. Applied Acoustics 46, 103–127.
"""

from __future__ import annotations

from calmando.instruments.bars import Bar, Knock, Opening, Partial, bar_zones
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.modes import between

KEYS = (36, 96)


def build() -> tuple[Zone, ...]:
    """The zones."""
    return bar_zones(_BAR)


def _t60_s(key: int) -> float:
    return between(key, (36, 2.6), (60, 1.5), (84, 0.7), (96, 0.45))


def _contact_s(key: int) -> float:
    return between(key, (36, 0.012), (96, 0.004))


_BAR = Bar(
    label="Marimba",
    keys=KEYS,
    step=4,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(1.93, -27.0, 0.2),
        Partial(4.0, -2.0, 0.35),
        Partial(5.0, -20.0, 0.1),
        Partial(9.2, -5.0, 0.14),
        Partial(16.5, -13.0, 0.06),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((120.0, 700.0), -13.0, 0.06),
    opening=Opening(10.0, 1_000.0, 6_000.0),
    release_t60_s=0.8,
    first_stage_db=2.0,
    loop_s=0.15,
    spread=0.35,
    upper_tilt_db=lambda key: between(key, (36, 3.0), (48, 2.0), (60, -0.5), (84, -7.5), (96, -13.0)),
)

VOICES = (
    Voice(
        name="Marimba",
        program=12,
        family=Family.STRUCK,
        method="modal: tuned rosewood bars, resonator tubes, yarn mallets",
        reference="Fletcher & Rossing 1998; Bork 1995",
        keys=KEYS,
        attack=Stated(0.001, 0.040),
        decay=Stated(0.25, 3.0),
        build=build,
    ),
)
