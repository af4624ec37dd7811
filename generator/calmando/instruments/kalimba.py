"""Kalimba: steel tines over a bridge on a wooden box, plucked by the thumb.

A tine between bridge and free end has its second partial near 6 times the first; the box answers with a short, low
thump and lends the tone a little octave. A tine rings for long: the F♯4 of one measured instrument has lost 11 dB
after 0.7 s, its C5 14 dB, and the second partial of the F♯4 lies 17 dB under the first at 0.1 s.

References
----------
Chapman, D. M. F. (2012): The tones of the kalimba (African thumb piano). JASA 131, 945–950.
Kalimba Magic (22 December 2006), kalimbamagic.com: decays of an Alto kalimba's tines.
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
    return between(key, (48, 6.0), (66, 4.0), (72, 3.0), (93, 1.4))


def _contact_s(key: int) -> float:
    return between(key, (48, 0.006), (93, 0.003))


_BAR = Bar(
    label="Kalimba",
    keys=KEYS,
    step=4,
    partials=(
        Partial(1.0, 0.0, 1.0),
        Partial(2.0, -22.0, 0.25),
        Partial(3.0, -26.0, 0.18),
        Partial(6.27, 1.0, 0.13),
        Partial(14.8, -13.0, 0.04),
    ),
    t60_s=_t60_s,
    contact_s=_contact_s,
    knock=Knock((160.0, 1_100.0), -10.0, 0.08),
    opening=Opening(18.0, 1_500.0, 4_600.0),
    release_t60_s=1.2,
    loop_s=0.15,
    spread=0.2,
    upper_tilt_db=lambda key: between(key, (48, -4.0), (66, -2.0), (93, -8.0)),
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
        decay=Stated(1.0, 6.8),
        build=build,
    ),
)
