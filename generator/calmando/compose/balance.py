"""Balance: the players listen to each other; what enters comes in softly, what leaves goes gently, the whole keeps level.

Nothing of it changes a note: it is written as expression. Three things are done, all on the reckoned
energy of the parts (`calmando.compose.reckoned`):

- a part that was silent enters under a rise, softer the more it adds to what sounds;
- a part that falls silent goes under a decline, where others stay;
- all together play somewhat louder where little sounds and softer where much does, so that the tune's coming and
  going moves the whole but little. The slow arc of the piece, planned swells and true pauses are left alone.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from calmando.compose.ending import CLOSING_LABELS
from calmando.compose.evening import CELL_S, LEAD_CELLS, MOST_DB, PAUSE_DB, USUAL_S, Evening
from calmando.compose.expression import expression_value
from calmando.compose.reckoned import Cells
from calmando.preset.model import Intent, Preset
from calmando.score.model import ChannelStrip, ControlChange, Controller, Passage, Role, Title
from calmando.units import TICKS_PER_QUARTER, Decibels, Seconds, Ticks

_UNITS_PER_SECOND = 1_000_000 * TICKS_PER_QUARTER
_HALF_WINDOW = 3
_GAP_CELLS = 5
_ENTRY_CELLS = 12
_EXIT_CELLS = 8
_DEEPEST_DB: Decibels = 9.0
_LEAST_DB: Decibels = 1.0
_RAMP_SHARE = 1.25
"""A ramp is somewhat deeper than what the part adds to the whole."""
_WORTH_WRITING_DB: Decibels = 0.25
_LARGEST_STEP = 8
"""Of expression: players smooth smaller ones and take larger ones at once."""
_AHEAD_S: Seconds = (_GAP_CELLS + _EXIT_CELLS + LEAD_CELLS + 1) * CELL_S
_SILENT = 1e-7
_SETTLED_S: Seconds = 5.0
"""So long after it is struck the final chord is still evened; then it may die away."""
_CLOSING_SHARE = 0.5
_LULLING = (Intent.SLEEP, Intent.LULLABY, Intent.NICU)
_UNRAMPED = (Role.AMBIENCE, Role.HEARTBEAT)


def is_balanced(preset: Preset) -> bool:
    """Whether a preset's piece is balanced.

    Not where people walk to it, the click keeps its level to the last step; not where a call is answered: the answer
    is soft, or silent, on purpose.
    """
    return preset.intent is not Intent.GAIT and preset.form.kind != "turns"


def may_grow_louder(preset: Preset) -> bool:
    """Whether a preset's piece may slowly grow louder: not one to fall asleep to, unless its stages plan it."""
    planned = [stage.loudness_db for stage in preset.stages]
    return preset.intent not in _LULLING or any(after > before for before, after in pairwise(planned))


