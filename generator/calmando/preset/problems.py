"""Turns what pydantic finds wrong into sentences a person can act on, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from calmando.errors import PresetError, spelt
from calmando.preset.line_told import Place, line_told
from calmando.preset.model import Preset

_MOST_LINES = 20
_KINDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number that is finite",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list in square brackets",
    "tuple_type": "a list in square brackets",
    "model_type": "a table of settings",
    "dict_type": "a table of settings",
    "model_attributes_type": "a table of settings",
}
_LIMITS = {
    "greater_than_equal": ("ge", "the least allowed is"),
    "greater_than": ("gt", "it must be more than"),
    "less_than_equal": ("le", "the most allowed is"),
    "less_than": ("lt", "it must be less than"),
}
_UNITS = {
    "_bpm": "BPM",
    "_dbtp": "dBTP",
    "_db": "dB",
    "_lufs": "LUFS",
    "_lu": "LU",
    "_ms": "ms",
    "_s": "seconds",
    "minutes": "minutes",
    "_percent": "percent",
    "_semitones": "semitones",
    "_bars": "bars",
}
_LENGTHS = {
    "string_too_short": "is too short; it needs at least {min_length} characters",
    "string_too_long": "is too long; at most {max_length} characters are allowed",
    "too_short": "has too few entries; it needs at least {min_length}",
    "too_long": "has too many entries; at most {max_length} are allowed",
}


def validated(data: dict[str, Any], place: str, text: str = "") -> Preset:
    """A preset from plain data.

    Parameters
    ----------
    data
        As TOML or JSON gives it.
    place
        The file or source named in messages.
    text
        What stands in the file, to name lines in it.

    Raises
    ------
    PresetError
        With a line for every problem: its place, key, value, limit and unit.
    """
    try:
        return Preset.model_validate(data)
    except ValidationError as error:
        lines = [f"{place}: {line}" for line in _sentences(error, data, text)]
        count = "one problem" if len(lines) == 1 else f"{len(lines)} problems"
        if len(lines) > _MOST_LINES:
            lines[_MOST_LINES:] = [f"{place}: … and {len(lines) - _MOST_LINES} more."]
        raise PresetError("\n".join(lines), fix=f"Please mend {count} and try again.") from None


def _sentences(error: ValidationError, data: dict[str, Any], text: str) -> Iterator[str]:
    problems = error.errors(include_url=False)
    for problem in problems:
        # Entries that are wrong are not counted: to say that they are too few would be a second, false problem.
        n_steps = len(problem["loc"])
        within = any(
            len(other["loc"]) > n_steps and other["loc"][:n_steps] == problem["loc"] for other in problems
        )
        if not (problem["type"] == "too_short" and within):
            for sentence in _sentence(dict(problem), data).split("\n"):
                line = line_told(text, problem["loc"] or _place_named(sentence, data))
                yield f"line {line}: {sentence}" if line else sentence


def _place_named(sentence: str, data: Any) -> Place:
    """Where the key stands that a sentence begins with; entries of lists go by their names there."""
    steps: list[str | int] = []
    rest = f".{sentence}"
    while rest.startswith("."):
        known = _steps_by_name(data)
        key = next((key for key in known if re.match(rf"{re.escape(key)}[.: ]", rest[1:])), None)
        if key is None:
            break
        steps.append(known[key])
        data, rest = data[known[key]], rest[1 + len(key) :]
    return steps


def _steps_by_name(data: Any) -> dict[str, str | int]:
    if isinstance(data, list):
        return {entry.get("name", ""): index for index, entry in enumerate(data) if isinstance(entry, dict)}
    return {key: key for key in data} if isinstance(data, dict) else {}


def _sentence(problem: dict[str, Any], data: dict[str, Any]) -> str:
    loc, kind, value = problem["loc"], problem["type"], problem.get("input")
    key = _dotted(loc, data)
    context = problem.get("ctx", {})
    field = _field(Preset, loc)
    unit = _unit(loc)
    if kind == "missing":
        return f"{key} is missing.{_meaning(field)}"
    if kind == "extra_forbidden":
        return f"{key} is not a setting.{_nearest(loc)}"
    if kind in _LIMITS:
        attribute, phrase = _LIMITS[kind]
        return f"{key} is {_shown(value)}; {phrase} {context[attribute]:g}{unit}."
    if kind in _KINDS:
        return f"{key} is {_shown(value)}; it must be {_KINDS[kind]}{unit and f' ({unit.strip()})'}."
    if kind in ("enum", "literal_error"):
        return f"{key} is {_shown(value)}; it must be {context['expected']}."
    if kind == "string_pattern_mismatch":
        return f"{key} is {_shown(value)}, which does not fit.{_meaning(field)}"
    if kind in _LENGTHS:
        return f"{key} {_LENGTHS[kind].format(**context)}."
    if kind == "value_error":
        text = str(context["error"])
        return text if not key or key in text else f"{key}: {text}"
    return f"{key} is {_shown(value)}: {problem['msg']}."


def _dotted(loc: tuple[int | str, ...], data: Any) -> str:
    """A key as its writer knows it: list entries by their name where they have one."""
    words: list[str] = []
    here = data
    for step in loc:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(step, int):
            name = here.get("name") if isinstance(here, dict) else None
            words.append(name if name and isinstance(name, str) else str(step + 1))
        else:
            words.append(step)
    return ".".join(words)


def _shown(value: Any) -> str:
    text = spelt(value, repr) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    text = text.removesuffix(".0") if isinstance(value, float) else text
    text = {"True": "true", "False": "false", "None": "empty", "dict": "a table", "list": "a list"}.get(
        text, text
    )
    return text if len(text) <= 60 else text[:57] + "…"


def _field(model: type[BaseModel], loc: tuple[int | str, ...]) -> FieldInfo | None:
    """The field that a place in the data belongs to, if it is one."""
    field: FieldInfo | None = None
    here: type[BaseModel] | None = model
    for step in loc:
        if isinstance(step, int):
            continue
        field = here.model_fields.get(step) if here else None
        here = _table(field.annotation) if field else None
    return field


def _table(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as ``tuple[Stage, ...]`` or ``Breath | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, list, Union, UnionType):
        return next((table for inner in get_args(annotation) if (table := _table(inner))), None)
    return None


def _nearest(loc: tuple[int | str, ...]) -> str:
    *path, last = loc
    field = _field(Preset, tuple(path))
    table: type[BaseModel] | None = (_table(field.annotation) if field else None) if path else Preset
    names = list(table.model_fields) if table else []
    near = get_close_matches(str(last), names, n=2, cutoff=0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def _unit(loc: tuple[int | str, ...]) -> str:
    """The unit that a key's name carries."""
    key = str(loc[-1]) if loc else ""
    return next((f" {unit}" for ending, unit in _UNITS.items() if key.endswith(ending)), "")


def _meaning(field: FieldInfo | None) -> str:
    return f" It says: {field.description}" if field and field.description else ""
