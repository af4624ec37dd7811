"""What a form is told while it lays out a piece, and what it answers: phrase after phrase."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from calmando.compose.arc import Targets
from calmando.compose.material import Material
from calmando.units import Bpm, Seconds, Ticks


class Clock(Protocol):
    """The moment that is being composed."""

    @property
    def targets(self) -> Targets:
        """What the arc wants now."""

    @property
    def tempo_bpm(self) -> Bpm:
        """The tempo of the phrase before, in beats a minute."""

    @property
    def left_s(self) -> Seconds:
        """Seconds until the ending begins."""

    @property
    def elapsed_s(self) -> Seconds:
        """Seconds since the piece began."""

    def seconds(self, n_ticks: Ticks) -> Seconds:
        """How long written time lasts at the tempo of now."""


@dataclass(frozen=True, slots=True)
class Dress:
    """Who has the tune, and where.

    Attributes
    ----------
    lead
        Name of the part that has it; empty: the preset's own.
    octave
        Octaves by which it alone is moved; what accompanies it stays.
    resting
        Names of parts that are silent meanwhile.
    """

    lead: str = ""
    octave: int = 0
    resting: tuple[str, ...] = ()


PLAIN = Dress()
"""As the preset has it."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next phrase.

    Attributes
    ----------
    material
        What is played.
    section
        The name of a section that begins here; None inside one.
    strophe
        Which strophe this belongs to; 0 in the introduction.
    tempo_factor
        A tempo step that may be noticed, for walking: the new tempo by the old.
    dress
        Who has the tune.
    full_from
        How full the scene must be for accompaniments to play their full form here; None: by what the phrase is.
    opening
        What the form itself changes at this section's beginning, in words; then nothing else changes there.
    event
        What is out of the ordinary in this phrase, in words.
    """

    material: Material
    section: str | None = None
    strophe: int = 0
    tempo_factor: float = 1.0
    dress: Dress = PLAIN
    full_from: float | None = None
    opening: str = ""
    event: str = ""


class Layout(Protocol):
    """A form: lays out a piece up to its ending, then ends it."""

    def steps(self, clock: Clock) -> Iterator[Step]:
        """The phrases up to the ending, each decided when it is asked for."""

    def ending(self, clock: Clock) -> Iterator[Step]:
        """The phrases of the ending; the last holds the final chord."""
