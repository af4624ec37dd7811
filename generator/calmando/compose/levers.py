"""The levers of resonance: from which value of the dial each may move, what it costs, and the budget it is paid from.

A strophe earns points: the more resonance and the less predictability, the more. A lever is wished for, saved up
for, and moved when it can be paid; so the dearer ones come as often as the cheap ones, only later.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calmando.rng import Stream
from calmando.units import Unit

PEAK_FROM: Unit = 0.3
"""From here on the tune's one highest note is touched a little more firmly; it costs nothing."""
_EARNED_A_STROPHE = 2.0
_SAVED_AT_MOST = 4.0
_PATIENCE = 3
"""Strophes in which a wish may find no place before another takes its place."""


class Lever(StrEnum):
    """What may be moved once in a strophe."""

    SILENCE = "silence"
    SIXTH = "sixth"
    MINOR_FOURTH = "minor fourth"
    DECEPTIVE = "deceptive close"
    HAND_OVER = "hand-over"
    OCTAVE = "octave"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a lever is moved.

    Attributes
    ----------
    sentence
        What it does.
    from_value
        Resonance from which it may move, 0–1.
    cost
        In points of the budget.
    opens_strophe
        Whether it is a change at a strophe's beginning, where only one thing may change.
    is_surprise
        Whether it is unexpected harmony, which a preset or stage may exclude.
    """

    sentence: str
    from_value: Unit
    cost: float
    opens_strophe: bool = False
    is_surprise: bool = False


TERMS: dict[Lever, Terms] = {
    Lever.SILENCE: Terms("a beat of silence in the tune before its last phrase", 0.3, 1.0),
    Lever.SIXTH: Terms(
        "the sixth degree's chord for the key chord at the strophe's beginning",
        0.5,
        1.0,
        opens_strophe=True,
        is_surprise=True,
    ),
    Lever.MINOR_FOURTH: Terms(
        "the minor chord of the fourth degree, and home, after the strophe", 0.6, 1.5, is_surprise=True
    ),
    Lever.DECEPTIVE: Terms(
        "the close turns aside to the sixth degree and is sung once more", 0.6, 2.0, is_surprise=True
    ),
    Lever.HAND_OVER: Terms("another instrument has the tune for a strophe", 0.3, 2.0, opens_strophe=True),
    Lever.OCTAVE: Terms("the tune an octave away for a strophe", 0.4, 3.0, opens_strophe=True),
    Lever.KEY: Terms("a stretch in another key, over a shared tone there and back", 0.4, 4.0, True, True),
}


class Budget:
    """What may be spent on levers.

    Parameters
    ----------
    resonance, predictability
        The dials, 0–1.
    stream
        For where the saving begins.
    """

    def __init__(self, resonance: Unit, predictability: Unit, *, stream: Stream) -> None:
        self._resonance = resonance
        self._rate = _EARNED_A_STROPHE * resonance * (1.3 - predictability)
        self._points = stream.random() * min(self._rate, 1.0)
        self._wish: Lever | None = None
        self._waited = 0

    def allows(self, lever: Lever) -> bool:
        """Whether the dial stands high enough for a lever at all."""
        return self._resonance >= TERMS[lever].from_value

    def earn(self) -> None:
        """A strophe's points; they are not saved without end."""
        self._points = min(self._points + self._rate, _SAVED_AT_MOST)

    def next(self, possible: tuple[Lever, ...], *, stream: Stream) -> Lever | None:
        """The lever to move now: the one wished for, if it is among the possible ones and can be paid.

        A wish waits a few strophes for its place.
        """
        options = [lever for lever in possible if self.allows(lever)]
        if self._wish not in options:
            if not options or (self._wish is not None and self._waited < _PATIENCE):
                self._waited += 1
                return None
            self._wish, self._waited = stream.choice(options), 0
        return self._wish if self._wish and TERMS[self._wish].cost <= self._points else None

    def pay(self, lever: Lever) -> None:
        """A lever has been moved; a planned one may leave a debt."""
        self._points -= TERMS[lever].cost
        self._wish = None

    def give_up(self) -> None:
        """What was wished for does not suit this tune: wish for something else."""
        self._wish = None
