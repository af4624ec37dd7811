"""Presets are different music: any two differ in at least four of seven axes, measured on scores."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import combinations

import pytest
from preset_scores import PRESETS, score_of

from calmando.score.model import Role, Score

_TEMPO_TOLERANCE_BPM = 4.0


@dataclass(frozen=True)
class Axes:
    """The seven axes of a piece."""

    metre: str
    arc: tuple[int, int, str]
    mode: str
    lead: int
    texture: tuple[tuple[int, int], ...]
    form: tuple[str, ...]
    beside: tuple[str, ...]


def measured(score: Score) -> Axes:
    """The axes of a score."""
    metre = score.metres[0].metre
    tempos = [metre.bpm(change.us_per_quarter) for change in score.tempo_map.changes]
    melody = score.part(Role.MELODY)
    assert melody is not None
    seconds = score.length_s
    harmony = [part for part in score.parts if part.strip.role in (Role.HARMONY, Role.BASS, Role.BREATH)]
    texture = tuple(
        (part.strip.program, round(4 * len({n.onset_ticks for n in part.notes}) / seconds))
        for part in harmony
    )
    labels = tuple(phrase.label for phrase in score.phrases[:12])
    beside = [
        p.strip.role.value + str(p.strip.bank) for p in score.parts if p.strip.role in _BESIDE and p.notes
    ]
    return Axes(
        metre=metre.name,
        arc=(round(tempos[0]), round(tempos[-1]), _shape(tempos)),
        mode=score.keys[0].key.mode.name,
        lead=melody.strip.program,
        texture=texture,
        form=labels,
        beside=tuple(beside),
    )


_BESIDE = (Role.PULSE, Role.HEARTBEAT, Role.AMBIENCE, Role.BREATH)


def _shape(tempos: list[float]) -> str:
    turns = max(tempos) - tempos[0] > 1 and max(tempos) - tempos[-1] > 1
    if turns or (tempos[0] - min(tempos) > 1 and tempos[-1] - min(tempos) > 1):
        return "arch"
    return "flat" if max(tempos) - min(tempos) < 1 else "falling" if tempos[-1] < tempos[0] else "rising"


def same_arc(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    """Whether two arcs sound alike: the same shape, about the same tempos."""
    near = all(abs(a - b) < _TEMPO_TOLERANCE_BPM for a, b in zip(one[:2], other[:2], strict=True))
    return near and one[2] == other[2]


def differences(one: Axes, other: Axes) -> int:
    """On how many axes two pieces differ."""
    count = sum(a != b for a, b in zip(astuple(one), astuple(other), strict=True))
    return count - (one.arc != other.arc and same_arc(one.arc, other.arc))


@pytest.fixture(scope="module")
def axes() -> dict[str, Axes]:
    """The axes of every preset."""
    return {name: measured(score_of(name, 22, 6.0)) for name in PRESETS}


def test_there_are_the_eighteen_presets() -> None:
    """The presets that a therapist is promised are there."""
    assert len(PRESETS) == 18


def test_any_two_presets_differ_on_four_axes(axes: dict[str, Axes]) -> None:
    """Metre, tempo arc, mode, lead, texture, form, ambience or pulse: four of the seven are different."""
    alike = {
        (one, other): differences(axes[one], axes[other])
        for one, other in combinations(PRESETS, 2)
        if differences(axes[one], axes[other]) < 4
    }
    assert not alike
