"""Evens the colour of neighbouring samples, so that a tune does not change its players where a sample ends.

A handful of players strengthens some partials and weakens others by chance, and a resonance that a player
transposes along with its sample is another one in the next. Each partial's level is drawn to the line that the
samples around it describe; what the instrument does over an octave stays, what one sample does by itself goes. What
is steeper than a step of a tune may be heard (the flank of a formant, three or four decibels a key) is made flatter, as
little as does: the vowel stays.

References
----------
Cleveland, W. S. (1979). Robust locally weighted regression and smoothing scatterplots. JASA 74, 829–836.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.optimize import lsq_linear

from calmando.instruments.model import Frames, Sample
from calmando.instruments.steady import root_mean_square
from calmando.theory.pitch import key_hz

_FEWEST_SAMPLES = 3
_HALF_BAND = 0.3
"""How far from a partial's centre its energy is counted, in multiples of the fundamental."""
_HIGHEST_SHARE = 0.42
"""Partials are evened up to this share of the sample's rate."""
MOST_DB_A_KEY = 1.3
"""How far a strong partial's level may step from one sample to the next, for each key between their roots: much less
would even out the vowels of a choir, too."""
_STRONG_DB = -20.0
"""A partial softer than this beside the whole may step further: twice as far at twice as many decibels."""
_WEIGHT_DB = 40.0
"""A partial that is so much stronger counts ten times as much, where not all can stay what they are."""
MIDDLE_AND_SIDE = (slice(0, None, 4), slice(1, None, 2))
"""The Fourier bins of a stereo loop: what repeats after a quarter, what turns upside down after half (see `stereo_loop`)."""
WHOLE = (slice(None),)


def evened(
    samples: Sequence[Sample],
    *,
    reach_keys: float,
    most_db_a_key: float = MOST_DB_A_KEY,
    parts: Sequence[slice] = MIDDLE_AND_SIDE,
) -> tuple[Sample, ...]:
    """Looped samples along the keyboard, the partials of their loops with even levels; onsets follow.

    Parameters
    ----------
    samples
        Onsets that end as their loops do, and loops to the last frame.
    reach_keys
        How far a sample looks to its neighbours (one standard deviation of their weights).
    most_db_a_key
        How far a strong partial may step (see `MOST_DB_A_KEY`).
    parts
        Fourier bins of the loops that are evened by themselves.
    """
    keys = [sample.root_key for sample in samples]
    spectra = [rfft(_loop(sample)) for sample in samples]
    gains = [np.ones(len(bins)) for bins in spectra]
    for part in parts:
        levels_db = [_levels_db(sample, bins, part) for sample, bins in zip(samples, spectra, strict=True)]
        lines_db = [_on_the_line(keys, levels_db, index, reach_keys) for index in range(len(keys))]
        wanted_db = _in_small_steps(keys, lines_db, most_db_a_key)
        for index, sample in enumerate(samples):
            gains[index][part] = _gains(sample, len(gains[index]), wanted_db[index] - levels_db[index])[part]
    return tuple(_filtered(sample, bins) for sample, bins in zip(samples, gains, strict=True))


def _loop(sample: Sample) -> Frames:
    return sample.frames[sample.loop.start : sample.loop.end] if sample.loop else sample.frames


def _partial_numbers(sample: Sample, n_bins: int) -> Frames:
    """The frequency of each bin, in multiples of the fundamental."""
    return np.linspace(0.0, sample.rate_hz / 2.0 / key_hz(sample.root_key), n_bins)


def _levels_db(sample: Sample, bins: NDArray[np.complex128], part: slice) -> Frames:
    """The level of each partial beside all of them, from the first up."""
    power = np.abs(bins[part]) ** 2
    numbers = _partial_numbers(sample, len(bins))[part]
    highest = int(_HIGHEST_SHARE * sample.rate_hz / key_hz(sample.root_key))
    edges = np.searchsorted(numbers, np.arange(1, highest + 1)[:, None] + (-_HALF_BAND, _HALF_BAND))
    powers = np.array([np.sum(power[low:high]) for low, high in edges])
    return np.asarray(10.0 * np.log10(powers / np.sum(powers)))


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


def _in_small_steps(keys: Sequence[int], levels_db: Sequence[Frames], most_db_a_key: float) -> list[Frames]:
    """The nearest levels whose strong partials step by ``most_db_a_key`` at most from one sample to the next."""
    stepped = [levels.copy() for levels in levels_db]
    for number in range(max(map(len, levels_db))):
        having = [i for i, levels in enumerate(levels_db) if len(levels) > number]
        most_db = most_db_a_key * np.diff([keys[i] for i in having])
        row = _row_in_small_steps(np.array([levels_db[i][number] for i in having]), most_db)
        for i, level in zip(having, row, strict=True):
            stepped[i][number] = level
    return stepped


def _row_in_small_steps(levels_db: Frames, most_db: Frames) -> Frames:
    """The nearest levels of one partial that step by ``most_db`` at most where it is strong, further where weak."""
    weights = 10.0 ** (levels_db / _WEIGHT_DB)
    first_and_steps = np.tril(np.ones((len(levels_db), len(levels_db)))) * weights[:, None]
    loudest_db = np.maximum(levels_db[1:], levels_db[:-1])
    most = np.append(np.inf, most_db * np.maximum(1.0, loudest_db / _STRONG_DB))
    return np.cumsum(lsq_linear(first_and_steps, levels_db * weights, (-most, most), method="bvls").x)


def _gains(sample: Sample, n_bins: int, gains_db: Frames) -> Frames:
    numbers = _partial_numbers(sample, n_bins)
    return np.asarray(10.0 ** (np.interp(numbers, np.arange(1, len(gains_db) + 1), gains_db) / 20.0))


def _filtered(sample: Sample, gains: Frames) -> Sample:
    """The sample with its loop filtered round, as loud as it was."""
    loop = _loop(sample)
    before = sample.frames[: len(sample.frames) - len(loop)]
    filtered = irfft(rfft(loop) * gains, len(loop))
    if np.array_equal(before, loop[len(loop) - len(before) :]):
        led_in = filtered[len(loop) - len(before) :]
    else:
        led_in = _onset_filtered(before, loop, gains)
    frames = np.concatenate([led_in, filtered])
    return replace(sample, frames=frames * root_mean_square(loop) / root_mean_square(filtered))


def _onset_filtered(onset: Frames, loop: Frames, gains: Frames) -> Frames:
    """An onset out of silence, filtered as what follows it: the loop."""
    n_padded = next_fast_len(2 * len(onset) + 2 * len(loop), real=True)
    onwards = np.linspace(0.0, len(gains) - 1.0, n_padded // 2 + 1)
    bins = rfft(np.concatenate([onset, loop]), n_padded) * np.interp(onwards, np.arange(len(gains)), gains)
    return np.asarray(irfft(bins, n_padded)[: len(onset)])
