"""A sketch of a piece: its first minutes as they will be, and of the rest, if it is long, a few minutes here and there.

How loud the whole is can be told from it, long before the whole is composed. Between stretches it leaps, and goes through the
last minutes before the next phrase by phrase without composing them: so parts come and go as they do in the piece.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calmando.units import Seconds, Unit

STRETCH_S: Seconds = 150.0
"""So long that what a stretch begins and ends with hardly counts: what rings from one into the next is missing in a sketch."""
RUN_UP_S: Seconds = 300.0
_ENOUGH_S: Seconds = 2_600.0
"""A sketch of a piece without an end would be so long. Of a shorter one less is as certain, for it is a larger share of the piece
(Cochran, Sampling Techniques, 1977, section 2.6): it is as loud as the whole within six tenths of a decibel."""
_LEAST_S: Seconds = 1_200.0
"""In less a form that tells its parts one after the other would lack some."""
_SPREAD = 0.6180339887498949
"""The golden ratio's fraction: its multiples lie as evenly between 0 and 1 as can be, in step with nothing that returns."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What of a piece is there: the first stretch, of all others a share, and the ending."""

    share: Unit

    @classmethod
    def of_the_opening(cls) -> Sketch:
        """The sketch of a piece whose loudness need not be told: the first stretch and the ending."""
        return cls(0.0)

    @classmethod
    def of(cls, length_s: Seconds) -> Sketch:
        """The sketch of a piece so long."""
        return cls(max(_ENOUGH_S / (_ENOUGH_S + length_s), _LEAST_S / length_s))

    def has(self, at_s: Seconds) -> bool:
        """Whether the phrase that begins at a moment is there."""
        number = int(at_s / STRETCH_S)
        return number == 0 or number * _SPREAD % 1.0 < self.share

    def leaps_to_s(self, at_s: Seconds) -> Seconds:
        """Up to where time may pass at once, from a moment on; perhaps no further than that."""
        number = int(at_s / STRETCH_S)
        if number > 0 and self.share == 0.0:
            return math.inf
        while not self.has(number * STRETCH_S):
            number += 1
        return max(at_s, number * STRETCH_S - RUN_UP_S)
