"""Instruments by name."""

from __future__ import annotations

import pytest

from calmando.instruments.catalogue import VOICES
from calmando.theory.percussion import DRUM_BANK
from calmando.theory.programs import (
    BUILT_IN_INSTRUMENTS,
    PROGRAM_NAMES,
    ProgramPlace,
    also_called,
    names_like,
    program_name,
    program_named,
)

_NATURE = 122


def test_every_name_leads_to_its_program_and_back() -> None:
    """All 128 General MIDI names are distinct and are understood as they are told."""
    assert len(set(PROGRAM_NAMES)) == 128
    for program, name in enumerate(PROGRAM_NAMES):
        place = program_named(name)
        assert place is not None
        assert place == ProgramPlace(0, program)
        assert program == _NATURE or program_name(program) == name


def test_the_list_of_built_in_instruments_is_that_of_the_soundfont() -> None:
    """No instrument is offered that the built-in SoundFont lacks, and none it has is left out."""
    voiced = {(voice.bank, voice.program) for voice in VOICES if voice.program != _NATURE}
    assert set(BUILT_IN_INSTRUMENTS) == {place for place in voiced if place[0] != DRUM_BANK}
    for place in BUILT_IN_INSTRUMENTS:
        names = (program_name(place.program, place.bank), *also_called(place))
        assert {program_named(name) for name in names} == {place}


@pytest.mark.parametrize(
    ("typed", "program"),
    [("Harp", 46), ("  music   BOX ", 10), ("new age pad", 88), ("new_age-pad", 88), ("Piano", 0)],
)
def test_a_name_is_understood_however_it_is_typed(typed: str, program: int) -> None:
    """Capitals, hyphens and spaces count for nothing."""
    assert program_named(typed) == ProgramPlace(0, program)


def test_what_is_nearly_a_name_is_guessed() -> None:
    """A name in another language or with a slip finds its neighbours; nonsense finds none."""
    assert names_like("harfe")[0] == "harp"
    assert names_like("ocorina")[0] == "ocarina"
    assert names_like("zzzz") == ()
