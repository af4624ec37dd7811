"""Which form lays out a preset's piece."""

from __future__ import annotations

from calmando.compose.form import TuneForm
from calmando.compose.plan import Layout
from calmando.compose.tune_book import TuneBook
from calmando.preset.model import Preset
from calmando.units import Seconds


def layout(preset: Preset, book: TuneBook, music_s: Seconds) -> Layout:
    """The form of a preset."""
    return TuneForm(preset, book, music_s)
