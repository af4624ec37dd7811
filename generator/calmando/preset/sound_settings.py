"""The tables of a preset that say how it sounds and for whom: heartbeat, breath, ambience, sound, limits, evidence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from calmando.preset.table import Dial, LevelDb, Status, Table, Text


class HeartbeatSettings(Table):
    """The calm lub–dub under the music."""

    on: bool = Field(default=False, description="Whether it sounds. Offered, never proven: a texture.")
    refused: str = Field(
        default="",
        max_length=300,
        description="Why a heartbeat is not possible in this preset; empty: it is possible.",
    )
    level_db: LevelDb = Field(default=-12.0, description="Loudness against the tune, in dB.")
    infant: bool = Field(default=False, description="The smaller, lighter heart sounds.")
    lowest_rate: float = Field(default=50, ge=50, le=80, description="Slowest rate a minute, 50–80.")
    highest_rate: float = Field(default=80, ge=50, le=80, description="Fastest rate a minute, 50–80.")
    breathing_percent: float = Field(
        default=0.0,
        ge=0,
        le=3,
        description="Slow breathing-like variation of the rate, a sine of at most 3 %.",
    )


class BreathSettings(Table):
    """Phrases that pace breathing: in on the first bars, out, longer, on the others."""

    on: bool = Field(
        default=False,
        description="Whether the music breathes in and out: the phrases of form 'breath', and parts of role 'breath'.",
    )
    inhale_bars: int = Field(default=2, ge=1, le=4, description="Bars of the inhale.")
    exhale_bars: int = Field(
        default=3,
        ge=1,
        le=6,
        description="Bars of the exhale, longer than the inhale (more relaxation so [C]).",
    )
    swell_db: float = Field(
        default=1.5, ge=0, le=3, description="Swell above and below the middle, in dB [D]."
    )


class AmbienceSettings(Table):
    """A sound of nature under the music."""

    on: bool = Field(default=False, description="Whether it sounds.")
    sound: Literal["ocean", "rain", "wind", "stream", "womb"] = Field(
        default="ocean", description="Which sound."
    )
    level_db: LevelDb = Field(default=-14.0, description="Loudness against the tune, in dB.")
    refused: str = Field(
        default="",
        max_length=300,
        description="Why no ambience is possible in this preset; empty: it is possible.",
    )


class SoundSettings(Table):
    """Loudness and how the sound comes and goes."""

    loudness_lufs: float = Field(
        default=-23.0,
        ge=-36,
        le=-16,
        description="Integrated loudness of the file, in LUFS; −23 is the reference [M].",
    )
    true_peak_dbtp: float = Field(
        default=-3.0, ge=-20, le=-1, description="Ceiling of the true peak, in dBTP [D]."
    )
    largest_step_lu: float = Field(
        default=3.0, gt=0, le=6, description="Largest loudness step between 3-second windows, in LU [D]."
    )
    loudness_range_lu: float = Field(
        default=7.0, gt=0, le=12, description="Largest loudness range, in LU [D]."
    )
    fade_in_s: float = Field(default=3.0, ge=0, le=30, description="Fade-in in seconds; calm music 2–4 [D].")
    fade_out_s: float = Field(
        default=15.0, ge=0, le=180, description="Fade-out in seconds; sleep 60–120 [D]."
    )
    end_silence_s: float = Field(
        default=6.0, ge=5, le=120, description="Silence at the end in seconds, within the length; at least 5."
    )


class PerformanceSettings(Table):
    """How the notes are played."""

    timing_ms: float = Field(
        default=0.0,
        ge=0,
        le=8,
        description="Largest deviation of a note's beginning, in milliseconds; 0 none.",
    )
    arch: Dial = Field(default=0.6, description="How much each phrase swells and falls, 0–1.")


class LimitSettings(Table):
    """Clinical limits, shown with the preset."""

    not_for: tuple[Text, ...] = Field(default=(), description="For whom it is not.")
    ask_first: tuple[Text, ...] = Field(default=(), description="What to ask or settle before.")
    level: Text = Field(description="How loud, measured at the ear, and where the loudspeaker stands.")
    level_dba: float | None = Field(
        default=None,
        ge=30,
        le=85,
        description="The most that level allows, in dB(A); an audit holds the stated level against it.",
    )
    for_children: bool = Field(
        default=False,
        description="Whether it is for children: exposure is held against their limit, 75 dB(A) for 40 hours a week [C].",
    )
    stop: Text = Field(description="When to stop, and what to do then.")


class Evidence(Table):
    """A source for what the preset does, with its status."""

    claim: Text = Field(description="What is claimed, in one sentence.")
    source: Text = Field(description="Where it is from; or 'design choice'.")
    status: Status = Field(description="C checked, C* computed, P press, M general knowledge, D design.")
