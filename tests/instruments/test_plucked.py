import math

import numpy as np
import pytest
from scipy.signal import resample

from calmando.instruments.keyboard import KeyCurve
from calmando.instruments.model import SAMPLE_RATE
from calmando.instruments.periods import whole_periods
from calmando.instruments.plucked import (
    Cut,
    PluckedString,
    Resonance,
    below,
    decay_envelope,
    freeze,
    loop_filter,
    pluck,
    string_samples,
    time_constant_s,
    with_body,
)
from calmando.theory.pitch import key_hz


def _string(frequency_hz: float, **changes: float) -> PluckedString:
    plain = {"decay_s": 3.0, "treble_decay_s": 1.0, "position": 0.3, "width_s": 0.0006, "fast_share": 0.0}
    return PluckedString(frequency_hz=frequency_hz, **{**plain, **changes})


def _partial(sound: np.ndarray, hertz: float, start: int, n_frames: int = 16_384) -> complex:
    window = np.hanning(n_frames)
    turns = np.arange(start, start + n_frames) * hertz / SAMPLE_RATE
    return complex(np.sum(sound[start : start + n_frames] * window * np.exp(-2j * np.pi * turns)))


@pytest.mark.parametrize("frequency_hz", [32.7, 110.0, 441.3, 1760.0, 3136.0])
def test_a_string_sounds_its_pitch_within_a_twentieth_of_a_cent(frequency_hz: float) -> None:
    """The delay, the loss filter and the allpass together make exactly one period at the fundamental."""
    sound = pluck(_string(frequency_hz), 48_000)
    hop = 20_000
    turned = np.angle(_partial(sound, frequency_hz, 4_000 + hop) / _partial(sound, frequency_hz, 4_000))
    found_hz = frequency_hz + turned * SAMPLE_RATE / (2 * math.pi * hop)
    assert abs(1200 * math.log2(found_hz / frequency_hz)) < 0.05


@pytest.mark.parametrize("rate_hz", [11_000, 24_000])
def test_two_planes_have_one_dispersion(rate_hz: int) -> None:
    """Where half a frame is over on one side of the other plane's period, the partials of both lie as far apart as ever."""
    slow_hz = rate_hz / 54.5001
    fast_hz = slow_hz * 2 ** (1.6 / 1200)
    slow, fast = (
        loop_filter(hertz, 4.0, 1.0, rate_hz=rate_hz, beside_hz=slow_hz) for hertz in (slow_hz, fast_hz)
    )
    assert math.floor(rate_hz / slow_hz - 0.5) != math.floor(rate_hz / fast_hz - 0.5)
    assert fast.allpass == pytest.approx(slow.allpass, abs=0.05)


@pytest.mark.parametrize("frequency_hz", [55.0, 220.0, 880.0, 3136.0])
@pytest.mark.parametrize("decay_s", [1.0, 6.0])
def test_the_fundamental_decays_in_the_time_asked_for(frequency_hz: float, decay_s: float) -> None:
    """The loop's gain is solved at the fundamental, so 60 dB take the stated time at every pitch."""
    sound = pluck(_string(frequency_hz, decay_s=decay_s, treble_decay_s=0.6), 40_000)
    hop = 16_000
    fall = abs(_partial(sound, frequency_hz, 4_000 + hop)) / abs(_partial(sound, frequency_hz, 4_000))
    found_s = 3 * (hop / SAMPLE_RATE) / -math.log10(fall)
    assert found_s == pytest.approx(decay_s, rel=0.01)


@pytest.mark.parametrize("frequency_hz", [32.7, 440.0, 4186.0])
@pytest.mark.parametrize("treble_decay_s", [0.05, 50.0])
def test_a_string_never_grows_at_any_frequency(frequency_hz: float, treble_decay_s: float) -> None:
    """The feedback stays below one from the constant part to the Nyquist frequency, whatever is asked."""
    loop = loop_filter(frequency_hz, 8.0, treble_decay_s)
    response = np.abs(np.fft.rfft(loop.loss, 4_096))
    assert np.max(response) < 1.0


def test_the_treble_dies_before_the_fundamental() -> None:
    """A partial near 2 kHz falls 60 dB in the treble decay time."""
    sound = pluck(_string(200.0, decay_s=5.0, treble_decay_s=0.8, position=0.27), 40_000)
    fall = abs(_partial(sound, 2_000.0, 12_000)) / abs(_partial(sound, 2_000.0, 4_000))
    assert 3 * (8_000 / SAMPLE_RATE) / -math.log10(fall) == pytest.approx(0.8, rel=0.03)


def test_the_fast_plane_loses_as_much_more_of_every_partial() -> None:
    """What the bridge takes besides makes the fundamental fall twice as quickly, and 2 kHz by as many decibels more."""
    sound = pluck(
        _string(200.0, decay_s=4.0, treble_decay_s=1.0, position=0.27, fast_share=1.0, fast_ratio=2.0), 40_000
    )
    for hertz, decay_s in ((200.0, 2.0), (2_000.0, 0.8)):
        fall = abs(_partial(sound, hertz, 12_000)) / abs(_partial(sound, hertz, 4_000))
        assert 3 * (8_000 / SAMPLE_RATE) / -math.log10(fall) == pytest.approx(decay_s, rel=0.03), hertz


