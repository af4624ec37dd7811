"""Every preset keeps the same promises, at any seed and length."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from preset_scores import PRESETS, preset_of, score_of

from calmando.compose.handover import CALM_REGISTERS
from calmando.compose.piece import compose_piece, shortest_length_s
from calmando.errors import InputError
from calmando.preset.clinical import warnings
from calmando.score.model import Note, Role, Score, assemble
from calmando.theory.roughness import CALM_CHORD_LIMIT, CALM_MEAN_LIMIT, roughness
from calmando.theory.voicing import CLEARANCE

SEEDS = (1, 22)
MINUTES = (1.5, 6.0)

every_score = pytest.mark.parametrize(
    ("name", "seed", "minutes"), [(n, s, m) for n in PRESETS for s, m in zip(SEEDS, MINUTES, strict=True)]
)


@every_score
def test_no_key_overlaps_itself_on_a_channel(name: str, seed: int, minutes: float) -> None:
    """A key is struck again only after it has ended, on every channel."""
    by_key = defaultdict(list)
    for strip, note in score_of(name, seed, minutes).notes():
        by_key[strip.channel, note.pitch].append(note)
    for notes in by_key.values():
        notes.sort(key=lambda note: note.onset_ticks)
        for before, after in pairwise(notes):
            assert before.end_ticks <= after.onset_ticks


@every_score
def test_no_note_is_endless(name: str, seed: int, minutes: float) -> None:
    """No note lasts longer than 30 s or no time at all."""
    score = score_of(name, seed, minutes)
    for _, note in score.notes():
        begin, end = score.tempo_map.seconds_at(note.onset_ticks), score.tempo_map.seconds_at(note.end_ticks)
        assert 0 < end - begin <= 30
        assert note.onset_ticks >= 0


@every_score
def test_the_length_is_exact_and_ends_in_silence(name: str, seed: int, minutes: float) -> None:
    """Nothing sounds in the closing silence of at least five seconds, and it is within the length."""
    score = score_of(name, seed, minutes)
    assert score.length_s == 60 * minutes
    assert score.fades.end_silence_s >= 5
    last = max(score.tempo_map.seconds_at(note.end_ticks) for _, note in score.notes())
    assert last <= score.length_s - score.fades.end_silence_s + 1e-6
    assert last >= score.length_s - score.fades.end_silence_s - 45


@every_score
def test_the_last_tune_note_comes_before_the_fade(name: str, seed: int, minutes: float) -> None:
    """The tune has resolved when the fade begins."""
    score = score_of(name, seed, minutes)
    melody = score.part(Role.MELODY)
    assert melody is not None
    fade_start = score.length_s - score.fades.end_silence_s - score.fades.fade_out_s
    assert score.tempo_map.seconds_at(melody.notes[-1].onset_ticks) <= fade_start + 1e-6


@every_score
def test_the_heartbeat_is_never_last(name: str, seed: int, minutes: float) -> None:
    """Other parts begin notes after the last heart sound."""
    score = score_of(name, seed, minutes)
    heart = score.part(Role.HEARTBEAT)
    if heart is None or not heart.notes:
        return
    others = [note for strip, note in score.notes() if strip.role is not Role.HEARTBEAT]
    assert max(note.onset_ticks for note in others) > heart.notes[-1].end_ticks


@pytest.mark.parametrize("name", PRESETS)
def test_a_piece_too_short_is_refused_with_the_shortest_possible(name: str) -> None:
    """What cannot be filled is refused, naming what can; and that length works."""
    preset = preset_of(name)
    shortest = shortest_length_s(preset)
    assert shortest <= 120
    with pytest.raises(InputError, match="at least"):
        compose_piece(preset, seed=1, length_s=shortest - 1)
    piece = compose_piece(preset, seed=1, length_s=shortest + 0.1)
    assert assemble(piece.title, piece.passages()).part(Role.MELODY)


@pytest.mark.parametrize("name", PRESETS)
def test_the_same_seed_makes_the_same_piece(name: str) -> None:
    """Composing twice gives the same passages; another seed gives another piece."""
    preset = preset_of(name)
    first, again, other = (compose_piece(preset, seed=seed, length_s=150.0) for seed in (5, 5, 6))
    passages = list(first.passages())
    assert passages == list(again.passages()) == list(first.passages())
    assert passages != list(other.passages())


@every_score
def test_accompaniment_stays_below_the_tune(name: str, seed: int, minutes: float) -> None:
    """Chords and bass sound at least three semitones below every tune note they sound with."""
    score = score_of(name, seed, minutes)
    for tune, below in _together(score, _tune_notes(score)):
        assert max(below, default=0) <= tune.pitch - CLEARANCE


@every_score
def test_chords_are_not_rough(name: str, seed: int, minutes: float) -> None:
    """Chords with the tune's long notes stay below .30 after Hutchinson and Knopoff, on average below .20."""
    score = score_of(name, seed, minutes)
    held = [note for note in _tune_notes(score) if note.duration_ticks >= 480]
    measured = [
        (roughness((tune.pitch, *below)), tune.duration_ticks) for tune, below in _together(score, held)
    ]
    assert max((value for value, _ in measured), default=0) <= CALM_CHORD_LIMIT
    total = math.fsum(value * ticks for value, ticks in measured)
    assert total <= CALM_MEAN_LIMIT * sum(ticks for _, ticks in measured)


def _tune_notes(score: Score) -> list[Note]:
    """The notes of the tune, whoever has it."""
    return [note for part in score.parts if part.strip.role is Role.MELODY for note in part.notes]


