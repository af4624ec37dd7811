import numpy as np
import pytest

from calmando.instruments.keyboard import KeyCurve, regions
from calmando.instruments.model import Envelope, Frames
from calmando.instruments.periods import whole_periods
from calmando.instruments.shaped_noise import (
    Circle,
    add_event,
    high_passed,
    moving_noise,
    two_sided,
    wandering,
)

_CIRCLE = Circle.of(4.0, 16_000)


def _flat(hertz: float, times: Frames) -> Frames:
    return np.zeros_like(times)


def _band_db(sound: Frames, low_hz: float, high_hz: float, rate_hz: int = 16_000) -> float:
    hertz = np.fft.rfftfreq(sound.size, 1 / rate_hz)
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float(10 * np.log10(np.mean(power[(hertz >= low_hz) & (hertz < high_hz)])))


def test_a_flat_spectrum_comes_out_flat_up_to_its_end() -> None:
    """Overlapping bands add up to the same density everywhere, and nothing lies above the highest."""
    noise = moving_noise(_CIRCLE, _flat, seed=1, highest_hz=5_000)
    levels = [_band_db(noise, low, 1.4 * low) for low in (200, 400, 800, 1_600, 3_000)]
    assert max(levels) - min(levels) < 1.0
    assert _band_db(noise, 7_000, 8_000) < levels[0] - 60


def test_a_moving_spectrum_is_louder_when_and_where_it_says() -> None:
    """A band that swells by 12 dB in the second half does so, and its neighbours two octaves off do not."""

    def spectrum_db(hertz: float, times: Frames) -> Frames:
        later = (times > _CIRCLE.length_s / 2) & (times < _CIRCLE.length_s)
        return np.where(later & (900 < hertz < 1_800), 12.0, 0.0)

    noise = moving_noise(_CIRCLE, spectrum_db, seed=2, highest_hz=6_000)
    half = noise.size // 2
    for low, high, rise in ((1_050, 1_500, 12.0), (200, 400, 0.0), (4_000, 5_500, 0.0)):
        found = _band_db(noise[half:], low, high) - _band_db(noise[:half], low, high)
        assert found == pytest.approx(rise, abs=1.2)


def test_noise_has_no_seam() -> None:
    """The step from the last frame to the first is an ordinary one, and so is the step of the slope."""
    noise = moving_noise(_CIRCLE, _flat, seed=3, highest_hz=2_000)
    round_the_end = np.append(noise, noise[:2])
    for order in (1, 2):
        steps = np.abs(np.diff(round_the_end, order))
        assert np.max(steps[-2:]) <= np.percentile(steps[:-2], 99.9)


def test_small_speakers_get_nothing_to_flap_with() -> None:
    """Below half the corner frequency the high-pass leaves less than −20 dB."""
    rough = np.random.default_rng(4).standard_normal(_CIRCLE.n_frames)
    smooth = high_passed(_CIRCLE, rough)
    assert _band_db(smooth, 1, 20) < _band_db(smooth, 200, 400) - 20
    assert _band_db(smooth, 200, 400) == pytest.approx(_band_db(rough, 200, 400), abs=0.1)


def test_an_event_at_the_end_rings_on_at_the_beginning() -> None:
    """On a circle nothing is lost: the tail of a late event sounds at the start."""
    sound = np.zeros(100)
    add_event(sound, np.arange(1.0, 11.0), 95)
    assert list(sound[95:]) == [1, 2, 3, 4, 5]
    assert list(sound[:5]) == [6, 7, 8, 9, 10]


def test_wandering_is_of_unit_size_and_closes_its_circle() -> None:
    """The curve has zero mean and unit variance and ends where it began."""
    curve = wandering(_CIRCLE, seed=5, fastest_hz=1.0)
    assert np.mean(curve) == pytest.approx(0.0, abs=1e-9)
    assert np.std(curve) == pytest.approx(1.0, abs=1e-9)
    assert abs(curve[0] - curve[-1]) < 2 * np.max(np.abs(np.diff(curve)))


def test_the_two_sides_share_one_loop_at_one_pitch() -> None:
    """Both sides play the same sample on all keys, the whole circle as its loop, entered apart."""
    noise = moving_noise(_CIRCLE, _flat, seed=6, highest_hz=2_000)
    left, right = two_sided(
        "x", _CIRCLE, noise, envelope=Envelope(attack_s=1.0), width=0.8, right_offset_s=1.5
    )
    assert left.sample is right.sample
    assert left.sample.loop is not None
    assert left.sample.loop.end - left.sample.loop.start == _CIRCLE.n_frames
    assert left.pan == -right.pan
    assert right.start_offset_frames - left.start_offset_frames == 24_000
    assert not left.pitch_follows_key


@pytest.mark.parametrize("width", [1, 3, 4, 7])
def test_regions_cover_every_key_once_with_the_root_in_the_middle(width: int) -> None:
    """From the lowest key to the highest each belongs to one region, no wider than asked."""
    parts = regions((40, 88), width)
    assert [key for part in parts for key in range(part.low, part.high + 1)] == list(range(40, 89))
    for part in parts:
        assert part.high - part.low < width
        assert abs((part.root - part.low) - (part.high - part.root)) <= 1


def test_a_key_curve_meets_its_points_and_stays_beyond_them() -> None:
    """Values are met at the points and kept outside; between, equal steps are equal ratios."""
    curve = KeyCurve(((40, 2.0), (60, 8.0)))
    assert [curve.at(key) for key in (30, 40, 50, 60, 90)] == pytest.approx([2, 2, 4, 8, 8])


@pytest.mark.parametrize("frequency_hz", [32.7, 261.6, 4186.0])
def test_whole_periods_meet_the_pitch_within_the_limits(frequency_hz: float) -> None:
    """The loop holds whole periods, is no longer than allowed and at most a twentieth of a cent off."""
    periods = whole_periods(frequency_hz, 0.1, 0.3)
    assert 0.09 < periods.n_frames / 44_100 <= 0.301
    assert abs(periods.sharp_cents(frequency_hz)) < 0.05
