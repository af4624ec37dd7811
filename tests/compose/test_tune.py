"""Tunes keep what a sung tune keeps, for every mode, metre, shape and seed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmando.compose.tune import compose_tune, compose_tune_explained
from calmando.compose.tune_brief import FormWeight, TuneBrief
from calmando.compose.tune_family import family_of
from calmando.compose.tune_statistics import measure_tune
from calmando.errors import InputError
from calmando.rng import Stream
from calmando.score.tune import Tune
from calmando.theory.chord import chord
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

SHAPES = [(8, 4), (16, 4), (8, 2), (16, 2), (12, 3), (10, 5)]
DIAL = st.floats(0, 1)


def _tune(seed: int, mode: str = "major", metre: str = "3/4", **wishes: object) -> Tune:
    wishes = {"low_pitch": 55, "high_pitch": 77} | wishes
    brief = TuneBrief(Key(seed % 12, MODES[mode]), METRES[metre], **wishes)  # type: ignore[arg-type]  # free wishes
    return compose_tune(brief, stream=Stream(seed, "tune"))


def _moves(tune: Tune) -> list[int]:
    return [after.pitch - note.pitch for note, after in pairwise(tune.notes)]


def _unit_rhythms(tune: Tune, phrase: int) -> list[tuple[int, int]]:
    span, bar = tune.phrases[phrase], tune.metre.bar_ticks
    first, end = span.first_bar * bar, (span.end_bar - 1) * bar
    return [(n.onset_ticks - first, n.duration_ticks) for n in tune.notes if first <= n.onset_ticks < end]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    mode=st.sampled_from(list(MODES)),
    metre=st.sampled_from(list(METRES)),
    shape=st.sampled_from(SHAPES),
    predictability=DIAL,
    stability=DIAL,
    flags=st.fixed_dictionaries(
        {name: st.booleans() for name in ("slow", "drone", "sung", "literal", "allow_raised_leading_tone")}
    ),
)
def test_every_tune_is_well_made(
    seed: int,
    mode: str,
    metre: str,
    shape: tuple[int, int],
    predictability: float,
    stability: float,
    flags: dict[str, bool],
) -> None:
    """Notes in order, inside register, range and leap; chords and phrases gapless; home at the end, by step."""
    tune = _tune(
        seed,
        mode,
        metre,
        n_bars=shape[0],
        phrase_bars=shape[1],
        predictability=predictability,
        stability=stability,
        **flags,
    )
    bar = tune.metre.bar_ticks
    pitches = [note.pitch for note in tune.notes]
    assert tune.n_bars == shape[0]
    assert 55 <= min(pitches) <= max(pitches) <= 77
    assert max(pitches) - min(pitches) <= 12
    assert max(map(abs, _moves(tune))) <= 9
    assert all(a.end_ticks <= b.onset_ticks and a.duration_ticks > 0 for a, b in pairwise(tune.notes))
    assert tune.notes[0].onset_ticks == -tune.upbeat_ticks
    assert tune.notes[-1].end_ticks <= tune.n_bars * bar
    assert tune.chords[0].onset_ticks == 0
    assert all(a.onset_ticks + a.duration_ticks == b.onset_ticks for a, b in pairwise(tune.chords))
    assert tune.chords[-1].onset_ticks + tune.chords[-1].duration_ticks == tune.n_bars * bar
    assert [p.first_bar for p in tune.phrases] == list(range(0, shape[0], shape[1]))
    assert pitches[-1] % 12 == tune.key.tonic
    if shape[1] > 2:
        assert measure_tune(tune).final_by_step
    scale = {(tune.key.tonic + step) % 12 for step in tune.key.mode.steps}
    foreign = {(p - tune.key.tonic) % 12 for p in pitches if p % 12 not in scale}
    assert foreign <= ({11} if mode == "minor" and flags["allow_raised_leading_tone"] else set())
    for entry in tune.chords:
        chord(entry.numeral, tune.key.mode)


def test_same_seed_same_tune_and_another_seed_another() -> None:
    """A tune depends on its brief and stream alone; forty seeds give forty tunes."""
    assert _tune(7, "dorian") == _tune(7, "dorian")
    lines = {tuple(_moves(_tune(12 * seed, "dorian"))) for seed in range(40)}
    assert len(lines) == 40


def test_seeds_differ_in_form_rhythm_and_peak() -> None:
    """Among forty seeds there are several forms, many rhythms and several ranges: the plan itself varies."""
    tunes = [_tune(12 * seed, "major") for seed in range(40)]
    assert len({tuple(p.label for p in tune.phrases) for tune in tunes}) >= 4
    assert len({tuple(_unit_rhythms(tune, 0)) for tune in tunes}) >= 20
    assert len({measure_tune(tune).range_semitones for tune in tunes}) >= 3
    assert 0.2 <= sum(tune.upbeat_ticks > 0 for tune in tunes) / 40 <= 0.7


def test_a_returns_note_for_note() -> None:
    """In AA'BA' the last phrase is the second again, and A' begins as A."""
    tune = _tune(5, "major", "2/4", forms=(FormWeight("A A' B A'", 1.0),))
    bar = tune.metre.bar_ticks

    def line(first: int, end: int) -> list[tuple[int, int]]:
        return [
            (n.onset_ticks % (4 * bar), n.pitch)
            for n in tune.notes
            if first * bar <= n.onset_ticks < end * bar
        ]

    assert [p.label for p in tune.phrases] == ["A", "A'", "B", "A'"]
    ends = 1 if tune.upbeat_ticks else 0
    assert line(4, 7) == line(12, 15), ends
    assert line(0, 1) == line(4, 5)