def _together(score: Score, tune: Iterable[Note]) -> Iterator[tuple[Note, list[int]]]:
    """Tune notes with the chord tones that sound when they begin (an eighth's overlap of legato not counted)."""
    sparkling = {"bells", "bowl", "ostinato"}
    chords = [
        note
        for strip, note in score.notes()
        if strip.role in (Role.HARMONY, Role.BASS, Role.BREATH) and strip.name not in sparkling
    ]
    chords.sort(key=lambda note: note.onset_ticks)
    onsets = [note.onset_ticks for note in chords]
    longest = max((note.duration_ticks for note in chords), default=0)
    for note in tune:
        first = bisect_left(onsets, note.onset_ticks - longest)
        last = bisect_right(onsets, note.onset_ticks)
        yield note, [c.pitch for c in chords[first:last] if c.end_ticks > note.onset_ticks + 150]


@every_score
def test_the_music_is_never_busy(name: str, seed: int, minutes: float) -> None:
    """In any five seconds at most four distinct onsets a second sound, two and a half of the accompaniment."""
    score = score_of(name, seed, minutes)
    for roles, most in (
        (tuple(set(Role) - {Role.AMBIENCE}), 4.0),
        ((Role.HARMONY, Role.BASS, Role.BREATH), 2.5),
    ):
        onsets = sorted({note.onset_ticks for strip, note in score.notes() if strip.role in roles})
        times = [score.tempo_map.seconds_at(ticks) for ticks in onsets]
        first = 0
        for index, time in enumerate(times):
            while times[first] <= time - 5 + 1e-6:
                first += 1
            assert (index - first + 1) / 5 <= most


@every_score
def test_the_tempo_moves_unnoticed(name: str, seed: int, minutes: float) -> None:
    """Tempo is constant within a phrase and steps by 1.5 % at most, below .17 % a beat of the phrase before."""
    score = score_of(name, seed, minutes)
    starts = {phrase.onset_ticks for phrase in score.phrases}
    changes = score.tempo_map.changes
    assert {change.ticks for change in changes} <= starts
    for before, after in pairwise(changes):
        step = abs(after.us_per_quarter / before.us_per_quarter - 1)
        assert step <= 0.015 + 1e-6
        assert step <= 0.0017 * (after.ticks - before.ticks) / 480 + 1e-4


@every_score
def test_phrases_are_breaths(name: str, seed: int, minutes: float) -> None:
    """Phrases last as long as their preset's metre and tempo say, 4.5 to 14.5 seconds."""
    score = score_of(name, seed, minutes)
    lengths = [
        score.tempo_map.seconds_at(phrase.end_ticks) - score.tempo_map.seconds_at(phrase.onset_ticks)
        for phrase in score.phrases
        if phrase.label not in ("final", "afterglow")
    ]
    assert min(lengths) >= 4.5 and max(lengths) <= 14.5
    assert all(a.end_ticks == b.onset_ticks for a, b in pairwise(score.phrases))


@every_score
def test_the_tune_keeps_its_register_and_range(name: str, seed: int, minutes: float) -> None:
    """No tune note leaves the preset's register, lowered where the arc lowers it, but for a strophe an octave away.

    That one stays in the instrument's calm register, and few notes sparkle.
    """
    score, preset = score_of(name, seed, minutes), preset_of(name)
    lowest = min(0, *(stage.register_semitones for stage in preset.stages), 0)
    for part in (part for part in score.parts if part.strip.role is Role.MELODY):
        calm_low, calm_high = CALM_REGISTERS.get(part.strip.program, (0, 127))
        for note in part.notes:
            usual = preset.pitch.low_pitch + lowest <= note.pitch <= preset.pitch.high_pitch
            assert usual or calm_low <= note.pitch <= calm_high
    notes = _tune_notes(score)
    above = [note for note in notes if note.pitch > preset.pitch.high_pitch]
    assert len(above) <= 0.1 * len(notes)


@every_score
def test_nothing_begins_loud(name: str, seed: int, minutes: float) -> None:
    """The first phrase, of a count-in the first bar, is at velocity 40 or less; every velocity is one of few levels."""
    score = score_of(name, seed, minutes)
    counts_in = preset_of(name).form.kind == "sections"
    end = score.metres[0].metre.bar_ticks + 480 if counts_in else score.phrases[0].end_ticks
    notes = [note for strip, note in score.notes() if strip.role not in (Role.AMBIENCE, Role.HEARTBEAT)]
    assert all(note.velocity <= 40 for note in notes if note.onset_ticks < end - 480)
    assert all(note.velocity % 4 == 0 and 16 <= note.velocity <= 96 for note in notes)
    first = min(score.tempo_map.seconds_at(note.onset_ticks) for _, note in score.notes())
    assert first <= 3.0


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_speaks_of_its_reasons_and_limits(name: str) -> None:
    """Each preset has sources with a status, limits, a level and a stop rule, and no unexplained warning."""
    preset = preset_of(name)
    assert preset.name == name
    assert len(preset.evidence) >= 2
    assert preset.limits.level and preset.limits.stop and (preset.limits.not_for or preset.limits.ask_first)
    assert warnings(preset) == ()
    text = " ".join((preset.reasons, preset.summary, *(e.claim + e.source for e in preset.evidence))).lower()
    assert not re.search(r"\b(helsinki|turku|heals?|healing|cures?|guaranteed?)\b", text)
