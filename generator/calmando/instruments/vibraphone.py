"""Vibraphone: arched aluminium bars tuned 1 : 4 : 10 over tubes, cord mallets, a slow and shallow motor.

References
----------
Fletcher, N. H. & Rossing, T. D. (1998): The Physics of Musical Instruments, 2nd ed., 19.6 (tuning of the partials,
decay times, vanes).
"""

from __future__ import annotations

from calmando.instruments.bars import Bar, Knock, Opening, Partial, bar_zones
from calmando.instruments.model import Family, Stated, Vibrato, Voice, Zone
from calmando.instruments.modes import between

KEYS = (53, 96)


def build() -> tuple[Zone, ...]:
    """The zones."""
    return bar_zones(_BAR)


def _t60_s(key: int) -> float:
    return between(key, (53, 7.0), (72, 4.8), (96, 2.2))


def _contact_s(key: int) -> float:
    return between(key, (53, 0.010), (96, 0.005))


_BAR = Bar(
    label="Vibraphone",
    keys=KEYS,
    step=5,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(2.0, -38.0, 0.4),
        Partial(3.99, -13.0, 0.28),
        Partial(6.7, -32.0, 0.05),
        Partial(9.9, -17.0, 0.1),
        Partial(16.9, -33.0, 0.02),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((110.0, 900.0), -15.0, 0.09),
    opening=Opening(15.0, 1_000.0, 4_200.0),
    release_t60_s=0.6,
    first_stage_db=3.0,
    width=0.5,
    tremolo=Vibrato(rate_hz=3.4, tremolo_db=1.0, delay_s=0.15),
    upper_tilt_db=lambda key: between(key, (53, 2.0), (96, -8.0)),
)

VOICES = (
    Voice(
        name="Vibraphone",
        program=11,
        family=Family.STRUCK,
        method="modal: tuned aluminium bars, resonator tubes, slow motor; two microphones",
        reference="Fletcher & Rossing 1998",
        keys=KEYS,
        attack=Stated(0.001, 0.040),
        decay=Stated(1.5, 9.0),
        build=build,
    ),
)
