"""The rules a tune's pitches follow: each a name, a musical sentence, a weight, and when it holds.

A rule adds `weight` × its extent (mostly 0 or 1) to the log likelihood of a pitch (`NoteRule`), of a step between
neighbours (`StepRule`) or of three notes in a row (`ShapeRule`). Pitches are scale steps of the mode. Weights are
design choices, started from an interval profile of real lullabies and set by trial.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from calmando.compose.tune_slots import Accent, Ending, Ground, Slot, StepContext
from calmando.units import TICKS_PER_QUARTER


@dataclass(frozen=True, slots=True)
class NoteRule:
    """A rule about one note in its place."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[Slot, int, Ground], float]


@dataclass(frozen=True, slots=True)
class StepRule:
    """A rule about the step from one note (third argument) to the next (fourth)."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[StepContext, Ground, int, int], float]


class Middle(IntEnum):
    """What the middle one of three notes is to its chord."""

    CHORD_TONE = 0
    PASSING = 1
    ACCENTED_FOREIGN = 2


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """A rule about three notes in a row."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[Middle, Ground, int, int, int], float]


@dataclass(frozen=True, slots=True)
class BondRule:
    """A rule about the likeness to the motif: the step taken beside the motif's step at the same place."""

    name: str
    sentence: str
    weight: float
    extent: Callable[[int, int], float]


def _in_chord(slot: Slot, step: int, ground: Ground) -> bool:
    return semitones(ground, step, raised=slot.raised_seventh) % 12 in slot.tones


def semitones(ground: Ground, step: int, *, raised: bool = False) -> int:
    """Semitones above the tonic; with ``raised`` the minor seventh becomes the leading tone."""
    value = ground.semitones(step)
    return value + 1 if raised and value % 12 == 10 else value


def _fourth_or_more(ground: Ground, a: int, b: int) -> bool:
    return abs(ground.semitones(b) - ground.semitones(a)) >= 5


def middle_of(slot: Slot, step: int, ground: Ground) -> Middle:
    """What a note is to its chord."""
    if _in_chord(slot, step, ground):
        return Middle.CHORD_TONE
    return Middle.PASSING if slot.accent is Accent.NONE else Middle.ACCENTED_FOREIGN


def _firmness(ground: Ground) -> float:
    """How strongly a stable tune holds to its chords and home tones: 0.75–1.35."""
    return 0.75 + 0.6 * ground.stability


def likeness(ground: Ground) -> float:
    """How strongly a unit is bound to its motif: the more predictable the tune, the more."""
    return 0.35 + 1.1 * ground.predictability


def _long_and_heavy(slot: Slot) -> bool:
    return 2 * slot.duration_ticks >= 3 * TICKS_PER_QUARTER and slot.accent is not Accent.NONE


def _on(accent: Accent, *, chord_tone: bool) -> Callable[[Slot, int, Ground], float]:
    def extent(slot: Slot, step: int, ground: Ground) -> float:
        holds = slot.accent is accent and _in_chord(slot, step, ground) is chord_tone
        return _firmness(ground) if holds else 0.0

    return extent


def _degree_is(*degrees: int) -> Callable[[Slot, int, Ground], float]:
    def extent(slot: Slot, step: int, ground: Ground) -> float:
        return _firmness(ground) if ground.semitones(step) % 12 in degrees else 0.0

    return extent


_FAR = tuple(round(math.pow(distance, 1.5), 12) for distance in range(4))


def _far_from_anchor(slot: Slot, step: int, ground: Ground) -> float:
    if slot.anchor is None:
        return 0.0
    return _FAR[min(abs(step - slot.anchor), 3)]


def _is_leading_tone(ground: Ground, step: int) -> bool:
    return ground.semitones(step) % 12 == 11


_RESTING = {False: (0, 4, 7), True: (0, 3, 7)}

