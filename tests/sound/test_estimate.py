"""The estimate listens to few notes, and carries what it heard over to the others."""

from __future__ import annotations

import numpy as np
import pytest

from calmando.sound.bank.notes import NoteKind
from calmando.sound.bank.predict import SPAN, NoteEnergy
from calmando.sound.estimate import (
    LONGEST_PROBE_S,
    LONGEST_S,
    PROBES,
    estimated_energies,
    most_probes,
    probes_of,
    shares_of,
)

RATE = 44_100


def _kinds(*lengths_s: float) -> dict[NoteKind, int]:
    """Keys upwards from 60, each played ten times at one length."""
    return {
        NoteKind(0, 60 + number, 64, round(length_s * RATE)): 10 for number, length_s in enumerate(lengths_s)
    }


def test_keys_are_spread_over_the_range_the_middle_first() -> None:
    """Of thirteen keys played alike often every second is heard, those near the middle first."""
    assert [probe.key for probe in probes_of(_kinds(*[1.0] * 13), RATE)] == [67, 65, 69, 63, 71, 61]


@pytest.mark.parametrize(("length_s", "n_heard"), [(1.0, PROBES), (0.45 * LONGEST_S, 2), (2 * LONGEST_S, 1)])
def test_nobody_waits_for_long_notes(length_s: float, n_heard: int) -> None:
    """Of long notes fewer are heard, but one always."""
    assert len(probes_of(_kinds(*[length_s] * 9), RATE)) == n_heard


def test_nobody_listens_to_a_note_for_an_hour() -> None:
    """A drone that another program holds throughout is heard for half a minute, and goes on so."""
    (hour,) = kinds = _kinds(3_600.0)
    (probe,) = probes_of(kinds, RATE)
    assert probe == hour._replace(length_frames=round(LONGEST_PROBE_S * RATE))
    n_spans = probe.length_frames // SPAN
    energy = NoteEnergy(np.tile(np.arange(n_spans + 1.0), (2, 1)))
    grown = estimated_energies(kinds, {probe: energy})[hour].grown
    assert grown[0, -1] == pytest.approx(hour.length_frames / SPAN, rel=0.01)


def test_a_part_that_hardly_counts_is_listened_to_at_two_keys() -> None:
    """What counts is how long and how strongly its notes are struck, and its level."""
    kinds = _kinds(*[1.0] * 9)
    softer = {kind._replace(velocity=24): often for kind, often in kinds.items()}
    loud, soft, turned_down, equal = shares_of([(kinds, 1.0), (softer, 1.0), (kinds, 0.01), (kinds, 1.0)])
    assert loud == equal == pytest.approx(1 / (2 + (24 / 64) ** 4 + 0.01))
    assert soft == pytest.approx(loud * (24 / 64) ** 4)
    assert turned_down == pytest.approx(loud / 100)
    assert [most_probes(share) for share in (loud, soft, turned_down)] == [PROBES, 2, 2]
    assert [probe.key for probe in probes_of(kinds, RATE, 2)] == [66, 62]


def test_a_piece_of_silence_has_shares() -> None:
    """Nothing is divided by."""
    assert shares_of([({}, 1.0), (_kinds(1.0), 0.0)]) == [1.0, 1.0]


def test_a_part_without_notes_has_nothing_to_listen_to() -> None:
    """No notes, no probes, no energies."""
    assert probes_of({}, RATE) == []
    assert estimated_energies({}, {}) == {}


def test_what_was_heard_is_carried_over_to_neighbours() -> None:
    """A key that was not heard has the energy of the nearest; twice the velocity is four times the amplitude."""
    heard = NoteKind(0, 60, 32, RATE)
    energy = NoteEnergy(np.array([[0.0, 1.0, 1.5], [0.0, 2.0, 3.0]]))
    neighbours = [heard._replace(key=67), heard._replace(velocity=64)]
    estimated = estimated_energies([heard, *neighbours], {heard: energy})
    for kind, factor in zip((heard, *neighbours), (1.0, 1.0, 16.0), strict=True):
        np.testing.assert_allclose(estimated[kind].grown, energy.grown * factor)
