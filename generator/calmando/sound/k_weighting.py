"""The K-weighting of ITU-R BS.1770-4: how a head and ears change the energy of a sound, for any sample rate.

The standard gives its two filters as coefficients at 48 kHz. They are the bilinear transforms of a high
shelf and of a high-pass, whose analogue parameters were found by De Man, "Evaluation of implementations of
the EBU R128 loudness measurement", AES 145 (2018); with these they hold at every rate.

Filters with feedback are slow sample by sample. Here a stretch of samples is one row of a matrix product: what a
filter answers is a fixed matrix times the samples of the stretch and the filter's state before it, and the states
themselves follow one another by another fixed matrix.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHELF_HZ = 1681.974450955533
_SHELF_DB = 3.999843853973347
_SHELF_Q = 0.7071752369554196
_SHELF_EXPONENT = 0.4996667741545416

_PASS_HZ = 38.13547087602444
_PASS_Q = 0.5003270373238773

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
        self._stretch = _largest_divisor(step_frames, _LONGEST_STRETCH)
        move, take, give, pass_on = _balanced(*_state_space(k_weighting_sections(sample_rate)))
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
        self._left = np.zeros((0, 2), np.float32)
        self._rows = self._weighted = np.zeros((0, 0, 0), np.float32)

    def of_steps(self, block: NDArray[np.float32]) -> Floats:
        """Take the next block, shape (n_frames, 2); the energy, both channels together, of every step it completes."""
        n_steps = (len(self._left) + len(block)) // self._step_frames
        if n_steps == 0:
            self._left = np.concatenate([self._left, block])
            return np.zeros(0)
        n_stretches = n_steps * (self._step_frames // self._stretch)
        n_rows = 2 * n_stretches
        rows, weighted = self._room_for(n_rows)
        self._fill(rows.reshape(-1, rows.shape[-1])[:n_rows].reshape(2, n_stretches, -1), block)
        gathered = (rows[:, :, : self._stretch] @ self._gather).reshape(-1, self._state.shape[-1])[:n_rows]
        states = self._states.before_each(gathered.reshape(2, n_stretches, -1), self._state)
        self._state = states[:, -1]
        rows.reshape(-1, rows.shape[-1])[:n_rows, self._stretch :] = states[:, :-1].reshape(n_rows, -1)
        np.matmul(rows, self._weigh, out=weighted)
        energies = np.einsum("ijk,ijk->ij", weighted, weighted).ravel()[:n_rows]
        by_step: Floats = energies.reshape(2, n_steps, -1).sum(axis=(0, 2), dtype=np.float64)
        return by_step

    def _room_for(self, n_rows: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Groups of rows of samples and states, and of weighted samples; the same memory every time."""
        n_groups = -(-n_rows // _ROWS_AT_ONCE)
        if n_groups > len(self._rows):
            self._rows = np.zeros((n_groups, _ROWS_AT_ONCE, len(self._weigh)), np.float32)
            self._weighted = np.zeros((n_groups, _ROWS_AT_ONCE, self._stretch), np.float32)
        return self._rows[:n_groups], self._weighted[:n_groups]

    def _fill(self, rows: NDArray[np.float32], block: NDArray[np.float32]) -> None:
        """Put what was left over and a block into rows, shape (2, n_stretches, …), and keep what is left over."""
        samples = rows[:, :, : self._stretch]
        n_before = -(-len(self._left) // self._stretch)
        missing = n_before * self._stretch - len(self._left)
        before = np.concatenate([self._left, block[:missing]])
        samples[:, :n_before] = before.T.reshape(2, n_before, self._stretch)
        used = missing + (samples.shape[1] - n_before) * self._stretch
        for channel in range(2):
            samples[channel, n_before:] = block[missing:used, channel].reshape(-1, self._stretch)
        self._left = block[used:].copy()


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
