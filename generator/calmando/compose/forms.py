"""Which form lays out a preset's piece, and which makes its own phrases."""

from __future__ import annotations

from calmando.compose.form import TuneForm
from calmando.compose.form_breath import BreathForm
from calmando.compose.form_release import ReleaseForm
from calmando.compose.form_turns import TurnForm
from calmando.compose.form_walk import WalkForm
from calmando.compose.own_phrases import OwnPhrases
from calmando.compose.plan import Layout
from calmando.compose.tune_book import TuneBook
from calmando.preset.model import Preset
from calmando.units import Seconds


def layout(preset: Preset, book: TuneBook, music_s: Seconds) -> Layout:
    """The form of a preset."""
    match preset.form.kind:
        case "breath":
            return BreathForm(preset, book)
        case "tense-release":
            return ReleaseForm(preset, book, music_s)
        case "sections":
            return WalkForm(preset, book)
        case "turns":
            return TurnForm(preset, book)
        case _:
            return TuneForm(preset, book, music_s)


def own_phrases(preset: Preset, book: TuneBook) -> OwnPhrases | None:
    """The phrases with which a preset's form begins where it makes its own; None where it sings a tune."""
    match preset.form.kind:
        case "breath":
            return BreathForm(preset, book).own_phrases()
        case "turns":
            return TurnForm(preset, book).own_phrases()
        case _:
            return None


def ending_phrases(preset: Preset) -> int:
    """Phrases of the ending, the final chord's included."""
    tagged = preset.form.kind in ("strophes", "statements", "motif") and preset.form.ending in (
        "amen",
        "plain",
    )
    return 2 if tagged else 1
