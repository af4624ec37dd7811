"""Every setting of a preset, with its value, its range and what it does, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from calmando.preset.model import Preset

_TOLD_ELSEWHERE = ("limits", "evidence")
"""What is known of a preset rather than set."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting.

    Attributes
    ----------
    key
        Dotted, as ``--set`` takes it; NAME stands for the name of a part or stage.
    value
        As a preset file has it; of a part's or stage's setting, that of each.
    meaning
        What it does, and its range.
    """

    key: str
    value: str
    meaning: str


def explained(preset: Preset) -> Iterator[Explained]:
    """The settings that can be heard, in the order of a preset file."""
    yield _one("minutes", Preset.model_fields["minutes"], written(preset.minutes))
    for table, field in Preset.model_fields.items():
        value = getattr(preset, table)
        if table in _TOLD_ELSEWHERE:
            continue
        if isinstance(value, BaseModel):
            for key, setting in type(value).model_fields.items():
                yield _one(f"{table}.{key}", setting, written(getattr(value, key)))
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            yield from _of_each(table, field, value)


def _of_each(table: str, field: FieldInfo, entries: Sequence[Any]) -> Iterator[Explained]:
    """The settings that each part or each stage has."""
    yield Explained(f"{table}.NAME", ", ".join(entry.name for entry in entries), field.description or "")
    for key, setting in type(entries[0]).model_fields.items():
        if key != "name":
            values = "; ".join(f"{entry.name}: {written(getattr(entry, key))}" for entry in entries)
            yield _one(f"{table}.NAME.{key}", setting, values)


def _one(key: str, field: FieldInfo, value: str) -> Explained:
    low, high = (
        next((getattr(limit, side) for limit in field.metadata if hasattr(limit, side)), None)
        for side in ("ge", "le")
    )
    between = f" Allowed: {low:g} to {high:g}." if low is not None and high is not None else ""
    meaning, choices = field.description or "", _choices(field.annotation)
    is_told = all(choice in meaning for choice in choices)
    one_of = "" if is_told else f" One of: {', '.join(choices)}."
    return Explained(key, value, f"{meaning}{one_of}{between}".strip())


def _choices(annotation: Any) -> tuple[str, ...]:
    """The words that a setting, or each entry of its list, may be; none where it is free."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for inner in get_args(annotation) if (found := _choices(inner))), ())


def written(value: Any) -> str:
    """A value as words have it: ``60``, ``true``, ``C, D, F``, ``none``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(written, value)) or "none"
    if isinstance(value, BaseModel):
        return " ".join(written(inner) for inner in value.model_dump().values())
    return str(value)
