"""Loop lengths that hold whole periods of a wanted pitch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from calmando.instruments.model import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Periods:
    """A whole number of periods in a whole number of frames, near a wanted pitch."""

    n_frames: int
    n_periods: int
    rate_hz: int = SAMPLE_RATE

    @property
    def frequency_hz(self) -> float:
        """The pitch, exactly."""
        return self.rate_hz * self.n_periods / self.n_frames

    def sharp_cents(self, frequency_hz: float) -> float:
        """Cents by which the pitch lies above ``frequency_hz``."""
        return 1200 * math.log2(self.frequency_hz / frequency_hz)


def whole_periods(
    frequency_hz: float, shortest_s: float, longest_s: float, *, rate_hz: int = SAMPLE_RATE
) -> Periods:
    """The loop length between two limits whose pitch lies nearest to the wanted one."""
    fewest = max(2, math.ceil(shortest_s * frequency_hz))
    most = max(fewest, math.floor(longest_s * frequency_hz))
    candidates = [Periods(round(n * rate_hz / frequency_hz), n, rate_hz) for n in range(fewest, most + 1)]
    return min(candidates, key=lambda periods: abs(periods.sharp_cents(frequency_hz)))
