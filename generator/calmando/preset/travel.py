"""Where a preset's tempo goes: its beginning, where it leads, and every stage that goes beyond these."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calmando.units import Bpm

if TYPE_CHECKING:
    from calmando.preset.model import Preset

MOST_DRIFT_PER_BEAT = 0.0017
"""Drift below 0.17 % a beat is not noticed (Madison & Merker 2004), averaged over `DRIFT_BEATS`."""
DRIFT_BEATS = 16
SLOWEST_BPM, FASTEST_BPM = 36, 140
"""Between these a tempo lies, wherever it goes."""
MOST_RAISED = 1.1
"""A walker's cadence is raised by ten percent at the most at a time (Arias & Cudeiro 2010)."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A tempo that the piece comes to.

    Attributes
    ----------
    bpm
        The tempo.
    said
        The setting that leads there, and the tempo, in words: ``tempo.end_bpm is 56 BPM``.
    """

    bpm: Bpm
    said: str


def waypoints(preset: Preset) -> tuple[Waypoint, ...]:
    """The tempi between which all others of a piece lie: start, end, and those of stages that go beyond."""
    tempo = preset.tempo
    beyond = [
        (f"stages.{stage.name}.way", stage.way, tempo.bpm_at(stage.way))
        for stage in preset.stages
        if tempo.end_bpm != tempo.start_bpm and not 0 <= stage.way <= 1
    ]
    return (
        Waypoint(tempo.start_bpm, f"tempo.start_bpm is {tempo.start_bpm:g} BPM"),
        Waypoint(tempo.end_bpm, f"tempo.end_bpm is {tempo.end_bpm:g} BPM"),
        *(Waypoint(bpm, f"{key} = {way:g} leads to {bpm:.3g} BPM") for key, way, bpm in beyond),
    )


def slowest_and_fastest(preset: Preset) -> tuple[Waypoint, Waypoint]:
    """The slowest and the fastest tempo of a piece."""
    reached = waypoints(preset)
    return min(reached, key=lambda point: point.bpm), max(reached, key=lambda point: point.bpm)


def largest_log_step(phrase_beats: int, largest_step_percent: float) -> float:
    """The largest change of tempo from one phrase to the next, as a natural logarithm.

    Parameters
    ----------
    phrase_beats
        Beats of a phrase: what any sixteen beats hold of changes is at most 0.17 % for each of them.
    largest_step_percent
        The preset's own limit.
    """
    changes = math.ceil(DRIFT_BEATS / phrase_beats)
    return min(math.log1p(largest_step_percent / 100), MOST_DRIFT_PER_BEAT * DRIFT_BEATS / changes)
