"""Finds presets by name, in the user's folder and among Calmando's own, and reads them from TOML."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from calmando.errors import PresetError, UnknownPresetError, typed
from calmando.given import given_path
from calmando.preset.model import Preset
from calmando.preset.problems import validated
from calmando.resources import is_file, is_folder, not_a_file, presets_folder, user_presets_folder

_BIGGEST_BYTES = 1_000_000
_MUSIC = (".mid", ".midi", ".rmi", ".wav", ".flac", ".ogg", ".mp3")
_FILE_ENDING = re.compile(r"\.[a-zA-Z][a-zA-Z0-9]{1,4}$")
_IN_PLAIN_WORDS = (
    ("Cannot overwrite a value", "this setting stands in the file twice"),
    (r"Cannot declare \(.*\) twice", "this heading in [ ] stands in the file twice"),
    (
        "Expected newline or end of document after a statement",
        "something follows after the value; text such as 6/8 needs quotes around it, a decimal number a point, not a comma",
    ),
    (r"Expected '=' after a key .*", "a setting needs the form: name = value"),
    ("Invalid value", "the value cannot be read; text needs straight quotes around it"),
    (r"(Illegal|Found invalid) character '\\n'", "the text is not closed with a quote"),
    ("Unescaped '.*' in a string", r"a single backslash cannot stand in a text; write \\"),
    (
        r"Unterminated string|Expected \"'{1,3}\"",
        "a text is not closed; what begins with one quote or three ends with as many",
    ),
    (r"Expected ('\]'|']]') at the end of an? (table|array) declaration", "the heading is not closed with ]"),
    ("Unclosed array", "a list in [ ] is not closed"),
)
"""What Python's reader says, as a pattern, and what a person understands."""


@dataclass(frozen=True, slots=True)
class FoundPreset:
    """A preset file that can be asked for by name; ``own`` where it lies in the user's folder."""

    name: str
    path: Path
    own: bool


def found_presets() -> tuple[FoundPreset, ...]:
    """Every preset that can be asked for by name, by name; a user's own replaces ours of the same name."""
    found: dict[str, FoundPreset] = {}
    for folder, own in ((presets_folder(), False), (user_presets_folder(), True)):
        if is_folder(folder):
            for path in folder.glob("*.toml"):
                if not path.name.startswith("."):  # macOS lays hidden files beside those on other disks
                    found[path.stem] = FoundPreset(path.stem, path, own)
    return tuple(found[name] for name in sorted(found))


def load_preset(source: str | Path) -> Preset:
    """Load a preset by its name or from a file.

    Parameters
    ----------
    source
        A name such as ``bedtime-lullaby``, or the path of a ``.toml`` file.

    Raises
    ------
    UnknownPresetError
        Where there is no such name or file; the text names the nearest.
    PresetError
        Where the file cannot be read or is invalid; the text lists every problem.
    """
    return read_preset_file(preset_path(source))


def preset_path(source: str | Path) -> Path:
    """The file of a preset, given by its name or as a path.

    Raises
    ------
    UnknownPresetError
        Where there is no preset of that name; the text names the nearest.
    """
    if not isinstance(source, str):
        return given_path(source, "preset")
    if source.lower().endswith(".toml") or re.search(r"[/\\]", source):
        return given_path(source, "preset")
    return _named(source)


def _named(name: str) -> Path:
    found = {preset.name: preset.path for preset in found_presets()}
    wanted = _as_typed(name)
    if name in found:
        return found[name]
    if path := {_as_typed(known): path for known, path in found.items()}.get(wanted):
        return path
    if wrong := not_a_file(name):
        raise UnknownPresetError(
            f"{name} {wrong}.",
            fix="Give the name of a preset or of a file. 'calmando presets' lists all presets.",
        )
    if _FILE_ENDING.search(name):
        raise _not_a_preset_file(name)
    near = get_close_matches(wanted, found, n=3, cutoff=0.4)
    near += [n for n in found if n not in near and any(w in n.split("-") for w in wanted.split("-"))][:3]
    hint = f"Did you mean {' or '.join(near[:3])}? " if near else ""
    raise UnknownPresetError(f"There is no preset called {name}.", fix=hint + "'calmando presets' lists all.")


def _not_a_preset_file(name: str) -> UnknownPresetError:
    """What to say of a name that ends as files do."""
    if not is_file(name):
        return UnknownPresetError(f"There is no file {name}.", fix="Check the name and the folder.")
    hint = "'calmando presets' lists all presets."
    if name.lower().endswith(_MUSIC):
        hint = f"'calmando audit {typed(name)}' tells what a piece of music is. {hint}"
    return UnknownPresetError(f"{name} is not a preset.", "A preset file ends in .toml.", hint)


def _as_typed(name: str) -> str:
    """A name without what nobody should have to type alike: capitals, spaces, two ways to write an accent."""
    return unicodedata.normalize("NFC", name).strip().lower().replace(" ", "-").replace("_", "-")


def read_preset_file(path: Path) -> Preset:
    """Read and check a preset file.

    Raises
    ------
    UnknownPresetError
        Where there is no such file.
    PresetError
        Where it cannot be read or is invalid.
    """
    text = _text(path)
    return validated(_toml_data(text, path.name), path.name, text)


def _text(path: Path) -> str:
    """What stands in a preset file."""
    try:
        if wrong := not_a_file(path):
            raise PresetError(f"{path} {wrong}.", "", "Give the name of a preset file (.toml).")
        if path.stat().st_size > _BIGGEST_BYTES:
            raise PresetError(
                f"{path.name} is larger than a megabyte.",
                "No preset is that large.",
                "Give the name of a preset file (.toml).",
            )
        text = path.read_text(encoding="utf-8-sig")
        if not text.strip():
            raise PresetError(
                f"{path.name} is empty.",
                "",
                "Start again from a copy: 'calmando copy bedtime-lullaby my.toml'.",
            )
        return text
    except FileNotFoundError:
        known = any(found.name == path.stem and is_file(found.path) for found in found_presets())
        hint = f"{path.stem} without .toml is a preset of that name. " if known else "Check the name. "
        raise UnknownPresetError(
            f"There is no preset file {path}.", fix=hint + "'calmando presets' lists all."
        ) from None
    except UnicodeDecodeError:
        raise PresetError(
            f"{path.name} is not a text file in UTF-8.", fix="Save it again with the encoding UTF-8."
        ) from None
    except OSError as error:
        raise PresetError(
            f"{path} cannot be read.",
            f"The system says: {error.strerror}.",
            "Check its name and permissions.",
        ) from None


def _toml_data(text: str, name: str) -> dict[str, Any]:
    """What the text of a preset file says."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PresetError(
            f"{name}: {_place(str(error))}",
            "The file does not follow the rules of TOML.",
            "Mend that line; text stands in straight quotes, every setting on a line of its own.",
        ) from None
    except (ValueError, RecursionError):
        raise PresetError(
            f"{name} holds a number of thousands of digits or lists nested too deeply.",
            "No setting needs either.",
            "Start again from a copy: 'calmando copy bedtime-lullaby my.toml'.",
        ) from None


def _place(message: str) -> str:
    """Python's TOML message with the line first, in plain words where it has any."""
    match = re.search(r"^(.*) \(at (line \d+, column \d+|end of document)\)$", message)
    if not match:
        return message
    plain = next((words for said, words in _IN_PLAIN_WORDS if re.fullmatch(said, match[1])), match[1])
    return f"{match[2].replace('document', 'the file')}: {plain}"
