"""The long form: levers move one at a time, are told, stay calm, and stay away where sameness or decline is meant."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from preset_scores import changed, preset_of, score_of

from calmando.compose.composing import Composing
from calmando.compose.course import Event, events_of
from calmando.compose.departure import DEPARTURES, Departure, departures, may_depart
from calmando.compose.handover import CALM_REGISTERS, takers
from calmando.compose.itinerary import LEAST_IN_A_KEY_S, Itinerary
from calmando.compose.levers import TERMS, Lever
from calmando.compose.material import phrase_of
from calmando.compose.piece import compose_piece, explain_tune
from calmando.compose.resonance import with_silence
from calmando.compose.tune_book import TuneBook
from calmando.preset.model import Preset
from calmando.score.model import Role, Score
from calmando.theory.chord import chord
from calmando.theory.scale import MODES, Key


def events(preset: Preset, seed: int, minutes: float) -> list[Event]:
    """What happens in a piece."""
    piece = compose_piece(preset, seed=seed, length_s=60 * minutes)
    return list(events_of(Composing(preset, seed, piece.title, None)))


def sounding(score: Score, role: Role, begin_s: float, end_s: float) -> set[str]:
    """The parts of a role that begin notes in a stretch."""
    begin, end = score.tempo_map.ticks_at(begin_s), score.tempo_map.ticks_at(end_s)
    return {s.name for s, n in score.notes() if s.role is role and begin <= n.onset_ticks < end}


@pytest.mark.parametrize(
    ("minutes", "most"), [(3, 1), (10, 1), (20, 2), (30, 3), (60, 4), (60, 5), (480, 4), (40, 2)]
)
def test_an_itinerary_ends_at_home_and_keeps_each_key_for_eight_minutes(minutes: float, most: int) -> None:
    """Every tune has its turn, the first returns between them, home and away last eight minutes at least."""
    plan = Itinerary.over(60.0 * minutes, most_tunes=most, departs=True).stretches
    assert {each.tune for each in plan} == set(range(max(each.tune for each in plan) + 1))
    assert all(each.tune == 0 for each in plan[::2]) and not plan[-1].away
    assert minutes < 4 or plan[-1].end_s == pytest.approx(60 * minutes)
    changes = [a.end_s for a, b in pairwise(plan) if b.away != a.away]
    assert all(b - a >= LEAST_IN_A_KEY_S - 1e-6 for a, b in pairwise([0.0, *changes]))
    assert not changes or plan[-1].end_s - changes[-1] >= 240
    assert (minutes >= 25) <= any(each.away for each in plan) or most == 1


@pytest.mark.parametrize("minutes", [9.0, 19.0, 28.0, 40.0])
def test_less_predictable_music_has_its_tunes_sooner_and_ends_at_home(minutes: float) -> None:
    """Nine minutes bring a second tune, where otherwise twelve would; the first one returns in equal turns."""
    music_s = 60 * minutes
    plans = [
        Itinerary.over(music_s, most_tunes=5, departs=False, predictability=dial).stretches
        for dial in (0.9, 0.6, 0.45)
    ]
    n_tunes = [1 + max(each.tune for each in plan) for plan in plans]
    assert n_tunes[0] == n_tunes[1] < n_tunes[2]
    assert plans[2][-1].tune == 0 and plans[2][-1].end_s == pytest.approx(music_s)


def n_tune_phrases(score: Score) -> int:
    """How many different phrases of tune a score has."""
    tune = [note for part in score.parts if part.strip.role is Role.MELODY for note in part.notes]
    sung = {
        tuple(
            (note.onset_ticks - span.onset_ticks, note.pitch)
            for note in tune
            if span.onset_ticks <= note.onset_ticks < span.end_ticks
        )
        for span in score.phrases
    }
    return len(sung - {()})


def test_the_pain_companion_has_the_most_variety() -> None:
    """In twenty minutes it sings a twentieth more different phrases at least than any other preset of strophes."""
    found = {
        name: sum(n_tune_phrases(score_of(name, seed, 20.0)) for seed in range(1, 25))
        for name in ("pain-companion", "everyday-relaxation", "guided-imagery", "stress-relief")
    }
    most = found.pop("pain-companion")
    assert most >= 1.05 * max(found.values())


@pytest.mark.parametrize("way", DEPARTURES, ids=lambda way: f"{way.home_mode}, {way.name}")
def test_a_departure_goes_down_or_to_the_relative_over_a_shared_tone(way: Departure) -> None:
    """A fourth or fifth lower, or the relative; the bass keeps one tone that belongs to both keys, there and back."""
    home = Key(2, MODES[way.home_mode])
    new = way.key(home)
    scales = [{(key.tonic + step) % 12 for step in key.mode.steps} for key in (home, new)]
    assert way.semitones in (5, 7) or scales[0] == scales[1]

    def basses(key: Key, numerals: tuple[str, ...]) -> list[int]:
        return [(key.tonic + chord(numeral, key.mode).bass) % 12 for numeral in numerals]

    assert len(set(basses(home, way.leaving) + basses(new, way.arriving))) == 1
    assert len(set(basses(new, way.returning) + basses(home, way.coming_home))) == 1


def test_a_long_piece_leaves_its_key_once_prepared_and_comes_home() -> None:
    """In thirty minutes the key changes and returns, at a strophe, after two phrases without a tune; the end is home."""
    score = score_of("pain-companion", 3, 30.0)
    assert len(score.keys) == 3 and score.keys[0].key == score.keys[2].key != score.keys[1].key
    away_s = [score.tempo_map.seconds_at(change.ticks) for change in score.keys[1:]]
    assert away_s[1] - away_s[0] >= 0.95 * LEAST_IN_A_KEY_S and away_s[0] >= LEAST_IN_A_KEY_S
    labels = [phrase.label for phrase in score.phrases]
    assert labels.count("bridge") == 4
    for change in score.keys[1:]:
        index = next(i for i, phrase in enumerate(score.phrases) if phrase.onset_ticks == change.ticks)
        assert labels[index - 1 : index + 1] == ["bridge", "bridge"] and labels[index + 1] == "A"
        begin, end = score.phrases[index - 1].onset_ticks, score.phrases[index].end_ticks
        tune = [n for p in score.parts if p.strip.role is Role.MELODY for n in p.notes]
        assert not [n for n in tune if begin <= n.onset_ticks < end]
    final = next(part for part in score.parts if part.strip.role is Role.MELODY).notes[-1]
    assert final.pitch % 12 == score.keys[0].key.tonic


@pytest.mark.parametrize(
    "name", ["nicu-lullaby", "panic-grounding", "steady-ground", "deep-sleep", "gait-training"]
)
def test_where_sameness_or_decline_is_meant_no_lever_moves(name: str) -> None:
    """Whatever the dial says: no key change, no other lead, no octave, no silence of its own."""
    preset = changed(name, melody__resonance=1.0)
    assert not may_depart(preset) and takers(preset, 3600.0) == ()
    told = " ".join(event.news for event in events(preset, 2, 30.0))
    moved = [TERMS[lever].sentence for lever in (Lever.SILENCE, Lever.OCTAVE, Lever.HAND_OVER)]
    assert not any(text in told for text in (*moved, "goes over to", "octave", "over a shared tone"))


@pytest.mark.parametrize(
    ("name", "seed"), [("pain-companion", 3), ("bedtime-lullaby", 3), ("stress-relief", 2)]
)
def test_at_a_strophe_one_thing_changes_and_what_left_the_ordinary_comes_back(name: str, seed: int) -> None:
    """No two changes at one beginning; a tune handed over is back in the next strophe; every change is told."""
    happened = events(preset_of(name), seed, 30.0)
    opened = [event for event in happened if "strophe" in event.section and not event.section.endswith(" 1")]
    assert len({event.section for event in opened}) > 12
    seen: dict[str, int] = {}
    for event in opened:
        for text in event.news.split("; "):
            is_event = text in {TERMS[lever].sentence for lever in Lever if not TERMS[lever].opens_strophe}
            seen[event.section] = seen.get(event.section, 0) + (bool(text) and not is_event)
    assert max(seen.values()) == 1 and sum(seen.values()) > len(seen) * 0.6
    news = [event.news for event in opened if event.news]
    away = [i for i, text in enumerate(news) if "goes over to" in text or "octave" in text]
    assert away
    for index in away[:-1]:
        later = news[index + 1 : index + 3]
        assert any(text.startswith(("the tune as at first", "tune", "in ")) for text in later)


def test_the_tune_handed_over_is_sung_by_one_instrument_in_its_calm_register() -> None:
    """While another has the tune the lead is silent; the new one plays in its calm register, the accompaniment on."""
    score = score_of("bedtime-lullaby", 3, 20.0)
    others = [p for p in score.parts if p.strip.role is Role.MELODY and p.strip.name != "melody" and p.notes]
    assert others
    lead = score.part(Role.MELODY)
    assert lead is not None
    for part in others:
        low, high = CALM_REGISTERS[part.strip.program]
        assert all(low <= note.pitch <= high for note in part.notes)
        for note in part.notes:
            assert not any(
                n.onset_ticks < note.end_ticks and n.end_ticks > note.onset_ticks for n in lead.notes
            )
        begin, end = (score.tempo_map.seconds_at(part.notes[i].onset_ticks) for i in (0, -1))
        assert sounding(score, Role.HARMONY, begin, end)


def test_the_silence_before_the_last_phrase_is_a_beat() -> None:
    """The note before it ends a beat earlier and keeps a beat at least; nothing else is another."""
    preset = preset_of("pain-companion")
    heard = 0
    for seed in range(12):
        tune = TuneBook(preset, seed).tune(0, MODES["major"], 72)
        phrase = phrase_of(tune, len(tune.phrases) - 2, "t")
        silent = with_silence(phrase, tune.upbeat_ticks)
        assert silent.tune[:-1] == phrase.tune[:-1] and silent.chords == phrase.chords
        if silent != phrase:
            heard += 1
            assert silent.tune[-1].duration_ticks >= 480
            assert phrase.ticks - tune.upbeat_ticks - silent.tune[-1].end_ticks >= 480
    assert heard >= 8


@pytest.mark.parametrize("name", ["breath-at-six", "turn-taking-drum"])
def test_what_is_explained_is_what_is_sung(name: str) -> None:
    """Forms that make their own phrases show these: the first notes told are the first notes heard."""
    for seed in (1, 2, 3):
        told = explain_tune(preset_of(name), seed=seed)
        score = score_of(name, seed, 5.0)
        melody = score.part(Role.MELODY)
        assert melody is not None
        key = score.keys[0].key
        heard = [key.pitch_name(note.pitch) for note in melody.notes]
        first_line = next(line for line in told.splitlines() if line.startswith("    | "))
        names = re.findall(r"[A-G][#b]?\d", first_line)
        assert len(names) >= 3
        assert names == heard[: len(names)]
        assert "makes its own phrases" in told


def test_the_explanation_tells_the_course_and_the_levers_with_their_cost() -> None:
    """After the tune's rules: minute by minute what changes, and for each lever what it costs or that it stays."""
    text = explain_tune(preset_of("bedtime-lullaby"), seed=7)
    assert "The course of the piece at 10 minutes" in text and "meet: strophe 2" in text
    for lever in Lever:
        assert TERMS[lever].sentence in text
    assert "hand-over        from 0.3, costs 2" in text and "sixth            from 0.5, not moved" in text
    long = explain_tune(changed("pain-companion", minutes=30.0), seed=3)
    assert "(home), over a shared tone" in long
    assert "The course of the piece at" in explain_tune(changed("pain-companion", minutes=0.78), seed=3)


