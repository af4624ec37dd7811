"""Where FluidSynth's low-pass stands, block by block, when an envelope moves it, from the font's numbers.

The filter is that of the SoundFont specification 2.04, section 8.1.2 (generators 8 and 9), made as in R. Bristow-Johnson's
cookbook of filters. FluidSynth tells its coefficients by whole cents. Where a block ends a cent further than the last one
it stands there from its beginning; where it ends further away it glides there, cent by cent.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calmando.sound.bank.stages import CENTS_ZERO_HZ, OF_FILTER, SHORTEST, Floats, Stages, falling
from calmando.sound.kernels import kernels
from calmando.units import MidiPitch

_CUTOFF, _RESONANCE = 8, 9
_LFO_TO_FILTER, ENVELOPE_TO_FILTER = 10, 11
"""Generators (SoundFont 2.04, section 8.1.2)."""
_LOWEST_CENTS, _HIGHEST_CENTS = 1_500, 13_500
_HIGHEST_SHARE = 0.45
"""Of the sample rate: no cutoff is higher."""
_FASTEST_CENTS = 1.0
"""A block: what moves faster glides, and where it resonates comes later than the end of the block."""
_STRAIGHT = np.arange(128) / 127.0
_BENT = np.append(0.0, 1.0 + 40.0 / 96.0 * np.log10(_STRAIGHT[1:]))
"""The convex curve of the SoundFont specification 2.04, section 9.5.3, in 127 steps, straight lines between."""
_PEAK_OFF_DB = 3.01
"""So much below the font's resonance there is no peak."""


@dataclass(frozen=True, slots=True)
class MovingFilter:
    """A low-pass at ``cents``, moved by ``swing_cents`` where its envelope stands at its full height."""

    stages: Stages
    cents: float
    swing_cents: float
    q: float
    sample_rate: int

    @classmethod
    def of(cls, zone: Sequence[float], key: MidiPitch, sample_rate: int) -> MovingFilter | None:
        """That of a voice, from all its generators in order (see `Synth.zones`); ``None`` where it moves otherwise."""
        stages = Stages.told_from(zone, OF_FILTER, key, sample_rate, SHORTEST)
        swing = zone[ENVELOPE_TO_FILTER]
        resonance_db = min(max(zone[_RESONANCE] / 10.0, 0.0), 96.0) - _PEAK_OFF_DB
        falls = max(1.0 / stages.release, (1.0 - stages.sustain > 0.0) / max(stages.decay, 1))
        lags = resonance_db > 0.0 and abs(swing) * falls > _FASTEST_CENTS
        if zone[_LFO_TO_FILTER] or lags or kernels() is None:
            return None
        cutoff = min(max(zone[_CUTOFF], _LOWEST_CENTS), _HIGHEST_CENTS)
        return cls(stages, cutoff, swing, 10.0 ** (resonance_db / 20.0), sample_rate)

    @property
    def filters(self) -> Floats:
        """Its coefficients at every cent, see `_at_every_cent`."""
        return _at_every_cent(self.q, self.sample_rate)

    def held(self, first: int, n_blocks: int) -> Floats:
        """Where it stands at the ends of the block before some and of each of them, while the key is held, in whole cents.

        Shape (n_blocks + 1,). It begins where it stands at the end of the first block.
        """
        before = max(first - 1, 0)
        heights = self._risen(self.stages.heights(first + n_blocks, before), before)
        return self._cents(np.concatenate([heights[:1], heights]) if first == 0 else heights)

    def let_go(self, block: int, n_blocks: int) -> Floats:
        """The same from the block before which the key is let go."""
        heights = np.zeros(n_blocks + 1)
        heights[:1] = self._risen(self.stages.heights(block, block - 1), block - 1)
        let_go = falling(float(heights[0]), self.stages.release, n_blocks)
        heights[1 : 1 + len(let_go)] = np.maximum(let_go, 0.0)
        return self._cents(heights)

    def _risen(self, heights: Floats, first: int) -> Floats:
        """Heights at the ends of blocks from ``first`` on: while the envelope rises FluidSynth bends them."""
        rising = self.stages.rising(first, len(heights))
        bent = heights.copy()
        bent[rising] = np.interp(heights[rising], _STRAIGHT, _BENT)
        return bent

    def _cents(self, heights: Floats) -> Floats:
        highest = 1_200.0 * math.log2(_HIGHEST_SHARE * self.sample_rate / CENTS_ZERO_HZ)
        return np.minimum(np.floor(self.cents + self.swing_cents * heights), highest)


@functools.cache
def _at_every_cent(q: float, sample_rate: int) -> Floats:
    """What makes y of x: y = level · v, where v is x + 2 x₁ + x₂ − a₁ v₁ − a₂ v₂; a₁, a₂ and level in this order.

    A row for every cent from the lowest to the highest cutoff.
    """
    hz = CENTS_ZERO_HZ * 2.0 ** (np.arange(_LOWEST_CENTS, _HIGHEST_CENTS + 1) / 1_200.0)
    turn = 2.0 * np.pi * hz / sample_rate
    alpha = np.sin(turn) / (2.0 * q)
    of_unit = 1.0 / (1.0 + alpha)
    level = 0.5 * (1.0 - np.cos(turn)) * of_unit / math.sqrt(q)
    return np.stack([-2.0 * np.cos(turn) * of_unit, (1.0 - alpha) * of_unit, level], axis=1)
