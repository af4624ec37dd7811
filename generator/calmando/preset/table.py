"""The kinds of values in a preset's tables, and the closed choices among them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from calmando.errors import steers


def _on_one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("it is one line of text. Take the line breaks and tabs out.")
    return text


Dial = Annotated[float, Field(ge=0.0, le=1.0)]
LevelDb = Annotated[float, Field(ge=-36.0, le=3.0)]
Text = Annotated[str, Field(min_length=1, max_length=1200)]
Line = Annotated[str, Field(min_length=1, max_length=160), AfterValidator(_on_one_line)]
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


def _true_is_not_1(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


FormatOne = Annotated[Literal[1], BeforeValidator(_true_is_not_1)]
"""The version of a file format, of which there is only the first."""


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

    @field_validator("*", mode="before")
    @classmethod
    def _is_what_it_seems(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse true and false where a number belongs, and signs that steer a terminal instead of being read."""
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, bool) and field.annotation in (int, float, int | None, float | None):
            raise ValueError(f"{str(value).lower()} is not a number.")
        texts = value if isinstance(value, list | tuple) else (value,)
        for sign in (sign for text in texts if isinstance(text, str) for sign in text):
            if steers(sign) and sign not in "\n\t":
                raise ValueError(f"it holds the sign U+{ord(sign):04X}, which cannot be read. Take it out.")
        return value
