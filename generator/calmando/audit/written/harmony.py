"""What sounds together: roughness, semitones side by side, narrow intervals in the low register."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from calmando.audit.music import MusicNote, MusicPart
from calmando.score.model import Role
from calmando.score.pace import At
from calmando.theory.roughness import roughness
from calmando.units import MidiPitch, Seconds, Semitones

_C3: MidiPitch = 48
_TUNE_COUNTS_FROM_BEATS = 0.95
_SHORTEST_BEATS = 0.2
_STEP: Semitones = 2


@dataclass(frozen=True, slots=True)
class Sonority:
    """Tones that sound together for a while."""

    onset_s: Seconds
    beats: float
    pitches: tuple[MidiPitch, ...]


def sonorities(parts: Sequence[MusicPart]) -> tuple[Sonority, ...]:
    """The sounding chords, one after another, of two tones and more.

    A note of an accompaniment counts to the end of its beat, as broken chords are heard, unless its part moves on by
    a step before: that is a line. A note of the tune counts from a beat's length on, as passing notes are not heard
    as harmony.
    """
    changes: list[tuple[float, int, MidiPitch, Seconds]] = []
    for part in parts:
        is_tune = part.role in (Role.MELODY, Role.SECOND)
        for index, note in enumerate(part.notes):
            if is_tune and note.duration_beats < _TUNE_COUNTS_FROM_BEATS:
                continue
            end = note.end_beats if is_tune else _rings_until(part.notes, index)
            changes.append((note.onset_beats, 1, note.pitch, note.onset_s))
            changes.append((end, 0, note.pitch, note.end_s))
    changes.sort()
    found: list[Sonority] = []
    sounding: dict[MidiPitch, int] = {}
    for index, (beats, begins, pitch, seconds) in enumerate(changes):
        count = sounding.get(pitch, 0) + (1 if begins else -1)
        sounding[pitch] = count
        if count == 0:
            del sounding[pitch]
        following = changes[index + 1][0] if index + 1 < len(changes) else beats
        if following - beats >= _SHORTEST_BEATS and len(sounding) > 1:
            found.append(Sonority(seconds, following - beats, tuple(sorted(sounding))))
    return tuple(found)


def _rings_until(notes: Sequence[MusicNote], index: int) -> float:
    """The end of the note's beat, or where its part moves on by a step if that comes first; not before its own end."""
    note = notes[index]
    beat_ends = math.floor(note.onset_beats + 1e-6) + 1.0
    if note.end_beats >= beat_ends:
        return note.end_beats
    for later in notes[index + 1 :]:
        if later.onset_beats >= beat_ends:
            break
        if later.onset_beats > note.onset_beats and 0 < abs(later.pitch - note.pitch) <= _STEP:
            return max(note.end_beats, later.onset_beats)
    return beat_ends


def mean_roughness(chords: Sequence[Sonority]) -> float | None:
    """Mean Hutchinson–Knopoff roughness, each chord weighing as long as it lasts."""
    total = math.fsum(chord.beats for chord in chords)
    if total <= 0:
        return None
    return math.fsum(roughness(chord.pitches) * chord.beats for chord in chords) / total


def largest_roughness(chords: Sequence[Sonority]) -> At | None:
    """The roughest chord."""
    values = {pitches: roughness(pitches) for pitches in {chord.pitches for chord in chords}}
    worst = max(chords, key=lambda chord: values[chord.pitches], default=None)
    return None if worst is None else At(values[worst.pitches], worst.onset_s)


def semitone_share(chords: Sequence[Sonority]) -> float | None:
    """Share of the sounding time, in percent, in which two tones a semitone apart sound together."""
    total = math.fsum(chord.beats for chord in chords)
    if total <= 0:
        return None
    clashing = math.fsum(chord.beats for chord in chords if _closest(chord.pitches) == 1)
    return 100 * clashing / total


def smallest_low_interval(chords: Sequence[Sonority]) -> At | None:
    """The smallest interval in semitones between two tones below C3; None where no two tones are that low."""
    best: At | None = None
    for chord in chords:
        low = [pitch for pitch in chord.pitches if pitch < _C3]
        if len(low) > 1:
            interval = _closest(low)
            if best is None or interval < best.value:
                best = At(interval, chord.onset_s)
    return best


def _closest(pitches: Sequence[MidiPitch]) -> Semitones:
    return min(high - low for low, high in pairwise(pitches))
