"""Measures of what is written: each on a piece whose answer is known."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from constructed import TUNE, calm_score, line, notes, score
from hypothesis import given
from hypothesis import strategies as st

from calmando.audit import audit_score
from calmando.audit.exposure import weekly_dose
from calmando.audit.music import MusicNote, MusicPart, Span, music_of_score
from calmando.audit.written import close, density, harmony, phrases, rhythm, tempo, tonality
from calmando.audit.written import line as tune_line
from calmando.preset.model import Intent
from calmando.score.model import Note, Role
from calmando.score.pace import TempoPoint, steepest_slope
from calmando.score.tempo_map import TempoChange

pitches = st.lists(st.integers(48, 84), min_size=8, max_size=300)


def stairs(*bpms: float, beats: float = 16) -> tuple[TempoPoint, ...]:
    """Tempi one after another, each for so many beats."""
    points, seconds = [], 0.0
    for index, bpm in enumerate(bpms):
        points.append(TempoPoint(seconds, index * beats, bpm))
        seconds += beats * 60 / bpm
    return tuple(points)


def part(role: Role, sounding: tuple[tuple[float, float, int], ...]) -> MusicPart:
    """A part of notes given as onset, end (both in beats, a second each) and pitch."""
    made = tuple(MusicNote(a, b, a, b, p, 60) for a, b, p in sounding)
    return MusicPart(role.value, role, False, made)


def test_slowest_and_fastest_tempo() -> None:
    """The lowest and the highest tempo are found, and where they begin."""
    points = stairs(80, 60, 72)
    assert (tempo.slowest(points).value, tempo.slowest(points).at_s) == (60, 12.0)
    assert tempo.fastest(points).value == 80


def test_drift_of_an_exponential_ramp() -> None:
    """A tempo that falls by 0.1 % with every beat drifts by 0.1 % a beat."""
    points = stairs(*(80 * math.exp(-0.001 * beat) for beat in range(100)), beats=1)
    assert tempo.largest_drift(points, 100).value == pytest.approx(0.1, rel=1e-6)


def test_drift_of_a_constant_tempo_is_none() -> None:
    """A constant tempo does not drift."""
    assert tempo.largest_drift(stairs(66), 64).value == 0


def test_largest_step() -> None:
    """From 100 to 95 beats a minute is a step of five percent."""
    assert tempo.largest_step(stairs(100, 95, 94)).value == pytest.approx(5)


def test_steepest_slope() -> None:
    """Six beats a minute less after two minutes of even fall are three a minute."""
    points = stairs(*(80 - 0.05 * i for i in range(120)), beats=80 / 60)
    assert steepest_slope(points, 120 * 80 / 60).value == pytest.approx(3.0, rel=0.05)


def test_closing_slowdown() -> None:
    """A ritardando from 100 to 90 in the last bars is ten percent; an even end is none."""
    assert tempo.closing_slowdown(stairs(100, 100, 90), 40) == pytest.approx(10)
    assert tempo.closing_slowdown(stairs(90, 100), 40) == 0


def test_even_beats_have_no_jitter() -> None:
    """Beats on the grid are even, eighths between them do not matter."""
    assert tempo.beat_jitter([i / 2 for i in range(40)]) == pytest.approx(0)


def test_jitter_of_alternating_beats() -> None:
    """Beats that fall alternately 0.02 early and late are uneven by four percent."""
    beats = [i + (0.02 if i % 2 else -0.02) for i in range(1, 41)]
    assert tempo.beat_jitter(beats) == pytest.approx(4.0, rel=0.01)


def test_jitter_needs_beats() -> None:
    """Seven beats are too few to say how even they are."""
    assert tempo.beat_jitter(list(range(7))) is None


def test_chords_count_as_one_onset() -> None:
    """Notes within thirty milliseconds are one onset."""
    assert density.distinct_onsets([0, 0.01, 0.02, 1.0, 1.04]) == (0, 1.0, 1.04)


def test_busiest_window() -> None:
    """Twenty onsets in five seconds are four a second, however little happens elsewhere."""
    onsets = [10 + 0.25 * i for i in range(20)] + [0.0, 40.0]
    assert density.busiest_window(onsets).value == pytest.approx(4.0)


def test_tune_density_leaves_out_long_rests() -> None:
    """Two notes a second with a minute's rest between are still nearly two a second."""
    first = line([60] * 40, 0.5)
    later = tuple(
        MusicNote(n.onset_s + 80, n.end_s + 80, n.onset_beats + 160, n.end_beats + 160, 60, 60) for n in first
    )
    assert density.tune_density(first) == pytest.approx(2.0)
    assert density.tune_density(first + later) == pytest.approx(80 / 42.5)


