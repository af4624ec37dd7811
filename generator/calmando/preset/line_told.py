"""Finds the line of a preset file that a setting stands in."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Mapping, Sequence

Place = Sequence[str | int]
"""The keys and indices that lead to a value."""
_LONG_TEXT = re.compile(r'""".*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
_HEADING = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
_SETTING = re.compile(r"\s*([\w.-]+)\s*=")


def line_told(text: str, place: Place) -> int | None:
    """The line of a setting in a TOML file, or of the table that it is missing in; none where neither has one.

    Examples
    --------
    >>> text = '[[parts]]\\nname = "melody"\\n[[parts]]\\nname = "guitar"\\nprogram = 200'
    >>> line_told(text, ("parts", 1, "program")), line_told(text, ("parts", 1, "role")), line_told(text, ("tempo",))
    (5, 3, None)
    """
    lines = _lines(text)
    longest_first = (tuple(place[:length]) for length in range(len(place), 0, -1))
    return next((lines[steps] for steps in longest_first if steps in lines), None)


@functools.lru_cache(maxsize=1)
def _lines(text: str) -> Mapping[tuple[str | int, ...], int]:
    """The line of every table and setting; that of a list of tables is the first entry's."""
    found: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    n_entries = Counter[str]()
    for number, line in enumerate(_LONG_TEXT.sub(_empty_lines, text).split("\n"), 1):
        if heading := _HEADING.match(line):
            name = heading[2]
            table = tuple(name.split("."))
            found.setdefault(table, number)
            if heading[1] == "[[":
                table = (*table, n_entries[name])
                n_entries[name] += 1
                found[table] = number
        elif setting := _SETTING.match(line):
            found.setdefault((*table, *setting[1].split(".")), number)
    return found


def _empty_lines(long_text: re.Match[str]) -> str:
    """As many as a text has: what stands in it is no setting."""
    return "\n" * long_text[0].count("\n")
