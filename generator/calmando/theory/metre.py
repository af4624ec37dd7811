"""Metres: how bars are counted and how their beats are grouped."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.units import TICKS_PER_QUARTER, Bpm, Microseconds, Ticks


@dataclass(frozen=True, slots=True)
class Metre:
    """A time signature.

    Attributes
    ----------
    numerator, denominator
        As written: 6 and 8 in 6/8.
    beat_ticks
        Length of one counted beat: a quarter, or a dotted quarter in compound time.

    Examples
    --------
    >>> METRES["6/8"].beats
    2
    >>> METRES["3/4"].bar_ticks
    1440
    """

    numerator: int
    denominator: int
    beat_ticks: Ticks

    @property
    def bar_ticks(self) -> Ticks:
        """Length of a bar."""
        return TICKS_PER_QUARTER * 4 * self.numerator // self.denominator

    @property
    def beats(self) -> int:
        """Counted beats in a bar."""
        return self.bar_ticks // self.beat_ticks

    @property
    def name(self) -> str:
        """As written: ``6/8``."""
        return f"{self.numerator}/{self.denominator}"

    def us_per_quarter(self, bpm: Bpm) -> Microseconds:
        """Whole microseconds a quarter note for a tempo in this metre's beats a minute."""
        return round(60_000_000 * TICKS_PER_QUARTER / (bpm * self.beat_ticks))

    def bpm(self, us_per_quarter: Microseconds) -> Bpm:
        """This metre's beats a minute for a tempo in microseconds a quarter note."""
        return 60_000_000 * TICKS_PER_QUARTER / (us_per_quarter * self.beat_ticks)


METRES: dict[str, Metre] = {
    "2/4": Metre(2, 4, TICKS_PER_QUARTER),
    "3/4": Metre(3, 4, TICKS_PER_QUARTER),
    "4/4": Metre(4, 4, TICKS_PER_QUARTER),
    "6/8": Metre(6, 8, TICKS_PER_QUARTER * 3 // 2),
}
"""Every metre in use, by name."""


_FRACTIONS = {0: "", 120: "¼", 160: "⅓", 240: "½", 320: "⅔", 360: "¾"}


def quarters(ticks: Ticks) -> str:
    """Ticks in quarters: whole ones and a fraction, or decimals.

    Examples
    --------
    >>> quarters(720), quarters(240), quarters(0), quarters(500)
    ('1½', '½', '0', '1.042')
    """
    whole, rest = divmod(ticks, TICKS_PER_QUARTER)
    if rest not in _FRACTIONS:
        return f"{ticks / TICKS_PER_QUARTER:.3f}"
    return f"{whole or ''}{_FRACTIONS[rest]}" or "0"