def test_accents() -> None:
    """Of sixteen notes one that stands out by thirty steps is an accent; a loud part alone is none."""
    plain = [MusicNote(i, i + 1, i, i + 1, 60, 60) for i in range(16)]
    accented = [*plain[:8], MusicNote(8, 9, 8, 9, 60, 90), *plain[9:]]
    assert density.accent_share([accented]) == pytest.approx(100 / 16)
    assert density.accent_share([plain]) == 0


def test_roughness_of_known_chords() -> None:
    """A C major triad for two beats and its minor for two have the mean of their published roughness."""
    chords = part(
        Role.HARMONY, tuple((0.0, 2.0, p) for p in (60, 64, 67)) + tuple((2.0, 4.0, p) for p in (60, 63, 67))
    )
    found = harmony.sonorities([chords])
    assert harmony.mean_roughness(found) == pytest.approx((0.1202 + 0.1301) / 2, abs=1e-4)
    worst = harmony.largest_roughness(found)
    assert worst is not None
    assert (round(worst.value, 4), worst.at_s) == (0.1301, 2.0)


def test_broken_chords_are_heard_as_chords() -> None:
    """A chord broken within its beat counts as a chord; a passing note of the tune does not."""
    broken = part(Role.HARMONY, ((0.0, 0.33, 48), (0.33, 0.66, 55), (0.66, 1.0, 64)))
    passing = part(Role.MELODY, ((0.5, 0.75, 65),))
    assert harmony.sonorities([broken, passing])[-1].pitches == (48, 55, 64)


def test_a_line_that_steps_is_no_broken_chord() -> None:
    """An inner voice that moves on by a step rings to its end, not to the beat's: no semitone is made of it."""
    moving = part(Role.HARMONY, ((0.0, 0.5, 64), (0.5, 1.0, 65), (1.0, 1.5, 64), (1.5, 2.0, 65)))
    held = part(Role.BASS, ((0.0, 2.0, 48),))
    assert harmony.semitone_share(harmony.sonorities([moving, held])) == 0


def test_semitones_and_low_thirds() -> None:
    """A semitone for one of four beats is a quarter of the time; a low third is found."""
    clash = part(Role.HARMONY, ((0.0, 4.0, 60), (0.0, 1.0, 61), (1.0, 4.0, 67)))
    assert harmony.semitone_share(harmony.sonorities([clash])) == pytest.approx(25)
    low = harmony.smallest_low_interval(
        harmony.sonorities([part(Role.BASS, ((0.0, 1.0, 40), (0.0, 1.0, 44)))])
    )
    assert low is not None
    assert low.value == 4


def test_key_of_its_own_profile() -> None:
    """The profile of D minor is felt as D minor, perfectly."""
    profile = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
    felt = tonality.key_felt([profile[(pc - 2) % 12] for pc in range(12)])
    assert felt is not None
    assert (felt.tonic, felt.minor) == (2, True)
    assert felt.clarity == pytest.approx(1)


def test_drone_and_scale_shares() -> None:
    """A drone of tonic and fifth is all home; a chromatic scale keeps to one scale for seven twelfths."""
    weights = [0.0] * 12
    weights[2] = weights[9] = 1.0
    assert tonality.tonic_fifth_share(weights, 2) == pytest.approx(100)
    assert tonality.scale_share([1.0] * 12) == pytest.approx(700 / 12)


def test_interval_measures_of_a_known_line() -> None:
    """C D E E G C': steps, a repeat, a third, a fourth, counted by hand."""
    notes_ = line([60, 62, 64, 64, 67, 72])
    intervals = tune_line.intervals_of(notes_)
    assert intervals == (2, 2, 0, 3, 5)
    assert tune_line.step_share(line([60, 62, 64, 64, 67, 72, 71, 69, 65])) == pytest.approx(400 / 7)
    assert tune_line.mean_interval(intervals) == pytest.approx(12 / 5)
    assert tune_line.upward_share(intervals) == 100
    widest, range_ = tune_line.largest_interval(notes_), tune_line.ambitus(notes_)
    assert widest is not None and range_ is not None
    assert (widest.value, range_.value) == (5, 12)


def test_thirds_of_a_pentatonic_scale_are_its_steps() -> None:
    """In C D E G A, E–G is a step and C–E is none."""
    assert tune_line.step_share(line([60, 62, 64, 67, 69])) == 100
    assert tune_line.step_share(line([60, 64, 60, 64, 62, 67, 69])) == pytest.approx(100 * 2 / 6)


def test_no_interval_across_a_silence() -> None:
    """A new strophe an octave higher after five seconds is no leap."""
    low = line([60, 62, 60], 1.0)
    high = tuple(
        MusicNote(n.onset_s + 8, n.end_s + 8, n.onset_beats + 8, n.end_beats + 8, n.pitch + 12, 60)
        for n in low
    )
    assert tune_line.intervals_of(low + high) == (2, -2, 2, -2)


