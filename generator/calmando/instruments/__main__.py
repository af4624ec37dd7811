"""Builds the built-in SoundFont: ``python -m calmando.instruments [--only NAME …] [--module MODULE …] [-o FILE]``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from calmando.errors import CalmandoError, InputError, OutputError
from calmando.instruments.build import build_font
from calmando.instruments.catalogue import VOICES
from calmando.instruments.model import Voice
from calmando.resources import soundfonts_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the maker; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        voices = _voices(chosen.module or (), chosen.only or ())
        _write(chosen.output, _built_with_progress(voices))
    except CalmandoError as error:
        sys.stderr.write(f"calmando.instruments: {error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m calmando.instruments", description="Synthesises the built-in SoundFont."
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="build only these voices")
    parser.add_argument(
        "--module", nargs="+", metavar="MODULE", help="take the voices of these modules instead"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", default=soundfonts_folder() / "calmando.sf2"
    )
    return parser


def _voices(modules: Sequence[str], names: Sequence[str]) -> tuple[Voice, ...]:
    voices = VOICES
    if modules:
        voices = tuple(voice for module in modules for voice in importlib.import_module(module).VOICES)
    wanted = {name.casefold() for name in names}
    unknown = wanted - {voice.name.casefold() for voice in voices}
    if unknown:
        known = ", ".join(voice.name for voice in voices)
        raise InputError(f"No voice is called {', '.join(sorted(unknown))}.", "", f"There are: {known}.")
    return tuple(voice for voice in voices if not wanted or voice.name.casefold() in wanted)


def _built_with_progress(voices: Sequence[Voice]) -> bytes:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Synthesising", total=len(voices) + 1)

        def begin(voice: Voice) -> None:
            progress.update(task, advance=1, description=f"{voice.name:<20}")

        data = build_font(voices, begin=begin)
        progress.update(task, advance=1, description="Done".ljust(20))
    return data


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written.", str(error), "Choose another place with -o."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
