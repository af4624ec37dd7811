"""Every voice of the built-in font, as one explicit list."""

from __future__ import annotations

from calmando.instruments import (
    celesta,
    felt_piano,
    glockenspiel,
    kalimba,
    marimba,
    music_box,
    vibraphone,
)
from calmando.instruments.model import Voice

VOICES: tuple[Voice, ...] = (
    *felt_piano.VOICES,
    *celesta.VOICES,
    *glockenspiel.VOICES,
    *music_box.VOICES,
    *vibraphone.VOICES,
    *marimba.VOICES,
    *kalimba.VOICES,
)
"""The voices, most used family first; the writer sorts them by bank and program."""
