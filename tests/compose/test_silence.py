"""Silence: music that is silent for longer than a rest is found, and no preset is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from preset_scores import PRESETS, changed, score_from, score_of

from calmando.score.model import Fades, Note, Part, Role, Score
from calmando.score.silence import longest_silence

SECOND = 480
"""Ticks of a second at sixty quarters a minute."""


def piece(*parts: Sequence[tuple[float, float]]) -> Score:
    """A minute of music at sixty quarters a minute, five seconds of it closing silence, of notes from second to second."""
    like = score_from(changed("steady-ground", tempo__start_bpm=60, tempo__end_bpm=60), 1, 1.0)
    strip = like.parts[0].strip
    made = (
        Part(strip, tuple(Note(round(a * SECOND), round((b - a) * SECOND), 60, 60) for a, b in spans))
        for spans in parts
    )
    return replace(like, parts=tuple(made), length_s=60.0, fades=Fades(1.0, 3.0, 5.0))


@pytest.mark.parametrize(
    ("parts", "start_s", "length_s"),
    [
        ([[(0, 10), (30, 55)]], 10, 20),
        ([[(0, 10), (30, 55)], [(8, 25)]], 25, 5),
        ([[(0, 40), (1, 2), (45, 55)]], 40, 5),
        ([[(20, 55)]], 0, 20),
        ([[(0, 15)], [(10, 30)]], 30, 25),
        ([[], []], 0, 55),
        ([[(0, 30), (30, 55)]], 0, 0),
    ],
    ids=["a hole", "filled by a part", "under a held note", "at first", "at last", "no note", "none"],
)
def test_the_longest_silence_is_where_no_part_has_a_note(
    parts: list[list[tuple[float, float]]], start_s: float, length_s: float
) -> None:
    """A long note bridges short ones after it, one part another's rests, and the closing silence is not counted."""
    found = longest_silence(piece(*parts))
    assert (found.start_s, found.length_s) == (pytest.approx(start_s), pytest.approx(length_s))


@pytest.mark.parametrize("minutes", [2.0, 12.0])
@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_falls_silent(name: str, minutes: float) -> None:
    """At no length does a preset rest for longer than ten seconds, not even where turns are taken."""
    assert longest_silence(score_of(name, 2, minutes)).length_s < 10


@pytest.mark.parametrize("minutes", [10.0, 20.0, 25.0, 40.0])
def test_a_voice_alone_does_not_rest_longer_before_the_end_than_between_its_strophes(minutes: float) -> None:
    """A lullaby for newborns rests for two phrases at most, also where one phrase more has room before the ending."""
    score = score_of("nicu-lullaby", 1, minutes)
    (voice,) = (part for part in score.parts if part.strip.role is Role.MELODY)
    at = score.tempo_map.seconds_at
    rests = [at(after.onset_ticks) - at(before.end_ticks) for before, after in pairwise(voice.notes)]
    assert max(rests) < 18
