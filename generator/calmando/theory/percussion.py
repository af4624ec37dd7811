"""The drum keys in use: General MIDI percussion keys, so that any General MIDI kit sounds sensible.

The built-in SoundFont has its own sounds on them (General MIDI's own name in brackets). Percussion is
channel 10 (index 9) in MIDI and bank 128 in a SoundFont.
"""

from __future__ import annotations

from calmando.units import MidiPitch

DRUM_CHANNEL = 9
DRUM_BANK = 128

HEART_LUB: MidiPitch = 36
"""First heart sound, adult (bass drum 1)."""
HEART_DUB: MidiPitch = 35
"""Second heart sound, adult (acoustic bass drum)."""
INFANT_LUB: MidiPitch = 43
"""First heart sound, infant (high floor tom)."""
INFANT_DUB: MidiPitch = 41
"""Second heart sound, infant (low floor tom)."""
FRAME_DRUM: MidiPitch = 47
"""Frame drum, open stroke (low-mid tom)."""
FRAME_DRUM_MUTED: MidiPitch = 45
"""Frame drum, muted stroke (low tom)."""
SHAKER: MidiPitch = 82
"""Soft shaker (General MIDI 2)."""
WOOD_BLOCK_HIGH: MidiPitch = 76
WOOD_BLOCK_LOW: MidiPitch = 77
CLICK: MidiPitch = 33
"""Metronome click (General MIDI 2)."""
