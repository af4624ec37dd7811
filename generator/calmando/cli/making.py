"""From what was typed to files: gathers settings, guards existing files, makes pieces, tells about them."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calmando.api import parsed_depth
from calmando.cli.console import ProgressLine, caution, tell
from calmando.cli.report_option import beside
from calmando.cli.show import told_piece
from calmando.errors import CalmandoError, InputError, OutputError, listed, typed
from calmando.midi.open import is_midi_file
from calmando.picture import PICTURE_SUFFIXES
from calmando.preset.clinical import lifted, warnings
from calmando.preset.overrides import Setting, key_overrides, parse_override
from calmando.preset.record import make_record, record_json
from calmando.rendering import (
    Rendered,
    SoundOptions,
    check_format,
    choices_of_sound,
    get_ready,
    is_sound,
    render,
)
from calmando.replaying import carries_record, is_as_written, prepare_replay, read_record
from calmando.resources import is_file, is_folder, is_there
from calmando.rng import SEED_LIMIT, draw_seed
from calmando.score.model import Score
from calmando.source import RECIPE_SUFFIX, SOUND_SUFFIXES, Source, open_source
from calmando.told_time import clock
from calmando.whole_file import check_place, write_text

DEFAULT_SUFFIX = ".flac"
TUNE_PART = "melody"
"""What the part of the tune is called in every preset."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to write, and how."""

    outs: tuple[Path, ...]
    options_for: Callable[[Path], SoundOptions]
    asked: SoundOptions
    """What was typed about the sound; a replay takes the rest from the record."""
    stems: Path | None = None
    report: Path | None = None
    force: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made, and from what."""

    source: Source
    rendered: Rendered

    def as_data(self) -> dict[str, Any]:
        """What a program wants to know of it."""
        recipe, rendered = self.source.recipe, self.rendered
        return {
            "path": str(rendered.path),
            "source": self.source.name,
            "seed": recipe.seed if recipe else None,
            "length_s": rendered.length_s,
            "loudness_lufs": _rounded(rendered.loudness_lufs),
            "true_peak_dbtp": _rounded(rendered.true_peak_dbtp),
            "gain_db": rendered.gain_db,
            "remarks": list(rendered.remarks),
        }


def gathered_overrides(
    settings: Iterable[str],
    *,
    from_bpm: float | None = None,
    to_bpm: float | None = None,
    key: str | None = None,
    instrument: str | None = None,
) -> dict[str, Setting]:
    """All the changes that were asked for, by dotted key.

    Raises
    ------
    InputError
        Where one is asked for twice, and differently.
    """
    changes: dict[str, Setting] = {}
    if from_bpm is not None:
        changes["tempo.start_bpm"] = from_bpm
    if to_bpm is not None:
        changes["tempo.end_bpm"] = to_bpm
    if key is not None:
        changes |= key_overrides(key)
    if instrument is not None:
        changes[f"parts.{TUNE_PART}.program"] = instrument
    for key_set, value in map(parse_override, settings):
        if changes.get(key_set, value) not in (value, [value]):
            raise InputError(
                f"{key_set} is asked for twice: {changes[key_set]} and {value}.", "", "Leave one of them out."
            )
        changes[key_set] = value
    return changes


def sound_options(
    soundfonts: Iterable[str], sample_rate: int, bit_depth: str | None, quality: float | None
) -> SoundOptions:
    """How audio shall be made.

    Raises
    ------
    InputError
        Where the bit depth is none of 16, 24 and float.
    """
    return SoundOptions(
        soundfonts=tuple(soundfonts),
        sample_rate=sample_rate,
        bit_depth=None if bit_depth is None else parsed_depth(bit_depth),
        quality=quality,
    )


def shared(options: SoundOptions, outs: tuple[Path, ...]) -> Callable[[Path], SoundOptions]:
    """Options for each of several files: a quality or a bit depth that one of them has is not asked of those that have none.

    Where none has it, it stays, and whoever writes the file tells so.
    """
    from calmando.sound.files.audio_format import packs_by_ear

    ways = {packs_by_ear(out) for out in outs}

    def for_one(out: Path) -> SoundOptions:
        if not ways >= {True, False}:
            return options
        return replace(options, bit_depth=None) if packs_by_ear(out) else replace(options, quality=None)

    return for_one


def make(
    source: str,
    order: Order,
    *,
    seed: int | None,
    minutes: float | None,
    overrides: Mapping[str, Setting],
    variants: int = 1,
) -> list[Made]:
    """Make every file of an order, for every variant."""
    made: list[Made] = []
    for number, one_seed in enumerate(_seeds(seed, variants)):
        if is_midi_file(Path(source)) and (variants > 1 or order.report):
            raise InputError(
                f"{source} is a MIDI file.",
                "There are no variants of written notes, and its purpose is not known for a report.",
                f"Report on it with: calmando audit {typed(source)} --intent relaxation --report",
            )
        if order.report and variants > 1:
            raise InputError(
                "--report is for one piece, not for several variants.", fix="Choose one seed with --seed."
            )
        opened = open_source(source, seed=one_seed, minutes=minutes, overrides=overrides)
        outs = _outs(opened, order, variants)
        order = replace(order, report=beside(order.report, outs[0]))
        _guard_source(source, outs)
        _guard_all(outs, order)
        if number == 0:
            announce(opened, order.quiet)
            _tell_of_no_effect(order, outs)
        _tell_of_replaced(outs, order.quiet)
        _make_one(opened, order, outs, made)
    return made


def make_again(
    file: Path, outs: tuple[Path, ...], *, soundfonts: tuple[str, ...], force: bool, quiet: bool
) -> list[Made]:
    """Make the piece of a file again, in every file asked for."""
    again = prepare_replay(file, soundfonts=soundfonts)
    asked = SoundOptions(soundfonts=soundfonts)
    order = Order(outs, again.options_for, asked, force=force, quiet=quiet)
    _guard_all(outs, order)
    _tell_of_no_effect(order, outs)
    for notice in again.notices:
        tell(notice, quiet)
    source = Source(again.record.recipe.preset.name, again.record.recipe, None)
    announce(source, quiet)
    made: list[Made] = []
    _make_one(source, order, outs, made)
    return made


def announce(source: Source, quiet: bool) -> None:
    """Say what is about to be made, its seed, and its cautions; those of its preset stay, whatever is changed for it."""
    for notice in source.notices:
        tell(notice, quiet)
    recipe = source.recipe
    if recipe is None:
        return
    preset = recipe.adapted.model_copy(update={"minutes": recipe.minutes})
    tell(told_piece(recipe), quiet)
    if preset.clinician_led or recipe.preset.clinician_led:
        caution(f"{preset.title} is to be used only together with a trained clinician.")
    for text in dict.fromkeys((*recipe.preset.cautions, *preset.cautions)):
        caution(text)
    for text in lifted(recipe.preset, preset):
        caution(text)
    for text in warnings(preset):
        tell(f"Note: {text}", quiet)


def _seeds(seed: int | None, variants: int) -> list[int | None]:
    """As given or drawn by the recipe; variants count up from the first, so that one number tells all."""
    if variants == 1:
        return [seed]
    first = draw_seed() if seed is None else seed
    if first + variants > SEED_LIMIT:
        raise InputError(
            f"The seed is {first}.",
            f"{variants} variants would count beyond {SEED_LIMIT - 1}.",
            "Choose a smaller seed.",
        )
    return list(range(first, first + variants))


def _outs(source: Source, order: Order, variants: int) -> tuple[Path, ...]:
    """The files to write for one piece; several variants carry their seed in their names."""
    seed = source.recipe.seed if source.recipe else None
    outs = order.outs
    if not outs:
        name = f"{source.name}-{seed}" if seed is not None else source.name
        return (Path(name + DEFAULT_SUFFIX),)
    if variants == 1 or seed is None:
        return outs
    return tuple(out.with_name(f"{out.stem}-{seed}{out.suffix}") if out.name else out for out in outs)


def _guard_source(source: str, outs: tuple[Path, ...]) -> None:
    """Refuse to write a piece over the file it is read from."""
    if is_there(source) and any(is_there(out) and out.samefile(source) for out in outs):
        raise InputError(
            f"{source} is both what to render and where to.", "It is left as it is.", "Choose another name."
        )


def _guard_all(outs: tuple[Path, ...], order: Order) -> None:
    wanted = (*outs, *((order.report,) if order.report else ()))
    places = (*wanted, *((order.stems,) if order.stems else ()))
    if len({os.path.realpath(path) for path in places}) < len(places):
        raise InputError("The same output is named twice.", fix="Give each its own name.")
    for path in wanted:
        if not path.name:
            raise InputError(f"{path} is a folder.", "", "Name a file in it, such as piece.flac.")
        check_place(path)
        guard(path, order.force)
    for out in outs:
        if not _is_recipe(out):
            check_format(out, order.options_for(out))
    if order.report is not None:
        check_report_name(order.report)
    if order.stems is not None and not any(map(_is_sound, outs)):
        raise InputError("--stems needs a sound file to be made.", "", "Add one, such as -o piece.flac.")
    if order.stems is not None and is_there(order.stems) and not is_folder(order.stems):
        raise OutputError(
            f"{order.stems} is a file, not a folder for the stems.", "", "Choose another name with --stems."
        )


def _tell_of_no_effect(order: Order, outs: tuple[Path, ...]) -> None:
    """Say what was chosen in vain; nothing is refused for it."""
    choices = choices_of_sound(order.asked)
    if choices and not any(map(_is_sound, outs)):
        chosen = " and ".join(choices)
        tell(f"No sound file is made: the choice of {chosen} changes nothing.", order.quiet)


def _guard_stems(folder: Path, score: Score, outs: tuple[Path, ...], force: bool) -> None:
    """Refuse stems that would replace what Calmando did not write, or what is written beside them."""
    from calmando.sound.stems import stem_paths

    mix = next(out for out in outs if _is_sound(out))
    paths = stem_paths(folder, mix.stem, (part.strip.name for part in score.parts))
    if {os.path.realpath(path) for path in outs} & {os.path.realpath(path) for path in paths}:
        raise InputError(
            "One of the files is also the name of a stem.", fix="Choose another folder with --stems."
        )
    for path in paths if is_folder(folder) else ():
        check_place(path)
        guard(path, force)


def guard(path: Path, force: bool) -> None:
    """Refuse to replace what Calmando did not write, what is no longer as it was written, and what is protected."""
    if force or not is_file(path):
        return
    if not path.stat().st_mode & stat.S_IWUSR:
        said = "is write-protected"
    elif carries_record(path):
        if is_as_written(path):
            return
        said = "was changed after Calmando wrote it"
    elif _is_marked(path):
        return
    else:
        said = "exists already, and Calmando did not write it"
    raise OutputError(
        f"{path} {said}.", "It is left as it is.", "Choose another name, or replace it with --force."
    )


def _tell_of_replaced(outs: Iterable[Path], quiet: bool) -> None:
    """Say which pieces are about to be replaced: their seeds make them again."""
    for path in outs:
        with suppress(CalmandoError):
            if is_file(path):
                recipe = read_record(path).recipe
                tell(f"Replaces {path.name}: {recipe.preset.name}, seed {recipe.seed}", quiet)


def _is_sound(path: Path) -> bool:
    return is_sound(path) and not _is_recipe(path)


def _is_recipe(path: Path) -> bool:
    return path.suffix.lower() == RECIPE_SUFFIX


def check_report_name(path: Path) -> None:
    """Refuse to write a report over a file that is no report, or into a folder that is not there."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"{path} is not the name of a report.", "A report is a web page.", "Let its name end in .html."
        )
    if not is_folder(path.parent):
        raise OutputError(
            f"{path} could not be written.",
            f"There is no folder {path.parent}.",
            "Make the folder, or choose another.",
        )


