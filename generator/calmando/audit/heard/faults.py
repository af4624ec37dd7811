"""Faults of a recording: a constant offset, clipped tops, values that are no numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calmando.sound.blocks import peak_of

_FULL = 0.9995
_RUN = 3
_NO_SOUND = np.float32(2.0**32)
"""Some programs write samples as large as whole numbers of 32 bits; what is larger is damage, and its square no number."""


class FaultCounter:
    """Counts faults, block by block."""

    def __init__(self) -> None:
        self._sums = np.zeros(2)
        self._n_frames = 0
        self._carry = np.zeros(2, np.int64)
        self.clipped_runs = 0
        self.not_finite = 0

    def cleaned(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """The block with every value that is no number, or far too large for a sound, silenced; they are counted."""
        if block.max(initial=0.0) <= _NO_SOUND and block.min(initial=0.0) >= -_NO_SOUND:
            return block
        bad = ~(np.abs(block) <= _NO_SOUND)
        self.not_finite += int(bad.sum())
        return np.where(bad, np.float32(0), block)

    def add(self, block: NDArray[np.float32]) -> None:
        """Count the next block, shape (n_frames, 2), finite."""
        self._sums += np.ones(len(block), np.float32) @ block
        self._n_frames += len(block)
        if peak_of(block) < _FULL:
            self._carry[:] = 0
            return
        for channel in range(2):
            self._count_runs(np.abs(block[:, channel]) >= _FULL, channel)

    @property
    def dc_offset(self) -> float:
        """The larger constant offset of the two channels, in percent of full scale."""
        return float(np.abs(self._sums).max()) / max(self._n_frames, 1) * 100

    def _count_runs(self, full: NDArray[np.bool_], channel: int) -> None:
        """Count runs of at least three full values, also across blocks."""
        carried = int(self._carry[channel])
        marks = np.diff(np.concatenate([[False], full, [False]]).astype(np.int8))
        starts, ends = np.flatnonzero(marks == 1), np.flatnonzero(marks == -1)
        lengths = ends - starts
        if len(lengths) and starts[0] == 0:
            already = carried >= _RUN
            lengths[0] += carried
            self.clipped_runs -= int(already and lengths[0] >= _RUN)
        self.clipped_runs += int((lengths >= _RUN).sum())
        self._carry[channel] = lengths[-1] if len(lengths) and ends[-1] == len(full) else 0
