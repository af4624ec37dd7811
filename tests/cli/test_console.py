"""What the command line says while something takes long."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from calmando.cli import console
from calmando.cli.console import ProgressLine
from calmando.rendering import Progress


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def told(news: list[tuple[float, str, float]]) -> None:
    """Show news, each at its second since the beginning."""
    clock = Clock()
    began_s = clock.now_s
    with ProgressLine("a.wav", quiet=False, clock=clock) as line:
        for at_s, doing, share in news:
            clock.now_s = began_s + at_s
            line.show(Progress(doing, share))


def test_no_time_is_told_before_it_can_be_known(capsys: pytest.CaptureFixture[str]) -> None:
    """A stage that has only begun has no pace yet; one under way is told how long it still takes."""
    told(
        [
            (0.0, "listening ahead", 0.0),
            (12.0, "listening ahead", 0.0),
            (24.0, "rendering", 0.0),
            (34.5, "measuring its peak", 0.02),
            (36.5, "rendering", 0.0),
            (46.5, "rendering", 0.25),
            (56.5, "rendering", 0.98),
        ]
    )
    assert capsys.readouterr().err.splitlines() == [
        "a.wav: listening ahead 0%",
        "a.wav: rendering 0%",
        "a.wav: measuring its peak 2%",
        "a.wav: rendering 25%, about 30 s left",
        "a.wav: rendering 98%, about 1 s left",
    ]


def test_on_a_terminal_a_new_stage_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the end of one stage nor its pace is taken for that of the next."""
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(console, "errors", terminal)
    told(
        [
            (0.0, "rendering", 0.0),
            (10.0, "rendering", 0.5),
            (20.0, "rendering", 1.0),
            (21.0, "writing stems", 0.0),
            (31.0, "writing stems", 0.1),
            (41.0, "writing stems", 0.2),
        ]
    )
    assert isinstance(terminal.file, io.StringIO)
    last = terminal.file.getvalue().rpartition("writing stems")[2]
    assert "20%" in last and "0:01:20" in last, last