NOTE_RULES: tuple[NoteRule, ...] = (
    NoteRule(
        "chord on the bar", "The bar's first beat sounds the chord.", 1.3, _on(Accent.BAR, chord_tone=True)
    ),
    NoteRule(
        "not foreign on the bar",
        "A tone foreign to the chord weighs on the first beat.",
        -1.6,
        _on(Accent.BAR, chord_tone=False),
    ),
    NoteRule(
        "chord on the middle", "The bar's middle likes the chord.", 0.6, _on(Accent.MIDDLE, chord_tone=True)
    ),
    NoteRule(
        "not foreign on the middle",
        "The bar's middle likes foreign tones less.",
        -0.7,
        _on(Accent.MIDDLE, chord_tone=False),
    ),
    NoteRule(
        "foreign in passing",
        "Between the beats a foreign tone passes almost freely.",
        -0.25,
        _on(Accent.NONE, chord_tone=False),
    ),
    NoteRule(
        "long and sweet",
        "A long accented note rests in the chord.",
        0.6,
        lambda slot, step, ground: float(_long_and_heavy(slot) and _in_chord(slot, step, ground)),
    ),
    NoteRule(
        "not long and foreign",
        "A long accented note outside the chord is unrest.",
        -1.5,
        lambda slot, step, ground: float(_long_and_heavy(slot) and not _in_chord(slot, step, ground)),
    ),
    NoteRule(
        "anchor",
        "The phrase model wants this note here.",
        0.9,
        lambda slot, step, ground: float(slot.anchor == step),
    ),
    NoteRule(
        "near the anchor",
        "The further from the phrase model's note, the less welcome.",
        -0.35,
        _far_from_anchor,
    ),
    NoteRule(
        "home tones",
        "The tonic and the fifth are where a calm tune dwells, the more so the more stable it is.",
        0.5,
        lambda slot, step, ground: ground.stability if ground.semitones(step) % 12 in (0, 7) else 0.0,
    ),
    NoteRule(
        "home",
        "The tonic in its own octave is home.",
        0.35,
        lambda slot, step, ground: _firmness(ground) if step == 0 else 0.0,
    ),
    NoteRule(
        "last before home",
        "The step above the goal is the last note before it.",
        0.5,
        lambda slot, step, ground: float(slot.before_goal is not None and step == slot.before_goal + 1),
    ),
    NoteRule(
        "home is kept for the end",
        "What leads home does not sound it beforehand.",
        -1.3,
        lambda slot, step, ground: float(slot.goal is not None and slot.goal == step),
    ),
    NoteRule(
        "long notes rest",
        "A long note rests on the first, third or fifth degree.",
        0.45,
        lambda slot, step, ground: (
            (0.3 + 1.2 * ground.stability)
            * (
                slot.duration_ticks >= TICKS_PER_QUARTER
                and ground.semitones(step) % 12 in _RESTING[ground.mode.minor_third]
            )
        ),
    ),
    NoteRule(
        "below the peak",
        "Beside the peak nothing else is as high.",
        -2.0,
        lambda slot, step, ground: float(step == ground.highest and not slot.is_peak),
    ),
    NoteRule(
        "drone tones",
        "Over a drone the tune dwells on the drone's own tones.",
        0.8,
        lambda slot, step, ground: float(ground.drone and ground.semitones(step) % 12 in (0, 7)),
    ),
    NoteRule(
        "upbeat in the chord",
        "An upbeat sounds the chord it leads from.",
        -1.2,
        lambda slot, step, ground: float(
            slot.unit < 0 and slot.place == 0 and not _in_chord(slot, step, ground)
        ),
    ),
    NoteRule(
        "upbeat on the fifth",
        "The fifth is the upbeat's own note.",
        0.5,
        lambda slot, step, ground: float(slot.unit < 0 and ground.semitones(step) % 12 == 7),
    ),
    NoteRule(
        "rare leading tone",
        "The leading tone is sparing spice.",
        -0.6,
        lambda slot, step, ground: float(_is_leading_tone(ground, step)),
    ),
    NoteRule(
        "leading tone at the close",
        "Where minor borrows the leading tone, it is heard.",
        1.0,
        lambda slot, step, ground: float(
            slot.raised_seventh and semitones(ground, step, raised=True) % 12 == 11
        ),
    ),
    NoteRule(
        "dorian sixth",
        "The natural sixth over the major subdominant is what makes dorian sing.",
        0.7,
        lambda slot, step, ground: float(
            ground.mode.name == "dorian" and slot.numeral == "IV" and ground.semitones(step) % 12 == 9
        ),
    ),
    NoteRule(
        "ends where wanted",
        "The phrase ends on its planned degree.",
        2.5,
        lambda slot, step, ground: float(slot.ending is not Ending.NONE and slot.anchor == step),
    ),
    NoteRule(
        "ends not elsewhere",
        "Another end than planned blurs the form.",
        -3.0,
        lambda slot, step, ground: float(slot.ending is not Ending.NONE and slot.anchor != step),
    ),
)
"""Rules about single notes."""

_STEP_SHARES = (0.36, 0.40, 0.21, 0.12, 0.05, 0.03, 0.006, 0.02)
"""Shares of moves by 0–7 scale steps, both directions together, after the interval profile of lullabies."""
_SUNG_SHARES = (0.55, 0.34, 0.17, 0.09, 0.04, 0.025, 0.005, 0.015)


