"""The built-in font's instruments are taken for what they are, as often as those of a real font.

The reference is a General MIDI font of this machine; the instruments were voiced beside another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from timbre import CHOIR, Timbre, Verdict, describe, family_of, recognise

from calmando.instruments.catalogue import VOICES
from calmando.resources import soundfonts_folder

OURS = soundfonts_folder() / "calmando.sf2"
REFERENCE = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
"""Debian's timgm6mb-soundfont: not used for voicing."""
RIVAL = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
"""Debian's fluid-soundfont-gm."""

PROGRAMS = tuple(sorted({voice.program for voice in VOICES if voice.bank == 0 and voice.program < 120}))

for _font in (REFERENCE, RIVAL):
    if not _font.exists():
        pytest.skip(f"{_font.name} is not on this machine", allow_module_level=True)


@cache
def reference() -> tuple[Timbre, ...]:
    return describe(REFERENCE)


@cache
def ours() -> tuple[Verdict, ...]:
    return recognise(describe(OURS, PROGRAMS), reference())


@cache
def rival() -> tuple[Verdict, ...]:
    return recognise(describe(RIVAL, PROGRAMS), reference())


def share(verdicts: Sequence[Verdict]) -> float:
    return float(np.mean([verdict.share for verdict in verdicts]))


def hits(verdicts: Sequence[Verdict]) -> float:
    return float(np.mean([verdict.hit for verdict in verdicts]))


def test_nearest_programs_are_of_the_family_as_often_as_a_real_fonts() -> None:
    """Each instrument's nearest program in a real font is of its family at least as often as a real font's is."""
    assert hits(ours()) >= hits(rival())


def test_nearest_five_are_of_the_family_as_often_as_a_real_fonts() -> None:
    """Of the five nearest programs, at least as many are of the family as for a real font."""
    assert share(ours()) >= share(rival())


def test_the_choir_is_taken_for_a_choir() -> None:
    """The nearest program to the choir's *ah* in a real font is a choir, by a margin (0.03 standard deviations)."""
    verdict = next(v for v in ours() if v.program == 52)
    assert verdict.nearest[0] in CHOIR
    stranger = next(
        distance
        for program, distance in zip(verdict.nearest, verdict.distances, strict=True)
        if program not in CHOIR
    )
    assert stranger > verdict.distances[0] + 0.03


def test_a_font_recognises_its_own_programs() -> None:
    """Played against itself, every program of the reference font is nearest to itself."""
    chosen = [timbre for timbre in reference() if timbre.program in PROGRAMS]
    assert all(v.nearest[0] == v.program and v.distances[0] < 1e-9 for v in recognise(chosen, reference()))


def test_a_stranger_is_not_recognised() -> None:
    """A program described by another family's features does not count as recognised."""
    harp = next(timbre for timbre in reference() if timbre.program == 46)
    (verdict,) = recognise([Timbre(52, harp.features)], reference())
    assert not verdict.hit
    assert 46 not in family_of(52)
