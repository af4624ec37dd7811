"""Where a tune lies: the octave of its key note in a register, and what it needs where that does not fit."""

from __future__ import annotations

from calmando.units import MidiPitch, PitchClass, Semitones

LOWEST_TUNE: MidiPitch = 45
"""A2: no register is moved below it."""
_TONIC_ABOVE_LOW: Semitones = 5
_TONIC_ABOVE_MOVED: Semitones = 3
"""Where a register moves up, the key note lies a third above its low end; where it moves down, upon it: the nearer is taken."""
_ROOM_ABOVE_TONIC: Semitones = 10
"""A tune turns best when its key note lies near the register's low end, with about an octave above it."""
_LEAST_ABOVE_TONIC: Semitones = 5
"""No tune does without the fourth above its key note."""


def register_shift(tonic: PitchClass, low: MidiPitch, high: MidiPitch) -> Semitones:
    """How far a register moves for a key note that lies badly in it; 0 where it lies well.

    Examples
    --------
    >>> register_shift(7, 67, 79), register_shift(2, 64, 77), register_shift(0, 64, 77)
    (0, -2, -4)
    """
    offset = (tonic - low) % 12
    if offset <= _TONIC_ABOVE_LOW or low + offset + _ROOM_ABOVE_TONIC <= high:
        return 0
    return min(offset - _TONIC_ABOVE_MOVED, offset - 12, key=abs)


def tonic_pitch(tonic: PitchClass, low: MidiPitch, high: MidiPitch) -> MidiPitch:
    """The tonic's octave with the tune's usual middle, a third above the tonic, nearest to the register's."""

    def badness(pitch: MidiPitch) -> int:
        outside = max(low - pitch, 0) + max(pitch + _LEAST_ABOVE_TONIC - high, 0)
        return 8 * outside + abs(2 * pitch + 9 - low - high)

    return min(range(tonic, 120, 12), key=badness)


def room_above(tonic: MidiPitch, high: MidiPitch) -> Semitones:
    """How far a tune may rise above its key note: as far as the register goes, and a fourth at least."""
    return max(high - tonic, _LEAST_ABOVE_TONIC)


def tune_register(tonic: PitchClass, low: MidiPitch, high: MidiPitch) -> tuple[MidiPitch, MidiPitch]:
    """The lowest and the highest note a tune may touch in a key, where ``low`` to ``high`` is wanted.

    Examples
    --------
    >>> tune_register(7, 67, 79), tune_register(2, 64, 77)
    ((67, 79), (62, 75))
    """
    lowest = max(LOWEST_TUNE, low + register_shift(tonic, low, high))
    highest = lowest + high - low
    home = tonic_pitch(tonic, lowest, highest)
    return min(lowest, home), home + room_above(home, highest)