_BETWEEN_PHRASES = 0.4
"""Between phrases, after a breath, the voice may begin anywhere: the profile counts less."""


def _profile(context: StepContext, ground: Ground, a: int, b: int) -> float:
    shares = _SUNG_SHARES if ground.sung else _STEP_SHARES
    size = abs(b - a)
    if len(ground.mode.steps) == 5 and size == 4:
        size = 7  # five notes an octave: four steps are a sixth, rarer than in seven
    share = shares[min(size, 7)] / (1.0 if size == 0 else 2.0)
    freedom = _BETWEEN_PHRASES if context.starts_phrase else 1.0
    return round(math.log(share) * (0.82 + 0.3 * ground.predictability) * freedom, 12)


def _both_in_chord(context: StepContext, ground: Ground, a: int, b: int) -> bool:
    return (
        context.same_chord
        and ground.semitones(a) % 12 in context.tones_before
        and ground.semitones(b) % 12 in context.tones
    )


def _tendency(context: StepContext, ground: Ground, a: int, b: int) -> float:
    """1 where a restless tone goes its way, −1 where it does not."""
    tone, move = semitones(ground, a, raised=context.raised_seventh) % 12, b - a
    mode = ground.mode.name
    if tone == 11:
        return 1.0 if move == 1 else (0.0 if move in (0, -1, -2) else -1.5)
    if mode == "lydian" and tone == 6:
        return 1.0 if move in (1, -1) else (0.0 if move == 0 else -1.5)
    if mode == "mixolydian" and tone == 10:
        return 1.0 if move in (1, -1) else (0.0 if move in (0, -2) else -1.0)
    if tone == 5 and len(ground.mode.steps) == 7 and move == -1:
        return 0.5
    return 0.0


def _augmented_second(context: StepContext, ground: Ground, a: int, b: int) -> float:
    if not context.raised_seventh:
        return 0.0
    pair = {semitones(ground, step, raised=True) % 12 for step in (a, b)}
    return float(pair == {8, 11})


STEP_RULES: tuple[StepRule, ...] = (
    StepRule(
        "interval profile",
        "Steps are the walk, thirds the dance, wider intervals rare, as in real lullabies.",
        1.0,
        _profile,
    ),
    StepRule(
        "gentle fall",
        "Small steps fall a little more often than they rise.",
        0.04,
        lambda context, ground, a, b: float(b - a in (-1, -2)),
    ),
    StepRule(
        "third inside the chord",
        "A skip between tones of one chord is easy to sing.",
        0.3,
        lambda context, ground, a, b: float(abs(b - a) == 2 and _both_in_chord(context, ground, a, b)),
    ),
    StepRule(
        "wide inside the chord",
        "A wide leap is welcome inside one chord.",
        0.9,
        lambda context, ground, a, b: float(abs(b - a) in (3, 4) and _both_in_chord(context, ground, a, b)),
    ),
    StepRule(
        "no hasty leap",
        "A leap of a fourth or more needs time on both sides.",
        -0.6,
        lambda context, ground, a, b: float(context.has_short_note and _fourth_or_more(ground, a, b)),
    ),
    StepRule(
        "calm dislikes leaps",
        "The more stable the tune, the fewer leaps.",
        -1.0,
        lambda context, ground, a, b: round((ground.stability - 0.5) * max(abs(b - a) - 1, 0) * 1.3, 12),
    ),
    StepRule(
        "new bar, new note",
        "A long note on the bar line is not the short one before it again.",
        -0.7,
        lambda context, ground, a, b: float(context.lengthens_over_bar and a == b),
    ),
    StepRule(
        "cadence moves",
        "On the way to a phrase's end no note is repeated.",
        -1.5,
        lambda context, ground, a, b: float(context.in_cadence and a == b),
    ),
    StepRule(
        "cadence falls",
        "A phrase's end comes down by step.",
        0.45,
        lambda context, ground, a, b: float(context.in_cadence and b - a == -1),
    ),
    StepRule(
        "falling step into the end",
        "The last note of a phrase is reached by a falling step.",
        0.3,
        lambda context, ground, a, b: float(context.ending is not Ending.NONE and b - a == -1),
    ),
    StepRule(
        "falling third into the end",
        "Or by a falling third.",
        0.2,
        lambda context, ground, a, b: float(context.ending is not Ending.NONE and b - a == -2),
    ),
    StepRule(
        "no repeat into the end",
        "The last note of a phrase is not the one before it again.",
        -1.3,
        lambda context, ground, a, b: float(context.ending is not Ending.NONE and a == b),
    ),
    StepRule(
        "home by step",
        "A closing phrase comes home by step.",
        -12.0,
        lambda context, ground, a, b: float(context.ending is Ending.HOME and abs(b - a) != 1),
    ),
    StepRule(
        "home from above",
        "The way home falls, or rises from the tone below.",
        0.5,
        lambda context, ground, a, b: float(context.ending is Ending.HOME and b - a == -1),
    ),
    StepRule(
        "down from the peak",
        "The peak is left by a step down.",
        2.4,
        lambda context, ground, a, b: float(context.after_peak and b - a == -1),
    ),
    StepRule(
        "restless tones",
        "Leading tone rises, fourth falls, raised fourth and flat seventh go on by step.",
        0.9,
        _tendency,
    ),
    StepRule("no augmented second", "The sixth never meets the raised seventh.", -6.0, _augmented_second),
)
"""Rules about neighbours."""


