"""Every voice of the font in the repository keeps the promises made for it, on a telling sample of its keys.

``python tests/instruments/measure.py`` takes the same marks on every root and zone edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from font_player import FontPlayer
from measure import (
    Mark,
    Subject,
    cleanness_marks,
    colour_marks,
    level_marks,
    seam_marks,
    time_marks,
    tuning_marks,
    wobble_marks,
)
from sf2_parser import ParsedFont, ParsedPreset, parse

from calmando.instruments.catalogue import VOICES
from calmando.instruments.model import Envelope, Family, Loop, Sample, Voice, Zone
from calmando.resources import soundfonts_folder

FONT = soundfonts_folder() / "calmando.sf2"
PITCHED = [voice for voice in VOICES if voice.family not in (Family.DRUM, Family.AMBIENCE)]
names = pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)


@cache
def font() -> ParsedFont:
    return parse(FONT.read_bytes())


@pytest.fixture(scope="module")
def player() -> Iterator[FontPlayer]:
    with FontPlayer(FONT) as playing:
        yield playing


def zones_of(preset: ParsedPreset) -> tuple[Zone, ...]:
    """What the measures need of a voice's zones: keys, and samples with their loops."""
    found = []
    for zone in preset.zones:
        stored = font().samples[zone.value("sample")]
        loop = (
            Loop(stored.loop_start - stored.start, stored.loop_end - stored.start)
            if zone.value("modes")
            else None
        )
        sample = Sample(
            stored.name, stored.frames / 32_767, zone.value("root"), loop=loop, rate_hz=stored.rate_hz
        )
        found.append(Zone(sample, *zone.span("keys"), Envelope()))
    return tuple(found)


def subject(voice: Voice, player: FontPlayer) -> Subject:
    preset = next(p for p in font().presets if (p.bank, p.program) == (voice.bank, voice.program))
    return Subject(voice, zones_of(preset), player)


def failed(marks: Iterator[Mark]) -> list[str]:
    return [str(mark) for mark in marks if not mark.passed]


@names
def test_loops_are_seamless(voice: Voice, player: FontPlayer) -> None:
    """No step and no change of spectrum at a seam that the loop does not show inside."""
    assert failed(seam_marks(subject(voice, player))) == []


@pytest.mark.parametrize("voice", PITCHED, ids=lambda voice: voice.name)
def test_voices_are_in_tune_level_and_on_time(voice: Voice, player: FontPlayer) -> None:
    """Pitch, loudness, attack and decay, at both ends of the range and between."""
    playing = subject(voice, player)
    assert failed(tuning_marks(playing, playing.few_keys(3))) == []
    assert failed(level_marks(playing, playing.few_keys(3))) == []
    assert failed(time_marks(playing, playing.few_keys(3))) == []


@names
def test_voices_are_calm_and_clean(voice: Voice, player: FontPlayer) -> None:
    """Steady, pure, nothing harsh at the top, no offset, no clipping, silent after release."""
    playing = subject(voice, player)
    assert failed(wobble_marks(playing, playing.few_keys(2))) == []
    assert failed(cleanness_marks(playing, playing.few_keys(2))) == []
    if playing.tonal:
        assert failed(colour_marks(playing, playing.few_keys(3))) == []


def test_levels_agree_across_the_font(player: FontPlayer) -> None:
    """All melodic voices sound equally loud at the same velocity, within ±1 LU."""
    levels = {}
    for voice in VOICES:
        playing = subject(voice, player)
        if playing.tonal:
            levels[voice.name] = next(level_marks(playing, playing.few_keys(3))).value
    assert max(levels.values()) - min(levels.values()) <= 2.0, levels
