"""Named, independent streams of random numbers that stay the same for years.

Every draw is made from `random.Random.random`, the one generator whose sequence Python promises to keep
from version to version. A stream is named by a seed and a path (``melody/strophe-2``), so that drawing more
in one part of a piece never changes another.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import TypeVar

T = TypeVar("T")

SEED_LIMIT = 2**31
"""Seeds are whole numbers from 0 to this, exclusive."""


class Stream:
    """A stream of draws, fully determined by a seed and a name.

    Examples
    --------
    >>> a, b = Stream(7, "melody"), Stream(7, "melody")
    >>> a.random() == b.random()
    True
    >>> Stream(7, "bass").random() == Stream(7, "melody").random()
    False
    """

    __slots__ = ("_random", "name", "seed")

    def __init__(self, seed: int, name: str) -> None:
        self.seed = seed
        self.name = name

    def __getattr__(self, name: str) -> Callable[[], float]:
        """Draws, begun with the first: many a stream only has children."""
        if name != "_random":
            raise AttributeError(name)
        digest = hashlib.sha256(f"{self.seed}/{self.name}".encode()).digest()
        self._random = random.Random(int.from_bytes(digest[:8], "big")).random
        return self._random

    def child(self, name: str) -> Stream:
        """A new stream of its own below this one; drawing from it leaves this one untouched."""
        return Stream(self.seed, f"{self.name}/{name}")

    def random(self) -> float:
        """A number from 0 to 1, 1 excluded."""
        return self._random()

    def uniform(self, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        return low + (high - low) * self._random()

    def below(self, n: int) -> int:
        """A whole number from 0 to ``n`` − 1."""
        return min(int(self._random() * n), n - 1)

    def chance(self, probability: float) -> bool:
        """True with the given probability; always draws exactly once."""
        return self._random() < probability

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the next."""
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        """One of the options, each as likely as its weight (0 or more, not all 0)."""
        mark = self._random() * reduce(add, weights, 0.0)
        for option, weight in zip(options, weights, strict=True):
            mark -= weight
            if mark < 0:
                return option
        return next(o for o, w in zip(reversed(options), reversed(weights), strict=True) if w > 0)


def draw_seed() -> int:
    """A fresh seed from the operating system, short enough to write on paper."""
    return random.SystemRandom().randrange(1, 1_000_000)
