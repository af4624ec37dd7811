"""The score: what is written, part by part, in exact musical time. Frozen.

The composer yields `Passage` after `Passage` (a phrase of all parts); `assemble` collects them into a
`Score`. Whoever can work phrase by phrase never needs the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from calmando.preset.recipe import Recipe
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.theory.metre import Metre
from calmando.theory.percussion import DRUM_CHANNEL
from calmando.theory.scale import Key
from calmando.units import MidiPitch, Seconds, Ticks, Velocity


class Role(StrEnum):
    """What a part is for. The tune's part is `MELODY`."""

    MELODY = "melody"
    SECOND = "second line"
    HARMONY = "harmony"
    BASS = "bass"
    PULSE = "pulse"
    HEARTBEAT = "heartbeat"
    BREATH = "breath"
    AMBIENCE = "ambience"


class Controller(IntEnum):
    """The MIDI controllers that every channel writes, or that a part may move."""

    BANK = 0
    VOLUME = 7
    PAN = 10
    EXPRESSION = 11
    REVERB = 91
    CHORUS = 93


class Note(NamedTuple):
    """A written note. Sorted by onset, then pitch."""

    onset_ticks: Ticks
    duration_ticks: Ticks
    pitch: MidiPitch
    velocity: Velocity

    @property
    def end_ticks(self) -> Ticks:
        """Where the written note ends."""
        return self.onset_ticks + self.duration_ticks


class ControlChange(NamedTuple):
    """A controller's new value (0–127), from here on."""

    ticks: Ticks
    controller: Controller
    value: int


note_of = partial(tuple.__new__, Note)
change_of = partial(tuple.__new__, ControlChange)
"""A note, a controller's new value, of a tuple of its fields: half the work where there are hundreds of thousands."""


@dataclass(frozen=True, slots=True)
class ChannelStrip:
    """A part's name, role and everything written at the head of its channel (values 0–127)."""

    name: str
    role: Role
    channel: int
    program: int
    bank: int = 0
    volume: int = 100
    pan: int = 64
    expression: int = 127
    reverb: int = 40
    chorus: int = 0

    @property
    def is_percussion(self) -> bool:
        """Whether its pitches are drum keys."""
        return self.channel == DRUM_CHANNEL


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its strip, its notes (by onset, then pitch) and its controller curves (by time)."""

    strip: ChannelStrip
    notes: tuple[Note, ...] = ()
    controls: tuple[ControlChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the piece with a name of its own, such as ``lead`` or ``strophe 2``; a MIDI marker."""

    onset_ticks: Ticks
    name: str


@dataclass(frozen=True, slots=True)
class PhraseSpan:
    """Where a phrase begins and ends, and what it states (``A``, ``A'``, ``interlude``, ``inhale``…)."""

    onset_ticks: Ticks
    end_ticks: Ticks
    label: str


@dataclass(frozen=True, slots=True)
class MetreChange:
    """From here on, this metre."""

    ticks: Ticks
    metre: Metre


@dataclass(frozen=True, slots=True)
class KeyChange:
    """From here on, this key."""

    ticks: Ticks
    key: Key


@dataclass(frozen=True, slots=True)
class Fades:
    """How the sound comes and goes, in seconds of the finished piece.

    The fade-in begins at 0. The fade-out ends where the closing silence begins, ``end_silence_s`` before
    the end of the piece; from there on the file is digitally silent.
    """

    fade_in_s: Seconds = 0.0
    fade_out_s: Seconds = 0.0
    end_silence_s: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class Title:
    """What is known of a piece before its first note."""

    title: str
    strips: tuple[ChannelStrip, ...]
    metre: Metre
    key: Key
    length_s: Seconds
    """The whole length, last ring and closing silence included."""
    fades: Fades


@dataclass(frozen=True, slots=True)
class Passage:
    """A phrase of all parts, as the composer yields it.

    ``notes`` and ``controls`` have one entry a part, in the order of the title's strips; their times count
    from the start of the piece. Passages come in order and do not overlap, but a note may begin before the
    passage (an upbeat) where no earlier passage still sounds it, or ring on past its end.
    """

    span: PhraseSpan
    tempo: tuple[TempoChange, ...]
    notes: tuple[tuple[Note, ...], ...]
    controls: tuple[tuple[ControlChange, ...], ...]
    section: Section | None = None
    metre: Metre | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A whole piece."""

    title: str
    parts: tuple[Part, ...]
    tempo_map: TempoMap
    metres: tuple[MetreChange, ...]
    keys: tuple[KeyChange, ...]
    sections: tuple[Section, ...]
    phrases: tuple[PhraseSpan, ...]
    length_s: Seconds
    fades: Fades
    recipe: Recipe | None = None
    """What it was composed from, kept in every file made of it; ``None`` where its notes are not the recipe's."""
    is_as_composed: bool = field(default=False, init=False, compare=False, repr=False)
    """Whether it stands as `assemble` left it; what is made by hand, or of another with changes, does not."""

    @property
    def end_ticks(self) -> Ticks:
        """The written moment of the piece's end (its length in seconds, to the nearest tick)."""
        return self.tempo_map.ticks_at(self.length_s)

    def part(self, role: Role) -> Part | None:
        """The first part of a role, if there is one."""
        return next((part for part in self.parts if part.strip.role is role), None)

    def notes(self) -> Iterator[tuple[ChannelStrip, Note]]:
        """Every note with its part's strip, part by part."""
        for part in self.parts:
            for note in part.notes:
                yield part.strip, note


_ONSET_AND_PITCH = itemgetter(Note._fields.index("onset_ticks"), Note._fields.index("pitch"))
_TICKS = itemgetter(ControlChange._fields.index("ticks"))
"""Fields by their place: told in half the time that their names take."""


def assemble(title: Title, passages: Iterable[Passage], recipe: Recipe | None = None) -> Score:
    """Collect passages into a whole score, that of a recipe where one is given."""
    n_parts = len(title.strips)
    notes: list[list[Note]] = [[] for _ in range(n_parts)]
    controls: list[list[ControlChange]] = [[] for _ in range(n_parts)]
    tempo: list[TempoChange] = []
    metres = [MetreChange(0, title.metre)]
    keys = [KeyChange(0, title.key)]
    sections: list[Section] = []
    phrases: list[PhraseSpan] = []
    for passage in passages:
        for index in range(n_parts):
            notes[index].extend(passage.notes[index])
            controls[index].extend(passage.controls[index])
        tempo.extend(passage.tempo)
        phrases.append(passage.span)
        if passage.section is not None:
            sections.append(passage.section)
        if passage.metre is not None and passage.metre != metres[-1].metre:
            metres.append(MetreChange(passage.span.onset_ticks, passage.metre))
        if passage.key is not None and passage.key != keys[-1].key:
            keys.append(KeyChange(passage.span.onset_ticks, passage.key))
    parts = tuple(
        Part(
            strip,
            tuple(sorted(notes[index], key=_ONSET_AND_PITCH)),
            tuple(sorted(controls[index], key=_TICKS)),
        )
        for index, strip in enumerate(title.strips)
    )
    score = Score(
        title=title.title,
        parts=parts,
        tempo_map=TempoMap.of(tempo),
        metres=tuple(metres),
        keys=tuple(keys),
        sections=tuple(sections),
        phrases=tuple(phrases),
        length_s=title.length_s,
        fades=title.fades,
        recipe=recipe,
    )
    object.__setattr__(score, "is_as_composed", True)
    return score
