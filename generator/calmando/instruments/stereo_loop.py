"""Lays a middle and a side into one loop, heard in stereo by two zones of the same sample.

The middle repeats after half the loop, the side turns upside down there. The left zone begins at the loop's
start, the right one half a loop later: both hear the same middle and opposite sides, and the mono sum is the
middle alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calmando.instruments.ensemble import Group, Player, Span, blended_unison, exact_span, unison
from calmando.instruments.keyboard import Region
from calmando.instruments.model import Envelope, Frames, LowPass, Sample, Zone
from calmando.instruments.steady import begun_at_rest, root_mean_square, side_of, steadied
from calmando.rng import Stream

_WINDOW_S = 0.25


def half_span(frequency_hz: float, *, loop_s: float, rate_hz: int) -> Span:
    """Half of a loop of about ``loop_s`` seconds: what the middle repeats."""
    return exact_span(frequency_hz, loop_s=loop_s / 2.0, onset_s=0.0, rate_hz=rate_hz)


def doubled(half: Span) -> Span:
    """The whole loop of a half."""
    return Span(0, 2 * half.n_loop, 2 * half.n_cycles, half.rate_hz)


def stereo_unison(
    middle: Group, side: Sequence[Player], half: Span, *, width: float, stream: Stream
) -> Frames:
    """Two groups of players, one in the middle and one at the sides, as one loop of two halves.

    ``middle`` swings over half the loop, ``side`` over the whole.
    """
    centre = blended_unison(middle, half, stream=stream.child("middle"))
    flank = side_of(unison(side, doubled(half), stream=stream.child("side")))
    return begun_at_rest(joined(centre, flank, half.rate_hz, width=width))


def joined(half_middle: Frames, side: Frames, rate_hz: int, *, width: float) -> Frames:
    """A middle (one half of the loop) and a side (the whole loop), each held still, added; peak 1.

    ``width`` is the level of the side beside that of the middle.
    """
    centre = steadied(half_middle, len(half_middle), rate_hz, window_s=_WINDOW_S)
    flank = steadied(side, len(side), rate_hz, window_s=_WINDOW_S)
    flank = flank * width * root_mean_square(centre) / root_mean_square(flank)
    both = np.tile(centre, 2) + flank
    loop = steadied(both, len(both), rate_hz, window_s=_WINDOW_S)
    return np.asarray(loop / np.max(np.abs(loop)))


def stereo_zones(
    sample: Sample, region: Region, envelope: Envelope, low_pass: LowPass | None = None
) -> tuple[Zone, ...]:
    """The two zones that play such a loop, left and right."""
    half = (sample.loop.end - sample.loop.start) // 2 if sample.loop else 0
    return (
        Zone(sample, region.low, region.high, envelope, low_pass=low_pass, pan=-1.0),
        Zone(sample, region.low, region.high, envelope, low_pass=low_pass, pan=1.0, start_offset_frames=half),
    )
