"""Evens the colour of neighbouring samples, so that a tune does not change its players where a sample ends.

A handful of players strengthens some partials and weakens others by chance, and a resonance that a player
transposes along with its sample is another one in the next. Each partial's level is drawn to the line that the
samples around it describe; what the instrument does over an octave stays, what one sample does by itself goes.

References
----------
Cleveland, W. S. (1979). Robust locally weighted regression and smoothing scatterplots. JASA 74, 829–836.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from calmando.instruments.model import Frames, Sample
from calmando.theory.pitch import key_hz

_FEWEST_SAMPLES = 3
_HALF_BAND = 0.3
"""How far from a partial's centre its energy is counted, in multiples of the fundamental."""
_HIGHEST_SHARE = 0.42
"""Partials are evened up to this share of the sample's rate."""
_MIDDLE, _SIDE = slice(0, None, 2), slice(1, None, 2)
"""The Fourier bins of a loop of two halves (see `stereo_loop`)."""


def evened(samples: Sequence[Sample], *, reach_keys: float) -> tuple[Sample, ...]:
    """Stereo loops along the keyboard, their middles and their sides with partials of even levels.

    Parameters
    ----------
    samples
        As `steady.looped_stereo_sample` makes them: all loop, but for a few frames before it.
    reach_keys
        How far a sample looks to its neighbours (one standard deviation of their weights).
    """
    spectra = [rfft(_loop(sample)) for sample in samples]
    for part in (_MIDDLE, _SIDE):
        levels_db = [_levels_db(sample, bins, part) for sample, bins in zip(samples, spectra, strict=True)]
        for index, (sample, bins) in enumerate(zip(samples, spectra, strict=True)):
            wanted_db = _on_the_line([s.root_key for s in samples], levels_db, index, reach_keys)
            bins[part] *= _gains(sample, len(bins), wanted_db - levels_db[index])[part]
    return tuple(_with_loop(sample, bins) for sample, bins in zip(samples, spectra, strict=True))


def _loop(sample: Sample) -> Frames:
    return sample.frames[sample.loop.start : sample.loop.end] if sample.loop else sample.frames


def _partial_numbers(sample: Sample, n_bins: int) -> Frames:
    """The frequency of each bin, in multiples of the fundamental."""
    return np.linspace(0.0, sample.rate_hz / 2.0 / key_hz(sample.root_key), n_bins)


def _levels_db(sample: Sample, bins: NDArray[np.complex128], part: slice) -> Frames:
    """The level of each partial, from the first up."""
    power = np.abs(bins[part]) ** 2
    numbers = _partial_numbers(sample, len(bins))[part]
    highest = int(_HIGHEST_SHARE * sample.rate_hz / key_hz(sample.root_key))
    edges = np.searchsorted(numbers, np.arange(1, highest + 1)[:, None] + (-_HALF_BAND, _HALF_BAND))
    return 10.0 * np.log10([float(np.sum(power[low:high])) for low, high in edges])


def _on_the_line(keys: Sequence[int], levels_db: Sequence[Frames], index: int, reach_keys: float) -> Frames:
    """The level of each partial of a sample on the straight line that fits it and its neighbours best."""
    wanted = levels_db[index].copy()
    for number in range(len(wanted)):
        having = [i for i, levels in enumerate(levels_db) if len(levels) > number]
        if len(having) < _FEWEST_SAMPLES:
            continue
        away = np.array([keys[i] - keys[index] for i in having], dtype=np.float64)
        weights = np.exp(-0.25 * (away / reach_keys) ** 2)
        wanted[number] = np.polyfit(away, [levels_db[i][number] for i in having], 1, w=weights)[1]
    return wanted


def _gains(sample: Sample, n_bins: int, gains_db: Frames) -> Frames:
    numbers = _partial_numbers(sample, n_bins)
    return np.asarray(10.0 ** (np.interp(numbers, np.arange(1, len(gains_db) + 1), gains_db) / 20.0))


def _with_loop(sample: Sample, bins: NDArray[np.complex128]) -> Sample:
    loop = irfft(bins, len(_loop(sample)))
    loop = loop / np.max(np.abs(loop))
    lead = len(sample.frames) - len(loop)
    return replace(sample, frames=np.concatenate([loop[len(loop) - lead :], loop]))
