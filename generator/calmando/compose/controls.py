"""Controller curves: the arc's loudness, the swell of breath, the heartbeat's coming and going."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from calmando.compose.expression import expression_value
from calmando.compose.heartbeat import level_db
from calmando.preset.model import BreathSettings
from calmando.score.model import ControlChange, Controller
from calmando.theory.metre import Metre
from calmando.units import Decibels, Seconds, Ticks, Unit

_STEPS_PER_BEAT = 2
PEAK_SWELL_DB: Decibels = 2.0
"""The swell of a phrase with the tune's peak, where resonance is full."""
_SLOWEST_RISE_S: Seconds = 4.0
_LEAST_FALL_S: Seconds = 3.0


class Curve:
    """One channel's expression, written only where it changes."""

    def __init__(self, value: int = 127) -> None:
        self._value = value

    def to(self, ticks: Ticks, level: Decibels) -> Iterator[ControlChange]:
        """The change to a level below full, if it is one."""
        return self.through(((ticks, expression_value(level)),))

    def through(self, points: Iterable[tuple[Ticks, int]]) -> Iterator[ControlChange]:
        """The changes through values in order of time."""
        for ticks, value in points:
            if value != self._value:
                self._value = value
                yield ControlChange(ticks, Controller.EXPRESSION, value)


def breath_swell(
    curve: Curve, settings: BreathSettings, metre: Metre, start: Ticks, base_db: Decibels
) -> tuple[ControlChange, ...]:
    """A breath's swell: up over the inhale, down over the exhale, as slow halves of a cosine."""
    inhale = settings.inhale_bars * metre.bar_ticks
    exhale = settings.exhale_bars * metre.bar_ticks
    step = metre.beat_ticks // _STEPS_PER_BEAT
    changes: list[ControlChange] = []
    for at in range(0, inhale + exhale, step):
        part = at / inhale if at < inhale else 1 - (at - inhale) / exhale
        swell = -settings.swell_db * (1 + math.cos(math.pi * part))
        changes.extend(curve.to(start + at, base_db + swell))
    return tuple(changes)


def swell_at(at_s: Seconds, peak_s: Seconds, length_s: Seconds) -> Unit:
    """How far a phrase with the tune's peak has swelled: up over four seconds at least, down again by its end.

    Examples
    --------
    >>> [round(swell_at(at, 5.0, 10.0), 2) for at in (0.0, 2.5, 5.0, 7.5, 10.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    >>> swell_at(4.0, 1.0, 10.0), swell_at(3.0, 1.0, 6.5)
    (1.0, 0.0)
    """
    top_s = max(peak_s, _SLOWEST_RISE_S)
    if top_s > length_s - _LEAST_FALL_S:
        return 0.0
    part = at_s / top_s if at_s < top_s else (length_s - at_s) / (length_s - top_s)
    return 0.5 - 0.5 * math.cos(math.pi * part)


def peak_swell(
    start: Ticks, n_ticks: Ticks, peak: Ticks, length_s: Seconds, base_db: Decibels, swell_db: Decibels
) -> tuple[tuple[Ticks, int], ...]:
    """The expression of all parts in a phrase that has the tune's peak, ``peak`` ticks from its beginning."""
    n_steps = max(1, round(2 * length_s))
    levels = (
        base_db + swell_db * swell_at(length_s * index / n_steps, length_s * peak / n_ticks, length_s)
        for index in range(n_steps)
    )
    return tuple(
        (start + n_ticks * index // n_steps, expression_value(level)) for index, level in enumerate(levels)
    )


def heartbeat_fade(
    curve: Curve,
    start: Ticks,
    n_ticks: Ticks,
    since_s: Seconds,
    left_s: Seconds,
    length_s: Seconds,
    base_db: Decibels,
) -> tuple[ControlChange, ...]:
    """The heartbeat's level through a phrase: it fades in after its beginning and out before the ending."""
    n_steps = max(1, round(length_s))
    changes: list[ControlChange] = []
    for index in range(n_steps):
        at = length_s * index / n_steps
        level = base_db + level_db(since_s + at, left_s - at)
        changes.extend(curve.to(start + n_ticks * index // n_steps, level))
    return tuple(changes)
