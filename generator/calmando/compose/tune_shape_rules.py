"""The rules about three notes in a row, and those that bind a unit to its motif."""

from __future__ import annotations

from calmando.compose.tune_rules import BondRule, Middle, ShapeRule, is_fourth_or_more
from calmando.compose.tune_slots import Ground


def _steps_in_and_out(a: int, b: int, c: int) -> bool:
    return abs(b - a) <= 1 and abs(c - b) <= 1


def _going_on(ground: Ground, a: int, b: int, c: int) -> bool:
    return is_fourth_or_more(ground, a, b) and (c - b) * (b - a) > 0


def _tritone(ground: Ground, a: int, b: int, c: int) -> float:
    outlined = (b - a) * (c - b) > 0 and _is_tritone(ground, a, c)
    return float(outlined or _is_tritone(ground, b, c))


def _is_tritone(ground: Ground, a: int, b: int) -> bool:
    return abs(ground.semitones(b) - ground.semitones(a)) == 6


def _go_on(first: int, second: int) -> bool:
    """Whether two moves go the same way."""
    return first * second > 0


SHAPE_RULES: tuple[ShapeRule, ...] = (
    ShapeRule(
        "foreign tones pass",
        "A foreign tone is reached and left by step.",
        -2.2,
        lambda ground, a, b, c: float(not _steps_in_and_out(a, b, c)),
        where=frozenset((Middle.PASSING, Middle.ACCENTED_FOREIGN)),
        of_moves=True,
    ),
    ShapeRule(
        "accented foreign tones sigh",
        "An accented foreign tone falls by step.",
        -1.5,
        lambda ground, a, b, c: float(c - b != -1),
        where=frozenset((Middle.ACCENTED_FOREIGN,)),
        of_moves=True,
    ),
    ShapeRule(
        "leap answered",
        "After a leap the tune turns back by a step or a third.",
        2.1,
        lambda ground, a, b, c: float(
            is_fourth_or_more(ground, a, b) and (c - b) * (b - a) < 0 and not is_fourth_or_more(ground, b, c)
        ),
        moves=lambda first, second: first * second < 0,
    ),
    ShapeRule(
        "leap goes on",
        "After a leap the tune does not go on the same way.",
        -4.6,
        lambda ground, a, b, c: float(_going_on(ground, a, b, c)),
        moves=_go_on,
    ),
    ShapeRule(
        "second leap",
        "Two leaps in a row lose the thread.",
        -3.2,
        lambda ground, a, b, c: float(is_fourth_or_more(ground, a, b) and is_fourth_or_more(ground, b, c)),
        moves=lambda first, second: abs(first) > 1 and abs(second) > 1,
    ),
    ShapeRule(
        "leap then still",
        "After a leap a repeated note is only half an answer.",
        -5.0,
        lambda ground, a, b, c: float(is_fourth_or_more(ground, a, b) and b == c),
        moves=lambda first, second: abs(first) > 1 and second == 0,
    ),
    ShapeRule(
        "see-saw",
        "Skips to and fro between the same two notes are idle.",
        -1.2,
        lambda ground, a, b, c: float(a == c and abs(b - a) >= 2),
        of_moves=True,
    ),
    ShapeRule(
        "to and fro",
        "A neighbour note that goes straight back gets nowhere.",
        -1.2,
        lambda ground, a, b, c: float(a == c and abs(b - a) == 1),
        of_moves=True,
    ),
    ShapeRule(
        "home again at once",
        "A line that climbs from home and is back with the next note has not set out.",
        -2.4,
        lambda ground, a, b, c: float(a == c < b and ground.semitones(a) % 12 == 0),
        moves=lambda first, second: first == -second > 0,
    ),
    ShapeRule(
        "climb then still",
        "A line that climbs a step and stands still has lost its breath.",
        -0.6,
        lambda ground, a, b, c: float(b - a == 1 and b == c),
        of_moves=True,
    ),
    ShapeRule(
        "run",
        "A step goes on in its direction.",
        0.55,
        lambda ground, a, b, c: float(b - a == c - b and abs(b - a) == 1),
        of_moves=True,
    ),
    ShapeRule(
        "skip flows on",
        "A falling third may flow on by step.",
        0.5,
        lambda ground, a, b, c: float(b - a == -2 and c - b == -1),
        of_moves=True,
    ),
    ShapeRule(
        "minor run",
        "A minor tune flows on in scales.",
        0.2,
        lambda ground, a, b, c: float(b - a == c - b and abs(b - a) == 1 and ground.mode.minor_third),
        of_moves=True,
    ),
    ShapeRule(
        "said three times",
        "A note said on both beats and between them is cradle song.",
        0.5,
        lambda ground, a, b, c: float(a == b == c),
        where=frozenset((Middle.BETWEEN,)),
        of_moves=True,
    ),
    ShapeRule(
        "no tritone",
        "No tritone as a leap or as an outline.",
        -2.5,
        _tritone,
        moves=lambda first, second: abs(second) > 1 or _go_on(first, second),
    ),
    ShapeRule(
        "within the octave",
        "Two moves the same way stay within an octave.",
        -3.0,
        lambda ground, a, b, c: float(
            (b - a) * (c - b) > 0 and abs(ground.semitones(c) - ground.semitones(a)) > 12
        ),
        moves=_go_on,
    ),
    ShapeRule(
        "third time",
        "A note said three times leaves and meets the beat; otherwise it drums.",
        -5.0,
        lambda ground, a, b, c: float(a == b == c),
        where=frozenset(Middle) - {Middle.BETWEEN},
        of_moves=True,
    ),
)
"""Rules about three notes in a row."""

BOND_RULES: tuple[BondRule, ...] = (
    BondRule("as the motif", "The same step as in the motif.", 1.4, lambda step, motif: float(step == motif)),
    BondRule(
        "along the motif",
        "The same direction as in the motif.",
        0.8,
        lambda step, motif: float(step != motif and (step > 0) - (step < 0) == (motif > 0) - (motif < 0)),
    ),
)
"""Rules that bind a unit to an earlier one with the same rhythm."""
