"""A motif sung again from another step: the sequence, as in songs that say a thing twice, then higher or lower."""

from __future__ import annotations

from itertools import combinations, pairwise

from calmando.compose.tune_rules import in_chord
from calmando.compose.tune_slots import Accent, Ground, Slot
from calmando.units import TICKS_PER_QUARTER, Semitones

_MOVES = (-1, 1, -2, 2)
"""By how many scale steps a motif may lie higher or lower when it comes again, the likeliest first."""
_WIDEST: Semitones = 7
_TRITONE: Semitones = 6
_LEADING_TONE: Semitones = 11
_STEP: Semitones = 2


def sequence_move(ground: Ground, slots: tuple[Slot, ...], motif: list[int], unit: int) -> int | None:
    """By how many scale steps a phrase's first unit comes again higher or lower in a later one.

    As near to that unit's anchor as its chord bears it; None where it does not, or where the motif is one note.
    """
    here = [slot for slot in slots if slot.unit == 0]
    there = [slot for slot in slots if slot.unit == unit]
    if len(set(motif)) == 1:
        return None
    moves = []
    for move in _MOVES:
        moved = [step + move for step in motif]
        line = [motif[-1], *moved] if unit == 1 else moved
        places = zip(here, there, motif, moved, strict=True)
        if _is_singable(ground, line) and all(_bears(ground, *place) for place in places):
            moves.append(move)
    anchor = motif[0] if there[0].anchor is None else there[0].anchor
    return min(moves, key=lambda move: abs(motif[0] + move - anchor), default=None)


def _bears(ground: Ground, before: Slot, after: Slot, step: int, moved: int) -> bool:
    """Whether a place bears a motif's moved note: on an accent its chord does, and a long chord tone stays one."""
    is_long_tone = after.duration_ticks >= TICKS_PER_QUARTER and in_chord(before, step, ground)
    passes = after.accent is Accent.NONE and not is_long_tone
    return after.floor <= moved <= after.cap and (passes or in_chord(after, moved, ground))


def _is_singable(ground: Ground, line: list[int]) -> bool:
    """Whether a line leaps no further than a fifth, not at all from a leading tone, and has no tritone in it."""
    heights = [ground.semitones(step) for step in line if ground.lowest <= step <= ground.highest]
    return (
        len(heights) == len(line)
        and all(abs(b - a) <= (_STEP if a % 12 == _LEADING_TONE else _WIDEST) for a, b in pairwise(heights))
        and all(abs(b - a) != _TRITONE for a, b in combinations(heights, 2))
    )
