"""Keeps the filter of a softly played note clear of its fundamental, and in step with the key: soft is darker, not gone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from calmando.instruments.model import LowPass, Zone
from calmando.theory.pitch import key_hz

_SOFT_SHARE = (127 - 30) / 127
"""How much of its fall the filter has made at velocity 30."""
_USUAL_VELOCITY = 60
"""Where the cutoffs of neighbouring zones meet; a little further apart where the touch is firmer or softer."""
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


def filters_following(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones, with cutoffs that go from each root to the next by the keys between, not all at once."""
    heard_cents = {
        zone.sample.root_key: 1200 * math.log2(zone.low_pass.cutoff_hz)
        - zone.low_pass.velocity_cents * (1 - _USUAL_VELOCITY / 127)
        for zone in zones
        if zone.low_pass is not None and zone.pitch_follows_key
    }
    roots = sorted(heard_cents)
    slopes = [(heard_cents[high] - heard_cents[low]) / (high - low) for low, high in pairwise(roots)]
    key_cents = {
        root: (below + above) / 2
        for root, (below, above) in zip(roots, pairwise([0.0, *slopes, 0.0]), strict=True)
    }
    return tuple(
        replace(zone, low_pass=replace(zone.low_pass, key_cents=key_cents[zone.sample.root_key]))
        if zone.low_pass is not None and zone.pitch_follows_key
        else zone
        for zone in zones
    )


def _held(low_pass: LowPass, root_key: int) -> LowPass:
    cutoff_hz = min(low_pass.cutoff_hz, _HIGHEST_CUTOFF_HZ)
    room_cents = 1200 * math.log2(max(1.0, cutoff_hz / (_CLEAR_OF * key_hz(root_key))))
    return replace(low_pass, velocity_cents=min(low_pass.velocity_cents, room_cents / _SOFT_SHARE))
