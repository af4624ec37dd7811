"""Harmony: the chords of a tune or of a phrase, voiced below it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from calmando.compose.material import Kind, Material
from calmando.score.tune import TuneChord, TuneNote
from calmando.theory.chord import Chord, chord
from calmando.theory.metre import Metre
from calmando.theory.scale import Key
from calmando.theory.voicing import (
    ChordToVoice,
    Register,
    Voicing,
    has_room_for_third,
    is_awkward,
    is_parallel,
    leap_at_top,
    voice_chords,
)
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Semitones, Ticks


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


class Joint(NamedTuple):
    """Where two phrases meet: the last voices of the one, its bass first, and its tune's last note if still in the ear."""

    voices: tuple[MidiPitch, ...]
    tune: MidiPitch | None


def joint_after(material: Material, chords: tuple[ChordSpan, ...]) -> Joint:
    """What the next phrase goes on from; after more than a beat of rest the tune begins anew."""
    last = material.tune[-1] if material.tune else None
    rested = last is None or material.ticks - last.end_ticks > material.metre.beat_ticks
    voicing = chords[-1].voicing
    return Joint((voicing.bass, *voicing.block), None if last is None or rested else last.pitch)


WIDEST_AT_TOP: Semitones = 7
"""By no more than a fifth does the highest voice of the chords leap from phrase to phrase, where that can be helped."""
_SUNG = (Kind.TUNE, Kind.TENSE, Kind.RELEASE)


def joins_badly(joint: Joint, material: Material, chords: tuple[ChordSpan, ...]) -> bool:
    """Whether a phrase would begin with an awkward leap in the bass, a wide one in the voice on top, or in parallel with the tune.

    In parallel are fifths or octaves between the bass and a tune that is sung.
    """
    bass, *upper = joint.voices
    first = chords[0].voicing
    if is_awkward(bass, first.bass) or leap_at_top(upper, first.block) > WIDEST_AT_TOP:
        return True
    at_onset = _sounding_at(material.tune, 0)
    before = _last_before(material.tune, 0) or joint.tune
    return material.kind in _SUNG and is_parallel((bass, first.bass), (before, at_onset))


def voice_material(
    material: Material, register: Register, *, n_voices: int = 3, joint: Joint | None = None
) -> tuple[ChordSpan, ...]:
    """The chords of a phrase, voiced below its tune; after a joint in any position, so that it joins on well."""
    return voice_progression(
        _held_on(material, register),
        material.tune + material.beneath,
        material.key,
        material.metre,
        register,
        n_voices=n_voices,
        joint=joint,
    )


def voice_progression(
    chords: tuple[TuneChord, ...],
    notes: tuple[TuneNote, ...],
    key: Key,
    metre: Metre,
    register: Register,
    *,
    n_voices: int = 3,
    joint: Joint | None = None,
) -> tuple[ChordSpan, ...]:
    """Chords voiced as one row below the notes of a tune."""
    row = [_to_voice(item, notes, key, metre) for item in chords]
    opens = has_room_for_third(row[0], register)
    closes = _close(chords)
    row = [
        replace(item, root_position=index == closes or (index == 0 and opens))
        for index, item in enumerate(row)
    ]
    if joint is not None:
        before = row[0].tune_before or joint.tune
        row[0] = replace(row[0], before=joint.voices, tune_before=before, root_position=False)
    voicings = voice_chords(row, register, n_voices=n_voices)
    return tuple(
        ChordSpan(item.onset_ticks, item.duration_ticks, each.chord, voicing)
        for item, each, voicing in zip(chords, row, voicings, strict=True)
    )


def _last_before(notes: tuple[TuneNote, ...], ticks: Ticks) -> MidiPitch | None:
    """The pitch of the last note begun before a moment."""
    begun = [note for note in notes if note.onset_ticks < ticks]
    return max(begun, key=lambda note: note.onset_ticks).pitch if begun else None


def _sounding_at(notes: tuple[TuneNote, ...], ticks: Ticks) -> MidiPitch | None:
    """The pitch that sounds at a moment, if any."""
    return next((note.pitch for note in notes if note.onset_ticks <= ticks < note.end_ticks), None)


def _close(chords: tuple[TuneChord, ...]) -> int:
    """The chord on which a phrase comes to rest: the last one, or where that was first struck."""
    last = len(chords) - 1
    while last > 0 and chords[last - 1].numeral == chords[last].numeral:
        last -= 1
    return last


def _held_on(material: Material, register: Register) -> tuple[TuneChord, ...]:
    """The chords of a phrase; a last one under a tune too low for its third is begun again at the next bar line.

    So it comes to rest on its root, and turns to its third while the tune holds on.
    """
    *before, last = material.chords
    bar = material.metre.bar_ticks
    turn = (last.onset_ticks // bar + 1) * bar
    end = last.onset_ticks + last.duration_ticks
    notes = material.tune + material.beneath
    if turn >= end or has_room_for_third(_to_voice(last, notes, material.key, material.metre), register):
        return material.chords
    return (
        *before,
        replace(last, duration_ticks=turn - last.onset_ticks),
        replace(last, onset_ticks=turn, duration_ticks=end - turn),
    )


def _to_voice(item: TuneChord, notes: tuple[TuneNote, ...], key: Key, metre: Metre) -> ChordToVoice:
    end = item.onset_ticks + item.duration_ticks
    over = [note for note in notes if note.onset_ticks < end and note.end_ticks > item.onset_ticks]
    held = tuple(
        sorted(
            {note.pitch for note in over if note.duration_ticks >= min(metre.beat_ticks, TICKS_PER_QUARTER)}
        )
    )
    return ChordToVoice(
        chord=chord(item.numeral, key.mode),
        tonic=key.tonic,
        tune_before=_last_before(notes, item.onset_ticks),
        tune_a_beat_before=_sounding_at(notes, item.onset_ticks - metre.beat_ticks),
        tune_at_onset=_sounding_at(notes, item.onset_ticks),
        tune_low=min((note.pitch for note in over), default=None),
        tune_held=held,
    )
