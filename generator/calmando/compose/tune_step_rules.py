"""The rules about two neighbours: the interval profile, chords, cadences, restless tones."""

from __future__ import annotations

import math

from calmando.compose.tune_rules import StepRule, is_fourth_or_more, semitones
from calmando.compose.tune_slots import Ending, Ground, StepContext

_STEP_SHARES = (0.96, 0.40, 0.22, 0.13, 0.05, 0.03, 0.006, 0.02)
"""Shares of moves by 0–7 scale steps, both directions together, after the interval profile of lullabies."""
_SUNG_SHARES = (0.55, 0.34, 0.17, 0.09, 0.04, 0.025, 0.005, 0.015)


_BETWEEN_PHRASES = 0.4
"""Between phrases, after a breath, the voice may begin anywhere: the profile counts less."""


def _profile(context: StepContext, ground: Ground, a: int, b: int) -> float:
    shares = _SUNG_SHARES if ground.sung else _STEP_SHARES
    size = abs(b - a)
    if len(ground.mode.steps) == 5 and size >= 3:
        size = 4 if size == 3 else 7  # five notes an octave: three steps are a fifth, four a sixth
    share = shares[min(size, 7)] / (1.0 if size == 0 else 2.0)
    freedom = _BETWEEN_PHRASES if context.starts_phrase else 1.0
    return round(math.log(share) * (0.82 + 0.3 * ground.predictability) * freedom, 12)


def _both_in_chord(context: StepContext, ground: Ground, a: int, b: int) -> bool:
    """Whether both are tones of the one chord that sounds from the first to the second."""
    return ground.semitones(a) % 12 in context.chord and ground.semitones(b) % 12 in context.chord


def _tendency(context: StepContext, ground: Ground, a: int, b: int) -> float:
    """1 where a restless tone goes its way, −1 where it does not; no leap leaves lydian's leading tone, which no dominant bears."""
    tone, move = semitones(ground, a, raised=context.raised_seventh) % 12, b - a
    mode = ground.mode.name
    if tone == 11:
        return 1.0 if move == 1 else (0.0 if move in (0, -1, -2) else (-5.0 if mode == "lydian" else -1.5))
    if mode == "lydian" and tone == 6:
        return 1.0 if move in (1, -1) else (0.0 if move == 0 else -1.5)
    if mode == "mixolydian" and tone == 10:
        return 1.0 if move in (1, -1) else (0.0 if move in (0, -2) else -1.0)
    if tone == 5 and len(ground.mode.steps) == 7 and move == -1:
        return 0.5
    return 0.0


def _leap_from_leading_tone(context: StepContext, ground: Ground, a: int, b: int) -> float:
    return float(ground.mode.name == "lydian" and ground.semitones(a) % 12 == 11 and abs(b - a) > 1)


def _augmented_second(context: StepContext, ground: Ground, a: int, b: int) -> float:
    pair = {semitones(ground, step, raised=True) % 12 for step in (a, b)}
    return float(pair == {8, 11})


_CLIMBS = {1: 1.0, 2: 0.6}
"""How welcome a move by so many scale steps is in the first bar."""

