"""What can be counted on a tune, as on the lullabies of the world: intervals, range, contour, entropy, repetition.

Run ``python -m calmando.compose.tune_table`` to print the figures of many tunes per mode beside those of real lullabies
(Natural History of Song discography, 30 lullabies; a secondary analysis).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from calmando.score.tune import Tune, TuneNote
from calmando.units import MidiPitch, PitchClass, Semitones, Ticks

WINDOW_INTERVALS = 100
"""Entropy and repetition grow with length: both are measured on at most this many intervals."""

KEY_PROFILES = {
    False: (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    True: (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
"""Krumhansl and Kessler 1982: how well each pitch class fits a major (False) and a minor key (True)."""


@dataclass(frozen=True, slots=True)
class TuneStatistics:
    """The statistics of one tune.

    Attributes
    ----------
    interval_shares
        Shares of intervals of 0, 1 … 7 and 8 or more semitones.
    steps, thirds, fourths, wider
        Shares of the moves (repeated notes left out) of 1–2, 3–4, 5 and 6 or more semitones.
    upward
        Share of the moves that rise.
    mean_interval
        Mean of the absolute intervals in semitones.
    range_semitones, distinct_pitches, distinct_pitch_classes
        Width and vocabulary.
    contour
        The whole line by its thirds: ``arch``, ``falling``, ``valley``, ``rising`` or ``level``.
    entropy, conditional_entropy
        H0 of the intervals and H1 = H(pairs) − H0, in bits, plug-in, in a window of 100 intervals.
    repetition
        1 − distinct / all groups of four intervals, in a window of 100 intervals.
    stable_time
        Share of time on the first, third and fifth degree.
    key_clarity
        Correlation of the time on each pitch class with the key profile of the tune's own tonic (Krumhansl and
        Kessler 1982).
    longest_run
        Longest run of equal notes.
    n_peaks, peak_position
        How often the highest note sounds, and where it first does (0 the beginning, 1 the end).
    final_interval, final_by_step
        Semitones into the last note; whether they are one step of the scale (up to three in a pentatonic).
    unanswered_leaps, n_leaps
        Leaps of a fourth or more not followed by a turn back of at most a third, and all of them.
    notes_per_quarter
        Density.
    """

    interval_shares: tuple[float, ...]
    steps: float
    thirds: float
    fourths: float
    wider: float
    upward: float
    mean_interval: float
    range_semitones: Semitones
    distinct_pitches: int
    distinct_pitch_classes: int
    contour: str
    entropy: float
    conditional_entropy: float
    repetition: float
    stable_time: float
    key_clarity: float
    longest_run: int
    n_peaks: int
    peak_position: float
    final_interval: Semitones
    final_by_step: bool
    unanswered_leaps: int
    n_leaps: int
    notes_per_quarter: float


def measure_tune(tune: Tune) -> TuneStatistics:
    """The statistics of a tune."""
    mode = tune.key.mode
    return measure_notes(
        tune.notes,
        tonic=tune.key.tonic,
        minor=mode.minor_third,
        widest_step=3 if len(mode.steps) == 5 else 2,
    )


def measure_notes(
    notes: Sequence[TuneNote], *, tonic: PitchClass, minor: bool, widest_step: Semitones = 2
) -> TuneStatistics:
    """The statistics of a line of at least four notes.

    Parameters
    ----------
    tonic, minor
        The key.
    widest_step
        Semitones of the scale's widest step.
    """
    stable = {(tonic + above) % 12 for above in ((0, 3, 7) if minor else (0, 4, 7))}
    pitches = [note.pitch for note in notes]
    intervals = [after - pitch for pitch, after in pairwise(pitches)]
    sizes = Counter(map(abs, intervals))
    n_moves = max(len(intervals) - sizes[0], 1)
    total = notes[-1].end_ticks - notes[0].onset_ticks
    durations = sum(note.duration_ticks for note in notes)
    peak = max(pitches)
    window = intervals[:WINDOW_INTERVALS]
    entropy = entropy_bits(window)
    leaps = [i for i, interval in enumerate(intervals[:-1]) if abs(interval) >= 5]
    return TuneStatistics(
        interval_shares=tuple(n / len(intervals) for n in _n_by_size(sizes)),
        steps=(sizes[1] + sizes[2]) / n_moves,
        thirds=(sizes[3] + sizes[4]) / n_moves,
        fourths=sizes[5] / n_moves,
        wider=sum(n for size, n in sizes.items() if size >= 6) / n_moves,
        upward=sum([interval > 0 for interval in intervals]) / n_moves,
        mean_interval=sum(size * n for size, n in sizes.items()) / len(intervals),
        range_semitones=peak - min(pitches),
        distinct_pitches=len(set(pitches)),
        distinct_pitch_classes=len({pitch % 12 for pitch in pitches}),
        contour=contour_of(notes),
        entropy=entropy,
        conditional_entropy=entropy_bits(pairwise(window)) - entropy,
        repetition=repetition_of(window),
        stable_time=sum(n.duration_ticks for n in notes if n.pitch % 12 in stable) / durations,
        key_clarity=key_clarity_of(notes, tonic=tonic, minor=minor),
        longest_run=_longest_run(pitches),
        n_peaks=pitches.count(peak),
        peak_position=(notes[pitches.index(peak)].onset_ticks - notes[0].onset_ticks) / total,
        final_interval=intervals[-1],
        final_by_step=0 < abs(intervals[-1]) <= widest_step,
        unanswered_leaps=sum(not _is_answered(intervals[i], intervals[i + 1]) for i in leaps),
        n_leaps=len(leaps),
        notes_per_quarter=480 * len(notes) / total,
    )


def _n_by_size(sizes: Counter[Semitones]) -> tuple[int, ...]:
    """How many intervals of 0, 1 … 7 and 8 or more semitones there are."""
    return (*(sizes[size] for size in range(8)), sum(n for size, n in sizes.items() if size >= 8))


def _is_answered(leap: Semitones, after: Semitones) -> bool:
    """Whether a leap is followed by a move of at most a third the other way."""
    return leap * after < 0 and abs(after) <= 4


def contour_of(notes: Sequence[TuneNote]) -> str:
    """The shape of a line by the mean pitches of its thirds in time; half a semitone counts as level."""
    first, last = notes[0].onset_ticks, notes[-1].end_ticks
    sounds = [(note.onset_ticks, note.end_ticks, note.pitch) for note in notes]
    edges = [first + (last - first) * third // 3 for third in range(4)]
    low, middle, high = (_mean_pitch(sounds, begin, end) for begin, end in pairwise(edges))
    if middle - max(low, high) > 0.25:
        return "arch"
    if min(low, high) - middle > 0.25:
        return "valley"
    if abs(high - low) <= 0.5:
        return "level"
    return "rising" if high > low else "falling"


def _mean_pitch(sounds: Sequence[tuple[Ticks, Ticks, MidiPitch]], begin: Ticks, end: Ticks) -> float:
    """The mean pitch between two moments of notes with an onset and an end."""
    total = time = 0
    for onset, stop, pitch in sounds:
        if onset < end and stop > begin:
            inside = (stop if stop < end else end) - (onset if onset > begin else begin)
            total += inside * pitch
            time += inside
    return total / max(time, 1)


def key_clarity_of(notes: Sequence[TuneNote], *, tonic: PitchClass, minor: bool) -> float:
    """Correlation (−1 to 1) of the time on each pitch class with the key's profile."""
    times = [0] * 12
    for note in notes:
        times[(note.pitch - tonic) % 12] += note.duration_ticks
    profile = KEY_PROFILES[minor]
    mean_time, mean_weight = sum(times) / 12, math.fsum(profile) / 12
    pairs = [(time - mean_time, weight - mean_weight) for time, weight in zip(times, profile, strict=True)]
    spread = math.fsum(t * t for t, _ in pairs) * math.fsum(w * w for _, w in pairs)
    return math.fsum(t * w for t, w in pairs) / math.sqrt(spread) if spread else 0.0


def entropy_bits(items: Iterable[object]) -> float:
    """Plug-in entropy in bits."""
    counts = Counter(items)
    total = sum(counts.values())
    if not total:
        return 0.0
    return math.log2(total) - math.fsum(n * math.log2(n) for n in sorted(counts.values())) / total


def repetition_of(intervals: Sequence[Semitones]) -> float:
    """Share of groups of four intervals that were there before."""
    groups = [tuple(intervals[i : i + 4]) for i in range(len(intervals) - 3)]
    return 1.0 - len(set(groups)) / len(groups) if groups else 0.0


def _longest_run(pitches: Sequence[MidiPitch]) -> int:
    longest = run = 1
    for pitch, after in pairwise(pitches):
        run = run + 1 if after == pitch else 1
        longest = max(longest, run)
    return longest
