"""Every rule of the tune is a named object with one sentence and a weight."""

from __future__ import annotations

from itertools import product

import pytest

from calmando.compose.tune_note_rules import NOTE_RULES
from calmando.compose.tune_rules import Middle, middle_of
from calmando.compose.tune_shape_rules import BOND_RULES, SHAPE_RULES
from calmando.compose.tune_slots import (
    Accent,
    Ending,
    Ground,
    Slot,
    StepContext,
    place_alone,
    scale_step,
)
from calmando.compose.tune_step_rules import STEP_RULES
from calmando.theory.scale import MODES, Mode

RULES = (*NOTE_RULES, *STEP_RULES, *SHAPE_RULES, *BOND_RULES)
MAJOR = Ground(MODES["major"], -3, 7, 9, 0.8, 0.5, 0.5)


def _slot(accent: Accent, tones: tuple[int, ...] = (0, 4, 7)) -> Slot:
    return Slot(0, 480, 0, 0, accent, Ending.NONE, tones, "I", None, -3, 7)


def _shape(name: str, *steps: int, middle: Middle = Middle.CHORD_TONE) -> float:
    rule = next(rule for rule in SHAPE_RULES if rule.name == name)
    a, b, c = steps
    return rule.extent(MAJOR, a, b, c) if middle in rule.where else 0.0


def test_rules_are_named_and_said_in_one_sentence() -> None:
    """Names are unique, every sentence ends with a full stop, every weight means something."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.sentence.endswith(".")
        assert rule.sentence[0].isupper()
        assert rule.weight != 0


def test_chord_tones_are_told_from_passing_ones() -> None:
    """Over the tonic chord 3 belongs, 2 passes between beats and weighs on the bar."""
    assert middle_of(_slot(Accent.BAR), 2, MAJOR) is Middle.CHORD_TONE
    assert middle_of(_slot(Accent.NONE), 1, MAJOR) is Middle.PASSING
    assert middle_of(_slot(Accent.BAR), 1, MAJOR) is Middle.ACCENTED_FOREIGN


@pytest.mark.parametrize(
    ("name", "steps", "holds"),
    [
        ("leap answered", (0, 4, 3), True),
        ("leap answered", (0, 4, 5), False),
        ("leap goes on", (0, 4, 5), True),
        ("leap then still", (0, 4, 4), True),
        ("see-saw", (0, 2, 0), True),
        ("to and fro", (0, 1, 0), True),
        ("run", (0, 1, 2), True),
        ("third time", (1, 1, 1), True),
        ("no tritone", (0, 3, 6), True),
        ("no tritone", (0, 2, 4), False),
        ("second leap", (0, 4, 0), True),
    ],
)
def test_shapes_are_recognised(name: str, steps: tuple[int, int, int], holds: bool) -> None:
    """Each shape rule holds exactly for its shape."""
    assert bool(_shape(name, *steps)) is holds


def test_rules_about_three_notes_ask_for_no_dial() -> None:
    """Their tables are shared by all tunes in a mode: dials and temperature say nothing in them."""
    other = Ground(MODES["major"], -3, 7, 12, 2.4, 0.1, 1.0, sung=True, drone=True)
    for rule in SHAPE_RULES:
        for a in MAJOR.steps:
            for b, c in ((a, a), (min(a + 1, 7), a), (max(a - 4, -3), max(a - 3, -3)), (min(a + 3, 7), 7)):
                assert rule.extent(MAJOR, a, b, c) == rule.extent(other, a, b, c)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_rules_about_moves_ask_for_no_pitch(mode: Mode) -> None:
    """What is asked once for all steps or pairs of steps as wide is the same wherever they begin."""
    ground = Ground(mode, -3, 7, 9, 0.8, 0.7, 0.3)
    contexts = [
        StepContext((), flag, flag, flag, flag, ending, flag, flag, upbeat, flag, flag)
        for flag in (False, True)
        for upbeat in (False, True)
        for ending in Ending
    ]
    for rule in (rule for rule in STEP_RULES if rule.of_moves):
        for context, a, b in product(contexts, ground.steps, ground.steps):
            assert rule.extent(context, ground, a, b) == rule.extent(context, ground, 0, b - a)
            over_chord = context._replace(chord=(0, 4, 7))
            assert rule.where(context) == rule.where(over_chord)
            assert rule.extent(context, ground, a, b) == rule.extent(over_chord, ground, a, b)
    for shape in (shape for shape in SHAPE_RULES if shape.of_moves):
        for a, b, c in product(ground.steps, repeat=3):
            assert shape.extent(ground, a, b, c) == shape.extent(ground, 0, b - a, c - a)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
@pytest.mark.parametrize("chord", [(), (0, 4, 7), (2, 7, 11)])
def test_rules_hold_only_where_their_moves_say(mode: Mode, chord: tuple[int, ...]) -> None:
    """A rule is asked for no other moves than those by which it can hold; there it says nothing."""
    ground = Ground(mode, -3, 7, 9, 0.8, 0.7, 0.3)
    contexts = [
        StepContext(chord, True, True, True, True, ending, True, False, False, raised, True, True)
        for ending in Ending
        for raised in (False, True)
    ]
    for rule in STEP_RULES:
        for context, a, b in product(contexts, ground.steps, ground.steps):
            assert rule.moves(b - a) or not rule.extent(context, ground, a, b)
    for shape in SHAPE_RULES:
        for a, b, c in product(ground.steps, repeat=3):
            assert shape.moves(b - a, c - b) or not shape.extent(ground, a, b, c)


@pytest.mark.parametrize("accent", Accent)
def test_rules_about_one_note_do_not_ask_where_in_the_tune_it_stands(accent: Accent) -> None:
    """Places that differ in what is left out of a place alone are weighed alike: rows are shared among them."""
    ground = Ground(MODES["dorian"], -3, 7, 9, 0.8, 0.7, 0.3, drone=True)
    for unit, place, ending, held in product((-1, 0, 3), (0, 1, 2), Ending, (240, 960)):
        slot = Slot(
            *(5_280, held, unit, place, accent, ending, (5, 9, 0), "IV", 2, -3, 7),
            after_peak=True,
            in_cadence=True,
            goal=4,
            before_goal=3,
            raised_seventh=True,
            opening=True,
            between_beats=True,
        )
        alone = place_alone(slot)
        for rule in NOTE_RULES:
            assert rule.where(slot) == rule.where(alone)
            for step in ground.steps:
                assert rule.extent(slot, step, ground) == rule.extent(alone, step, ground)


def test_foreign_tones_must_walk() -> None:
    """A foreign tone reached by a skip is marked; one passed through by step is not."""
    assert _shape("foreign tones pass", 3, 1, 2, middle=Middle.PASSING)
    assert not _shape("foreign tones pass", 2, 1, 0, middle=Middle.PASSING)


def test_degrees_become_scale_steps() -> None:
    """Degrees of the seven-note mode find their step in a pentatonic too."""
    assert scale_step(5, MODES["minor-pentatonic"]) == 3
    assert scale_step(1, MODES["dorian"]) == 0
    assert scale_step(0, MODES["minor-pentatonic"]) == -1
