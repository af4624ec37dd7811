"""The piece: lazy, exact, arced; a given tune takes the same road; sleep declines, naps end awake."""

from __future__ import annotations

import math
import tracemalloc
from bisect import bisect_right
from itertools import islice, pairwise
from statistics import fmean, median

import pytest
from preset_scores import changed, preset_of, score_from, score_of

from calmando.compose.arc import Arc
from calmando.compose.piece import compose_piece
from calmando.compose.tempo import TempoStair
from calmando.errors import InputError
from calmando.score.model import Controller, Part, Role, Score, assemble
from calmando.score.tune import Tune, TuneChord, TuneNote, TunePhrase
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key
from calmando.units import Ticks

BAR = 1440


def hand_written_tune() -> Tune:
    """An eight-bar waltz in F, written by hand."""
    rows = [65, 69, 72, 70, 69, 67, 65, 67, 65, 69, 72, 74, 72, 70, 67, 65]
    lengths = [960, 480] * 3 + [960, 480] + [960, 480] * 3 + [960, 480]
    notes, onset = [], 0
    for pitch, length in zip(rows, lengths, strict=True):
        notes.append(TuneNote(onset, length, pitch))
        onset += length
    numerals = ("I", "I", "V", "V", "I", "IV", "V", "I")
    chords = tuple(TuneChord(index * BAR, BAR, numeral) for index, numeral in enumerate(numerals))
    phrases = (TunePhrase("A", 0, 4), TunePhrase("B", 4, 8))
    return Tune(Key(5, MODES["major"]), METRES["3/4"], tuple(notes), chords, phrases)


def test_a_given_tune_is_arranged_harmonised_and_arced() -> None:
    """A hand-written tune sounds note for note, over its own chords, in a piece with an arc and an ending."""
    tune = hand_written_tune()
    piece = compose_piece(preset_of("everyday-relaxation"), seed=3, length_s=300.0, tune=tune)
    score = assemble(piece.title, piece.passages())
    assert score.keys[0].key.name == "F major" and score.metres[0].metre.name == "3/4"
    melody, piano = score.parts[0], score.parts[1]
    first = next(phrase for phrase in score.phrases if phrase.label == "A")
    heard = [
        (note.onset_ticks - first.onset_ticks, note.pitch)
        for note in melody.notes
        if 0 <= note.onset_ticks - first.onset_ticks < 8 * BAR
    ]
    assert heard == [(note.onset_ticks, note.pitch) for note in tune.notes]
    under_v = {n.pitch % 12 for n in piano.notes if 2 * BAR <= n.onset_ticks - first.onset_ticks < 4 * BAR}
    assert under_v <= {0, 4, 7, 2} and 0 in under_v
    assert [s.name for s in score.sections][-1] == "ending"
    assert melody.notes[-1].pitch % 12 == 5


def test_a_given_tune_is_accompanied_in_its_own_metre() -> None:
    """A waltz given to a preset in 6/8 is accompanied as a waltz."""
    piece = compose_piece(preset_of("bedtime-lullaby"), seed=3, length_s=300.0, tune=hand_written_tune())
    score = assemble(piece.title, piece.passages())
    guitar = score.parts[1]
    assert score.metres[0].metre.name == "3/4"
    before_end = [note for note in guitar.notes if note.onset_ticks < score.phrases[-2].onset_ticks]
    assert {note.onset_ticks % BAR for note in before_end} <= {0, 240, 480, 720, 960, 1200}


def _even_tune(n_bars: int, phrase_bars: int) -> Tune:
    """A waltz of quarters in phrases of one length, of which the last may be shorter."""
    pitches = (60, 64, 67, 65, 62, 64)
    notes = tuple(TuneNote(index * 480, 480, pitches[index % 6]) for index in range(3 * n_bars))
    chords = tuple(TuneChord(bar * BAR, BAR, ("I", "IV", "V", "I")[bar % 4]) for bar in range(n_bars))
    starts = range(0, n_bars, phrase_bars)
    phrases = tuple(TunePhrase("A", start, min(start + phrase_bars, n_bars)) for start in starts)
    return Tune(Key(0, MODES["major"]), METRES["3/4"], notes, chords, phrases)


