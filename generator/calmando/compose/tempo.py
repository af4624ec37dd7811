"""The tempo of each phrase: towards the arc's, in steps nobody notices."""

from __future__ import annotations

from calmando.theory.metre import Metre
from calmando.units import Bpm, Microseconds

MOST_DRIFT_PER_BEAT = 0.0017
"""Drift below 0.17 % a beat is not noticed (Madison & Merker 2004)."""


def next_tempo(
    previous: Microseconds | None, wanted_bpm: Bpm, metre: Metre, n_beats: int, largest_step_percent: float
) -> Microseconds:
    """The tempo of the next phrase, constant within it.

    Parameters
    ----------
    previous
        The phrase before, in microseconds a quarter; None at the beginning.
    wanted_bpm
        What the arc asks for.
    n_beats
        Beats of the phrase before: the step is at most 0.17 % for each of them.
    largest_step_percent
        And at most this.
    """
    wanted = metre.us_per_quarter(wanted_bpm)
    if previous is None:
        return wanted
    step = min(largest_step_percent / 100, MOST_DRIFT_PER_BEAT * n_beats)
    # Rounded towards the previous tempo, so that a whole microsecond never exceeds the step.
    return min(max(wanted, int(previous / (1 + step)) + 1), int(previous * (1 + step)))
