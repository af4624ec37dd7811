"""Measures of what sounds: each on a signal whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from constructed import SR, TUNE, Sound, calm_sound, crescendo, notes, placed, score, silence, sine, tone
from numpy.typing import NDArray

from calmando.audit import Verdict, audit_audio
from calmando.audit.heard import arc, attacks, ending, envelope, onsets, pulse
from calmando.audit.heard.changes import ChangeTaker
from calmando.audit.heard.envelope import EnvelopeTaker
from calmando.audit.heard.faults import FaultCounter
from calmando.audit.heard.spectrum import Colour, ColourTaker
from calmando.audit.listen import Heard, Listener
from calmando.score.model import Role


def heard(sound: Sound, *, rate: int = SR, block: int = 10_000) -> Heard:
    """What a listener hears of a sound that comes in blocks."""
    listener = Listener(rate)
    for start in range(0, len(sound), block):
        listener.add(sound[start : start + block])
    return listener.heard()


def sounding(found: Heard) -> NDArray[np.bool_]:
    """Which of its windows sound without a pause."""
    return arc.windows_that_sound(found.mean_squares, found.envelope_hop_s, len(found.short_term_lufs))


def colour(sound: Sound, rate: int = SR) -> Colour:
    """The colour of a sound."""
    taker = ColourTaker(rate)
    taker.add(sound)
    return taker.colour()


def levels(sound: Sound) -> tuple[NDArray[np.float32], float]:
    """The envelope of a sound and its hop in seconds."""
    taker = EnvelopeTaker(SR, envelope.HOP_S)
    taker.add((sound**2).mean(axis=1))
    return taker.mean_squares(), taker.hop_frames / SR


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_centroid_of_a_sine(rate: int) -> None:
    """The centroid and roll-off of a sine are its frequency, at any sample rate."""
    found = colour(sine(1000, 4, rate=rate), rate)
    assert np.median(found.centroid_hz) == pytest.approx(1000, rel=0.01)
    assert np.median(found.roll_off_hz) == pytest.approx(1000, rel=0.01)


def test_shares_of_two_sines() -> None:
    """Equal sines at 500 and 3000 Hz leave half above 1.5 kHz and in the band that hurts."""
    found = colour(sine(500, 4) + sine(3000, 4))
    assert found.bright_share == pytest.approx(0.5, abs=0.01)
    assert found.presence_share == pytest.approx(0.5, abs=0.01)
    assert np.median(found.centroid_hz) == pytest.approx(1750, rel=0.01)


def test_sub_bass_share() -> None:
    """A sine at 30 Hz ten decibels under one at 200 Hz is a tenth; a constant offset is no sub-bass."""
    found = colour(sine(200, 8, -20) + sine(30, 8, -30))
    assert 10 * np.log10(found.sub_bass_share / (1 - found.sub_bass_share)) == pytest.approx(-10, abs=0.3)
    assert colour(sine(200, 20) + np.float32(0.2)).sub_bass_share < 0.01


def test_opposite_channels_make_no_onsets() -> None:
    """A steady sound with opposite signs left and right, rounded as files are, has no onsets but its first."""
    steady = sine(220, 20) + sine(330, 20)
    steady[:, 1] *= -1
    rounded = np.round(steady * 32768 + np.random.default_rng(1).uniform(-0.5, 0.5, steady.shape)) / 32768
    assert len(heard(rounded.astype(np.float32)).onsets_s) <= 1


def test_opposite_channels_do_not_cancel_in_the_colour() -> None:
    """A sound with opposite signs left and right still has its colour."""
    sound = sine(800, 4)
    sound[:, 1] *= -1
    assert np.median(colour(sound).centroid_hz) == pytest.approx(800, rel=0.01)


def test_flux_of_a_steady_tone_and_of_clicks() -> None:
    """A steady tone brings nothing new; a click after silence is all new. Level does not matter."""

    def flux(sound: Sound) -> NDArray[np.float32]:
        taker = ChangeTaker(SR)
        taker.add(np.ascontiguousarray(sound[:, 0]))
        return taker.flux()

    assert np.percentile(flux(sine(440, 3))[3:], 95) < 0.02
    clicks = placed([(i * 0.5, tone(84, 0.02, attack_s=0.001)) for i in range(8)], 4)
    assert flux(clicks).max() > 0.95
    np.testing.assert_allclose(flux(clicks * np.float32(0.1)), flux(clicks), atol=1e-3)


def test_sudden_rise_is_known() -> None:
    """A step of twelve decibels after steady sound stands twelve above it; steady sound rises by nothing."""
    stepped = np.concatenate([sine(440, 6, -40), sine(440, 3, -28)])
    rise = envelope.largest_rise(*levels(stepped))
    assert rise.rise_db == pytest.approx(12, abs=0.2)
    assert rise.at_s == pytest.approx(6, abs=0.2)
    assert envelope.largest_rise(*levels(sine(440, 9))).rise_db < 0.2


def test_a_note_as_loud_as_those_before_is_no_event() -> None:
    """After a plucked note has died away by twenty decibels the next one, as loud, is none; one twelve louder is."""
    plucked = [(1.0 * i, tone(60, 4, attack_s=0.01, decay_s=0.5, gain=0.02)) for i in range(12)]
    rest = [(14.0 + i, tone(60, 4, attack_s=0.01, decay_s=0.5, gain=0.02)) for i in range(8)]
    assert envelope.largest_rise(*levels(placed([*plucked, *rest], 24))).rise_db < 3
    loud = (14.0, tone(60, 4, attack_s=0.01, decay_s=0.5, gain=0.08))
    found = envelope.largest_rise(*levels(placed([*plucked, loud, *rest[1:]], 24)))
    assert found.rise_db == pytest.approx(12, abs=1.5)
    assert found.at_s == pytest.approx(14, abs=0.2)


def test_a_fade_in_is_no_event() -> None:
    """In the opening seconds the whole piece is the background: a swell to the usual level is no rise above it."""
    ramp = np.interp(np.arange(20 * SR), [0, 3 * SR, 3.3 * SR, 20 * SR], [0.03, 0.1, 1, 1])[:, None]
    assert envelope.largest_rise(*levels((sine(440, 20) * ramp).astype(np.float32))).rise_db < 0.5


def gain_of_fade(sound_s: float, fade_s: float, *, exponential: bool = False) -> NDArray[np.float64]:
    """Full for the length of the sound, its last ``fade_s`` a raised cosine, or even in decibels down to −60 dB."""
    left = np.minimum((sound_s - np.arange(round(sound_s * SR)) / SR) / fade_s, 1.0)
    return 10 ** (3 * (left - 1)) if exponential else 0.5 - 0.5 * np.cos(np.pi * left)


@pytest.mark.parametrize("fade_s", [20.0, 50.0])
@pytest.mark.parametrize("silence_s", [0.0, 7.0])
def test_a_known_fade_is_heard(fade_s: float, silence_s: float) -> None:
    """A raised cosine counts .523 of its length, an even fade to −60 dB .45 of it; silence after it changes nothing."""
    for exponential, share in ((False, 0.523), (True, 0.45)):
        gain = gain_of_fade(130, fade_s, exponential=exponential)[:, None]
        sound = np.concatenate([sine(440, 130) * gain, silence(silence_s)]).astype(np.float32)
        found = ending.ending_of(*levels(sound))
        assert found is not None
        assert found.fade_s == pytest.approx(share * fade_s, abs=0.5)
        assert found.last_second_under_db > 18


@pytest.mark.parametrize("silence_s", [0.0, 7.0])
def test_a_cut_is_no_fade(silence_s: float) -> None:
    """A tone that is cut off goes down in no time, and its last second is as loud as the rest."""
    found = ending.ending_of(*levels(np.concatenate([sine(440, 30), silence(silence_s)])))
    assert found is not None
    assert found.fade_s == pytest.approx(0, abs=0.2)
    assert found.last_second_under_db == pytest.approx(0, abs=0.1)


def test_a_fade_that_is_cut_off_breaks_off() -> None:
    """Where a fade is broken off half-way, its last second is only some decibels softer."""
    gain = gain_of_fade(60, 30)[: 45 * SR, None]
    found = ending.ending_of(*levels((sine(440, 45) * gain).astype(np.float32)))
    assert found is not None
    assert found.last_second_under_db == pytest.approx(5.5, abs=0.3)


def test_a_pause_is_no_ending() -> None:
    """Only the last end counts: silence between does not."""
    sound = np.concatenate([sine(440, 20), silence(6), sine(440, 20) * gain_of_fade(20, 10)[:, None]])
    found = ending.ending_of(*levels(sound.astype(np.float32)))
    assert found is not None
    assert found.fade_s == pytest.approx(5.2, abs=0.4)
    assert found.gone_s == pytest.approx(45, abs=1.5)


def test_what_is_too_short_or_silent_has_no_ending() -> None:
    """Of ten seconds of silence, and of a second of sound, nothing is said."""
    assert ending.ending_of(*levels(silence(20))) is None
    assert ending.ending_of(*levels(sine(440, 5))) is None


def test_a_rise_out_of_silence_is_an_entry() -> None:
    """After silence there is no background to rise from; the entry is held against what sounded before."""
    sound = np.concatenate([sine(440, 5, -40), silence(2), sine(440, 1, -20), sine(440, 5, -40)])
    entry = envelope.largest_entry(*levels(sound))
    assert entry.rise_db == pytest.approx(20, abs=0.2)
    assert entry.at_s == pytest.approx(7, abs=0.05)


@pytest.mark.parametrize("attack_s", [0.05, 0.1, 0.2])
def test_attack_of_a_known_ramp(attack_s: float) -> None:
    """A linear ramp takes four fifths of its length from ten to ninety percent."""
    sound = placed([(1.0, tone(69, 2, attack_s=attack_s, decay_s=1e6, harmonics=1))], 4)
    found = attacks.attacks_at(np.asarray([1.0 + attack_s / 2]), *levels(sound))
    assert found.rise_s[0] == pytest.approx(0.8 * attack_s, abs=0.012)
    assert found.from_silence[0]


def test_a_struck_note_reads_short() -> None:
    """A note that is there at once reads the shortest attack there is, a dozen milliseconds."""
    sound = placed([(1.0, tone(69, 2, attack_s=0.001))], 4)
    assert attacks.attacks_at(np.asarray([1.0]), *levels(sound)).rise_s[0] <= 0.016


def test_a_note_in_the_last_moment_is_measured() -> None:
    """A piece cut off within a tenth of a second of its last note is measured to its end, and no further."""
    sound = placed([(1.0, tone(69, 2, attack_s=0.001))], 1.06)
    found = attacks.attacks_at(np.asarray([1.0]), *levels(sound))
    assert found.step_db[0] > 20


def test_onsets_are_found_where_they_are() -> None:
    """Of eight plucked notes every one is found within thirty milliseconds, and nothing else."""
    moments = [1 + 0.7 * i for i in range(8)]
    found = heard(
        placed([(at, tone(60 + 2 * i, 4, attack_s=0.01, decay_s=0.4)) for i, at in enumerate(moments)], 11)
    ).onsets_s
    assert len(found) == 8
    np.testing.assert_allclose(found, moments, atol=0.03)


def test_silence_has_no_onsets() -> None:
    """Nothing begins in silence."""
    assert not len(onsets.onset_times(np.zeros(500, np.float32), 0.02))


@pytest.mark.parametrize("bpm", [48.0, 60.0, 66.5, 88.0])
def test_tempo_of_a_pulse_train(bpm: float) -> None:
    """A pulse train is heard at its own tempo within half a percent, with a plan and without."""
    sound = placed(
        [(60 / bpm * i, tone(69, 0.2, attack_s=0.005, decay_s=0.1)) for i in range(int(29 * bpm / 60))], 30
    )
    found = heard(sound)
    planned = pulse.tempo_near(found.flux, found.flux_hop_s, 15.0, bpm * 1.02)
    assert planned == pytest.approx(bpm, rel=0.005)
    free = pulse.tempo_curve(found.flux, found.flux_hop_s, (15.0,))[0]
    assert free == pytest.approx(bpm, rel=0.01)


def test_a_steady_tone_has_no_tempo() -> None:
    """Where no beat is to be heard none is invented."""
    found = heard(sine(300, 30))
    assert np.isnan(pulse.tempo_curve(found.flux, found.flux_hop_s, (15.0,))[0])


def test_step_between_windows_that_sound() -> None:
    """A step of five LU is read as five; the fall into silence is none."""
    found = heard(np.concatenate([sine(997, 10, -25), sine(997, 10, -20), silence(6)]))
    step = arc.largest_step(found.short_term_lufs, found.loudness.integrated_lufs, sounding(found))
    assert step.value == pytest.approx(5, abs=0.1)
    assert step.at_s == pytest.approx(10, abs=0.2)


def test_a_pause_is_no_step() -> None:
    """Sound, silence, the same sound again: no step but what under 0.4 s of a pause can take from 3 s of sound."""
    found = heard(np.concatenate([sine(997, 10), silence(8), sine(997, 10)]))
    step = arc.largest_step(found.short_term_lufs, found.loudness.integrated_lufs, sounding(found))
    assert step.value < 0.65


def test_swell_of_a_known_crescendo() -> None:
    """Thirty decibels in twenty seconds are one and a half a second."""
    found = heard(crescendo())
    swell = arc.steepest_swell(found.short_term_lufs, -24.0, sounding(found))
    assert swell.value == pytest.approx(1.5, abs=0.15)


def test_faults_are_counted() -> None:
    """A clipped sine, an offset of two percent and two values that are no numbers are found."""
    clipped = np.clip(sine(100, 1, 6), -1, 1)
    counter = FaultCounter()
    counter.add(counter.cleaned(clipped))
    assert counter.clipped_runs == 400
    offset = FaultCounter()
    offset.add(sine(100, 1) + np.float32(0.02))
    assert offset.dc_offset == pytest.approx(2, abs=0.01)
    broken = sine(100, 1)
    broken[5, 0], broken[7, 1] = np.nan, np.inf
    clean = offset.cleaned(broken)
    assert offset.not_finite == 2
    assert np.isfinite(clean).all()


def test_a_clipped_top_across_two_blocks_counts_once() -> None:
    """A run of full samples that a block boundary cuts in two is one run."""
    run = np.zeros((20, 2), np.float32)
    run[5:15, 0] = 1.0
    whole, halves = FaultCounter(), FaultCounter()
    whole.add(run)
    halves.add(run[:9])
    halves.add(run[9:])
    assert whole.clipped_runs == halves.clipped_runs == 1


def test_gain_moves_loudness_by_exactly_the_gain() -> None:
    """Six decibels less are six LU less, and change neither steps nor colour nor attacks."""
    sound = calm_sound(20)
    loud, soft = heard(sound), heard(sound * np.float32(10 ** (-6 / 20)))
    assert loud.loudness.integrated_lufs - soft.loudness.integrated_lufs == pytest.approx(6, abs=0.02)
    assert loud.loudness.true_peak_db - soft.loudness.true_peak_db == pytest.approx(6, abs=0.02)
    np.testing.assert_allclose(soft.colour.centroid_hz[2:20], loud.colour.centroid_hz[2:20], rtol=1e-3)
    np.testing.assert_allclose(soft.attacks.rise_s, loud.attacks.rise_s, atol=0.006)


@pytest.mark.parametrize(("gain_db", "lufs"), [(-23.0, -23.0), (-33.0, -33.0)])
def test_loudness_of_the_standard_s_signal(gain_db: float, lufs: float) -> None:
    """A stereo sine of 1 kHz at −23 dBFS reads −23 LUFS within 0.1 LU, its range none, its peak −23 dB."""
    loudness = heard(sine(1000, 20, gain_db)).loudness
    assert loudness.integrated_lufs == pytest.approx(lufs, abs=0.1)
    assert loudness.range_lu == pytest.approx(0, abs=0.1)
    assert loudness.true_peak_db == pytest.approx(gain_db, abs=0.2)


def test_loudness_range_of_the_standard_s_signal() -> None:
    """Twenty seconds at −20 and twenty at −30 dBFS have a loudness range of ten LU within 0.1."""
    sound = np.concatenate([sine(1000, 20, -20), sine(1000, 20, -30)])
    assert heard(sound).loudness.range_lu == pytest.approx(10, abs=0.1)


def test_blocks_do_not_matter() -> None:
    """What is heard does not depend on how the sound is cut into blocks."""
    sound = calm_sound(20)
    small, large = heard(sound, block=777), heard(sound, block=10**7)
    assert small.n_frames == large.n_frames
    np.testing.assert_allclose(small.flux, large.flux, atol=1e-5)
    np.testing.assert_array_equal(small.onsets_s, large.onsets_s)
    assert small.loudness.integrated_lufs == pytest.approx(large.loudness.integrated_lufs, abs=1e-6)


def test_memory_stays_flat() -> None:
    """Of a minute of sound the listener keeps less than a hundred kilobytes."""
    listener = Listener(SR)
    block = sine(300, 60)
    listener.add(block)
    found = listener.heard()
    kept = found.flux.nbytes + found.mean_squares.nbytes + found.short_term_lufs.nbytes
    assert kept < 100_000


@pytest.mark.parametrize("silence_s", [0.0, 2.0, 9.0])
def test_silence_at_the_end_is_counted(silence_s: float) -> None:
    """What follows the last sound is the silence at the end."""
    audit = audit_audio([np.concatenate([sine(440, 12), silence(silence_s)])], SR)
    assert audit.finding("closing-silence").value == pytest.approx(silence_s, abs=0.01)


@pytest.mark.parametrize("attack_s", [0.02, 0.1])
def test_the_rise_out_of_silence_is_known(attack_s: float) -> None:
    """The first attack after a silence is that of its linear ramp, four fifths of it."""
    late = tone(69, 6, attack_s=attack_s, decay_s=30, gain=0.1)
    audit = audit_audio([placed([(1.0, late)], 9)], SR)
    assert audit.finding("first-attack").value == pytest.approx(800 * attack_s, abs=9)


def test_a_tempo_off_the_written_one_is_heard() -> None:
    """A pulse two percent slower than its score says is told as two percent."""
    bpm = 72 / 1.02
    beats = [(60 / bpm * i, tone(69, 0.2, attack_s=0.005, decay_s=0.1)) for i in range(70)]
    written = score((Role.MELODY, notes(TUNE * 4)), bpm=72)
    audit = audit_audio([placed(beats, 60)], SR, score=written)
    assert audit.finding("tempo-heard").value == pytest.approx(2.0, abs=0.3)


def test_the_true_peak_lies_between_the_samples() -> None:
    """A sine at a quarter of the rate, sampled between its tops, reads three decibels above its samples."""
    n = np.arange(12 * SR)
    x = (0.1 * np.sin(np.pi / 2 * n + np.pi / 4)).astype(np.float32)
    audit = audit_audio([np.stack([x, x], axis=1)], SR)
    assert audit.finding("true-peak").value == pytest.approx(-20.0, abs=0.2)
    assert audit.finding("silent").value == pytest.approx(-23.0, abs=0.1)


def test_the_loudest_moment_stands_as_far_out_as_it_was_made() -> None:
    """Half a second at −17 dBFS in a minute at −23 stands out by six LU, and is found; an even minute has none."""
    even = sine(1000, 30, -23)
    struck = audit_audio([np.concatenate([even, sine(1000, 0.5, -17), even])], SR).finding("loudest-moment")
    assert struck.value == pytest.approx(6.0, abs=0.1)
    assert struck.at_s == pytest.approx(30.0, abs=0.15)
    assert struck.verdict is Verdict.WARN
    assert audit_audio([even], SR).finding("loudest-moment").value == pytest.approx(0.0, abs=0.1)
