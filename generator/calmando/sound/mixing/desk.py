"""The mixer's desk: what it knows of every part, and where the parts go."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from calmando.sound.fluidsynth.levels import GainCurve, PartLevel
from calmando.sound.kernels import address
from calmando.sound.mixing.convolution import Convolution


@dataclass(frozen=True, slots=True, eq=False)
class Bus:
    """One output: which parts it holds."""

    parts: tuple[int, ...]


_STILL = GainCurve.still(1.0)


@dataclass(frozen=True, eq=False)
class Desk:
    """What the mixer knows of every part: its level and its send; and the reverb they share."""

    levels: tuple[PartLevel, ...]
    sends: tuple[GainCurve, ...]
    reverb: Convolution | None

    @functools.cached_property
    def lines(self) -> tuple[tuple[int, ...], ...]:
        """Two levels of every part, whose product is its own, and its send, as mixing.c has them.

        Of each: where its frames and its gains stand in memory, as long as there is the desk, and how many they are.
        """
        return tuple(
            (*_line(first), *_line(second), *_line(send))
            for (first, second), send in zip(map(_both_levels, self.levels), self.sends, strict=True)
        )

    @functools.cached_property
    def is_sending(self) -> tuple[bool, ...]:
        """Whether a part sends anything to the reverb, ever."""
        return tuple(self.reverb is not None and bool(send.gains.any()) for send in self.sends)


def _both_levels(level: PartLevel) -> tuple[GainCurve, GainCurve]:
    """The curves of a level, of which there are two at most."""
    first, second = (*level.curves, _STILL, _STILL)[:2]
    return first, second


def _line(curve: GainCurve) -> tuple[int, int, int]:
    return address(curve.frames), address(curve.gains), len(curve.frames)
