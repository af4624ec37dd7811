"""The meter reads what the standards say, on their test signals, and as an independent meter does."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.errors import InputError
from calmando.sound.loudness.k_weighting import k_weighting_sections
from calmando.sound.loudness.loudness import GainLimit, Loudness, LoudnessMeter, decide_gain, largest_steps

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyloudnorm

Block = NDArray[np.float32]

pytestmark = pytest.mark.usefixtures("arithmetic")

RATES = [44_100, 48_000]


def tones(rate: int, *parts: tuple[float, float], frequency_hz: float = 1000.0) -> Block:
    """A stereo sine in parts of (level in dBFS, seconds), its phase running through."""
    levels = np.concatenate([np.full(round(s * rate), 10.0 ** (db / 20.0)) for db, s in parts])
    sine = levels * np.sin(2 * np.pi * frequency_hz / rate * np.arange(len(levels)))
    stereo: Block = np.repeat(sine.astype(np.float32)[:, None], 2, axis=1)
    return stereo


def in_blocks(sound: Block, n_frames: int = 16_384) -> Iterator[Block]:
    for start in range(0, len(sound), n_frames):
        yield sound[start : start + n_frames]


def metered(sound: Block, rate: int, n_frames: int = 16_384) -> LoudnessMeter:
    meter = LoudnessMeter(rate)
    for block in in_blocks(sound, n_frames):
        meter.add(block)
    return meter


def read(sound: Block, rate: int) -> Loudness:
    return metered(sound, rate).result()


SILENCE_DB = -200.0


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_tech_3341_cases_1_and_2(rate: int, level: float) -> None:
    """A steady tone reads its level as integrated, short-term and momentary loudness."""
    meter = metered(tones(rate, (level, 20)), rate)
    loudness = meter.result()
    assert abs(loudness.integrated_lufs - level) <= 0.1
    assert np.abs(meter.short_term_lufs() - level).max() <= 0.1
    assert np.abs(meter.momentary_lufs() - level).max() <= 0.1
    assert abs(loudness.max_momentary_lufs - level) <= 0.1


@pytest.mark.parametrize(
    "parts",
    [
        ((-36, 10), (-23, 60), (-36, 10)),
        ((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)),
        ((-26, 20), (-20, 20.1), (-26, 20)),
    ],
    ids=["case 3", "case 4", "case 5"],
)
def test_tech_3341_cases_3_to_5(parts: tuple[tuple[float, float], ...]) -> None:
    """Both gates leave out what is too soft to count: −23 LUFS integrated."""
    assert abs(read(tones(48_000, *parts), 48_000).integrated_lufs + 23) <= 0.1


@pytest.mark.parametrize("rate", RATES)
def test_tech_3341_case_9(rate: int) -> None:
    """Short-term loudness of a tone that changes within 3 s is steady at −23 LUFS."""
    sound = tones(rate, *[(-20, 1.34), (-30, 1.66)] * 5)
    assert np.abs(metered(sound, rate).short_term_lufs() + 23).max() <= 0.1


@pytest.mark.parametrize("rate", RATES)
def test_tech_3341_case_10(rate: int) -> None:
    """A tone of 3 s reads its level as the largest short-term loudness wherever it begins."""
    for k in range(0, 20, 3):
        sound = tones(rate, (SILENCE_DB, 0.15 * k), (-23, 3), (SILENCE_DB, 1))
        assert abs(read(sound, rate).max_short_term_lufs + 23) <= 0.1


@pytest.mark.parametrize("rate", RATES)
def test_tech_3341_case_12(rate: int) -> None:
    """Momentary loudness of a tone that changes within 400 ms is steady at −23 LUFS."""
    sound = tones(rate, *[(-20, 0.18), (-30, 0.22)] * 25)
    assert np.abs(metered(sound, rate).momentary_lufs()[6:] + 23).max() <= 0.1


@pytest.mark.parametrize("rate", RATES)
def test_tech_3341_case_13(rate: int) -> None:
    """A tone of 400 ms reads its level as the largest momentary loudness wherever it begins."""
    for k in range(0, 20, 3):
        sound = tones(rate, (SILENCE_DB, 0.02 * k), (-23, 0.4), (SILENCE_DB, 1))
        assert abs(read(sound, rate).max_momentary_lufs + 23) <= 0.1


@pytest.mark.parametrize(
    ("levels", "range_lu"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
    ids=["case 1", "case 2", "case 3", "case 4"],
)
def test_tech_3342_cases_1_to_4(levels: tuple[float, ...], range_lu: float) -> None:
    """The loudness range of tones of 20 s at these levels; the standard allows 1 LU, here 0.1."""
    sound = tones(48_000, *((level, 20.0) for level in levels))
    assert abs(read(sound, 48_000).range_lu - range_lu) <= 0.1


def test_the_filters_at_48_khz_are_those_of_the_standard() -> None:
    """The coefficients of BS.1770-4, tables 1 and 2, to every digit printed there."""
    printed = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting_sections(48_000), printed, atol=1e-8)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_an_independent_meter_reads_the_same(rate: int) -> None:
    """pyloudnorm, with the same filter parameters, agrees within 0.05 LU on swelling, falling noise."""
    noise = np.random.default_rng(5).standard_normal((rate * 20, 2))
    swell = 10.0 ** (-(20 + 15 * np.sin(np.arange(len(noise)) / rate)) / 20)
    sound = (0.2 * noise * swell[:, None] * [1.0, 0.3]).astype(np.float32)
    theirs = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(sound.astype(np.float64))
    assert abs(read(sound, rate).integrated_lufs - theirs) <= 0.05


def test_channels_add_their_energy() -> None:
    """A tone on one side alone is 3 LU softer, on either side."""
    both = tones(44_100, (-23, 5))
    left, right = both * np.array([1, 0]), both * np.array([0, 1])
    for side in (left, right):
        difference = (
            read(both, 44_100).integrated_lufs - read(side.astype(np.float32), 44_100).integrated_lufs
        )
        assert abs(difference - 10 * math.log10(2)) < 0.001


@settings(max_examples=8, deadline=None)
@given(
    sizes=st.lists(st.integers(100, 30_000), min_size=1, max_size=8), rate=st.sampled_from([22_050, 44_100])
)
def test_the_size_of_blocks_does_not_matter(sizes: list[int], rate: int) -> None:
    """However the sound is cut, the reading is the same to a ten-thousandth."""
    rng = np.random.default_rng(3)
    sound = rng.standard_normal((rate * 5 + 123, 2)).astype(np.float32) * np.float32(0.05)
    sound[rate * 2 :] *= 3
    meter = LoudnessMeter(rate)
    start = 0
    for size in itertools.cycle(sizes):
        meter.add(sound[start : start + size])
        start += size
        if start >= len(sound):
            break
    once = metered(sound, rate, len(sound)).result()
    cut = meter.result()
    assert cut.n_frames == once.n_frames == len(sound)
    for name in Loudness.__dataclass_fields__:
        assert getattr(cut, name) == pytest.approx(getattr(once, name), abs=1e-4), name


def test_silence_reads_as_such() -> None:
    """Nothing, silence and what is too short for a window read −inf, without a warning."""
    for sound in (np.zeros((0, 2)), np.zeros((441_00 * 5, 2)), np.full((100, 2), 0.1)):
        loudness = read(sound.astype(np.float32), 44_100)
        assert loudness.integrated_lufs == -math.inf
        assert (loudness.range_lu, loudness.largest_step_lu, loudness.largest_rise_lu) == (0, 0, 0)
    assert read(np.zeros((5_000, 2), np.float32), 44_100).true_peak_db == -math.inf


@pytest.mark.parametrize(
    ("parts", "step", "rise"),
    [
        (((-23, 12), (-29, 12)), 6.0, 0.0),
        (((-29, 12), (-23, 12)), 6.0, 6.0),
        (((-25, 9), (-23, 9), (-27, 9)), 4.0, 2.0),
        (((-23, 30),), 0.0, 0.0),
    ],
)
def test_steps_between_3_second_windows(
    parts: tuple[tuple[float, float], ...], step: float, rise: float
) -> None:
    """A change of level reads as the step it is; only one upward is a rise."""
    loudness = read(tones(44_100, *parts), 44_100)
    assert abs(loudness.largest_step_lu - step) <= 0.1
    assert abs(loudness.largest_rise_lu - rise) <= 0.1


def test_silence_counts_as_a_step_of_twenty_units() -> None:
    """A fall into silence is a large step and no rise; a part of the series leaves it out."""
    meter = metered(tones(44_100, (-23, 12), (SILENCE_DB, 6)), 44_100)
    loudness = meter.result()
    assert 10 < loudness.largest_step_lu <= 21
    assert loudness.largest_rise_lu <= 0.1
    assert largest_steps(meter.short_term_lufs()[:90])[0] <= 0.1


def test_too_low_a_rate_is_refused() -> None:
    """Rates that cannot carry music are bad input."""
    for rate in (0, 4_000, 7_999):
        with pytest.raises(InputError, match="8,000 Hz or more"):
            LoudnessMeter(rate)


def test_a_rate_without_whole_hops_keeps_its_time() -> None:
    """At 11,025 Hz a change after a minute is read at the tenth of a second where it is, as at 44,100 Hz."""
    read = [metered(tones(rate, (-23, 60), (-33, 6)), rate).momentary_lufs() for rate in (11_025, 44_100)]
    assert len(read[0]) == pytest.approx(len(read[1]), abs=1)
    n = min(map(len, read))
    assert np.abs(read[0][:n] - read[1][:n]).max() < 0.4


@pytest.mark.parametrize(
    ("loudness", "target", "peak", "gain", "limit"),
    [
        (-30.0, -23.0, None, 7.0, GainLimit.TARGET),
        (-20.0, -23.0, None, -3.0, GainLimit.TARGET),
        (-30.004, -23.0, None, 7.0, GainLimit.TARGET),
        (-30.0, -23.0, -12.0, 7.0, GainLimit.TARGET),
        (-30.0, -23.0, -9.003, 6.0, GainLimit.CEILING),
        (-20.0, -23.0, 2.5, -5.5, GainLimit.CEILING),
        (-58.0, -23.0, None, 30.0, GainLimit.CAP),
        (-58.0, -23.0, -40.0, 30.0, GainLimit.CAP),
        (-60.1, -23.0, None, 0.0, GainLimit.NEAR_SILENCE),
        (-math.inf, -23.0, -math.inf, 0.0, GainLimit.NEAR_SILENCE),
        (math.nan, -23.0, None, 0.0, GainLimit.NEAR_SILENCE),
    ],
)
def test_the_gain_is_decided_by_the_target_and_its_limits(
    loudness: float, target: float, peak: float | None, gain: float, limit: GainLimit
) -> None:
    """The target decides, unless ceiling, cap or near-silence stand in the way; to a hundredth of a decibel."""
    decision = decide_gain(loudness, target, peak_db=peak, ceiling_db=-3.0)
    assert (decision.gain_db, decision.limit) == (gain, limit)


@given(
    loudness=st.floats(-80, 0),
    target=st.floats(-40, -10),
    peak=st.none() | st.floats(-60, 6),
    ceiling=st.floats(-20, -1),
)
def test_no_gain_passes_a_limit(loudness: float, target: float, peak: float | None, ceiling: float) -> None:
    """Whatever the sound, a boost is at most 30 dB, the peak below the ceiling, the loudness near its target."""
    gain = decide_gain(loudness, target, peak_db=peak, ceiling_db=ceiling).gain_db
    assert gain <= 30
    assert round(gain, 2) == gain
    if loudness >= -60:
        assert loudness + gain <= target + 0.00501
        if peak is not None:
            assert peak + gain <= ceiling + 0.00501
