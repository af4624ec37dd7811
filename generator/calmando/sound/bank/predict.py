"""How loud a piece will be, known from its notes before anything is mixed.

Notes are summed as energies, after the weighting of ITU-R BS.1770-4; what they send to the reverb is weighted
by the response's spectrum as well, and spread over time as the response decays.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from calmando.sound.bank.notes import BOTH_ALIKE, Sides
from calmando.sound.bank.spans import N_BINS, SPAN, SpanWeights
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import address, kernels
from calmando.sound.loudness.gating import integrated, loudness_of
from calmando.sound.loudness.k_weighting import k_weighting_power
from calmando.units import Frames, Lufs

Floats: TypeAlias = NDArray[np.float64]
Onsets: TypeAlias = NDArray[np.int64]

_ONSETS_AT_ONCE = 1_024
STEPS_A_SECOND = 10
"""The meter's windows are whole numbers of 100 ms steps."""
_WINDOW_STEPS = 4
_MOST_COARSE = 9_000
"""An hour of gating blocks."""
_SMOOTHING = 0.12
"""The response's spectrum is averaged over ± this share of a frequency (about a third of an octave)."""


@dataclass(frozen=True, slots=True, eq=False)
class NoteEnergy:
    """Weighted energy of a note up to the end of every span, dry and towards the reverb: shape (2, n_spans + 1), times ``power``."""

    at_one: Floats
    power: float = 1.0

    @property
    def grown(self) -> Floats:
        """Both together."""
        return self.at_one * self.power

    def at_level(self, factor: float) -> NoteEnergy:
        """That of the same note at an amplitude ``factor`` times as large."""
        return NoteEnergy(self.at_one, self.power * factor**2)


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights of the bins of a span's spectrum, and the reverb's decay."""

    bins: SpanWeights
    decay: Floats
    """Which share of the reverb's energy comes how many fine steps later; sums to 1."""

    @classmethod
    def of(cls, response: Stereo | None, sample_rate: int, one_of: int = 1) -> Weights:
        """Weights for a reverb, or for none, where notes are given by one of so many frames."""
        dry = k_weighting_power(np.arange(N_BINS) * sample_rate / (one_of * SPAN), sample_rate)
        if response is None:
            return cls(SpanWeights(dry.astype(np.float32), np.zeros(N_BINS, np.float32)), np.ones(1))
        step = sample_rate // STEPS_A_SECOND
        energy = (response.astype(np.float64) ** 2).sum(axis=0)
        decay = np.add.reduceat(energy, np.arange(0, len(energy), step))
        sent = (dry * _smooth_power(response, one_of)).astype(np.float32)
        return cls(SpanWeights(dry.astype(np.float32), sent), decay / decay.sum())


def _smooth_power(response: Stereo, one_of: int) -> Floats:
    """The response's power, both sides together, at the bins of a span: up to a share of its highest frequency."""
    power = (np.abs(fft.rfft(response.astype(np.float64), axis=-1)) ** 2).sum(axis=0)
    grown = np.concatenate([[0.0], np.cumsum(power)])
    centres = np.linspace(0, (len(power) - 1) / one_of, N_BINS)
    low = np.clip((centres * (1 - _SMOOTHING)).astype(int) - 1, 0, len(power) - 1)
    high = np.clip((centres * (1 + _SMOOTHING)).astype(int) + 2, 1, len(power))
    return np.asarray((grown[high] - grown[low]) / (high - low), np.float64)


def note_energy(rows: Stereo, weights: Weights, sides: Sides = BOTH_ALIKE) -> NoteEnergy:
    """Measure a note: left and right, shape (2, n_frames), or one row that is both, each at its level of ``sides``."""
    energies = weights.bins.energies(rows)
    if len(rows) == 1:
        left, right = sides
        energies *= np.array([[left**2 + right**2], [(left + right) ** 2]])
    return NoteEnergy(np.concatenate([np.zeros((2, 1)), np.cumsum(energies, axis=1)], axis=1))


def of_length(energy: NoteEnergy, length: Frames, wanted: Frames) -> NoteEnergy:
    """The energy of a note held for ``length`` if it were held for another, with a release in proportion.

    Held longer, it goes on as it last sounded.
    """
    grown = energy.grown
    if wanted > length:
        grown = _held_on(grown, length, wanted)
    spans = np.arange(grown.shape[1])
    whole, cut = length / SPAN, wanted / SPAN

    places = [whole, whole - 1.0, cut, cut - 1.0]
    at_whole, before_whole, at_cut, before_cut = np.stack(
        [np.interp(places, spans, row) for row in grown], axis=1
    )
    power = at_whole - before_whole
    release = np.divide(grown[:, -1] - at_whole, power, out=np.zeros(2), where=power > 0.0)
    n_kept = min(math.ceil(cut), len(spans) - 1)
    kept = np.minimum(grown[:, : n_kept + 1], at_cut[:, np.newaxis])
    ending = kept[:, -1] + np.minimum(release, 20.0) * (at_cut - before_cut)
    return NoteEnergy(np.concatenate([kept, ending[:, np.newaxis]], axis=1))