def _is_marked(path: Path) -> bool:
    """Whether a report, a picture or a sound without a record says that Calmando made it."""
    from calmando.sound.files.tags import is_made_here

    if path.suffix.lower() in SOUND_SUFFIXES:
        return is_made_here(path)
    if path.suffix.lower() not in (".html", ".htm", *PICTURE_SUFFIXES):
        return False
    try:
        with path.open("rb") as opened:
            return b"Calmando" in opened.read(4096)
    except OSError:
        return False


def _make_one(source: Source, order: Order, outs: tuple[Path, ...], made: list[Made]) -> None:
    """Make the files of one piece and add them to those made; where one fails, say which are finished."""
    try:
        _make_files(source, order, outs, made)
    except CalmandoError:
        if made:
            tell("Finished before: " + ", ".join(str(one.rendered.path) for one in made))
        raise


def _make_files(source: Source, order: Order, outs: tuple[Path, ...], made: list[Made]) -> None:
    sound = next(filter(_is_sound, outs), None)
    if source.recipe is not None and sound is not None:
        get_ready(order.options_for(sound))
    score = source.score
    stems = order.stems
    if stems is not None:
        _guard_stems(stems, score, outs, order.force)
    told: set[str] = set()
    for out in outs:
        if _is_recipe(out):
            made.append(Made(source, _write_recipe(source, out)))
            continue
        with ProgressLine(out.name, order.quiet) as line:
            rendered = render(score, out, order.options_for(out), stems_folder=stems, progress=line.show)
        for remark in rendered.remarks:
            if remark not in told:  # what is true of the notes is true of every file of them
                tell(remark, order.quiet)
        told.update(rendered.remarks)
        if rendered.loudness_lufs is not None:
            tell(_told_sound(rendered), order.quiet)
            if stems is not None:
                tell(_told_stems(stems, score), order.quiet)
            stems = None  # the parts need writing only once
        made.append(Made(source, rendered))
    if order.report is not None:
        made.append(_report(source, order, made))


