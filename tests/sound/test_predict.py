"""The energies of notes, and of a piece step by step; by kernels and by numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmando.sound.bank.predict import EnergyLine, NoteEnergy, Steps
from calmando.sound.bank.spans import N_BINS, SPAN, SpanWeights

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
        spans = np.arange(n_spans + 1) * SPAN
        come = sum(0.25 * np.interp(borders - onset, spans, grown) for onset in onsets)
        np.testing.assert_allclose(steps, np.diff(come), rtol=1e-9, atol=1e-9)


@pytest.mark.usefixtures("arithmetic")
@given(st.sampled_from([1, 17, SPAN - 1, SPAN, SPAN + 1, 3 * SPAN - 5]), st.integers(1, 2), st.integers(0, 9))
def test_spans_weigh_what_their_spectra_do(n_frames: int, n_rows: int, seed: int) -> None:
    """Each is heard as if it stood alone: left and right dry, their sum as it is sent."""
    chance = np.random.default_rng(seed)
    weights = chance.random((2, N_BINS)).astype(np.float32)
    rows = chance.standard_normal((n_rows, n_frames)).astype(np.float32)
    told = SpanWeights(*weights).energies(rows)
    spans = np.pad(rows.astype(np.float64), ((0, 0), (0, -n_frames % SPAN))).reshape(n_rows, -1, SPAN)
    whole = np.abs(np.fft.fft(np.concatenate([spans, spans.sum(axis=0, keepdims=True)]))) ** 2 / SPAN
    mirrored = np.concatenate([weights, weights[:, -2:0:-1]], axis=1)
    wanted = [whole[:-1].sum(axis=0) @ mirrored[0], whole[-1] @ mirrored[1]]
    np.testing.assert_allclose(told, wanted, rtol=1e-5)
