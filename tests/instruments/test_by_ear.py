"""What a listener would notice in a tune or a long note: holes, pumping, false breath, lost colours, bare repeats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import marks
import numpy as np
import pytest
from font_player import SAMPLE_RATE, FontPlayer
from marks import key_hz
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import correlate, hilbert

from calmando.instruments.level import k_weighted, momentary_lufs
from calmando.instruments.sf2_zone import velocity_gain_db
from calmando.resources import soundfonts_folder
from calmando.theory.percussion import DRUM_BANK, FRAME_DRUM, INFANT_DUB

FONT = soundfonts_folder() / "calmando.sf2"
GUITAR, BASS, HARP = 24, 32, 46
SLOW_STRINGS, STRINGS, AAH, OOH = 48, 49, 52, 53
NEW_AGE_PAD, WARM_PAD, CHOIR_PAD = 88, 89, 91
REED, FLUTE, RECORDER, OCARINA = 71, 73, 74, 79
PIANO, CELESTA, GLOCKENSPIEL, MUSIC_BOX, VIBRAPHONE, MARIMBA, KALIMBA = 0, 8, 9, 10, 11, 12, 108
TAMBURA, OCEAN = 104, 122
MONOCHORD, RAIN, WIND, STREAM, WOMB = (1, 104), (1, 122), (3, 122), (4, 122), (10, 122)

Curve = NDArray[np.float64]


@pytest.fixture(scope="module")
def player() -> Iterator[FontPlayer]:
    with FontPlayer(FONT) as playing:
        yield playing


def levels_db(sound: Curve, window_s: float) -> Curve:
    """The level round each frame, all channels together."""
    power = np.sum(np.reshape(sound, (len(sound), -1)) ** 2, axis=1)
    return np.asarray(10 * np.log10(uniform_filter1d(power, round(window_s * SAMPLE_RATE)) + 1e-12))


def within(mono: Curve, low_hz: float, high_hz: float) -> Curve:
    """The part of a sound between two frequencies."""
    bins = np.fft.rfft(mono)
    hertz = np.fft.rfftfreq(len(mono), 1 / SAMPLE_RATE)
    bins[(hertz < low_hz) | (hertz >= high_hz)] = 0
    return np.asarray(np.fft.irfft(bins, len(mono)))


def share_db(mono: Curve, low_hz: float, high_hz: float) -> float:
    """The part of the energy that lies between two frequencies, in decibels."""
    return marks.level_db(within(mono, low_hz, high_hz)) - marks.level_db(mono)


def held(player: FontPlayer, program: int, key: int, hold_s: float, *, bank: int = 0) -> Curve:
    """A note at velocity 56, from two seconds on."""
    return player.note(program, key, 56, hold_s=hold_s, bank=bank)[2 * SAMPLE_RATE :]


@pytest.mark.parametrize("program", [AAH, OOH, SLOW_STRINGS])
@pytest.mark.parametrize(("first", "second"), [(55, 57), (62, 64), (69, 71)])
def test_a_slurred_step_leaves_no_hole(player: FontPlayer, program: int, first: int, second: int) -> None:
    """Where one note of a tune ends and the next begins, the level falls by less than 6.5 dB."""
    assert hole_db(player, program, first, second) < 6.5


@pytest.mark.parametrize("program", [REED, FLUTE, RECORDER, OCARINA])
@pytest.mark.parametrize(("first", "second"), [(62, 64), (67, 69), (74, 76)])
def test_a_slurred_step_of_a_wind_is_no_stop(
    player: FontPlayer, program: int, first: int, second: int
) -> None:
    """Where one note ends and the next begins, the level falls by less than 7.5 dB."""
    assert hole_db(player, program, first, second) < 7.5


def hole_db(player: FontPlayer, program: int, first: int, second: int) -> float:
    """How far the level falls where one note of a tune follows another."""
    notes = [(first, 1.0), (second, 1.0), (first, 1.0)]
    level_db = levels_db(player.tune(program, notes, 56), 0.03)
    join, end = 2 * SAMPLE_RATE, round(2.5 * SAMPLE_RATE)
    return float(np.median(level_db[round(1.6 * SAMPLE_RATE) : join]) - level_db[join:end].min())


@pytest.mark.parametrize("key", [52, 57, 64])
def test_slow_strings_are_there_for_a_note_of_a_tune(player: FontPlayer, key: int) -> None:
    """A slow bow has come to 6 dB under its level in 0.3 s at most, and takes more than 0.1 s."""
    level_db = levels_db(player.note(SLOW_STRINGS, key, 56, hold_s=4.0), 0.02)
    arrival = np.argmax(level_db > np.median(level_db[2 * SAMPLE_RATE :]) - 6) / SAMPLE_RATE
    assert 0.1 < arrival < 0.3


@pytest.mark.parametrize("key", [38, 48, 53, 57, 62])
def test_the_monochord_has_no_breath_of_its_own(player: FontPlayer, key: int) -> None:
    """Its overtones wander, its loudness rests within half a decibel, and its sides come in together."""
    bank, program = MONOCHORD
    note = player.note(program, key, 42, hold_s=16.0, bank=bank)
    rest = slice(3 * SAMPLE_RATE, -SAMPLE_RATE)
    assert np.ptp(levels_db(k_weighted(note), 0.4)[rest]) < 0.5
    left, right = (levels_db(side, 0.05)[SAMPLE_RATE // 10 :] for side in note.T)
    assert np.max(np.abs(left - right)) < 1.5
    second = within(note.sum(axis=1), 1.5 * key_hz(key), 2.5 * key_hz(key))
    assert np.std(levels_db(second, 0.2)[rest]) > 2.0


@pytest.mark.parametrize("key", [52, 57, 62, 67])
def test_oo_keeps_its_third_formant_down(player: FontPlayer, key: int) -> None:
    """From 2 to 5 kHz an *oo* has less than a thousandth of its energy (Peterson & Barney 1952), an *ah* much more."""
    oo, ah = (share_db(held(player, program, key, 5.0).sum(axis=1), 2000, 5000) for program in (OOH, AAH))
    assert oo < -30
    assert ah > oo + 10


def coloured_db(player: FontPlayer, program: int, key: int) -> Curve:
    """The levels of the first eight partials beside the whole, of a note's first seconds, both sides added."""
    return levels_beside_the_whole_db(player.note(program, key, 58, hold_s=2.5).sum(axis=1), key)


