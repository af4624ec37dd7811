"""Seeds give a choice: within a preset few tunes are nearly the same, none is the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, groupby, pairwise

import pytest
from preset_scores import preset_of, score_of

from calmando.compose.tune_book import TuneBook
from calmando.compose.tune_statistics import measure_tune
from calmando.score.model import Role
from calmando.score.tune import Tune, TuneNote

N_SEEDS = 60
SIXTIES = (0, 60, 120, 180)
"""Where groups of sixty seeds begin: how many of one group are nearly alike is much a matter of chance."""
EIGHTH = 240
QUARTER = 480
NEARLY = 0.8
TUNEFUL = (
    "bedtime-lullaby",
    "deep-sleep",
    "everyday-relaxation",
    "gait-training",
    "guided-imagery",
    "infant-lullaby",
    "muscle-relaxation",
    "nicu-lullaby",
    "pain-companion",
    "palliative-harp",
    "panic-grounding",
    "power-nap",
    "quiet-focus",
    "steady-ground",
    "stress-relief",
)
"""Presets whose form plays tunes."""


@lru_cache(maxsize=32)
def first_tunes(name: str, first: int = 0) -> tuple[Tune, ...]:
    """The first tune of a preset for each of sixty seeds."""
    preset = preset_of(name)
    books = [TuneBook(preset, seed) for seed in range(first, first + N_SEEDS)]
    return tuple(book.tune(0, book.mode(0, 0), preset.tempo.start_bpm) for book in books)


def heights(tune: Tune) -> tuple[int, ...]:
    """Semitones above the last note of what was sung last, at each eighth."""
    notes = iter(tune.notes)
    after = next(notes, None)
    pitch = tune.notes[0].pitch
    found = []
    for ticks in range(0, tune.n_bars * tune.metre.bar_ticks, EIGHTH):
        while after is not None and after.onset_ticks <= ticks:
            pitch, after = after.pitch, next(notes, None)
        found.append(pitch - tune.notes[-1].pitch)
    return tuple(found)


def n_nearly_alike(tunes: Sequence[Tune]) -> int:
    """How many tunes agree with another one at four fifths of the eighths."""
    lines = [heights(tune) for tune in tunes]
    near = {
        index
        for pair in combinations(range(len(lines)), 2)
        for index in pair
        if sum(a == b for a, b in zip(lines[pair[0]], lines[pair[1]], strict=False))
        >= NEARLY * max(len(lines[pair[0]]), len(lines[pair[1]]))
    }
    return len(near)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("bedtime-lullaby", 6),
        ("deep-sleep", 14),
        ("quiet-focus", 14),
        ("steady-ground", 14),
        ("panic-grounding", 24),  # eight bars, the same two after the same two, six notes of the scale
        ("nicu-lullaby", 34),  # likewise, four or five notes and no leap beyond a fourth
    ],
)
def test_seeds_are_a_choice_among_tunes(name: str, most: int) -> None:
    """Of sixty seeds few have a tune that agrees with another seed's at four fifths of the eighths, none the same.

    Counted on the mean of four groups of sixty.
    """
    tunes = first_tunes(name)
    assert len({(heights(tune), tune.notes) for tune in tunes}) == N_SEEDS
    assert sum(n_nearly_alike(first_tunes(name, first)) for first in SIXTIES) <= most * len(SIXTIES)


@pytest.mark.parametrize("name", TUNEFUL)
def test_no_note_of_a_preset_tune_is_said_four_times(name: str) -> None:
    """Three times is cradle song, four times is drumming."""
    assert max(measure_tune(tune).longest_run for tune in first_tunes(name)) <= 3


@pytest.mark.parametrize(("name", "most"), [("quiet-focus", 4), ("steady-ground", 1)])
def test_few_tunes_leap_a_fifth_often(name: str, most: int) -> None:
    """A fifth or more in 8 % of the moves is the audit's bound: twice what lullabies have."""
    wide = [measure_tune(tune).wider for tune in first_tunes(name)]
    assert sum(share > 0.08 for share in wide) <= most