def test_departures_need_a_key_they_can_leave() -> None:
    """From modes with a pulling dominant only; the relative only with much resonance."""
    assert departures(Key(0, MODES["dorian"]), 1.0) == ()
    names = {way.name for way in departures(Key(0, MODES["major"]), 0.5)}
    assert names == {"a fifth lower", "a fourth lower"}
    assert "the relative minor" in {way.name for way in departures(Key(0, MODES["major"]), 0.6)}


def strophes(score: Score) -> list[tuple[tuple[str, int, int], ...]]:
    """What all parts play in each strophe: part, onset from its beginning, pitch."""
    edges = [section.onset_ticks for section in score.sections]
    return [
        tuple(
            (strip.name, note.onset_ticks - begin, note.pitch)
            for strip, note in score.notes()
            if begin <= note.onset_ticks < end and strip.role is not Role.AMBIENCE
        )
        for section, (begin, end) in zip(score.sections, pairwise(edges), strict=False)
        if "strophe" in section.name
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["infant-lullaby", "palliative-harp"])
def test_where_no_part_comes_or_goes_a_strophe_returns_as_it_was_once_at_most(name: str, seed: int) -> None:
    """Of three strophes in a row one is sung otherwise, or what accompanies it rests."""
    played = strophes(score_of(name, seed, 30.0))
    assert len(played) > 15
    assert all(len(set(played[i : i + 3])) > 1 for i in range(len(played) - 2))


@pytest.mark.parametrize("minutes", [10.0, 20.0])
@pytest.mark.parametrize("seed", [1, 3, 6, 10])
def test_the_one_tune_of_a_lullaby_is_no_loop(seed: int, minutes: float) -> None:
    """Of four strophes in a row one at least has another line, or another instrument that sings it."""
    score = score_of("bedtime-lullaby", seed, minutes)
    sung_ticks = (preset_of("bedtime-lullaby").melody.bars - 1) * score.metres[0].metre.bar_ticks
    sung = [
        tuple(
            (part, ticks, pitch) for part, ticks, pitch in played if "melody" in part and ticks < sung_ticks
        )
        for played in strophes(score)
    ]
    lines = [line for line in sung if line]
    assert len(lines) >= 8
    assert all(len(set(lines[index : index + 4])) > 1 for index in range(len(lines) - 3))
