"""Golden scores: the same seed gives the same notes until someone changes them on purpose."""

from __future__ import annotations

import pytest
from golden_scores import FOLDER, GOLDEN, golden_text


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_score_is_the_golden_one(name: str) -> None:
    """A preset's score reads as it did; if it shall change, run golden_scores.py and say so in the changelog."""
    assert golden_text(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_one_is_in_minor_and_one_in_dorian() -> None:
    """The golden scores cover minor and dorian."""
    heads = {name: golden_text(name).splitlines()[0] for name in GOLDEN}
    assert " minor," in heads["infant-lullaby"]
    assert " dorian," in heads["stress-relief"]
