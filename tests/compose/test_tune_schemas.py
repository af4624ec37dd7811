"""Phrase models are whole, readable, and their anchors belong to their chords."""

from __future__ import annotations

import pytest

from calmando.compose.schemas import PhraseKind, fit_to_units, schemas_of, unit_numerals
from calmando.theory.chord import chord, degree_semitones, seven_note_mode
from calmando.theory.scale import MODES, Mode


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())
@pytest.mark.parametrize("kind", PhraseKind)
def test_every_mode_has_models_of_every_kind(mode: Mode, kind: PhraseKind) -> None:
    """Each mode opens, lifts and closes in at least three ways, in chords of its own scale."""
    models = schemas_of(mode.name, kind)
    assert len(models) >= 3
    for model in models:
        assert len(model.chords) == len(model.anchors) == 4
        chords = [chord(numeral, mode) for unit in model.chords for numeral in unit_numerals(unit)]
        assert all(set(one.tones) <= set(seven_note_mode(mode).steps) for one in chords)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())
def test_anchors_mostly_sound_in_their_chords(mode: Mode) -> None:
    """At least four of five anchors are tones of the chord they stand over; the rest are sighs."""
    fits = [
        degree_semitones(anchor, mode) % 12 in chord(unit_numerals(unit)[0], mode).tones
        for kind in PhraseKind
        for model in schemas_of(mode.name, kind)
        for unit, anchor in zip(model.chords, model.anchors, strict=True)
    ]
    assert sum(fits) / len(fits) >= 0.8


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())
def test_phrases_end_where_phrases_end(mode: Mode) -> None:
    """Closes end on the tonic; other phrases mostly on 2, 3 or 5 (or the fifth below)."""
    assert {model.anchors[-1] for model in schemas_of(mode.name, PhraseKind.CLOSE)} == {1}
    opens = [model.anchors[-1] for model in schemas_of(mode.name, PhraseKind.OPEN)]
    assert sum(end in (2, 3, 5, -2) for end in opens) / len(opens) >= 0.6


def test_a_drone_keeps_its_fifth() -> None:
    """Over a drone every unit is the open fifth on the tonic."""
    for kind in PhraseKind:
        assert {c for model in schemas_of("dorian", kind, drone=True) for c in model.chords} == {"i5"}
        assert {c for model in schemas_of("major", kind, chant=True) for c in model.chords} == {"I5"}


@pytest.mark.parametrize("n_units", [2, 3, 4, 5])
def test_models_fit_other_lengths(n_units: int) -> None:
    """Shortened or lengthened, a model keeps its end, and an opening its beginning."""
    for kind in PhraseKind:
        for model in schemas_of("major", kind):
            fitted = fit_to_units(model, n_units)
            assert len(fitted.chords) == len(fitted.anchors) == n_units
            assert fitted.anchors[-1] == model.anchors[-1]
            if kind is not PhraseKind.CLOSE:
                assert fitted.anchors[0] == model.anchors[0]


def test_degrees_are_printed_with_their_octave() -> None:
    """Octave marks stand as musicians write them."""
    lift = next(model for model in schemas_of("major", PhraseKind.LIFT) if 8 in model.anchors)
    assert "1'" in lift.text
