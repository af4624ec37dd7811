"""Makes a preset of the font from a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calmando.instruments.level import levelled_voice
from calmando.instruments.model import Voice, Zone
from calmando.instruments.sf2_write import FontInfo, Preset
from calmando.theory.percussion import DRUM_BANK

INFO = FontInfo(
    name="Calmando",
    copyright="CC0 1.0: dedicated to the public domain",
    comment="Original instruments for calm music, synthesised by code; no recordings.",
)


def built_preset(voice: Voice) -> Preset:
    """One voice, synthesised and levelled, sounding on every key."""
    zones = levelled_voice(voice)
    if voice.bank != DRUM_BANK:
        zones = reaching_every_key(zones)
    return Preset(voice.name, voice.bank, voice.program, zones)


def reaching_every_key(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones with the outermost stretched to keys 0 and 127: no key of a foreign piece stays silent."""
    lowest, highest = min(zone.low_key for zone in zones), max(zone.high_key for zone in zones)
    return tuple(
        replace(
            zone,
            low_key=0 if zone.low_key == lowest else zone.low_key,
            high_key=127 if zone.high_key == highest else zone.high_key,
        )
        for zone in zones
    )
