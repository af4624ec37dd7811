"""The voices agree with what is published about the instruments they are named after."""

from __future__ import annotations

from collections.abc import Iterator

import marks
import numpy as np
import pytest
from font_player import SAMPLE_RATE, FontPlayer
from marks import key_hz
from numpy.typing import NDArray

from calmando.instruments.catalogue import VOICES
from calmando.instruments.felt_piano import inharmonicity
from calmando.instruments.model import Family, Voice
from calmando.resources import soundfonts_folder

FONT = soundfonts_folder() / "calmando.sf2"
FREE = [voice for voice in VOICES if voice.decay is not None and voice.family is not Family.DRUM]
LAID_OUT = ("Celesta", "Soft Glockenspiel", "Music Box", "Marimba", "Kalimba", "Harp")
MELODIC = [voice for voice in VOICES if voice.family not in (Family.DRUM, Family.AMBIENCE)]
WIDE = [voice for voice in VOICES if voice.family in (Family.PAD, Family.STRINGS)]
CHOIRS = [voice for voice in VOICES if voice.family is Family.CHOIR]
TAMBURA, MONOCHORD = (0, 104), (1, 104)

Mono = NDArray[np.float64]


@pytest.fixture(scope="module")
def player() -> Iterator[FontPlayer]:
    with FontPlayer(FONT) as playing:
        yield playing


def named(name: str) -> Voice:
    return next(voice for voice in VOICES if voice.name == name)


def stereo(player: FontPlayer, voice: Voice, key: int, velocity: int, hold_s: float) -> NDArray[np.float64]:
    return player.note(voice.program, key, velocity, hold_s=hold_s, bank=voice.bank)


def mono(player: FontPlayer, voice: Voice, key: int, velocity: int = 70, hold_s: float = 2.0) -> Mono:
    return np.asarray(stereo(player, voice, key, velocity, hold_s).sum(axis=1))


def spectrum_db(frames: Mono) -> tuple[Mono, Mono]:
    """Frequencies, and power there in decibels."""
    power = np.abs(np.fft.rfft(frames * np.hanning(len(frames)), 4 * len(frames))) ** 2
    return np.fft.rfftfreq(4 * len(frames), 1 / SAMPLE_RATE), 10 * np.log10(power + 1e-20)


def peak_near(frames: Mono, hertz: float, reach: float) -> tuple[float, float]:
    """The highest point within a share of a frequency: where (as a ratio to it), and how high in decibels."""
    hz, db = spectrum_db(frames)
    near = np.nonzero((hz > hertz * (1 - reach)) & (hz < hertz * (1 + reach)))[0]
    top = near[int(np.argmax(db[near]))]
    return float(hz[top] / hertz), float(db[top])


@pytest.mark.parametrize(
    ("name", "key", "ratios"),
    [
        ("Marimba", 48, (4.0, 9.2)),
        ("Vibraphone", 60, (4.0, 9.9)),
        ("Kalimba", 60, (6.27,)),
        ("Soft Glockenspiel", 72, (2.71, 5.15)),
        ("Celesta", 72, (2.756, 5.404)),
    ],
)
def test_bars_have_the_modes_of_their_kind(
    player: FontPlayer, name: str, key: int, ratios: tuple[float, ...]
) -> None:
    """Struck hard, the overtones stand within 2 % of the published ratios, 8 dB over what lies below them."""
    strike = mono(player, named(name), key, 110, 0.3)[: round(0.25 * SAMPLE_RATE)]
    fundamental_hz = key_hz(key)
    for ratio in ratios:
        place, height = peak_near(strike, ratio * fundamental_hz, 0.08)
        _, below = peak_near(strike, 0.85 * ratio * fundamental_hz, 0.05)
        assert abs(place - 1) < 0.02, (ratio, place)
        assert height > below + 8, (ratio, height, below)


@pytest.mark.parametrize("name", ["Celesta", "Soft Glockenspiel", "Music Box", "Vibraphone", "Kalimba"])
def test_bells_are_no_pure_tones_and_darken_when_soft(player: FontPlayer, name: str) -> None:
    """Middle-range strikes hold 1 % of their energy in overtones at least, and twice less when struck softly."""
    voice = named(name)
    key = 67
    loud = marks.bright_db(mono(player, voice, key, 100, 0.5), key, to_s=0.5)
    soft = marks.bright_db(mono(player, voice, key, 35, 0.5), key, to_s=0.5)
    assert loud > -20
    assert loud - soft > 3


