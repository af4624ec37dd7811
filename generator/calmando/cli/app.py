"""The commands; each is a few lines that call the library. Heavy modules are imported where they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calmando.cli.console import read_or_not, result, result_json, results, tell, told
from calmando.cli.options import (
    FILES,
    MUSIC,
    DepthOption,
    FontOption,
    ForceOption,
    FromBpmOption,
    InstrumentOption,
    JsonOption,
    KeyOption,
    MinutesOption,
    PresetArgument,
    QualityOption,
    QuietOption,
    RateOption,
    SeedOption,
    SetOption,
    SourceArgument,
    ToBpmOption,
    number_typed,
    variants_typed,
)
from calmando.cli.plain_help import PlainCommand, PlainGroup
from calmando.cli.report_option import WithReport, beside
from calmando.resources import is_file
from calmando.version import __version__

_A_PIECE = "calmando render bedtime-lullaby --key D --instrument harp -o zoe.mp3"

app = typer.Typer(
    cls=PlainGroup,
    help="Composes calm, therapeutic music by readable rules and renders it to MIDI and audio.\n\n"
    "Begin with:\n\n"
    "calmando presets\n\n"
    "calmando show bedtime-lullaby\n\n"
    f"{_A_PIECE}\n\n"
    "and 'calmando COMMAND --help' tells all about a command.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        result(f"calmando {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and stop.",
            callback=_print_version,
            is_eager=True,
            metavar=" ",
        ),
    ] = False,
) -> None:
    pass


@app.command(cls=PlainCommand)
@told
def presets(as_json: JsonOption = False) -> None:
    """List the presets: what there is, how long, how fast, one line each."""
    from calmando.cli.show import preset_row, presets_list
    from calmando.errors import PresetError, UnknownPresetError
    from calmando.preset.load import found_presets, read_preset_file

    rows = []
    for found in found_presets():
        try:
            row = preset_row(read_preset_file(found.path), own=found.own)
        except (PresetError, UnknownPresetError) as error:
            if not found.own:
                raise
            tell(f"Left out {found.path.name}, it has a problem: {error.what}")
            continue
        rows.append(row | {"name": found.name})
    if as_json:
        result_json(rows)
        return
    results.print(presets_list(rows))
    if any(row["clinician_led"] for row in rows):
        tell("* only together with a trained clinician")


@app.command(cls=PlainCommand)
@told
def show(
    preset: Annotated[
        str,
        typer.Argument(
            help="A preset's name, a preset file (.toml), or music that Calmando wrote: MIDI, sound, recipe.",
            metavar="PRESET|FILE",
        ),
    ],
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Compose a tune and tell, note by note, which rules favoured it.", metavar=" "
        ),
    ] = False,
    every_setting: Annotated[
        bool,
        typer.Option("--settings", help="List every setting with its value and what it does.", metavar=" "),
    ] = False,
    seed: SeedOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a preset, or what a file was made from: music, arc, limits, evidence with status tags, cautions."""
    from calmando.cli.making import gathered_overrides
    from calmando.cli.show import Piece, made_from, preset_page, setting_rows, settings_page, told_origin
    from calmando.errors import InputError
    from calmando.rendering import compose
    from calmando.replaying import recipe_behind, replaced_instruments

    if explain and as_json:
        raise InputError("--explain tells in words only.", "", "Leave out --json, or --explain.")
    if explain and every_setting:
        raise InputError(
            "--explain and --settings show different things.", "", "Ask for one after the other."
        )
    recipe, made = recipe_behind(preset, seed=seed, overrides=gathered_overrides(settings or ()))
    if made is not None:
        tell(f"{preset} was made from {told_origin(made)}")
        if recipe != made:
            tell("Shown is what your changes make of it.")
    shown = recipe.adapted.model_copy(update={"minutes": recipe.minutes})
    if explain:
        from calmando.compose.piece import explain_tune

        tell(f"seed {recipe.seed}")
        result(explain_tune(recipe.adapted, seed=recipe.seed))
    elif every_setting and as_json:
        result_json(setting_rows(shown))
    elif every_setting:
        results.print(settings_page(shown))
    elif as_json:
        told = shown.model_dump(mode="json")
        result_json(told if made is None else told | {"made_from": made_from(made)})
    elif made is None:
        results.print(preset_page(shown))
    else:
        score = compose(recipe)
        results.print(preset_page(shown, Piece(score, replaced_instruments(Path(preset), score))))


