"""Balance: the players listen to each other; what enters comes in softly, what leaves goes gently, the whole keeps level.

Nothing of it changes a note: it is written as expression. Three things are done, all on the reckoned
energy of the parts (`calmando.compose.reckoned`):

- a part that was silent enters under a rise, softer the more it adds to what sounds;
- a part that falls silent goes under a decline, where others stay;
- all together play somewhat louder where little sounds and softer where much does, so that the tune's coming and
  going moves the whole but little, and no stroke stands out (`calmando.compose.ceiling`). The slow arc of the piece,
  planned swells and true pauses are left alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from calmando.compose.ceiling import LEAD_CELLS, Ceiling
from calmando.compose.ending import CLOSING_LABELS
from calmando.compose.evening import CELL_S, MOST_DB, PAUSE_DB, USUAL_S, Evening, level_db
from calmando.compose.expression import expression_value
from calmando.compose.reckoned import Cells, is_struck
from calmando.preset.model import Intent, Preset
from calmando.score.model import ChannelStrip, ControlChange, Controller, Passage, Role, Title, change_of
from calmando.units import TICKS_PER_QUARTER, Decibels, Seconds, Ticks

_UNITS_PER_SECOND = 1_000_000 * TICKS_PER_QUARTER
_EXPRESSION = Controller.EXPRESSION
_HALF_WINDOW = 3
_GAP_CELLS = 5
_ENTRY_CELLS = 8
_EXIT_CELLS = 6
_DEEPEST_DB: Decibels = 9.0
_LEAST_DB: Decibels = 1.0
"""A ramp is as deep as what the part adds to the whole."""
_WORTH_WRITING_DB: Decibels = 0.25
_LARGEST_STEP = 8
"""Of expression: players smooth smaller ones and take larger ones at once."""
_AHEAD_S: Seconds = (_GAP_CELLS + _EXIT_CELLS + LEAD_CELLS + 1) * CELL_S
_AT_ONCE = 32
"""So many passages are composed, then balanced together: turn and turn about, each finds the processor's caches cold."""
_SILENT = 1e-7
_CLOSING_STROKES = 1.43
"""So much more the power of a stroke counts in the close where all is plucked or struck: no held chord covers the last one."""
_SETTLED_S: Seconds = 5.0
"""So long after it is struck the final chord is still evened; then it may die away."""
_CLOSING_SHARE = 0.5
_LULLING = (Intent.SLEEP, Intent.LULLABY, Intent.NICU)
_UNRAMPED = (Role.AMBIENCE, Role.HEARTBEAT)
_NOTHING_YET_DB: Decibels = -math.inf
"""What is added before the piece begins: less than anything."""
_END: Ticks = 2**62
"""After every tick of a piece."""
_NEVER = ControlChange(_END + 1, _EXPRESSION, 0)
_LEVELS_DB: tuple[Decibels, ...] = tuple(40 * math.log10(max(value, 1) / 127) for value in range(128))
"""The levels of the expression values below full."""


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
    """The passages with their expression balanced, some phrases after they were composed; memory stays flat."""
    balance = _Balance(title.strips, may_rise=may_rise)
    waiting: list[_Placed] = []
    coming = iter(passages)
    while taken := list(islice(coming, _AT_ONCE)):
        waiting += map(balance.heard, taken)
        known_s = waiting[-1].end_s - balance.ahead_s
        known = [placed for placed in waiting if placed.end_s <= known_s]
        if known:
            yield from balance.played(known)
            del waiting[: len(known)]
    if waiting:
        yield from balance.played(waiting)


class _Placed(NamedTuple):
    """A passage, when it begins and ends, and how long a tick lasts in it."""

    passage: Passage
    start_s: Seconds
    end_s: Seconds
    tick_s: Seconds