def centroid_hz(frames: Mono) -> float:
    """The middle of the energy."""
    power = np.abs(np.fft.rfft(frames)) ** 2
    return float(np.sum(power * np.fft.rfftfreq(len(frames), 1 / SAMPLE_RATE)) / np.sum(power))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Celesta", 64),
        ("Soft Glockenspiel", 72),
        ("Music Box", 72),
        ("Vibraphone", 60),
        ("Marimba", 60),
        ("Kalimba", 66),
        ("Choir ooh", 64),
    ],
)
def test_a_firm_touch_is_brighter(player: FontPlayer, name: str, key: int) -> None:
    """Struck or sung firmly, the middle of a note's energy lies a tenth higher than softly at least."""
    firm, soft = (centroid_hz(mono(player, named(name), key, velocity, 1.5)) for velocity in (100, 30))
    assert firm > 1.1 * soft


@pytest.mark.parametrize(("key", "fall_db"), [(66, 8.0), (72, 14.0)])
def test_a_kalimba_rings(player: FontPlayer, key: int, fall_db: float) -> None:
    """From 0.1 to 0.7 s a tine loses what one measured instrument's loses, within 3 dB."""
    note = mono(player, named("Kalimba"), key, 60)
    early, late = (level_at(note, key_hz(key), seconds) for seconds in (0.1, 0.7))
    assert early - late == pytest.approx(fall_db, abs=3.0)


def test_a_kalimba_is_no_sine(player: FontPlayer) -> None:
    """At 0.1 s the second partial of the F sharp above middle C lies 17 dB under the first, within 4 dB."""
    note = mono(player, named("Kalimba"), 66, 60)
    first, second = (level_at(note, ratio * key_hz(66), 0.1) for ratio in (1.0, 6.27))
    assert first - second == pytest.approx(17.0, abs=4.0)


def level_at(note: Mono, hertz: float, seconds: float) -> float:
    """The highest level within 2 % of a frequency, of the 60 ms from a moment on."""
    start = round(seconds * SAMPLE_RATE)
    return peak_near(note[start : start + round(0.06 * SAMPLE_RATE)], hertz, 0.02)[1]


@pytest.mark.parametrize("key", [48, 60, 72])
def test_piano_partials_are_stretched_as_stiff_strings(player: FontPlayer, key: int) -> None:
    """The sixth partial is sharp by what Fletcher's formula says, and B lies where grands have it."""
    stiffness = inharmonicity(key)
    assert 1e-4 < stiffness < 2e-3
    stretched = np.sqrt((1 + 36 * stiffness) / (1 + stiffness))
    place, _ = peak_near(mono(player, named("Felt Piano"), key, 110, 1.0), 6 * key_hz(key) * stretched, 0.01)
    assert abs(1200 * np.log2(place)) < 3


