"""The recipe: all that is needed to make the same music again."""

from __future__ import annotations

import hashlib
import json
import math
import operator
import os
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from calmando.errors import PresetError, listed, spelt
from calmando.preset.load import load_preset
from calmando.preset.model import Preset
from calmando.preset.overrides import Setting, overridden
from calmando.preset.problems import validated
from calmando.preset.table import FormatOne
from calmando.rng import SEED_LIMIT, draw_seed
from calmando.units import Seconds
from calmando.version import COMPOSER_VERSION

LONGEST_MINUTES = 720
"""Twelve hours."""
_CHANGEABLE = ("preset", "seed", "minutes", "overrides")


class Recipe(BaseModel):
    """A preset with its overrides, seed, length and the composer's version.

    Attributes
    ----------
    preset
        The preset as it was loaded, whole.
    overrides
        Settings changed for this piece, by dotted key.
    seed
        0 to 2³¹ − 1; the same seed gives the same music.
    minutes
        The whole length, closing silence included; more than 0, at most 720.
    composer
        The version of the composer that makes this music.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: FormatOne = 1
    preset: Preset
    overrides: dict[str, Any] = Field(default_factory=dict)
    seed: Annotated[int, Field(ge=0, lt=SEED_LIMIT, strict=True)]
    minutes: Annotated[float, Field(gt=0, le=LONGEST_MINUTES, allow_inf_nan=False, strict=True)]
    composer: Annotated[int, Field(strict=True)] = COMPOSER_VERSION

    def __hash__(self) -> int:
        """Of what a dictionary of pieces tells apart first; the overrides are a dictionary themselves."""
        return hash((self.preset, self.seed, self.minutes))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Recipe:
        """A copy with another preset, seed, length or other overrides, checked like one made anew.

        What is changed is music of this composer, whichever the recipe was made for.

        Raises
        ------
        PresetError
            Where one of these is invalid, or something else is to be changed.

        Examples
        --------
        >>> make_recipe("bedtime-lullaby", seed=7).model_copy(update={"minutes": 5}).length_s
        300.0
        """
        if not update:
            return super().model_copy(deep=deep)
        said = {name: getattr(self, name) for name in _CHANGEABLE}
        if unknown := [name for name in update if name not in said]:
            raise PresetError(
                f"{listed(unknown)} of a recipe cannot be changed.", "", f"Change {listed(_CHANGEABLE)}."
            )
        said |= update
        return make_recipe(said.pop("preset"), **said)

    @property
    def adapted(self) -> Preset:
        """The preset with the overrides applied: what the composer follows."""
        return overridden(self.preset, self.overrides)

    @property
    def length_s(self) -> Seconds:
        """The whole length in seconds, to the millisecond."""
        return round(self.minutes * 60, 3)


def make_recipe(
    source: str | Path | Preset,
    *,
    seed: int | None = None,
    minutes: float | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Recipe:
    """Decide on a piece.

    Parameters
    ----------
    source
        A preset's name, a preset file, or a preset.
    seed
        0 to 2³¹ − 1; drawn where it is not given, and kept in the recipe.
    minutes
        Whole length, closing silence included; where it is not given, that of the overrides or else the preset's own.
    overrides
        Settings to change, by dotted key: ``{"tempo.end_bpm": 60}``.

    Raises
    ------
    UnknownPresetError
        Where there is no such preset.
    PresetError
        Where the preset, an override, the seed or the length is invalid.

    Examples
    --------
    >>> make_recipe("bedtime-lullaby", seed=7, minutes=5).length_s
    300.0
    """
    if not isinstance(source, Preset | str | os.PathLike):
        raise PresetError(
            f"This ({type(source).__name__}) is no preset.",
            fix="Give a preset's name, a preset file, or a preset.",
        )
    if isinstance(source, Preset):  # a copy with something changed has not been checked yet
        try:
            data = source.model_dump(mode="json", warnings=False)
        except ValueError:
            raise _no_setting("The preset holds") from None
        preset = validated(data, source.name)
    else:
        preset = load_preset(source)
    changes = _own_copy(overrides)
    adapted = overridden(preset, changes)
    return Recipe(
        preset=preset,
        overrides=changes,
        seed=draw_seed() if seed is None else _checked_seed(seed),
        minutes=adapted.minutes if minutes is None else _checked_minutes(minutes),
    )


def changed_recipe(
    recipe: Recipe,
    *,
    seed: int | None = None,
    minutes: float | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Recipe:
    """A recipe with another seed or length, or with some settings changed on top of its own changes.

    Raises
    ------
    PresetError
        Where an override, the seed or the length is invalid.
    """
    changes = _own_copy(overrides)
    return make_recipe(
        recipe.preset,
        seed=recipe.seed if seed is None else seed,
        minutes=recipe.minutes if minutes is None and "minutes" not in changes else minutes,
        overrides={**recipe.overrides, **changes},
    )


def preset_hash(preset: Preset) -> str:
    """The SHA-256 of a preset's content, independent of how its file is laid out."""
    canonical = json.dumps(preset.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _own_copy(overrides: Mapping[str, object] | None) -> dict[str, Setting]:
    """The caller's settings, which no later change of his reaches."""
    if overrides is None:
        return {}
    if not isinstance(overrides, Mapping) or not all(isinstance(key, str) for key in overrides):
        raise PresetError(
            "The overrides are not settings by their names.", fix='For example: {"tempo.end_bpm": 60}.'
        )
    try:
        return {key: _plain(value) for key, value in overrides.items()}
    except RecursionError:
        raise _no_setting("The overrides hold") from None


def _no_setting(who_holds: str) -> PresetError:
    return PresetError(
        f"{who_holds} a value that contains itself, is nested too deeply, or is none that a file can keep.",
        "A setting is a number, a text, true or false, or a list or table of these.",
        'For example: {"pitch.modes": ["dorian"]}.',
    )


def _plain(value: Any) -> Any:
    """A value as JSON knows it, for the record: numbers of other kinds become Python's own, and bytes the text they are."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    if isinstance(value, Decimal | Fraction):
        return float(value)
    return value.tolist() if hasattr(value, "tolist") else value


def _checked_seed(seed: int) -> int:
    try:
        value = -1 if isinstance(seed, bool) else operator.index(seed)
    except TypeError:
        value = -1
    if not 0 <= value < SEED_LIMIT:
        raise PresetError(
            f"The seed is {spelt(seed)}.",
            f"It must be a whole number from 0 to {SEED_LIMIT - 1}.",
            "For example: 7.",
        )
    return value


def _checked_minutes(minutes: float) -> float:
    try:
        value = math.nan if isinstance(minutes, bool) else float(minutes)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if math.isnan(value) or value <= 0 or value > LONGEST_MINUTES:
        raise PresetError(
            f"The length is {_written(minutes)} minutes.",
            f"It must be more than 0 and at most {LONGEST_MINUTES} minutes (12 hours).",
            "For example: 10.",
        )
    return value


def _written(number: object) -> str:
    return repr(float(number)).removesuffix(".0") if isinstance(number, float) else spelt(number)
