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


def syncopation_share(notes: Sequence[MusicNote]) -> float | None:
    """Share of the notes, in percent, that begin off the beat and sound on through the next beat."""
    if not notes:
        return None
    syncopated = 0
    for note in notes:
        into = note.onset_beats - math.floor(note.onset_beats + _NEAR)
        next_beat = math.floor(note.onset_beats + _NEAR) + 1
        syncopated += into > _NEAR and note.end_beats > next_beat + 2 * _NEAR
    return 100 * syncopated / len(notes)


def waits_beats(notes: Sequence[MusicNote]) -> tuple[float, ...]:
    """From onset to onset in beats; waits across a long silence are left out."""
    return tuple(
        b.onset_beats - a.onset_beats
        for a, b in pairwise(notes)
        if b.onset_s - a.end_s < _NEW_BREATH_S and 0 < b.onset_beats - a.onset_beats <= _LONGEST_WAIT_BEATS
    )
