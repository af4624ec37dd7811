"""How loudly the built-in instruments' notes sound and how long they go on, as numbers measured from them.

In the built-in SoundFont every melodic note has the same largest loudness of 400 ms at velocity 70 and full channel
volume; that loudness is the unit here. What differs from instrument to instrument is how far it follows the touch,
how long a plucked or struck note rings, how slowly a blown, bowed or sung one comes up. The numbers are measured
with the meter's weighting (ITU-R BS.1770-4); a test measures them again. Other fonts differ by a few decibels a
program, which shifts a part, not its course.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calmando.theory import percussion
from calmando.units import Decibels, MidiPitch, Seconds, Unit, Velocity

_KEYS: tuple[MidiPitch, ...] = (40, 55, 70, 85)
"""Rings are given for these keys; between them they change evenly."""
_FULL_VELOCITY = 70


@dataclass(frozen=True, slots=True)
class Ringing:
    """A plucked or struck voice.

    Attributes
    ----------
    rings_s
        In how many seconds a note's power falls to 1/e, at the keys 40, 55, 70 and 85 (one exponential of the note's
        own whole energy).
    touch
        With which power of velocity a note's power grows.
    struck_again
        Which share of the power meets what still rings on the same key, strengthened or weakened by it. Fitted to
        repeated strokes at 112 paces; given where it is heard (1 dB and more as a mean), as of harp and bowls.
    """

    rings_s: tuple[Seconds, Seconds, Seconds, Seconds]
    touch: float = 2.5
    struck_again: Unit = 0.0

    def ring_s(self, key: MidiPitch) -> Seconds:
        """The ring of a key."""
        place = min(max((key - _KEYS[0]) / (_KEYS[1] - _KEYS[0]), 0.0), len(_KEYS) - 1.0)
        below = min(int(place), len(_KEYS) - 2)
        return self.rings_s[below] + (place - below) * (self.rings_s[below + 1] - self.rings_s[below])


@dataclass(frozen=True, slots=True)
class Sustained:
    """A blown, bowed, sung or padded voice.

    Attributes
    ----------
    rise_s
        By how much a note's energy is late, because it comes up slowly.
    tail_s
        For how many seconds of full sound it goes on after its written end.
    level
        Its power while it is held.
    touch
        With which power of velocity its power grows.
    """

    rise_s: Seconds = 0.1
    tail_s: Seconds = 0.02
    level: float = 0.9
    touch: float = 2.6


SoundingVoice = Ringing | Sustained

_UNKNOWN_RINGING = Ringing((0.3, 0.25, 0.18, 0.1), touch=2.6)
_UNKNOWN_SUSTAINED = Sustained()
_AMBIENCE = Sustained(rise_s=1.1, tail_s=0.2, level=0.72, touch=2.5)
_AMBIENCE_PROGRAM = 122
_VOICES: dict[tuple[int, int], SoundingVoice] = {
    (0, 0): Ringing((0.42, 0.34, 0.25, 0.14), touch=2.75),
    (0, 8): Ringing((0.20, 0.16, 0.13, 0.11)),
    (0, 9): Ringing((0.30, 0.25, 0.19, 0.16)),
    (0, 10): Ringing((0.16, 0.14, 0.12, 0.10)),
    (0, 11): Ringing((0.39, 0.26, 0.22, 0.18)),
    (0, 12): Ringing((0.12, 0.10, 0.07, 0.05)),
    (1, 14): Ringing((1.55, 1.35, 1.03, 0.82), struck_again=0.4),
    (0, 24): Ringing((0.25, 0.20, 0.13, 0.10)),
    (0, 32): Ringing((0.21, 0.15, 0.08, 0.05), touch=2.55),
    (0, 46): Ringing((0.32, 0.25, 0.17, 0.10), touch=2.55, struck_again=0.5),
    (0, 104): Ringing((1.02, 0.79, 0.55, 0.20)),
    (0, 108): Ringing((0.38, 0.39, 0.23, 0.13)),
    (0, 48): Sustained(0.31, 0.12, 0.95, 2.6),
    (0, 49): Sustained(0.20, 0.07, 0.96, 2.65),
    (0, 52): Sustained(0.13, 0.09, 0.96, 2.65),
    (0, 53): Sustained(0.12, 0.09, 0.97, 2.5),
    (0, 71): Sustained(0.07, 0.01, 0.97, 2.75),
    (0, 73): Sustained(0.10, 0.02, 0.97, 2.55),
    (0, 74): Sustained(0.05, 0.02, 0.97, 2.55),
    (0, 79): Sustained(0.07, 0.02, 0.96, 2.5),
    (0, 88): Sustained(0.40, 0.13, 0.95, 2.55),
    (0, 89): Sustained(0.50, 0.11, 0.97, 2.55),
    (0, 91): Sustained(0.51, 0.12, 0.96),
    (1, 104): Sustained(0.53, 0.21, 0.98, 2.55),
}
"""By bank and program; as the built-in font has them."""

_DRUM_LEVELS_DB: dict[MidiPitch, Decibels] = {
    percussion.FRAME_DRUM: -3.1,
    percussion.FRAME_DRUM_MUTED: -6.1,
    percussion.HEART_LUB: -5.1,
    percussion.HEART_DUB: -7.1,
    percussion.INFANT_LUB: -5.1,
    percussion.INFANT_DUB: -7.1,
    percussion.SHAKER: -12.1,
    percussion.CLICK: -10.1,
}
_OTHER_DRUM_DB: Decibels = -9.1
_DRUM = Ringing((0.1, 0.1, 0.1, 0.1))
_RINGING_PROGRAMS = frozenset((*range(16), *range(24, 29), 32, 45, 46, 47, *range(104, 109), 112))


def is_ringing(program: int) -> bool:
    """Whether an instrument is plucked or struck, and rings on by itself; by its program, whatever its bank.

    Examples
    --------
    >>> is_ringing(46), is_ringing(48)
    (True, False)
    """
    return program in _RINGING_PROGRAMS


def sounding_voice(bank: int, program: int, *, is_percussion: bool = False) -> SoundingVoice:
    """How the notes of a program go on; of one the built-in font lacks, as its kind usually does."""
    if is_percussion:
        return _DRUM
    if program == _AMBIENCE_PROGRAM:
        return _AMBIENCE
    found = _VOICES.get((bank, program)) or _VOICES.get((0, program))
    return found or (_UNKNOWN_RINGING if is_ringing(program) else _UNKNOWN_SUSTAINED)


def power(voice: SoundingVoice, velocity: Velocity) -> float:
    """A note's power in its loudest 400 ms; 1 at velocity 70.

    Examples
    --------
    >>> power(sounding_voice(0, 73), 70), round(power(sounding_voice(0, 73), 35), 2)
    (1.0, 0.17)
    """
    return math.pow(velocity / _FULL_VELOCITY, voice.touch)


def drum_power(key: MidiPitch, velocity: Velocity) -> float:
    """A drum stroke's power in its loudest 400 ms."""
    return power(_DRUM, velocity) * math.pow(10, _DRUM_LEVELS_DB.get(key, _OTHER_DRUM_DB) / 10)
