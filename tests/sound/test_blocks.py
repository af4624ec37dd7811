"""Blocks can be looked at side by side, and their peaks are found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.sound import blocks
from calmando.sound.blocks import peak_of, sides_of
from calmando.sound.kernels import kernels


def test_sides_are_copied_only_where_they_have_to_be() -> None:
    """Each side lies in one piece of memory, which is the block's own if that does."""
    planar = np.zeros((2, 200), np.float32)
    assert np.shares_memory(sides_of(planar.T), planar)
    assert np.shares_memory(sides_of(planar[:, 20:120].T), planar)
    interleaved = np.random.default_rng(1).standard_normal((100, 2)).astype(np.float32)
    for block in (interleaved, interleaved[::2], interleaved[::-1], interleaved[:1], interleaved[:0]):
        sides = sides_of(block)
        assert len(block) < 2 or sides.strides[1] == 4
        np.testing.assert_array_equal(sides, block.T)


def test_the_peak_is_the_largest_magnitude() -> None:
    """Of whatever sign and place; nothing swings by nothing; what is no number is found."""
    sound = np.zeros((2, 10), np.float32)
    assert peak_of(sound) == peak_of(sound[:, :0]) == 0.0
    sound[0, 3], sound[1, 7] = 0.1, -0.5
    assert peak_of(sound) == 0.5
    sound[0, 9] = np.nan
    assert np.isnan(peak_of(sound))


LAYOUTS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "whole": lambda sides: sides,
    "transposed": lambda sides: sides.T,
    "cut": lambda sides: sides[:, 3:-2],
    "cut and transposed": lambda sides: sides[:, 3:-2].T,
    "interleaved": lambda sides: np.ascontiguousarray(sides.T)[2:],
    "backwards": lambda sides: sides[::-1, 1:],
    "every other frame": lambda sides: sides[:, ::2].T,
    "reversed": lambda sides: sides[:, ::-1].T,
    "one side": lambda sides: sides[1],
    "the same side twice": lambda sides: np.broadcast_to(sides[0], sides.shape).T,
    "unaligned": lambda sides: np.frombuffer(b"+" + sides.tobytes(), np.float32, sides.size, 1).reshape(
        2, -1
    ),
    "in three": lambda sides: sides[:, : sides.shape[1] // 2 * 2].reshape(2, -1, 2)[:, 1:],
    "doubles": lambda sides: sides.astype(np.float64),
}


@pytest.mark.skipif(kernels() is None, reason="there are no kernels for this machine")
@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    n_frames=st.integers(6, 200),
    specials=st.lists(
        st.sampled_from([0.0, -0.0, 1e-40, -1e-45, 3e38, -np.inf, np.inf, np.nan, -np.nan]), max_size=3
    ),
)
def test_kernel_and_numpy_find_the_same_peak(
    by_numpy: Callable[[], AbstractContextManager[None]],
    layout: str, seed: int, n_frames: int, specials: list[float],
) -> None:  # fmt: skip
    """However a sound lies in memory: NaN above infinity above all numbers, to the last bit."""
    rng = np.random.default_rng(seed)
    sides = rng.standard_normal((2, n_frames)).astype(np.float32)
    sides.ravel()[rng.integers(0, sides.size, len(specials))] = specials
    sound = LAYOUTS[layout](sides)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_MANY_SAMPLES", 1)
        found = peak_of(sound)
    with by_numpy():
        np.testing.assert_array_equal(found, peak_of(sound))


@pytest.mark.parametrize("way", ["kernels", "numpy"])
def test_the_peak_of_a_large_block_is_found(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Where it is long enough for a kernel, too."""
    monkeypatch.setenv("CALMANDO_KERNELS", way)
    sound = np.zeros((2, 100_000), np.float32)
    for place in (0, 17, 99_999):
        sound[1, place] = -0.25 - place
        assert peak_of(sound) == peak_of(sound[:, :].T) == peak_of(sound[1:]) == 0.25 + place
