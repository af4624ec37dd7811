"""Spreads each partial of a pad over a narrow band of frequencies, and makes of it an endless loop.

The spectrum of the whole loop is drawn at once: every partial is a small Gaussian hill of bins, wider the
higher it lies, each bin with a phase of its own. The inverse transform is a loop without any seam, in tune to
the hill's centre, sounding like many voices none of which can be told from the others. Odd bins turn upside down after
half the loop and make the side.

References
----------
Nasca Octavian Paul (2006). PADsynth algorithm, ZynAddSubFX documentation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft

from calmando.instruments.ensemble import Span
from calmando.instruments.model import Frames
from calmando.instruments.stereo_loop import joined, quarter_span, whole
from calmando.rng import Stream

_HILL_REACH = 3.5
_NARROWEST_BINS = 0.9
_WIDEST_HZ = 1.0
"""The half width of a fundamental's hill at most: the notes of a wider one flutter too quickly to be held still."""


@dataclass(frozen=True, slots=True)
class Partial:
    """One partial: its number (times the pitch), its amplitude and the half width of its hill in cents."""

    number: int
    amplitude: float
    width_cents: float


def pad_loop(
    partials: Sequence[Partial],
    frequency_hz: float,
    *,
    loop_s: float,
    rate_hz: int,
    width: float,
    stream: Stream,
) -> Frames:
    """A stereo loop (see `stereo_loop`), peak 1, exactly in tune with the pitch.

    The middle is the partials at rest, the side the bands around them: no partial ever fades away.
    """
    quarter = quarter_span(frequency_hz, loop_s=loop_s, rate_hz=rate_hz)
    middle = _drawn_lines(partials, quarter, stream=stream.child("middle"))
    side = _drawn_hills(partials, whole(quarter), stream=stream.child("side"))
    return joined(middle, side, quarter, width=width)


def _drawn_lines(partials: Sequence[Partial], span: Span, *, stream: Stream) -> Frames:
    power, phases = np.zeros(span.n_loop // 2 + 1), np.zeros(span.n_loop // 2 + 1)
    for partial in partials:
        centre = partial.number * span.n_cycles
        power[centre] += partial.amplitude**2
        phases[centre] = 2.0 * np.pi * stream.child(f"partial-{partial.number}").random()
    return _sounded(power, phases, span)


def _drawn_hills(partials: Sequence[Partial], span: Span, *, stream: Stream) -> Frames:
    n_bins = span.n_loop // 2 + 1
    power = np.zeros(n_bins)
    bins = np.arange(n_bins)
    phases = np.zeros(n_bins)
    for partial in partials:
        centre = partial.number * span.n_cycles
        half_width = min(2.0 ** (partial.width_cents / 1200.0) - 1.0, _WIDEST_HZ / span.frequency_hz)
        spread = max(_NARROWEST_BINS, centre * half_width)
        reach = math.ceil(_HILL_REACH * spread)
        low, high = max(1, centre - reach), min(n_bins, centre + reach + 1)
        if low >= high:
            continue
        away = bins[low:high] - centre
        hill = np.exp(-0.5 * (away / spread) ** 2)
        hill *= bins[low:high] % 2
        power[low:high] += partial.amplitude**2 * hill / hill.sum()
        phases[low:high] = _phases(reach, stream=stream.child(f"partial-{partial.number}"))[away + reach]
    return _sounded(power, phases, span)


def _sounded(power: Frames, phases: Frames, span: Span) -> Frames:
    return np.asarray(irfft(np.sqrt(power) * np.exp(1j * phases), span.n_loop)) * span.n_loop


def _phases(reach: int, *, stream: Stream) -> Frames:
    """Phases of the bins up to ``reach`` below and above a centre: the same ones however far they reach."""
    generator = np.random.default_rng(stream.below(2**31))
    outwards = 2.0 * np.pi * generator.random((reach + 1, 2))
    return np.concatenate([outwards[:0:-1, 0], outwards[:, 1]])
