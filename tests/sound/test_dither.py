"""Whole numbers from float samples: unbiased, repeatable, silent where silence is meant."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.sound.files import dither
from calmando.sound.files.dither import quantise_16, quantise_24

pytestmark = pytest.mark.usefixtures("arithmetic")

LSB = 1.0 / 32_768

TABLE_SHA256 = "ffbc4e8589b083bf712f77331f2044fc0969b3033dd8e4bbe60cca7b2167e23b"


def test_a_tone_below_one_step_survives() -> None:
    """Dither keeps a sine of a third of a step as a sine, where bare rounding would give silence."""
    n = 1 << 17
    tone = (LSB / 3 * np.sin(2 * np.pi * 441 / 44_100 * np.arange(n))).astype(np.float32)
    read = quantise_16(np.column_stack([tone, tone]), 0)[:, 0] * LSB
    assert not np.rint(tone / LSB).any()
    found = 2 * abs(np.mean(read * np.exp(-2j * np.pi * 441 / 44_100 * np.arange(n))))
    assert abs(20 * np.log10(found / (LSB / 3))) < 0.3


def test_the_error_is_noise_of_constant_power() -> None:
    """The error's mean is zero and its power that of rounding and triangular dither (1/12 + 2/12), at any level."""
    n = 1 << 17
    for level in (0.1, 0.3, 0.5, 100.2, 20_000.7):
        block = np.full((n, 2), level * LSB, np.float32)
        error = quantise_16(block, 0).astype(np.float64) - block / LSB
        assert abs(error.mean()) < 0.01
        assert abs(error.var() - 0.25) < 0.01


def test_the_two_channels_have_their_own_noise() -> None:
    """The noise is not the same left and right, or it would sit in the middle of the head."""
    noise = dither._table()
    assert abs(np.corrcoef(noise)[0, 1]) < 0.01
    assert abs(noise).max() <= 1.0


def test_the_noise_never_changes() -> None:
    """The table is the same for ever: the same record gives the same bytes."""
    assert hashlib.sha256(dither._table().T.astype("<f4").tobytes()).hexdigest() == TABLE_SHA256


def test_digital_silence_stays_silent() -> None:
    """Frames that are exactly zero stay zero; a single silent channel beside a sounding one is dithered."""
    block = np.zeros((1000, 2), np.float32)
    block[500:, 1] = 0.25
    read = quantise_16(block, 12_345)
    assert not read[:500].any()
    assert read[500:, 0].any()


def test_full_scale_is_cut_not_wrapped() -> None:
    """Beyond full scale a sample stays at the last number instead of turning over."""
    block = np.array([[1.0, -1.0], [1.5, -1.5]], np.float32)
    assert (quantise_16(block, 0)[:, 0] > 32_760).all()
    assert (quantise_16(block, 0)[:, 1] < -32_760).all()
    assert (quantise_24(block) >> 8).tolist() == [[8_388_607, -8_388_608]] * 2


@given(
    start=st.integers(0, 2_000_000_000),
    cuts=st.lists(st.integers(0, 600), max_size=5).map(sorted),
)
def test_blocks_may_be_cut_anywhere(start: int, cuts: list[int]) -> None:
    """The same frames give the same numbers, however they are cut into blocks."""
    block = np.random.default_rng(1).uniform(-0.5, 0.5, (600, 2)).astype(np.float32)
    whole = quantise_16(block, start)
    edges = [0, *cuts, 600]
    parts = [quantise_16(block[a:b], start + a) for a, b in itertools.pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


LAYOUTS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "sides in one piece": lambda block: np.ascontiguousarray(block.T).T,
    "frames in one piece": np.ascontiguousarray,
    "every third frame": lambda block: np.repeat(block, 3, axis=0)[::3],
    "backwards": lambda block: np.ascontiguousarray(block[::-1])[::-1],
}


@pytest.mark.parametrize("arithmetic", ["kernels"], indirect=True)
@given(
    seed=st.integers(0, 1_000),
    n_frames=st.integers(0, 300),
    start=st.integers(0, 1 << 20) | st.integers((1 << 18) - 300, 1 << 18),
    scale=st.sampled_from([0.0, 1e-40, 1e-5, 0.5, 2.0, 1e38]),
    special=st.sampled_from([0.0, -0.0, 1e-45, np.inf, -np.inf, np.nan]),
    layout=st.sampled_from(sorted(LAYOUTS)),
)
def test_kernel_and_numpy_give_the_same_numbers(
    by_numpy: Callable[[], AbstractContextManager[None]],
    seed: int, n_frames: int, start: int, scale: float, special: float, layout: str,
) -> None:  # fmt: skip
    """To the last bit, whatever the samples, wherever the table of noise begins and however the block lies."""
    rng = np.random.default_rng(seed)
    block = (rng.uniform(-1, 1, (n_frames, 2)) * scale).astype(np.float32)
    block[rng.integers(0, 4, n_frames) == 0] = 0.0
    block[rng.integers(0, 4, (n_frames, 2)) == 0] = special
    block = LAYOUTS[layout](block)
    with np.errstate(over="ignore", invalid="ignore"):
        read = quantise_16(block, start)
        with by_numpy():
            wanted = quantise_16(block, start)
    assert read.dtype == np.int16 and read.flags.c_contiguous
    np.testing.assert_array_equal(read, wanted)


def test_24_bits_are_rounded_to_the_nearest() -> None:
    """24-bit numbers are within half a step of the sample, standing in the upper bits."""
    block = np.random.default_rng(2).uniform(-1, 0.999, (5000, 2)).astype(np.float32)
    read = quantise_24(block)
    assert not (read & 0xFF).any()
    assert np.abs((read >> 8) / 2.0**23 - block).max() <= 2.0**-24
