"""The highest point between the samples is found, wherever it lies and however the sound is cut."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from calmando.sound.loudness import true_peak
from calmando.sound.loudness.true_peak import TruePeakMeter, to_decibels

Block = NDArray[np.float32]

pytestmark = pytest.mark.usefixtures("arithmetic")


def metered(sound: Block, n_frames: int) -> TruePeakMeter:
    meter = TruePeakMeter()
    for start in range(0, len(sound), n_frames):
        meter.add(sound[start : start + n_frames])
    return meter


def read(sound: Block, n_frames: int = 4_096) -> float:
    return metered(sound, n_frames).true_peak()


def stereo(mono: NDArray[np.float64]) -> Block:
    both: Block = np.repeat(mono.astype(np.float32)[:, None], 2, axis=1)
    return both


def fully_oversampled(sound: Block) -> float:
    """The reading without any sparing: every point is interpolated."""
    silence = np.zeros((true_peak._TAPS - 1, 2), np.float32)
    padded = np.concatenate([silence, sound, silence])
    windows = np.lib.stride_tricks.sliding_window_view(padded, true_peak._TAPS, axis=0)
    points = windows @ true_peak._interpolators().astype(np.float32)
    return max(float(np.abs(points).max()), float(np.abs(sound).max()))


@pytest.mark.parametrize(
    ("divisor", "amplitude", "phase_degrees", "peak_db"),
    [
        (4, 0.5, 0.0, -6.0),
        (4, 0.5, 45.0, -6.0),
        (6, 0.5, 60.0, -6.0),
        (8, 0.5, 67.5, -6.0),
        (4, 1.41, 45.0, 3.0),
    ],
    ids=["case 15", "case 16", "case 17", "case 18", "case 19"],
)
def test_tech_3341_cases_15_to_19(
    divisor: int, amplitude: float, phase_degrees: float, peak_db: float
) -> None:
    """Sines whose samples miss their peaks read the peaks; the standard allows +0.2 and −0.4 dB, here ±0.1."""
    n = np.arange(48_000)
    swell = np.minimum(1.0, np.minimum(n, n[::-1]) / 4_800)
    sine = amplitude * swell * np.sin(2 * np.pi * n / divisor + np.deg2rad(phase_degrees))
    assert abs(to_decibels(read(stereo(sine))) - peak_db) <= 0.1


@pytest.mark.parametrize("offset", range(4), ids=["case 20", "case 21", "case 22", "case 23"])
def test_tech_3341_cases_20_to_23(offset: int) -> None:
    """A peak of full scale at four times the rate is found wherever it falls between the samples."""
    n = 4 * 9_600
    t = np.arange(n) - n // 2 - offset
    burst = np.cos(2 * np.pi * t / 24) * np.exp(-((t / 600) ** 2))
    assert abs(to_decibels(read(stereo(burst[::4]))) - 0.0) <= 0.1


@pytest.mark.parametrize("frequency", [0.05, 0.2, 0.3, 0.4, 0.4535])
def test_the_filters_pass_all_that_is_heard(frequency: float) -> None:
    """Up to 20 kHz at 44.1 kHz a point between samples is right within 0.5 dB, up to 17 kHz within 0.05."""
    at = np.arange(true_peak._TAPS) - (true_peak._REACH - 1)
    response = np.abs(np.exp(2j * np.pi * frequency * at) @ true_peak._interpolators())
    assert np.abs(20 * np.log10(response)).max() <= (0.05 if frequency <= 0.4 else 0.5)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_frames=st.integers(1, 4_000),
    block=st.integers(1, 5_000),
    smooth=st.sampled_from([0.0, 0.9, 0.999]),
)
def test_sparing_changes_nothing(seed: int, n_frames: int, block: int, smooth: float) -> None:
    """Looking only where a peak can be finds the same as looking everywhere, for sharp and smooth sounds."""
    rng = np.random.default_rng(seed)
    noise = (
        rng.standard_normal((n_frames, 2)) * np.exp(-np.arange(n_frames) / rng.uniform(50, 5_000))[:, None]
    )
    sound = signal.lfilter([1 - smooth], [1, -smooth], noise, axis=0).astype(np.float32)
    assert read(sound, block) == pytest.approx(fully_oversampled(sound), rel=2e-5)


ROUNDING = 4e-6
"""Sums of 32 products in single precision differ by less, however they are added up."""


@pytest.mark.parametrize("arithmetic", ["kernels"], indirect=True)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_frames=st.integers(1, 9_000), block=st.integers(1, 9_000))
def test_kernel_and_numpy_read_the_same(
    by_numpy: Callable[[], AbstractContextManager[None]], seed: int, n_frames: int, block: int
) -> None:
    """The kernel reads what numpy does, the sample peak to the last bit."""
    noise = np.random.default_rng(seed).standard_normal((n_frames, 2))
    sound = signal.lfilter([0.2], [1, -0.8], noise, axis=0).astype(np.float32)
    found = metered(sound, block)
    with by_numpy():
        wanted = metered(sound, block)
    assert found.sample_peak() == wanted.sample_peak()
    assert found.true_peak() == pytest.approx(wanted.true_peak(), rel=ROUNDING)


@pytest.mark.parametrize("arithmetic", ["kernels"], indirect=True)
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_frames=st.integers(1, 4_000),
    cuts=st.lists(st.integers(0, 4_000), max_size=8) | st.lists(st.integers(0, 100), max_size=40),
    planar=st.booleans(),
)
def test_the_kernel_reads_the_same_to_the_last_bit_however_the_sound_is_cut(
    seed: int, n_frames: int, cuts: list[int], planar: bool
) -> None:
    """Blocks of all sizes, empty ones among them, in either layout, read what the whole does."""
    sound = np.random.default_rng(seed).standard_normal((n_frames, 2)).astype(np.float32)
    meter = TruePeakMeter()
    for block in np.split(sound, sorted(min(cut, n_frames) for cut in cuts)):
        meter.add(np.asfortranarray(block) if planar else block)
    assert (meter.sample_peak(), meter.true_peak()) == (np.abs(sound).max(), read(sound, n_frames))


@settings(max_examples=60, deadline=None)
@given(
    frequency=st.floats(0.2, 0.3),
    phase=st.floats(0, 6.3),
    n_frames=st.integers(40, 3_000),
    block=st.integers(1, 3_000),
)
def test_sines_that_peak_between_their_samples(
    frequency: float, phase: float, n_frames: int, block: int
) -> None:
    """Near a quarter of the sample rate samples may miss a peak by 3 dB; the reading is as if all had been looked at."""
    sound = stereo(0.9 * np.sin(2 * np.pi * frequency * np.arange(n_frames) + phase))
    assert read(sound, block) == pytest.approx(fully_oversampled(sound), rel=2e-5)


@pytest.mark.parametrize("n_frames", [1, 15, 16, 31, 32, 95, 1_055, 1_056, 4_096])
@pytest.mark.parametrize("offset", [-17, -16, -1, 0, 1, 15, 16])
def test_a_pair_of_pulses_is_found_at_the_border_of_blocks(n_frames: int, offset: int) -> None:
    """Two equal samples in a row swell by a quarter between them, wherever a block ends."""
    sound = np.zeros((8_300, 2), np.float32)
    place = 4_096 // n_frames * n_frames + offset
    sound[place : place + 2, offset % 2] = 0.5
    peak = read(sound, n_frames)
    assert peak == pytest.approx(fully_oversampled(sound), rel=2e-5)
    assert peak > 0.6


def test_silence_reads_nothing() -> None:
    """No sound has no peak, and nothing has to be looked at."""
    meter = TruePeakMeter()
    assert meter.true_peak() == 0.0
    for n_frames in (0, 1, 31, 5_000):
        meter.add(np.zeros((n_frames, 2), np.float32))
    assert meter.true_peak() == meter.sample_peak() == meter._n_places == 0.0


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("spoilt", [np.nan, -np.nan])
@pytest.mark.parametrize("n_frames", [1, 20, 1_200])
def test_what_is_no_number_is_told(n_frames: int, spoilt: float, side: int) -> None:
    """Wherever NaN stands, and whatever follows, both readings are NaN from there on: nobody takes it for silence."""
    clean = stereo(0.5 * np.sin(np.arange(1_200)))
    for place in range(0, 1_200, 239):
        sound = clean.copy()
        sound[place, side] = spoilt
        meter = metered(sound, n_frames)
        assert np.isnan(meter.sample_peak()) and np.isnan(meter.true_peak())
        meter.add(clean)
        assert np.isnan(meter.sample_peak()) and np.isnan(to_decibels(meter.true_peak()))


def test_a_sample_is_found_wherever_it_stands() -> None:
    """The sample peak is the largest magnitude at any place in a block."""
    for place in range(0, 2_500, 7):
        sound = np.full((2_500, 2), 0.1, np.float32)
        sound[place, place % 2] = -0.5
        meter = TruePeakMeter()
        meter.add(np.asfortranarray(sound))
        assert meter.sample_peak() == 0.5


def test_smooth_sound_is_hardly_ever_oversampled() -> None:
    """For calm music next to nothing is oversampled: that is why measuring costs little."""
    t = np.arange(44_100 * 20) / 44_100
    meter = metered(stereo(0.2 * np.exp(-(t % 2.0)) * np.sin(2 * np.pi * 440 * t)), 4_096)
    assert 0 < meter._n_places < 0.01 * 2 * len(t)


def test_the_last_frames_count_as_if_silence_followed() -> None:
    """A peak after the last sample but one is found, and asking does not disturb what follows."""
    sound = stereo(np.concatenate([np.zeros(50), 0.5 * np.sin(2 * np.pi * np.arange(8) / 4 + np.pi / 4)]))
    meter = TruePeakMeter()
    meter.add(sound)
    first = meter.true_peak()
    assert first == pytest.approx(fully_oversampled(sound), rel=1e-5)
    assert first > 1.2 * meter.sample_peak()
    meter.add(np.zeros((100, 2), np.float32))
    assert meter.true_peak() == pytest.approx(first, rel=1e-5)
