"""Slow harmony: one chord a phrase, in rows that take turns, so that nothing steps forward and nothing loops."""

from __future__ import annotations

from dataclasses import replace

from calmando.compose.material import Material
from calmando.score.tune import TuneChord
from calmando.theory.scale import Mode

_ROWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "minor": (("i", "VI", "i", "VII"), ("i", "iv", "VI", "VII"), ("i", "VII", "VI", "VII")),
    "dorian": (("i", "VII", "i", "IV"), ("i", "IV", "VII", "IV"), ("i", "v", "VII", "IV")),
    "major": (("I", "vi", "I", "V5"), ("I", "IV", "vi", "V5"), ("I", "V5", "vi", "IV")),
}
"""Rows of chords by the third and colour of the mode; a row is gone through twice and more between two motifs."""


def slow_harmony(material: Material, index: int, strophe: int) -> Material:
    """The phrase ``index`` after a motif over one chord alone; each strophe has another row."""
    rows = _ROWS[_kind(material.key.mode)]
    row = rows[strophe % len(rows)]
    numeral = row[(index + 1) % len(row)]
    return replace(
        material,
        name=f"slow/{material.key.name}/{numeral}",
        beneath=(),
        resting=(),
        chords=(TuneChord(0, material.ticks, numeral),),
    )


def _kind(mode: Mode) -> str:
    if mode.name in ("minor", "minor-pentatonic"):
        return "minor"
    return "dorian" if mode.minor_third else "major"
