"""The units that bare numbers carry, as names for signatures."""

from __future__ import annotations

from typing import TypeAlias

Ticks: TypeAlias = int
"""Written time: 1/480 of a quarter note. Exact for every note value in use."""

Seconds: TypeAlias = float
Frames: TypeAlias = int
"""Sample frames: one value for each channel."""

Microseconds: TypeAlias = int
Bpm: TypeAlias = float
"""Beats a minute; the beat is the metre's (a dotted quarter in 6/8)."""

MidiPitch: TypeAlias = int
"""0–127, middle C = 60 = C4."""

PitchClass: TypeAlias = int
"""0–11, C = 0."""

Semitones: TypeAlias = int
Cents: TypeAlias = float
Velocity: TypeAlias = int
"""1–127."""

Decibels: TypeAlias = float
Lufs: TypeAlias = float
"""Loudness after ITU-R BS.1770, in LUFS; differences are LU."""

Hertz: TypeAlias = float
Unit: TypeAlias = float
"""A dial from 0 to 1."""

TICKS_PER_QUARTER: Ticks = 480
