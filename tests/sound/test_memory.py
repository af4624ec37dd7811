"""How much memory a program may take."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from calmando.sound import memory

GIB = 1 << 30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen gibibytes, no container, no limit."""
    known = {"SC_PAGE_SIZE": 4_096, "SC_PHYS_PAGES": 16 * GIB // 4_096}
    monkeypatch.setattr(os, "sysconf", known.__getitem__, raising=False)
    monkeypatch.setattr(memory, "_OF_CONTAINERS", ())
    if sys.platform != "win32":
        import resource

        monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.usefixtures("machine")
def test_it_is_the_machine_s() -> None:
    """Where nothing limits it."""
    assert memory.memory_bytes() == 16 * GIB


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("text", "expected"), [("2147483648\n", 2 * GIB), ("max\n", 16 * GIB), ("", 16 * GIB), (None, 16 * GIB)]
)
def test_a_container_has_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, expected: int
) -> None:
    """What its file tells, if it tells anything."""
    limit = tmp_path / "memory.max"
    if text is not None:
        limit.write_text(text)
    monkeypatch.setattr(memory, "_OF_CONTAINERS", (limit,))
    assert memory.memory_bytes() == expected


@pytest.mark.usefixtures("machine")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_limit_of_the_shell_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``ulimit -v`` sets it."""
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (GIB, resource.RLIM_INFINITY))
    assert memory.memory_bytes() == GIB


@pytest.mark.usefixtures("machine")
def test_where_the_system_does_not_tell_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.delattr(os, "sysconf")
    assert memory.memory_bytes() is None
