"""Rhythm cells fill their bars and meet the wanted density."""

from __future__ import annotations

import pytest

from calmando.compose.cells import cells_of, draw_new_cell, draw_rhythm, draw_upbeat, sigh_cell, twice_cell
from calmando.rng import Stream
from calmando.theory.metre import METRES, Metre


@pytest.mark.parametrize("metre", METRES.values(), ids=METRES.keys())
def test_every_cell_fills_its_bar(metre: Metre) -> None:
    """The values of every cell add up to exactly one bar."""
    assert all(sum(cell.values) == metre.bar_ticks for cell in cells_of(metre))
    assert len({cell.values for cell in cells_of(metre)}) == len(cells_of(metre))


@pytest.mark.parametrize("metre", METRES.values(), ids=METRES.keys())
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_rhythm_meets_the_wanted_density(metre: Metre, share: float) -> None:
    """Within what the cells can do, a phrase has the wanted notes a beat, within a quarter, nearly always."""
    longest = max(len(cell.values) for cell in cells_of(metre))
    wanted = (3 * longest * share + 1 + 2 * share) / (4 * metre.beats)
    near = 0
    for seed in range(60):
        rhythm = draw_rhythm(
            metre, 4, half_bars=False, notes_per_beat=wanted, slow=False, n_cells=3, stream=Stream(seed, "r")
        )
        notes = sum(len(cell.values) for cell in rhythm.cells)
        near += abs(notes / (4 * metre.beats) / wanted - 1) <= 0.25
    assert near >= 57


def test_phrases_end_on_one_long_note_and_use_few_cells() -> None:
    """The last unit is one note; before it at most three different cells stand."""
    for seed in range(80):
        rhythm = draw_rhythm(
            METRES["3/4"],
            4,
            half_bars=False,
            notes_per_beat=1.0,
            slow=False,
            n_cells=3,
            stream=Stream(seed, "r"),
        )
        assert len(rhythm.cells[-1].values) == 1
        assert rhythm.letters.endswith("z")
        assert len(set(rhythm.letters)) <= 4
        assert [rhythm.cell(letter) for letter in rhythm.letters] == list(rhythm.cells)


def test_different_seeds_give_different_rhythms() -> None:
    """Forty seeds give at least fifteen different phrase rhythms."""
    drawn = {
        draw_rhythm(
            METRES["6/8"],
            4,
            half_bars=False,
            notes_per_beat=1.7,
            slow=False,
            n_cells=3,
            stream=Stream(seed, "r"),
        )
        for seed in range(40)
    }
    assert len(drawn) >= 15


def test_a_new_cell_changes_one_unit() -> None:
    """A renewed rhythm differs in the unit before the end only."""
    metre = METRES["2/4"]
    old = draw_rhythm(
        metre, 4, half_bars=False, notes_per_beat=1.2, slow=False, n_cells=2, stream=Stream(1, "r")
    )
    new = draw_new_cell(old, metre, half_bars=False, stream=Stream(2, "r"))
    assert [a == b for a, b in zip(old.cells, new.cells, strict=True)] == [True, True, False, True]


@pytest.mark.parametrize("metre", METRES.values(), ids=METRES.keys())
def test_upbeats_are_shorter_than_half_a_bar(metre: Metre) -> None:
    """An upbeat leaves the bar it is taken from at least its half."""
    assert all(2 * draw_upbeat(metre, stream=Stream(s, "u")).ticks <= metre.bar_ticks for s in range(10))
    sigh = sigh_cell(metre, metre.bar_ticks)
    assert sigh is not None
    assert sum(sigh.values) == metre.bar_ticks


@pytest.mark.parametrize("metre", METRES.values(), ids=METRES.keys())
@pytest.mark.parametrize("upbeat", [0, 240, 480])
def test_an_end_said_twice_is_lighter_the_second_time(metre: Metre, upbeat: int) -> None:
    """Where an end is said twice it fills its room, at least a quarter first, at least an eighth and no longer then.

    The second time it comes on a beat.
    """
    unit = metre.bar_ticks
    cell = twice_cell(metre, unit, unit - upbeat)
    if cell is not None:
        first, second = cell.values
        assert first + second == unit - upbeat
        assert first >= 480
        assert 240 <= second <= first
        assert first % metre.beat_ticks == 0 or metre.name == "3/4"
    assert upbeat or cell is not None
