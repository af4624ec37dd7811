"""Rhythm cells: the few one-unit rhythms a tune is made of, and the order in which a phrase uses them.

A unit is a bar; in 4/4 with phrases of two or three bars it is half a bar. Values are in ticks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import fsum

from calmando.rng import Stream
from calmando.theory.metre import METRES, Metre, quarters
from calmando.units import TICKS_PER_QUARTER, Ticks

_PEAK = "p"
"""The letter of a cell made for the peak."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A rhythm filling one unit, and how often it is chosen."""

    values: tuple[Ticks, ...]
    weight: float
    slow: bool = False

    @property
    def text(self) -> str:
        """As read aloud, in quarters: ``1 ½ ½``."""
        return " ".join(quarters(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class PhraseRhythm:
    """The letters of a phrase's units (``a a b z``) and the cell each stands for; ``z`` holds the phrase's end."""

    letters: str
    cells: tuple[Cell, ...]

    def cell(self, letter: str) -> Cell:
        """The cell of a letter used in this phrase."""
        return self.cells[self.letters.index(letter)]


@dataclass(frozen=True, slots=True)
class Upbeat:
    """The notes before a bar line, or none."""

    values: tuple[Ticks, ...]

    @property
    def ticks(self) -> Ticks:
        """Its length."""
        return sum(self.values)


def _cell(weight: float, *lengths: float, slow: bool = False) -> Cell:
    return Cell(tuple(round(length * TICKS_PER_QUARTER) for length in lengths), weight, slow)


_CELLS: dict[str, tuple[Cell, ...]] = {
    "2/4": (
        _cell(4, 0.5, 0.5, 1),
        _cell(3, 1, 1),
        _cell(3, 1, 0.5, 0.5),
        _cell(2, 0.5, 0.5, 0.5, 0.5),
        _cell(2, 1.5, 0.5),
        _cell(1, 2, slow=True),
    ),
    "3/4": (
        _cell(4, 2, 1),
        _cell(3, 1, 1, 1),
        _cell(2, 1.5, 0.5, 1),
        _cell(2, 2, 0.5, 0.5),
        _cell(1.5, 1, 0.5, 0.5, 1),
        _cell(1, 1, 1, 0.5, 0.5),
        _cell(0.7, 0.5, 0.5, 0.5, 0.5, 1),
        _cell(1, 3, slow=True),
    ),
    "4/4": (
        _cell(4, 1, 1, 2),
        _cell(3, 1, 1, 1, 1),
        _cell(2, 2, 1, 1),
        _cell(2, 1.5, 0.5, 1, 1),
        _cell(2, 1.5, 0.5, 2),
        _cell(1, 3, 1),
        _cell(1, 1, 1, 1, 0.5, 0.5),
        _cell(1.5, 1, 0.5, 0.5, 1, 1),
        _cell(1, 0.5, 0.5, 1, 0.5, 0.5, 1),
        _cell(0.7, 0.5, 0.5, 0.5, 0.5, 1, 1),
        _cell(1, 4, slow=True),
        _cell(1, 2, 2, slow=True),
    ),
    "6/8": (
        _cell(4, 1, 0.5, 1, 0.5),
        _cell(4, 1, 0.5, 1.5),
        _cell(2, 1, 0.5, 0.5, 0.5, 0.5),
        _cell(1, 0.5, 0.5, 0.5, 1.5),
        _cell(1, 0.75, 0.25, 0.5, 1.5),
        _cell(1, 1.5, 1, 0.5),
        _cell(1, 1.5, 1.5, slow=True),
        _cell(1, 3, slow=True),
    ),
}

_PLANS: dict[int, tuple[tuple[str, float], ...]] = {
    2: (("az", 1.0),),
    3: (("abz", 2.0), ("aaz", 2.0)),
    4: (("aabz", 4.5), ("abaz", 4.0), ("abcz", 2.5), ("aaaz", 1.0)),
    5: (("aabaz", 3.0), ("abaaz", 2.0), ("ababz", 3.0)),
}
"""Plans of a phrase by its number of units."""

_CAESURA_WEIGHT = 0.8
"""How often the second unit of ``a b a z`` is one long note, beside cells of weights 1–4."""

_NEAR = 0.25
"""A rhythm meets a wished density if it is within this share of it."""

_UPBEATS: dict[str, tuple[tuple[float, ...], ...]] = {
    "2/4": ((0.5,), (1.0,), (0.5, 0.5)),
    "3/4": ((1.0,), (1.0,), (0.5, 0.5)),
    "4/4": ((1.0,), (1.0,), (0.5, 0.5)),
    "6/8": ((0.5,),),
}


def cells_of(metre: Metre) -> tuple[Cell, ...]:
    """Every cell of a metre's bar."""
    return _CELLS[metre.name]


def draw_upbeat(metre: Metre, *, stream: Stream) -> Upbeat:
    """One of the metre's upbeats."""
    return Upbeat(tuple(round(q * TICKS_PER_QUARTER) for q in stream.choice(_UPBEATS[metre.name])))


def long_cell(unit_ticks: Ticks) -> Cell:
    """The one long note that ends a phrase."""
    return Cell((unit_ticks,), 1.0, slow=True)


def sigh_cell(metre: Metre, unit_ticks: Ticks) -> Cell | None:
    """The long–short sigh that may end an open phrase: 3/4 ``2 1``, 6/8 ``1½ 1½``, else in halves."""
    if unit_ticks < 2 * TICKS_PER_QUARTER:
        return None
    first = unit_ticks * 2 // 3 if metre.name == "3/4" else unit_ticks // 2
    return Cell((first, unit_ticks - first), 1.0)


def twice_cell(metre: Metre, unit_ticks: Ticks, room_ticks: Ticks) -> Cell | None:
    """An end note said twice, the second time no longer than the first: ``1 1``, before an upbeat ``1 ½``; 3/4 ``2 1``."""
    first = unit_ticks * 2 // 3 if metre.name == "3/4" and room_ticks == unit_ticks else unit_ticks // 2
    second = room_ticks - first
    if first < TICKS_PER_QUARTER or not TICKS_PER_QUARTER // 2 <= second <= first:
        return None
    return Cell((first, second), 1.0)


_LATE_CELLS: dict[tuple[str, Ticks], tuple[tuple[float, ...], ...]] = {
    ("2/4", 2): ((0.5, 0.5, 1), (1, 1)),
    ("3/4", 3): ((1, 2), (0.5, 0.5, 2)),
    ("4/4", 4): ((1, 1, 2), (2, 2)),
    ("4/4", 2): ((0.5, 0.5, 1), (1, 1)),
    ("6/8", 3): ((1, 0.5, 1.5), (1.5, 1.5)),
}
"""Ends that come after the bar line, by metre and quarters of a unit."""


def late_cell(metre: Metre, unit_ticks: Ticks, room_ticks: Ticks, *, moving: bool) -> Cell | None:
    """An end that comes on the middle of its bar, as in half of all cradle songs; None where there is no room for it.

    Parameters
    ----------
    room_ticks
        What an upbeat to come leaves of the unit.
    moving
        With a note more on the way.
    """
    options = _LATE_CELLS.get((metre.name, unit_ticks // TICKS_PER_QUARTER))
    if options is None:
        return None
    *way, _ = (round(q * TICKS_PER_QUARTER) for q in options[0 if moving else 1])
    last = room_ticks - sum(way)
    return Cell((*way, last), 1.0) if last >= max(way) else None


def draw_rhythm(
    metre: Metre,
    n_units: int,
    *,
    half_bars: bool,
    notes_per_beat: float,
    slow: bool,
    n_cells: int,
    stream: Stream,
) -> PhraseRhythm:
    """Draw a phrase's plan and cells so that its notes a beat come near the wish.

    Parameters
    ----------
    n_units
        Units of the phrase, 2–5; the last holds its end.
    half_bars
        Units are half bars (4/4), filled with 2/4 cells.
    notes_per_beat
        Wanted notes a counted beat, met within a quarter where the cells allow, else as nearly as they do.
    slow
        Long values only.
    n_cells
        Most cells before the end, 1–3.
    """
    unit = METRES["2/4"] if half_bars else metre
    rhythms, weights = _options(unit, n_units, slow, notes_per_beat, n_cells)
    return stream.weighted(rhythms, weights)


def draw_new_cell(rhythm: PhraseRhythm, metre: Metre, *, half_bars: bool, stream: Stream) -> PhraseRhythm:
    """The rhythm with a new cell of nearly as many notes in place of its last one before the end."""
    unit = METRES["2/4"] if half_bars else metre
    letter = rhythm.letters[-2]
    old = rhythm.cell(letter)
    options = [
        cell
        for cell in cells_of(unit)
        if cell not in rhythm.cells and abs(len(cell.values) - len(old.values)) <= 1 and cell.slow == old.slow
    ]
    if not options:
        return rhythm
    new = stream.weighted(options, [cell.weight for cell in options])
    letters = rhythm.letters[:-2] + "n" + rhythm.letters[-1]
    return PhraseRhythm(letters, (*rhythm.cells[:-2], new, rhythm.cells[-1]))


def with_long_note(rhythm: PhraseRhythm, unit: int) -> PhraseRhythm:
    """The rhythm with a quarter or more at the beginning of a unit, for a note that is to stand out.

    Before the phrase's end a long note that closes the unit comes first instead, so that the short ones lead on; else the
    first two notes become one. The unit keeps its cell where it has such a note already.

    Examples
    --------
    >>> eighths, sigh, end = Cell((240,) * 4, 1.0), Cell((240, 240, 480), 1.0), long_cell(960)
    >>> rhythm = PhraseRhythm("aabz", (eighths, eighths, sigh, end))
    >>> with_long_note(rhythm, 1).cells[1].text, with_long_note(rhythm, 2).cells[2].text
    ('1 ½ ½', '1 ½ ½')
    >>> with_long_note(rhythm, 1).letters
    'apbz'
    """
    values = rhythm.cells[unit].values
    ends = unit == len(rhythm.cells) - 2 and len(values) > 1
    if max(values[:-1] if ends else values) >= TICKS_PER_QUARTER:
        return rhythm
    if values[-1] >= TICKS_PER_QUARTER:
        values = (values[-1], *values[:-1])
    else:
        values = (values[0] + values[1], *values[2:])
    cell = Cell(values, rhythm.cells[unit].weight, rhythm.cells[unit].slow)
    same = (
        letter for letter, other in zip(rhythm.letters, rhythm.cells, strict=True) if other.values == values
    )
    letters = rhythm.letters[:unit] + next(same, _PEAK) + rhythm.letters[unit + 1 :]
    return PhraseRhythm(letters, (*rhythm.cells[:unit], cell, *rhythm.cells[unit + 1 :]))


@lru_cache(maxsize=256)
def _options(
    unit: Metre, n_units: int, slow: bool, notes_per_beat: float, n_cells: int
) -> tuple[tuple[PhraseRhythm, ...], tuple[float, ...]]:
    """Every rhythm with its weight; each plan keeps its share, whatever the density leaves of it."""
    fewest = min(len(set(letters)) - 1 for letters, _ in _PLANS[n_units])
    allowed = [
        entry
        for entry in _rhythms(unit, n_units, slow)
        if len(set(entry[0].letters)) - 1 <= max(n_cells, fewest)
    ]
    misses = [_miss(rhythm, unit, notes_per_beat) for rhythm, _ in allowed]
    limit = max(_NEAR, min(misses))
    by_plan: dict[str, list[tuple[PhraseRhythm, float]]] = {}
    for (rhythm, weight), miss in zip(allowed, misses, strict=True):
        if miss <= limit:
            by_plan.setdefault(rhythm.letters, []).append(
                (rhythm, weight * (1.0 if miss <= _NEAR / 2 else 0.5))
            )
    rhythms: list[PhraseRhythm] = []
    weights: list[float] = []
    plan_shares = dict(_PLANS[n_units])
    for letters, entries in by_plan.items():
        total = fsum(weight for _, weight in entries)
        for rhythm, weight in entries:
            rhythms.append(rhythm)
            weights.append(round(plan_shares[letters] * weight / total, 12))
    return tuple(rhythms), tuple(weights)


@lru_cache(maxsize=64)
def _rhythms(unit: Metre, n_units: int, slow: bool) -> tuple[tuple[PhraseRhythm, float], ...]:
    """Every plan filled with every choice of different cells, with its weight."""
    table = [cell for cell in cells_of(unit) if cell.slow == slow or (cell.slow and len(cell.values) > 1)]
    if slow:
        table += [cell for cell in cells_of(unit) if not cell.slow and len(cell.values) == 2]
    end = long_cell(unit.bar_ticks)
    found: list[tuple[PhraseRhythm, float]] = []
    for letters, weight in _PLANS[n_units]:
        caesura = () if slow or letters != "abaz" else (Cell(end.values, _CAESURA_WEIGHT, slow=True),)
        fillings = _fillings(tuple(dict.fromkeys(letters[:-1])), table, caesura)
        for chosen, share in fillings:
            cells = tuple(chosen[ord(letter) - ord("a")] for letter in letters[:-1])
            found.append((PhraseRhythm(letters, (*cells, end)), weight * share))
    return tuple(found)


def _fillings(
    letters: tuple[str, ...], table: list[Cell], caesura: tuple[Cell, ...]
) -> list[tuple[tuple[Cell, ...], float]]:
    """Different cells for different letters; the share of a filling is the product of its cells' shares.

    ``b`` may be the long note that divides a phrase in two (``caesura``).
    """
    total = fsum(cell.weight for cell in table)
    fillings: list[tuple[tuple[Cell, ...], float]] = [((), 1.0)]
    for letter in letters:
        cells = table + list(caesura if letter == "b" else ())
        fillings = [
            ((*chosen, cell), share * cell.weight / total)
            for chosen, share in fillings
            for cell in cells
            if cell not in chosen
        ]
    return fillings


def _miss(rhythm: PhraseRhythm, unit: Metre, notes_per_beat: float) -> float:
    """By which share of the wish a rhythm's notes a beat miss it."""
    notes = sum(len(cell.values) for cell in rhythm.cells)
    return round(abs(notes / (unit.beats * len(rhythm.cells)) / notes_per_beat - 1.0), 9)
