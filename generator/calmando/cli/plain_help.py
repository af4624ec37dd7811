"""Help and refusals for people who make music: nobody of them asks what a ``str`` or an extra argument is."""

from __future__ import annotations

import shlex
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class PlainCommand(TyperCommand):
    """A command whose help says what to give, and not of which type it is."""

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # typer's own context
        """Hand out the parameters, made plain."""
        return [_plain(param) for param in super().get_params(ctx)]

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own context
        """Refuse words too many with what they were probably meant to be: a file to write, or a name with spaces."""
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, args)
        if ctx.args:
            takes = any(isinstance(param, TyperArgument) for param in self.params)
            writes = any("--output" in param.opts for param in self.params)
            ctx.fail(_too_many(ctx.args, takes_words=takes, writes=writes))
        return left


class PlainGroup(TyperGroup):
    """The group of all commands; its own options are as plain."""

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # typer's own context
        """Hand out the parameters, made plain."""
        return [_plain(param) for param in super().get_params(ctx)]


def _too_many(words: list[str], *, takes_words: bool, writes: bool) -> str:
    one = len(words) == 1
    sentences = [f"{'This word is' if one else 'These words are'} too many: {' '.join(words)}"]
    if writes:
        sentences.append(f"The file to write is named after --output, or -o:  -o {shlex.quote(words[-1])}")
    if takes_words:
        sentences.append('A name with spaces stands in quotation marks:  "my lullaby.toml"')
    return "\n".join(sentences)


def _plain(param: Any) -> Any:
    if isinstance(param, TyperArgument):
        param.display_type_rich = _no_type  # type: ignore[method-assign]  # nothing else leaves it out
    elif isinstance(param, TyperOption) and param.is_flag and param.metavar is None:
        param.metavar = " "
    return param


def _no_type(ctx: object) -> str:
    return ""