def balanced(passages: Iterable[Passage], title: Title, *, may_rise: bool = True) -> Iterator[Passage]:
    """The passages with their expression balanced, a few phrases after they were composed; memory stays flat."""
    balance = _Balance(title.strips, may_rise=may_rise)
    waiting: deque[_Placed] = deque()
    for passage in passages:
        waiting.append(balance.heard(passage))
        while waiting[0].end_s + balance.ahead_s <= waiting[-1].end_s:
            yield balance.played(waiting.popleft())
    for placed in waiting:
        yield balance.played(placed)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A passage, when it begins and ends, and how long a tick lasts in it."""

    passage: Passage
    start_s: Seconds
    end_s: Seconds
    tick_s: Seconds


class _Balance:
    """What is known of the piece so far."""

    def __init__(self, strips: tuple[ChannelStrip, ...], *, may_rise: bool) -> None:
        self._may_rise = may_rise
        self._is_ramped = [strip.role not in _UNRAMPED for strip in strips]
        self._is_evened = [_is_evened(strip) for strip in strips]
        self._fixed_parts = [part for part, is_evened in enumerate(self._is_evened) if not is_evened]
        self._cells = Cells(strips)
        self._elapsed_s: Seconds = 0.0
        self._tick_s: Seconds = 0.0
        self._next_cell = 0
        self._evening: Evening | None = None
        self._evened_db: Decibels = 0.0
        self._closing_s: Seconds = math.inf
        self._ramps = [_Ramp() for _ in strips]
        self._n_silent = [_GAP_CELLS for _ in strips]
        self._ramped: deque[list[Decibels]] = deque()
        self._base_db = [_level(strip.expression) for strip in strips]
        self._written_db: list[Decibels | None] = [None for _ in strips]
        self._values = [strip.expression for strip in strips]

    @property
    def ahead_s(self) -> Seconds:
        """How much of the piece has to be known beyond a passage before it is played."""
        return USUAL_S if self._evening is None else _AHEAD_S

    def heard(self, passage: Passage) -> _Placed:
        """Take a passage's notes into account."""
        if passage.tempo:
            self._tick_s = passage.tempo[-1].us_per_quarter / _UNITS_PER_SECOND
        start = passage.span.onset_ticks
        placed = _Placed(
            passage,
            self._elapsed_s,
            self._elapsed_s + (passage.span.end_ticks - start) * self._tick_s,
            self._tick_s,
        )
        if passage.span.label in CLOSING_LABELS:
            self._closing_s = min(self._closing_s, placed.start_s)
        for part, notes in enumerate(passage.notes):
            for note in notes:
                onset_s = max(placed.start_s + (note.onset_ticks - start) * self._tick_s, 0.0)
                end_s = onset_s + note.duration_ticks * self._tick_s
                self._cells.add(part, note.pitch, onset_s, end_s, note.velocity)
        self._elapsed_s = placed.end_s
        return placed

    def played(self, placed: _Placed) -> Passage:
        """The passage with its expression."""
        if self._evening is None:
            self._evening = Evening(self._mean_db(int(USUAL_S / CELL_S)), may_rise=self._may_rise)
            for cell in range(LEAD_CELLS):
                self._take(self._evening, cell)
        span = placed.passage.span
        moves: list[tuple[Ticks, list[Decibels]]] = []
        while self._next_cell * CELL_S < placed.end_s:
            at_s = self._next_cell * CELL_S - placed.start_s
            tick = min(
                max(span.onset_ticks + round(at_s / placed.tick_s), span.onset_ticks), span.end_ticks - 1
            )
            moves.append((tick, self._step(self._evening, self._next_cell)))
            self._next_cell += 1
        self._cells.forget_before(self._next_cell + LEAD_CELLS - _GAP_CELLS - 1)
        controls = tuple(
            self._written(
                part, changes, [(tick, levels[part]) for tick, levels in moves], CELL_S / placed.tick_s
            )
            for part, changes in enumerate(placed.passage.controls)
        )
        return replace(placed.passage, controls=controls)

    def _step(self, evening: Evening, cell: int) -> list[Decibels]:
        """What is added to each part's expression in a cell, in dB."""
        evened_db = self._take(evening, cell + LEAD_CELLS)
        if cell * CELL_S < self._closing_s + _SETTLED_S:
            self._evened_db = evened_db
        else:
            # What dies away at the end is called back by half only.
            evened_db -= max(evened_db - self._evened_db, 0.0) * _CLOSING_SHARE
        return [
            ramp_db + (evened_db if is_evened else 0.0) - MOST_DB
            for ramp_db, is_evened in zip(self._ramped.popleft(), self._is_evened, strict=True)
        ]

    def _take(self, evening: Evening, cell: int) -> Decibels:
        """Decide the ramps of a cell and tell the evening of it; the evening of the cell `LEAD_CELLS` before."""
        self._ramped.append([self._ramp(part, cell) for part in range(len(self._ramps))])
        fixed = math.fsum(self._cells.of(part, cell) for part in self._fixed_parts)
        return evening.next(self._cells.all(cell) - fixed, fixed)

    def _ramp(self, part: int, cell: int) -> Decibels:
        """A part's ramp in a cell: begun where it enters or is about to leave, else gone on with."""
        if not self._is_ramped[part]:
            return 0.0
        ramp = self._ramps[part]
        n_silent, sounds = self._n_silent[part], self._sounds(part, cell)
        self._n_silent[part] = 0 if sounds else n_silent + 1
        if sounds and n_silent >= _GAP_CELLS and cell > _HALF_WINDOW:
            ramp.enter(self._share_db(part, range(cell, cell + 2 * _HALF_WINDOW)))
        elif self._leaves_after(part, cell + _EXIT_CELLS - 1):
            ramp.leave(self._share_db(part, range(cell, cell + _EXIT_CELLS)))
        if ramp.moves:
            ramp.move()
        if ramp.level_db:
            self._cells.scale(part, cell, math.pow(10, ramp.level_db / 10))
        return ramp.level_db

    def _sounds(self, part: int, cell: int) -> bool:
        return self._cells.of(part, cell) > _SILENT

    def _leaves_after(self, part: int, cell: int) -> bool:
        return (
            self._sounds(part, cell)
            and not self._sounds(part, cell + 1)
            and self._cells.loudest(part, cell + 2, cell + 1 + _GAP_CELLS) <= _SILENT
        )

    def _share_db(self, part: int, cells: range) -> Decibels:
        """How much louder the whole is by a part in some cells, in dB; 0 where it is alone."""
        own = math.fsum(self._cells.of(part, cell) for cell in cells)
        others = math.fsum(self._cells.all(cell) for cell in cells) - own
        return 10 * math.log10(1 + own / others) if others > _SILENT else 0.0

    def _window_db(self, cell: int) -> Decibels:
        """Mean energy of the three seconds around a cell's beginning, in dB."""
        energy = math.fsum(self._cells.all(near) for near in range(cell - _HALF_WINDOW, cell + _HALF_WINDOW))
        return 10 * math.log10(max(energy / (2 * _HALF_WINDOW), 1e-12))

    def _mean_db(self, n_cells: int) -> Decibels:
        """The usual loudness of the beginning: the mean over its sounding cells."""
        levels = [self._window_db(cell) for cell in range(_HALF_WINDOW, n_cells)]
        loud = max(levels)
        sounding = [level for level in levels if level > loud - PAUSE_DB]
        return math.fsum(sounding) / len(sounding)

    def _written(
        self,
        part: int,
        changes: tuple[ControlChange, ...],
        moves: list[tuple[Ticks, Decibels]],
        cell_ticks: float,
    ) -> tuple[ControlChange, ...]:
        """A part's controller changes of a passage, its planned expression and its balance together."""
        others = [change for change in changes if change.controller is not Controller.EXPRESSION]
        planned = deque(change for change in changes if change.controller is Controller.EXPRESSION)
        written: list[ControlChange] = []
        added = self._written_db[part]
        for tick, level in (*moves, (None, 0.0)):
            while planned and (tick is None or planned[0].ticks < tick):
                change = planned.popleft()
                self._base_db[part] = _level(change.value)
                self._write(part, change.ticks, added or -MOST_DB, written)
            if tick is None:
                break
            if planned and planned[0].ticks == tick:
                self._base_db[part] = _level(planned.popleft().value)
                added = level
                self._write(part, tick, added, written)
            elif added is None or abs(level - added) >= _WORTH_WRITING_DB:
                added = level
                goal = expression_value(self._base_db[part] + level)
                if goal == self._values[part]:
                    continue
                stairs = _stairs(self._values[part], goal)
                for number, value in enumerate(stairs, 1):
                    step_tick = tick - round((1 - number / len(stairs)) * cell_ticks)
                    has_room = step_tick >= moves[0][0] and (not written or step_tick > written[-1].ticks)
                    if number == len(stairs) or has_room:
                        self._write_value(part, step_tick, value, written)
        self._written_db[part] = added
        return tuple(sorted((*others, *written), key=lambda change: change.ticks))

    def _write(self, part: int, tick: Ticks, added: Decibels, written: list[ControlChange]) -> None:
        self._write_value(part, tick, expression_value(self._base_db[part] + added), written)

    def _write_value(self, part: int, tick: Ticks, value: int, written: list[ControlChange]) -> None:
        if value != self._values[part]:
            self._values[part] = value
            written.append(ControlChange(tick, Controller.EXPRESSION, value))