@pytest.mark.parametrize("name", (*TUNEFUL, "chant-and-drone"))
def test_no_tune_leaps_further_than_its_preset_says(name: str) -> None:
    """Neither from note to note nor from the tune's end to its beginning, where it is sung again."""
    widest = preset_of(name).melody.largest_leap_semitones
    for tune in first_tunes(name):
        pitches = [note.pitch for note in tune.notes]
        assert max(abs(b - a) for a, b in pairwise((*pitches, pitches[0]))) <= widest


@pytest.mark.parametrize("name", ["palliative-harp", "quiet-focus", "chant-and-drone"])
def test_dorian_over_a_drone_is_heard(name: str) -> None:
    """No chord says it there: seven of ten tunes at least sing the sixth that tells dorian from minor."""
    dorian = [tune for tune in first_tunes(name) if tune.key.mode.name == "dorian"]
    assert len(dorian) >= 20
    sixths = [any((note.pitch - tune.key.tonic) % 12 == 9 for note in tune.notes) for tune in dorian]
    assert sum(sixths) >= 0.7 * len(dorian)


@pytest.mark.parametrize("name", ["palliative-harp", "quiet-focus"])
def test_tunes_over_a_drone_have_different_peaks(name: str) -> None:
    """Not every tune's top is the drone's own fifth, and none has but four notes."""
    tops = [max(note.pitch for note in tune.notes) - tune.key.tonic for tune in first_tunes(name)]
    assert sum(top % 12 == 7 for top in tops) <= N_SEEDS // 2
    assert sum(len({note.pitch for note in tune.notes}) <= 4 for tune in first_tunes(name)) <= N_SEEDS // 6


def within_phrases(tune: Tune) -> list[tuple[TuneNote, TuneNote]]:
    """Neighbouring notes of one phrase; an upbeat belongs to the phrase it leads into."""
    starts = {phrase.first_bar * tune.metre.bar_ticks - tune.upbeat_ticks for phrase in tune.phrases}
    return [(a, b) for a, b in pairwise(tune.notes) if b.onset_ticks not in starts]