def test_an_upbeat_returns_before_every_phrase() -> None:
    """Where a tune begins with an upbeat, each phrase does, and the last note makes room for it."""
    tune = _tune(3, "major", "3/4", upbeat_probability=1.0)
    bar = tune.metre.bar_ticks
    onsets = {note.onset_ticks for note in tune.notes}
    assert tune.upbeat_ticks > 0
    assert all(p.first_bar * bar - tune.upbeat_ticks in onsets for p in tune.phrases)
    assert tune.notes[-1].end_ticks + tune.upbeat_ticks <= tune.n_bars * bar


@pytest.mark.parametrize("metre", METRES)
def test_density_is_the_wanted_one(metre: str) -> None:
    """Over twelve tunes the mean of the notes a beat is within a sixth of the wish."""
    wanted = {"2/4": 1.3, "3/4": 1.0, "4/4": 0.9, "6/8": 1.7}[metre]
    tunes = [_tune(seed, "major", metre, notes_per_beat=wanted, upbeat_probability=0.0) for seed in range(12)]
    mean = sum(len(t.notes) / (t.n_bars * t.metre.beats) for t in tunes) / 12
    assert mean == pytest.approx(wanted, rel=1 / 6)


def test_activity_raises_density() -> None:
    """With no wish for density, activity sets it."""
    densities = [
        sum(len(_tune(seed, "major", m, activity=a).notes) for seed in range(4) for m in METRES)
        for a in (0.0, 0.5, 1.0)
    ]
    assert densities == sorted(densities)
    assert densities[2] > 1.5 * densities[0]


def test_a_family_shares_cells_and_motif_but_not_the_tune() -> None:
    """A tune like another keeps its first phrase's rhythm and upbeat and has its own line."""
    for seed in range(12):
        parent = _tune(seed, "major", "2/4")
        child = compose_tune(
            TuneBrief(parent.key, parent.metre, low_pitch=55, high_pitch=77, like=parent),
            stream=Stream(seed, "child"),
        )
        assert child.upbeat_ticks == parent.upbeat_ticks
        assert family_of(child).unit_cells[0].values == family_of(parent).unit_cells[0].values
        assert child != parent


