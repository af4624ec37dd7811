"""The itinerary of a long piece: which tune when, and when away from the home key; the first always returns."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.units import Seconds, Unit

LEAST_IN_A_KEY_S: Seconds = 8 * 60.0
"""Home and away, a key lasts so long at least."""
_MINUTES_PER_TUNE = 12.0
_LEAST_MINUTES_PER_TUNE = 9.0
_FEWER_MINUTES_BELOW: Unit = 0.6
"""Below this predictability new tunes come sooner, in proportion down to the least."""
_SHORTEST_S: Seconds = 3 * 60.0
_AWAY = 2
"""Every so many new tunes one is in another key: the second of three, the only one of two."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the piece with one tune.

    Attributes
    ----------
    end_s
        Where the next one begins, at the beginning of a strophe.
    tune
        Which of the family.
    away
        Whether it is in another key than home.
    """

    end_s: Seconds
    tune: int
    away: bool = False


@dataclass(frozen=True, slots=True)
class Itinerary:
    """The stretches of a piece in order: tune a, b, a, c, a … home at both ends."""

    stretches: tuple[Stretch, ...]

    @classmethod
    def over(
        cls, music_s: Seconds, *, most_tunes: int, departs: bool, predictability: Unit = 1.0
    ) -> Itinerary:
        """Lay the tunes over a piece.

        Parameters
        ----------
        music_s
            Seconds up to the ending.
        most_tunes
            Tunes there may be.
        departs
            Whether some of them may be in another key.
        predictability
            The less, the sooner a new tune comes.
        """
        share = min(predictability / _FEWER_MINUTES_BELOW, 1.0)
        minutes_per_tune = max(_MINUTES_PER_TUNE * share, _LEAST_MINUTES_PER_TUNE)
        n_tunes = max(1, min(most_tunes, 1 + int(music_s / 60 / minutes_per_tune)))
        order = [0] + [tune for new in range(1, n_tunes) for tune in (new, 0)]
        away = [departs and tune > 0 and (n_tunes == _AWAY or tune % _AWAY == 0) for tune in order]
        lengths = _lengths(music_s, away)
        if lengths is None:
            away = [False] * len(order)
            lengths = [music_s / len(order)] * len(order)
        stretches, end = [], 0.0
        for tune, is_away, length in zip(order, away, lengths, strict=True):
            end += length
            stretches.append(Stretch(end, tune, is_away))
        return cls(tuple(stretches))

    def at(self, elapsed_s: Seconds) -> Stretch:
        """The stretch of a moment; after the last one it goes on."""
        return next((each for each in self.stretches if elapsed_s < each.end_s), self.stretches[-1])


def _lengths(music_s: Seconds, away: list[bool]) -> list[Seconds] | None:
    """The stretches' lengths, those away long enough; None where there is no room for them, or none."""
    n_away = sum(away)
    if n_away == 0:
        return None
    even = music_s / len(away)
    if even >= LEAST_IN_A_KEY_S:
        return [even] * len(away)
    home = (music_s - n_away * LEAST_IN_A_KEY_S) / (len(away) - n_away)
    first = home * away.index(True)
    if home < _SHORTEST_S or first < LEAST_IN_A_KEY_S:
        return None
    return [LEAST_IN_A_KEY_S if is_away else home for is_away in away]