def test_entropy_and_repetition_of_a_loop() -> None:
    """A loop of four intervals leaves nothing uncertain and repeats nearly everything."""
    intervals = [2, 1, -1, -2] * 40
    assert tune_line.conditional_entropy(intervals) == pytest.approx(0, abs=0.02)
    assert tune_line.repetition(intervals) == pytest.approx(1 - 4 / 97)


def test_short_tunes_are_not_compared() -> None:
    """Ninety-nine intervals are too few for entropy and repetition."""
    assert tune_line.conditional_entropy([2, -2] * 49) is None
    assert tune_line.repetition([1] * 99) is None


def test_repeating_a_section_raises_repetition() -> None:
    """The same hundred notes twice over repeat more than two hundred that never do."""
    draw = random.Random(3)
    fresh = [draw.randint(-5, 5) for _ in range(200)]
    once, twice = tune_line.repetition(fresh), tune_line.repetition(fresh[:50] * 4)
    assert once is not None and twice is not None
    assert twice > once


@given(pitches, st.integers(-12, 12))
def test_transposing_changes_no_interval_measure(tune: list[int], by: int) -> None:
    """Transposing changes no measure of intervals, range or contour."""
    here, there = line(tune), line([pitch + by for pitch in tune])
    for measure in (tune_line.step_share, tune_line.ambitus, tune_line.largest_interval):
        assert measure(here) == measure(there)
    a, b = tune_line.intervals_of(here), tune_line.intervals_of(there)
    assert a == b
    assert tune_line.calm_contour_share([here]) == tune_line.calm_contour_share([there])


def test_contours() -> None:
    """Up and down again is an arch, down is falling; up is neither."""
    arch, falling, rising = line([60, 64, 67, 64, 60]), line([67, 65, 64, 62, 60]), line([60, 62, 64, 65, 67])
    assert tune_line.calm_contour_share([arch, falling, rising]) == pytest.approx(200 / 3)


def test_phrase_ends() -> None:
    """Phrases ending on C, E and G rest in C; one on D does not."""
    ends = [line([65, end]) for end in (60, 64, 67, 62)]
    assert tune_line.settled_end_share(ends, 0, False) == 75


def test_an_upbeat_goes_with_its_phrase() -> None:
    """The short note before the bar line after a long one belongs to the phrase it leads to."""
    made = [MusicNote(b, e, b, e, 60, 60) for b, e in ((0, 1), (1, 2), (2, 3.5), (3.5, 4), (4, 5), (5, 8))]
    spans = [Span(0, 4, 0, 4, "A"), Span(4, 8, 4, 8, "B")]
    cut = phrases.phrases_of(made, spans, 4)
    assert [len(phrase) for phrase in cut] == [3, 3]


def test_an_upbeat_of_two_notes_goes_with_its_phrase_after_a_note_of_more_than_a_bar() -> None:
    """Whether it follows a last note that began before the bar, or the piece begins with it."""
    times = ((3, 3.5), (3.5, 4), (4, 5), (5, 6), (6, 10), (11, 11.5), (11.5, 12), (12, 13), (13, 16))
    made = [MusicNote(b, e, b, e, 60, 60) for b, e in times]
    spans = [Span(0, 4, 0, 4, "intro"), Span(4, 12, 4, 12, "A"), Span(12, 16, 12, 16, "B")]
    assert [len(phrase) for phrase in phrases.phrases_of(made, spans, 4)] == [5, 4]


def test_phrases_are_found_by_their_long_ends() -> None:
    """Without a composer's word, a phrase ends on a wait twice the usual."""
    made, at = [], 0.0
    for _ in range(4):
        for wait in (1, 1, 1, 1, 1, 3):
            made.append(MusicNote(at, at + wait, at, at + wait, 60, 60))
            at += wait
    assert [len(phrase) for phrase in phrases.phrases_of(made, (), 4)] == [6, 6, 6, 6]


def test_rests_of_the_tune() -> None:
    """Notes that sound half of their time leave half of it to rests."""
    assert phrases.rest_share(line([60] * 21, 1.0, length=0.5)) == pytest.approx(100 * 10 / 20.5)


def test_rhythm_measures() -> None:
    """Equal notes have no variety; long and short in turn have one bit, and the nPVI of 1 : 2."""
    even = line([60] * 20)
    assert rhythm.rhythm_entropy(even) == 0
    assert rhythm.npvi(even) == 0
    made, at = [], 0.0
    for wait in [2, 1] * 20 + [2]:
        made.append(MusicNote(at, at + wait, at, at + wait, 60, 60))
        at += wait
    assert rhythm.rhythm_entropy(made) == pytest.approx(1.0)
    assert rhythm.npvi(made) == pytest.approx(200 / 3)


