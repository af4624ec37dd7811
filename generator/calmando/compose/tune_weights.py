"""From rules to numbers: the lattice of a phrase, its tables made once for each ground and context."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from operator import add, mul
from typing import TypeAlias

from calmando.compose.lattice import Lattice, Lines, Row, Table
from calmando.compose.tune_note_rules import NOTE_RULES
from calmando.compose.tune_rules import Middle, ShapeRule, likeness, middle_of
from calmando.compose.tune_shape_rules import BOND_RULES, SHAPE_RULES
from calmando.compose.tune_slots import (
    Accent,
    Ending,
    Ground,
    Slot,
    StepContext,
    place_alone,
    step_context,
)
from calmando.compose.tune_step_rules import STEP_RULES
from calmando.units import Ticks

Line: TypeAlias = tuple[int, ...]
"""Scale steps of the notes of a phrase."""

Stretch: TypeAlias = tuple[int, int]
"""Which notes of a plan: the phrase, between the last ones before it and how many of the next."""

_FORBIDDEN = 1e-40
"""Weight of what is not done unless everything else is closed."""

_WIDEST_STEP = 5
"""No wider move than this many scale steps is considered."""


_WIDE_REACH = (-4, 8)
"""Scale steps that nearly all tunes keep within."""


@dataclass(frozen=True, slots=True)
class Bonds:
    """The steps inside the first unit sung on each letter's cell: what later units of that letter are bound to."""

    moves: tuple[tuple[str, tuple[int, ...]], ...]

    def with_units(
        self, slots: tuple[Slot, ...], line: Line, letters: str, *, units: int | None = None
    ) -> Bonds:
        """These and those of the letters sung for the first time here; a unit on one note is no motif and binds none."""
        known = dict(self.moves)
        for unit, letter in enumerate(letters[:-1] if units is None else letters[:units]):
            inside = [step for slot, step in zip(slots, line, strict=True) if slot.unit == unit]
            if letter not in known and len(set(inside)) > 1:
                known[letter] = tuple(b - a for a, b in pairwise(inside))
        return Bonds(tuple(known.items()))

    def wanted(
        self, slots: tuple[Slot, ...], letters: str, *, closing: bool = False
    ) -> tuple[int | None, ...]:
        """For each pair of neighbours the step it is bound to, or None.

        The cadence of a ``closing`` phrase is free of the motif, so that it can come home.
        """
        known = dict(self.moves)
        steps: list[int | None] = []
        for slot in slots[1:]:
            moves = known.get(letters[slot.unit]) if slot.unit >= 0 and slot.place > 0 else None
            free = letters[slot.unit] == "z" or (closing and slot.in_cadence)
            bound = moves is not None and slot.place <= len(moves) and not free
            steps.append(moves[slot.place - 1] if moves is not None and bound else None)
        return tuple(steps)


class PlanLines:
    """The lines of a plan's phrases: its realisations often begin alike, and what they share is worked out once."""

    def __init__(self, ground: Ground, *, beat_ticks: Ticks) -> None:
        self._ground = ground
        self._beat_ticks = beat_ticks
        self._free: dict[Stretch, Lattice] = {}
        self._lines: dict[tuple[Stretch, tuple[int | None, ...], tuple[int | None, ...]], Lines] = {}
        self._bound: dict[tuple[int, int], Table] = {}

    def of(
        self,
        stretch: Stretch,
        slots: tuple[Slot, ...],
        known: tuple[int | None, ...],
        bonds: tuple[int | None, ...],
    ) -> Lines:
        """The lines of a stretch of the plan, some of whose notes may be ``known`` already, ready to be drawn."""
        found = self._lines.get((stretch, known, bonds))
        if found is None:
            found = self._lines[stretch, known, bonds] = Lines(self.lattice(stretch, slots, known, bonds))
        return found

    def lattice(
        self,
        stretch: Stretch,
        slots: tuple[Slot, ...],
        known: tuple[int | None, ...],
        bonds: tuple[int | None, ...],
    ) -> Lattice:
        """The lattice they are drawn from."""
        free = self._free.get(stretch)
        if free is None:
            free = self._free[stretch] = _free_lattice(self._ground, slots, self._beat_ticks)
        notes = [
            row if step is None else _only(self._ground, step)
            for row, step in zip(free.notes, known, strict=True)
        ]
        return Lattice(notes, list(map(self._with_bond, free.steps, bonds)), free.shapes)

    def _with_bond(self, table: Table, wanted: int | None) -> Table:
        """A step table of a free lattice with a bond, if there is one: the same few return again and again."""
        if wanted is None:
            return table
        found = self._bound.get((id(table), wanted))
        if found is None:
            found = self._bound[id(table), wanted] = _bound(self._ground, table, wanted)
        return found


def _free_lattice(ground: Ground, slots: tuple[Slot, ...], beat_ticks: Ticks) -> Lattice:
    """The lattice of a phrase of which nothing is known."""
    tables = _tables_of(ground)
    return Lattice(
        [tables.note_row(slot) for slot in slots],
        [
            tables.step_table(step_context(before, slot, beat_ticks=beat_ticks))
            for before, slot in pairwise(slots)
        ],
        [tables.shape_rows(slot) for slot in slots[1:-1]],
    )


