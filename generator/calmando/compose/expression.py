"""Expression: from strokes to notes with a touch: phrase arches, light metre weight, few velocity levels."""

from __future__ import annotations

import itertools
import math
from bisect import bisect
from collections import Counter

from calmando.compose.textures.contract import Stroke
from calmando.rng import Stream
from calmando.score.model import Note, note_of
from calmando.units import TICKS_PER_QUARTER, Decibels, Microseconds, Ticks, Unit, Velocity

VELOCITY_STEP = 4
SOFTEST: Velocity = 16
LOUDEST: Velocity = 96
FIRST_SOUND: Velocity = 40
"""Nothing begins louder than this."""
_OPENING_PHRASES = 5
_ARCH = ((0.0, -4.0), (0.6, 4.0), (1.0, -8.0))
"""Where in the phrase, velocity steps added."""
_LIGHTER: tuple[Velocity, ...] = (0, 0, 8, 12, 16)
"""By so much each of none, one, two, three or more tones that are plucked or struck together is softer than one alone.

Each would add as much as the first: without it two are 3 dB louder, four 6 dB; so it is 1 to 2 dB."""
_EDGES_DB = tuple(40 * math.log10((value + 0.5) / 127) for value in range(1, 127))
"""The levels between the values of a controller, 1 to 127."""
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
    """The loudest velocity in a phrase of the piece: it begins softly and opens phrase by phrase; a cue after one.

    Examples
    --------
    >>> [opening_limit(index, is_cue=False) for index in range(6)]
    [40, 44, 48, 52, 56, 96]
    """
    n_phrases = 1 if is_cue else _OPENING_PHRASES
    return FIRST_SOUND + VELOCITY_STEP * phrase_index if phrase_index < n_phrases else LOUDEST


def counted_in(
    notes: list[Note], start: Ticks, bar_ticks: Ticks, n_bars: int, loudest: Velocity
) -> list[Note]:
    """The notes of a count-in: the loudest begins as the first sound, and every bar is so many decibels above the last.

    Parameters
    ----------
    start, bar_ticks, n_bars
        Where the count-in begins, and its bars.
    loudest
        The loudest velocity of the music it leads to.

    Examples
    --------
    >>> clicks = [Note(480 * beat, 240, 76, 76 if beat % 2 else 84) for beat in range(8)]
    >>> [note.velocity for note in counted_in(clicks, 0, 960, 4, loudest=84)]
    [40, 36, 48, 44, 56, 52, 68, 64]
    """
    share = min(FIRST_SOUND / loudest, 1.0)
    return [
        note._replace(
            velocity=_level(note.velocity * share ** (1 - (note.onset_ticks - start) // bar_ticks / n_bars)),
        )
        for note in notes
    ]


def arched(strokes: tuple[Stroke, ...], length: Ticks) -> tuple[Stroke, ...]:
    """The strokes of a phrase of a length, each with its place in the arch."""
    return tuple(
        [
            Stroke(onset, duration, pitch, weight, arch(min(max(onset / length, 0.0), 1.0)), lighter)
            for onset, duration, pitch, weight, _, lighter in strokes
        ]
    )


def lightened(strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """The strokes of an instrument that is plucked or struck: tones struck together are each touched more lightly."""
    n_together = Counter([stroke.onset_ticks for stroke in strokes])
    most = len(_LIGHTER) - 1
    return tuple(
        [stroke._replace(lighter=_LIGHTER[min(n_together[stroke.onset_ticks], most)]) for stroke in strokes]
    )


def to_notes(
    strokes: tuple[Stroke, ...],
    start: Ticks,
    *,
    touch: float,
    arch_share: Unit,
    loudest: Velocity = LOUDEST,
) -> list[Note]:
    """Strokes as notes of the piece, their velocities the nearest of the few levels in use, multiples of four.

    Parameters
    ----------
    strokes
        From the phrase's first bar line.
    start
        Where the phrase begins.
    touch
        Usual velocity of the part now.
    arch_share
        How much of the phrase's arch is played, 0–1.
    loudest
        Highest velocity allowed.
    """
    loudest -= loudest % VELOCITY_STEP
    return [
        note_of(
            (
                start + onset,
                duration,
                pitch,
                _level(touch + weight + arch_share * arch_above - lighter, loudest),
            )
        )
        for onset, duration, pitch, weight, arch_above, lighter in strokes
    ]


def _level(wanted: float, loudest: Velocity = LOUDEST) -> Velocity:
    """The nearest velocity of the few in use, not below the softest, and not above the loudest."""
    level = VELOCITY_STEP * math.floor(wanted / VELOCITY_STEP + 0.5)
    if level < SOFTEST:
        level = SOFTEST
    return level if level < loudest else loudest


class Looseness:
    """How a phrase's notes begin a few milliseconds early or late; what is written together stays together."""

    def __init__(self, largest_ms: float, us_per_quarter: Microseconds, *, seed: int) -> None:
        self._largest = largest_ms * 1000 * TICKS_PER_QUARTER / us_per_quarter
        self._seed = seed
        self._shifts: dict[Ticks, Ticks] = {}

    def loosened(self, notes: list[Note]) -> list[Note]:
        """The notes, moved."""
        if not self._largest:
            return notes
        loose = []
        for onset, duration, pitch, velocity in notes:
            shift = self._shifts.get(onset)
            if shift is None:
                chance = Stream(self._seed, f"timing/{onset}")
                shift = self._shifts[onset] = round(chance.uniform(-self._largest, self._largest))
            loose.append(note_of((max(0, onset + shift), max(1, duration - max(0, shift)), pitch, velocity)))
        return loose


def expression_value(level_db: Decibels) -> int:
    """The controller value of a level below full: 40 log10(value / 127) dB.

    Examples
    --------
    >>> expression_value(0.0), expression_value(-6.0)
    (127, 90)
    """
    return 1 + bisect(_EDGES_DB, level_db)
