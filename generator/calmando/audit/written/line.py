"""The line of the tune: its range, intervals, contour, predictability and repetition.

Entropy and repetition grow with length, so both are taken in windows of a hundred intervals and the middle
window's value stands for the tune.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from calmando.audit.music import MusicNote
from calmando.compose.tune_statistics import (
    WINDOW_INTERVALS,
    contour_of,
    entropy_bits,
    repetition_of,
)
from calmando.score.pace import At
from calmando.score.tune import TuneNote
from calmando.units import MidiPitch, PitchClass, Seconds, Semitones

_NEW_BREATH_S: Seconds = 4.0
_STEP: Semitones = 2
_GAPPED_STEP: Semitones = 3
_GAPPED = 5
_STRANGER = 0.02
_WIDE: Semitones = 7
_FEWEST_IN_PHRASE = 4
_FINE = 960


def stretches(notes: Sequence[MusicNote]) -> tuple[tuple[MusicNote, ...], ...]:
    """The tune cut where it is silent for four seconds or more; intervals across such a gap are not heard."""
    found: list[list[MusicNote]] = []
    for note in notes:
        if not found or note.onset_s - found[-1][-1].end_s >= _NEW_BREATH_S:
            found.append([])
        found[-1].append(note)
    return tuple(tuple(stretch) for stretch in found)


def intervals_of(notes: Sequence[MusicNote]) -> tuple[Semitones, ...]:
    """The intervals of the tune in semitones, none across a silence of four seconds."""
    return tuple(b.pitch - a.pitch for stretch in stretches(notes) for a, b in pairwise(stretch))


def ambitus(notes: Sequence[MusicNote]) -> At | None:
    """From the lowest to the highest note of the widest stretch, in semitones."""
    widths = [At(max(n.pitch for n in s) - min(n.pitch for n in s), s[0].onset_s) for s in stretches(notes)]
    return max(widths, key=lambda width: width.value, default=None)


def is_gapped(notes: Sequence[MusicNote]) -> bool:
    """Whether the tune keeps to five tones or fewer, as in a pentatonic scale."""
    return len(_tones(notes)) <= _GAPPED


def step_share(notes: Sequence[MusicNote]) -> float | None:
    """Share of the moves that are steps, in percent.

    A step is one or two semitones; in a tune of five tones or fewer also three, where none of its own tones lies
    between.
    """
    tones = _tones(notes)
    moves = [(a.pitch, b.pitch) for s in stretches(notes) for a, b in pairwise(s) if a.pitch != b.pitch]
    return 100 * sum(_is_step(a, b, tones) for a, b in moves) / len(moves) if moves else None


def _tones(notes: Sequence[MusicNote]) -> set[PitchClass]:
    """The pitch classes that make up the tune; passing strangers (below 2 % of the notes) left out."""
    counts = Counter(note.pitch % 12 for note in notes)
    return {tone for tone, count in counts.items() if count >= _STRANGER * len(notes)}


def _is_step(a: MidiPitch, b: MidiPitch, tones: set[PitchClass]) -> bool:
    low, high = min(a, b), max(a, b)
    if high - low <= _STEP:
        return True
    between = {pitch % 12 for pitch in range(low + 1, high)}
    return len(tones) <= _GAPPED and high - low == _GAPPED_STEP and not between & tones


def wide_share(intervals: Sequence[Semitones]) -> float | None:
    """Share of the moves that are a fifth or more, in percent."""
    return _share_of_moves(intervals, lambda interval: abs(interval) >= _WIDE)


def upward_share(intervals: Sequence[Semitones]) -> float | None:
    """Share of the moves that rise, in percent."""
    return _share_of_moves(intervals, lambda interval: interval > 0)


def mean_interval(intervals: Sequence[Semitones]) -> float | None:
    """Mean size of the intervals in semitones, repeated notes counted as 0."""
    return sum(abs(i) for i in intervals) / len(intervals) if intervals else None


def largest_interval(notes: Sequence[MusicNote]) -> At | None:
    """The widest interval between neighbours, in semitones, and where it is."""
    moves = [At(abs(b.pitch - a.pitch), b.onset_s) for s in stretches(notes) for a, b in pairwise(s)]
    return max(moves, key=lambda move: move.value, default=None)


def conditional_entropy(intervals: Sequence[Semitones]) -> float | None:
    """How uncertain an interval is when the one before is known, in bits: H(pairs) − H(singles), plug-in.

    In windows of 100 intervals, the middle value; None for a tune of fewer.
    """

    def in_window(window: Sequence[Semitones]) -> float:
        return entropy_bits(pairwise(window)) - entropy_bits(window)

    return _middle_window(intervals, in_window)


def repetition(intervals: Sequence[Semitones]) -> float | None:
    """Share of groups of four intervals that were there before, 0–1; in windows of 100 intervals, the middle
    value; None for a tune of fewer."""
    return _middle_window(intervals, repetition_of)


def calm_contour_share(phrases: Sequence[Sequence[MusicNote]]) -> float | None:
    """Share of the phrases that arch (up and down again) or fall, in percent; None without a phrase of four notes."""
    shapes = [contour_of([_exact(note) for note in p]) for p in phrases if len(p) >= _FEWEST_IN_PHRASE]
    return 100 * sum(shape in ("arch", "falling") for shape in shapes) / len(shapes) if shapes else None


def settled_end_share(
    phrases: Sequence[Sequence[MusicNote]], tonic: PitchClass, minor_third: bool
) -> float | None:
    """Share of the phrases that end on the first, third or fifth degree, in percent."""
    stable = {tonic, (tonic + (3 if minor_third else 4)) % 12, (tonic + 7) % 12}
    ends = [phrase[-1].pitch % 12 for phrase in phrases if phrase]
    return 100 * sum(end in stable for end in ends) / len(ends) if ends else None


def _share_of_moves(intervals: Sequence[Semitones], wanted: Callable[[Semitones], bool]) -> float | None:
    moves = [interval for interval in intervals if interval]
    return 100 * sum(wanted(interval) for interval in moves) / len(moves) if moves else None


def _middle_window(
    intervals: Sequence[Semitones], measure: Callable[[Sequence[Semitones]], float]
) -> float | None:
    n_windows = math.ceil((len(intervals) - WINDOW_INTERVALS + 1) / (WINDOW_INTERVALS // 2))
    if n_windows < 1:
        return None
    starts = [index * (WINDOW_INTERVALS // 2) for index in range(n_windows)]
    return statistics.median(measure(intervals[start : start + WINDOW_INTERVALS]) for start in starts)


def _exact(note: MusicNote) -> TuneNote:
    onset = round(note.onset_beats * _FINE)
    return TuneNote(onset, max(round(note.end_beats * _FINE) - onset, 1), note.pitch)
