"""The phrases of a form that makes its own, as text: those it begins with, and how it makes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate

from calmando.compose.material import Material
from calmando.compose.tune_text import tune_text
from calmando.score.tune import Tune, TunePhrase


@dataclass(frozen=True, slots=True)
class OwnPhrases:
    """The first phrases a form makes, one after another as they are first sung, and in words how it makes them."""

    phrases: tuple[Material, ...]
    making: str


def own_phrases_text(own: OwnPhrases) -> str:
    """The phrases with their chords and bars, then how they are made."""
    return f"{tune_text(_in_a_row(own.phrases))}\n{own.making}\n"


def _in_a_row(phrases: tuple[Material, ...]) -> Tune:
    """The phrases as one tune, written one after the other."""
    first = phrases[0]
    ends = list(accumulate(phrase.n_bars for phrase in phrases))
    starts = [end - phrase.n_bars for phrase, end in zip(phrases, ends, strict=True)]
    placed = [(phrase, bar * first.metre.bar_ticks) for phrase, bar in zip(phrases, starts, strict=True)]
    return Tune(
        first.key,
        first.metre,
        tuple(replace(n, onset_ticks=at + n.onset_ticks) for phrase, at in placed for n in phrase.tune),
        tuple(replace(c, onset_ticks=at + c.onset_ticks) for phrase, at in placed for c in phrase.chords),
        tuple(
            TunePhrase(phrase.label, start, end)
            for phrase, start, end in zip(phrases, starts, ends, strict=True)
        ),
    )