def levels_beside_the_whole_db(note: Curve, key: int) -> Curve:
    """The levels of the first eight partials beside the whole, all channels together."""
    power = np.sum(np.abs(np.fft.rfft(np.reshape(note, (len(note), -1)), axis=0)) ** 2, axis=1)
    numbers = np.fft.rfftfreq(len(note), 1 / SAMPLE_RATE) / key_hz(key)
    near = (np.abs(numbers - number) < 0.3 for number in range(1, 9))
    return np.array([10 * np.log10(np.sum(power[band]) / np.sum(power)) for band in near])


@pytest.mark.parametrize(
    "program", [PIANO, SLOW_STRINGS, STRINGS, AAH, OOH, NEW_AGE_PAD, WARM_PAD, CHOIR_PAD]
)
def test_a_tune_keeps_its_colour_where_one_sample_follows_another(player: FontPlayer, program: int) -> None:
    """From one key to the next no strong partial (within 22 dB of the whole) jumps by more than 3.5 dB."""
    colours = [coloured_db(player, program, key) for key in range(55, 78)]
    for key, (below, above) in enumerate(pairwise(colours), start=55):
        strong = np.maximum(below, above) > -22
        assert np.max(np.abs(above - below)[strong]) < 3.5, (key, below, above)


@pytest.mark.parametrize(
    ("program", "lowest", "highest"),
    [
        (GUITAR, 40, 88),
        (BASS, 28, 60),
        (HARP, 28, 96),
        (REED, 50, 88),
        (FLUTE, 60, 96),
        (RECORDER, 60, 93),
        (TAMBURA, 33, 67),
    ],
)
def test_what_is_plucked_or_blown_keeps_its_colour_over_its_whole_range(
    player: FontPlayer, program: int, lowest: int, highest: int
) -> None:
    """From one key to the next no strong partial (within 22 dB of the whole) jumps by more than 3.3 dB."""
    colours = [coloured_db(player, program, key) for key in range(lowest, highest + 1)]
    for key, (below, above) in enumerate(pairwise(colours), start=lowest):
        strong = np.maximum(below, above) > -22
        assert np.max(np.abs(above - below)[strong]) < 3.3, (key, below, above)


