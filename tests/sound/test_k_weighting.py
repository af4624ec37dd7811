"""The energy of every step is that of the standard's filters, however the sound is cut and whoever reckons."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from calmando.sound.loudness.k_weighting import KWeightedEnergy, k_weighting_sections

Block = NDArray[np.float32]
ByNumpy = Callable[[], AbstractContextManager[None]]

pytestmark = pytest.mark.usefixtures("arithmetic")

RATES = [8_000, 11_025, 22_050, 44_100, 48_000, 96_000]
LAYOUTS: dict[str, Callable[[Block], Block]] = {
    "sides in one piece": lambda sound: np.ascontiguousarray(sound.T).T,
    "frames in one piece": np.ascontiguousarray,
    "every other frame": lambda sound: np.repeat(sound, 2, axis=0)[::2],
    "backwards": lambda sound: np.ascontiguousarray(sound[::-1])[::-1],
    "sides in places far apart": lambda sound: np.concatenate([sound.T, sound.T], axis=1)[:, : len(sound)].T,
}

some_rate = st.sampled_from(RATES)
some_step = st.sampled_from([441, 480, 80, 220, 960]) | st.integers(1, 1_100)
some_sizes = st.lists(st.integers(0, 9_000), max_size=8)


def noise(n_frames: int, seed: int = 1) -> Block:
    """Brown and white noise on a constant, which the filters take away, in swells."""
    white = np.random.default_rng(seed).standard_normal((n_frames, 2))
    brown = signal.lfilter([0.01], [1.0, -0.999], white, axis=0)
    swell = 1.0 + np.sin(np.arange(n_frames) / 3_000)[:, None]
    sound: Block = (0.05 * swell * (white + brown) * [1.0, 0.3] + [0.1, -0.02]).astype(np.float32)
    return sound


def energies_of(sound: Block, rate: int, step_frames: int, sizes: list[int]) -> NDArray[np.float64]:
    """Of blocks of these sizes, and of what is left."""
    energy = KWeightedEnergy(rate, step_frames)
    return np.concatenate([energy.of_steps(block) for block in np.split(sound, np.cumsum(sizes))])


def exactly(sound: Block, rate: int, step_frames: int) -> NDArray[np.float64]:
    """In double precision, frame by frame."""
    weighted = signal.sosfilt(k_weighting_sections(rate), sound.astype(np.float64), axis=0)
    n_steps = len(sound) // step_frames
    steps: NDArray[np.float64] = np.square(weighted[: n_steps * step_frames]).reshape(n_steps, -1).sum(axis=1)
    return steps


def assert_same(
    read: NDArray[np.float64], wanted: NDArray[np.float64], sound: Block, step_frames: int
) -> None:
    """Apart by 120 dB less than the sound, at most."""
    loudest = float(np.abs(sound).max()) * np.sqrt(2 * step_frames)
    np.testing.assert_allclose(np.sqrt(read), np.sqrt(wanted), rtol=1e-6, atol=1e-6 * loudest)


@settings(max_examples=40, deadline=None)
@given(rate=some_rate, step_frames=some_step, sizes=some_sizes, layout=st.sampled_from(sorted(LAYOUTS)))
def test_energies_are_those_of_the_filters(
    rate: int, step_frames: int, sizes: list[int], layout: str
) -> None:
    """At any rate and length of step, in blocks of any size and layout."""
    sound = LAYOUTS[layout](noise(sum(sizes) + 1_500))
    read = energies_of(sound, rate, step_frames, sizes)
    assert_same(read, exactly(sound, rate, step_frames), sound, step_frames)


@pytest.mark.parametrize("arithmetic", ["kernels"], indirect=True)
@settings(max_examples=40, deadline=None)
@given(rate=some_rate, step_frames=some_step, sizes=some_sizes, layout=st.sampled_from(sorted(LAYOUTS)))
def test_kernel_and_numpy_read_the_same(
    by_numpy: ByNumpy, rate: int, step_frames: int, sizes: list[int], layout: str
) -> None:
    """Both ways give the same energies, but for rounding."""
    sound = LAYOUTS[layout](noise(sum(sizes) + 1_500, seed=2))
    read = energies_of(sound, rate, step_frames, sizes)
    with by_numpy():
        assert_same(read, energies_of(sound, rate, step_frames, sizes), sound, step_frames)


@pytest.mark.parametrize("arithmetic", ["kernels"], indirect=True)
@settings(max_examples=40, deadline=None)
@given(step_frames=some_step, sizes=some_sizes)
def test_a_step_reads_the_same_to_the_last_bit_wherever_blocks_end(
    step_frames: int, sizes: list[int]
) -> None:
    """The kernel's energy of a step does not hang on the place of the step in a block, nor on who is beside it."""
    sound = noise(sum(sizes) + 1_500)
    np.testing.assert_array_equal(
        energies_of(sound, 44_100, step_frames, sizes), energies_of(sound, 44_100, step_frames, [])
    )


@pytest.mark.parametrize("arithmetic", ["kernels"], indirect=True)
def test_what_is_no_number_spoils_what_follows_and_nothing_before() -> None:
    """NaN on one side is read as NaN from its step on."""
    sound = noise(441 * 40)
    clean = energies_of(sound, 44_100, 441, [])
    sound[441 * 19 + 200, 1] = np.nan
    read = energies_of(sound, 44_100, 441, [3_000, 3_000])
    np.testing.assert_array_equal(read[:19], clean[:19])
    assert np.isnan(read[19:]).all()


def test_silence_reads_as_nothing() -> None:
    """Silence has no energy, and after sound it soon has next to none."""
    silence = np.zeros((44_100, 2), np.float32)
    assert not energies_of(silence, 44_100, 441, [1_000]).any()
    read = energies_of(np.concatenate([noise(44_100), silence]), 44_100, 441, [30_000])
    assert read[-1] < 1e-30


@pytest.mark.parametrize("arithmetic", ["kernels"], indirect=True)
def test_what_is_next_to_nothing_is_nothing() -> None:
    """Denormal numbers, slow to reckon with, are zero for the kernel, and for nobody after it."""
    denormal = np.full((44_100, 2), 1e-40, np.float32)
    assert not energies_of(denormal, 44_100, 441, [1_000]).any()
    sound = np.concatenate([noise(4_410), np.zeros((44_100 * 10, 2), np.float32)])
    assert energies_of(sound, 44_100, 441, [])[-1] == 0.0
    assert (denormal[:50] * np.float32(0.5)).all()


def test_empty_blocks_change_nothing() -> None:
    """A block without frames completes no step and leaves what was begun as it is."""
    sound = noise(3_000)
    energy = KWeightedEnergy(44_100, 441)
    empty = np.zeros((0, 2), np.float32)
    parts = [energy.of_steps(part) for part in (empty, sound[:700], empty, sound[700:], empty)]
    assert [len(part) for part in parts] == [0, 1, 0, 5, 0]
    assert_same(np.concatenate(parts), exactly(sound, 44_100, 441), sound, 441)