_PRESETS_FOR_A_TUNE = ("everyday-relaxation", "bedtime-lullaby", "quiet-focus", "deep-sleep", "gait-training")


@pytest.mark.parametrize("name", _PRESETS_FOR_A_TUNE)
@pytest.mark.parametrize(
    ("n_bars", "phrase_bars"), [(1, 1), (2, 1), (3, 2), (8, 8), (16, 8), (32, 16), (48, 48)]
)
@pytest.mark.parametrize("length_s", [150.0, 300.0, 1200.0])
def test_a_given_tune_of_any_shape_is_sung_or_refused(
    name: str, n_bars: int, phrase_bars: int, length_s: float
) -> None:
    """From one bar to forty-eight in a phrase: every note has a length and ends in time, and the tune is there."""
    tune = _even_tune(n_bars, phrase_bars)
    try:
        piece = compose_piece(preset_of(name), seed=3, length_s=length_s, tune=tune)
    except InputError as error:
        assert "too long" in error.what and phrase_bars >= 8 and length_s < 600
        return
    score = assemble(piece.title, piece.passages())
    sound_end = score.tempo_map.ticks_at(length_s - score.fades.end_silence_s)
    assert all(note.duration_ticks > 0 and note.end_ticks <= sound_end + 1 for _, note in score.notes())
    assert any(phrase.label.startswith("A") for phrase in score.phrases)
    melody = score.part(Role.MELODY)
    assert melody is not None and len(melody.notes) >= 3


def test_a_phrase_that_no_piece_holds_is_refused_with_its_length() -> None:
    """Who gives one long phrase to a short piece is told how long it is, how much room there is, and what to do."""
    with pytest.raises(InputError, match=r"lasts 175 s.* there are \d+ s.*Make the piece longer") as told:
        compose_piece(preset_of("everyday-relaxation"), seed=3, length_s=180.0, tune=_even_tune(64, 64))
    assert "phrases shorter" in told.value.fix


@pytest.mark.parametrize("shift", [-60, -36, 60])
@pytest.mark.parametrize("name", _PRESETS_FOR_A_TUNE)
def test_a_given_tune_far_from_the_register_stays_within_all_pitches(name: str, shift: int) -> None:
    """A tune at the rim of what MIDI knows ends there too, in a piece without a pitch beyond it."""
    tune = _even_tune(8, 4)
    notes = tuple(TuneNote(n.onset_ticks, n.duration_ticks, n.pitch + shift) for n in tune.notes)
    tune = Tune(tune.key, tune.metre, notes, tune.chords, tune.phrases)
    piece = compose_piece(preset_of(name), seed=3, length_s=240.0, tune=tune)
    score = assemble(piece.title, piece.passages())
    assert all(0 <= note.pitch <= 127 for _, note in score.notes())
    melody = score.part(Role.MELODY)
    assert melody is not None and abs(melody.notes[-1].pitch - tune.notes[-1].pitch) <= 12


def test_forms_that_make_their_own_phrases_refuse_a_given_tune() -> None:
    """Paced breathing has no place for a tune from elsewhere, and says what to choose."""
    with pytest.raises(InputError, match="bedtime-lullaby"):
        compose_piece(preset_of("breath-at-six"), seed=3, length_s=300.0, tune=hand_written_tune())


def test_a_piece_beyond_twelve_hours_is_refused() -> None:
    """Twelve hours are the limit; no length at all is refused as well."""
    with pytest.raises(InputError, match="12 hours at most"):
        compose_piece(preset_of("deep-sleep"), seed=1, length_s=13 * 3600.0)
    with pytest.raises(InputError, match="at least"):
        compose_piece(preset_of("deep-sleep"), seed=1, length_s=math.nan)


def test_eight_hours_begin_at_once_and_stay_in_flat_memory() -> None:
    """The first passage needs no other; new tunes need some memory, a hundred passages without one next to none."""
    tracemalloc.start()
    passages = compose_piece(preset_of("deep-sleep"), seed=1, length_s=8 * 3600.0).passages()
    assert next(passages).span.onset_ticks == 0
    used = [tracemalloc.get_traced_memory()[0]]
    for _ in range(9):
        assert sum(1 for _ in islice(passages, 100)) == 100
        used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert used[-1] < 3_000_000
    assert median(after - before for before, after in pairwise(used)) < 20_000


