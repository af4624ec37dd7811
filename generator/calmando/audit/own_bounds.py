"""Reads bounds a user sets in place of the built-in ones: a table of the same form as ``bounds.toml``."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calmando.audit.model import Bound
from calmando.errors import InputError
from calmando.resources import is_file, is_there

_LIMITS = ("fail_low", "low", "high", "fail_high")
"""In the order in which they must rise."""
_BIGGEST_BYTES = 1 << 20
_TOO_LARGE = 1e12


@dataclass(frozen=True, slots=True)
class OwnBounds:
    """What a user set.

    Attributes
    ----------
    place
        The file's name.
    tables
        Purpose (or ``calm``, for all) → measure → bound.
    """

    place: str
    tables: Mapping[str, Mapping[str, Bound]]


def read_bounds(path: Path | str, *, purposes: Iterable[str], measures: Iterable[str]) -> OwnBounds:
    """Read a file of bounds.

    Parameters
    ----------
    purposes, measures
        The names that may stand in it.

    Raises
    ------
    InputError
        Where the file is missing, no TOML, or names or sets what cannot be; the text says where.
    """
    path = Path(path)
    table = _table(path)
    purposes, measures = tuple(purposes), tuple(measures)
    return OwnBounds(
        path.name,
        {
            name: {
                key: _bound(f"{path.name}: {name}.{key}", limits)
                for key, limits in _lines(path, name, lines, purposes)
                if _known(f"{path.name}: {name}.{key}", key, measures, "measure")
            }
            for name, lines in table.items()
        },
    )


def _table(path: Path) -> dict[str, Any]:
    if is_there(path) and not is_file(path):
        raise InputError(
            f"{path} is no file, but a folder or a pipe.", fix="Give the name of a table of bounds (.toml)."
        )
    if not is_file(path):
        raise InputError(f"There is no file {path}.", fix="Check the name and the folder.")
    try:
        if path.stat().st_size > _BIGGEST_BYTES:
            raise InputError(f"{path.name} is larger than 1 MB.", "No table of bounds is that large.")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path.name} is no table of bounds ({error}).",
            "It must be TOML: a purpose in brackets, then lines such as  loudness-step = { high = 2.0 }.",
        ) from None
    except OSError as error:
        raise InputError.unreadable(path, error) from None


def _lines(path: Path, name: str, lines: object, purposes: tuple[str, ...]) -> Iterable[tuple[str, object]]:
    _known(f"{path.name}: {name}", name, purposes, "purpose")
    if not isinstance(lines, dict):
        raise InputError(
            f"{path.name}: {name} stands outside a purpose.", fix="Put a line such as [calm] above it."
        )
    return tuple(lines.items())


def _known(place: str, name: str, names: tuple[str, ...], what: str) -> bool:
    if name in names:
        return True
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(names)}."
    raise InputError(f"{place}: there is no {what} called {name}.", hint)


def _bound(place: str, limits: object) -> Bound:
    if not isinstance(limits, dict):
        raise InputError(f"{place} is no bound.", fix="Write it as  { low = 1.0, high = 2.0 }.")
    for key, value in limits.items():
        _known(f"{place}.{key}", key, _LIMITS, "limit")
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _TOO_LARGE:
            raise InputError(f"{place}.{key} is {str(value)[:20]}, which is no number that can be a bound.")
    given = [float(limits[key]) for key in _LIMITS if key in limits]
    if given != sorted(given):
        raise InputError(
            f"{place}: its limits are not in order.", "They must rise: fail_low, low, high, fail_high."
        )
    return Bound(**{key: float(value) for key, value in limits.items()})
