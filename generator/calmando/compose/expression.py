"""Expression: from strokes to notes with a touch: phrase arches, light metre weight, few velocity levels."""

from __future__ import annotations

import itertools
import math

from calmando.compose.textures.contract import Stroke
from calmando.rng import Stream
from calmando.score.model import Note
from calmando.units import TICKS_PER_QUARTER, Decibels, Microseconds, Ticks, Unit, Velocity

VELOCITY_STEP = 4
SOFTEST: Velocity = 16
LOUDEST: Velocity = 96
FIRST_SOUND: Velocity = 40
"""Nothing begins louder than this."""
_OPENING_PHRASES = 5
_ARCH = ((0.0, -4.0), (0.6, 4.0), (1.0, -8.0))
"""Where in the phrase, velocity steps added."""
_SLOPES = tuple((*start, *end) for start, end in itertools.pairwise(_ARCH))


def arch(part: Unit) -> float:
    """Velocity added at a place in a phrase: rising to 60 %, falling to the end.

    Examples
    --------
    >>> [round(arch(part), 6) for part in (0.0, 0.6, 1.0)]
    [-4.0, 4.0, -8.0]
    """
    for start, low, end, high in _SLOPES:
        if part <= end:
            return low + (high - low) * (part - start) / (end - start)
    return _ARCH[-1][1]


def opening_limit(phrase_index: int, *, is_cue: bool) -> Velocity:
    """The loudest velocity in a phrase of the piece: it begins softly and opens phrase by phrase; a cue at once.

    Examples
    --------
    >>> [opening_limit(index, is_cue=False) for index in range(6)]
    [40, 44, 48, 52, 56, 96]
    """
    n_phrases = 1 if is_cue else _OPENING_PHRASES
    return FIRST_SOUND + VELOCITY_STEP * phrase_index if phrase_index < n_phrases else LOUDEST


def velocity(wanted: float, *, loudest: Velocity = LOUDEST) -> Velocity:
    """The nearest of the few levels in use, a multiple of four."""
    level = VELOCITY_STEP * math.floor(wanted / VELOCITY_STEP + 0.5)
    return max(SOFTEST, min(level, loudest - loudest % VELOCITY_STEP))


def to_notes(
    strokes: tuple[Stroke, ...],
    start: Ticks,
    length: Ticks,
    *,
    touch: float,
    arch_share: Unit,
    loudest: Velocity = LOUDEST,
) -> tuple[Note, ...]:
    """Strokes as notes of the piece.

    Parameters
    ----------
    strokes
        From the phrase's first bar line.
    start, length
        Where the phrase begins, and how long it is.
    touch
        Usual velocity of the part now.
    arch_share
        How much of the phrase's arch is played, 0–1.
    loudest
        Highest velocity allowed.
    """
    return tuple(
        Note(
            start + stroke.onset_ticks,
            stroke.duration_ticks,
            stroke.pitch,
            velocity(
                touch + stroke.weight + arch_share * arch(min(max(stroke.onset_ticks / length, 0.0), 1.0)),
                loudest=loudest,
            ),
        )
        for stroke in strokes
    )


def loosened(
    notes: tuple[Note, ...], largest_ms: float, us_per_quarter: Microseconds, *, seed: int
) -> tuple[Note, ...]:
    """Notes begun a few milliseconds early or late; what is written together stays together."""
    largest = largest_ms * 1000 * TICKS_PER_QUARTER / us_per_quarter
    shifts = {
        onset: round(Stream(seed, f"timing/{onset}").uniform(-largest, largest))
        for onset in {note.onset_ticks for note in notes}
    }
    return tuple(
        Note(
            max(0, note.onset_ticks + shifts[note.onset_ticks]),
            max(1, note.duration_ticks - max(0, shifts[note.onset_ticks])),
            note.pitch,
            note.velocity,
        )
        for note in notes
    )


def expression_value(level_db: Decibels) -> int:
    """The controller value of a level below full: 40 log10(value / 127) dB.

    Examples
    --------
    >>> expression_value(0.0), expression_value(-6.0)
    (127, 90)
    """
    value = round(127 * math.pow(10, level_db / 40))
    return 1 if value < 1 else 127 if value > 127 else value


_RINGING = frozenset((*range(16), *range(24, 29), 32, 45, 46, 47, *range(104, 109), 112))


def is_ringing(program: int) -> bool:
    """Whether an instrument is plucked or struck, and rings on by itself.

    Examples
    --------
    >>> is_ringing(46), is_ringing(48)
    (True, False)
    """
    return program in _RINGING