def _held_on(grown: Floats, length: Frames, wanted: Frames) -> Floats:
    """Energy that grows on after ``length`` as in the span before it, what comes later moved behind it."""
    more = -(-(wanted - length) // SPAN)
    at = min(max(length // SPAN, 1), grown.shape[1] - 1)
    power = grown[:, at] - grown[:, at - 1]
    steady = grown[:, at : at + 1] + power[:, np.newaxis] * np.arange(1, more + 1)
    return np.concatenate(
        [grown[:, : at + 1], steady, grown[:, at + 1 :] + (power * more)[:, np.newaxis]], axis=1
    )


def in_phase(onsets: Onsets, everywhere: Onsets, energy: NoteEnergy) -> Iterator[tuple[Onsets, NoteEnergy]]:
    """A part's notes of a kind by how many notes of that kind begin with them, whoever plays them.

    So many in unison are one of as many times the amplitude: each adds that many times its energy.

    Parameters
    ----------
    everywhere
        Where the kind begins in any part, in order, as often as it is struck there.
    """
    if (np.diff(everywhere) > 0).all():
        yield onsets, energy
        return
    n_together = np.searchsorted(everywhere, onsets, "right") - np.searchsorted(everywhere, onsets, "left")
    for n in np.unique(n_together).tolist():
        yield onsets[n_together == n], energy.at_level(math.sqrt(n))


@dataclass(frozen=True, slots=True)
class Steps:
    """The piece in steps: how many there are, and of how many frames each."""

    n: int
    frames: Frames
    n_fine: int = 1
    """How many of the meter's steps each is."""

    @classmethod
    def of(cls, total_frames: Frames, sample_rate: int) -> Steps:
        """Steps enough for a length, as fine as the meter's."""
        frames = sample_rate // STEPS_A_SECOND
        return cls(-(-total_frames // frames), frames)

    @classmethod
    def coarse(cls, total_frames: Frames, sample_rate: int) -> Steps:
        """Steps for an estimate: each as long as a gating block, or longer where there would be very many."""
        fine = cls.of(total_frames, sample_rate)
        n_fine = _WINDOW_STEPS * -(-fine.n // (_WINDOW_STEPS * _MOST_COARSE))
        return cls(-(-fine.n // n_fine), n_fine * fine.frames, n_fine)

    @property
    def a_window(self) -> int:
        """How many of them are a gating block."""
        return max(_WINDOW_STEPS // self.n_fine, 1)

    @property
    def centres(self) -> NDArray[np.int64]:
        """The frame in the middle of every step."""
        return np.arange(self.n, dtype=np.int64) * self.frames + self.frames // 2


class EnergyLine:
    """A part's energy, step by step: dry, and towards the reverb."""

    def __init__(self, steps: Steps) -> None:
        self._step = steps.frames
        self.steps = np.zeros((2, steps.n))

    def add(self, notes: Iterable[tuple[Onsets, NoteEnergy]]) -> None:
        """Add kinds of notes in, wherever they begin (each in order)."""
        library = kernels()
        if library is None:
            self._add_by_numpy(notes)
            return
        steps = address(self.steps), self.steps.shape[1], self._step
        for onsets, energy in notes:
            grown = np.ascontiguousarray(energy.at_one)
            spans = address(grown), grown.shape[1] - 1, SPAN, energy.power
            library.calmando_add_energies(address(onsets), len(onsets), *spans, *steps)

    def _add_by_numpy(self, notes: Iterable[tuple[Onsets, NoteEnergy]]) -> None:
        alike: dict[int, list[tuple[Onsets, NoteEnergy]]] = defaultdict(list)
        for onsets, energy in notes:
            alike[id(energy.at_one)].append((onsets, energy))
        for group in alike.values():
            onsets = np.concatenate([onsets for onsets, _ in group])
            powers = np.concatenate([np.full(len(onsets), energy.power) for onsets, energy in group])
            if len(group) > 1:
                in_order = np.argsort(onsets, kind="stable")
                onsets, powers = onsets[in_order], powers[in_order]
            for first in range(0, len(onsets), _ONSETS_AT_ONCE):
                some = slice(first, first + _ONSETS_AT_ONCE)
                self._add(onsets[some], powers[some], group[0][1].at_one)

    def _add(self, onsets: Onsets, powers: Floats, at_one: Floats) -> None:
        n_spans = at_one.shape[1] - 1
        n_steps = n_spans * SPAN // self._step + 2
        firsts = onsets // self._step
        borders = firsts[:, np.newaxis] + np.arange(n_steps + 1)
        place = np.clip((borders * self._step - onsets[:, np.newaxis]) / SPAN, 0.0, n_spans)
        at = (borders[:, :-1] - firsts[0]).ravel()
        reached = self.steps[:, firsts[0] : firsts[-1] + n_steps]
        for side, grown in enumerate(at_one):
            shares = np.diff(np.interp(place, np.arange(n_spans + 1), grown), axis=1) * powers[:, np.newaxis]
            reached[side] += np.bincount(at, shares.ravel())[: reached.shape[1]]


@dataclass(frozen=True, slots=True, eq=False)
class WeightedLine:
    """A part's energy, its level and its send at every step."""

    line: EnergyLine
    level: Floats
    send: Floats


def step_energy(lines: Iterable[WeightedLine], weights: Weights, steps: Steps) -> Floats:
    """Weighted energy of the mix in every step, its reverb included.

    Lines are asked for one after the other and not kept: over a night each takes megabytes.
    """
    dry, wet = np.zeros(steps.n), np.zeros(steps.n)
    for part in lines:
        dry += part.line.steps[0] * part.level**2
        wet += part.line.steps[1] * (part.level * part.send) ** 2
    together = np.arange(0, len(weights.decay), steps.n_fine)
    whole: Floats = dry + np.convolve(wet, np.add.reduceat(weights.decay, together))[: steps.n]
    return whole


def gated_loudness(step_power: Floats, steps: Steps) -> Lufs:
    """Integrated loudness from weighted mean squares of steps (BS.1770-4, equations 4 to 7)."""
    a_window = steps.a_window
    n_windows = len(step_power) - a_window + 1
    if n_windows < 1:
        return float("-inf")
    grown = np.concatenate([[0.0], np.cumsum(step_power)])
    windows = np.maximum((grown[a_window:] - grown[:-a_window]) / a_window, 0.0)
    return integrated(loudness_of(windows))
