"""Where the tune's phrases begin and end, how long they last, and how much the tune rests."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from calmando.audit.music import MusicNote, Span
from calmando.units import Seconds

_LONG_AGAINST_USUAL = 1.9
_FEWEST_NOTES = 5
_LONGEST_PHRASE_S: Seconds = 30.0


def phrases_of(
    notes: Sequence[MusicNote], spans: Sequence[Span], beats_per_bar: int
) -> tuple[tuple[MusicNote, ...], ...]:
    """The tune's notes phrase by phrase.

    Where the phrases are known, an upbeat goes with the phrase it leads to: the cut lies after the longest wait
    that touches the bar before the boundary. Where they are not, a phrase ends on a wait of about twice the usual one.
    """
    if not notes:
        return ()
    if not spans:
        return _found(notes)
    cuts = {_cut(notes, span.onset_beats, beats_per_bar) for span in spans}
    edges = sorted({0, len(notes), *cuts})
    return tuple(tuple(notes[a:b]) for a, b in pairwise(edges))


def phrase_lengths_s(phrases: Sequence[Sequence[MusicNote]], spans: Sequence[Span]) -> tuple[Seconds, ...]:
    """How long phrases last in seconds, from one beginning to the next; pauses beyond thirty seconds left out."""
    if spans:
        return tuple(span.end_s - span.onset_s for span in spans)
    onsets = [phrase[0].onset_s for phrase in phrases]
    return tuple(b - a for a, b in pairwise(onsets) if b - a <= _LONGEST_PHRASE_S)


def rest_share(notes: Sequence[MusicNote]) -> float | None:
    """Share of the time from the tune's first note to its last in which it rests, in percent."""
    if len(notes) < 2:
        return None
    whole = notes[-1].end_s - notes[0].onset_s
    sounding = math.fsum(note.end_s - note.onset_s for note in notes)
    return 100 * (1 - min(sounding / whole, 1.0)) if whole > 0 else None


def _cut(notes: Sequence[MusicNote], boundary: float, beats_per_bar: int) -> int:
    """Index of the first note of the phrase that begins at a boundary, its upbeat included."""
    at = next((i for i, note in enumerate(notes) if note.onset_beats >= boundary - 1e-3), len(notes))
    if at == 0 or at == len(notes):
        return at
    before = [i for i in range(at) if notes[i].onset_beats > boundary - beats_per_bar - 1e-3]
    if not before:
        return at
    # The wait that reaches into the bar counts as well: after a long last note, or before the very first one.
    waits = {i: notes[i + 1].onset_beats - notes[i].onset_beats for i in (before[0] - 1, *before) if i >= 0}
    if before[0] == 0:
        waits[-1] = notes[0].onset_beats
    longest = max(waits.values())
    return max(i for i, wait in waits.items() if wait >= longest - 1e-3) + 1


def _found(notes: Sequence[MusicNote]) -> tuple[tuple[MusicNote, ...], ...]:
    waits = [b.onset_beats - a.onset_beats for a, b in pairwise(notes)]
    if not waits:
        return (tuple(notes),)
    usual = statistics.median(waits)
    phrases: list[list[MusicNote]] = [[notes[0]]]
    for note, wait in zip(notes[1:], waits, strict=True):
        if wait >= usual * _LONG_AGAINST_USUAL and len(phrases[-1]) >= _FEWEST_NOTES:
            phrases.append([])
        phrases[-1].append(note)
    return tuple(tuple(phrase) for phrase in phrases)
