"""``--report`` with a name or without one: then the report is named like the music and lies beside it."""

from __future__ import annotations

from pathlib import Path

import typer

from calmando.cli.plain_help import PlainCommand

BESIDE = Path(".html")
"""What stands for the name where none was given."""

_NAMES = ("--report", "-r")
_PAGES = (".html", ".htm")


class WithReport(PlainCommand):
    """A command whose ``--report`` may stand without a name."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own context
        """Put the name in where none was given.

        That is at the end, before an option or what has no ending, and where ``--report`` comes first of all,
        before any file that is no web page: ``--report anna.flac`` means the music.
        """
        end = args.index("--") if "--" in args else len(args)
        named: list[str] = []
        for word, following in zip(args[:end], [*args[1:end], ""], strict=False):
            ending = Path(following).suffix.lower()
            is_name = ending in _PAGES if not named else bool(ending)
            named.append(word)
            if word in _NAMES and (following.startswith("-") or not is_name):
                named.append(str(BESIDE))
        return super().parse_args(ctx, named + args[end:])


def beside(report: Path | None, music: Path) -> Path | None:
    """Where the report goes."""
    return music.with_suffix(BESIDE.name) if report == BESIDE else report
