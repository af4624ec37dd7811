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
    return between(key, (53, 9.0), (72, 6.2), (96, 2.8))


def _contact_s(key: int) -> float:
    return between(key, (53, 0.010), (96, 0.005))


_BAR = Bar(
    label="Vibraphone",
    keys=KEYS,
    step=5,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(2.0, -34.0, 0.4),
        Partial(4.0, -4.0, 0.3),
        Partial(6.7, -20.0, 0.07),
        Partial(9.9, -4.0, 0.14),
        Partial(16.9, -19.0, 0.04),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((110.0, 900.0), -15.0, 0.09),
    opening=Opening(10.0, 1_000.0, 6_000.0),
    release_t60_s=0.6,
    first_stage_db=3.0,
    width=0.5,
    tremolo=Vibrato(rate_hz=3.4, tremolo_db=1.0, delay_s=0.15),
    upper_tilt_db=lambda key: between(key, (53, 1.5), (60, -0.2), (84, -6.0), (96, -11.0)),
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
        decay=Stated(1.5, 11.0),
        build=build,
    ),
)
