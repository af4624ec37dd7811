"""How loud FluidSynth keeps a voice, block by block: its volume envelope and its tremolo, from the font's numbers.

Both become an amplitude in stairs of a centibel, so that a rounding made otherwise is a stair at the wrong moment:
this is FluidSynth's arithmetic step for step, single precision where it has it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from calmando.performance import GRID_FRAMES
from calmando.sound.bank.moving_filter import ENVELOPE_TO_FILTER, MovingFilter
from calmando.sound.bank.stages import (
    CENTS_ZERO_HZ,
    LONGEST_WAIT,
    OF_VOLUME,
    SHORTEST,
    Floats,
    Stages,
    enough_for,
    falling,
    seconds,
    stepped,
)
from calmando.units import Frames, MidiPitch

_ENVELOPE_TO_PITCH = 7
_TREMOLO_DEPTH = 13
_TREMOLO_DELAY, _TREMOLO_RATE = 21, 22
_LOOPING = 54
"""Generators (SoundFont 2.04, section 8.1.2)."""
_SHORTEST_RELEASE = -7_200
"""Timecents."""
_RANGE_CENTIBELS = 960.0
"""An envelope falls so far from its full height to silence."""
_LOWEST_HEIGHT = 2e-7
"""A voice that stands no higher is off, a soft one a little sooner: that may be one block more, 96 dB below its full height."""
_LAST_HEIGHT = 0.02
"""What is left of a voice so low, 94 dB below its full height, lies under −103 dB of all of it."""
_DEEPEST_TREMOLO = 960.0
_LOWEST_RATE, _HIGHEST_RATE = -16_000, 4_500

_SOFTEST = 1_441
"""Centibels from which on there is nothing."""
_AMPLITUDES = np.append(10.0 ** (np.arange(_SOFTEST) / -200.0), 0.0)


@dataclass(frozen=True, slots=True)
class Tremolo:
    """A triangle that swings by ±``depth_centibels`` once ``delay_frames`` have passed, ``step`` a block."""

    depth_centibels: float
    delay_frames: Frames
    step: float

    @property
    def first_block(self) -> int:
        """The first that swings."""
        return -(-self.delay_frames // GRID_FRAMES)

    def centibels(self, n_blocks: int, first: int = 0) -> Floats:
        """How much softer it makes every block, from ``first`` on: shape (n_blocks − first,)."""
        softer = np.zeros(n_blocks - first)
        begins, n_swings = self.first_block, n_blocks - self.first_block
        if self.depth_centibels != 0.0 and self.step > 0.0 and n_swings > 0:
            swing = _triangle(self.step, enough_for(n_swings))[max(first - begins, 0) : n_swings]
            softer[-len(swing) :] = swing * -self.depth_centibels
        return softer


@functools.lru_cache(maxsize=64)
def _triangle(step: float, n_values: int) -> Floats:
    """From 0 on by ``step``, turned back at 1 and −1; not to be written to."""
    values = np.empty(n_values)
    value, done = 0.0, 0
    while done < n_values:
        run = stepped(value, step, min(int(2.0 / abs(step)) + 2, n_values - done))
        beyond = int(np.argmax(run * math.copysign(1.0, step) > 1.0)) if abs(run[-1]) > 1.0 else len(run)
        values[done : done + beyond] = run[:beyond]
        done += beyond
        if beyond < len(run):
            value = math.copysign(2.0, step) - float(run[beyond])
            values[done] = value
            done += 1
            step = -step
        else:
            value = float(run[-1])
    values.flags.writeable = False
    return values


@dataclass(frozen=True, slots=True)
class VolumeEnvelope(Stages):
    """Its stages, the tremolo, and the filter, where that moves as well once the key is let go."""

    tremolo: Tremolo
    filter: MovingFilter | None = None

    @classmethod
    def of(cls, zone: Sequence[float], key: MidiPitch, sample_rate: int) -> VolumeEnvelope:
        """That of a voice, from all its generators in order (see `Synth.zones`); its filter is not looked at."""
        rate_cents = min(max(zone[_TREMOLO_RATE], _LOWEST_RATE), _HIGHEST_RATE)
        tremolo = Tremolo(
            min(max(zone[_TREMOLO_DEPTH], -_DEEPEST_TREMOLO), _DEEPEST_TREMOLO),
            int(sample_rate * seconds(zone[_TREMOLO_DELAY], SHORTEST, LONGEST_WAIT)),
            4.0 * CENTS_ZERO_HZ * 2.0 ** (rate_cents / 1_200) / (sample_rate / GRID_FRAMES),
        )
        its = cls.told_from(zone, OF_VOLUME, key, sample_rate, _SHORTEST_RELEASE)
        return cls(its.delay, its.attack, its.hold, its.decay, its.sustain, its.release, tremolo)

    def held(self, n_blocks: int, first: int = 0) -> Floats:
        """The amplitude before block ``first`` and at the end of every one from there on; straight between.

        Shape (n_blocks − first + 1,).
        """
        skipped = max(first - 1, 0)
        softer = self.tremolo.centibels(n_blocks, skipped)
        ends = self._amplitudes(self.heights(n_blocks, skipped), softer, skipped)
        return ends if first > 0 else np.concatenate([[0.0], ends])

    def let_go(self, block: int) -> Floats:
        """The amplitude where the key is let go, before ``block``, and at the end of every one until the voice is off."""
        if not block:
            return np.zeros(1)
        height = float(self.heights(block, block - 1)[0])
        softer = self.tremolo.centibels(block, block - 1)
        begins = self._amplitudes(np.array([height]), softer, block - 1)
        if height <= _LOWEST_HEIGHT:
            return begins
        if block <= self.delay + self.attack:
            height = _height_of(height * float(_amplitude(softer)[0]), float(softer[0]))
        lower, fallen = _fallen(self.release, height)
        if self.tremolo.depth_centibels != 0.0:
            fallen = _amplitude(lower + self.tremolo.centibels(block + len(lower), block))
        return np.concatenate([begins, fallen])

    def last_block(self, blocks: Sequence[int]) -> int:
        """The last block, nearly, in which a voice may be heard that is let go before any of some blocks."""
        let_go = np.maximum(blocks, 1)
        heights = self.heights(int(let_go.max()))[let_go - 1]
        # One that still rises falls from the height that sounds as loud.
        heights[let_go <= self.delay + self.attack] = 1.0
        return int((let_go + np.ceil(self.release * heights)).max())

    def outlives(self, block: int) -> bool:
        """Whether a voice that is let go before a block is heard for longer than if it had been held.

        Some that die away of themselves do so sooner than once they are let go.
        """
        dead = self.delay + self.attack + self.hold + self.decay
        if self.sustain > 0.0 or not self.delay < block < dead:
            return False
        height = float(self.heights(block, block - 1)[0])
        if block <= self.delay + self.attack:
            height = _height_of(height, 0.0)
        return height - (dead - block) / self.release > _LAST_HEIGHT

    def stage(self, block: int) -> int:
        """In which stage a held voice is before a block, and whether its tremolo has begun: a number that never falls."""
        borders = (
            *self.borders,
            self.tremolo.first_block,
            *(self.filter.stages.borders if self.filter else ()),
        )
        return sum(border < block for border in borders)

    def _amplitudes(self, heights: Floats, softer: Floats, first: int) -> Floats:
        """At the ends of blocks from ``first`` on.

        While it rises the height is the amplitude itself; after that it is centibels.
        """
        rising = self.rising(first, len(heights))
        amplitudes = np.zeros(len(heights))
        amplitudes[rising] = heights[rising] * _amplitude(softer[rising])
        held = heights[rising.stop :]
        standing = _amplitude(_RANGE_CENTIBELS * (1.0 - held) + softer[rising.stop :])
        amplitudes[rising.stop :] = np.where(held > _LOWEST_HEIGHT, standing, 0.0)
        return amplitudes


Layers: TypeAlias = dict[VolumeEnvelope, list[int]]
"""The envelopes of a note's voices, and which of them have each: their places among `Synth.zones`."""


