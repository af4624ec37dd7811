"""The heartbeat: lub–dub tied to the tempo, coming and going gradually, never the last to sound."""

from __future__ import annotations

import math

from calmando.compose.textures.contract import Stroke
from calmando.preset.model import HeartbeatSettings
from calmando.theory import percussion
from calmando.theory.metre import Metre
from calmando.units import TICKS_PER_QUARTER, Bpm, Decibels, Microseconds, Seconds, Ticks

FADE_S: Seconds = 24.0
"""It comes and goes over this long (20 s is asked for at least)."""
_SILENT_DB: Decibels = -40.0
_STILL_S: Seconds = 2.0
"""Its last beats are already as good as silent."""
_BREATH_S: Seconds = 10.0
_SOUND_TICKS: Ticks = TICKS_PER_QUARTER // 4


def systole_s(rate: Bpm) -> Seconds:
    """From the first heart sound to the second: 471 − 2.2 × rate milliseconds (Weissler's systole less its start).

    Examples
    --------
    >>> systole_s(60)
    0.339
    """
    return round(471 - 2.2 * rate, 6) / 1000


def heartbeat(
    settings: HeartbeatSettings,
    metre: Metre,
    n_ticks: Ticks,
    us_per_quarter: Microseconds,
    start_s: Seconds,
    *,
    beats: int = 1,
) -> tuple[Stroke, ...]:
    """The heart sounds of a phrase.

    Parameters
    ----------
    settings
        Infant or adult sounds, breathing variation.
    metre, n_ticks, us_per_quarter
        The phrase's metre, length and tempo.
    start_s
        When the phrase begins, for the breathing variation.
    beats
        Beats of one heartbeat, the same in the whole piece (`calmando.preset.heart_rate`).
    """
    bpm = metre.bpm(us_per_quarter)
    step = metre.beat_ticks * beats
    ticks_per_second = TICKS_PER_QUARTER * 1_000_000 / us_per_quarter
    gap = round(systole_s(bpm * metre.beat_ticks / step) * ticks_per_second)
    lub, dub = (
        (percussion.INFANT_LUB, percussion.INFANT_DUB)
        if settings.infant
        else (percussion.HEART_LUB, percussion.HEART_DUB)
    )
    strokes = []
    for at in range(0, n_ticks, step):
        shift = _breathing_shift(settings.breathing_percent, start_s + at / ticks_per_second)
        moved = max(0, at + round(shift * ticks_per_second))
        strokes.append(Stroke(moved, _SOUND_TICKS, lub, 4))
        if moved + gap < n_ticks:
            strokes.append(Stroke(moved + gap, _SOUND_TICKS, dub, -4))
    return tuple(strokes)


def _breathing_shift(percent: float, seconds: Seconds) -> Seconds:
    """How far a beat moves so that the rate sways as a sine on a breath of ten seconds."""
    if percent == 0:
        return 0.0
    return -percent / 100 * _BREATH_S / (2 * math.pi) * math.cos(2 * math.pi * seconds / _BREATH_S)


def level_db(since_s: Seconds, left_s: Seconds) -> Decibels:
    """Its level, so long after it began and so long before it ends: 0 in between, silent at both."""
    part = min(since_s, left_s - _STILL_S) / FADE_S
    return 0.0 if part >= 1 else _SILENT_DB * (1 - max(part, 0.0))