@app.command(cls=PlainCommand)
@told
def copy(
    preset: PresetArgument,
    target: Annotated[
        Path,
        typer.Argument(
            help="The new preset file, such as my-lullaby.toml.", metavar="FILE.toml", readable=False
        ),
    ],
    force: ForceOption = False,
) -> None:
    """Copy a preset to a file of your own, to edit with any text editor."""
    from calmando.cli.copying import copy_preset
    from calmando.errors import typed

    path = copy_preset(preset, target, force=force)
    result(str(path))
    tell(f"Edit it, then: calmando render {typed(path)}")


@app.command(cls=WithReport, epilog=f"For example: {_A_PIECE}")
@told
def render(
    source: SourceArgument,
    minutes: MinutesOption = None,
    seed: SeedOption = None,
    from_bpm: FromBpmOption = None,
    to_bpm: ToBpmOption = None,
    key: KeyOption = None,
    instrument: InstrumentOption = None,
    settings: SetOption = None,
    variants: Annotated[
        int,
        typer.Option(
            "--variants",
            parser=variants_typed,
            help="Make so many pieces with different seeds, to choose from.",
            metavar="N",
            rich_help_panel=MUSIC,
        ),
    ] = 1,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write: .mid .wav .flac .ogg .mp3, .png or .svg for a picture, .json for the recipe. "
            "May be repeated. "
            "PRESET-SEED.flac here if not given.",
            metavar="OUT",
            readable=False,
            rich_help_panel=FILES,
        ),
    ] = None,
    soundfont: FontOption = None,
    sample_rate: RateOption = 44_100,
    bit_depth: DepthOption = None,
    quality: QualityOption = None,
    stems: Annotated[
        Path | None,
        typer.Option(
            "--stems",
            help="Write every part as a 24-bit WAV file into this folder too.",
            metavar="FOLDER",
            readable=False,
            rich_help_panel=FILES,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help="Write a report of what the piece is (.html); without a name, beside the first file.",
            metavar="[FILE.html]",
            readable=False,
            rich_help_panel=FILES,
        ),
    ] = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a piece: MIDI or audio, by the ending of the file's name."""
    from calmando.cli.making import Order, gathered_overrides, make, shared, sound_options

    options = sound_options(soundfont or (), sample_rate, bit_depth, quality)
    outs = tuple(out or ())
    order = Order(
        outs=outs,
        options_for=shared(options, outs),
        asked=options,
        stems=stems,
        report=report,
        force=force,
        quiet=quiet,
    )
    changes = gathered_overrides(
        settings or (), from_bpm=from_bpm, to_bpm=to_bpm, key=key, instrument=instrument
    )
    made = make(source, order, seed=seed, minutes=minutes, overrides=changes, variants=variants)
    if as_json:
        result_json([one.as_data() for one in made])
    else:
        for one in made:
            result(str(one.rendered.path))