def test_eight_hours_are_exact_and_never_begin_a_second_time() -> None:
    """The tune is heard in the first hour and a half at most; what follows is still; the length is exact."""
    piece = compose_piece(preset_of("deep-sleep"), seed=1, length_s=8 * 3600.0)
    score = assemble(piece.title, piece.passages())
    melody = score.part(Role.MELODY)
    assert melody is not None
    times = [score.tempo_map.seconds_at(note.onset_ticks) for note in melody.notes]
    assert max(time for time in times if time < 7.9 * 3600) < 1.5 * 3600
    last = max(score.tempo_map.seconds_at(note.end_ticks) for _, note in score.notes())
    assert 8 * 3600 - 60 < last <= 8 * 3600 - score.fades.end_silence_s + 1e-6


def _onsets_by_quarter(score: Score, *roles: Role) -> list[int]:
    """Distinct onsets of some roles in each quarter of the piece."""
    onsets = {note.onset_ticks for strip, note in score.notes() if strip.role in roles}
    counts = [0] * 4
    for onset in onsets:
        counts[min(3, int(4 * score.tempo_map.seconds_at(onset) / score.length_s))] += 1
    return counts


def _mean_expression_by_quarter(score: Score, part: Part) -> list[float]:
    """A part's mean expression in each quarter of the piece, second by second."""
    changes = [c for c in part.controls if c.controller is Controller.EXPRESSION]
    values = [
        changes[
            max(bisect_right(changes, score.tempo_map.ticks_at(second), key=lambda c: c.ticks) - 1, 0)
        ].value
        for second in range(int(score.length_s))
    ]
    edges = [len(values) * quarter // 4 for quarter in range(5)]
    return [math.fsum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


def _sounds_before(part: Part, ticks: Ticks) -> bool:
    """Whether a part has sounded within a beat before a moment."""
    return any(note.onset_ticks < ticks - 240 and note.end_ticks > ticks - 480 for note in part.notes)


@pytest.mark.parametrize("seed", [1, 5])
def test_in_sleep_everything_declines(seed: int) -> None:
    """Tempo, loudness, touch, activity and the tune's share of time go down and never up again."""
    score = score_of("deep-sleep", seed, 45.0)
    tempos = [change.us_per_quarter for change in score.tempo_map.changes]
    assert tempos == sorted(tempos)
    assert METRES["4/4"].bpm(tempos[-1]) == pytest.approx(50, abs=0.2)
    parts = [_mean_expression_by_quarter(score, part) for part in score.parts]
    levels = [math.fsum(quarter) for quarter in zip(*parts, strict=True)]
    assert levels == sorted(levels, reverse=True)
    tune = _onsets_by_quarter(score, Role.MELODY)
    assert tune[0] > tune[1] > tune[2] and tune[3] <= 6
    harmony = _onsets_by_quarter(score, Role.HARMONY, Role.BASS)
    assert harmony[0] > harmony[1] > harmony[3]
    melody = score.part(Role.MELODY)
    assert melody is not None
    lowest_fifth = [n.pitch for n in melody.notes[: len(melody.notes) // 5]]
    late = [n.pitch for n in melody.notes[len(melody.notes) // 2 :]]
    assert math.fsum(late) / len(late) <= math.fsum(lowest_fifth) / len(lowest_fifth)


@pytest.mark.parametrize("name", ["power-nap", "guided-imagery", "muscle-relaxation"])
def test_those_who_must_wake_are_led_back(name: str) -> None:
    """The last minutes are touched more brightly, and mostly busier, than the quiet before; no level jumps."""
    score = score_of(name, 1, preset_of(name).minutes)
    sections = [s for s in score.sections if s.name.startswith(preset_of(name).stages[-1].name)]
    begin = score.tempo_map.seconds_at(sections[0].onset_ticks)
    end = score.tempo_map.seconds_at(score.sections[-1].onset_ticks)
    sounding = [score.tempo_map.seconds_at(n.onset_ticks) for strip, n in score.notes()]

    def density(start: float, stop: float) -> float:
        return sum(start <= onset < stop for onset in sounding) / (stop - start)

    def touch(start: float, stop: float) -> float:
        times = [(n.velocity, score.tempo_map.seconds_at(n.onset_ticks)) for n in score.parts[1].notes]
        played = [velocity for velocity, onset in times if start <= onset < stop]
        return sum(played) / len(played)

    assert touch(end - 60, end) >= touch(begin - 120, begin) + 2
    if name != "guided-imagery":  # whose texture is full before the return as well
        assert density(begin + 30, end) > density(begin - 120, begin)
    assert preset_of(name).form.ends_awake
    changes = [c for c in score.parts[0].controls if c.controller is Controller.EXPRESSION]
    steps = [(b.ticks, abs(b.value - a.value)) for a, b in pairwise(changes)]
    assert all(step <= 12 for ticks, step in steps if _sounds_before(score.parts[0], ticks))


@pytest.mark.parametrize("seed", range(1, 6))
def test_on_the_way_back_from_a_nap_the_tune_comes_back_too(seed: int) -> None:
    """It has most of the time from the rest's end on: it does not rest so long as the quiet before wanted."""
    score = score_of("power-nap", seed, preset_of("power-nap").minutes)
    begin = next(s.onset_ticks for s in score.sections if s.name.startswith("return"))
    back = [p for p in score.phrases if begin <= p.onset_ticks < score.sections[-1].onset_ticks]
    sung = sum(p.end_ticks - p.onset_ticks for p in back if p.label != "interlude")
    assert sung > 0.55 * sum(p.end_ticks - p.onset_ticks for p in back)


def test_the_tempo_reaches_its_goal_and_holds_first_where_asked() -> None:
    """At its own length panic grounding holds 84 for seventy-five seconds, then leads to 62."""
    score = score_of("panic-grounding", 1, 11.0)
    tempo = score.tempo_map
    metre = METRES["2/4"]
    assert metre.bpm(tempo.us_per_quarter_at(tempo.ticks_at(70))) == pytest.approx(84, abs=0.01)
    assert metre.bpm(tempo.us_per_quarter_at(tempo.ticks_at(120))) < 83.5
    assert metre.bpm(tempo.changes[-1].us_per_quarter) == pytest.approx(62, abs=0.1)


def test_tempo_from_and_to_are_met_by_any_preset() -> None:
    """Changed start and end tempos are where the piece begins and ends."""
    score = score_from(changed("bedtime-lullaby", tempo__start_bpm=72.0, tempo__end_bpm=58.0), 4, 6.0)
    tempos = [METRES["6/8"].bpm(change.us_per_quarter) for change in score.tempo_map.changes]
    assert tempos[0] == pytest.approx(72, abs=0.01) and tempos[-1] == pytest.approx(58, abs=0.1)


@pytest.mark.parametrize("beats", [4, 6, 8, 10, 12, 16, 24])
@pytest.mark.parametrize(("start", "end", "percent"), [(80, 40, 1.5), (62, 84, 1.5), (66, 60, 0.4)])
def test_no_sixteen_beats_hold_more_change_than_is_noticed(
    beats: int, start: float, end: float, percent: float
) -> None:
    """However far the goal, a step is 1.5 % at most and sixteen beats change by .17 % a beat; the goal is met."""
    stair = TempoStair.between(start, end, phrase_beats=beats, largest_step_percent=percent)
    steps = [0]
    while stair.next_step(steps[-1], end) != steps[-1]:
        steps.append(stair.next_step(steps[-1], end))
    tempi = [METRES["4/4"].us_per_quarter(stair.bpm(step)) for step in steps]
    assert METRES["4/4"].bpm(tempi[-1]) == pytest.approx(end, abs=1e-3)
    assert all(abs(b / a - 1) <= percent / 100 for a, b in pairwise(tempi))
    by_beat = [tempo for tempo in tempi for _ in range(beats)]
    drifts = [abs(math.log(b / a)) / 16 for a, b in zip(by_beat, by_beat[16:], strict=False)]
    assert max(drifts, default=0) <= 0.0017


@pytest.mark.parametrize("minutes", [4.0, 6.0, 10.0])
def test_a_short_piece_leads_part_of_the_way_and_none_too_fast(minutes: float) -> None:
    """Where a preset says so, the tempo changes by three beats a minute in any minute at most; in time it arrives."""
    tempo = score_of("stress-relief", 2, minutes).tempo_map
    moments = range(0, int(60 * minutes) - 90, 3)
    bpm = [METRES["4/4"].bpm(tempo.us_per_quarter_at(tempo.ticks_at(at))) for at in moments]
    assert max(before - after for before, after in zip(bpm, bpm[20:], strict=False)) <= 3.0
    assert bpm[-1] < 88 - 2.2 * (minutes - 2.5)


def test_a_tempo_that_stays_has_one_step() -> None:
    """From a tempo to itself, or with no step allowed, there is nothing to climb."""
    flat = TempoStair.between(66, 66, phrase_beats=12, largest_step_percent=1.5)
    still = TempoStair.between(66, 60, phrase_beats=12, largest_step_percent=0.0)
    assert flat.next_step(0, 80) == still.next_step(0, 60) == 0
    assert flat.bpm(0) == still.bpm(0) == 66


def test_the_arc_keeps_longest_times_and_gives_the_rest_to_others() -> None:
    """A stage of seventy-five seconds at most lasts so long in a long piece; the ends add up."""
    arc = Arc.over(preset_of("panic-grounding"), 1000.0)
    assert arc.ends_s[0] == pytest.approx(75) and arc.ends_s[-1] == pytest.approx(1000)
    assert arc.at(40).tempo_bpm == 84 and arc.at(1000).tempo_bpm == pytest.approx(62)


@pytest.mark.parametrize("name", ["pain-companion", "bedtime-lullaby", "everyday-relaxation"])
def test_one_thing_changes_at_a_time(name: str) -> None:
    """From strophe to strophe at most one instrument enters and one leaves."""
    score = score_of(name, 3, 20.0)
    starts = [s.onset_ticks for s in score.sections if "strophe" in s.name]
    sets = []
    for begin, end in pairwise([*starts, score.phrases[-2].onset_ticks]):
        names = {s.name for s, n in score.notes() if begin <= n.onset_ticks < end and s.role in _BACKGROUND}
        sets.append(names)
    for before, after in pairwise(sets[:-1]):
        assert len(after - before) <= 1 and len(before - after) <= 1


_BACKGROUND = (Role.HARMONY, Role.BASS)


def test_a_long_piece_is_neither_loop_nor_wander() -> None:
    """An hour has several tunes of one family with one variation each; the first returns literally, scenes change."""
    score = score_of("pain-companion", 2, 60.0)
    tune = [note for part in score.parts if part.strip.role is Role.MELODY for note in part.notes]
    openings = []
    for phrase in score.phrases:
        if phrase.label == "A":
            notes = sorted(
                (n.onset_ticks, n.pitch)
                for n in tune
                if phrase.onset_ticks <= n.onset_ticks < phrase.end_ticks
            )
            first = notes[0][1]
            openings.append(tuple((onset - phrase.onset_ticks, pitch - first) for onset, pitch in notes))
    assert 3 <= len(set(openings)) <= 8
    assert openings.count(openings[0]) > len(openings) / 4


def test_timing_may_be_loosened_by_a_few_milliseconds_together() -> None:
    """With timing_ms = 5 no note moves further than that, and notes written together stay together."""
    strict = score_from(changed("bedtime-lullaby", heartbeat__on=False), 5, 2.0)
    loose = score_from(changed("bedtime-lullaby", heartbeat__on=False, performance__timing_ms=5.0), 5, 2.0)
    tempo = strict.tempo_map
    moved = 0
    for one, other in zip(strict.parts, loose.parts, strict=True):
        assert len(one.notes) == len(other.notes)
        shifts = [
            abs(tempo.seconds_at(b.onset_ticks) - tempo.seconds_at(a.onset_ticks))
            for a, b in zip(one.notes, other.notes, strict=True)
        ]
        moved += sum(shift > 0 for shift in shifts)
        assert max(shifts, default=0) <= 0.0061
    assert moved > 50


def _widest_spread_by_beat(score: Score) -> float:
    """How far a part's usual touch differs between two beats of the bar, in velocity, at most.

    Held against the mean of the phrase; beats with few notes and the ending, which dies away, are left out.
    """
    metre = score.metres[0].metre
    phrases = [phrase for phrase in score.phrases if phrase.label not in ("tag", "final", "afterglow")]
    spreads = []
    for part in score.parts:
        by_beat: dict[int, list[float]] = {beat: [] for beat in range(metre.beats)}
        for phrase in phrases:
            notes = [note for note in part.notes if phrase.onset_ticks <= note.onset_ticks < phrase.end_ticks]
            usual = fmean(note.velocity for note in notes) if notes else 0.0
            for note in notes:
                by_beat[note.onset_ticks % metre.bar_ticks // metre.beat_ticks].append(note.velocity - usual)
        means = [fmean(found) for found in by_beat.values() if len(found) >= 20]
        spreads.append(max(means, default=0.0) - min(means, default=0.0))
    return max(spreads)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["chant-and-drone", "palliative-harp"])
def test_a_free_piece_has_no_accents_on_the_beats_of_its_bars(name: str, seed: int) -> None:
    """Without the phrase's arch every beat is touched alike, but for the tune's one peak; with a metre it is not."""
    assert preset_of(name).tempo.free
    free, metred = (
        score_from(changed(name, performance__arch=0.0, tempo__free=is_free), seed, 15.0)
        for is_free in (True, False)
    )
    assert _widest_spread_by_beat(free) < 0.75
    assert _widest_spread_by_beat(metred) > 2.0
    for one, other in zip(free.parts, metred.parts, strict=True):
        assert [note._replace(velocity=64) for note in one.notes] == [
            note._replace(velocity=64) for note in other.notes
        ]


@pytest.mark.parametrize("tonic", ["C", "D", "Bb", "B"])
def test_any_key_chosen_by_hand_has_a_tune_that_ends_at_home(tonic: str) -> None:
    """The register moves with a key that lies badly in it: the tune closes on the key note."""
    score = score_from(changed("bedtime-lullaby", pitch__tonics=(tonic,)), 3, 3.0)
    melody = score.part(Role.MELODY)
    assert melody is not None
    assert score.keys[0].key.name == f"{tonic} major"
    assert melody.notes[-1].pitch % 12 == score.keys[0].key.tonic
    assert max(n.pitch for n in melody.notes) - min(n.pitch for n in melody.notes) >= 5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_part_doubles_the_tune_on_the_tunes_own_instrument(seed: int) -> None:
    """Tune and ostinato of quiet-focus are both kalimbas: one key struck by both would jump out."""
    score = score_of("quiet-focus", seed, 5.0)
    tune = score.part(Role.MELODY)
    assert tune is not None
    struck = {(note.onset_ticks, note.pitch) for note in tune.notes}
    alike = [part for part in score.parts if part.strip.program == tune.strip.program and part is not tune]
    assert alike and tune.notes
    assert not [n for part in alike for n in part.notes if (n.onset_ticks, n.pitch) in struck]


@pytest.mark.parametrize("minutes", [5.0, 15.0])
def test_a_plucked_drone_walks_through_the_fade_ever_softer_and_never_faster(minutes: float) -> None:
    """No hole in the end of chant-and-drone after which the strings begin anew."""
    score = score_of("chant-and-drone", 1, minutes)
    drone = next(part for part in score.parts if part.strip.name == "tambura")
    final = next(phrase.onset_ticks for phrase in score.phrases if phrase.label == "final")
    bar = score.metres[-1].metre.bar_ticks
    onsets = [note.onset_ticks for note in drone.notes if note.onset_ticks >= final]
    gaps = [after - before for before, after in pairwise(onsets)]
    assert len(onsets) > 8 and min(gaps) >= bar // 2 and max(gaps) <= 1.5 * bar
    touches = [note.velocity for note in drone.notes if note.onset_ticks >= final]
    quarter = len(touches) // 4
    assert max(touches[-quarter:]) < min(touches[:quarter])
