"""The quantities an instrument is measured by, as functions of a note's frames or a sample's.

A note is mono frames at 44,100 Hz that begin at its note-on. None of these functions knows a synthesiser.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import hilbert

from calmando.instruments.model import SAMPLE_RATE, Sample

Mono = NDArray[np.float64]
_FLOOR = 1e-12


def key_hz(key: int) -> float:
    """Equal temperament, A4 (key 69) = 440 Hz."""
    return 440.0 * 2 ** ((key - 69) / 12)


def peak_cents(mono: Mono, key: int, *, from_s: float = 0.1, to_s: float = 1.1) -> float:
    """How sharp the fundamental's spectral peak is, in cents; for plucked, struck and blown notes."""
    power, hz = _power(mono[round(from_s * SAMPLE_RATE) : round(to_s * SAMPLE_RATE)], pad=4)
    near = _near(hz, key_hz(key), cents=45)
    top = near[0] + int(np.argmax(power[near]))
    left, middle, right = np.log(power[top - 1 : top + 2] + 1e-300)
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return 1200 * math.log2(((top + shift) * (hz[1] - hz[0])) / key_hz(key))


def centroid_cents(mono: Mono, key: int, *, from_s: float = 1.0, to_s: float = 7.0) -> float:
    """How sharp the fundamental is on the whole, in cents; for ensembles, whose fundamental is a band."""
    power, hz = _power(mono[round(from_s * SAMPLE_RATE) : round(to_s * SAMPLE_RATE)], pad=1)
    near = _near(hz, key_hz(key), cents=70)
    mean_hz = float(np.sum(power[near] * hz[near]) / np.sum(power[near]))
    return 1200 * math.log2(mean_hz / key_hz(key))


def wobble_db(mono: Mono, *, from_s: float = 2.0, to_s: float = 8.0) -> float:
    """Standard deviation of the level of 50 ms pieces, in decibels."""
    piece = round(0.05 * SAMPLE_RATE)
    part = mono[round(from_s * SAMPLE_RATE) : round(to_s * SAMPLE_RATE)]
    pieces = part[: len(part) // piece * piece].reshape(-1, piece)
    return float(np.std(10 * np.log10(np.mean(pieces**2, axis=1) + _FLOOR)))


def bright_db(mono: Mono, key: int, *, to_s: float = 1.0) -> float:
    """Energy above 2.5 times the fundamental, against all of it, in decibels."""
    return _share_db(mono[: round(to_s * SAMPLE_RATE)], 2.5 * key_hz(key))


def above_db(mono: Mono, hertz: float = 16_000.0) -> float:
    """Energy above a frequency, against all of it, in decibels."""
    return _share_db(mono, hertz)


def non_harmonic_db(
    mono: Mono, key: int, *, own_partials: bool, from_s: float = 0.1, to_s: float = 2.1
) -> float:
    """Energy away from the partials, against all of it, in decibels.

    Parameters
    ----------
    own_partials
        True for bars, bells and stiff strings: their partials are wherever the spectrum peaks (down to −50 dB
        of the highest). False: they are the multiples of the fundamental. A partial is ±3 % or ±12 Hz wide.
    """
    power, hz = _power(mono[round(from_s * SAMPLE_RATE) : round(to_s * SAMPLE_RATE)], pad=1)
    outside = hz > 20
    partials = np.arange(key_hz(key), SAMPLE_RATE / 2, key_hz(key))
    if own_partials:
        peaks = (power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:]) & (power[1:-1] > 1e-5 * np.max(power))
        partials = np.concatenate([partials[:1], hz[1:-1][peaks]])
    for partial in partials:
        half = max(0.03 * partial, 12.0)
        low, high = np.searchsorted(hz, (partial - half, partial + half))
        outside[low:high] = False
    return 10 * math.log10(float(np.sum(power[outside])) / float(np.sum(power) + 1e-300) + _FLOOR)


def offset_db(stereo: NDArray[np.float64]) -> float:
    """The constant part (DC) against the peak, in decibels."""
    mean, peak = np.max(np.abs(np.mean(stereo, axis=0))), np.max(np.abs(stereo))
    return 20 * math.log10(float(mean / peak) + _FLOOR)


def level_db(part: NDArray[np.float64]) -> float:
    """Mean power, in decibels of full scale."""
    return 10 * math.log10(float(np.mean(part**2)) + 1e-16)


