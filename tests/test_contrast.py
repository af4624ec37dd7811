"""What is drawn can be told from its ground by eyes that see little contrast (WCAG 2.2, level AA)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

import calmando
from calmando.picture import _BACK_ALPHA, _COLOURS, _FRONT, _FURTHER_COLOURS, _colours

_TEXT, _GRAPHIC = 4.5, 3.0
"""Success criteria 1.4.3 and 1.4.11."""
_STYLE = files("calmando.audit.report").joinpath("style.css").read_text(encoding="utf-8")
_GROUNDS = ("paper", "card", "band", "section")
_WORDS = ("ink", "soft", "accent", "pass", "warn", "fail")
_PARTS = (
    "melody",
    "second",
    "harmony",
    "harmony-2",
    "harmony-3",
    "bass",
    "pulse",
    "heart",
    "breath",
    "ambience",
)


def _channels(colour: str) -> list[float]:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def _luminance(channels: list[float]) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: list[float], other: list[float]) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _schemes() -> list[dict[str, str]]:
    """The colours of the report by their names: by day, by night, in print."""
    blocks = [dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in re.findall(r"{([^{}]+)}", _STYLE)]
    return [block for block in blocks if "paper" in block]


def test_black_on_white_is_the_most_there_is() -> None:
    """The measure itself gives the two figures of the standard that everybody knows."""
    assert _contrast(_channels("#000"), _channels("#fff")) == pytest.approx(21)
    assert _contrast(_channels("#767676"), _channels("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", _schemes(), ids=["day", "night", "print"])
def test_the_report_can_be_read_by_day_by_night_and_on_paper(scheme: dict[str, str]) -> None:
    """Every word stands out from every ground it may stand on, and so does every part of the picture."""
    for names, least in ((_WORDS, _TEXT), (_PARTS, _GRAPHIC)):
        for name in names:
            for ground in _GROUNDS:
                found = _contrast(_channels(scheme[name]), _channels(scheme[ground]))
                assert found >= least, (name, ground, round(found, 2))


def test_nothing_of_the_report_s_pictures_is_faded() -> None:
    """No opacity takes away what the colours give."""
    assert not re.findall(r"opacity: (?!1\b)[\d.]+", _STYLE)


def test_every_part_of_a_picture_stands_out_from_white() -> None:
    """Parts at the back are seen through and still stand out; so do the further parts of a role."""
    for role, colour in _COLOURS.items():
        alpha = 1.0 if role in _FRONT else _BACK_ALPHA
        seen = [alpha * channel + 1 - alpha for channel in _channels(colour)]
        assert _contrast(seen, [1.0, 1.0, 1.0]) >= _GRAPHIC, role
    for colour in _FURTHER_COLOURS:
        seen = [_BACK_ALPHA * channel + 1 - _BACK_ALPHA for channel in _channels(colour)]
        assert _contrast(seen, [1.0, 1.0, 1.0]) >= _GRAPHIC, colour


def test_parts_that_sound_together_have_colours_of_their_own() -> None:
    """A part without notes takes no colour away from one that has some."""
    score = calmando.compose(calmando.recipe("bedtime-lullaby", seed=7))
    colours = _colours(score)
    assert set(colours) == {part.strip.name for part in score.parts if part.notes}
    assert len(set(colours.values())) == len(colours) > 4
