"""A drum's sound: played once to its end, unpitched, at a loudness of its own."""

from __future__ import annotations

import math

import numpy as np

from calmando.instruments.level import levelled, scaled_sample
from calmando.instruments.model import Envelope, Frames, LowPass, Sample, Zone

_NEVER_CHOKED = Envelope(release_s=30.0)
_HEADROOM_DB = -12.0


def one_shot_zone(
    sample: Sample, target_lufs: float, *, key: int | None = None, low_pass: LowPass | None = None
) -> Zone:
    """The sample on its key (or another), scaled to a loudness at velocity 70; releasing the key does not cut it."""
    key = sample.root_key if key is None else key
    zone = Zone(
        scaled_sample(sample, _HEADROOM_DB),
        key,
        key,
        _NEVER_CHOKED,
        low_pass=low_pass,
        pitch_follows_key=False,
    )
    return levelled([zone], target_lufs=target_lufs)[0]


def softened(frames: Frames, rise_s: float, rate_hz: int) -> Frames:
    """The frames under a rounded rise, and a rounded end over their last third."""
    n_rise, n_end = round(rise_s * rate_hz), len(frames) // 3
    shaped = frames.copy()
    shaped[:n_rise] *= 0.5 - 0.5 * np.cos(np.linspace(0, math.pi, n_rise))
    shaped[-n_end:] *= 0.5 + 0.5 * np.cos(np.linspace(0, math.pi, n_end))
    return shaped
