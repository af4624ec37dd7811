"""Golden scores as text: `python tests/compose/golden_scores.py` writes them anew, on purpose."""

from __future__ import annotations

from pathlib import Path

from preset_scores import score_of
from score_text import score_text

FOLDER = Path(__file__).parent / "golden"
GOLDEN = {
    "bedtime-lullaby": 7,
    "infant-lullaby": 2,
    "stress-relief": 4,
    "breath-at-six": 3,
    "turn-taking-drum": 5,
    "power-nap": 11,
}
"""Presets and seeds: the infant's lullaby is in minor, the stress relief in dorian."""


def golden_text(name: str) -> str:
    """The beginning of a preset's four-minute piece, written out, and the rest by phrase."""
    return score_text(score_of(name, GOLDEN[name], 4.0), until_s=50.0)


def rewrite() -> None:
    """Write every golden score."""
    FOLDER.mkdir(exist_ok=True)
    for name in GOLDEN:
        (FOLDER / f"{name}.txt").write_text(golden_text(name), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