def test_syncopation() -> None:
    """Off-beat notes held over the beat are syncopated, off-beat eighths are not."""
    held = [MusicNote(b, b + 1, b, b + 1, 60, 60) for b in (0, 1.5, 2.5, 3.5)]
    eighths = [MusicNote(b / 2, b / 2 + 0.5, b / 2, b / 2 + 0.5, 60, 60) for b in range(8)]
    assert rhythm.syncopation_share(held) == 75
    assert rhythm.syncopation_share(eighths) == 0


def test_beats_counted_from_an_upbeat() -> None:
    """A piece whose file begins with an eighth's upbeat is not all syncopated: most notes tell where the beat is."""
    beats = [0.0, *(0.5 + i for i in range(16))]
    line_ = part(Role.MELODY, tuple((a, b, 60) for a, b in pairwise(beats))).notes
    assert rhythm.syncopation_share(line_) == pytest.approx(100 * 15 / 16)
    phase = rhythm.beat_phase(beats)
    assert phase == 0.5
    assert rhythm.syncopation_share(line_, phase) == 0
    assert rhythm.beat_phase([0.0, 0.5, 1.0, 1.5]) == 0


def test_the_heart_stops_before_the_music() -> None:
    """A heart that beats two seconds after the last tone is late by two seconds; without one nothing is said."""
    tones = part(Role.MELODY, ((0, 10, 60),))
    late = part(Role.HEARTBEAT, ((11, 11.1, 36), (12, 12.1, 36)))
    assert close.heartbeat_lead_s([tones, late]) == -2
    assert close.heartbeat_lead_s([tones]) is None


@pytest.mark.parametrize(
    ("level", "hours", "child", "dose"),
    [
        (80, 40, False, 100),
        (90, 4, False, 100),
        (83.0103, 40, False, 200),
        (75, 40, True, 100),
        (60, 7, False, 0.175),
    ],
)
def test_exposure(level: float, hours: float, child: bool, dose: float) -> None:
    """Ten decibels more are ten times the dose; three double it; a child's allowance is 5 dB lower."""
    assert weekly_dose(level, hours, child=child) == pytest.approx(dose, rel=1e-4)


def test_music_of_a_score_is_in_seconds_and_beats() -> None:
    """A score's notes come out in exact seconds along its tempo map, and in beats."""
    written = score((Role.MELODY, notes(TUNE)), tempo=[TempoChange(0, 1_000_000), TempoChange(1920, 500_000)])
    music = music_of_score(written)
    assert music.tune is not None
    assert [n.onset_s for n in music.tune.notes[:6]] == [0, 1, 2, 3, 4, 4.5]
    assert music.tune.notes[5].onset_beats == 5
    assert [point.bpm for point in music.tempo] == [60, 120]


def test_of_notes_together_the_highest_is_the_tune() -> None:
    """Of a chord in the tune's part the top is the tune."""
    chords = [Note(0, 480, 60, 60), Note(0, 480, 67, 60), Note(480, 480, 62, 60), Note(480, 480, 65, 60)]
    tune = music_of_score(score((Role.MELODY, chords))).tune
    assert tune is not None
    assert [n.pitch for n in tune.notes] == [67, 65]


def test_the_calm_score_is_sung_slowly() -> None:
    """The constructed lullaby has the tempo, range and steps it was built with."""
    music = music_of_score(calm_score())
    assert music.tune is not None
    assert tempo.fastest(music.tempo).value == pytest.approx(72, abs=0.01)
    range_ = tune_line.ambitus(music.tune.notes)
    assert range_ is not None
    assert range_.value == 9


def test_share_of_wide_leaps() -> None:
    """A fifth and an octave are wide, a tritone is not; a repeated note is no move."""
    assert tune_line.wide_share((7, -12, 6, 2, 0)) == pytest.approx(50)
    assert tune_line.wide_share((0, 0)) is None


@pytest.mark.parametrize(("bpm", "seconds"), [(60, 8.0), (72, 6.667)])
def test_phrases_and_breaths_of_known_length(bpm: float, seconds: float) -> None:
    """Phrases of two bars of four beats last eight beats, and pace as many breaths as fit a minute."""
    piece = score((Role.MELODY, notes(TUNE * 6)), bpm=bpm, bars_a_phrase=2)
    audit = audit_score(piece, Intent.BREATH)
    assert audit.finding("phrase-length").value == pytest.approx(seconds, abs=0.01)
    assert audit.finding("breath-rate").value == pytest.approx(60 / seconds, abs=0.01)