class _Ramp:
    """A part's rise as it enters or decline as it leaves, in dB below its level."""

    def __init__(self) -> None:
        self.level_db: Decibels = 0.0
        self._goal_db: Decibels = 0.0
        self._step_db: Decibels = 0.0

    def enter(self, share_db: Decibels) -> None:
        """Begin low and rise."""
        depth = _depth(share_db)
        self.level_db, self._goal_db, self._step_db = -depth, 0.0, depth / _ENTRY_CELLS

    def leave(self, share_db: Decibels) -> None:
        """Decline to the end."""
        depth = _depth(share_db)
        self._goal_db, self._step_db = -depth, depth / _EXIT_CELLS

    @property
    def moves(self) -> bool:
        """Whether it is on its way."""
        return self.level_db != self._goal_db

    def move(self) -> None:
        """One cell further."""
        away = self._goal_db - self.level_db
        self.level_db += max(-self._step_db, min(self._step_db, away))


def _stairs(before: int, after: int) -> tuple[int, ...]:
    """The values on the way to another, the other among them, in steps no larger than a smooth swell's.

    Examples
    --------
    >>> _stairs(80, 93), _stairs(80, 77), _stairs(80, 80)
    ((86, 93), (77,), (80,))
    """
    if abs(after - before) <= _LARGEST_STEP:
        return (after,)
    n_steps = -(-abs(after - before) // _LARGEST_STEP)
    return tuple(before + (after - before) * number // n_steps for number in range(1, n_steps + 1))


def _is_evened(strip: ChannelStrip) -> bool:
    """A heart keeps its level."""
    return strip.role is not Role.HEARTBEAT


def _depth(share_db: Decibels) -> Decibels:
    return min(_RAMP_SHARE * share_db, _DEEPEST_DB) if share_db >= _LEAST_DB else 0.0


def _level(value: int) -> Decibels:
    """The level of an expression value below full, in dB."""
    return 40 * math.log10(max(value, 1) / 127)