def test_the_reed_leaves_out_the_even_harmonics_below_its_break(player: FontPlayer) -> None:
    """In the chalumeau the second harmonic lies 15 dB under the third: a stopped pipe."""
    note = mono(player, named("Soft reed"), 55)[SAMPLE_RATE // 2 :]
    second, third = (peak_near(note, number * key_hz(55), 0.02)[1] for number in (2, 3))
    assert third - second > 15


@pytest.mark.parametrize(
    ("name", "first_hz", "second_hz"), [("Choir aah", 640, 1080), ("Choir ooh", 360, 780)]
)
def test_vowels_stand_still_while_the_pitch_moves(
    player: FontPlayer, name: str, first_hz: float, second_hz: float
) -> None:
    """Men's first two formants are where the vowel has them, on a low and on a higher note."""
    for key in (43, 48):
        hz, db = spectrum_db(mono(player, named(name), key, 90, 3.0)[SAMPLE_RATE:])
        numbers = np.arange(1, 24)
        partials_hz = key_hz(key) * numbers
        # Give back what the source loses towards the top; the mouth remains.
        near = (np.abs(hz / partial - 1) < 0.03 for partial in partials_hz)
        heard_db = 10 * np.log10([np.sum(10 ** (db[band] / 10)) for band in near])
        mouth_db = heard_db + 6 * np.log2(numbers)
        low = partials_hz < (first_hz + second_hz) / 2
        assert abs(partials_hz[low][np.argmax(mouth_db[low])] - first_hz) < 0.8 * key_hz(key)
        at_second, above = (mouth_db[np.argmin(abs(partials_hz - f))] for f in (second_hz, 1.6 * second_hz))
        assert at_second > above + 6


def test_oo_is_darker_than_ah(player: FontPlayer) -> None:
    """From 500 to 1500 Hz the *oo* has at least 6 dB less than the *ah*."""
    middle = []
    for name in ("Choir aah", "Choir ooh"):
        hz, db = spectrum_db(mono(player, named(name), 53, 80, 2.0)[SAMPLE_RATE // 2 :])
        power = 10 ** (db / 10)
        middle.append(10 * np.log10(power[(hz > 500) & (hz < 1500)].sum() / power.sum()))
    assert middle[0] - middle[1] > 6


def test_low_harp_strings_change_colour_with_the_finger(player: FontPlayer) -> None:
    """From soft to strong the lowest octaves gain 6 dB above the second partial."""
    harp = named("Harp")
    for key in (24, 36, 48):
        strong, soft = (marks.bright_db(mono(player, harp, key, v, 1.0), key) for v in (110, 30))
        assert strong - soft > 6, key


def test_the_tambura_is_plucked_and_the_monochord_is_not(player: FontPlayer) -> None:
    """One speaks at once and dies away with overtones that wander; the other swells, and lasts."""
    plucked, bed = (next(v for v in VOICES if (v.bank, v.program) == place) for place in (TAMBURA, MONOCHORD))
    assert marks.rise_s(mono(player, plucked, 45), 45, sustained=False) < 0.12
    assert marks.rise_s(mono(player, bed, 45, hold_s=4.0), 45, sustained=True) > 0.3
    for voice, lost_db in ((plucked, 12.0), (bed, -3.0)):
        note = mono(player, voice, 45, hold_s=6.0)
        early, late = marks.level_db(note[SAMPLE_RATE : 2 * SAMPLE_RATE]), marks.level_db(note[-SAMPLE_RATE:])
        assert early - late > lost_db if lost_db > 0 else abs(early - late) < -lost_db


@pytest.mark.parametrize("voice", FREE, ids=lambda voice: voice.name)
def test_higher_notes_ring_shorter(player: FontPlayer, voice: Voice) -> None:
    """What is struck or plucked rings at least 1.3 times as long at the bottom of its range as at the top."""
    low, high = (marks.decay_60_s(mono(player, voice, key, hold_s=4.0), key) for key in voice.keys)
    assert low > 1.3 * high


@pytest.mark.parametrize("voice", MELODIC, ids=lambda voice: voice.name)
def test_the_highest_note_is_not_lost_when_soft(player: FontPlayer, voice: Voice) -> None:
    """From velocity 110 to 30 the top of the range falls by what the velocity curve says (14 dB), 6 more at most."""
    key = voice.keys[1]
    strong, soft = (marks.level_db(mono(player, voice, key, v, 1.5)) for v in (110, 30))
    assert 13.5 < strong - soft < 20


@pytest.mark.parametrize("voice", MELODIC, ids=lambda voice: voice.name)
def test_left_and_right_agree(player: FontPlayer, voice: Voice) -> None:
    """The two channels are never at odds, so that a small loudspeaker loses nothing."""
    middle = sum(voice.keys) // 2
    left, right = stereo(player, voice, middle, 70, 2.0).T
    assert np.corrcoef(left, right)[0, 1] > 0.3


@pytest.mark.parametrize("name", LAID_OUT)
def test_bars_and_strings_are_laid_out_from_left_to_right(player: FontPlayer, name: str) -> None:
    """The lowest key leans to the left and the highest to the right, by less than 6 dB."""
    lean = []
    for key in named(name).keys:
        left, right = (marks.level_db(side) for side in stereo(player, named(name), key, 70, 0.5).T)
        lean.append(right - left)
    assert -6 < lean[0] < -0.5
    assert 0.5 < lean[1] < 6


@pytest.mark.parametrize("voice", [*WIDE, *CHOIRS], ids=lambda voice: voice.name)
def test_each_side_alone_is_steady(player: FontPlayer, voice: Voice) -> None:
    """Heard from one loudspeaker, an ensemble flutters no more than it may in both (2 dB)."""
    low, high = voice.keys
    for key in (low + (high - low) // 4, low + (high - low) // 2):
        left = stereo(player, voice, key, 70, 8.0)[:, 0]
        assert marks.wobble_db(left) < 2.0, key
