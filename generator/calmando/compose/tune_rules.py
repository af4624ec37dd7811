"""What a rule of the tune is: a name, a musical sentence, a weight, and when it holds.

A rule adds `weight` × its extent (mostly 0 or 1) to the log likelihood of a pitch (`NoteRule`), of a step between
neighbours (`StepRule`), of three notes in a row (`ShapeRule`), or of a step beside the motif's (`BondRule`). Pitches are
scale steps of the mode. The rules stand in `tune_note_rules`, `tune_step_rules` and `tune_shape_rules`. Weights are
design choices, started from an interval profile of real lullabies and set by trial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from calmando.compose.tune_slots import Accent, Ground, Slot, StepContext


def _everywhere(_: Slot | StepContext) -> bool:
    return True


def _any_moves(*_: int) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class NoteRule:
    """A rule about one note in its place."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[Slot, int, Ground], float]
    where: Callable[[Slot], bool] = _everywhere
    """Where it can hold at all: only there its extent is asked for."""


@dataclass(frozen=True, slots=True)
class StepRule:
    """A rule about the step from one note (third argument) to the next (fourth)."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[StepContext, Ground, int, int], float]
    where: Callable[[StepContext], bool] = _everywhere
    """Where it can hold at all: only there its extent is asked for."""
    of_moves: bool = False
    """Whether it says the same of every step that moves as far, whatever its pitches."""
    moves: Callable[[int], bool] = _any_moves
    """By how many scale steps a step moves where it can hold at all."""


class Middle(IntEnum):
    """What the middle one of three notes is to its chord."""

    CHORD_TONE = 0
    PASSING = 1
    ACCENTED_FOREIGN = 2
    BETWEEN = 3
    """A chord tone that begins between two beats and lasts to the next."""


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """A rule about three notes in a row, on the same ground for every dial: it asks for the scale alone."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[Ground, int, int, int], float]
    where: frozenset[Middle] = frozenset(Middle)
    """For which middle notes it holds."""
    of_moves: bool = False
    """Whether it says the same of all three notes that move as far, whatever their pitches."""
    moves: Callable[[int, int], bool] = _any_moves
    """By how many scale steps they move, to the second and to the third, where it can hold at all."""


@dataclass(frozen=True, slots=True)
class BondRule:
    """A rule about the likeness to the motif: the step taken beside the motif's step at the same place."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[int, int], float]


def in_chord(slot: Slot, step: int, ground: Ground) -> bool:
    """Whether a pitch belongs to its place's chord."""
    return semitones(ground, step, raised=slot.raised_seventh) % 12 in slot.tones


def semitones(ground: Ground, step: int, *, raised: bool = False) -> int:
    """Semitones above the tonic; with ``raised`` the minor seventh becomes the leading tone."""
    value = ground.semitones(step)
    return value + 1 if raised and value % 12 == 10 else value


def is_fourth_or_more(ground: Ground, a: int, b: int) -> bool:
    """Whether two pitches are a leap apart."""
    return abs(ground.semitones(b) - ground.semitones(a)) >= 5


def middle_of(slot: Slot, step: int, ground: Ground) -> Middle:
    """What a note is to its chord."""
    if in_chord(slot, step, ground):
        return Middle.BETWEEN if slot.between_beats else Middle.CHORD_TONE
    return Middle.PASSING if slot.accent is Accent.NONE else Middle.ACCENTED_FOREIGN


def likeness(ground: Ground) -> float:
    """How strongly a unit is bound to its motif: the more predictable the tune, the more."""
    return 0.8 + 1.5 * ground.predictability
