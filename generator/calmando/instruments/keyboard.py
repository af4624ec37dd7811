"""Which keys a sample serves, and how a quantity runs along the keyboard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, slots=True)
class Region:
    """The root of a sample and the keys it serves, inclusive."""

    root: int
    low: int
    high: int


def regions(keys: tuple[int, int], width: int) -> tuple[Region, ...]:
    """Cut a playing range into regions of at most ``width`` keys, each with its root in the middle.

    Examples
    --------
    >>> regions((60, 66), 4)
    (Region(root=61, low=60, high=62), Region(root=64, low=63, high=66))
    """
    n_keys = keys[1] - keys[0] + 1
    n_regions = math.ceil(n_keys / width)
    edges = [keys[0] + n_keys * index // n_regions for index in range(n_regions + 1)]
    return tuple(Region((low + high - 1) // 2, low, high - 1) for low, high in pairwise(edges))


def seat(key: int, keys: tuple[int, int], spread: float) -> float:
    """Where a key sits as the player sees it, low on the left: −``spread`` to ``spread`` (1 is quite at the side).

    Examples
    --------
    >>> seat(48, (48, 96), 0.3), seat(72, (48, 96), 0.3), seat(96, (48, 96), 0.3)
    (-0.3, 0.0, 0.3)
    """
    share = (key - keys[0]) / (keys[1] - keys[0])
    return spread * (2.0 * min(1.0, max(0.0, share)) - 1.0)


@dataclass(frozen=True, slots=True)
class KeyCurve:
    """A positive quantity along the keyboard: points (key, value), joined by straight lines of its logarithm.

    Examples
    --------
    >>> round(KeyCurve(((40, 1.0), (60, 4.0))).at(50), 6)
    2.0
    """

    points: Sequence[tuple[float, float]]

    def at(self, key: float) -> float:
        """The value at a key; beyond the first and last points it stays."""
        keys = [point[0] for point in self.points]
        logs = [math.log(point[1]) for point in self.points]
        return math.exp(float(np.interp(key, keys, logs)))
