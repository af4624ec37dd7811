"""``--report`` with a name or without one: then the report is named like the music and lies beside it."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.core import TyperCommand

BESIDE = Path(".html")
"""What stands for the name where none was given."""

_NAMES = ("--report", "-r")


class WithReport(TyperCommand):
    """A command whose ``--report`` may stand without a name."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own context
        """Put the name in where none was given: at the end, before an option, or before what has no ending."""
        end = args.index("--") if "--" in args else len(args)
        named: list[str] = []
        for word, following in zip(args[:end], [*args[1:end], ""], strict=False):
            named.append(word)
            if word in _NAMES and (following.startswith("-") or not Path(following).suffix):
                named.append(str(BESIDE))
        return super().parse_args(ctx, named + args[end:])


def beside(report: Path | None, music: Path) -> Path | None:
    """Where the report goes."""
    return music.with_suffix(BESIDE.name) if report == BESIDE else report
