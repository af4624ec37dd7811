"""Every voice of the built-in font, as one explicit list."""

from __future__ import annotations

from calmando.instruments import (
    celesta,
    felt_piano,
    glockenspiel,
    kalimba,
    marimba,
    music_box,
    singing_bowls,
    soft_drums,
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
    *singing_bowls.VOICES,
    *soft_drums.VOICES,
)
"""The voices, most used family first; the writer sorts them by bank and program."""
