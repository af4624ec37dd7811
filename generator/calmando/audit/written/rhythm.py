"""The tune's rhythm: how many kinds of note values, how much they alternate, how much they cut across the beat.

References
----------
E. Grabe and E. Low, "Durational variability in speech and the rhythm class hypothesis" (2002): nPVI.
C. Longuet-Higgins and C. Lee, "The rhythmic interpretation of monophonic music", Music Perception 1 (1984):
a syncopation is a note on a weak place held over a stronger one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from calmando.audit.music import MusicNote
from calmando.compose.tune_statistics import entropy_bits
from calmando.units import Seconds

_PARTS_OF_A_BEAT = 12
_LONGEST_WAIT_BEATS = 16.0
_NEAR = 0.06
_PHASES = (0.0, 0.25, 1 / 3, 0.5, 2 / 3, 0.75)
_CLEARLY_MORE = 1.5
_NEW_BREATH_S: Seconds = 4.0


def rhythm_entropy(notes: Sequence[MusicNote]) -> float | None:
    """Entropy of the note values (from onset to onset, in twelfths of a beat), in bits."""
    waits = waits_beats(notes)
    return entropy_bits(round(wait * _PARTS_OF_A_BEAT) for wait in waits) if len(waits) > 1 else None


def npvi(notes: Sequence[MusicNote]) -> float | None:
    """Normalised pairwise variability of the note values: 0 all equal, about 40 in sung music, 67 for 1 : 2."""
    pairs = list(pairwise(waits_beats(notes)))
    if not pairs:
        return None
    return 200 / len(pairs) * math.fsum(abs(a - b) / (a + b) for a, b in pairs)


def syncopation_share(notes: Sequence[MusicNote], phase: float = 0.0) -> float | None:
    """Share of the notes, in percent, that begin off the beat and sound on through the next beat.

    Parameters
    ----------
    phase
        Where in the counted beat the felt one lies (see `beat_phase`), 0–1.
    """
    if not notes:
        return None
    syncopated = 0
    for note in notes:
        onset, end = note.onset_beats - phase, note.end_beats - phase
        into = onset - math.floor(onset + _NEAR)
        next_beat = math.floor(onset + _NEAR) + 1
        syncopated += into > _NEAR and end > next_beat + 2 * _NEAR
    return 100 * syncopated / len(notes)


def beat_phase(onset_beats: Sequence[float]) -> float:
    """Where in the counted beat most notes begin: 0, unless another place has half as many again.

    A foreign file that begins with an upbeat may count its beats from there.
    """
    places = [beats % 1.0 for beats in onset_beats]

    def begin_at(phase: float) -> int:
        return sum(min(abs(place - phase), 1 - abs(place - phase)) <= _NEAR for place in places)

    best = max(_PHASES, key=begin_at)
    return best if begin_at(best) > _CLEARLY_MORE * begin_at(0.0) else 0.0


def waits_beats(notes: Sequence[MusicNote]) -> tuple[float, ...]:
    """From onset to onset in beats; waits across a long silence are left out."""
    return tuple(
        b.onset_beats - a.onset_beats
        for a, b in pairwise(notes)
        if b.onset_s - a.end_s < _NEW_BREATH_S and 0 < b.onset_beats - a.onset_beats <= _LONGEST_WAIT_BEATS
    )
