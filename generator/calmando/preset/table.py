"""The kinds of values in a preset's tables, and the closed choices among them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Dial = Annotated[float, Field(ge=0.0, le=1.0)]
LevelDb = Annotated[float, Field(ge=-36.0, le=3.0)]
Text = Annotated[str, Field(min_length=1, max_length=1200)]
Line = Annotated[str, Field(min_length=1, max_length=160)]
NoteName = Annotated[str, Field(max_length=4)]
ModeName = Literal["major", "minor", "dorian", "mixolydian", "lydian", "major-pentatonic", "minor-pentatonic"]
MetreName = Literal["2/4", "3/4", "4/4", "6/8"]
TextureName = Literal[
    "tune",
    "rock68",
    "rock34",
    "rock24",
    "flow44",
    "flow34",
    "pick44",
    "pad",
    "drone5",
    "tambura",
    "chorale",
    "bells",
    "bassbar",
    "sixths",
    "echo",
    "march",
    "solo",
    "cue",
    "pulse",
    "click",
    "unison",
]


class Intent(StrEnum):
    """What the music is made for."""

    LULLABY = "lullaby"
    RELAXATION = "relaxation"
    SLEEP = "sleep"
    NAP = "nap"
    PAIN = "pain"
    ANXIETY = "anxiety"
    TRAUMA = "trauma"
    PALLIATIVE = "palliative"
    NICU = "nicu"
    BREATH = "breath"
    MEDITATION = "meditation"
    IMAGERY = "imagery"
    MUSCLE_RELAXATION = "muscle-relaxation"
    FOCUS = "focus"
    GAIT = "gait"
    TURN_TAKING = "turn-taking"


class Status(StrEnum):
    """How sure a source is."""

    CHECKED = "C"
    COMPUTED = "C*"
    PRESS = "P"
    GENERAL = "M"
    DESIGN = "D"

    @property
    def meaning(self) -> str:
        """In words."""
        return _STATUS_MEANING[self.value]


_STATUS_MEANING = {
    "C": "checked against an abstract, an excerpt or a table",
    "C*": "computed from open research data",
    "P": "seen in the press or on a secondary page only",
    "M": "general knowledge, not confirmed",
    "D": "a design choice without direct trial evidence",
}


class Table(BaseModel):
    """A table of a preset: nothing unknown in it, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)
