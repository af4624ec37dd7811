"""How loud a sound is, after ITU-R BS.1770-4, EBU R 128, EBU Tech 3341 and 3342.

Measuring, deciding and applying are three things: `LoudnessMeter` measures, `decide_gain` decides, and
whoever mixes applies. Of the sound only the energy of every 100 ms is kept: eight hours take two megabytes.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from calmando.errors import InputError
from calmando.sound.blocks import sides_of
from calmando.sound.loudness.gating import Series, gated, integrated, loudness_of
from calmando.sound.loudness.k_weighting import KWeightedEnergy
from calmando.sound.loudness.true_peak import TruePeakMeter, to_decibels
from calmando.units import Decibels, Frames, Lufs

HOPS_A_SECOND = 10
_STEPS_AT_ONCE = 2_000
"""Twenty seconds."""
_MOMENTARY_HOPS = 4
"""400 ms (Tech 3341); also the gating block of BS.1770, which overlaps by 75 %, one every hop."""
_SHORT_TERM_HOPS = 30
"""3 s (Tech 3341)."""

_RANGE_GATE_LU = -20.0
_RANGE_SHARES = np.array([0.10, 0.95])

_NEAR_SILENCE_LUFS = -60.0
_HIGHEST_GAIN_DB: Decibels = 30.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a meter has read. Silence, and what is too short, reads −inf LUFS and −inf dB.

    ``largest_step_lu`` is the largest difference between two 3-second windows of which one follows the other
    without overlap (looked for every 100 ms), ``largest_rise_lu`` the largest from softer to louder. As in the
    loudness range, windows below −70 LUFS or more than 20 LU under the gated mean do not count; so a start
    from silence or an end in it shows as a step of at most about that. Who wants to leave out fades reads
    `LoudnessMeter.short_term_lufs` and calls `largest_steps` on a part of it.
    """

    integrated_lufs: Lufs
    range_lu: float
    max_momentary_lufs: Lufs
    max_short_term_lufs: Lufs
    largest_step_lu: float
    largest_rise_lu: float
    true_peak_db: Decibels
    sample_peak_db: Decibels
    n_frames: Frames


