"""What a preset says: the music, its arc, its instruments, its sound, and why; every field with its limits.

A preset is a readable file. The texts here are what a reader of ``calmando show`` and of an error message sees.
Values that contradict each other are refused in `calmando.preset.contradictions`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from calmando.preset.contradictions import contradictions
from calmando.preset.music_settings import (
    FormSettings,
    MelodySettings,
    PartSettings,
    PitchSettings,
    StageSettings,
    TempoSettings,
)
from calmando.preset.sound_settings import (
    AmbienceSettings,
    BreathSettings,
    Evidence,
    HeartbeatSettings,
    LimitSettings,
    PerformanceSettings,
    SoundSettings,
)
from calmando.preset.table import FormatOne, Intent, Line, ModeName, Status, Table, Text
from calmando.theory.metre import METRES, Metre

__all__ = [
    "AmbienceSettings",
    "BreathSettings",
    "Evidence",
    "FormSettings",
    "HeartbeatSettings",
    "Intent",
    "LimitSettings",
    "MelodySettings",
    "ModeName",
    "PartSettings",
    "PerformanceSettings",
    "PitchSettings",
    "Preset",
    "SoundSettings",
    "StageSettings",
    "Status",
    "TempoSettings",
]


class Preset(Table):
    """What a piece should be, and why.

    Raises
    ------
    pydantic.ValidationError
        With every problem, each naming its key, value, limit and unit.
    """

    format: FormatOne = Field(default=1, description="Version of this file format.")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = Field(
        description="File and command-line name: small letters, digits, hyphens."
    )
    title: Line = Field(description="Title of the piece.")
    intent: Intent = Field(description="What it is made for; chooses the bounds it is checked against.")
    summary: Line = Field(description="One line for lists.")
    for_whom: Text = Field(description="For whom and when.")
    minutes: float = Field(gt=0, le=720, description="Usual length in minutes.")
    clinician_led: bool = Field(
        default=False, description="To be used by, or together with, a trained clinician."
    )
    reasons: Text = Field(description="Why the music is as it is.")
    tempo: TempoSettings
    pitch: PitchSettings
    melody: MelodySettings
    form: FormSettings = FormSettings()
    stages: tuple[StageSettings, ...] = Field(min_length=1, max_length=8, description="The arc, in order.")
    parts: tuple[PartSettings, ...] = Field(min_length=1, max_length=10, description="The instruments.")
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    breath: BreathSettings = BreathSettings()
    ambience: AmbienceSettings = AmbienceSettings()
    sound: SoundSettings = SoundSettings()
    performance: PerformanceSettings = PerformanceSettings()
    limits: LimitSettings
    cautions: tuple[Text, ...] = Field(default=(), description="Cautions, shown and stored with the piece.")
    evidence: tuple[Evidence, ...] = Field(default=(), description="Sources with their status.")

    @model_validator(mode="after")
    def _no_contradictions(self) -> Preset:
        problems = contradictions(self)
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def metre(self) -> Metre:
        """The metre of the tempo table."""
        return METRES[self.tempo.metre]

    @property
    def lead(self) -> PartSettings:
        """The part that has the tune."""
        return next(part for part in self.parts if part.role == "melody")
