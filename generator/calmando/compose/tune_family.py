"""What a tune hands on to its family: rhythm cells, upbeat and the contour of its motif."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from calmando.compose.cells import Cell, PhraseRhythm, Upbeat, long_cell
from calmando.score.tune import Tune
from calmando.units import Ticks


@dataclass(frozen=True, slots=True)
class Family:
    """The inheritance of a tune.

    Attributes
    ----------
    upbeat
        Its opening upbeat, or None.
    unit_cells
        The rhythms of its first phrase's units but the last.
    unit_ticks
        Length of a unit.
    motif
        Semitone steps within its first unit.
    """

    upbeat: Upbeat | None
    unit_cells: tuple[Cell, ...]
    unit_ticks: Ticks
    motif: tuple[int, ...]

    def rhythm(self, n_units: int) -> PhraseRhythm:
        """Its rhythm for a phrase of so many units (a shorter or longer phrase drops or repeats cells)."""
        cells = [self.unit_cells[i % len(self.unit_cells)] for i in range(n_units - 1)]
        kinds = list(dict.fromkeys(cells))
        letters = "".join("abcdefgh"[kinds.index(cell)] for cell in cells) + "z"
        return PhraseRhythm(letters, (*cells, long_cell(self.unit_ticks)))


def family_of(tune: Tune) -> Family:
    """Read a tune's inheritance off its first phrase."""
    bar = tune.metre.bar_ticks
    n_bars = tune.phrases[0].end_bar
    unit = bar // 2 if tune.metre.name == "4/4" and n_bars in (2, 3) else bar
    n_units = 4 if unit != bar else n_bars
    cells: list[Cell] = []
    for index in range(max(n_units - 1, 1)):
        inside = [n for n in tune.notes if index * unit <= n.onset_ticks < (index + 1) * unit]
        bounds = [n.onset_ticks for n in inside] + [(index + 1) * unit]
        values = tuple(after - onset for onset, after in pairwise(bounds))
        cells.append(Cell(values, 1.0) if values and bounds[0] == index * unit else long_cell(unit))
    first = [n.pitch for n in tune.notes if 0 <= n.onset_ticks < unit]
    upbeats = tuple(n.duration_ticks for n in tune.notes if n.onset_ticks < 0)
    return Family(
        upbeat=Upbeat(upbeats) if upbeats else None,
        unit_cells=tuple(cells),
        unit_ticks=unit,
        motif=tuple(after - pitch for pitch, after in pairwise(first)),
    )
