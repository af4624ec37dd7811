"""What a note's description says, by kernels and by numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.sound.bank.described import (
    described,
    difference_energy,
    energies,
    frames_above,
    largest_difference,
)

sizes = st.one_of(st.integers(1, 70), st.integers(1_000, 9_000))


def dying(seed: int, n_frames: int) -> NDArray[np.float32]:
    """A noise that dies away, on a longer paper, as notes lie."""
    paper = np.random.default_rng(seed).standard_normal((2, n_frames + 13)).astype(np.float32)
    paper *= np.exp(-np.arange(n_frames + 13) / 300).astype(np.float32)
    return paper[:, :n_frames]


@pytest.mark.usefixtures("arithmetic")
@given(n_frames=sizes, seed=st.integers(0, 50))
def test_a_note_is_described_as_double_precision_says(n_frames: int, seed: int) -> None:
    """The peak is exact, sums err by rounding alone."""
    note = dying(seed, n_frames)
    exact = note.astype(np.float64)
    told = described(note)
    assert told.peak == float(np.abs(note).max())
    power = float(np.square(exact).sum())
    assert told.means == pytest.approx(tuple(exact.mean(axis=1)), abs=1e-6)
    assert told.powers == pytest.approx(tuple(np.square(exact).sum(axis=1)), rel=1e-5)
    assert told.product == pytest.approx(float((exact[0] * exact[1]).sum()), abs=1e-5 * power)


@pytest.mark.usefixtures("arithmetic")
@given(n_frames=sizes, seed=st.integers(0, 50), floor=st.sampled_from([0.0, 1e-9, 1e-4, 0.05, 0.7, 90.0]))
def test_a_note_ends_at_its_last_loud_frame(n_frames: int, seed: int, floor: float) -> None:
    """Nothing after the end swings as far as the floor, and its last frame does."""
    note = dying(seed, n_frames)
    end = frames_above(note, floor)
    assert not (np.abs(note[:, end:]) >= np.float32(floor)).any()
    assert end == 0 or (np.abs(note[:, end - 1]) >= np.float32(floor)).any()


@pytest.mark.usefixtures("arithmetic")
@given(n_frames=sizes, seed=st.integers(0, 50), share=st.floats(-1.0, 1.0))
def test_sides_differ_as_double_precision_says(n_frames: int, seed: int, share: float) -> None:
    """How far a side and a share of the other are apart."""
    note = dying(seed, n_frames)
    exact = note.astype(np.float64)
    for louder in (0, 1):
        apart = float(np.abs(exact[1 - louder] - share * exact[louder]).max())
        assert largest_difference(note, louder, share) == pytest.approx(apart, abs=2e-6)


@pytest.mark.usefixtures("arithmetic")
@given(n_frames=sizes, seed=st.integers(0, 50), level=st.floats(-1.0, 1.0))
def test_two_sounds_are_compared_as_double_precision_says(n_frames: int, seed: int, level: float) -> None:
    """Their energies, what they have in common, and what one is beyond the other."""
    one, other = dying(seed, n_frames), dying(seed + 1, n_frames)
    exact, its = one.astype(np.float64), other.astype(np.float64)
    wanted = float((exact**2).sum()), float((its**2).sum()), float((exact * its).sum())
    assert energies(one, other) == pytest.approx(wanted, rel=1e-5, abs=1e-5 * wanted[0])
    beyond = float(((exact * 0.5 - its * level) ** 2).sum())
    assert difference_energy(one, other, level, 0.5) == pytest.approx(beyond, rel=1e-5)
    assert difference_energy(one, one * np.float32(0.3), 1 / 0.3) < 1e-12 * wanted[0]
