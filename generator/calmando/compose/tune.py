"""The tune: plan it, draw its pitches a few times, keep the one nearest to real lullabies.

Public: `compose_tune(brief, *, stream)` gives the tune, `compose_tune_explained(brief, *, stream)` the tune with
its plan and, for each note, the rules that favoured it.
"""

from __future__ import annotations

from calmando.compose.tune_brief import TuneBrief
from calmando.rng import Stream
from calmando.score.tune import Tune


def compose_tune(brief: TuneBrief, *, stream: Stream) -> Tune:
    """Compose a tune; the same brief and stream give the same tune."""
    raise NotImplementedError(brief, stream)