@app.command(cls=PlainCommand)
@told
def replay(
    file: Annotated[
        Path,
        typer.Argument(
            help="Music that Calmando wrote: MIDI, sound or recipe.", metavar="FILE", readable=False
        ),
    ],
    out: Annotated[
        list[Path],
        typer.Option("--output", "-o", help="File to write. May be repeated.", metavar="OUT", readable=False),
    ],
    soundfont: FontOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make the very same piece again, from music that Calmando wrote: MIDI, sound or recipe."""
    from calmando.cli.making import make_again

    made = make_again(file, tuple(out), soundfonts=tuple(soundfont or ()), force=force, quiet=quiet)
    if as_json:
        result_json([one.as_data() for one in made])
    else:
        for one in made:
            result(str(one.rendered.path))


@app.command(cls=WithReport)
@told
def audit(
    target: Annotated[
        str,
        typer.Argument(help="A MIDI or sound file, anybody's; or a preset or recipe.", metavar="FILE|SOURCE"),
    ],
    intent: Annotated[
        str | None,
        typer.Option(
            "--intent",
            "-i",
            help="What it is for, such as lullaby, sleep or relaxation, or a preset; a file of Calmando's own knows.",
            metavar="INTENT",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            "-r",
            help="Write a report to keep (.html); without a name, beside the music.",
            metavar="[FILE.html]",
            readable=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 1 if a measure fails.", metavar=" ")
    ] = False,
    tune: Annotated[
        str | None, typer.Option("--tune", help="The part that has the tune, in a MIDI file.", metavar="PART")
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            "--level", parser=number_typed, help="Level measured at the ear, in dB(A).", metavar="DBA"
        ),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option(
            "--hours", parser=number_typed, help="Hours a week it is heard at that level.", metavar="H"
        ),
    ] = None,
    child: Annotated[bool, typer.Option("--child", help="The listener is a child.", metavar=" ")] = False,
    seed: SeedOption = None,
    bounds: Annotated[
        Path | None,
        typer.Option(
            "--bounds", help="Bounds of your own, where they differ.", metavar="FILE.toml", readable=False
        ),
    ] = None,
    soundfont: FontOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Measure what a piece is, and hold it against what its purpose asks for."""
    from calmando.cli.auditing import audited, show_audit, show_audit_json, told_playback, write_audit_report
    from calmando.cli.making import check_report_name, guard

    report = beside(report, Path(target if is_file(target) else f"{target}.html"))
    if report is not None:
        check_report_name(report)
        guard(report, force)
    playback = told_playback(level, hours, child)
    fonts = tuple(soundfont or ())
    found, preset = audited(
        target, intent=intent, tune=tune, playback=playback, fonts=fonts, bounds_file=bounds, seed=seed
    )
    with read_or_not():
        if as_json:
            show_audit_json(found)
        else:
            show_audit(found)
    if report is not None:
        music = Path(target) if is_file(target) else None
        tell(f"Report: {write_audit_report(found, report, preset, music, playback)}")
    if strict and found.failed:
        raise typer.Exit(1)


@app.command(cls=PlainCommand)
@told
def play(
    source: SourceArgument,
    minutes: MinutesOption = None,
    seed: SeedOption = None,
    from_bpm: FromBpmOption = None,
    to_bpm: ToBpmOption = None,
    key: KeyOption = None,
    instrument: InstrumentOption = None,
    settings: SetOption = None,
    soundfont: FontOption = None,
    quiet: QuietOption = False,
) -> None:
    """Hear a piece now. Ctrl-C fades it out."""
    from calmando.cli.making import announce, gathered_overrides, sound_options
    from calmando.remarks import written_remarks
    from calmando.sound.play import play as play_blocks
    from calmando.source import open_source
    from calmando.streaming import stream_score

    changes = gathered_overrides(
        settings or (), from_bpm=from_bpm, to_bpm=to_bpm, key=key, instrument=instrument
    )
    opened = open_source(source, seed=seed, minutes=minutes, overrides=changes)
    announce(opened, quiet)
    options = sound_options(soundfont or (), 44_100, None, None)
    score = opened.score
    for remark in written_remarks(score):
        tell(remark, quiet)
    play_blocks(stream_score(score, options), options.sample_rate)


@app.command(cls=PlainCommand)
@told
def instruments(as_json: JsonOption = False) -> None:
    """List the instruments that can play the tune, or any other part."""
    from calmando.cli.show import instrument_rows, instruments_list

    if as_json:
        result_json(instrument_rows())
    else:
        results.print(instruments_list(instrument_rows()))
        tell(
            "calmando render bedtime-lullaby --instrument harp; another part: --set parts.guitar.program=harp"
        )
        tell("Any other instrument of General MIDI can be named where a SoundFont has it.")


@app.command(cls=PlainCommand)
@told
def soundfonts(as_json: JsonOption = False) -> None:
    """List the SoundFonts found on this machine, and where they were looked for."""
    from calmando.cli.doctor import show_soundfonts

    show_soundfonts(as_json)


@app.command(cls=PlainCommand)
@told
def doctor(as_json: JsonOption = False) -> None:
    """Tell what works on this machine, what does not, and what to do."""
    from calmando.cli.doctor import examine, show_examination

    findings = examine()
    with read_or_not():
        show_examination(findings, as_json)
    if any(finding.broken for finding in findings):
        raise typer.Exit(3)
