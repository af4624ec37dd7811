"""How much happens: onsets a second, of everything and of the tune, and accents among them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from calmando.audit.music import MusicNote
from calmando.score.pace import At
from calmando.units import Seconds

WINDOW_S: Seconds = 5.0
_TOGETHER_S: Seconds = 0.03
_LONGEST_WAIT_S: Seconds = 3.0
_NEIGHBOURS = 8
_ACCENT = 15


def distinct_onsets(onsets_s: Sequence[Seconds]) -> tuple[Seconds, ...]:
    """Onset times in order, those within 30 ms of the first of them taken as one."""
    kept: list[Seconds] = []
    for onset in sorted(onsets_s):
        if not kept or onset - kept[-1] > _TOGETHER_S:
            kept.append(onset)
    return tuple(kept)


def busiest_window(onsets_s: Sequence[Seconds]) -> At:
    """The most distinct onsets a second in any five seconds."""
    onsets = distinct_onsets(onsets_s)
    best, first = At(0.0, 0.0), 0
    for last, onset in enumerate(onsets):
        while onset - onsets[first] >= WINDOW_S - 1e-6:
            first += 1
        density = (last - first + 1) / WINDOW_S
        if density > best.value:
            best = At(density, onsets[first])
    return best


def density_curve(
    onsets_s: Sequence[Seconds], length_s: Seconds
) -> tuple[tuple[Seconds, ...], tuple[float, ...]]:
    """Distinct onsets a second in successive five-second windows: their middles and values."""
    n_windows = max(math.ceil(length_s / WINDOW_S), 1)
    counts = [0] * n_windows
    for onset in distinct_onsets(onsets_s):
        if 0 <= onset < n_windows * WINDOW_S:
            counts[int(onset / WINDOW_S)] += 1
    times = tuple((index + 0.5) * WINDOW_S for index in range(n_windows))
    return times, tuple(count / WINDOW_S for count in counts)


def tune_density(notes: Sequence[MusicNote]) -> float | None:
    """Notes a second while the tune sounds: a wait of more than three seconds counts as three."""
    if len(notes) < 2:
        return None
    waits = [b.onset_s - a.onset_s for a, b in pairwise(notes)]
    waits.append(notes[-1].end_s - notes[-1].onset_s)
    present = math.fsum(min(wait, _LONGEST_WAIT_S) for wait in waits)
    return len(notes) / present if present > 0 else None


def accent_share(parts: Sequence[Sequence[MusicNote]]) -> float | None:
    """Share of notes, in percent, struck more than 15 velocity steps above the mean of their eight neighbours
    on either side in the same part."""
    accents = total = 0
    for notes in parts:
        running = [0]
        for note in notes:
            running.append(running[-1] + note.velocity)
        for index, note in enumerate(notes):
            low, high = max(index - _NEIGHBOURS, 0), min(index + _NEIGHBOURS + 1, len(notes))
            if high - low < 2:
                continue
            mean = (running[high] - running[low] - note.velocity) / (high - low - 1)
            accents += note.velocity > mean + _ACCENT
            total += 1
    return 100 * accents / total if total else None
