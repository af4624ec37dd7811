"""Help without the types of the programming language: nobody who makes music asks what a ``str`` is."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class PlainCommand(TyperCommand):
    """A command whose help says what to give, and not of which type it is."""

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # typer's own context
        """Hand out the parameters, made plain."""
        return [_plain(param) for param in super().get_params(ctx)]


class PlainGroup(TyperGroup):
    """The group of all commands; its own options are as plain."""

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # typer's own context
        """Hand out the parameters, made plain."""
        return [_plain(param) for param in super().get_params(ctx)]


def _plain(param: Any) -> Any:
    if isinstance(param, TyperArgument):
        param.display_type_rich = _no_type  # type: ignore[method-assign]  # nothing else leaves it out
    elif isinstance(param, TyperOption) and param.is_flag and param.metavar is None:
        param.metavar = " "
    return param


def _no_type(ctx: object) -> str:
    return ""
