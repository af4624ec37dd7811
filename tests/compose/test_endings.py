"""How pieces begin and end: at home; with a cadence that is heard, by step, never with a second beginning."""

from __future__ import annotations

from itertools import pairwise

import pytest
from preset_scores import PRESETS, changed, preset_of, score_from, score_of

import calmando
from calmando.compose.piece import compose_piece, shortest_length_s
from calmando.score.model import Note, PhraseSpan, Role, Score
from calmando.score.silence import longest_silence
from calmando.score.tune import Tune, TuneChord, TuneNote, TunePhrase
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, PITCH_CLASS_NAMES, Key
from calmando.units import TICKS_PER_QUARTER

THIRD = 4
"""Semitones of the widest third."""
SUNG = [name for name in PRESETS if preset_of(name).form.kind in ("strophes", "statements", "motif")]
TAGGED = [
    name
    for name in SUNG
    if preset_of(name).form.ending in ("amen", "plain") and preset_of(name).stages[-1].tune_share
]


def tune_of(score: Score) -> list[Note]:
    """The tune's notes, whoever has it, in order."""
    notes = [note for part in score.parts if part.strip.role is Role.MELODY for note in part.notes]
    return sorted(notes, key=lambda note: note.onset_ticks)


def within(score: Score, phrase: PhraseSpan) -> list[Note]:
    """The tune's notes that begin in a phrase."""
    return [note for note in tune_of(score) if phrase.onset_ticks <= note.onset_ticks < phrase.end_ticks]


def labelled(score: Score, label: str) -> PhraseSpan:
    """The last phrase of a label."""
    return next(phrase for phrase in reversed(score.phrases) if phrase.label == label)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", TAGGED)
def test_the_tag_is_a_cadence(name: str, seed: int) -> None:
    """What closes the tune returns in double values: other pitches lead to the last note, by a third at most."""
    score = score_of(name, seed, 6.0)
    pitches = [note.pitch for note in within(score, labelled(score, "tag"))]
    assert len(pitches) >= 3
    assert 0 < abs(pitches[-1] - pitches[-2]) <= THIRD
    assert max(abs(b - a) for a, b in pairwise(pitches)) <= 12
    assert pitches[-1] % 12 == score.keys[-1].key.tonic


