"""Keeps the filter of a softly played note clear of its fundamental: soft is darker, not gone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from calmando.instruments.model import LowPass, Zone
from calmando.theory.pitch import key_hz

_SOFT_SHARE = (127 - 30) / 127
"""How much of its fall the filter has made at velocity 30."""
_CLEAR_OF = 1.5
"""The cutoff at velocity 30 stays this many times the fundamental of the root, or above."""
_HIGHEST_CUTOFF_HZ = 19_900.0
"""SoundFont 2.04, 8.1.3: the filter goes no higher than 13,500 cents."""


def fundamentals_kept(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones, with the fall of their filters held where it would swallow the fundamental of a soft note."""
    return tuple(
        replace(zone, low_pass=_held(zone.low_pass, zone.sample.root_key))
        if zone.low_pass is not None and zone.pitch_follows_key
        else zone
        for zone in zones
    )


def _held(low_pass: LowPass, root_key: int) -> LowPass:
    cutoff_hz = min(low_pass.cutoff_hz, _HIGHEST_CUTOFF_HZ)
    room_cents = 1200 * math.log2(max(1.0, cutoff_hz / (_CLEAR_OF * key_hz(root_key))))
    return replace(low_pass, velocity_cents=min(low_pass.velocity_cents, room_cents / _SOFT_SHARE))