class LoudnessMeter:
    """Reads loudness and true peak from blocks of any size, in flat memory.

    Parameters
    ----------
    sample_rate
        Frames a second, 8,000 or more. Where it is no multiple of 50, a hop of 100 ms is as many steps of about
        10 ms as end nearest to it: no hop is more than 5 ms away from its time, however long the piece.
    """

    def __init__(self, sample_rate: int) -> None:
        if sample_rate < 8_000:
            raise InputError(
                f"Loudness cannot be measured at a sample rate of {sample_rate} Hz.",
                "It must be 8,000 Hz or more.",
                "Use 44100 or 48000 Hz.",
            )
        self._peak = TruePeakMeter()
        self._sample_rate = sample_rate
        self._is_even = sample_rate % 50 == 0
        self._hop_frames = (
            sample_rate // HOPS_A_SECOND if self._is_even else 10 * round(sample_rate / (10 * HOPS_A_SECOND))
        )
        # Finer steps, for the largest momentary loudness: 10 ms, or 20 where these are no whole frames.
        self._steps_a_hop = 10 if self._hop_frames % 10 == 0 else 5
        self._weighted = KWeightedEnergy(sample_rate, self._hop_frames // self._steps_a_hop)
        # The last steps: as many as the longest window that the next one ends has before it.
        self._steps = np.zeros(0)
        # Those that came since.
        self._fresh: list[Series] = []
        # So many of them are not yet a hop.
        self._n_steps_left = 0
        self._energies = array("d")
        self._max_momentary = 0.0
        self._max_short_term = 0.0
        self._n_frames = 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next block, shape (n_frames, 2)."""
        if not len(block):
            return
        block = sides_of(block).T  # both meters want each channel in one piece of memory
        self._n_frames += len(block)
        self._peak.add(block)
        self._fresh.append(self._weighted.of_steps(block))
        if sum(map(len, self._fresh)) >= _STEPS_AT_ONCE:
            self._read_steps()

    def _read_steps(self) -> None:
        """Make of the steps that came what the loudness is told from: not at every block, which would take longer."""
        n_fresh = sum(map(len, self._fresh))
        if not n_fresh:
            return
        self._steps = np.concatenate([self._steps, *self._fresh])
        self._fresh.clear()
        self._note_maxima(n_fresh)
        self._n_steps_left += n_fresh
        steps = self._steps[-self._n_steps_left :]
        if self._is_even:
            whole = self._n_steps_left // self._steps_a_hop * self._steps_a_hop
            self._add_hops(steps[:whole].reshape(-1, self._steps_a_hop).sum(axis=1))
            self._n_steps_left -= whole
        else:
            self._add_uneven(steps)
        self._steps = self._steps[-(_SHORT_TERM_HOPS * self._steps_a_hop - 1) :]

    def _add_hops(self, energies: Series) -> None:
        self._energies.frombytes(energies.tobytes())

    def _add_uneven(self, steps: Series) -> None:
        """Gather steps into hops of now one more step, now one less, each told as if it had the usual number."""
        first = self._edge(len(self._energies))
        n_hops = 0
        while self._edge(len(self._energies) + n_hops + 1) - first <= len(steps):
            n_hops += 1
        edges = np.array([self._edge(len(self._energies) + hop) - first for hop in range(n_hops + 1)])
        if n_hops:
            sums = np.add.reduceat(steps[: edges[-1]], edges[:-1])
            self._add_hops(sums * (self._steps_a_hop / np.diff(edges)))
        self._n_steps_left -= int(edges[-1])

    def _edge(self, hop: int) -> int:
        """The step at which a hop begins."""
        step_frames = self._hop_frames // self._steps_a_hop
        return (2 * hop * self._sample_rate + HOPS_A_SECOND * step_frames) // (
            2 * HOPS_A_SECOND * step_frames
        )

    def result(self) -> Loudness:
        """Say what has been read so far."""
        blocks = loudness_of(self._mean_squares(_MOMENTARY_HOPS))
        short_term = self.short_term_lufs()
        range_lu = _range(short_term)
        step, rise = largest_steps(short_term)
        return Loudness(
            integrated_lufs=integrated(blocks),
            range_lu=range_lu,
            max_momentary_lufs=_level_of(self._max_momentary),
            max_short_term_lufs=_level_of(self._max_short_term),
            largest_step_lu=step,
            largest_rise_lu=rise,
            true_peak_db=to_decibels(self._peak.true_peak()),
            sample_peak_db=to_decibels(self._peak.sample_peak()),
            n_frames=self._n_frames,
        )

    def momentary_lufs(self) -> Series:
        """Momentary loudness: of 400 ms, one every 100 ms, the first of frames 0 to 400 ms."""
        return loudness_of(self._mean_squares(_MOMENTARY_HOPS))

    def short_term_lufs(self) -> Series:
        """Short-term loudness: of 3 s, one every 100 ms, the first of frames 0 to 3 s."""
        return loudness_of(self._mean_squares(_SHORT_TERM_HOPS))

    def _mean_squares(self, n_hops: int) -> Series:
        """The sum over the channels of the mean squares in windows of so many hops: BS.1770 eq. (3)."""
        self._read_steps()
        return _windowed_sums(np.array(self._energies), n_hops) / (n_hops * self._hop_frames)

    def _note_maxima(self, n_fresh: int) -> None:
        """Look at all windows that end in one of the last steps."""
        self._max_momentary = max(self._max_momentary, self._highest(_MOMENTARY_HOPS, n_fresh))
        self._max_short_term = max(self._max_short_term, self._highest(_SHORT_TERM_HOPS, n_fresh))

    def _highest(self, n_hops: int, n_fresh: int) -> float:
        """The largest mean square of windows of so many hops, one a step."""
        n_steps = n_hops * self._steps_a_hop
        heard = self._steps[-(n_fresh + n_steps - 1) :]
        grown = np.zeros(len(heard) + 1)
        heard.cumsum(out=grown[1:])
        highest = float((grown[n_steps:] - grown[:-n_steps]).max(initial=0.0))
        return highest / (n_steps * (self._hop_frames // self._steps_a_hop))


class GainLimit(StrEnum):
    """What decided a gain."""

    TARGET = "target"
    CEILING = "ceiling"
    CAP = "cap"
    NEAR_SILENCE = "near silence"


@dataclass(frozen=True, slots=True)
class GainDecision:
    """One gain for the whole piece, a whole number of hundredths of a decibel."""

    gain_db: Decibels
    limit: GainLimit


def decide_gain(
    loudness_lufs: Lufs,
    target_lufs: Lufs,
    *,
    peak_db: Decibels | None = None,
    ceiling_db: Decibels = -3.0,
) -> GainDecision:
    """Decide the one gain of a piece from its loudness before any gain, measured or predicted.

    Parameters
    ----------
    loudness_lufs, target_lufs
        Integrated loudness as it is and as it shall be.
    peak_db
        The true peak before gain, if it is known; with the gain it stays at or under ``ceiling_db``.

    Notes
    -----
    What is under −60 LUFS is near-silence, and raising it would raise noise: it is left as it is. Where the
    peak is not known beforehand, the one who writes measures it and starts again with a lower gain: one
    gain for the whole piece, and nothing that pumps.
    """
    if not loudness_lufs >= _NEAR_SILENCE_LUFS:
        return GainDecision(0.0, GainLimit.NEAR_SILENCE)
    limits = [(_HIGHEST_GAIN_DB, GainLimit.CAP)]
    if peak_db is not None and peak_db > -math.inf:
        limits.append((ceiling_db - peak_db, GainLimit.CEILING))
    lowest, reason = min(limits)
    wanted = round(target_lufs - loudness_lufs, 2)
    if wanted <= lowest:
        return GainDecision(wanted, GainLimit.TARGET)
    # Rounded down: a limit is not passed by half a hundredth.
    return GainDecision(round(math.floor(lowest * 100.0 + 1e-9) / 100.0, 2), reason)


def _windowed_sums(values: Series, n_values: int) -> Series:
    if len(values) < n_values:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, n_values)
    sums: Series = windows.sum(axis=1)
    return sums


def _level_of(mean_square: float) -> Lufs:
    return float(loudness_of(np.array([mean_square]))[0])


def _range(short_term: Series) -> float:
    """Tech 3342: from the 10th to the 95th percentile of short-term loudness, gated 20 LU below its mean."""
    levels = gated(short_term, _RANGE_GATE_LU)
    if not len(levels):
        return 0.0
    # numpy's percentile would load its masked arrays for it.
    low, high = np.interp(_RANGE_SHARES * (len(levels) - 1), np.arange(len(levels)), np.sort(levels))
    return float(high - low)


def largest_steps(short_term: Series) -> tuple[float, float]:
    """Return the largest step and the largest rise (LU) of short-term loudness read every 100 ms; see `Loudness`."""
    counted = gated(short_term, _RANGE_GATE_LU)
    if len(short_term) <= _SHORT_TERM_HOPS or not len(counted):
        return 0.0, 0.0
    floor = counted.min()
    before, after = short_term[:-_SHORT_TERM_HOPS], short_term[_SHORT_TERM_HOPS:]
    both = (before >= floor) & (after >= floor)
    change = after[both] - before[both]
    return float(np.abs(change).max(initial=0.0)), float(change.max(initial=0.0))
