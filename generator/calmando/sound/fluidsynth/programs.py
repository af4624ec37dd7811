"""Which program may stand for another where a font lacks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calmando.score.model import ChannelStrip
from calmando.theory.percussion import DRUM_BANK
from calmando.theory.programs import ProgramPlace, program_name

_FAMILY_SIZE = 8
"""General MIDI orders its 128 programs in 16 families of eight."""
_BOWED = (40, 41, 42, 43, 110)
"""Violin, viola, cello, contrabass and fiddle: much else in their families is plucked or struck."""
_BOWED_TOGETHER = (48, 49, 44)
"""Slow strings, string ensemble, tremolo strings."""


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
    """What may play it, best first: itself, the same program without its variation, its kind's nearest.

    Examples
    --------
    >>> [place.program for place in candidates(WantedProgram(ProgramPlace(1, 14)))][:4]
    [14, 14, 13, 15]
    >>> [place.program for place in candidates(WantedProgram(ProgramPlace(0, 42)))][:6]
    [42, 41, 43, 40, 110, 48]
    """
    yield wanted.place
    if wanted.is_percussion:
        if wanted.place.program != 0:
            yield ProgramPlace(DRUM_BANK, 0)
        return
    program = wanted.place.program
    if wanted.place.bank != 0:
        yield ProgramPlace(0, program)
    for other in _of_its_kind(program):
        if other != program:
            yield ProgramPlace(0, other)


def _of_its_kind(program: int) -> tuple[int, ...]:
    """Its family, the nearest number first; before it, for what is bowed, what is bowed too, alone or together."""
    first = program // _FAMILY_SIZE * _FAMILY_SIZE
    bowed, family = (
        sorted(programs, key=lambda other: (abs(other - program), other))
        for programs in (_BOWED, range(first, first + _FAMILY_SIZE))
    )
    return tuple(dict.fromkeys((*bowed, *_BOWED_TOGETHER, *family) if program in _BOWED else family))