def circles(notes: Sequence[TuneNote], widest_step: int) -> bool:
    """Whether half of a phrase's notes or more stand in a row on two tones a step apart, with three moves or more."""
    for first in range(len(notes)):
        for end in range(first + max(4, (len(notes) + 1) // 2), len(notes) + 1):
            row = [note.pitch for note in notes[first:end]]
            moves = sum(a != b for a, b in pairwise(row))
            if len(set(row)) == 2 and max(row) - min(row) <= widest_step and moves >= 3:
                return True
    return False


@pytest.mark.parametrize("first", [0, 1000])
def test_few_phrases_circle(first: int) -> None:
    """Of a hundred phrases eight at most go to and fro between two neighbouring tones for half their notes.

    Of folk songs' phrases six do, of cradle songs' two (own count in the Essen collection).
    """
    circling = []
    for name in ("bedtime-lullaby", "gait-training", "muscle-relaxation", "quiet-focus", "stress-relief"):
        for tune in first_tunes(name, first):
            widest_step = 3 if len(tune.key.mode.steps) == 5 else 2
            onsets = [phrase.first_bar * tune.metre.bar_ticks - tune.upbeat_ticks for phrase in tune.phrases]
            for start, end in pairwise((*onsets, tune.notes[-1].end_ticks)):
                sung = [note for note in tune.notes if start <= note.onset_ticks < end]
                circling.append(circles(sung, widest_step))
    assert sum(circling) <= 0.08 * len(circling)


@pytest.mark.parametrize("name", ["pain-companion", "stress-relief"])
def test_wide_leaps_take_their_time(name: str) -> None:
    """In few tunes a fifth or more is leapt to or from an eighth."""
    hasty = [
        any(
            abs(b.pitch - a.pitch) >= 7 and min(a.duration_ticks, b.duration_ticks) <= EIGHTH
            for a, b in within_phrases(tune)
        )
        for tune in first_tunes(name)
    ]
    assert sum(hasty) <= N_SEEDS // 6


@pytest.mark.parametrize("name", TUNEFUL)
def test_peaks_last_a_quarter(name: str) -> None:
    """The highest note of a tune is a quarter at least, on a beat; in a literal form too."""
    for tune in first_tunes(name):
        top = max(note.pitch for note in tune.notes)
        peak = max((note for note in tune.notes if note.pitch == top), key=lambda note: note.duration_ticks)
        assert peak.duration_ticks >= QUARTER
        assert peak.onset_ticks % tune.metre.beat_ticks == 0


@pytest.mark.parametrize("name", ["steady-ground", "panic-grounding", "nicu-lullaby"])
def test_a_phrase_that_returns_is_the_same(name: str) -> None:
    """In a literal form phrases of one letter are one, note for note, the peak's long note included."""
    for tune in first_tunes(name):
        bar = tune.metre.bar_ticks
        sung = {
            (
                phrase.label,
                *(
                    (note.onset_ticks - phrase.first_bar * bar, note.duration_ticks, note.pitch)
                    for note in tune.notes
                    if phrase.first_bar * bar <= note.onset_ticks < phrase.end_bar * bar - tune.upbeat_ticks
                ),
            )
            for phrase in tune.phrases
        }
        assert len(sung) == len({phrase.label for phrase in tune.phrases})


@pytest.mark.parametrize("name", ["pain-companion", "stress-relief", "gait-training", "infant-lullaby"])
def test_few_peaks_are_fled_from(name: str) -> None:
    """Two tunes of sixty at most leave their highest note by a fourth or more."""
    fled = 0
    for tune in first_tunes(name):
        top = max(note.pitch for note in tune.notes)
        fled += any(a.pitch == top and top - b.pitch >= 5 for a, b in within_phrases(tune))
    assert fled <= 2


def test_the_peak_of_a_slow_tune_is_not_followed_by_a_leap_down() -> None:
    """One long note before the end leaves the line no way down: the peak stands where one is left."""
    for tune in first_tunes("deep-sleep"):
        top = max(note.pitch for note in tune.notes)
        assert all(a.pitch < top or top - b.pitch < 5 for a, b in within_phrases(tune))


@pytest.mark.parametrize("name", ["deep-sleep", "quiet-focus", "stress-relief"])
def test_an_answer_is_not_its_question_again(name: str) -> None:
    """Phrases whose letters say that they differ are the same note for note in three tunes of sixty at most."""
    alike = 0
    for tune in first_tunes(name):
        bar = tune.metre.bar_ticks
        sung = {
            (
                phrase.label,
                tuple(
                    (note.onset_ticks - phrase.first_bar * bar, note.pitch)
                    for note in tune.notes
                    if phrase.first_bar * bar <= note.onset_ticks < phrase.end_bar * bar - tune.upbeat_ticks
                ),
            )
            for phrase in tune.phrases
        }
        alike += len(sung) > len({line for _, line in sung})
    assert alike <= 3


@pytest.mark.parametrize("name", ["everyday-relaxation", "guided-imagery"])
def test_no_leap_leaves_the_leading_tone_where_a_lydian_tune_comes_home(name: str) -> None:
    """In the bar before a lydian tune's last one the leading tone goes on by step, or is said again."""
    lydian = [tune for tune in first_tunes(name) if tune.key.mode.name == "lydian"]
    assert len(lydian) >= 20
    for tune in lydian:
        last = tune.notes[-1]
        closing = [n for n in tune.notes if n.onset_ticks >= last.onset_ticks - tune.metre.bar_ticks]
        assert all(
            abs(after.pitch - note.pitch) <= 2
            for note, after in pairwise(closing)
            if (last.pitch - note.pitch) % 12 == 1
        )


@pytest.mark.parametrize("name", ["panic-grounding", "gait-training"])
def test_no_fourth_is_held_against_the_leading_tone_where_chords_have_no_sevenths(name: str) -> None:
    """Over the dominant the fourth degree neither stands on the bar nor lasts a beat."""
    for tune in first_tunes(name):
        bar = tune.metre.bar_ticks
        for chord in (chord for chord in tune.chords if chord.numeral == "V"):
            over = range(chord.onset_ticks, chord.onset_ticks + chord.duration_ticks)
            held = [
                note
                for note in tune.notes
                if note.onset_ticks in over
                and (note.onset_ticks % bar == 0 or note.duration_ticks >= tune.metre.beat_ticks)
            ]
            assert all((note.pitch - tune.key.tonic) % 12 != 5 for note in held)


def test_few_tunes_outline_a_tritone() -> None:
    """Between two turns of the line, with one note between at most, a tritone lies in three tunes of sixty at most."""
    outlined = 0
    for tune in first_tunes("everyday-relaxation"):
        line = [pitch for pitch, _ in groupby(note.pitch for note in tune.notes)]
        turns = [
            i
            for i in range(len(line))
            if i in (0, len(line) - 1) or (line[i] - line[i - 1]) * (line[i + 1] - line[i]) < 0
        ]
        outlined += any(b - a <= 2 and abs(line[b] - line[a]) == 6 for a, b in pairwise(turns))
    assert outlined <= 3


@pytest.mark.parametrize(
    "name", ["bedtime-lullaby", "infant-lullaby", "power-nap", "panic-grounding", "steady-ground"]
)
def test_a_question_stays_open_until_its_answer(name: str) -> None:
    """In thirteen tunes of sixty at most the first phrase comes home just as the second one, its answer, does."""
    closed = 0
    for tune in first_tunes(name):
        ends = [phrase.end_bar * tune.metre.bar_ticks - tune.upbeat_ticks for phrase in tune.phrases[:2]]
        last = [
            max((n for n in tune.notes if n.onset_ticks < end), key=lambda n: n.onset_ticks) for end in ends
        ]
        closed += all((note.pitch - tune.key.tonic) % 12 == 0 for note in last)
    assert closed <= 13


@pytest.mark.parametrize("name", ["muscle-relaxation", "pain-companion", "infant-lullaby", "panic-grounding"])
def test_the_way_home_does_not_stand_still(name: str) -> None:
    """In one tune of ten at most all notes of the half bar before the last note, if there are several, are one."""
    standing = 0
    for tune in first_tunes(name):
        home = tune.notes[-1].onset_ticks
        before = [n.pitch for n in tune.notes if home - 2 * QUARTER <= n.onset_ticks < home]
        standing += len(before) > 1 and len(set(before)) == 1
    assert standing <= N_SEEDS // 10


def sings_a_sequence(tune: Tune) -> bool:
    """Whether the first phrase has a bar of three notes or more again from another step, in the same rhythm."""
    bar, steps = tune.metre.bar_ticks, tune.key.mode.steps
    sung: list[tuple[tuple[int, int], ...]] = []
    for index in range(tune.phrases[0].end_bar):
        notes = [n for n in tune.notes if index * bar <= n.onset_ticks < (index + 1) * bar]
        octaves = [divmod(n.pitch - tune.key.tonic, 12) for n in notes]
        heights = [octave * len(steps) + steps.index(above) for octave, above in octaves]
        sung.append(tuple((n.onset_ticks % bar, h - heights[0]) for n, h in zip(notes, heights, strict=True)))
        firsts = [n for n in tune.notes if n.onset_ticks in range(0, bar * (index + 1), bar)]
        for earlier in range(index):
            moves = len({h for _, h in sung[index]}) > 1 and len(sung[index]) > 2
            if moves and sung[earlier] == sung[index] and firsts[earlier].pitch != firsts[index].pitch:
                return True
    return False


def test_motifs_come_again_from_another_step() -> None:
    """In three tunes of twenty at least the first phrase sings a bar again higher or lower."""
    names = ("everyday-relaxation", "gait-training", "infant-lullaby")
    tunes = [tune for name in names for tune in first_tunes(name)]
    assert sum(map(sings_a_sequence, tunes)) >= 0.15 * len(tunes)


def test_letting_go_of_muscles_sounds_otherwise_for_another_seed() -> None:
    """Of twenty-four seeds at least twenty tense and let go to a tune of their own; within a piece it stays the same."""
    tunes = set()
    for seed in range(24):
        score = score_of("muscle-relaxation", seed, 4.0)
        melody = score.part(Role.MELODY)
        assert melody is not None
        starts = [phrase.onset_ticks for phrase in score.phrases if phrase.label == "tense"]
        cycle = 30 * 480
        cycles = {
            tuple(
                (note.onset_ticks - start, note.pitch - melody.notes[0].pitch)
                for note in melody.notes
                if start <= note.onset_ticks < start + cycle
            )
            for start in starts
        }
        assert len(cycles) == 1
        tunes |= cycles
    assert len(tunes) >= 20