def _report(source: Source, order: Order, made: list[Made]) -> Made:
    """Audit what was made, the sound if there is any, and write the report."""
    from calmando.audit.examine import audit_file, audit_score
    from calmando.cli.auditing import write_audit_report

    if order.report is None or source.recipe is None:
        raise InputError(
            "A report needs a preset or a recipe.", fix="For other files: calmando audit FILE --report"
        )
    preset = source.recipe.adapted
    music = next((one.rendered.path for one in made if one.rendered.loudness_lufs is not None), None)
    audit = audit_file(music, preset) if music else audit_score(source.score, preset)
    path = write_audit_report(audit, order.report, preset, music, None)
    return Made(source, Rendered(path, source.recipe.length_s))


def _write_recipe(source: Source, out: Path) -> Rendered:
    if source.recipe is None:
        raise InputError(
            f"{source.name} is a MIDI file and has no recipe.",
            fix="Leave out the .json, or start from a preset.",
        )
    data = json.loads(record_json(make_record(source.recipe)))
    write_text(out, json.dumps(data, indent=2) + "\n")
    return Rendered(out, source.recipe.length_s)


def _told_sound(rendered: Rendered) -> str:
    loudness, peak = rendered.loudness_lufs, rendered.true_peak_dbtp
    heard = "too soft to be measured" if _rounded(loudness) is None else f"{loudness:.1f} LUFS"
    told_peak = "" if _rounded(peak) is None else f", true peak {peak:.1f} dBTP"
    return f"{rendered.path.name}: {clock(rendered.length_s)}, {heard}{told_peak}"


def _told_stems(folder: Path, score: Score) -> str:
    """How many files there are, and which parts have nothing to play in it."""
    n_parts = len(score.parts)
    told = (
        f"{folder}: a file for each of {n_parts} parts" if n_parts > 1 else f"{folder}: a file for its part"
    )
    silent = [part.strip.name for part in score.parts if not part.notes]
    return f"{told}; silent, having no notes in this piece: {listed(silent)}" if silent else told


def _rounded(value: float | None) -> float | None:
    """A measured number as it is told; None for what could not be measured."""
    return None if value is None or not math.isfinite(value) else round(value, 2)