def test_chant_keeps_within_a_sixth() -> None:
    """A chant is narrow and recites."""
    for seed in range(10):
        tune = _tune(seed, "dorian", "4/4", chant=True)
        assert measure_tune(tune).range_semitones <= 9


def test_raised_leading_tone_only_at_the_close() -> None:
    """In minor the leading tone sounds only where it is allowed, and only over the major dominant."""
    raised = 0
    for seed in range(40):
        tune = _tune(seed, "minor", "3/4", allow_raised_leading_tone=True)
        for note in tune.notes:
            if (note.pitch - tune.key.tonic) % 12 == 11:
                under = [c.numeral for c in tune.chords if c.onset_ticks <= note.onset_ticks]
                assert under[-1] == "V"
                raised += 1
    assert raised >= 3


def test_the_explained_tune_is_the_same_tune() -> None:
    """Explaining changes nothing."""
    brief = TuneBrief(Key(2, MODES["dorian"]), METRES["3/4"])
    assert compose_tune_explained(brief, stream=Stream(4, "t")).tune == compose_tune(
        brief, stream=Stream(4, "t")
    )


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"predictability": 1.2}, "predictability is 1.2"),
        ({"n_bars": 7}, "7 bars"),
        ({"low_pitch": 60, "high_pitch": 66}, "MIDI pitch 60 to 66"),
    ],
)
def test_impossible_wishes_are_refused(wishes: dict[str, object], words: str) -> None:
    """What no tune can be is refused, naming the wish."""
    with pytest.raises(InputError, match=words):
        _tune(1, **wishes)


@pytest.mark.parametrize("metre", ["2/4", "6/8"])
@pytest.mark.parametrize("mode", ["major", "minor", "lydian"])
@pytest.mark.parametrize("seed", [0, 3])
def test_a_sparse_tune_of_phrases_of_two_chords_comes_home(metre: str, mode: str, seed: int) -> None:
    """Its closes walk home though nothing goes before the dominant in their phrase."""
    tune = _tune(seed, mode, metre, n_bars=16, phrase_bars=2, notes_per_beat=0.8, upbeat_probability=0.0)
    assert (tune.notes[-1].pitch - tune.key.tonic) % 12 == 0


@pytest.mark.parametrize("span", [9, 12])
def test_every_register_can_be_sung(span: int) -> None:
    """The narrowest registers, ranges and leaps give a tune in every key, one of its family too."""
    for tonic in range(12):
        narrow = {
            "low_pitch": 60,
            "high_pitch": 60 + span,
            "max_range_semitones": 5 + tonic % 3,
            "max_leap_semitones": 2 + tonic % 4,
        }
        brief = TuneBrief(Key(tonic, MODES[list(MODES)[tonic % 7]]), METRES["3/4"], **narrow)  # type: ignore[arg-type]  # all are whole numbers
        tune = compose_tune(brief, stream=Stream(tonic, "narrow"))
        other = TuneBrief(Key(tonic, MODES["lydian"]), METRES["3/4"], like=tune, **narrow)  # type: ignore[arg-type]  # all are whole numbers
        assert compose_tune(other, stream=Stream(tonic, "like")).n_bars == 16


def test_tunes_turn_about_their_key_note() -> None:
    """Given room, two tunes in five or more reach below their key note, and some begin on it or on the fifth below."""
    tunes = [_tune(12 * seed, "major", low_pitch=55, high_pitch=79) for seed in range(30)]
    below = [min(n.pitch for n in t.notes) < t.notes[-1].pitch for t in tunes]
    assert 0.4 <= sum(below) / 30 <= 0.95


def test_no_note_is_said_four_times() -> None:
    """Three times is cradle song, four times is drumming: at most one tune in twenty does it."""
    tunes = [_tune(seed, list(MODES)[seed % 7], list(METRES)[seed % 4]) for seed in range(40)]
    assert sum(measure_tune(tune).longest_run > 3 for tune in tunes) <= 2
    assert sum(measure_tune(tune).longest_run == 3 for tune in tunes) >= 10
