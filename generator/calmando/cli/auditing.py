"""The audit at the command line: what to audit, how it is told, where the report goes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from calmando.cli.console import COLUMNS_OF_BOXES, result, results, tell
from calmando.cli.show import told_piece
from calmando.errors import InputError, shown
from calmando.midi.open import MIDI_NAMES
from calmando.rendering import SoundOptions, render
from calmando.replaying import carries_record, record_text
from calmando.resources import is_file, is_folder, is_there
from calmando.source import RECIPE_SUFFIX, SOUND_SUFFIXES, open_source
from calmando.streaming import stream_score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from calmando.audit.examine import Playback
    from calmando.audit.model import Audit, Finding
    from calmando.preset.model import Intent, Preset
    from calmando.score.model import Score

_STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green", "not measured": "dim"}
_ORDER = ("fail", "warn", "pass", "not measured")


def audited(
    target: str,
    *,
    intent: str | None,
    tune: str | None,
    playback: Playback | None,
    fonts: tuple[str, ...],
    bounds_file: Path | None = None,
    seed: int | None = None,
) -> tuple[Audit, Preset | None]:
    """Audit a file, or a piece that is made on the way; with the preset it was made from, if there is one.

    Raises
    ------
    InputError
        For an unknown intent, a tune named where there are no named parts, or bounds that cannot be used.
    """
    from calmando.audit.examine import audit_audio, audit_file
    from calmando.audit.open_audio import open_audio
    from calmando.audit.standard import own_bounds
    from calmando.sound.temporary_folder import temporary_folder

    bounds = own_bounds(bounds_file) if bounds_file is not None else None
    chosen = _intent(intent)
    path = Path(target)
    suffix = path.suffix.lower()
    if is_there(path) and not (is_file(path) or is_folder(path)):
        raise InputError(f"{target} is not an ordinary file.", fix="Give the name of a MIDI or sound file.")
    if suffix in (*MIDI_NAMES, *SOUND_SUFFIXES) or (is_file(path) and suffix not in (RECIPE_SUFFIX, ".toml")):
        if seed is not None:
            tell(f"{target} is measured as it is: --seed changes nothing.")
        if fonts:
            tell(
                f"{target} is measured as it is: --soundfont changes nothing. To hear a MIDI file, render it first."
            )
        audit = audit_file(path, chosen, tune=tune, playback=playback, bounds=bounds)
        return audit, _preset_in(path)
    if tune is not None:
        raise InputError(
            "--tune names a part of a MIDI file.", f"{target} is a preset or a recipe.", "Leave --tune out."
        )
    source = open_source(target, seed=seed)
    if source.recipe is not None:
        tell(told_piece(source.recipe))
    options = SoundOptions(soundfonts=fonts)
    score = source.score
    preset = source.recipe.adapted if source.recipe else None
    standard = chosen or preset
    if standard is None:
        raise InputError(f"{target} brings no intent.", fix="Name one with --intent.")

    def hear(blocks: Iterable[NDArray[np.float32]]) -> Audit:
        rate = options.sample_rate
        return audit_audio(blocks, rate, standard, score=score, playback=playback, bounds=bounds)

    audit = hear(stream_score(score, options))
    if preset is not None and _peaks_pass(audit, preset):
        # A file is written more softly where its peaks would pass the ceiling; a stream cannot be.
        with temporary_folder() as folder, open_audio(_written(score, folder, options)) as file:
            audit = hear(file.blocks())
    return audit, preset


def _peaks_pass(audit: Audit, preset: Preset) -> bool:
    """Whether the true peak lies above the preset's ceiling."""
    peak = next((finding.value for finding in audit.findings if finding.key == "true-peak"), None)
    return peak is not None and peak > preset.sound.true_peak_dbtp


def _written(score: Score, folder: Path, options: SoundOptions) -> Path:
    """The piece as a file, as it would be rendered."""
    return render(score, folder / "piece.flac", options).path


def told_playback(level_dba: float | None, hours_per_week: float | None, child: bool) -> Playback | None:
    """What the user says of listening, if anything.

    Raises
    ------
    InputError
        Where only half of it is said, or it cannot be.
    """
    from calmando.audit.examine import Playback

    if level_dba is None and hours_per_week is None:
        if child:
            raise InputError(
                "--child needs --level and --hours.",
                "It says whose limit the exposure is held against.",
                "Leave it out, or add for example: --level 55 --hours 7",
            )
        return None
    if level_dba is None or hours_per_week is None:
        raise InputError(
            "--level and --hours belong together.",
            "Exposure is the level at the ear and the time it is heard.",
            "For example: --level 55 --hours 7",
        )
    return Playback(level_dba, hours_per_week, child)


def show_audit(audit: Audit) -> None:
    """Print the findings, the open points first."""
    results.print(Text.assemble((shown(audit.title), "bold"), f"  held against: {audit.intent}"))
    findings = sorted(audit.findings, key=lambda finding: _ORDER.index(finding.verdict))
    rows = [(_verdict(finding), Text(shown(finding.sentence)), _source(finding)) for finding in findings]
    if results.width < COLUMNS_OF_BOXES:
        for row in rows:
            results.print(Text(" ").join(row))
    else:
        results.print(_findings_table(rows))
    counts = [
        f"{len(found)} {name}"
        for name in _ORDER
        if (found := [f for f in audit.findings if f.verdict == name])
    ]
    results.print(Text(", ".join(counts)))
    results.print(Text("[D] is a design choice without direct trial evidence.", style="dim"))
    for notice in audit.notices:
        tell(notice)


def _findings_table(rows: Iterable[tuple[Text, Text, Text]]) -> Table:
    """Verdicts, sentences and sources beside each other."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def show_audit_json(audit: Audit) -> None:
    """Print the audit in its documented JSON form."""
    from calmando.audit.json_form import to_json

    result(to_json(audit))


def write_audit_report(
    audit: Audit, path: Path, preset: Preset | None, music_file: Path | None, playback: Playback | None
) -> Path:
    """Write the report as one self-contained HTML file."""
    from calmando.audit.report.context import ReportContext
    from calmando.audit.report.write import write_report

    context = ReportContext(
        preset=preset,
        record_json=record_text(music_file) if music_file and carries_record(music_file) else "",
        music_file=music_file.name if music_file else "",
        playback=playback,
    )
    return write_report(audit, path, context)


def _verdict(finding: Finding) -> Text:
    return Text(finding.verdict.value, style=_STYLES[finding.verdict])


def _source(finding: Finding) -> Text:
    limit = f", limit {finding.limit_status}" if finding.verdict == "fail" else ""
    return Text(f"[{finding.status}{limit}]", style="dim")


def _intent(name: str | None) -> Intent | Preset | None:
    """The intent of a name, or the preset: a piece can be held against that one's own figures."""
    from calmando.errors import UnknownPresetError
    from calmando.preset.load import load_preset
    from calmando.preset.model import Intent

    if name is None:
        return None
    wanted = name.strip()
    known = [intent.value for intent in Intent]
    if wanted.lower() in known:
        return Intent(wanted.lower())
    try:
        return load_preset(wanted)
    except UnknownPresetError:
        near = difflib.get_close_matches(wanted.lower(), known, n=1)
        raise InputError(
            f"There is no intent called {name}.",
            f"The intents are: {', '.join(known)}; or name a preset.",
            f"Did you mean {near[0]}?" if near else "",
        ) from None


def _preset_in(path: Path) -> Preset | None:
    from calmando.errors import CalmandoError
    from calmando.replaying import read_record

    try:
        return read_record(path).recipe.adapted
    except CalmandoError:
        return None
