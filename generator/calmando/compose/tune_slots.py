"""The places of a tune's notes before they have pitches, and the ground they stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from calmando.theory.chord import degree_semitones
from calmando.theory.scale import Mode
from calmando.units import Semitones, Ticks, Unit


class Accent(IntEnum):
    """How heavy a place in the bar is."""

    NONE = 0
    MIDDLE = 1
    BAR = 2


class Ending(IntEnum):
    """Whether a note ends a phrase, and whether that phrase closes (as the tune does)."""

    NONE = 0
    PHRASE = 1
    HOME = 2


_USUAL_TEMPERATURE = 0.8


@dataclass(frozen=True, slots=True)
class Ground:
    """What all notes of a tune share. Pitches are scale steps of the mode: 0 the tonic, negative below.

    Attributes
    ----------
    mode
        The scale.
    lowest, highest
        Lowest and highest scale step in reach.
    max_leap_semitones
        No wider leap.
    temperature
        What log weights are divided by: the higher, the freer.
    stability, predictability
        The dials, 0–1.
    sung, drone
        As in the brief (`drone` also for a chant).
    plain
        Its harmony knows no sevenths.
    """

    mode: Mode
    lowest: int
    highest: int
    max_leap_semitones: Semitones
    temperature: float
    stability: Unit
    predictability: Unit
    sung: bool = False
    drone: bool = False
    plain: bool = False
    semitones: Callable[[int], Semitones] = field(init=False, repr=False, compare=False, hash=False)
    """Semitones above the tonic of a scale step in reach."""

    def __post_init__(self) -> None:
        from_home = (*range(self.highest + 1), *range(self.lowest, 0))  # so that step -1 is the last
        object.__setattr__(self, "semitones", tuple(map(self.mode.semitones, from_home)).__getitem__)

    @property
    def unsharpened(self) -> float:
        """What takes back that a very predictable tune heeds every rule more: drawn home as much, it would not leave."""
        return min(self.temperature / _USUAL_TEMPERATURE, 1.0)

    @property
    def steps(self) -> range:
        """The scale steps in reach, from below."""
        return range(self.lowest, self.highest + 1)


class Slot(NamedTuple):
    """A note's place.

    Attributes
    ----------
    onset_ticks, duration_ticks
        From the tune's first bar line.
    unit
        Unit of its phrase, counted from 0; −1 for an upbeat.
    place
        Which note of its unit, counted from 0.
    accent, ending
        Its weight in the bar; whether it ends a phrase.
    tones
        The chord's tones in semitones above the tonic (0–11).
    numeral
        The chord's name.
    anchor
        The scale step the phrase model wants here, if any.
    floor, cap
        The lowest and highest scale step allowed here.
    is_peak, after_peak
        The tune's highest note; the note that leaves it.
    in_cadence
        In the phrase's last two units.
    goal
        Where the phrase's end is, if this note leads to a closing phrase's end.
    before_goal
        The same, if it is the last note to do so.
    raised_seventh
        The seventh sounds a semitone higher here (minor, over the major dominant).
    opening
        In the first unit of an opening phrase, or in its upbeat.
    between_beats
        Begins between two beats and lasts to the next.
    """

    onset_ticks: Ticks
    duration_ticks: Ticks
    unit: int
    place: int
    accent: Accent
    ending: Ending
    tones: tuple[Semitones, ...]
    numeral: str
    anchor: int | None
    floor: int
    cap: int
    is_peak: bool = False
    after_peak: bool = False
    in_cadence: bool = False
    goal: int | None = None
    before_goal: int | None = None
    raised_seventh: bool = False
    opening: bool = False
    between_beats: bool = False


def place_alone(slot: Slot) -> Slot:
    """A place as the rules about its single note see it; where in the tune it stands and what comes next is left out."""
    return slot._replace(
        onset_ticks=0,
        unit=min(slot.unit, 0),
        place=min(slot.place, 1),
        after_peak=False,
        in_cadence=False,
        opening=False,
        between_beats=False,
    )


class StepContext(NamedTuple):
    """What the rules for a step between two neighbours need to know of their places, and nothing else: tables are shared
    among all places with the same context.

    `chord` holds the tones (0–11) of the one chord that sounds from the first note to the second; empty where it changes.
    """

    chord: tuple[Semitones, ...]
    has_short_note: bool
    lengthens_over_bar: bool
    on_beat: bool
    in_cadence: bool
    ending: Ending
    after_peak: bool
    starts_phrase: bool
    from_upbeat: bool
    raised_seventh: bool
    opening: bool
    closing: bool = False


def step_context(before: Slot, slot: Slot, *, beat_ticks: Ticks) -> StepContext:
    """The context of the step from one note's place to the next."""
    shortest = min(before.duration_ticks, slot.duration_ticks)
    return StepContext(
        chord=slot.tones if before.numeral == slot.numeral else (),
        has_short_note=2 * shortest <= beat_ticks and before.ending is Ending.NONE,
        lengthens_over_bar=slot.accent is Accent.BAR and slot.duration_ticks > before.duration_ticks,
        on_beat=slot.accent is not Accent.BAR and slot.onset_ticks % beat_ticks == 0,
        in_cadence=slot.in_cadence,
        ending=slot.ending,
        after_peak=slot.after_peak,
        starts_phrase=before.ending is not Ending.NONE,
        from_upbeat=before.unit < 0 <= slot.unit,
        raised_seventh=slot.raised_seventh or before.raised_seventh,
        opening=slot.opening and before.opening,
        closing=slot.goal is not None or slot.ending is Ending.HOME,
    )


@lru_cache(maxsize=512)
def scale_step(degree: int, mode: Mode) -> int:
    """The scale step nearest to a degree (below it where two are as near).

    Examples
    --------
    >>> from calmando.theory.scale import MODES
    >>> scale_step(8, MODES["major"]), scale_step(8, MODES["minor-pentatonic"]), scale_step(-2, MODES["major"])
    (7, 5, -3)
    """
    wanted = degree_semitones(degree, mode)
    size = len(mode.steps)
    guess = (wanted // 12) * size
    return min(
        range(guess - 1, guess + size + 1), key=lambda step: (abs(mode.semitones(step) - wanted), step)
    )