@lru_cache(maxsize=8192)
def _weight(log_weight: float, temperature: float) -> float:
    """A log weight as a weight at the tune's temperature, rounded so that every platform agrees."""
    if log_weight == -math.inf:
        return _FORBIDDEN
    return float(format(math.exp(round(log_weight / temperature, 12)), ".11e"))


def _only(ground: Ground, step: int) -> Row:
    """Only a note already known; one from outside the reach is heard as the nearest in it."""
    known = min(max(step, ground.lowest), ground.highest)
    return [float(known == candidate) for candidate in ground.steps]


def _note_row(ground: Ground, slot: Slot) -> Row:
    rules = [rule for rule in NOTE_RULES if rule.where(slot)]
    row = []
    for step in ground.steps:
        if (
            not slot.floor <= step <= slot.cap
            or (slot.is_peak and step != slot.cap)
            or (slot.ending is Ending.HOME and step != slot.anchor)
        ):
            row.append(0.0)
        else:
            log = math.fsum([rule.weight * rule.extent(slot, step, ground) for rule in rules])
            row.append(_weight(log, ground.temperature))
    return row if any(row) else _only(ground, _nearest(slot))


def _nearest(slot: Slot) -> int:
    """Where a place's own limits leave nothing, what comes nearest: its anchor, else the middle of its limits."""
    return slot.anchor if slot.anchor is not None else (slot.floor + slot.cap) // 2


class _Tables:
    """The tables of one ground, each made when it is first asked for."""

    def __init__(self, ground: Ground) -> None:
        first, last = _WIDE_REACH
        self._ground = ground
        # The ground of a wider reach that many tunes share, so that tables are made once for them all.
        self._wide = replace(ground, lowest=min(ground.lowest, first), highest=max(ground.highest, last))
        self._first = ground.lowest - self._wide.lowest
        self._notes: dict[Slot, Row] = {}
        self._steps: dict[StepContext, Table] = {}
        self._shapes: dict[tuple[Middle, int], Table] = {}
        self._shape_rows: dict[tuple[Hashable, ...], list[Table]] = {}

    def note_row(self, slot: Slot) -> Row:
        """The weights of the notes in a place."""
        alone = place_alone(slot)
        found = self._notes.get(alone)
        if found is None:
            found = self._notes[alone] = _note_row(self._ground, alone)
        return found

    def step_table(self, context: StepContext) -> Table:
        """The weights of the steps in a context."""
        found = self._steps.get(context)
        if found is None:
            found = self._steps[context] = self._within(_whole_step_table(self._wide, context))
        return found

    def shape_rows(self, slot: Slot) -> list[Table]:
        """``table[b][c][a]`` for the place of the middle note ``b``."""
        seen = (slot.tones, slot.raised_seventh, slot.between_beats, slot.accent is Accent.NONE)
        found = self._shape_rows.get(seen)
        if found is None:
            found = self._shape_rows[seen] = [
                self._shape_table(middle_of(slot, step, self._ground), step) for step in self._ground.steps
            ]
        return found

    def _shape_table(self, middle: Middle, step: int) -> Table:
        found = self._shapes.get((middle, step))
        if found is None:
            whole = _whole_shape_tables(_bare(self._wide), self._ground.temperature)
            found = self._within(whole[middle][step - self._wide.lowest])
            self._shapes[middle, step] = found
        return found

    def _within(self, table: Table) -> Table:
        """The part of a table that is in reach."""
        first, n = self._first, len(self._ground.steps)
        return [row[first : first + n] for row in table[first : first + n]]


@lru_cache(maxsize=64)
def _tables_of(ground: Ground) -> _Tables:
    return _Tables(ground)


@lru_cache(maxsize=2048)
def _whole_step_table(ground: Ground, context: StepContext) -> Table:
    """The step table of a ground; a chord changes it only between the chord's own tones."""
    weights = _StepWeights(ground, context)
    if not context.chord:
        return [[weights.of(a, b) for b in ground.steps] for a in ground.steps]
    table = [row.copy() for row in _whole_step_table(ground, context._replace(chord=()))]
    tones = [step for step in ground.steps if ground.semitones(step) % 12 in context.chord]
    for a in tones:
        for b in tones:
            table[a - ground.lowest][b - ground.lowest] = weights.of(a, b)
    return table