class _Balance:
    """What is known of the piece so far."""

    def __init__(self, strips: tuple[ChannelStrip, ...], *, may_rise: bool) -> None:
        self._may_rise = may_rise
        self._ramped_parts = [part for part, strip in enumerate(strips) if strip.role not in _UNRAMPED]
        self._is_evened = [_is_evened(strip) for strip in strips]
        self._evened_parts = [part for part, is_evened in enumerate(self._is_evened) if is_evened]
        self._fixed_parts = [part for part, is_evened in enumerate(self._is_evened) if not is_evened]
        self._cells = Cells(strips)
        self._closing_strokes = _CLOSING_STROKES if all(map(is_struck, strips)) else 1.0
        self._elapsed_s: Seconds = 0.0
        self._tick_s: Seconds = 0.0
        self._next_cell = 0
        self._ceiling: Ceiling | None = None
        self._evened_db: Decibels = 0.0
        self._closing_s: Seconds = math.inf
        self._ramps = [_Ramp() for _ in strips]
        self._n_silent = [_GAP_CELLS for _ in strips]
        self._ramped: list[list[Decibels]] = [[] for _ in strips]
        self._faders = [
            _Fader(_LEVELS_DB[strip.expression], _NOTHING_YET_DB, strip.expression) for strip in strips
        ]

    @property
    def ahead_s(self) -> Seconds:
        """How much of the piece has to be known beyond a passage before it is played."""
        return USUAL_S if self._ceiling is None else _AHEAD_S

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
            self._cells.add(part, notes, start_ticks=start, start_s=placed.start_s, tick_s=placed.tick_s)
        self._elapsed_s = placed.end_s
        return placed

    def played(self, some: Sequence[_Placed]) -> Iterator[Passage]:
        """The next passages with their expression."""
        if self._ceiling is None:
            beginning = range(int(USUAL_S / CELL_S))
            evening = Evening(self._mean_db(beginning.stop), may_rise=self._may_rise)
            self._ceiling = Ceiling(evening, self._cells.loudest(beginning, self._evened_parts))
            self._take(self._ceiling, range(LEAD_CELLS))
        all_cells = self._cells_before(some[-1].end_s)
        levels = self._levels(self._ceiling, all_cells)
        self._cells.forget_before(all_cells.stop + LEAD_CELLS - _GAP_CELLS - 1)
        for passage, start_s, end_s, tick_s in some:
            cells = self._cells_before(end_s)
            self._next_cell = cells.stop
            start, last = passage.span.onset_ticks, passage.span.end_ticks - 1
            ticks = [min(start + round((cell * CELL_S - start_s) / tick_s), last) for cell in cells]
            here = slice(cells.start - all_cells.start, cells.stop - all_cells.start)
            own_levels = [part_levels[here] for part_levels in levels]
            controls = self._written(passage.controls, ticks, own_levels, CELL_S / tick_s)
            yield replace(passage, controls=controls)

    def _cells_before(self, end_s: Seconds) -> range:
        """The next cells that begin before a moment."""
        end = self._next_cell
        while end * CELL_S < end_s:
            end += 1
        return range(self._next_cell, end)

    def _levels(self, ceiling: Ceiling, cells: range) -> list[tuple[Decibels, ...]]:
        """What is added to each part's expression in some cells, in dB."""
        evened = self._take(ceiling, range(cells.start + LEAD_CELLS, cells.stop + LEAD_CELLS))
        if cells.stop * CELL_S > self._closing_s + _SETTLED_S:
            evened = [self._died_away(cell, evened_db) for cell, evened_db in zip(cells, evened, strict=True)]
        elif evened:
            self._evened_db = evened[-1]
        usual = tuple([evened_db - MOST_DB for evened_db in evened])
        levels: list[tuple[Decibels, ...]] = []
        for ahead, is_evened in zip(self._ramped, self._is_evened, strict=True):
            ramped = ahead[: len(cells)]
            del ahead[: len(cells)]
            if not is_evened:
                levels.append(tuple([ramp_db - MOST_DB for ramp_db in ramped]))
            elif any(ramped):
                levels.append(
                    tuple(
                        [
                            ramp_db + evened_db - MOST_DB
                            for ramp_db, evened_db in zip(ramped, evened, strict=True)
                        ]
                    )
                )
            else:
                levels.append(usual)
        return levels

    def _died_away(self, cell: int, evened_db: Decibels) -> Decibels:
        """The evening of a cell; what dies away at the end is called back by half only."""
        if cell * CELL_S < self._closing_s + _SETTLED_S:
            self._evened_db = evened_db
            return evened_db
        return evened_db - max(evened_db - self._evened_db, 0.0) * _CLOSING_SHARE

    def _written(
        self,
        planned: tuple[tuple[ControlChange, ...], ...],
        ticks: list[Ticks],
        levels: list[tuple[Decibels, ...]],
        cell_ticks: float,
    ) -> tuple[tuple[ControlChange, ...], ...]:
        """The controller changes of all parts; parts that stand alike and are to do the same are worked out once."""
        written: list[tuple[ControlChange, ...]] = []
        known: list[tuple[_Todo, _Moved]] = []
        for part, todo in enumerate(zip(self._faders, planned, levels, strict=True)):
            for like, done in known:
                if like == todo:
                    moved = done
                    break
            else:
                fader, changes, own = todo
                moved = fader.moved(changes, ticks, own, cell_ticks)
                known.append((todo, moved))
            self._faders[part] = moved.fader
            written.append(moved.changes)
        return tuple(written)

    def _take(self, ceiling: Ceiling, cells: range) -> list[Decibels]:
        """Decide the ramps of some cells and tell the evening of them; that of the cells `LEAD_CELLS` before."""
        self._decide_ramps(cells)
        evened = self._cells.totals(cells, self._evened_parts)
        fixed = self._cells.totals(cells, self._fixed_parts)
        strokes = self._cells.loudest(cells, self._evened_parts)
        if cells.stop * CELL_S > self._closing_s:
            strokes = [
                power * self._closing_strokes if (cell + 1) * CELL_S > self._closing_s else power
                for cell, power in zip(cells, strokes, strict=True)
            ]
        return ceiling.through(evened, fixed, strokes)

    def _decide_ramps(self, cells: range) -> None:
        """Begin the ramps of the parts that enter or are about to leave in some cells, and go on with all others.

        What a part adds is told with every part's ramp gone as far as in that cell.
        """
        turns = [turn for part in self._ramped_parts for turn in self._turns(part, cells)]
        reached = [cells.start] * len(self._ramps)
        for cell, part, enters in sorted(turns):
            for other in self._ramped_parts:
                if other == part or not self._ramps[other].is_up:
                    reached[other] = self._go_on(other, range(reached[other], cell + (other < part)))
            if enters:
                self._ramps[part].enter(self._share_db(part, range(cell, cell + 2 * _HALF_WINDOW)))
            else:
                self._ramps[part].leave(self._share_db(part, range(cell, cell + _EXIT_CELLS)))
        for part in range(len(self._ramps)):
            self._go_on(part, range(reached[part], cells.stop))

    def _turns(self, part: int, cells: range) -> list[tuple[int, int, bool]]:
        """Where in some cells a part enters (true) or is about to leave (false), with its number."""
        if self._cells.is_silent_from(cells.start, part):
            self._n_silent[part] += len(cells)
            return []
        leaving_until = cells.stop + _EXIT_CELLS
        near = self._cells.stretch(part, range(cells.start, leaving_until))
        n_silent = self._n_silent[part]
        if n_silent < _GAP_CELLS and min(near) > _SILENT:
            self._n_silent[part] = 0
            return []
        if max(near) <= _SILENT:
            self._n_silent[part] += len(cells)
            return []
        near += self._cells.stretch(part, range(leaving_until, leaving_until + _GAP_CELLS))
        turns = []
        sounds = [energy > _SILENT for energy in near]
        for index, cell in enumerate(cells):
            leaving = index + _EXIT_CELLS
            if sounds[index] and n_silent >= _GAP_CELLS and cell > _HALF_WINDOW:
                turns.append((cell, part, True))
            elif sounds[leaving - 1] and True not in sounds[leaving : leaving + _GAP_CELLS]:
                turns.append((cell, part, False))
            n_silent = 0 if sounds[index] else n_silent + 1
        self._n_silent[part] = n_silent
        return turns

    def _go_on(self, part: int, cells: range) -> int:
        """Go on with a part's ramp through some cells; where they end."""
        ramp = self._ramps[part]
        if ramp.is_up:
            self._ramped[part] += [0.0] * len(cells)
        else:
            levels_db = ramp.through(len(cells))
            self._ramped[part] += levels_db
            self._cells.soften(part, cells, levels_db)
        return cells.stop

    def _share_db(self, part: int, cells: range) -> Decibels:
        """How much louder the whole is by a part in some cells, in dB; 0 where it is alone."""
        own = math.fsum(self._cells.stretch(part, cells))
        others = math.fsum(self._cells.totals(cells)) - own
        return 10 * math.log10(1 + own / others) if others > _SILENT else 0.0

    def _window_db(self, cell: int) -> Decibels:
        """Mean energy of the three seconds around a cell's beginning, in dB."""
        energy = math.fsum(self._cells.all(near) for near in range(cell - _HALF_WINDOW, cell + _HALF_WINDOW))
        return level_db(energy / (2 * _HALF_WINDOW))

    def _mean_db(self, n_cells: int) -> Decibels:
        """The usual loudness of the beginning: the mean over its sounding cells."""
        levels = [self._window_db(cell) for cell in range(_HALF_WINDOW, n_cells)]
        loud = max(levels)
        sounding = [level for level in levels if level > loud - PAUSE_DB]
        return math.fsum(sounding) / len(sounding)


