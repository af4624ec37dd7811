"""Velocities that are one note at different levels, found by comparing how they begin and how they are let go.

Many instruments of a SoundFont answer a softer touch with nothing but less level: one note then stands for several
velocities. Others change their colour, their sample or their release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calmando.sound.bank.described import difference_energy, energies
from calmando.sound.fluidsynth.synth import Stereo
from calmando.units import Decibels, Frames, Velocity

LARGEST_ERROR_DB: Decibels = -110.0
"""A note that differs by more than this from a louder one at its level, relative to itself, is another."""


@dataclass(frozen=True, slots=True, eq=False)
class Touch:
    """A key struck and soon let go: what the font asks of each voice, and the sound, shape (2, n_frames).

    What is slow, such as a long decay, is not heard so soon, but is told by the voices' numbers.
    """

    zones: tuple[tuple[float, ...], ...]
    frames: Stereo


@dataclass(frozen=True, slots=True)
class Strength:
    """What a velocity sounds like: that of another one, times a factor of amplitude."""

    velocity: Velocity
    factor: float


def strengths(touches: Mapping[Velocity, Touch]) -> dict[Velocity, Strength]:
    """For every velocity of a key the loudest that it is a softer version of, which may be itself."""
    found: dict[Velocity, Strength] = {}
    for velocity in sorted(touches, reverse=True):
        touch = touches[velocity]
        as_softer = (
            Strength(louder, factor)
            for louder, strength in found.items()
            if strength.velocity == louder and touches[louder].zones == touch.zones
            if (factor := level_of(touch.frames, touches[louder].frames)) is not None
        )
        found[velocity] = next(as_softer, Strength(velocity, 1.0))
    return found


def level_of(softer: Stereo, louder: Stereo) -> float | None:
    """The factor that makes a louder sound a softer one; ``None`` where they differ otherwise as well.

    The shorter is as long as the other, with silence at its end.
    """
    n_frames = max(softer.shape[1], louder.shape[1])
    one, other = (_as_long(sound, n_frames) for sound in (softer, louder))
    energy, power, together = energies(one, other)
    if power == 0.0:
        return None
    factor = together / power
    if factor <= 0.0 or difference_energy(one, other, factor) > energy * 10 ** (LARGEST_ERROR_DB / 10):
        return None
    return factor


def _as_long(sound: Stereo, n_frames: Frames) -> Stereo:
    more = n_frames - sound.shape[1]
    return np.pad(sound, ((0, 0), (0, more))) if more else sound
