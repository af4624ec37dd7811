"""What a caller gives at a public door: taken where it is of the right kind, told as an error of our own where not."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from calmando.errors import InputError, spelt

T = TypeVar("T")

FURTHEST = 2**31 - 1
"""No number of ticks or bars is larger: years of music."""
_MOST_BITS = 64


def given_path(value: object, name: str) -> Path:
    """A path, given as text or as a path.

    Examples
    --------
    >>> given_path("piece.flac", "path").name
    'piece.flac'

    Raises
    ------
    InputError
        Where it is neither, or holds the sign U+0000 or another that no disk here takes.
    """
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(text, str):
        raise _wrong(value, name, "It must be a path.", 'For example: "piece.flac".')
    if "\0" in text:
        raise _wrong(value, name, "No name may hold the sign U+0000.", "Leave it out.")
    try:
        os.fsencode(text)
    except UnicodeEncodeError as error:
        sign = f"U+{ord(text[error.start]):04X}"
        raise _wrong(
            value, name, f"No name on this system may hold the sign {sign}.", "Leave it out."
        ) from None
    return Path(text)


def given_fonts(value: object, name: str) -> tuple[str | Path, ...]:
    """SoundFonts: a file or a name, or several.

    Raises
    ------
    InputError
        Where it is none of these.
    """
    several = [value] if isinstance(value, str | os.PathLike) else value
    if not isinstance(several, Iterable) or isinstance(several, bytes):
        raise _wrong(
            value,
            name,
            "It must be a file, a name, or a list of them.",
            "Leave it out for the built-in font.",
        )
    return tuple(
        font if isinstance(font, str) and given_path(font, name) else given_path(font, name)
        for font in several
    )


def given_whole(value: object, name: str) -> int:
    """A whole number of any kind that Python counts with, an array library's among them; True is none.

    Raises
    ------
    InputError
        Where it is none.
    """
    try:
        whole = operator.index(_no_truth(value))
    except TypeError:
        raise _wrong(value, name, "It must be a whole number.", "") from None
    if whole.bit_length() > _MOST_BITS:
        raise _wrong(value, name, f"It must be a number of at most {_MOST_BITS} bits.", "")
    return whole


def given_whole_within(value: object, name: str, low: int, high: int, fix: str = "") -> int:
    """A whole number from ``low`` to ``high``, both included.

    Examples
    --------
    >>> given_whole_within(60, "pitch", 0, 127)
    60

    Raises
    ------
    InputError
        Where it is none, or lies outside.
    """
    whole = given_whole(value, name)
    if not low <= whole <= high:
        limits = f"{low} or more" if whole < low and high >= FURTHEST else f"{low} to {high}"
        raise InputError(f"{name} is {whole}.", f"It must be {limits}.", fix)
    return whole


def given_number(value: object, name: str) -> float:
    """A finite number of any kind; neither text nor True is one.

    Raises
    ------
    InputError
        Where it is none.
    """
    try:
        number = math.nan if isinstance(value, str | bytes) else float(_no_truth(value))
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise _wrong(value, name, "It must be a number.", "")
    return number


def given_kind(value: object, kind: type[T] | tuple[type[T], ...], name: str, fix: str) -> T:
    """A value of the one kind, or of one of several, that belongs there.

    Raises
    ------
    InputError
        Where it is of another.
    """
    if isinstance(value, kind):
        return value
    kinds = kind if isinstance(kind, tuple) else (kind,)
    wanted = " or ".join(_with_article(one.__name__) for one in kinds)
    raise _wrong(value, name, f"It must be {wanted}.", fix)


def given_several(value: object, kind: type[T], name: str, fix: str) -> tuple[T, ...]:
    """Values of one kind, in a tuple or a list.

    Raises
    ------
    InputError
        Where it is neither, or one of them is of another kind.
    """
    several: tuple[object, ...] = tuple(given_kind(value, (tuple, list), name, fix))
    return tuple(given_kind(one, kind, f"{name}[{index}]", fix) for index, one in enumerate(several))


def given_callable(value: Callable[..., T] | None, name: str) -> Callable[..., T] | None:
    """Something to call, or nothing.

    Raises
    ------
    InputError
        Where it cannot be called.
    """
    if value is not None and not callable(value):
        raise _wrong(value, name, "It must be a function.", "For example: print.")
    return value


def _with_article(name: str) -> str:
    return f"an {name}" if name[0] in "AEIOUaeiou" else f"a {name}"


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        raise TypeError
    return value


def _wrong(value: object, name: str, why: str, fix: str) -> InputError:
    shown = spelt(value, repr) if isinstance(value, str | bytes | int | float) else "an object"
    shown = shown if len(shown) <= 60 else f"{shown[:40]}…"
    return InputError(f"{name} is {shown} ({type(value).__name__}).", why, fix)
