"""Lays a middle and a side into one loop, heard in stereo by two zones of the same sample.

The middle repeats after a quarter of the loop, the side turns upside down after half of it. The left zone begins at the
loop's start, the right one a quarter later: both hear the same middle, and sides that have nothing in common. In one
loudspeaker the middle is twice as strong and the sides add up as strangers do. So neither an ear nor the sum of both hears
anything again before the whole loop has gone by.
"""

from __future__ import annotations

import math

import numpy as np

from calmando.instruments.ensemble import (
    Group,
    LowPartials,
    Span,
    blended_take,
    exact_span,
    low_partials,
    unison,
)
from calmando.instruments.keyboard import Region
from calmando.instruments.model import Envelope, Frames, LowPass, Sample, Zone
from calmando.instruments.steady import (
    LATER_SHARE,
    begun_at_rest,
    root_mean_square,
    side_of,
    steadied,
    steadied_in_both,
    still_window_s,
)
from calmando.rng import Stream

_WINDOW_S = 0.25


def quarter_span(frequency_hz: float, *, loop_s: float, rate_hz: int) -> Span:
    """A quarter of a loop of about ``loop_s`` seconds: what the middle repeats."""
    return exact_span(frequency_hz, loop_s=loop_s / LATER_SHARE, onset_s=0.0, rate_hz=rate_hz)


def whole(quarter: Span) -> Span:
    """The whole loop of a quarter."""
    return Span(0, LATER_SHARE * quarter.n_loop, LATER_SHARE * quarter.n_cycles, quarter.rate_hz)


def stereo_unison(middle: Group, side: Group, quarter: Span, *, width: float, stream: Stream) -> Frames:
    """Two groups of players, one in the middle and one at the sides, as one loop.

    ``middle`` swings over a quarter of the loop, ``side`` over the whole. Of several takes of the sides that one is chosen
    which blends best with the middle in one loudspeaker.
    """
    mine = blended_take(middle, quarter, lambda partials: partials, stream=stream.child("middle"))
    centre = low_partials(middle(mine), quarter, stream=mine)
    other = blended_take(
        side,
        whole(quarter),
        lambda flank: _summed_partials(centre, flank, width),
        stream=stream.child("side"),
    )
    flank = side_of(unison(side(other), whole(quarter), stream=other))
    loop = joined(unison(middle(mine), quarter, stream=mine), flank, quarter, width=width)
    return begun_at_rest(loop)


def _summed_partials(centre: LowPartials, side: LowPartials, width: float) -> LowPartials:
    """What one loudspeaker makes of a middle and of sides that have yet to be turned upside down after half a loop."""
    n_places, n_quarter = side.swells.shape[1], centre.swells.shape[1]
    flank = (side.swells - np.roll(side.swells, n_places // 2, axis=1)) / 2.0
    level = width * math.sqrt(2.0 * np.sum(centre.strangers) / np.sum(side.strangers))
    again = np.arange(n_places) * LATER_SHARE * n_quarter // n_places % n_quarter
    swells = 2.0 * centre.swells[:, again] + level * (
        flank + np.roll(flank, -n_places // LATER_SHARE, axis=1)
    )
    return LowPartials(swells, 4.0 * centre.strangers + level**2 * side.strangers)


def joined(quarter_middle: Frames, side: Frames, quarter: Span, *, width: float) -> Frames:
    """A middle (a quarter of the loop) and a side (the whole loop), each held still, added; peak 1.

    ``width`` is the level of the side beside that of the middle.
    """
    rate_hz, window_s = quarter.rate_hz, still_window_s(_WINDOW_S, quarter.frequency_hz)
    centre = steadied(quarter_middle, len(quarter_middle), rate_hz, window_s=window_s)
    flank = steadied(side, len(side), rate_hz, window_s=window_s)
    flank = flank * width * root_mean_square(centre) / root_mean_square(flank)
    loop = steadied_in_both(np.tile(centre, LATER_SHARE) + flank, rate_hz, window_s=window_s)
    return np.asarray(loop / np.max(np.abs(loop)))


def stereo_zones(
    sample: Sample, region: Region, envelope: Envelope, low_pass: LowPass | None = None
) -> tuple[Zone, ...]:
    """The two zones that play such a loop, left and right."""
    later = (sample.loop.end - sample.loop.start) // LATER_SHARE if sample.loop else 0
    return (
        Zone(sample, region.low, region.high, envelope, low_pass=low_pass, pan=-1.0),
        Zone(
            sample, region.low, region.high, envelope, low_pass=low_pass, pan=1.0, start_offset_frames=later
        ),
    )
