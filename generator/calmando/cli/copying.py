"""Copies a preset to a file of the user's own, under a name that presets can have."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from calmando.errors import InputError, OutputError
from calmando.preset.load import load_preset, preset_path
from calmando.resources import is_folder, is_there
from calmando.whole_file import write_text

_PLAIN = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "å": "a",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
}
"""Letters that are more than a plain one with a mark."""


def copy_preset(source: str, target: Path, *, force: bool) -> Path:
    """Copy a preset's file under a new name, its own name and comments with it.

    Raises
    ------
    InputError
        Where the target is no ``.toml`` file.
    OutputError
        Where it exists already, or cannot be written.
    """
    if is_folder(target):
        target = target / f"my-{load_preset(source).name}.toml"
    if target.suffix.lower() != ".toml":
        raise InputError(
            f"{target} is not a preset file.", "Its name must end in .toml.", "For example: my.toml"
        )
    if is_there(target) and not force:
        raise OutputError(f"{target} exists already.", "", "Choose another name, or replace it with --force.")
    load_preset(source)
    text = preset_path(source).read_text(encoding="utf-8-sig")
    write_text(target, _renamed(text, _preset_name(target.stem)))
    return target


def _preset_name(stem: str) -> str:
    """What a preset in a file of this name is called, in the plain letters that presets' names have."""
    letters = "".join(_PLAIN.get(letter, letter) for letter in stem.lower())
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    name = name if re.match(r"[a-z]", name) else f"my-{name}".strip("-")
    return name[:40].strip("-")


def _renamed(text: str, name: str) -> str:
    """A preset's text with another name; parts and stages, which stand below the first table, keep theirs."""
    table = re.search(r"(?m)^[ \t]*\[", text)
    head = text[: table.start()] if table else text
    named = re.sub(r"""(?m)^(\s*)name\s*=\s*("[^"\n]*"|'[^'\n]*')""", rf'\1name = "{name}"', head, count=1)
    return named + text[len(head) :]
