"""Every preset keeps the same promises, at any seed and length."""

from __future__ import annotations

import itertools
import tomllib
from collections import defaultdict
from functools import lru_cache

import pytest

from calmando.compose.piece import compose_piece, shortest_length_s
from calmando.errors import InputError
from calmando.preset.model import Preset
from calmando.resources import presets_folder
from calmando.score.model import Role, Score, assemble

PRESETS = sorted(path.stem for path in presets_folder().glob("*.toml"))
SEEDS = (1, 22)
MINUTES = (1.5, 6.0)


@lru_cache(maxsize=64)
def preset_of(name: str) -> Preset:
    """A preset as it lies in the repository."""
    return Preset.model_validate(
        tomllib.loads((presets_folder() / f"{name}.toml").read_text(encoding="utf-8"))
    )


@lru_cache(maxsize=128)
def score_of(name: str, seed: int, minutes: float) -> Score:
    """A preset's score."""
    piece = compose_piece(preset_of(name), seed=seed, length_s=60 * minutes)
    return assemble(piece.title, piece.passages())


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
        for before, after in itertools.pairwise(notes):
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
