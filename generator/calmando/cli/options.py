"""What can be typed after several of the commands: their arguments and options, with the help each one gives."""

from __future__ import annotations

from typing import Annotated

import typer

from calmando.errors import shown

MUSIC = "The music"
SOUND = "The sound"
FILES = "The files"
_MOST_VARIANTS = 1_000


def number_typed(text: str | float) -> float:
    """Read a number, and say what is wrong as a person would."""
    try:
        return float(text)
    except ValueError:
        point = " Write it with a point, such as 1.5." if "," in str(text) else ""
        raise typer.BadParameter(f"'{shown(str(text))}' is not a number.{point}") from None


def whole_number_typed(text: str | int) -> int:
    """Read a whole number, and say what is wrong as a person would."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"'{shown(str(text))}' is not a whole number.") from None


def variants_typed(text: str | int) -> int:
    """Read how many variants to make, and say the limits as a person would."""
    number = whole_number_typed(text)
    if not 1 <= number <= _MOST_VARIANTS:
        raise typer.BadParameter(f"{number} is not a number of pieces from 1 to {_MOST_VARIANTS}.")
    return number


SourceArgument = Annotated[
    str,
    typer.Argument(
        help="A preset's name, a preset file (.toml), a recipe (.json), or any MIDI file (.mid).",
        metavar="SOURCE",
    ),
]
PresetArgument = Annotated[
    str, typer.Argument(help="A preset's name, or a preset file (.toml).", metavar="PRESET")
]
MinutesOption = Annotated[
    float | None,
    typer.Option(
        "--minutes",
        "-m",
        parser=number_typed,
        help="Length in minutes, last ring and closing silence included.",
        metavar="M",
        rich_help_panel=MUSIC,
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        "-s",
        parser=whole_number_typed,
        help="Same seed, same music. Without it one is drawn, printed and kept.",
        metavar="N",
        rich_help_panel=MUSIC,
    ),
]
FromBpmOption = Annotated[
    float | None,
    typer.Option(
        "--from-bpm",
        parser=number_typed,
        help="Beats a minute to begin at, near where the person is now.",
        metavar="BPM",
        rich_help_panel=MUSIC,
    ),
]
ToBpmOption = Annotated[
    float | None,
    typer.Option(
        "--to-bpm",
        parser=number_typed,
        help="Beats a minute to lead to.",
        metavar="BPM",
        rich_help_panel=MUSIC,
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key", "-k", help="The key, such as G, 'D dorian' or Am.", metavar="KEY", rich_help_panel=MUSIC
    ),
]
InstrumentOption = Annotated[
    str | None,
    typer.Option(
        "--instrument",
        help="Who plays the tune, such as harp or 'music box'; 'calmando instruments' lists them.",
        metavar="NAME",
        rich_help_panel=MUSIC,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change any setting: --set melody.stability=0.9 (may be repeated).",
        metavar="KEY=VALUE",
        rich_help_panel=MUSIC,
    ),
]
FontOption = Annotated[
    list[str] | None,
    typer.Option(
        "--soundfont",
        "-f",
        help="A SoundFont file or name; repeat it to stack several.",
        metavar="FONT",
        rich_help_panel=SOUND,
    ),
]
RateOption = Annotated[
    int,
    typer.Option(
        "--sample-rate",
        parser=whole_number_typed,
        help="44100 or 48000 frames a second.",
        metavar="HZ",
        rich_help_panel=SOUND,
    ),
]
DepthOption = Annotated[
    str | None,
    typer.Option(
        "--bit-depth",
        help="16 or 24 for WAV and FLAC, float for WAV. 16 if not given.",
        metavar="16|24|float",
        rich_help_panel=SOUND,
    ),
]
QualityOption = Annotated[
    float | None,
    typer.Option(
        "--quality",
        parser=number_typed,
        help="1 (smallest) to 10 (best), for OGG and MP3. 7 if not given.",
        metavar="1–10",
        rich_help_panel=SOUND,
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Replace also what Calmando did not write, what was changed since, and what is write-protected.",
        metavar=" ",
        rich_help_panel=FILES,
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress, no messages but cautions and errors.", metavar=" ")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON, for programs.", metavar=" ")
]