class _Fader(NamedTuple):
    """Where a part's expression stands: the level that is planned, what the balance adds, and the value written last."""

    planned_db: Decibels
    added_db: Decibels
    value: int

    def moved(
        self,
        changes: tuple[ControlChange, ...],
        ticks: Sequence[Ticks],
        levels: Sequence[Decibels],
        cell_ticks: float,
    ) -> _Moved:
        """A part's controller changes of a passage, its planned expression and its balance together.

        Parameters
        ----------
        changes
            What is planned.
        ticks, levels
            The passage's cells: where each begins, and what is added there.
        """
        planned_db, added_db, value = self
        others = [change for change in changes if change.controller is not _EXPRESSION]
        planned = iter([change for change in changes if change.controller is _EXPRESSION])
        turn, _, planned_value = next(planned, _NEVER)
        written: list[ControlChange] = []
        last_db = levels[-1] if levels else added_db
        for tick, level in zip((*ticks, _END), (*levels, last_db), strict=True):
            while turn <= tick:
                if turn == tick:
                    added_db = level
                planned_db = _LEVELS_DB[planned_value]
                wanted = expression_value(planned_db + added_db)
                if wanted != value:
                    value = wanted
                    written.append(change_of((turn, _EXPRESSION, wanted)))
                turn, _, planned_value = next(planned, _NEVER)
            if not -_WORTH_WRITING_DB < level - added_db < _WORTH_WRITING_DB:
                added_db = level
                goal = expression_value(planned_db + level)
                if goal == value:
                    continue
                if not -_LARGEST_STEP <= goal - value <= _LARGEST_STEP:
                    earliest = max(ticks[0], written[-1].ticks + 1) if written else ticks[0]
                    written += _climb(value, goal, tick, cell_ticks, earliest)
                value = goal
                written.append(change_of((tick, _EXPRESSION, goal)))
        return _Moved(
            _Fader(planned_db, added_db, value),
            tuple(sorted((*others, *written), key=attrgetter("ticks"))) if others else tuple(written),
        )