def test_a_piano_keeps_its_colour_while_it_rings(player: FontPlayer) -> None:
    """From half a second on no strong partial (within 20 dB of the whole) jumps by more than 3.2 dB to the next key."""
    late = [
        levels_beside_the_whole_db(
            player.note(PIANO, key, 58, hold_s=1.2)[SAMPLE_RATE // 2 :].sum(axis=1), key
        )
        for key in range(36, 92)
    ]
    for key, (below, above) in enumerate(pairwise(late), start=36):
        strong = np.maximum(below, above) > -20
        assert np.max(np.abs(above - below)[strong]) < 3.2, (key, below, above)


@pytest.mark.parametrize(("program", "lowest", "highest"), [(GUITAR, 40, 88), (HARP, 28, 96)])
def test_a_string_keeps_its_colour_while_it_rings(
    player: FontPlayer, program: int, lowest: int, highest: int
) -> None:
    """From half a second on no strong partial (within 20 dB of the whole) jumps by more than 3 dB to the next key."""
    late = [
        levels_beside_the_whole_db(
            player.note(program, key, 58, hold_s=1.5)[SAMPLE_RATE // 2 :].sum(axis=1), key
        )
        for key in range(lowest, highest + 1)
    ]
    for key, (below, above) in enumerate(pairwise(late), start=lowest):
        strong = np.maximum(below, above) > -20
        assert np.max(np.abs(above - below)[strong]) < 3.0, (key, below, above)


def test_a_firmly_plucked_harp_keeps_its_colour(player: FontPlayer) -> None:
    """At velocity 85 no strong partial (within 22 dB of the whole) jumps by more than 2.6 dB to the next key."""
    colours = [
        levels_beside_the_whole_db(player.note(HARP, key, 85, hold_s=2.5).sum(axis=1), key)
        for key in range(28, 97)
    ]
    for key, (below, above) in enumerate(pairwise(colours), start=28):
        strong = np.maximum(below, above) > -22
        assert np.max(np.abs(above - below)[strong]) < 2.6, (key, below, above)


def partial_courses_db(note: Curve, key: int, numbers: range) -> Curve:
    """How the levels of partials go on from moment to moment (10 ms), both sides added; a row for each."""
    mono = note.sum(axis=1)
    courses = [
        levels_db(within(mono, (number - 0.3) * key_hz(key), (number + 0.3) * key_hz(key)), 0.04)
        for number in numbers
    ]
    return np.array(courses)[:, :: SAMPLE_RATE // 100]


def off_the_curve_db(courses: Curve) -> Curve:
    """How far levels lie off the parabola that fits each course best."""
    moments = np.arange(courses.shape[1])
    curves = [np.polyval(np.polyfit(moments, course, 2), moments) for course in courses]
    return np.asarray(courses - curves)


@pytest.mark.parametrize(
    ("program", "key"), [(GUITAR, 52), (GUITAR, 64), (GUITAR, 72), (HARP, 48), (HARP, 60), (HARP, 67)]
)
def test_a_plucked_string_does_not_stand_still(player: FontPlayer, program: int, key: int) -> None:
    """From 0.5 to 1.1 s overtones fall each in its own way: beside the fundamental they move by 2 dB on the mean."""
    fundamental, *overtones = partial_courses_db(player.note(program, key, 60, hold_s=2.0), key, range(1, 6))
    beside = np.array([overtone - fundamental for overtone in overtones])[:, 50:110]
    assert np.mean(np.ptp(beside, axis=1)) > 2.0


def test_the_overtones_of_a_piano_do_not_swell_together(player: FontPlayer) -> None:
    """From 1.1 to 4 s partials 2 to 5 beat each in its own time: together they keep within 3 dB, on the median of keys."""
    swings, likeness = [], []
    for key in range(40, 85, 4):
        courses = partial_courses_db(player.note(PIANO, key, 60, hold_s=4.5), key, range(2, 6))[:, 110:400]
        together = off_the_curve_db(10 * np.log10(np.sum(10 ** (courses / 10), axis=0))[np.newaxis])
        swings.append(np.percentile(together, 97) - np.percentile(together, 3))
        likeness.append(np.mean(np.corrcoef(off_the_curve_db(courses))[np.triu_indices(4, 1)]))
    assert np.median(swings) < 3.0
    assert np.mean(likeness) < 0.2


def test_the_bands_of_a_tambura_wander_alike_on_neighbouring_keys(player: FontPlayer) -> None:
    """From 1 to 4 s no strong partial (within 20 dB of the whole) differs by more than 4 dB from one key to the next."""
    late = [
        levels_beside_the_whole_db(player.note(TAMBURA, key, 70, hold_s=4.0)[SAMPLE_RATE:].sum(axis=1), key)
        for key in range(33, 68)
    ]
    for key, (below, above) in enumerate(pairwise(late), start=33):
        strong = np.maximum(below, above) > -20
        assert np.max(np.abs(above - below)[strong]) < 4.0, (key, below, above)


@pytest.mark.parametrize("key", [40, 45, 50])
def test_a_tambura_shimmers_until_it_is_gone(player: FontPlayer, key: int) -> None:
    """From 2.5 to 5 s, when its bands have come to rest, its overtones swell by 1.5 dB (standard deviation), together by 1."""
    note = player.note(TAMBURA, key, 56, hold_s=5.5)
    courses = off_the_curve_db(partial_courses_db(note, key, range(2, 13))[:, 250:500])
    assert np.min(np.std(courses, axis=1)) > 1.5
    assert np.std(off_the_curve_db(levels_db(note, 0.05)[np.newaxis, ::441][:, 250:500])) < 1.0


@pytest.mark.parametrize(
    ("program", "number"), [(CELESTA, 2), (MUSIC_BOX, 4), (VIBRAPHONE, 4), (MARIMBA, 4), (KALIMBA, 2)]
)
@pytest.mark.parametrize("key", [60, 64, 67])
def test_octaves_of_bars_do_not_beat(player: FontPlayer, program: int, number: int, key: int) -> None:
    """The partial that a maker tunes lies within a quarter of a hertz of the note one or two octaves above."""
    lower = loudest_hz(player.note(program, key, 110, hold_s=1.0), number * key_hz(key))
    octaves = number.bit_length() - 1
    upper = loudest_hz(player.note(program, key + 12 * octaves, 110, hold_s=1.0), number * key_hz(key))
    assert abs(upper - lower) < 0.25


def loudest_hz(note: Curve, about_hz: float) -> float:
    """Where a partial lies, near a frequency (within 1 %)."""
    mono = note.sum(axis=1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 16 * len(mono)))
    hertz = np.fft.rfftfreq(16 * len(mono), 1 / SAMPLE_RATE)
    near = np.abs(hertz / about_hz - 1) < 0.01
    return float(hertz[near][np.argmax(power[near])])


@pytest.mark.parametrize(("program", "lowest", "highest"), [(GUITAR, 40, 88), (BASS, 28, 60), (HARP, 28, 96)])
def test_what_is_plucked_rings_shorter_from_key_to_key(
    player: FontPlayer, program: int, lowest: int, highest: int
) -> None:
    """Two seconds after the pluck no key's fundamental is more than 1.5 dB above that of the key below."""
    rings = []
    for key in range(lowest, highest + 1):
        note = player.note(program, key, 70, hold_s=2.5).sum(axis=1)[2 * SAMPLE_RATE :]
        rings.append(marks.level_db(within(note, 0.9 * key_hz(key), 1.1 * key_hz(key))))
    assert np.max(np.diff(rings)) < 1.5


@pytest.mark.parametrize(
    ("program", "key"),
    [(GUITAR, 55), (GUITAR, 60), (GUITAR, 64), (GUITAR, 69), (HARP, 50), (HARP, 55), (HARP, 60)],
)
def test_a_plucked_string_goes_on_losing_its_overtones(player: FontPlayer, program: int, key: int) -> None:
    """From 1.6 to 2.7 s, where a short sample would have come to its loop, the third partial falls 2 dB more than the first."""
    note = player.note(program, key, 60, hold_s=3.0)
    first, _, third = partial_courses_db(note, key, range(1, 4))[:, [160, 270]]
    assert (third - first)[0] - (third - first)[1] > 2.0


@pytest.mark.parametrize("program", [PIANO, CELESTA, GLOCKENSPIEL, MUSIC_BOX, VIBRAPHONE, MARIMBA, KALIMBA])
def test_a_softly_struck_tune_is_even(player: FontPlayer, program: int) -> None:
    """At velocity 30 neighbouring keys differ by 0.85 LU at most: their filters go up with the keys."""
    loudness = [momentary_lufs(player.note(program, key, 30, hold_s=1.5)) for key in range(60, 85)]
    assert np.max(np.abs(np.diff(loudness))) < 0.85


def test_tines_of_a_kalimba_ring_alike(player: FontPlayer) -> None:
    """Two seconds after the stroke, the fundamental of neighbouring keys differs by less than 2.5 dB."""
    rings = []
    for key in range(48, 85):
        note = player.note(KALIMBA, key, 60, hold_s=3.0).sum(axis=1)[2 * SAMPLE_RATE :]
        rings.append(marks.level_db(within(note, 0.9 * key_hz(key), 1.1 * key_hz(key))))
    assert np.max(np.abs(np.diff(rings))) < 2.5


@pytest.mark.parametrize("program", [PIANO, CELESTA, GLOCKENSPIEL, MUSIC_BOX, VIBRAPHONE, MARIMBA, KALIMBA])
def test_what_is_struck_rings_shorter_from_key_to_key(player: FontPlayer, program: int) -> None:
    """A second after the stroke, the fundamental of neighbouring keys differs by less than 3.5 dB."""
    rings = []
    for key in range(60, 85):
        note = player.note(program, key, 60, hold_s=2.0).sum(axis=1)[SAMPLE_RATE:]
        rings.append(marks.level_db(within(note, 0.9 * key_hz(key), 1.1 * key_hz(key))))
    assert np.max(np.abs(np.diff(rings))) < 3.5


@pytest.mark.parametrize(("program", "lowest", "highest"), [(GUITAR, 40, 76), (HARP, 36, 84), (BASS, 28, 60)])
def test_a_softly_plucked_tune_is_even(player: FontPlayer, program: int, lowest: int, highest: int) -> None:
    """Softly played, neighbouring keys differ by 1.05 LU at most."""
    loudness = [
        momentary_lufs(player.note(program, key, 40, hold_s=1.5)) for key in range(lowest, highest + 1)
    ]
    assert np.max(np.abs(np.diff(loudness))) < 1.05


@pytest.mark.parametrize(
    ("program", "key", "until_s"),
    [
        *((program, key, 3.5) for program in (SLOW_STRINGS, STRINGS) for key in (43, 50, 57)),
        *((program, key, 2.5) for program in (NEW_AGE_PAD, WARM_PAD, CHOIR_PAD) for key in (48, 60)),
    ],
)
def test_an_ensemble_does_not_come_round_again_soon(
    player: FontPlayer, program: int, key: int, until_s: float
) -> None:
    """In one loudspeaker, the levels of its partials are at no moment what they were 0.8 to 2.5 or 3.5 s before."""
    courses = partial_courses_db(held(player, program, key, 14.0), key, range(1, 9))[:, 20:-20]
    likeness = [
        np.mean([np.corrcoef(course[lag:], course[:-lag])[0, 1] for course in courses])
        for lag in range(80, round(100 * until_s), 2)
    ]
    assert max(likeness) < 0.6


@pytest.mark.parametrize("program", [REED, FLUTE, RECORDER, OCARINA])
@pytest.mark.parametrize("key", [62, 72])
def test_a_held_wind_does_not_pump(player: FontPlayer, program: int, key: int) -> None:
    """Between 0.3 and 4 Hz no wave of its level is larger than 0.3 dB either way."""
    piece = SAMPLE_RATE // 20
    sound = held(player, program, key, 14.0).sum(axis=1)
    level_db = 10 * np.log10(np.mean(sound[: len(sound) // piece * piece].reshape(-1, piece) ** 2, axis=1))
    waves = 4 * np.abs(np.fft.rfft((level_db - level_db.mean()) * np.hanning(len(level_db)))) / len(level_db)
    hertz = np.fft.rfftfreq(len(level_db), 0.05)
    assert waves[(hertz > 0.3) & (hertz < 4)].max() < 0.3


@pytest.mark.parametrize(
    ("program", "key"),
    [(GUITAR, 40), (GUITAR, 53), (GUITAR, 69), (BASS, 28), (BASS, 43), (BASS, 50), (HARP, 28), (HARP, 48)],
)
def test_a_soft_pluck_is_as_soft_as_its_touch(player: FontPlayer, program: int, key: int) -> None:
    """At velocity 30 the string is at most 2 dB softer than the velocity curve says: darkened, not gone."""
    full, soft = (momentary_lufs(player.note(program, key, touch, hold_s=1.5)) for touch in (70, 30))
    assert soft - full > velocity_gain_db(30) - velocity_gain_db(70) - 2.0


@pytest.mark.parametrize(("key", "least_db"), [(52, -58.0), (57, -50.0)])
def test_a_guitar_is_not_dull(player: FontPlayer, key: int, least_db: float) -> None:
    """There is something of the string between 2 and 5 kHz."""
    note = player.note(GUITAR, key, 70, hold_s=2.0).sum(axis=1)
    assert share_db(note * np.hanning(len(note)), 2000, 5000) > least_db


@pytest.mark.parametrize(("program", "key"), [(STRINGS, 36), (STRINGS, 40), (CHOIR_PAD, 48), (CHOIR_PAD, 60)])
def test_a_low_ensemble_does_not_lose_its_fundamental(player: FontPlayer, program: int, key: int) -> None:
    """Few players in unison do not cancel one another: the fundamental keeps within 12 dB."""
    fundamental = within(held(player, program, key, 12.0).sum(axis=1), 0.6 * key_hz(key), 1.4 * key_hz(key))
    level_db = levels_db(fundamental, 2 / key_hz(key))[SAMPLE_RATE // 2 : -SAMPLE_RATE // 2]
    assert np.ptp(level_db) < 12


@pytest.mark.parametrize("program", [NEW_AGE_PAD, WARM_PAD, CHOIR_PAD])
@pytest.mark.parametrize("key", [66, 74, 78, 82])
def test_a_high_pad_does_not_flutter(player: FontPlayer, program: int, key: int) -> None:
    """Held, its level from moment to moment (30 ms) keeps within 5 dB in one loudspeaker."""
    level_db = levels_db(held(player, program, key, 10.0).sum(axis=1), 0.03)
    assert np.ptp(level_db[SAMPLE_RATE:-SAMPLE_RATE]) < 5


@pytest.mark.parametrize("program", [SLOW_STRINGS, STRINGS])
@pytest.mark.parametrize("key", [66, 70, 74, 78])
def test_high_strings_do_not_flutter(player: FontPlayer, program: int, key: int) -> None:
    """Held, their level from moment to moment (30 ms) keeps within 6 dB in one loudspeaker."""
    level_db = levels_db(held(player, program, key, 10.0).sum(axis=1), 0.03)
    assert np.ptp(level_db[SAMPLE_RATE:-SAMPLE_RATE]) < 6


def fall_s(mono: Curve, hertz: float) -> float:
    """How long a mode takes to fall by 20 dB from its height."""
    level_db = levels_db(within(mono, hertz - 15, hertz + 15), 0.03)
    top = int(np.argmax(level_db))
    return float(np.argmax(level_db[top:] < level_db[top] - 20) / SAMPLE_RATE)


def test_the_frame_drums_deepest_mode_dies_first(player: FontPlayer) -> None:
    """The mode that moves the most air is soon gone; the next carries the tone, and small speakers have their share."""
    stroke = player.note(0, FRAME_DRUM, 80, hold_s=0.05, tail_s=1.6, bank=DRUM_BANK).sum(axis=1)
    assert fall_s(stroke, 86.0) < 0.7 * fall_s(stroke, 1.59 * 86.0)
    assert share_db(stroke, 250, 1000) > -25


def test_an_infants_second_sound_is_a_hearts(player: FontPlayer) -> None:
    """Most of it lies under 150 Hz."""
    sound = player.note(0, INFANT_DUB, 80, hold_s=0.05, tail_s=1.0, bank=DRUM_BANK).sum(axis=1)
    assert share_db(sound, 20, 150) > 10 * math.log10(0.6)


def test_no_bubble_of_the_stream_stands_out(player: FontPlayer) -> None:
    """Over 50 ms nothing rises more than 6.5 dB above the median, to be known again when the loop comes round."""
    bank, program = STREAM
    level_db = levels_db(player.note(program, 60, 70, hold_s=16.0, bank=bank)[4 * SAMPLE_RATE :, 0], 0.05)
    assert level_db.max() - np.median(level_db) < 6.5


def vibrato_hz(player: FontPlayer, program: int, key: int) -> float:
    """How often in a second a held note's pitch swings."""
    note = within(held(player, program, key, 12.0).sum(axis=1), 0.8 * key_hz(key), 1.25 * key_hz(key))
    turns = np.unwrap(np.angle(hilbert(note)))
    pitch = uniform_filter1d(np.diff(turns), SAMPLE_RATE // 50)[:: SAMPLE_RATE // 100]
    swings = np.abs(np.fft.rfft((pitch - np.mean(pitch)) * np.hanning(len(pitch)), 16 * len(pitch)))
    hertz = np.fft.rfftfreq(16 * len(pitch), 0.01)
    near = (hertz > 3.5) & (hertz < 6.5)
    return float(hertz[near][np.argmax(swings[near])])


@pytest.mark.parametrize("program", [FLUTE, OCARINA])
def test_a_wind_does_not_tremble_alike_on_every_note(player: FontPlayer, program: int) -> None:
    """Four notes of a tune, of four samples, swing at rates at least 1 % apart, and 15 % at most."""
    rates = sorted(vibrato_hz(player, program, key) for key in (60, 65, 70, 76))
    assert min(above / below for below, above in pairwise(rates)) > 1.01
    assert rates[-1] / rates[0] < 1.15


@pytest.mark.parametrize("key", [62, 67, 76, 84])
def test_a_held_flute_breathes(player: FontPlayer, key: int) -> None:
    """The level of a long note swings with its vibrato, by 0.6 dB either way at least, by 1.5 dB at most."""
    piece = SAMPLE_RATE // 50
    sound = held(player, FLUTE, key, 10.0).sum(axis=1)
    level_db = 10 * np.log10(np.mean(sound[: len(sound) // piece * piece].reshape(-1, piece) ** 2, axis=1))
    waves = 4 * np.abs(np.fft.rfft((level_db - level_db.mean()) * np.hanning(len(level_db)))) / len(level_db)
    hertz = np.fft.rfftfreq(len(level_db), 0.02)
    assert 0.6 < waves[(hertz > 4) & (hertz < 6)].max() < 1.5


@pytest.mark.parametrize("place", [RAIN, WIND, STREAM, WOMB])
def test_an_ambience_does_not_come_round_again(player: FontPlayer, place: tuple[int, int]) -> None:
    """Two seconds of it are at no later moment of the note what they were, nor are they on the next key."""
    bank, program = place
    note, other = (held(player, program, key, 24.0, bank=bank)[:, 0] for key in (60, 61))
    part = note[SAMPLE_RATE : 3 * SAMPLE_RATE]
    for sound in (note[3 * SAMPLE_RATE :], other):
        level = np.sqrt(uniform_filter1d(sound**2, len(part))[len(part) // 2 : -(len(part) // 2)] * len(part))
        likeness = correlate(sound, part, "valid")[: len(level)] / (level * np.linalg.norm(part))
        assert np.max(likeness) < 0.6


def test_the_sea_does_not_come_round_again(player: FontPlayer) -> None:
    """For more than two minutes waves follow one another differently: from 12 s on, its loudness is like no other time."""
    sea = player.note(OCEAN, 60, 64, hold_s=140.0)[8 * SAMPLE_RATE :]
    step = SAMPLE_RATE // 5
    power = np.sum(k_weighted(sea) ** 2, axis=1)
    loudness = 10 * np.log10(np.mean(power[: len(power) // step * step].reshape(-1, step), axis=1))
    likeness = [np.corrcoef(loudness[lag:], loudness[:-lag])[0, 1] for lag in range(12 * 5, 90 * 5)]
    assert max(likeness) < 0.65
    assert np.percentile(loudness, 95) - np.percentile(loudness, 5) > 8


def test_strokes_of_the_sea_in_turn_begin_with_other_waves(player: FontPlayer) -> None:
    """On the two keys of the ambience the course of the loudness differs."""
    first, second = (
        levels_db(k_weighted(player.note(OCEAN, key, 64, hold_s=17.0)[3 * SAMPLE_RATE :]), 0.4)
        for key in (60, 61)
    )
    assert np.corrcoef(first, second)[0, 1] < 0.95
