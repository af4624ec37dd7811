"""Which program may stand for another where a font lacks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calmando.score.model import ChannelStrip
from calmando.theory.percussion import DRUM_BANK
from calmando.theory.programs import ProgramPlace, program_name

_FAMILY_SIZE = 8
"""General MIDI orders its 128 programs in 16 families of eight."""

_MUSIC_BOX, _CELESTA, _VIBRAPHONE = 10, 8, 11


@dataclass(frozen=True, slots=True)
class WantedProgram:
    """A preset that a part asks for."""

    place: ProgramPlace

    @property
    def is_percussion(self) -> bool:
        """Whether it is a drum kit."""
        return self.place.bank == DRUM_BANK

    @property
    def description(self) -> str:
        """As an error names it; programs are counted from 0, as in presets and in the list of instruments."""
        bank, program = self.place.bank, self.place.program
        if self.is_percussion:
            return f"drum kit {program}"
        return f"{program_name(program, bank)} (program {program}{f' in bank {bank}' if bank else ''})"


def wanted_by(strip: ChannelStrip) -> WantedProgram:
    """The preset that a part's strip asks for."""
    return WantedProgram(ProgramPlace(DRUM_BANK if strip.is_percussion else strip.bank, strip.program))


def candidates(wanted: WantedProgram) -> Iterator[ProgramPlace]:
    """What may play it, best first: itself, the same program without its variation, its family's nearest.

    Examples
    --------
    >>> [place.program for place in candidates(WantedProgram(ProgramPlace(1, 14)))][:4]
    [14, 14, 13, 15]
    """
    yield wanted.place
    if wanted.is_percussion:
        if wanted.place.program != 0:
            yield ProgramPlace(DRUM_BANK, 0)
        return
    program = wanted.place.program
    if wanted.place.bank != 0:
        yield ProgramPlace(0, program)
    first = program // _FAMILY_SIZE * _FAMILY_SIZE
    family = [other for other in range(first, first + _FAMILY_SIZE) if other != program]
    for other in sorted(family, key=lambda other: (abs(other - program), other)):
        yield ProgramPlace(0, other)
