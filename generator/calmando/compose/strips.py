"""The strips of a piece: one channel a part, with everything written at its head."""

from __future__ import annotations

import math

from calmando.compose.handover import takers
from calmando.preset.model import PartSettings, Preset
from calmando.score.model import ChannelStrip, Role
from calmando.theory.percussion import DRUM_CHANNEL
from calmando.units import Decibels, Seconds

_FULL_VOLUME = 100
_AMBIENCE_PROGRAM = 122
_AMBIENCE_BANKS = {"ocean": 0, "rain": 1, "wind": 3, "stream": 4, "womb": 10}
HEARTBEAT = "heartbeat"
AMBIENCE = "ambience"


def strips(preset: Preset, length_s: Seconds) -> tuple[ChannelStrip, ...]:
    """A strip for each part of the preset and each instrument that may have its tune, then for heartbeat and ambience.

    The last two where they sound; ``length_s`` is the piece's length in seconds.
    """
    found = []
    channel = 0
    for part in (*preset.parts, *takers(preset, length_s)):
        drum = part.role == "pulse"
        found.append(_strip(part, DRUM_CHANNEL if drum else channel))
        if not drum:
            channel = _next(channel)
    if preset.heartbeat.on:
        found.append(
            ChannelStrip(
                HEARTBEAT,
                Role.HEARTBEAT,
                DRUM_CHANNEL,
                0,
                volume=volume(preset.heartbeat.level_db),
                reverb=10,
                expression=1,
            )
        )
    if preset.ambience.on:
        found.append(
            ChannelStrip(
                AMBIENCE,
                Role.AMBIENCE,
                channel,
                _AMBIENCE_PROGRAM,
                bank=_AMBIENCE_BANKS[preset.ambience.sound],
                volume=volume(preset.ambience.level_db),
                reverb=10,
            )
        )
    return tuple(found)


def volume(level_db: Decibels) -> int:
    """Channel volume of a level: 40 log10(volume / 100) dB, 100 at 0 dB.

    Examples
    --------
    >>> volume(0.0), volume(-12.0)
    (100, 50)
    """
    return max(1, min(127, round(_FULL_VOLUME * math.pow(10, level_db / 40))))


def _next(channel: int) -> int:
    return channel + 2 if channel + 1 == DRUM_CHANNEL else channel + 1


def _strip(part: PartSettings, channel: int) -> ChannelStrip:
    return ChannelStrip(
        name=part.name,
        role=Role(part.role),
        channel=channel,
        program=part.program,
        bank=part.bank,
        volume=volume(part.level_db),
        pan=round(64 + 63 * part.pan),
        reverb=round(127 * part.reverb),
    )