def layers_of(zones: Sequence[Sequence[float]], key: MidiPitch, sample_rate: int) -> Layers | None:
    """A note's layers, where letting the key go changes how loud its voices are and how their filters stand.

    ``None`` where it does more: where a second envelope moves the pitch or a filter otherwise than `MovingFilter` knows,
    or where a loop ends.
    """
    if any(zone[_ENVELOPE_TO_PITCH] or zone[_LOOPING] > 1 for zone in zones):
        return None
    layers: Layers = {}
    for place, zone in enumerate(zones):
        envelope = VolumeEnvelope.of(zone, key, sample_rate)
        if zone[ENVELOPE_TO_FILTER]:
            envelope = replace(envelope, filter=MovingFilter.of(zone, key, sample_rate))
            if envelope.filter is None:
                return None
        layers.setdefault(envelope, []).append(place)
    return layers


def _amplitude(centibels: Floats) -> Floats:
    """Whole centibels of attenuation, rounded down; below zero there are no stairs."""
    amplitude = _AMPLITUDES[np.clip(centibels, 0.0, _SOFTEST).astype(np.int64)]
    louder = centibels < 0.0
    if louder.any():
        amplitude[louder] = 10.0 ** (centibels[louder] / -200.0)
    return amplitude


@functools.lru_cache(maxsize=32)
def _fallen(release: int, height: float) -> tuple[Floats, Floats]:
    """Centibels and amplitude at the end of every block once a voice is let go at a height, until it is off.

    Notes that are held at one height, which is most of those that do not decay, fall alike.
    """
    heights = falling(height, release, release)
    lower = _RANGE_CENTIBELS * (1.0 - heights[heights > _LOWEST_HEIGHT])
    return lower, _amplitude(lower)


def _height_of(amplitude: float, softer: float) -> float:
    """The height that sounds as loud when it is let fall as the rising one does."""
    centibels = -200.0 * math.log10(amplitude)
    return float(min(max(1.0 - (centibels - softer) / _RANGE_CENTIBELS, 0.0), 1.0))
