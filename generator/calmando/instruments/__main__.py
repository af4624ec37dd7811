"""Builds the built-in SoundFont: ``python -m calmando.instruments [--only NAME …] [-o FILE]``.

``--pictures DIR`` draws each instrument's spectrum instead, ``--table`` prints the table of instruments.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from calmando.errors import CalmandoError, InputError, OutputError
from calmando.instruments.build import INFO, built_preset
from calmando.instruments.catalogue import VOICES
from calmando.instruments.describe import table, write_picture
from calmando.instruments.model import Voice
from calmando.instruments.sf2_write import Preset, font_bytes
from calmando.resources import soundfonts_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the maker; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        voices = _voices(chosen.module or (), chosen.only or ())
        if chosen.table:
            sys.stdout.write(table(voices))
        elif chosen.pictures:
            _draw(voices, chosen.pictures)
        else:
            _write(chosen.output, font_bytes(INFO, _built_with_progress(voices)))
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
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="draw the spectra into this folder instead"
    )
    parser.add_argument("--table", action="store_true", help="print the table of instruments instead")
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


def _built_with_progress(voices: Sequence[Voice]) -> list[Preset]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    presets = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=len(voices))
        for voice in voices:
            progress.update(task, description=f"{voice.name:<20}")
            presets.append(built_preset(voice))
            progress.advance(task)
    return presets


def _draw(voices: Sequence[Voice], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for voice, preset in zip(voices, _built_with_progress(voices), strict=True):
            write_picture(voice, preset.zones, folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written to.", str(error), "Choose another folder.") from error


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