class _StepWeights:
    """What the rules about steps say in a context, as weights."""

    def __init__(self, ground: Ground, context: StepContext) -> None:
        self._ground = ground
        self._context = context
        of_pitches = [rule for rule in STEP_RULES if not rule.of_moves and rule.where(context)]
        self._said = _said_of_moves(ground, context._replace(chord=()))
        self._of_pitches = {
            move: [(rule.weight, rule.extent) for rule in of_pitches if rule.moves(move)]
            for move in self._said
        }
        self._of_moves = {
            move: _weight(math.fsum(said), ground.temperature) for move, said in self._said.items()
        }

    def of(self, a: int, b: int) -> float:
        """The weight of a step."""
        ground, context, said = self._ground, self._context, self._said.get(b - a)
        if said is None or abs(ground.semitones(b) - ground.semitones(a)) > ground.max_leap_semitones:
            return _FORBIDDEN
        of_pitches = [weight * extent(context, ground, a, b) for weight, extent in self._of_pitches[b - a]]
        if not any(of_pitches):
            return self._of_moves[b - a]
        return _weight(math.fsum([*said, *of_pitches]), ground.temperature)


@lru_cache(maxsize=1024)
def _said_of_moves(ground: Ground, context: StepContext) -> dict[int, list[float]]:
    """What the rules about moves say of each in a context, as log weights; they do not ask for the chord."""
    rules = [rule for rule in STEP_RULES if rule.of_moves and rule.where(context)]
    return {
        move: _said([rule.weight * rule.extent(context, ground, 0, move) for rule in rules])
        for move in range(-_WIDEST_STEP, _WIDEST_STEP + 1)
    }


def _said(terms: list[float]) -> list[float]:
    """What rules have to say: most say nothing."""
    return [term for term in terms if term]


def _bound(ground: Ground, table: Table, wanted: int) -> Table:
    """A step table with the bond to the motif's step."""
    factors = _bond_factors(ground, wanted)
    n = len(table)
    return [list(map(mul, row, factors[n - a : 2 * n - a])) for a, row in enumerate(table)]


@lru_cache(maxsize=256)
def _bond_factors(ground: Ground, wanted: int) -> Row:
    n = len(ground.steps)
    strength = likeness(ground)
    return [
        _weight(
            strength * math.fsum(r.weight * r.extent(step, wanted) for r in BOND_RULES), ground.temperature
        )
        for step in range(-n, n + 1)
    ]


@lru_cache(maxsize=32)
def _whole_shape_tables(ground: Ground, temperature: float) -> tuple[list[Table], ...]:
    """For each kind of middle note: ``table[b][c][a]``."""
    logs = _shape_logs(ground)
    distinct = {log for tables in logs for table in tables for row in table for log in row}
    weights = {log: _weight(log, temperature) for log in distinct}
    return tuple([[[weights[log] for log in row] for row in table] for table in tables] for tables in logs)


def _bare(ground: Ground) -> Ground:
    """The ground without the dials: the rules about three notes ask for none of them."""
    return Ground(ground.mode, ground.lowest, ground.highest, 0, 1.0, 0.0, 0.0)


@lru_cache(maxsize=16)
def _shape_logs(ground: Ground) -> tuple[list[Table], ...]:
    """The same as logs: they are asked for at many temperatures."""
    anywhere = _ShapeLogs(ground, [rule for rule in SHAPE_RULES if len(rule.where) == len(Middle)])
    somewhere = [rule for rule in SHAPE_RULES if len(rule.where) < len(Middle)]
    own = [_ShapeLogs(ground, [rule for rule in somewhere if middle in rule.where]) for middle in Middle]
    logs: tuple[list[Table], ...] = tuple([] for _ in Middle)
    for b in ground.steps:
        shared = [anywhere.row(b, c) for c in ground.steps]
        for middle in Middle:
            rows = zip(shared, (own[middle].row(b, c) for c in ground.steps), strict=True)
            logs[middle].append([list(map(add, row, more)) for row, more in rows])
    return logs


class _ShapeLogs:
    """What some rules say of three notes, as a log weight."""

    def __init__(self, ground: Ground, rules: list[ShapeRule]) -> None:
        self._ground = ground
        of_moves = [rule for rule in rules if rule.of_moves]
        moves = range(-_WIDEST_STEP - 2, _WIDEST_STEP + 3)
        self._said = {
            (first, second): _said([r.weight * r.extent(ground, 0, first, first + second) for r in of_moves])
            for first in moves
            for second in moves
        }
        self._summed = {pair: math.fsum(said) for pair, said in self._said.items()}
        of_pitches = [rule for rule in rules if not rule.of_moves]
        self._of_pitches = {
            pair: [(rule.weight, rule.extent) for rule in of_pitches if rule.moves(*pair)]
            for pair in (self._said if of_pitches else ())
        }

    def row(self, b: int, c: int) -> Row:
        """The log weights of all notes before two; there is none for what is never done."""
        if self._of_pitches:
            return [self._of(a, b, c) for a in self._ground.steps]
        return [self._summed.get((b - a, c - b), -math.inf) for a in self._ground.steps]

    def _of(self, a: int, b: int, c: int) -> float:
        pair, ground = (b - a, c - b), self._ground
        if pair not in self._said:
            return -math.inf
        said = [weight * extent(ground, a, b, c) for weight, extent in self._of_pitches[pair]]
        return math.fsum([*self._said[pair], *said]) if any(said) else self._summed[pair]