class _Moved(NamedTuple):
    """Where a fader stands after a passage, and what was written on the way."""

    fader: _Fader
    changes: tuple[ControlChange, ...]


_Todo: TypeAlias = tuple[_Fader, tuple[ControlChange, ...], tuple[Decibels, ...]]
"""A fader, what is planned and what is added."""


class _Ramp:
    """A part's rise as it enters or decline as it leaves, in dB below its level."""

    def __init__(self) -> None:
        self._level_db: Decibels = 0.0
        self._goal_db: Decibels = 0.0
        self._step_db: Decibels = 0.0

    def enter(self, share_db: Decibels) -> None:
        """Begin low and rise."""
        depth = _depth(share_db)
        self._level_db, self._goal_db, self._step_db = -depth, 0.0, depth / _ENTRY_CELLS

    def leave(self, share_db: Decibels) -> None:
        """Decline to the end."""
        depth = _depth(share_db)
        self._goal_db, self._step_db = -depth, depth / _EXIT_CELLS

    @property
    def is_up(self) -> bool:
        """Whether the part stands at its level and stays there."""
        return self._level_db == self._goal_db == 0.0

    def through(self, n_cells: int) -> list[Decibels]:
        """Go on through some cells; the level in each."""
        levels_db: list[Decibels] = []
        while len(levels_db) < n_cells and self._level_db != self._goal_db:
            away = self._goal_db - self._level_db
            self._level_db += max(-self._step_db, min(self._step_db, away))
            levels_db.append(self._level_db)
        return levels_db + [self._level_db] * (n_cells - len(levels_db))


def _climb(value: int, goal: int, tick: Ticks, cell_ticks: float, earliest: Ticks) -> Iterator[ControlChange]:
    """The stairs to a value that is to be reached at a tick, spread over the cell before, from ``earliest`` on.

    None is larger than a smooth swell's.

    Examples
    --------
    >>> [(change.ticks, change.value) for change in _climb(80, 101, 480, 480.0, 0)]
    [(160, 87), (320, 94)]
    """
    n_steps = -(-abs(goal - value) // _LARGEST_STEP)
    for number in range(1, n_steps):
        step_tick = tick - round((1 - number / n_steps) * cell_ticks)
        if step_tick >= earliest:
            earliest = step_tick + 1
            yield change_of((step_tick, _EXPRESSION, value + (goal - value) * number // n_steps))


def _is_evened(strip: ChannelStrip) -> bool:
    """A heart keeps its level."""
    return strip.role is not Role.HEARTBEAT


def _depth(share_db: Decibels) -> Decibels:
    return min(share_db, _DEEPEST_DB) if share_db >= _LEAST_DB else 0.0
