"""Ensembles close on their loops, rest in level, stand in tune, and fold to mono."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from calmando.instruments import choir_aah, slow_strings
from calmando.instruments.bowed import section_zones
from calmando.instruments.ensemble import Entry, Player, Swing, cycle_of, exact_span, unison
from calmando.instruments.formants import Formant, Tract
from calmando.instruments.padsynth import Partial, pad_loop
from calmando.instruments.steady import looped_level, looped_stereo_sample, side_of, steadied, summed
from calmando.rng import Stream
from calmando.theory.pitch import key_hz

RATE_HZ = 16_000
PARTIALS = tuple(Partial(n, 1.0 / n**2, 8.0) for n in range(1, 7))


def flat(frequencies_hz: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.ones(len(frequencies_hz), dtype=np.complex128)


def player(number: int) -> Player:
    return Player(
        cycle=cycle_of(np.array([1.0, 0.5, 0.25])),
        response=flat,
        pitch=(Swing(5 + number, 15.0, 0.1 * number), Swing(1, 6.0, 0.3 * number)),
        level=(Swing(2, 1.0, 0.2 * number),),
        gain=1.0,
        noise=0.01,
        entry=Entry(0.02 * number, 0.1, -30.0),
    )


def sung(onset_s: float) -> tuple[NDArray[np.float64], int]:
    span = exact_span(220.0, loop_s=1.0, onset_s=onset_s, rate_hz=RATE_HZ)
    return unison([player(n) for n in range(4)], span, stream=Stream(0, "test")), span.n_loop


@pytest.mark.parametrize("onset_s", [0.0, 0.4])
def test_a_loop_closes_without_a_step(onset_s: float) -> None:
    """From the loop's last frame to its first the sound goes on as it does within."""
    frames, n_loop = sung(onset_s)
    loop = frames[-n_loop:]
    bend = np.abs(np.diff(np.concatenate([loop[-2:], loop, loop[:2]]), 2))
    assert max(bend[:2].max(), bend[-2:].max()) <= 1.1 * np.percentile(bend, 99.9)


def test_an_onset_leads_into_the_loop_as_the_loops_end_does() -> None:
    """The last frames before the loop are those before its end, so that the first turn is like every other."""
    frames, n_loop = sung(0.4)
    before, end = frames[-n_loop - 400 : -n_loop], frames[-400:]
    assert np.max(np.abs(before - end)) < 0.02 * np.max(np.abs(end))


def test_an_ensemble_begins_from_silence() -> None:
    """No player sounds at once: the first milliseconds are silent."""
    frames, _ = sung(0.4)
    assert np.max(np.abs(frames[:32])) < 0.01 * np.max(np.abs(frames))


def test_a_steadied_loop_keeps_its_level() -> None:
    """What flutters by decibels before rests within half a decibel after."""
    frames, n_loop = sung(0.0)

    def flutter_db(loop: NDArray[np.float64]) -> float:
        return float(np.std(20.0 * np.log10(looped_level(loop, RATE_HZ, 0.15))))

    assert flutter_db(frames) > 1.0
    assert flutter_db(steadied(frames, n_loop, RATE_HZ, window_s=0.15)) < 0.5


def test_a_side_cancels_against_itself_half_a_loop_later() -> None:
    """The side on the left and, half a loop later, on the right leave nothing in the mono sum."""
    frames, n_loop = sung(0.0)
    side = side_of(frames)
    assert np.max(np.abs(side)) > 0.1
    assert np.max(np.abs(side + np.roll(side, n_loop // 2))) < 1e-9


def test_a_pad_has_its_energy_at_its_partials() -> None:
    """The partials of a pad lie where they should, and next to nothing lies between them."""
    loop = pad_loop(PARTIALS, 220.0, loop_s=2.0, rate_hz=RATE_HZ, width=0.7, stream=Stream(0, "pad"))
    power = np.abs(np.fft.rfft(loop)) ** 2
    numbers = np.fft.rfftfreq(len(loop), 1.0 / RATE_HZ) / 220.0
    between = np.abs(numbers - np.round(numbers)) > 0.06
    assert power[between].sum() < 1e-3 * power.sum()


@pytest.mark.parametrize("frequency_hz", [80.0, 220.0, 700.0])
def test_a_pad_is_wide_whole_and_still(frequency_hz: float) -> None:
    """Its sides agree by half, as strangers in unison would not; each and their sum rest within 1.2 dB (deviation)."""
    loop = pad_loop(PARTIALS, frequency_hz, loop_s=3.0, rate_hz=RATE_HZ, width=0.85, stream=Stream(0, "wide"))
    agreement = np.corrcoef(loop, np.roll(loop, -len(loop) // 4))[0, 1]
    assert 0.4 < agreement < 0.8
    for sound in (loop, summed(loop)):
        assert np.std(20.0 * np.log10(looped_level(sound, RATE_HZ, 0.15))) < 1.2


@pytest.mark.parametrize("key", [45, 57, 69])
def test_a_stereo_sample_is_in_tune_on_the_mean(key: int) -> None:
    """Played at its own rate, the fundamental of both sides together lies within half a cent of the key."""
    loop = pad_loop(PARTIALS, key_hz(key), loop_s=2.0, rate_hz=RATE_HZ, width=0.7, stream=Stream(0, "tune"))
    sample = looped_stereo_sample("test", loop, key, RATE_HZ)
    both = summed(loop)
    power = np.abs(np.fft.rfft(both)) ** 2
    hertz = np.fft.rfftfreq(len(both), 1.0 / sample.rate_hz)
    near = np.abs(hertz / key_hz(key) - 1.0) < 0.04
    mean_hz = np.sum(power[near] * hertz[near]) / np.sum(power[near])
    assert abs(1200.0 * np.log2(mean_hz / key_hz(key))) < 0.5


def test_a_tract_resounds_at_its_formants() -> None:
    """A vowel's gains peak near its formants, and a high pitch draws the first one up with it."""
    tract = Tract((Formant(600, 60), Formant(1100, 80), Formant(2600, 120)))
    hertz = np.arange(100.0, 3000.0, 5.0)
    gains = np.abs(tract.gains(hertz))
    peaks = hertz[1:-1][(gains[1:-1] > gains[:-2]) & (gains[1:-1] > gains[2:])]
    assert np.allclose(peaks, [600, 1100, 2600], rtol=0.03)
    assert tract.tuned_to(800.0).formants[0].centre_hz > 800.0


def test_voices_are_the_same_each_time() -> None:
    """Two builds of a region give the same frames."""
    first, again = (section_zones(slow_strings.SECTION, (58, 62), 6) for _ in range(2))
    assert np.array_equal(first[0].sample.frames, again[0].sample.frames)


def test_a_choir_is_men_below_and_women_above() -> None:
    """The vowel of a low note lies lower than that of a high one: another throat sings it."""
    men, women = choir_aah.CHOIR.men, choir_aah.CHOIR.women
    assert all(m.centre_hz < w.centre_hz for m, w in zip(men.formants, women.formants, strict=True))
