"""The K-weighting of ITU-R BS.1770-4: how a head and ears change the energy of a sound, for any sample rate.

The standard gives its two filters as coefficients at 48 kHz. They are the bilinear transforms of a high
shelf and of a high-pass, whose analogue parameters were found by De Man, "Evaluation of implementations of
the EBU R128 loudness measurement", AES 145 (2018); with these they hold at every rate.

Filters with feedback are slow sample by sample. A kernel takes several steps of the sound side by side, see
``generator/kernels/k_weighting.c``. Where there is none, a stretch of samples is one row of a matrix product: what
a filter answers is a fixed matrix times the samples of the stretch and the filter's state before it, and the states
themselves follow one another by another fixed matrix.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calmando.sound.blocks import sides_of
from calmando.sound.kernels import address, addresses, kernels, room

Floats = NDArray[np.float64]

_SHELF_HZ = 1681.974450955533
_SHELF_DB = 3.999843853973347
_SHELF_Q = 0.7071752369554196
_SHELF_EXPONENT = 0.4996667741545416

_PASS_HZ = 38.13547087602444
_PASS_Q = 0.5003270373238773

_LANES = 16
"""The kernel takes eight steps of both channels at once."""

_LONGEST_STRETCH = 60
"""Longer stretches cost more products, shorter ones more states."""
_ROWS_AT_ONCE = 64
"""So few rows that a matrix product stays on the thread that asks for it."""
_STATES_AT_ONCE = 16
_GROUPS_AT_ONCE = 32
"""Of states, for the same reason."""


def k_weighting_sections(sample_rate: int) -> Floats:
    """Return the two second-order sections, shape (2, 6): shelf (BS.1770 table 1) and high-pass (table 2)."""
    return np.array([_shelf(sample_rate), _high_pass(sample_rate)])


def k_weighting_power(frequencies_hz: Floats, sample_rate: int) -> Floats:
    """Return the power response of both filters together at some frequencies."""
    delay = np.exp(-2j * np.pi * frequencies_hz / sample_rate)
    power = np.ones(len(frequencies_hz))
    for b0, b1, b2, a0, a1, a2 in k_weighting_sections(sample_rate):
        power *= np.abs((b0 + (b1 + b2 * delay) * delay) / (a0 + (a1 + a2 * delay) * delay)) ** 2
    return power


class KWeightedEnergy:
    """Weights a stereo sound and tells its energy, step by step.

    Parameters
    ----------
    step_frames
        Length of a step.
    """

    def __init__(self, sample_rate: int, step_frames: int) -> None:
        self._step_frames = step_frames
        system = _balanced(*_state_space(k_weighting_sections(sample_rate)))
        library = kernels()
        self._whole_steps = (
            _ByMatrices(*system, step_frames) if library is None else _ByKernel(*system, step_frames, library)
        )
        # The beginning of a step whose end has not come.
        self._begun = np.zeros((2, step_frames), np.float32)
        self._n_begun = 0

    def of_steps(self, block: NDArray[np.float32]) -> Floats:
        """Take the next block, shape (n_frames, 2); the energy, both channels together, of every step it completes."""
        sides = sides_of(block)
        energies = np.empty((self._n_begun + sides.shape[1]) // self._step_frames)
        if len(energies):
            missing = -self._n_begun % self._step_frames
            self._begin(sides[:, :missing])
            sides = sides[:, missing:]
            self._whole_steps.put_energies(self._begun if missing else None, sides, energies)
            self._n_begun = 0
            sides = sides[:, (len(energies) - bool(missing)) * self._step_frames :]
        self._begin(sides)
        return energies

    def _begin(self, sides: NDArray[np.float32]) -> None:
        n_begun = self._n_begun + sides.shape[1]
        self._begun[:, self._n_begun : n_begun] = sides
        self._n_begun = n_begun


class _ByKernel:
    """The energy of whole steps, compiled; that of a step is the same wherever it stands in a block."""

    def __init__(
        self, move: Floats, take: Floats, give: Floats, pass_on: float, step_frames: int, library: Any
    ) -> None:
        self._library = library
        self._step_frames = step_frames
        # What a sample adds to the states, at once and after ever more frames.
        added, moved = take[None], move
        while len(added) < step_frames:
            added, moved = np.concatenate([added, added @ moved]), moved @ moved
        self._gather = np.array(added[step_frames - 1 :: -1], np.float32, order="C")
        over_step = np.linalg.matrix_power(move, step_frames)
        self._filter = np.concatenate([move.ravel(), take, give, [pass_on], over_step.ravel()])
        self._state = np.zeros((2, len(move)))
        self._samples = room(step_frames, _LANES)
        self._own = tuple(map(address, (self._filter, self._gather, self._state, self._samples)))

    def put_energies(
        self, begun: NDArray[np.float32] | None, sides: NDArray[np.float32], energies: Floats
    ) -> None:
        """Tell the energy of as many steps as there are places for it; the first may lie by itself."""
        self._library.calmando_k_weighted_energy(
            address(begun), *addresses(sides), len(energies), self._step_frames, *self._own, address(energies),
        )  # fmt: skip


class _ByMatrices:
    """The energy of whole steps, by numpy."""

    def __init__(self, move: Floats, take: Floats, give: Floats, pass_on: float, step_frames: int) -> None:
        self._stretch = _largest_divisor(step_frames, _LONGEST_STRETCH)
        self._step_stretches = step_frames // self._stretch
        powers = [np.eye(len(move))]
        for _ in range(self._stretch):
            powers.append(powers[-1] @ move)
        answers = [take @ power @ give for power in powers]
        through = np.zeros((self._stretch, self._stretch))
        for delay in range(self._stretch):
            answer = pass_on if delay == 0 else answers[delay - 1]
            through += np.diag(np.full(self._stretch - delay, answer), delay)
        by_state = np.stack([power @ give for power in powers[:-1]], axis=1)
        # Single precision errs by −120 dB here: the states are balanced.
        self._weigh = np.concatenate([through, by_state]).astype(np.float32)
        self._gather = np.stack([take @ power for power in reversed(powers[:-1])]).astype(np.float32)
        self._states = _States(powers[-1])
        self._state = np.zeros((2, len(move)))
        self._rows = self._weighted = np.zeros((0, 0, 0), np.float32)

    def put_energies(
        self, begun: NDArray[np.float32] | None, sides: NDArray[np.float32], energies: Floats
    ) -> None:
        """Tell the energy of as many steps as there are places for it; the first may lie by itself."""
        n_begun = 0 if begun is None else 1
        if begun is not None:
            self._put_energies(begun, energies[:1])
        if len(energies) > n_begun:
            self._put_energies(sides, energies[n_begun:])

    def _put_energies(self, sides: NDArray[np.float32], energies: Floats) -> None:
        n_stretches = len(energies) * self._step_stretches
        n_rows = 2 * n_stretches
        rows, weighted = self._room_for(n_rows)
        row_by_row = rows.reshape(-1, rows.shape[-1])[:n_rows]
        for side, its_rows in zip(sides, row_by_row.reshape(2, n_stretches, -1), strict=True):
            its_rows[:, : self._stretch] = side[: n_stretches * self._stretch].reshape(n_stretches, -1)
        gathered = (rows[:, :, : self._stretch] @ self._gather).reshape(-1, self._state.shape[-1])[:n_rows]
        states = self._states.before_each(gathered.reshape(2, n_stretches, -1), self._state)
        self._state = states[:, -1]
        row_by_row[:, self._stretch :] = states[:, :-1].reshape(n_rows, -1)
        np.matmul(rows, self._weigh, out=weighted)
        by_stretch = np.einsum("ijk,ijk->ij", weighted, weighted).ravel()[:n_rows]
        by_stretch.reshape(2, len(energies), -1).sum(axis=(0, 2), dtype=np.float64, out=energies)

    def _room_for(self, n_rows: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Groups of rows of samples and states, and of weighted samples; the same memory every time."""
        n_groups = -(-n_rows // _ROWS_AT_ONCE)
        if n_groups > len(self._rows):
            self._rows = np.zeros((n_groups, _ROWS_AT_ONCE, len(self._weigh)), np.float32)
            self._weighted = np.zeros((n_groups, _ROWS_AT_ONCE, self._stretch), np.float32)
        return self._rows[:n_groups], self._weighted[:n_groups]


class _States:
    """The states of a filter, each of which follows from the one before it and from what was gathered meanwhile.

    Groups of states are found by one matrix product each; the first states of the groups are states of the same
    kind, further apart.
    """

    def __init__(self, move: Floats) -> None:
        size = len(move)
        powers = [np.eye(size)]
        for _ in range(_STATES_AT_ONCE):
            powers.append(powers[-1] @ move)
        self._move = move
        self._by_first = np.concatenate(powers[:-1], axis=1)
        self._by_gathered = np.zeros((_STATES_AT_ONCE * size, _STATES_AT_ONCE * size))
        for earlier in range(_STATES_AT_ONCE):
            for later in range(earlier + 1, _STATES_AT_ONCE):
                rows = slice(earlier * size, (earlier + 1) * size)
                self._by_gathered[rows, later * size : (later + 1) * size] = powers[later - earlier - 1]
        self._to_end = np.concatenate(powers[-2::-1])
        self._over_group = powers[-1]
        self._firsts: _States | None = None

    def before_each(self, gathered: NDArray[np.floating], start: Floats) -> Floats:
        """The state before each of n stretches and after the last: shape (2, n + 1, n_states).

        Parameters
        ----------
        gathered
            What every stretch adds to the state, shape (2, n, n_states).
        start
            The state before the first, shape (2, n_states).
        """
        _, n_stretches, size = gathered.shape
        if n_stretches <= _STATES_AT_ONCE:
            states = [start]
            for number in range(n_stretches):
                states.append(states[-1] @ self._move + gathered[:, number])
            return np.stack(states, axis=1)
        n_groups = n_stretches // _STATES_AT_ONCE + 1
        n_together = min(n_groups, _GROUPS_AT_ONCE)
        n_bundles = -(-n_groups // n_together)
        groups = np.zeros((2, n_bundles * n_together * _STATES_AT_ONCE, size))
        groups[:, :n_stretches] = gathered
        bundles = groups.reshape(2, n_bundles, n_together, _STATES_AT_ONCE * size)
        if self._firsts is None:
            self._firsts = _States(self._over_group)
        to_ends = (bundles @ self._to_end).reshape(2, -1, size)
        firsts = self._firsts.before_each(to_ends, start)[:, :-1].reshape(2, n_bundles, n_together, size)
        every: Floats = (bundles @ self._by_gathered + firsts @ self._by_first).reshape(2, -1, size)
        return every[:, : n_stretches + 1]


def _largest_divisor(number: int, limit: int) -> int:
    return next(divisor for divisor in range(min(limit, number), 0, -1) if number % divisor == 0)


def _state_space(sections: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Sections in a row as one system: state' = state · move + x · take; answer = state · give + x · pass_on."""
    size = 2 * len(sections)
    move, take, give, pass_on = np.zeros((size, size)), np.zeros(size), np.zeros(size), 1.0
    for number, (b0, b1, b2, _, a1, a2) in enumerate(sections):
        # Transposed direct form II: answer = b0 u + s1; s1' = b1 u − a1 answer + s2; s2' = b2 u − a2 answer.
        first, second = 2 * number, 2 * number + 1
        incoming, passed = give.copy(), pass_on
        to_first, to_second = b1 - a1 * b0, b2 - a2 * b0
        move[:, first] += incoming * to_first
        move[:, second] += incoming * to_second
        move[first, first] -= a1
        move[second, first] += 1.0
        move[first, second] -= a2
        take[first], take[second] = passed * to_first, passed * to_second
        give = incoming * b0
        give[first] += 1.0
        pass_on = passed * b0
    return move, take, give, pass_on


def _balanced(
    move: Floats, take: Floats, give: Floats, pass_on: float
) -> tuple[Floats, Floats, Floats, float]:
    """The same system with states of equal size: white noise makes each of them as large as itself."""
    spread, power = np.outer(take, take), move.copy()
    for _ in range(30):  # doubles the time that is summed over: 2³⁰ samples are for ever
        spread = spread + power.T @ spread @ power
        power = power @ power
    # With z = state · unscale, covariance becomes the identity: spread = scale.T · scale.
    scale = np.linalg.cholesky(spread).T
    unscale = np.linalg.inv(scale)
    return scale @ move @ unscale, take @ unscale, scale @ give, pass_on


def _shelf(sample_rate: int) -> list[float]:
    k = math.tan(math.pi * _SHELF_HZ / sample_rate)
    high = 10.0 ** (_SHELF_DB / 20.0)
    band = high**_SHELF_EXPONENT
    scale = 1.0 + k / _SHELF_Q + k * k
    return [
        (high + band * k / _SHELF_Q + k * k) / scale,
        2.0 * (k * k - high) / scale,
        (high - band * k / _SHELF_Q + k * k) / scale,
        1.0,
        2.0 * (k * k - 1.0) / scale,
        (1.0 - k / _SHELF_Q + k * k) / scale,
    ]


def _high_pass(sample_rate: int) -> list[float]:
    k = math.tan(math.pi * _PASS_HZ / sample_rate)
    scale = 1.0 + k / _PASS_Q + k * k
    return [1.0, -2.0, 1.0, 1.0, 2.0 * (k * k - 1.0) / scale, (1.0 - k / _PASS_Q + k * k) / scale]
