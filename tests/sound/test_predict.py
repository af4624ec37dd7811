"""The energy of a piece, step by step, from that of its notes; by kernels and by numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmando.sound.bank.predict import EnergyLine, NoteEnergy, Steps

STEPS = Steps(40, 4_410)
pieces = st.lists(st.integers(0, STEPS.n * STEPS.frames - 1), min_size=1, max_size=30)


@pytest.mark.usefixtures("arithmetic")
@given(pieces, st.integers(1, 60))
def test_every_step_gets_what_sounds_in_it(onsets: list[int], n_spans: int) -> None:
    """What a note has up to a span's end comes evenly within that span; what goes on after the piece is left out."""
    at_one = np.random.default_rng(n_spans).random((2, n_spans + 1)).cumsum(axis=1)
    at_one -= at_one[:, :1]
    line = EnergyLine(STEPS)
    line.add([(np.sort(np.array(onsets, np.int64)), NoteEnergy(at_one, 0.25))])
    borders = np.arange(STEPS.n + 1) * STEPS.frames
    for steps, grown in zip(line.steps, at_one, strict=True):
        spans = np.arange(n_spans + 1) * 4_096
        come = sum(0.25 * np.interp(borders - onset, spans, grown) for onset in onsets)
        np.testing.assert_allclose(steps, np.diff(come), rtol=1e-9, atol=1e-9)
