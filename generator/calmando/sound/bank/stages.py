"""The stages of FluidSynth's envelopes, block by block, from the font's numbers.

This is FluidSynth's arithmetic step for step, single precision where it has it. The stages and units are those of the
SoundFont specification 2.04, sections 8.1.3 and 9.1.7.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES
from calmando.units import MidiPitch, Seconds

Floats: TypeAlias = NDArray[np.float64]

OF_FILTER, OF_VOLUME = 25, 33
"""The first of an envelope's generators (SoundFont 2.04, section 8.1.2): delay, attack, hold, decay, sustain, release, and
what keys do to hold and decay."""
_FIXED_KEY = 46
SHORTEST = -12_000
_LONGEST, LONGEST_WAIT = 8_000, 5_000
"""Timecents that FluidSynth keeps to; whatever is attack, decay or release may be longer than what waits."""
_NO_HOLD = -32_768
"""Timecents that mean none; where others have so few they are taken for the shortest there are."""
CENTS_ZERO_HZ = 440.0 * 2.0 ** (-69 / 12)
"""Absolute cents begin at MIDI key 0."""
_THOUSANDTH = float(np.float32(0.001))


@dataclass(frozen=True, slots=True)
class Stages:
    """Stages in blocks of `GRID_FRAMES`; ``sustain`` is the height that is held, from 0 to 1."""

    delay: int
    attack: int
    hold: int
    decay: int
    sustain: float
    release: int

    @staticmethod
    def told_from(
        zone: Sequence[float], first: int, key: MidiPitch, sample_rate: int, shortest_release: int
    ) -> Stages:
        """Those of the envelope whose generators begin at ``first``, of all a voice's (see `Synth.zones`)."""
        delay, attack, hold, decay, sustain, release, key_to_hold, key_to_decay = zone[first : first + 8]
        if zone[_FIXED_KEY] >= 0:
            key = int(zone[_FIXED_KEY])
        above = 60 - key
        blocks_a_second = sample_rate / GRID_FRAMES

        def begun(timecents: float, shortest: int, longest: int) -> int:
            return int(blocks_a_second * seconds(timecents, shortest, longest))

        def nearest(timecents: float, longest: int) -> int:
            return int(blocks_a_second * seconds(timecents, SHORTEST, longest) + 0.5)

        hold += key_to_hold * above
        return Stages(
            delay=begun(delay, SHORTEST, LONGEST_WAIT),
            attack=1 + begun(attack, SHORTEST, _LONGEST),
            hold=nearest(hold, LONGEST_WAIT) if hold > _NO_HOLD else 0,
            decay=nearest(decay + key_to_decay * above, _LONGEST),
            sustain=min(max(1.0 - _THOUSANDTH * sustain, 0.0), 1.0),
            release=1 + begun(release, shortest_release, _LONGEST),
        )

    @property
    def borders(self) -> tuple[float, ...]:
        """The blocks before which it is at its full height, begins to fall, and stays."""
        stands = self.delay + self.attack
        falls = stands + self.hold
        return stands, falls, falls + self.decay * (1.0 - self.sustain)

    def rising(self, first: int, n_blocks: int) -> slice:
        """Where among so many blocks, from ``first`` on, it rises."""
        begins, ends = (
            min(max(block - first, 0), n_blocks) for block in (self.delay, self.delay + self.attack)
        )
        return slice(begins, ends)

    def heights(self, n_blocks: int, first: int = 0) -> Floats:
        """How high it stands at the ends of blocks, from ``first`` on, while it is held: shape (n_blocks − first,)."""
        if first >= self.delay + self.attack + self.hold + self.decay:
            return np.full(max(n_blocks - first, 0), self.sustain)
        stages = self.delay, self.attack, self.hold, self.decay, self.sustain
        return _heights(*stages, enough_for(n_blocks))[first:n_blocks]


@functools.lru_cache(maxsize=64)
def _heights(delay: int, attack: int, hold: int, decay: int, sustain: float, n_blocks: int) -> Floats:
    """The same from the first block on, not to be written to: notes of one key are let go at many places."""
    rising = np.minimum(stepped(0.0, float(1 / np.float32(attack)), attack), 1.0)
    top = float(rising[-1])
    falling = stepped(top, float(-1 / np.float32(max(decay, 1))), min(decay, n_blocks))
    heights = np.full(n_blocks, sustain)
    done = 0
    for stage in (np.zeros(delay), rising, np.full(hold, top), np.maximum(falling, sustain)):
        heights[done : done + len(stage)] = stage[: max(n_blocks - done, 0)]
        done += len(stage)
    heights.flags.writeable = False
    return heights


def enough_for(n_blocks: int) -> int:
    """So many or more, a power of two: what is made for few serves for others."""
    return 1 << max(n_blocks - 1, 0).bit_length()


def falling(height: float, release: int, n_blocks: int) -> Floats:
    """How high an envelope stands at the end of every block once it is let go at a height; below 0 in the end."""
    return stepped(height, float(-1 / np.float32(release)), min(release, n_blocks))


def stepped(value: float, step: float, n_values: int) -> Floats:
    """``value`` changed by ``step`` over and over, one rounding after the other."""
    steps = np.full(n_values + 1, step)
    steps[0] = value
    return np.add.accumulate(steps)[1:]


def seconds(timecents: float, shortest: int, longest: int) -> Seconds:
    """A time, no shorter and no longer than that."""
    return math.pow(2.0, min(max(timecents, shortest), longest) / 1_200)
