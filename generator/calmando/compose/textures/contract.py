"""What every texture is given, and what it gives back.

The contract: strokes lie within the phrase (an upbeat of the tune may begin before it), no key is struck while
it still sounds, accompaniment stays below the tune, and the thin form has no more strokes than the full one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from calmando.compose.harmony import ChordSpan
from calmando.compose.material import Material
from calmando.theory.voicing import CLEARANCE
from calmando.units import MidiPitch, Ticks, Velocity


class Stroke(NamedTuple):
    """A note of a texture: ticks from the phrase's first bar line, and in velocity its weight, what the phrase's arch adds,
    and by how much it is lighter for what is struck together with it.
    """

    onset_ticks: Ticks
    duration_ticks: Ticks
    pitch: MidiPitch
    weight: int = 0
    arch: float = 0.0
    lighter: Velocity = 0

    @property
    def end_ticks(self) -> Ticks:
        """Where it ends."""
        return self.onset_ticks + self.duration_ticks


@dataclass(frozen=True, slots=True)
class TexturePhrase:
    """A phrase as a texture sees it.

    Attributes
    ----------
    material
        Tune, chords, key, metre.
    chords
        The voiced chords.
    thin
        Whether the thin form is wanted.
    has_bass
        Whether another part plays the bass.
    octave
        Octaves above the usual place.
    free
        Whether no metre is to be felt.
    """

    material: Material
    chords: tuple[ChordSpan, ...]
    thin: bool = False
    has_bass: bool = False
    octave: int = 0
    free: bool = False

    @property
    def ticks(self) -> Ticks:
        """The phrase's length."""
        return self.material.ticks

    def accent(self, weight: int) -> int:
        """What a stroke's place in the bar adds to its velocity; nothing where no metre is to be felt."""
        return 0 if self.free else weight

    def placed(self, pitch: MidiPitch) -> MidiPitch:
        """A chord tone in the part's octave; where that is up among the tune's notes, it stays below them."""
        away = pitch + 12 * self.octave
        if self.octave <= 0:
            return away
        floor = min((note.pitch for note in self.material.tune), default=away + CLEARANCE)
        return away if away <= floor - CLEARANCE else pitch

    def chord_at(self, ticks: Ticks) -> ChordSpan:
        """The chord in force at a moment of the phrase."""
        return next(span for span in reversed(self.chords) if span.onset_ticks <= ticks)


class Texture(Protocol):
    """Plays a phrase."""

    def __call__(self, phrase: TexturePhrase) -> tuple[Stroke, ...]:
        """The strokes of a phrase, by onset and pitch."""


def tidy(strokes: list[Stroke], end_ticks: Ticks) -> tuple[Stroke, ...]:
    """Strokes in order, ended at the phrase's end and where their key is struck again, doubles dropped."""
    strokes.sort(key=lambda stroke: (stroke.onset_ticks, stroke.pitch))
    latest: dict[MidiPitch, int] = {}
    kept: list[Stroke] = []
    for stroke in strokes:
        index = latest.get(stroke.pitch)
        if index is not None:
            before = kept[index]
            if before.onset_ticks == stroke.onset_ticks:
                continue
            if before.end_ticks > stroke.onset_ticks:
                kept[index] = Stroke(
                    before.onset_ticks, stroke.onset_ticks - before.onset_ticks, before.pitch, before.weight
                )
        length = min(stroke.end_ticks, end_ticks) - stroke.onset_ticks
        if length <= 0:
            continue
        latest[stroke.pitch] = len(kept)
        kept.append(stroke._replace(duration_ticks=length) if length < stroke.duration_ticks else stroke)
    return tuple(kept)
