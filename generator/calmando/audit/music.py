"""Music as the measures read it: notes in seconds and in beats, whether they come from a score or a foreign file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from calmando.score.model import Role, Score
from calmando.score.pace import TempoPoint, pace_of, second_of
from calmando.theory.scale import Key
from calmando.units import MidiPitch, Seconds, Velocity


@dataclass(frozen=True, slots=True)
class MusicNote:
    """A note in seconds, and in beats of the piece's first metre."""

    onset_s: Seconds
    end_s: Seconds
    onset_beats: float
    end_beats: float
    pitch: MidiPitch
    velocity: Velocity

    @property
    def duration_beats(self) -> float:
        """Written length in beats."""
        return self.end_beats - self.onset_beats


@dataclass(frozen=True, slots=True)
class MusicPart:
    """A part: what it is for, and its notes by onset, then pitch."""

    name: str
    role: Role
    is_percussion: bool
    notes: tuple[MusicNote, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase or section, in seconds and beats."""

    onset_s: Seconds
    end_s: Seconds
    onset_beats: float
    end_beats: float
    label: str


@dataclass(frozen=True)
class Music:
    """A piece as the measures read it.

    Attributes
    ----------
    tune
        The part that has the tune, monophonic (of notes that begin together the highest); None where no part is
        tune-like.
    key
        As declared; None where nothing declares one.
    phrases
        As composed; empty where nobody tells.
    length_s
        Whole length, closing silence included.
    end_silence_s, fade_in_s, fade_out_s
        As planned; None for a foreign file.
    """

    title: str
    parts: tuple[MusicPart, ...]
    tune: MusicPart | None
    tempo: tuple[TempoPoint, ...]
    beats_per_bar: int
    key: Key | None
    phrases: tuple[Span, ...]
    sections: tuple[Span, ...]
    length_s: Seconds
    end_silence_s: Seconds | None = None
    fade_in_s: Seconds | None = None
    fade_out_s: Seconds | None = None

    @cached_property
    def pitched(self) -> tuple[MusicPart, ...]:
        """The parts whose pitches are tones: no drums, no breath, no sounds of nature."""
        toneless = (Role.HEARTBEAT, Role.BREATH, Role.AMBIENCE)
        return tuple(part for part in self.parts if not part.is_percussion and part.role not in toneless)

    @cached_property
    def end_of_notes_beats(self) -> float:
        """Where the last written note ends, in beats."""
        return max((note.end_beats for part in self.parts for note in part.notes), default=0.0)

    def seconds_at(self, beats: float) -> Seconds:
        """Seconds from the start to a moment in beats."""
        return second_of(self.tempo, beats)


def monophonic(part: MusicPart) -> MusicPart:
    """A part with only the highest of the notes that begin together, each cut where the next begins."""
    highest: list[MusicNote] = []
    for note in part.notes:
        if highest and abs(note.onset_beats - highest[-1].onset_beats) < 1e-3:
            if note.pitch > highest[-1].pitch:
                highest[-1] = note
        else:
            highest.append(note)
    cut = [
        replace(
            note,
            end_s=min(note.end_s, following.onset_s),
            end_beats=min(note.end_beats, following.onset_beats),
        )
        for note, following in pairwise(highest)
    ]
    return replace(part, notes=(*cut, *highest[-1:]))


def music_of_score(score: Score) -> Music:
    """Read a score; nothing is rounded but ticks to seconds."""
    metre = score.metres[0].metre
    beat = metre.beat_ticks
    seconds = score.tempo_map.seconds_at

    def span(onset: int, end: int, label: str) -> Span:
        return Span(seconds(onset), seconds(end), onset / beat, end / beat, label)

    parts = tuple(
        MusicPart(
            part.strip.name,
            part.strip.role,
            part.strip.is_percussion,
            tuple(
                MusicNote(
                    seconds(note.onset_ticks),
                    seconds(note.end_ticks),
                    note.onset_ticks / beat,
                    note.end_ticks / beat,
                    note.pitch,
                    note.velocity,
                )
                for note in part.notes
            ),
        )
        for part in score.parts
    )
    edges = [*(section.onset_ticks for section in score.sections), score.end_ticks]
    tune = next((part for part in parts if part.role is Role.MELODY and part.notes), None)
    phrased = len(score.phrases) > 1
    return Music(
        title=score.title,
        parts=parts,
        tune=monophonic(tune) if tune else None,
        tempo=pace_of(score),
        beats_per_bar=metre.beats,
        key=score.keys[0].key if phrased or len(score.keys) > 1 else None,
        phrases=tuple(span(p.onset_ticks, p.end_ticks, p.label) for p in score.phrases) if phrased else (),
        sections=tuple(
            span(section.onset_ticks, end, section.name)
            for section, end in zip(score.sections, edges[1:], strict=True)
        ),
        length_s=score.length_s,
        end_silence_s=score.fades.end_silence_s if phrased else None,
        fade_in_s=score.fades.fade_in_s if phrased else None,
        fade_out_s=score.fades.fade_out_s if phrased else None,
    )
