"""Changes single settings of a preset by dotted key, such as ``melody.stability=0.9``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from calmando.errors import PresetError
from calmando.preset.model import Preset
from calmando.preset.problems import validated
from calmando.theory.scale import MODES, pitch_class

Setting = bool | int | float | str | list[Any] | None
"""A setting's value as TOML and JSON know it."""
_START, _END = "tempo.start_bpm", "tempo.end_bpm"


def parse_override(text: str) -> tuple[str, Setting]:
    """Read ``key=value`` as written at a command line; the value is TOML, or else plain text.

    A list may come without the quotes of its texts: PowerShell takes them away.

    Raises
    ------
    PresetError
        Where there is no ``=`` or no key.

    Examples
    --------
    >>> parse_override("melody.stability=0.9"), parse_override("pitch.modes=dorian")
    (('melody.stability', 0.9), ('pitch.modes', 'dorian'))
    >>> parse_override("pitch.tonics=[D, G]")
    ('pitch.tonics', ['D', 'G'])
    """
    key, sign, value = text.partition("=")
    key, value = key.strip(), value.strip()
    if not sign or not key:
        raise PresetError(
            f"--set {text}: a setting is written as key=value.", fix="For example: --set melody.stability=0.9"
        )
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):  # no TOML, a number of thousands of digits, brackets without end
        words = re.fullmatch(r"\[([^][{}\"']+)\]", value)
        return key, [word.strip() for word in words[1].split(",") if word.strip()] if words else value


def overridden(preset: Preset, overrides: Mapping[str, Setting]) -> Preset:
    """The preset with some settings changed.

    Parameters
    ----------
    preset
        Where to start from.
    overrides
        Dotted keys and new values. A part or stage is reached by its name: ``parts.melody.program``. Where the preset
        keeps its tempo, a new ``tempo.start_bpm`` alone is the tempo of the whole piece.

    Raises
    ------
    PresetError
        Naming every key that does not exist and every value out of range.
    """
    if not overrides:
        return preset
    tempo = preset.tempo
    if tempo.start_bpm == tempo.end_bpm and _START in overrides:
        overrides = {_END: overrides[_START], **overrides}
    data = preset.model_dump(mode="json")
    unknown = [text for key, value in overrides.items() if (text := _set(data, key, value))]
    if unknown:
        raise PresetError(
            "\n".join(unknown),
            fix="'calmando show PRESET --settings' lists every setting, its value and what it does.",
        )
    return validated(data, f"{preset.name} with your changes")


def _keys(value: Any, prefix: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _keys(inner, f"{prefix}.{key}" if prefix else key)
    elif (
        isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value)
    ):
        for item in value:
            yield from _keys(item, f"{prefix}.{item['name']}")
    else:
        yield prefix


def _set(data: Any, key: str, value: Setting) -> str:
    """Set one value in place; a sentence on what is wrong, or an empty text."""
    *path, last = key.split(".")
    table = data
    for step in path:
        table = _inner(table, step)
        if table is None:
            return _no_such_key(data, key)
    if not isinstance(table, dict) or (table and last not in table):
        return _no_such_key(data, key)
    if isinstance(table.get(last), list) and not isinstance(value, list):
        value = [value]
    table[last] = value
    return ""


def _inner(table: Any, step: str) -> Any:
    if isinstance(table, dict):
        if step in table and table[step] is None:
            table[step] = {}  # a table the preset leaves out; validation tells whether it may stand here
        inner = table.get(step)
        return inner if isinstance(inner, dict | list) else None
    if isinstance(table, list):
        return next((item for item in table if isinstance(item, dict) and item.get("name") == step), None)
    return None


def _no_such_key(data: Any, key: str) -> str:
    known = list(_keys(data, ""))
    near = get_close_matches(key, known, n=3, cutoff=0.6)
    tail = [name for name in known if name.rpartition(".")[2] == key.rpartition(".")[2]]
    hints = list(dict.fromkeys(near + tail[:3]))
    return f"There is no setting {key}." + (f" Did you mean {' or '.join(hints)}?" if hints else "")


def key_overrides(text: str) -> dict[str, Setting]:
    """The settings that a key stands for: ``G``, ``Bb major``, ``Am``, ``D dorian``, ``A minor pentatonic``.

    A note alone keeps the preset's modes.

    Raises
    ------
    PresetError
        Where it names no key.

    Examples
    --------
    >>> key_overrides("Am")
    {'pitch.tonics': ['A'], 'pitch.modes': ['minor']}
    """
    words = text.strip().replace("-", " ").split()
    note, mode_words = (words[0], [word.lower() for word in words[1:]]) if words else ("", [])
    if len(note) > 1 and note.endswith("m") and not mode_words:
        note, mode_words = note[:-1], ["minor"]
    mode = "-".join(mode_words)
    if mode == "pentatonic":
        mode = "major-pentatonic"
    try:
        pitch_class(note)
    except ValueError:
        raise PresetError(
            f"--key {text}: {note or 'nothing'} is not a note name.",
            fix="For example: --key G, --key 'D dorian'. Notes have their English names: German H is B, B is Bb, "
            "Es is Eb, Fis is F#.",
        ) from None
    if mode and mode not in MODES:
        raise PresetError(
            f"--key {text}: there is no mode {mode}.", fix=f"The modes are: {', '.join(MODES)}."
        )
    changes: dict[str, Setting] = {"pitch.tonics": [note[:1].upper() + note[1:]]}
    return changes | ({"pitch.modes": [mode]} if mode else {})