def rise_s(mono: Mono, key: int, *, sustained: bool) -> float:
    """Time from 10 to 90 % of the level: of the loudest moment, or of the sustain (2 to 4 s)."""
    envelope = envelope_of(mono, key)
    part = envelope[2 * SAMPLE_RATE : 4 * SAMPLE_RATE] if sustained else envelope
    full = float(np.sqrt(np.mean(part**2))) if sustained else float(np.max(part))
    start, end = (int(np.argmax(envelope >= share * full)) for share in (0.1, 0.9))
    return (end - start) / SAMPLE_RATE


def decay_60_s(mono: Mono, key: int) -> float:
    """Time of a free fall by 60 dB, from the fall between 5 and 35 dB below the top, or as much as is there."""
    envelope = envelope_of(mono, key)
    step = SAMPLE_RATE // 100
    fall = 20 * np.log10(envelope[int(np.argmax(envelope)) :: step] / np.max(envelope) + _FLOOR)
    fall = np.minimum.accumulate(fall)
    lowest = max(-35.0, float(fall[-1]))
    part = np.nonzero((fall <= min(-5.0, lowest / 7)) & (fall >= lowest))[0]
    if len(part) < 2:
        return math.inf
    slope = float(np.polyfit(part / 100, fall[part], 1)[0])
    return -60 / slope if slope < 0 else math.inf


def envelope_of(mono: Mono, key: int) -> Mono:
    """The level from moment to moment, smoothed over a period of the fundamental (3 to 40 ms)."""
    width = round(min(0.04, max(0.003, 1 / key_hz(key))) * SAMPLE_RATE)
    power = np.abs(hilbert(mono)) ** 2
    return np.sqrt(np.maximum(uniform_filter1d(power, width), 0.0))


def seam_step(sample: Sample) -> float:
    """The step at the loop's seam, against the 99.9th percentile of the steps inside the loop."""
    turns = _turns(sample, 2)
    length = len(turns) // 2
    steps = np.abs(np.diff(turns))
    return float(steps[length - 1] / (np.percentile(steps[: length - 1], 99.9) + _FLOOR))


def seam_flux(sample: Sample) -> float:
    """The spectral flux round the loop's seam, against the 95th percentile of the flux inside the loop.

    Where a loop is so steady that hardly anything changes inside (below 1e-3 of its spectrum), that is the floor.
    """
    turns = _turns(sample, 3)
    length = len(turns) // 3
    width = int(2 ** math.floor(math.log2(min(1024, max(64, length // 4)))))
    hop = width // 4
    seam = 2 * length
    starts = np.arange(seam % hop, len(turns) - width, hop)
    pieces = np.lib.stride_tricks.sliding_window_view(turns, width)[starts] * np.hanning(width)
    magnitude = np.abs(np.fft.rfft(pieces, axis=1))
    flux = np.sum(np.maximum(np.diff(magnitude, axis=0), 0.0), axis=1)
    later = starts[1:]
    at_seam = np.zeros(len(later), dtype=bool)
    for edge in (length, seam):
        at_seam |= (later > edge - width) & (later - hop < edge)
    floor = 1e-3 * float(np.mean(np.sum(magnitude, axis=1)))
    inside = flux[~at_seam]
    usual = float(np.percentile(inside, 95)) if len(inside) else 0.0
    return float(np.max(flux[at_seam & (later <= seam) & (later > seam - width)]) / max(usual, floor, _FLOOR))


def _turns(sample: Sample, count: int) -> Mono:
    if sample.loop is None:
        raise ValueError(f"{sample.name} has no loop")
    turn = sample.frames[sample.loop.start : sample.loop.end]
    return np.rint(np.tile(turn, count) * 32_767) / 32_767


def _power(part: Mono, *, pad: int) -> tuple[Mono, Mono]:
    window = np.hanning(len(part))
    n_bins = pad * len(part)
    power = np.abs(np.fft.rfft(part * window, n_bins)) ** 2
    return power, np.fft.rfftfreq(n_bins, 1 / SAMPLE_RATE)


def _near(hz: Mono, centre_hz: float, *, cents: float) -> NDArray[np.int64]:
    ratio = 2 ** (cents / 1200)
    return np.nonzero((hz >= centre_hz / ratio) & (hz <= centre_hz * ratio))[0]


def _share_db(part: Mono, hertz: float) -> float:
    power, hz = _power(np.concatenate([np.zeros(len(part)), part]), pad=1)
    return 10 * math.log10(float(np.sum(power[hz >= hertz])) / float(np.sum(power) + 1e-300) + _FLOOR)
