"""Kalimba: steel tines over a bridge on a wooden box, plucked by the thumb.

A tine between bridge and free end has its second partial near 6 times the first; the box answers with a short, low
thump and lends the tone a little octave.

References
----------
Chapman, D. M. F. (2012): The tones of the kalimba (African thumb piano). JASA 131, 945–950.
"""

from __future__ import annotations

from calmando.instruments.bars import Bar, Knock, Opening, Partial, bar_zones
from calmando.instruments.model import Family, Stated, Voice, Zone
from calmando.instruments.modes import between

KEYS = (48, 93)


def build() -> tuple[Zone, ...]:
    """The zones."""
    return bar_zones(_BAR)


def _t60_s(key: int) -> float:
    return between(key, (48, 2.4), (72, 1.5), (93, 0.8))


def _contact_s(key: int) -> float:
    return between(key, (48, 0.006), (93, 0.003))


_BAR = Bar(
    label="Kalimba",
    keys=KEYS,
    step=4,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(2.0, -22.0, 0.55),
        Partial(3.0, -26.0, 0.4),
        Partial(6.27, -5.0, 0.24),
        Partial(14.8, -13.0, 0.09),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((160.0, 1_100.0), -10.0, 0.08),
    opening=Opening(18.0, 1_500.0, 4_600.0),
    release_t60_s=0.9,
    first_stage_db=4.0,
    loop_s=0.15,
    spread=0.2,
    upper_tilt_db=lambda key: between(key, (48, 2.0), (93, -8.0)),
)

VOICES = (
    Voice(
        name="Kalimba",
        program=108,
        family=Family.STRUCK,
        method="modal: clamped steel tines on a wooden box, plucked by the thumb",
        reference="Chapman 2012",
        keys=KEYS,
        attack=Stated(0.001, 0.030),
        decay=Stated(0.5, 2.8),
        build=build,
    ),
)
