"""Every voice of the built-in font, as one explicit list."""

from __future__ import annotations

from calmando.instruments import (
    celesta,
    drone,
    felt_piano,
    flute,
    glockenspiel,
    harp,
    kalimba,
    marimba,
    music_box,
    nylon_guitar,
    ocarina,
    ocean,
    rain,
    recorder,
    singing_bowls,
    soft_bass,
    soft_drums,
    soft_reed,
    stream,
    vibraphone,
    wind,
    womb,
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
    *nylon_guitar.VOICES,
    *soft_bass.VOICES,
    *harp.VOICES,
    *soft_reed.VOICES,
    *flute.VOICES,
    *recorder.VOICES,
    *ocarina.VOICES,
    *drone.VOICES,
    *ocean.VOICES,
    *rain.VOICES,
    *wind.VOICES,
    *stream.VOICES,
    *womb.VOICES,
)
"""The voices, most used family first; the writer sorts them by bank and program."""
