"""The highest point between the samples is found, wherever it lies and however the sound is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from calmando.sound import true_peak
from calmando.sound.true_peak import TruePeakMeter, to_decibels

Block = NDArray[np.float32]


def read(sound: Block, n_frames: int = 4_096) -> float:
    meter = TruePeakMeter()
    for start in range(0, len(sound), n_frames):
        meter.add(sound[start : start + n_frames])
    return meter.true_peak()


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


def test_smooth_sound_is_hardly_ever_oversampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """For calm music next to nothing is oversampled: that is why measuring costs little."""
    n_points = 0
    look_into = TruePeakMeter._look_into

    def counted(
        self: TruePeakMeter, rows: NDArray[np.float32], row: NDArray[np.int64], starts: NDArray[np.int64]
    ) -> None:
        nonlocal n_points
        n_points += 64 * len(row)
        look_into(self, rows, row, starts)

    monkeypatch.setattr(TruePeakMeter, "_look_into", counted)
    t = np.arange(44_100 * 20) / 44_100
    read(stereo(0.2 * np.exp(-(t % 2.0)) * np.sin(2 * np.pi * 440 * t)))
    assert n_points < 0.01 * 2 * len(t)


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
