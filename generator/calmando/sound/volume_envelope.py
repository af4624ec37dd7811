"""How loud FluidSynth keeps a voice, block by block: its volume envelope and its tremolo, from the font's numbers.

Both become an amplitude in stairs of a centibel, so that a rounding made otherwise is a stair at the wrong moment:
this is FluidSynth's arithmetic step for step, single precision where it has it. The stages and units are those of
the SoundFont specification 2.04, sections 8.1.3 and 9.1.7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES
from calmando.units import Frames, MidiPitch, Seconds

Floats: TypeAlias = NDArray[np.float64]

_ENVELOPE_TO_PITCH, _ENVELOPE_TO_FILTER = 7, 11
_TREMOLO_DEPTH = 13
_TREMOLO_DELAY, _TREMOLO_RATE = 21, 22
_DELAY, _ATTACK, _HOLD, _DECAY, _SUSTAIN, _RELEASE = range(33, 39)
_KEY_TO_HOLD, _KEY_TO_DECAY = 39, 40
_FIXED_KEY = 46
_LOOPING = 54
"""Generators (SoundFont 2.04, section 8.1.2)."""
_SHORTEST, _SHORTEST_RELEASE = -12_000, -7_200
_LONGEST, _LONGEST_WAIT = 8_000, 5_000
"""Timecents that FluidSynth keeps to; whatever is attack, decay or release may be longer than what waits."""
_NO_HOLD = -32_768
"""Timecents that mean none; where others have so few they are taken for the shortest there are."""
_RANGE_CENTIBELS = 960.0
"""An envelope falls so far from its full height to silence."""
_THOUSANDTH = float(np.float32(0.001))
_LOWEST_HEIGHT = 2e-7
"""A voice that stands no higher is off, a soft one a little sooner: that may be one block more, 96 dB below its full height."""
_DEEPEST_TREMOLO = 960.0
_LOWEST_RATE, _HIGHEST_RATE = -16_000, 4_500
_CENTS_ZERO_HZ = 440.0 * 2.0 ** (-69 / 12)
"""Absolute cents begin at MIDI key 0."""

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

    def centibels(self, n_blocks: int) -> Floats:
        """How much softer it makes every block."""
        swing = np.zeros(n_blocks)
        first = self.first_block
        if self.depth_centibels != 0.0 and self.step > 0.0 and first < n_blocks:
            swing[first:] = _triangle(self.step, n_blocks - first)
        return swing * -self.depth_centibels


def _triangle(step: float, n_values: int) -> Floats:
    """From 0 on by ``step``, turned back at 1 and −1."""
    values = np.empty(n_values)
    value, done = 0.0, 0
    while done < n_values:
        run = _stepped(value, step, min(int(2.0 / abs(step)) + 2, n_values - done))
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
    return values


def _stepped(value: float, step: float, n_values: int) -> Floats:
    """``value`` changed by ``step`` over and over, one rounding after the other."""
    steps = np.full(n_values + 1, step)
    steps[0] = value
    return np.add.accumulate(steps)[1:]


@dataclass(frozen=True, slots=True)
class VolumeEnvelope:
    """Stages in blocks of `GRID_FRAMES`; ``sustain`` is the height that is held, from 0 to 1."""

    delay: int
    attack: int
    hold: int
    decay: int
    sustain: float
    release: int
    tremolo: Tremolo

    @classmethod
    def of(cls, zone: Sequence[float], key: MidiPitch, sample_rate: int) -> VolumeEnvelope:
        """That of a voice, from all its generators in order (see `Synth.zones`)."""
        if zone[_FIXED_KEY] >= 0:
            key = int(zone[_FIXED_KEY])
        above = 60 - key
        blocks_a_second = sample_rate / GRID_FRAMES

        def begun(number: int, shortest: int, longest: int) -> int:
            return int(blocks_a_second * _seconds(zone[number], shortest, longest))

        def nearest(timecents: float, longest: int) -> int:
            return int(blocks_a_second * _seconds(timecents, _SHORTEST, longest) + 0.5)

        hold = zone[_HOLD] + zone[_KEY_TO_HOLD] * above
        decay = zone[_DECAY] + zone[_KEY_TO_DECAY] * above
        rate_cents = min(max(zone[_TREMOLO_RATE], _LOWEST_RATE), _HIGHEST_RATE)
        return cls(
            delay=begun(_DELAY, _SHORTEST, _LONGEST_WAIT),
            attack=1 + begun(_ATTACK, _SHORTEST, _LONGEST),
            hold=nearest(hold, _LONGEST_WAIT) if hold > _NO_HOLD else 0,
            decay=nearest(decay, _LONGEST),
            sustain=min(max(1.0 - _THOUSANDTH * zone[_SUSTAIN], 0.0), 1.0),
            release=1 + begun(_RELEASE, _SHORTEST_RELEASE, _LONGEST),
            tremolo=Tremolo(
                min(max(zone[_TREMOLO_DEPTH], -_DEEPEST_TREMOLO), _DEEPEST_TREMOLO),
                int(sample_rate * _seconds(zone[_TREMOLO_DELAY], _SHORTEST, _LONGEST_WAIT)),
                4.0 * _CENTS_ZERO_HZ * 2.0 ** (rate_cents / 1_200) / blocks_a_second,
            ),
        )

    def held(self, n_blocks: int) -> Floats:
        """The amplitude before the first block and at the end of every one, shape (n_blocks + 1,); straight between."""
        return self._amplitudes(self._heights(n_blocks), self.tremolo.centibels(n_blocks))

    def let_go(self, block: int) -> Floats:
        """The amplitude where the key is let go, before ``block``, and at the end of every one until the voice is off."""
        heights = self._heights(block)
        softer = self.tremolo.centibels(block + self.release)
        begins = self._amplitudes(heights, softer[:block])[-1:]
        if not block or heights[-1] <= _LOWEST_HEIGHT:
            return begins
        height = float(heights[-1])
        if block <= self.delay + self.attack:
            height = _height_of(
                height * float(_amplitude(softer[block - 1 : block])[0]), float(softer[block - 1])
            )
        falling = _stepped(height, float(-1 / np.float32(self.release)), self.release)
        falling = falling[falling > _LOWEST_HEIGHT]
        lower = _RANGE_CENTIBELS * (1.0 - falling)
        return np.concatenate([begins, _amplitude(lower + softer[block : block + len(lower)])])

    def stage(self, block: int) -> int:
        """In which stage a held voice is before a block, and whether its tremolo has begun: a number that never falls."""
        stands = self.delay + self.attack
        falls = stands + self.hold
        stays = falls + self.decay * (1.0 - self.sustain)
        borders = (stands, falls, stays, self.tremolo.first_block)
        return sum(border < block for border in borders)

    @property
    def _rising(self) -> Floats:
        return _stepped(0.0, float(1 / np.float32(self.attack)), self.attack)

    def _heights(self, n_blocks: int) -> Floats:
        """How high the envelope of a held voice stands at the end of every block."""
        rising = np.minimum(self._rising, 1.0)
        top = float(rising[-1])
        falling = _stepped(top, float(-1 / np.float32(max(self.decay, 1))), self.decay)
        stages = (np.zeros(self.delay), rising, np.full(self.hold, top), np.maximum(falling, self.sustain))
        heights = np.full(n_blocks, self.sustain)
        first = 0
        for stage in stages:
            heights[first : first + len(stage)] = stage[: max(n_blocks - first, 0)]
            first += len(stage)
        return heights

    def _amplitudes(self, heights: Floats, softer: Floats) -> Floats:
        """While it rises the height is the amplitude itself; after that it is centibels."""
        n_waiting, n_rising = min(self.delay, len(heights)), min(self.delay + self.attack, len(heights))
        amplitudes = np.zeros(len(heights) + 1)
        rising = slice(n_waiting, n_rising)
        amplitudes[1:][rising] = heights[rising] * _amplitude(softer[rising])
        held = heights[n_rising:]
        falling = _amplitude(_RANGE_CENTIBELS * (1.0 - held) + softer[n_rising:])
        amplitudes[1 + n_rising :] = np.where(held > _LOWEST_HEIGHT, falling, 0.0)
        return amplitudes


def common_envelope(
    zones: Sequence[Sequence[float]], key: MidiPitch, sample_rate: int
) -> VolumeEnvelope | None:
    """The envelope of all of a note's voices, where letting the key go changes nothing but how loud they are.

    ``None`` where their envelopes differ, where a second envelope moves a filter or the pitch, or where a loop ends.
    """
    if any(zone[_ENVELOPE_TO_PITCH] or zone[_ENVELOPE_TO_FILTER] or zone[_LOOPING] > 1 for zone in zones):
        return None
    envelopes = {VolumeEnvelope.of(zone, key, sample_rate) for zone in zones}
    return envelopes.pop() if len(envelopes) == 1 else None


def _seconds(timecents: float, shortest: int, longest: int) -> Seconds:
    return math.pow(2.0, min(max(timecents, shortest), longest) / 1_200)


def _amplitude(centibels: Floats) -> Floats:
    """Whole centibels of attenuation, rounded down; below zero there are no stairs."""
    amplitude = _AMPLITUDES[np.clip(centibels, 0.0, _SOFTEST).astype(np.int64)]
    louder = centibels < 0.0
    if louder.any():
        amplitude[louder] = 10.0 ** (centibels[louder] / -200.0)
    return amplitude


def _height_of(amplitude: float, softer: float) -> float:
    """The height that sounds as loud when it is let fall as the rising one does."""
    centibels = -200.0 * math.log10(amplitude)
    return float(min(max(1.0 - (centibels - softer) / _RANGE_CENTIBELS, 0.0), 1.0))