def _steps_in_and_out(a: int, b: int, c: int) -> bool:
    return abs(b - a) <= 1 and abs(c - b) <= 1


def _going_on(ground: Ground, a: int, b: int, c: int) -> bool:
    return _fourth_or_more(ground, a, b) and (c - b) * (b - a) > 0


def _tritone(middle: Middle, ground: Ground, a: int, b: int, c: int) -> float:
    def is_tritone(low: int, high: int) -> bool:
        return abs(ground.semitones(high) - ground.semitones(low)) == 6

    outlined = is_tritone(a, c) and (b - a) * (c - b) > 0
    return float(is_tritone(b, c) or outlined)


SHAPE_RULES: tuple[ShapeRule, ...] = (
    ShapeRule(
        "foreign tones pass",
        "A foreign tone is reached and left by step.",
        -2.2,
        lambda middle, ground, a, b, c: float(
            middle is not Middle.CHORD_TONE and not _steps_in_and_out(a, b, c)
        ),
    ),
    ShapeRule(
        "accented foreign tones sigh",
        "An accented foreign tone falls by step.",
        -1.5,
        lambda middle, ground, a, b, c: float(middle is Middle.ACCENTED_FOREIGN and c - b != -1),
    ),
    ShapeRule(
        "leap answered",
        "After a leap the tune turns back by a step or a third.",
        1.4,
        lambda middle, ground, a, b, c: float(
            _fourth_or_more(ground, a, b) and (c - b) * (b - a) < 0 and not _fourth_or_more(ground, b, c)
        ),
    ),
    ShapeRule(
        "leap goes on",
        "After a leap the tune does not go on the same way.",
        -3.6,
        lambda middle, ground, a, b, c: float(_going_on(ground, a, b, c)),
    ),
    ShapeRule(
        "second leap",
        "Two leaps in a row lose the thread.",
        -3.2,
        lambda middle, ground, a, b, c: float(
            _fourth_or_more(ground, a, b) and _fourth_or_more(ground, b, c)
        ),
    ),
    ShapeRule(
        "leap then still",
        "After a leap a repeated note is only half an answer.",
        -3.6,
        lambda middle, ground, a, b, c: float(_fourth_or_more(ground, a, b) and b == c),
    ),
    ShapeRule(
        "see-saw",
        "Skips to and fro between the same two notes are idle.",
        -0.8,
        lambda middle, ground, a, b, c: float(a == c and abs(b - a) >= 2),
    ),
    ShapeRule(
        "to and fro",
        "A neighbour note that goes straight back gets nowhere.",
        -0.7,
        lambda middle, ground, a, b, c: float(a == c and abs(b - a) == 1),
    ),
    ShapeRule(
        "run",
        "A step goes on in its direction.",
        0.65,
        lambda middle, ground, a, b, c: float(b - a == c - b and abs(b - a) == 1),
    ),
    ShapeRule("no tritone", "No tritone as a leap or as an outline.", -2.5, _tritone),
    ShapeRule(
        "within the octave",
        "Two moves the same way stay within an octave.",
        -3.0,
        lambda middle, ground, a, b, c: float(
            (b - a) * (c - b) > 0 and abs(ground.semitones(c) - ground.semitones(a)) > 12
        ),
    ),
    ShapeRule(
        "third time",
        "A note is seldom said three times.",
        -2.0,
        lambda middle, ground, a, b, c: float(a == b == c),
    ),
)
"""Rules about three notes in a row."""

BOND_RULES: tuple[BondRule, ...] = (
    BondRule("as the motif", "The same step as in the motif.", 1.4, lambda step, motif: float(step == motif)),
    BondRule(
        "along the motif",
        "The same direction as in the motif.",
        0.5,
        lambda step, motif: float(step != motif and (step > 0) - (step < 0) == (motif > 0) - (motif < 0)),
    ),
)
"""Rules that bind a unit to an earlier one with the same rhythm."""
