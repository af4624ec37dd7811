"""A drawn tune together with everything that led to it."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.compose.tune_layout import Layout
from calmando.compose.tune_plan import TunePlan
from calmando.compose.tune_slots import Ground
from calmando.compose.tune_weights import Bonds, Line
from calmando.score.tune import Tune


@dataclass(frozen=True, slots=True)
class DrawnTune:
    """A tune, its plan and places, and its pitches as scale steps, phrase by phrase.

    ``inherited`` are the motif's steps it was bound to from the start, as a member of a family; ``distance`` is how far
    it is from real lullabies, ``unrest`` how far beyond what a calm tune does.
    """

    tune: Tune
    plan: TunePlan
    layout: Layout
    ground: Ground
    lines: tuple[Line, ...]
    inherited: Bonds
    distance: float
    unrest: float
