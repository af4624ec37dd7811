"""Harmony: the chords of a tune or of a phrase, voiced below it."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.compose.material import Material
from calmando.score.tune import TuneChord, TuneNote
from calmando.theory.chord import Chord, chord
from calmando.theory.metre import Metre
from calmando.theory.scale import Key
from calmando.theory.voicing import ChordToVoice, Register, Voicing, voice_chords
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A voiced chord in its place, in ticks from the phrase's first bar line."""

    onset_ticks: Ticks
    duration_ticks: Ticks
    chord: Chord
    voicing: Voicing

    @property
    def end_ticks(self) -> Ticks:
        """Where the next chord begins."""
        return self.onset_ticks + self.duration_ticks


def voice_material(material: Material, register: Register, *, n_voices: int = 3) -> tuple[ChordSpan, ...]:
    """The chords of a phrase, voiced below its tune."""
    return voice_progression(
        material.chords,
        material.tune + material.beneath,
        material.key,
        material.metre,
        register,
        n_voices=n_voices,
    )


def voice_progression(
    chords: tuple[TuneChord, ...],
    notes: tuple[TuneNote, ...],
    key: Key,
    metre: Metre,
    register: Register,
    *,
    n_voices: int = 3,
) -> tuple[ChordSpan, ...]:
    """Chords voiced as one row below the notes of a tune."""
    row = [
        _to_voice(item, notes, key, metre, edge=index in (0, len(chords) - 1))
        for index, item in enumerate(chords)
    ]
    voicings = voice_chords(row, register, n_voices=n_voices)
    return tuple(
        ChordSpan(item.onset_ticks, item.duration_ticks, each.chord, voicing)
        for item, each, voicing in zip(chords, row, voicings, strict=True)
    )


def _to_voice(
    item: TuneChord, notes: tuple[TuneNote, ...], key: Key, metre: Metre, *, edge: bool
) -> ChordToVoice:
    end = item.onset_ticks + item.duration_ticks
    over = [note for note in notes if note.onset_ticks < end and note.end_ticks > item.onset_ticks]
    at_onset: MidiPitch | None = next(
        (note.pitch for note in over if note.onset_ticks <= item.onset_ticks), None
    )
    held = tuple(
        sorted(
            {note.pitch for note in over if note.duration_ticks >= min(metre.beat_ticks, TICKS_PER_QUARTER)}
        )
    )
    return ChordToVoice(
        chord=chord(item.numeral, key.mode),
        tonic=key.tonic,
        tune_at_onset=at_onset,
        tune_low=min((note.pitch for note in over), default=None),
        tune_held=held,
        root_position=edge,
    )