def closing_on(last_ticks: int) -> Tune:
    """A given tune of two phrases in 6/8 whose last note, so long, ends with its last bar."""
    bar, n_bars = METRES["6/8"].bar_ticks, 8
    onsets = [*range(0, (n_bars - 1) * bar, bar // 2), n_bars * bar - last_ticks]
    ends = (*onsets[1:], n_bars * bar)
    pitches = (67, 64, 65, 62, 64, 62, 60, 62, 67, 64, 65, 62, 64, 62, 60)
    return Tune(
        Key(0, MODES["major"]),
        METRES["6/8"],
        tuple(TuneNote(onset, end - onset, p) for onset, end, p in zip(onsets, ends, pitches, strict=True)),
        tuple(
            TuneChord(index * bar, bar, numeral) for index, numeral in enumerate(2 * ("I", "IV", "V", "I"))
        ),
        (TunePhrase("A", 0, 4), TunePhrase("B", 4, 8)),
    )


@pytest.mark.parametrize("last_ticks", [720, 180, 120, 60, 1])
def test_a_given_tune_may_end_on_a_short_note(last_ticks: int) -> None:
    """However short the note is that closes it, the tag's last note sounds: no note lasts no time, or less."""
    recipe = calmando.recipe("bedtime-lullaby", seed=1, minutes=3)
    score = calmando.compose(recipe, tune=closing_on(last_ticks))
    closing = within(score, labelled(score, "tag"))
    assert closing[-1].pitch % 12 == 0
    assert all(note.duration_ticks > 0 for note in tune_of(score))


@pytest.mark.parametrize("more_s", [1.0, 12.0, 24.0])
@pytest.mark.parametrize("name", SUNG)
def test_a_piece_of_a_minute_sings_its_tune_to_the_close(name: str, more_s: float) -> None:
    """However short, a tune is heard before the ending, last of all its closing phrase; of more than one the first begins."""
    for seed in range(3):
        score = score_of(name, seed, (shortest_length_s(preset_of(name)) + more_s) / 60)
        sung = [
            phrase
            for phrase in score.phrases
            if phrase.label not in ("intro", "tag", "final", "interlude") and within(score, phrase)
        ]
        assert within(score, sung[-1])[-1].pitch % 12 == score.keys[0].key.tonic
        assert len(sung) == 1 or sung[0].label == "A" or preset_of(name).form.kind == "motif"


@pytest.mark.parametrize(("seed", "minutes"), [(0, 10.0), (1, 20.0), (2, 45.0), (3, 60.0)])
def test_a_tune_that_has_gone_does_not_come_back_to_end_a_sleep_piece(seed: int, minutes: float) -> None:
    """In the last quarter of a piece for deep sleep nothing sings, the ending included; its chords close on the key."""
    score = score_of("deep-sleep", seed, minutes)
    last_s = score.tempo_map.seconds_at(tune_of(score)[-1].onset_ticks)
    assert last_s < 0.75 * score.length_s
    pad, final = score.part(Role.HARMONY), labelled(score, "final")
    assert pad is not None
    lowest = min(note.pitch for note in pad.notes if note.onset_ticks >= final.onset_ticks)
    assert lowest % 12 == score.keys[-1].key.tonic


@pytest.mark.parametrize(
    "name",
    [
        "bedtime-lullaby",
        "deep-sleep",
        "guided-imagery",
        "muscle-relaxation",
        "power-nap",
        "steady-ground",
        "stress-relief",
    ],
)
def test_the_final_chord_has_its_third(name: str) -> None:
    """Whatever the tune ends on, the last chord is told by a third above its key note, through the whole fade."""
    for seed in range(6):
        for minutes in (3.0, 10.0):
            score = score_of(name, seed, minutes)
            key = score.keys[-1].key
            third = 3 if key.mode.minor_third else THIRD
            *_, last = score.phrases
            sounding = {
                (note.pitch - key.tonic) % 12
                for strip, note in score.notes()
                if strip.role in (Role.HARMONY, Role.BREATH) and note.end_ticks > last.onset_ticks
            }
            assert third in sounding, (seed, minutes, sounding)


@pytest.mark.parametrize("name", ["bedtime-lullaby", "deep-sleep", "stress-relief", "quiet-focus"])
def test_what_is_left_in_the_fade_stands_on_the_key_note(name: str) -> None:
    """A plucked bass falls silent there: what is held has its root itself, to the end."""
    for seed in range(1, 13):
        score = score_of(name, seed, 12.0)
        last = score.phrases[-1]
        held = [
            note.pitch
            for strip, note in score.notes()
            if strip.role in (Role.HARMONY, Role.BASS)
            and note.end_ticks > last.onset_ticks + TICKS_PER_QUARTER
        ]
        assert (min(held) - score.keys[-1].key.tonic) % 12 == 0, (seed, held)


@pytest.mark.parametrize("minutes", [1.5, 4.3, 6.0, 8.6])
@pytest.mark.parametrize("name", ["gait-training", "muscle-relaxation", "breath-at-six"])
def test_walking_relaxing_and_breathing_do_not_stop_in_mid_tune(name: str, minutes: float) -> None:
    """The last phrase that sings is the one that closes: on the key note, by a third at most; the end is not leapt to."""
    for seed in range(4):
        score = score_of(name, seed, minutes)
        final = labelled(score, "final")
        sung = [phrase for phrase in score.phrases if phrase is not final and within(score, phrase)]
        *_, before, last = within(score, sung[-1])
        assert last.pitch % 12 == score.keys[-1].key.tonic
        assert 0 < abs(last.pitch - before.pitch) <= THIRD
        assert abs(within(score, final)[0].pitch - last.pitch) <= 2


@pytest.mark.parametrize("seed", range(6))
def test_an_open_end_is_reached_step_by_step(seed: int) -> None:
    """A harp that ends open on the fifth rises to it from the key note by steps and thirds, the last note the longest."""
    score = score_of("palliative-harp", seed, 6.0)
    *before, _ = [phrase for phrase in score.phrases if within(score, phrase)]
    notes = within(score, labelled(score, "final"))
    pitches = [within(score, before[-1])[-1].pitch, *(note.pitch for note in notes)]
    assert all(0 <= b - a <= THIRD for a, b in pairwise(pitches))
    assert (pitches[-1] - score.keys[-1].key.tonic) % 12 == 7
    assert max(notes, key=lambda note: note.duration_ticks) is notes[-1]


@pytest.mark.parametrize("tonic", PITCH_CLASS_NAMES)
def test_an_open_end_stays_where_the_tune_lies_in_every_key(tonic: str) -> None:
    """Also in a key for which the register moves, the farewell begins on or beside the tune's last note."""
    preset = changed("palliative-harp", pitch__tonics=(tonic,))
    for seed in range(3):
        score = score_from(preset, seed, 5.0)
        *before, _ = [phrase for phrase in score.phrases if within(score, phrase)]
        first = within(score, labelled(score, "final"))[0]
        assert abs(first.pitch - within(score, before[-1])[-1].pitch) <= THIRD


@pytest.mark.parametrize(
    "name", ["deep-sleep", "everyday-relaxation", "guided-imagery", "pain-companion", "power-nap"]
)
def test_a_piece_begins_on_its_key_chord(name: str) -> None:
    """Whatever the chords of the introduction come from, the first bass is the key note."""
    for seed in range(20):
        piece = compose_piece(preset_of(name), seed=seed, length_s=300.0)
        first = next(iter(piece.passages()))
        begun = [
            note
            for strip, notes in zip(piece.title.strips, first.notes, strict=True)
            if strip.role in (Role.HARMONY, Role.BASS)
            for note in notes
        ]
        onset = min(note.onset_ticks for note in begun)
        bass = min(note.pitch for note in begun if note.onset_ticks <= onset + 40)
        assert bass % 12 == piece.title.key.tonic


@pytest.mark.parametrize("seed", range(6))
def test_an_infant_hears_the_tune_alone_before_the_drone_joins_it(seed: int) -> None:
    """The first strophe is unaccompanied, what follows it has the drone from its first note; nothing is silent between."""
    for minutes, joined in ((1.0, "ending"), (4.0, "strophe 2")):
        score = score_of("infant-lullaby", seed, minutes)
        first, second = (s.onset_ticks for s in score.sections if s.name.endswith(("strophe 1", joined)))
        drone = score.part(Role.HARMONY)
        assert drone is not None
        assert first < second == drone.notes[0].onset_ticks
        assert longest_silence(score).length_s < 1.5