STEP_RULES: tuple[StepRule, ...] = (
    StepRule(
        "interval profile",
        "Steps are the walk, thirds the dance, wider intervals rare, as in real lullabies.",
        1.0,
        _profile,
        of_moves=True,
    ),
    StepRule(
        "gentle fall",
        "Small steps fall a little more often than they rise.",
        0.12,
        lambda context, ground, a, b: float(b - a in (-1, -2)),
        of_moves=True,
    ),
    StepRule(
        "minor walks",
        "A minor tune walks by step where a major one skips.",
        0.1,
        lambda context, ground, a, b: float(
            abs(b - a) == 1 and ground.mode.minor_third and len(ground.mode.steps) == 7
        ),
        of_moves=True,
    ),
    StepRule(
        "over the gap",
        "In a five-note scale the whole tone is the walk, the gap a skip.",
        -0.2,
        lambda context, ground, a, b: float(
            len(ground.mode.steps) == 5
            and abs(b - a) == 1
            and abs(ground.semitones(b) - ground.semitones(a)) == 3
        ),
        moves=lambda move: abs(move) == 1,
    ),
    StepRule(
        "third inside the chord",
        "A skip between tones of one chord is easy to sing.",
        0.3,
        lambda context, ground, a, b: float(abs(b - a) == 2 and _both_in_chord(context, ground, a, b)),
        where=lambda context: bool(context.chord),
        moves=lambda move: abs(move) == 2,
    ),
    StepRule(
        "minor third",
        "The minor third is the cradle's own skip, and the voice that calls.",
        0.5,
        lambda context, ground, a, b: float(
            len(ground.mode.steps) == 7
            and abs(b - a) == 2
            and abs(ground.semitones(b) - ground.semitones(a)) == 3
        ),
        moves=lambda move: abs(move) == 2,
    ),
    StepRule(
        "wide inside the chord",
        "A wide leap is welcome inside one chord; over a drone, which is always one chord, it is nothing special.",
        0.9,
        lambda context, ground, a, b: float(
            not ground.drone and abs(b - a) in (3, 4) and _both_in_chord(context, ground, a, b)
        ),
        where=lambda context: bool(context.chord),
        moves=lambda move: abs(move) in (3, 4),
    ),
    StepRule(
        "no hasty leap",
        "A leap of a fourth or more needs time on both sides.",
        -0.8,
        lambda context, ground, a, b: float(is_fourth_or_more(ground, a, b)),
        where=lambda context: context.has_short_note,
        moves=lambda move: abs(move) > 1,
    ),
    StepRule(
        "no hasty fifth",
        "A leap of a fifth or more needs it even more.",
        -1.2,
        lambda context, ground, a, b: float(abs(ground.semitones(b) - ground.semitones(a)) >= 7),
        where=lambda context: context.has_short_note,
        moves=lambda move: abs(move) > 1,
    ),
    StepRule(
        "calm dislikes leaps",
        "The more stable the tune, the fewer leaps.",
        -1.0,
        lambda context, ground, a, b: round((ground.stability - 0.5) * max(abs(b - a) - 1, 0) * 1.9, 12),
        of_moves=True,
    ),
    StepRule(
        "calm does not stammer",
        "A stable tune rests on long notes, not on repeated ones.",
        -1.2,
        lambda context, ground, a, b: round(ground.stability - 0.5, 12) if a == b else 0.0,
        of_moves=True,
    ),
    StepRule(
        "new bar, new note",
        "A long note on the bar line is not the short one before it again.",
        -0.5,
        lambda context, ground, a, b: float(a == b),
        where=lambda context: context.lengthens_over_bar,
        of_moves=True,
    ),
    StepRule(
        "new beat, new note",
        "A note is said again within the beat rather than on the next one.",
        -0.5,
        lambda context, ground, a, b: float(a == b),
        where=lambda context: context.on_beat,
        of_moves=True,
    ),
    StepRule(
        "upbeat rises",
        "An upbeat lifts into its bar, or leans on it; it does not fall into it.",
        0.9,
        lambda context, ground, a, b: float(0 < b - a <= 3) - float(b < a),
        where=lambda context: context.from_upbeat,
        of_moves=True,
    ),
    StepRule(
        "opening climbs",
        "A tune that opens low climbs in its first bar, by step first, the more so the calmer it shall be.",
        0.7,
        lambda context, ground, a, b: (
            _CLIMBS.get(b - a, 0.0) * (0.4 + ground.stability) * ground.unsharpened
            if ground.semitones(a) < 7
            else 0.0
        ),
        where=lambda context: context.opening,
        moves=lambda move: move in _CLIMBS,
    ),
    StepRule(
        "opening moves",
        "A tune that opens on one note again and again has not begun; the voice sets off at once.",
        -1.1,
        lambda context, ground, a, b: float(not context.from_upbeat and a == b),
        where=lambda context: context.opening,
        of_moves=True,
    ),
    StepRule(
        "cadence moves",
        "On the way to a phrase's end no note is repeated.",
        -2.4,
        lambda context, ground, a, b: float(a == b),
        where=lambda context: context.in_cadence,
        of_moves=True,
    ),
    StepRule(
        "cadence falls",
        "A phrase's end comes down by step.",
        0.25,
        lambda context, ground, a, b: float(b - a == -1),
        where=lambda context: context.in_cadence,
        of_moves=True,
    ),
    StepRule(
        "falling step into the end",
        "The last note of a phrase is reached by a falling step.",
        0.3,
        lambda context, ground, a, b: float(b - a == -1),
        where=lambda context: context.ending is not Ending.NONE,
        of_moves=True,
    ),
    StepRule(
        "falling third into the end",
        "Or by a falling third.",
        0.2,
        lambda context, ground, a, b: float(b - a == -2),
        where=lambda context: context.ending is not Ending.NONE,
        of_moves=True,
    ),
    StepRule(
        "no repeat into the end",
        "The last note of a phrase is not the one before it again.",
        -0.8,
        lambda context, ground, a, b: float(a == b),
        where=lambda context: context.ending is not Ending.NONE,
        of_moves=True,
    ),
    StepRule(
        "home by step",
        "A closing phrase comes home by step.",
        -12.0,
        lambda context, ground, a, b: float(abs(b - a) != 1),
        where=lambda context: context.ending is Ending.HOME,
        of_moves=True,
    ),
    StepRule(
        "home from above",
        "The way home falls, or rises from the tone below.",
        0.35,
        lambda context, ground, a, b: float(b - a == -1),
        where=lambda context: context.ending is Ending.HOME,
        of_moves=True,
    ),
    StepRule(
        "down from the peak",
        "The peak is left by a step down, not by a leap.",
        2.4,
        lambda context, ground, a, b: float(b - a == -1) - float(abs(b - a) > 2),
        where=lambda context: context.after_peak,
        of_moves=True,
    ),
    StepRule(
        "restless tones",
        "Leading tone rises, fourth falls, raised fourth and flat seventh go on by step.",
        0.9,
        _tendency,
        moves=lambda move: move != 0,
    ),
    StepRule(
        "no leap from the leading tone",
        "Lydian has no dominant to bear the leading tone: where a phrase comes home it goes on by step.",
        -12.0,
        _leap_from_leading_tone,
        where=lambda context: context.closing,
        moves=lambda move: abs(move) > 1,
    ),
    StepRule(
        "no augmented second",
        "The sixth never meets the raised seventh.",
        -6.0,
        _augmented_second,
        where=lambda context: context.raised_seventh,
        moves=lambda move: move != 0,
    ),
)
"""Rules about neighbours."""
