"""The tempo as it is heard: how far apart the sound repeats itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calmando.units import Bpm, Seconds

_WINDOW_S: Seconds = 20.0
_HOP_S: Seconds = 10.0
_SEARCH = 0.06
_CLEAR = 0.25
SLOWEST_BPM: Bpm = 40.0
FASTEST_BPM: Bpm = 140.0


def tempo_near(flux: NDArray[np.float32], hop_s: Seconds, at_s: Seconds, expected_bpm: Bpm) -> Bpm | None:
    """The tempo in the twenty seconds around a moment, looked for within 6 % of the expected one.

    The flux is compared with itself shifted by one to eight beats of every tempo in question; the tempo where the
    likeness is greatest is the one heard. None where no likeness stands out.
    """
    stretch = _stretch(flux, hop_s, at_s)
    if stretch is None:
        return None
    candidates = expected_bpm * np.linspace(1 - _SEARCH, 1 + _SEARCH, 49)
    return _best(stretch, hop_s, candidates)


def tempo_curve(
    flux: NDArray[np.float32],
    hop_s: Seconds,
    times_s: Sequence[Seconds],
    expected_bpm: Sequence[Bpm] | None = None,
) -> tuple[Bpm, ...]:
    """The heard tempo at moments (see `curve_times`), NaN where none is clear.

    Parameters
    ----------
    expected_bpm
        The planned tempo at those moments; None: anything from 40 to 140 beats a minute is
        looked for, and of a tempo and its double the one nearer to 70 is taken.
    """
    values: list[float] = []
    for index, at_s in enumerate(times_s):
        if expected_bpm is not None:
            value = tempo_near(flux, hop_s, at_s, expected_bpm[index])
        else:
            stretch = _stretch(flux, hop_s, at_s)
            candidates = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 200)
            likings = np.exp(-0.5 * (np.log2(candidates / 70.0) / 0.8) ** 2)
            value = None if stretch is None else _best(stretch, hop_s, candidates, likings)
        values.append(float("nan") if value is None else value)
    return tuple(values)


def curve_times(length_s: Seconds) -> tuple[Seconds, ...]:
    """The middles of the windows in which tempo is looked for."""
    n_windows = int(max(length_s - _WINDOW_S, 0) // _HOP_S) + 1 if length_s >= _WINDOW_S else 0
    return tuple(_WINDOW_S / 2 + index * _HOP_S for index in range(n_windows))


def _stretch(flux: NDArray[np.float32], hop_s: Seconds, at_s: Seconds) -> NDArray[np.float64] | None:
    low = round((at_s - _WINDOW_S / 2) / hop_s)
    stretch = np.asarray(flux[max(low, 0) : low + round(_WINDOW_S / hop_s)], np.float64)
    if len(stretch) < _WINDOW_S / hop_s * 0.9 or stretch.max() < 0.02:
        return None
    return np.asarray(stretch - stretch.mean())


def _best(
    stretch: NDArray[np.float64],
    hop_s: Seconds,
    candidates: NDArray[np.float64],
    likings: NDArray[np.float64] | None = None,
) -> Bpm | None:
    size = 2 ** int(np.ceil(np.log2(2 * len(stretch))))
    likeness = np.fft.irfft(np.abs(np.fft.rfft(stretch, size)) ** 2)[: len(stretch)]
    likeness = likeness / max(float(likeness[0]), 1e-12)
    # A shift leaves fewer values to compare; their number is made good.
    likeness *= len(stretch) / np.maximum(len(stretch) - np.arange(len(stretch)), len(stretch) / 3)
    scores = np.zeros(len(candidates))
    for beats in (1, 2, 3, 4, 6, 8):
        lags = beats * 60 / candidates / hop_s
        inside = lags < len(stretch) * 0.6
        scores += np.where(inside, np.interp(lags, np.arange(len(stretch)), likeness), 0.0) / 6
    weighted = scores if likings is None else scores * likings
    at = int(np.argmax(weighted))
    if scores[at] - np.median(scores) < _CLEAR or (likings is None and at in (0, len(candidates) - 1)):
        return None
    if 0 < at < len(candidates) - 1:
        left, top, right = weighted[at - 1 : at + 2]
        bend = left - 2 * top + right
        shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
        return float(np.interp(at + shift, np.arange(len(candidates)), candidates))
    return float(candidates[at])
