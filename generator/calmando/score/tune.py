"""A tune as a value: composed by the rules or given by hand, the road from here on is the same."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.theory.metre import Metre
from calmando.theory.scale import Key
from calmando.units import MidiPitch, Ticks


@dataclass(frozen=True, slots=True)
class TuneNote:
    """A note of a tune; ``onset_ticks`` counts from the tune's first bar line (an upbeat is negative)."""

    onset_ticks: Ticks
    duration_ticks: Ticks
    pitch: MidiPitch

    @property
    def end_ticks(self) -> Ticks:
        """Where the written note ends."""
        return self.onset_ticks + self.duration_ticks


@dataclass(frozen=True, slots=True)
class TuneChord:
    """A chord under a tune: its numeral (``I``, ``ii``, ``V``, ``bVII``, ``iv``, ``V5`` without third…)."""

    onset_ticks: Ticks
    duration_ticks: Ticks
    numeral: str


@dataclass(frozen=True, slots=True)
class TunePhrase:
    """A phrase of a tune: its letter (``A``, ``A'``, ``B``…) and its bars, counted from 0, end excluded."""

    label: str
    first_bar: int
    end_bar: int


@dataclass(frozen=True, slots=True)
class Tune:
    """A melody with its harmony and phrases.

    Attributes
    ----------
    key, metre
        The key it stands in and its metre, one of `MODES` and one of `METRES`.
    notes
        In order, not overlapping, within the upbeat and the bars.
    chords
        Gapless from the first bar line to the end of the last bar.
    phrases
        Gapless, in order.
    upbeat_ticks
        Length of the opening upbeat (0 where there is none; a bar at the most).
    """

    key: Key
    metre: Metre
    notes: tuple[TuneNote, ...]
    chords: tuple[TuneChord, ...]
    phrases: tuple[TunePhrase, ...]
    upbeat_ticks: Ticks = 0

    @property
    def n_bars(self) -> int:
        """Whole bars from the first bar line to the end."""
        return self.phrases[-1].end_bar
