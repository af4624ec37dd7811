"""Controller curves: the arc's loudness, the swell of breath, the heartbeat's coming and going."""

from __future__ import annotations

import math
from collections.abc import Iterator

from calmando.compose.expression import expression_value
from calmando.compose.heartbeat import level_db
from calmando.preset.model import BreathSettings
from calmando.score.model import ControlChange, Controller
from calmando.theory.metre import Metre
from calmando.units import Decibels, Seconds, Ticks

_STEPS_PER_BEAT = 2


class Curve:
    """One channel's expression, written only where it changes."""

    def __init__(self, value: int = 127) -> None:
        self._value = value

    def to(self, ticks: Ticks, level: Decibels) -> Iterator[ControlChange]:
        """The change to a level below full, if it is one."""
        value = expression_value(level)
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
