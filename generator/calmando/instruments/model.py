"""What a synthesised instrument is made of: samples, zones, voices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float64]

SAMPLE_RATE = 44_100
"""Frames a second of a sample in the built-in font, where it names no other rate."""


VELOCITY_DEPTH_CB = 600
"""How far velocity 1 would fall below velocity 127, in centibels (the SoundFont's own default is 960)."""


class Family(StrEnum):
    """How an instrument makes its sound; decides the marks it is measured by."""

    STRUCK = "struck"
    PLUCKED = "plucked"
    BLOWN = "blown"
    STRINGS = "strings"
    CHOIR = "choir"
    PAD = "pad"
    DRONE = "drone"
    AMBIENCE = "ambience"
    DRUM = "drum"


@dataclass(frozen=True, slots=True)
class Loop:
    """The stretch a sample repeats while its key is held: frames ``start`` to ``end`` (exclusive)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One synthesised sound.

    ``frames`` is mono, shape (n_frames,), −1 to 1, at ``rate_hz`` frames a second (dark sounds need fewer than
    `SAMPLE_RATE`, and are so much smaller). Played back at that rate it sounds as ``root_key`` plus
    ``sharp_cents`` (how many cents the sample is sharp of the key; the writer corrects it to a whole cent).
    ``name`` is ASCII, 20 characters at most, unique in the font.
    """

    name: str
    frames: Frames
    root_key: int
    sharp_cents: float = 0.0
    loop: Loop | None = None
    rate_hz: int = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Envelope:
    """A volume envelope: attack, hold, decay to ``sustain_db`` below full level, release (seconds over 96 dB)."""

    attack_s: float = 0.001
    hold_s: float = 0.0
    decay_s: float = 0.001
    sustain_db: float = 0.0
    release_s: float = 0.3
    key_to_decay: float = 0.0
    """Timecents a key by which decay shortens above middle C (SF2 generator 40)."""


@dataclass(frozen=True, slots=True)
class LowPass:
    """The zone's low-pass filter: cutoff at full velocity and the sample's root, and how far it falls at velocity 1."""

    cutoff_hz: float
    velocity_cents: float = 0.0
    resonance_db: float = 0.0
    key_cents: float = 0.0
    """How far the cutoff goes up from each key to the next."""


@dataclass(frozen=True, slots=True)
class Vibrato:
    """A pitch and level tremble by the zone's low-frequency oscillator."""

    rate_hz: float
    depth_cents: float = 0.0
    tremolo_db: float = 0.0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A sample, the keys and velocities it serves (inclusive), and how it is played."""

    sample: Sample
    low_key: int
    high_key: int
    envelope: Envelope
    low_velocity: int = 0
    high_velocity: int = 127
    low_pass: LowPass | None = None
    vibrato: Vibrato | None = None
    pan: float = 0.0
    """−1 is left, 1 is right."""
    attenuation_db: float = 0.0
    velocity_depth_cb: int = VELOCITY_DEPTH_CB
    start_offset_frames: int = 0
    tune_cents: float = 0.0
    pitch_follows_key: bool = True


@dataclass(frozen=True, slots=True)
class Stated:
    """A stated range of a measured quantity, in seconds."""

    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Voice:
    """An instrument of the font: where it stands in General MIDI, how it is made, what it promises.

    ``keys`` is the playing range (lowest and highest key, inclusive); ``attack`` the range of its 10–90 % rise
    and ``decay`` of its free 60 dB decay (``None`` where it is sustained), over that range. ``build`` computes
    the zones from nothing, deterministically; it is slow and called only by the maker.
    """

    name: str
    program: int
    family: Family
    method: str
    reference: str
    keys: tuple[int, int]
    attack: Stated
    build: Callable[[], tuple[Zone, ...]] = field(repr=False)
    bank: int = 0
    decay: Stated | None = None
