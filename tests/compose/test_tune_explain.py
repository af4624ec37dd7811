"""A tune can say why it is as it is."""

from __future__ import annotations

from calmando.compose.explain import explanation_text
from calmando.compose.tune import compose_tune_explained
from calmando.compose.tune_brief import FormWeight, TuneBrief
from calmando.compose.tune_note_rules import NOTE_RULES
from calmando.compose.tune_shape_rules import BOND_RULES, SHAPE_RULES
from calmando.compose.tune_step_rules import STEP_RULES
from calmando.rng import Stream
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

FORMS = (FormWeight("A A' B A'", 1.0),)


def test_every_note_has_reasons_from_the_rules() -> None:
    """Each note is copied from an earlier phrase or favoured by rules that exist, strongest first."""
    brief = TuneBrief(Key(9, MODES["minor"]), METRES["3/4"], forms=FORMS)
    explanation = compose_tune_explained(brief, stream=Stream(2, "t"))
    names = {rule.name for rule in (*NOTE_RULES, *STEP_RULES, *SHAPE_RULES, *BOND_RULES)}
    assert [entry.note for entry in explanation.notes] == list(explanation.tune.notes)
    for entry in explanation.notes:
        weights = [reason.weight for reason in entry.reasons]
        assert {reason.rule for reason in entry.reasons} <= names
        assert weights == sorted(weights, reverse=True)
        assert entry.repeats is not None or max(weights) > 0
    assert any(entry.repeats == "A'" for entry in explanation.notes)
    assert any(reason.rule == "as the motif" for entry in explanation.notes for reason in entry.reasons)


def test_the_last_note_comes_home() -> None:
    """The final note is explained by coming home by step and ending where wanted."""
    brief = TuneBrief(Key(0, MODES["major"]), METRES["6/8"], forms=(FormWeight("A A' B C", 1.0),))
    last = compose_tune_explained(brief, stream=Stream(1, "t")).notes[-1]
    assert {"home by step", "ends where wanted"} <= {reason.rule for reason in last.reasons[:4]}


def test_the_text_tells_plan_notes_and_rules() -> None:
    """The readable explanation shows form, peak, models, cells, each note and each rule's sentence."""
    brief = TuneBrief(Key(2, MODES["dorian"]), METRES["4/4"], forms=FORMS)
    explanation = compose_tune_explained(brief, stream=Stream(3, "t"))
    text = explanation_text(explanation)
    for words in (
        "D dorian, 4/4, 16 bars",
        "Form: A A' B A'",
        "Peak:",
        "Phrase 3 (B, lift)",
        "rhythm",
        "bar 16",
    ):
        assert words in text
    assert text.count("\nbar ") == len(explanation.notes)
    sentences = {reason.sentence for entry in explanation.notes for reason in entry.reasons}
    assert all(sentence in text for sentence in sentences)
