"""Resonance: named levers, each from its value of the dial, on a budget; none where sameness is the intent."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from preset_scores import changed, preset_of, score_of

from calmando.compose.composing import Composing
from calmando.compose.controls import swell_at
from calmando.compose.levers import TERMS, Budget, Lever
from calmando.compose.piece import compose_piece
from calmando.compose.resonance import coloured, with_deceptive_close, with_sixth
from calmando.compose.tune import compose_tune
from calmando.compose.tune_book import TuneBook
from calmando.compose.tune_brief import TuneBrief
from calmando.rng import Stream
from calmando.score.tune import Tune
from calmando.theory.chord import chord
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

MAJOR = Key(5, MODES["major"])


def some_tune(seed: int) -> Tune:
    """A tune in F major."""
    return compose_tune(TuneBrief(key=MAJOR, metre=METRES["3/4"]), stream=Stream(seed, "tune"))


def is_coloured(numeral: str) -> bool:
    """Whether a chord has an added tone or a suspension."""
    return numeral.endswith(("add9", "maj7", "sus4"))


def test_below_its_value_no_lever_moves() -> None:
    """At .2 chords stay plain; at .9 some are coloured, at most one in four bars, and all chords stay gapless."""
    plain, rich = 0, 0
    for seed in range(12):
        tune = some_tune(seed)
        assert coloured(tune, 0.2, stream=Stream(seed, "c")) == tune
        warm = coloured(tune, 0.9, stream=Stream(seed, "c"))
        count = sum(is_coloured(item.numeral) for item in warm.chords)
        assert count <= tune.n_bars // 4 + 1
        rich += count
        plain += sum(is_coloured(item.numeral) for item in tune.chords)
        ends = [item.onset_ticks + item.duration_ticks for item in warm.chords]
        assert [item.onset_ticks for item in warm.chords][1:] == ends[:-1]
    assert plain == 0 and rich >= 10


def test_colours_do_not_rub_against_the_tune() -> None:
    """No added tone lies a semitone from a tune note that sounds with it."""
    for seed in range(12):
        tune = coloured(some_tune(seed), 1.0, stream=Stream(seed, "c"))
        for item in (item for item in tune.chords if is_coloured(item.numeral)):
            tones = {(MAJOR.tonic + tone) % 12 for tone in chord(item.numeral, MAJOR.mode).tones}
            end = item.onset_ticks + item.duration_ticks
            over = [n.pitch for n in tune.notes if n.onset_ticks < end and n.end_ticks > item.onset_ticks]
            assert not any((pitch - tone) % 12 in (1, 11) for pitch in over for tone in tones)


def moved(resonance: float, predictability: float, seed: int, strophes: int = 60) -> list[Lever]:
    """The levers moved in so many strophes, where all are possible always."""
    budget = Budget(resonance, predictability, stream=Stream(seed, "budget"))
    found = []
    for strophe in range(strophes):
        budget.earn()
        lever = budget.next(tuple(Lever), stream=Stream(seed, f"lever/{strophe}"))
        if lever is not None:
            budget.pay(lever)
            found.append(lever)
    return found


def cost(levers: list[Lever]) -> float:
    """What levers cost together."""
    return math.fsum(TERMS[lever].cost for lever in levers)


def test_levers_are_paid_from_what_the_dials_give() -> None:
    """More resonance moves more levers, more predictability fewer; below its value none is moved; no debt is run up."""
    spent = [math.fsum(cost(moved(r / 10, 0.5, seed)) for seed in range(8)) for r in range(11)]
    assert spent[2] == 0 and all(a < b for a, b in pairwise(spent[2:]))
    assert len(moved(0.7, 0.2, 1)) > len(moved(0.7, 0.8, 1)) > 0
    for resonance in (0.3, 0.5, 0.8):
        levers = moved(resonance, 0.5, 3)
        assert all(TERMS[lever].from_value <= resonance for lever in levers)
        earned = 60 * 2 * resonance * 0.8 + 1
        assert cost(levers) <= earned
    assert set(moved(1.0, 0.5, 1, 200)) == set(Lever)


def test_the_key_chord_may_give_way_to_the_sixth_where_the_tune_allows() -> None:
    """The tune stays note for note; only the chord is another, and it contains the tune's notes."""
    changed = 0
    for seed in range(20):
        preset = preset_of("pain-companion")
        book = TuneBook(preset, seed)
        tune = book.tune(0, MODES["major"], 72)
        first, last = book.phrase(tune, "t", 0), book.phrase(tune, "t", len(tune.phrases) - 1)
        for before, after in ((first, with_sixth(first)), (last, with_deceptive_close(last))):
            assert after.tune == before.tune
            changed += after != before
    assert changed >= 5


def test_a_phrase_with_the_peak_swells_as_far_as_resonance_goes_and_slowly() -> None:
    """Up to two decibels, over four seconds at least, gone by the phrase's end; none below its value of the dial."""
    for peak_s in (0.0, 1.5, 3.0, 5.0, 6.0):
        curve = [swell_at(at / 10, peak_s, 10.0) for at in range(101)]
        assert curve[0] == curve[-1] == 0.0 and max(curve) == 1.0
        assert max(b - a for a, b in zip(curve, curve[10:], strict=False)) < 0.55
    widths = []
    for resonance in (0.2, 0.4, 0.7, 1.0):
        preset = changed("pain-companion", melody__resonance=resonance)
        title = compose_piece(preset, seed=1, length_s=240.0).title
        passages = list(Composing(preset, 1, title, None).passages())
        harp = [[40 * math.log10(c.value / 127) for c in p.controls[1]] for p in passages]
        widths.append(max((max(values) - min(values) for values in harp if len(values) > 4), default=0.0))
    assert widths == [
        0.0,
        pytest.approx(0.8, abs=0.2),
        pytest.approx(1.4, abs=0.2),
        pytest.approx(2.0, abs=0.2),
    ]


@pytest.mark.parametrize("name", ["nicu-lullaby", "panic-grounding", "steady-ground", "chant-and-drone"])
def test_there_is_no_surprise_where_sameness_is_the_intent(name: str) -> None:
    """Every return of a phrase has the same accompaniment there."""
    assert not preset_of(name).form.surprises
    score = score_of(name, 1, 6.0)
    harmony = [part for part in score.parts if part.strip.role.value in ("harmony", "bass")]
    for part in harmony:
        by_label: dict[str, set[tuple[tuple[int, int], ...]]] = {}
        for index, phrase in enumerate(score.phrases):
            if phrase.label not in ("A", "A'"):
                continue
            notes = [n for n in part.notes if phrase.onset_ticks <= n.onset_ticks < phrase.end_ticks]
            key = f"{phrase.label} after {score.phrases[index - 1].label}"
            by_label.setdefault(key, set()).add(
                tuple((n.onset_ticks - phrase.onset_ticks, n.pitch) for n in notes)
            )
        assert name == "chant-and-drone" or all(len(forms) <= 2 for forms in by_label.values())