def test_the_overtones_of_a_high_string_die_the_sooner_the_higher_it_is() -> None:
    """Where the second partial has passed 2 kHz losses go on growing: the third falls sooner at 1500 Hz than at 990."""
    falls = []
    for hertz in (990.0, 1500.0):
        sound = pluck(_string(hertz, decay_s=2.2, treble_decay_s=1.6, position=0.27), 40_000)
        early, late = (abs(_partial(sound, 3 * hertz, start)) for start in (4_000, 14_000))
        falls.append(math.log10(early / late))
    assert falls[1] > 1.3 * falls[0]


def test_a_string_plucked_in_its_middle_has_no_second_harmonic() -> None:
    """The finger's place is a comb: what has a node there is not set off, but for the string's losses."""
    sound = pluck(_string(220.0, position=0.5), 20_000)
    first, second = (abs(_partial(sound, 220.0 * n, 2_000)) for n in (1, 2))
    assert second < 5e-3 * first


def test_body_modes_sound_as_loud_as_stated_at_their_own_frequency() -> None:
    """A resonance adds its gain at its frequency and hardly anything two octaves away."""
    turns = np.arange(20_000) / SAMPLE_RATE
    for hertz, gain in ((200.0, 2.0), (800.0, 1.0)):
        tone = np.sin(2 * np.pi * hertz * turns)
        louder = with_body(tone, (Resonance(200.0, 20.0, 1.0),))
        assert np.max(louder[-4_000:]) == pytest.approx(gain, abs=0.02)


def test_a_frozen_sound_joins_its_loop_and_repeats_in_tune() -> None:
    """A steady tone goes on unchanged through the crossing and through the seam of its loop."""
    periods = whole_periods(330.0, 0.1, 0.2)
    n_frames = 20_000 + periods.n_frames
    turns = np.arange(n_frames) * periods.frequency_hz / SAMPLE_RATE
    tone = np.sin(2 * np.pi * turns) + 0.3 * np.cos(2 * np.pi * 3 * turns)
    frozen = freeze(tone, 20_000, periods)
    assert np.max(np.abs(frozen - tone)) < 1e-9


def test_the_sample_of_a_string_is_level_where_its_decay_was_taken_out() -> None:
    """In the flattened sample the fundamental neither falls nor grows; the loop is whole periods."""
    cut = Cut(0.8, SAMPLE_RATE, loop_s=(0.1, 0.2))
    (sample,) = string_samples("x", 57, lambda hertz: _string(hertz, decay_s=4.0), cut)
    assert sample.loop is not None
    hertz = key_hz(57) * 2 ** (sample.sharp_cents / 1200)
    early, late = (abs(_partial(sample.frames, hertz, start, 8_192)) for start in (4_000, 24_000))
    assert late == pytest.approx(early, rel=0.01)
    assert (sample.loop.end - sample.loop.start) * hertz / SAMPLE_RATE == pytest.approx(
        round((sample.loop.end - sample.loop.start) * hertz / SAMPLE_RATE), abs=1e-6
    )


def test_what_a_slow_sample_cannot_tell_fits_it() -> None:
    """A tone well below its rate stays as it is, one above a quarter of it is left to the other sample."""
    turns = np.arange(20_000) / 16_000
    low, high = (np.sin(2 * np.pi * hertz * turns) for hertz in (300.0, 1_700.0))
    told = below(low + high, 16_000, 5_333)[2_000:-2_000]
    assert np.max(np.abs(told - low[2_000:-2_000])) < 1e-3


def test_a_string_cut_in_two_is_the_string_in_one() -> None:
    """The looped sample, raised to the rate of the bright one, and the bright one make what a single sample holds."""

    def string_at(hertz: float) -> PluckedString:
        return _string(hertz, decay_s=4.0, treble_decay_s=0.5)

    both = Cut(2.0, 16_000, bright_s=1.0, slow_share=2)
    looped, bright = string_samples("x", 57, string_at, both)
    (whole,) = string_samples(
        "x", 57, lambda _: string_at(_sounding_hz(57, looped.sharp_cents)), Cut(2.0, 16_000)
    )
    assert (looped.rate_hz, bright.rate_hz, bright.loop) == (8_000, 16_000, None)
    assert bright.sharp_cents == looped.sharp_cents
    raised = resample(looped.frames[:12_000], 24_000)[:12_000]
    first = slice(100, 12_000)
    assert np.max(np.abs((raised + bright.frames[:12_000] - whole.frames[:12_000])[first])) < 0.01
    assert abs(bright.frames[-1]) < 1e-4


def _sounding_hz(key: int, sharp_cents: float) -> float:
    return key_hz(key) * 2 ** (sharp_cents / 1200)


def test_the_envelope_gives_every_key_near_the_root_the_decay_of_its_own() -> None:
    """At the root and three keys away 60 dB take what the instrument's curve says there."""
    decay_s = KeyCurve(((40, 6.0), (76, 3.0)))
    envelope = decay_envelope(decay_s, key=57, release_s=1.0)
    for key in (54, 57, 60):
        at_key = envelope.decay_s * 2 ** (envelope.key_to_decay * (60 - key) / 1200)
        assert at_key * 60 / 96 == pytest.approx(decay_s.at(key), rel=1e-6)
    assert envelope.release_s == 1.0
    assert time_constant_s(4.0) * math.log(1000) == pytest.approx(4.0)
