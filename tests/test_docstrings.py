"""What the docstrings show is what happens."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import calmando

_PACKAGE = Path(calmando.__file__).parent
_SHOWING = sorted(
    path.relative_to(_PACKAGE.parent).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")
    for path in _PACKAGE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


def test_there_are_examples() -> None:
    """The modules are found, the public functions among them."""
    assert {"calmando", "calmando.api", "calmando.preset.overrides"} <= set(_SHOWING)


@pytest.mark.parametrize("name", _SHOWING)
def test_every_example_in_a_docstring_runs(name: str) -> None:
    """Each gives what it says it gives."""
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
