"""How a preset is presented, so that a therapist can decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from calmando.cli.console import COLUMNS_OF_BOXES
from calmando.preset.clinical import warnings
from calmando.preset.model import PitchSettings, Preset
from calmando.theory.programs import BUILT_IN_INSTRUMENTS, also_called, program_name


def preset_row(preset: Preset, *, own: bool) -> dict[str, Any]:
    """What a list of presets tells of one, for a program to read."""
    return {
        "name": preset.name,
        "title": preset.title,
        "intent": preset.intent.value,
        "summary": preset.summary,
        "minutes": preset.minutes,
        "metre": preset.tempo.metre,
        "start_bpm": preset.tempo.start_bpm,
        "end_bpm": preset.tempo.end_bpm,
        "clinician_led": preset.clinician_led,
        "own": own,
    }


def presets_list(rows: list[dict[str, Any]]) -> _ByWidth:
    """Every preset in one line of a table; where a terminal is too narrow for that, one below the other."""
    stacked = Group(*(block for row in rows for block in _stacked(row)))
    return _ByWidth(_presets_table(rows), stacked, COLUMNS_OF_BOXES)


def _stacked(row: dict[str, Any]) -> Iterator[Any]:
    yield Text(row["name"], "bold")
    yield _indented(f"{row['minutes']:g} minutes, {_metre_and_tempo(row)}")
    yield _indented(_what_it_is(row))
    yield Text()


def _metre_and_tempo(row: dict[str, Any]) -> str:
    return f"{row['metre']} {_tempo(row['start_bpm'], row['end_bpm'])}"


def _what_it_is(row: dict[str, Any]) -> str:
    return str(row["summary"]) + (" [own]" if row["own"] else "") + (" *" if row["clinician_led"] else "")


def _presets_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
    for heading in ("name", "minutes", "tempo", "what it is"):
        table.add_column(heading, style="bold" if heading == "name" else "", no_wrap=heading != "what it is")
    for row in rows:
        table.add_row(
            row["name"],
            f"{row['minutes']:g}",
            _metre_and_tempo(row),
            Text(_what_it_is(row)),
        )
    return table


def instrument_rows() -> list[dict[str, Any]]:
    """What a list of the built-in SoundFont's instruments tells of each, for a program to read."""
    return [
        {
            "name": program_name(place.program, place.bank),
            "also": list(also_called(place)),
            "program": place.program,
            "bank": place.bank,
        }
        for place in BUILT_IN_INSTRUMENTS
    ]


def instruments_list(rows: list[dict[str, Any]]) -> Table:
    """An instrument a line: its name, what else it may be called, and where it stands in General MIDI."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("name", "or", "program"):
        table.add_column(heading, style="bold" if heading == "name" else "")
    for row in rows:
        where = str(row["program"]) + (f", bank {row['bank']}" if row["bank"] else "")
        table.add_row(row["name"], ", ".join(row["also"]), where)
    return table


def preset_page(preset: Preset) -> Group:
    """Everything about a preset: what it is for, how it goes, its limits, its evidence, its settings."""
    return Group(*_blocks(preset))


def _blocks(preset: Preset) -> Iterator[Any]:
    yield Text.assemble((preset.title, "bold"), f"  ({preset.name}, {preset.intent})")
    yield Text(preset.summary)
    if preset.clinician_led:
        yield Text("Only together with a trained clinician.", style="bold yellow")
    yield _heading("For whom")
    yield _indented(preset.for_whom)
    yield _heading("Why it is as it is")
    yield _indented(preset.reasons)
    yield _heading("The music")
    yield Padding(_music(preset), (0, 0, 0, 2))
    yield _heading("The arc")
    yield Padding(_arc(preset), (0, 0, 0, 2))
    yield _heading("The instruments")
    yield Padding(_instruments(preset), (0, 0, 0, 2))
    yield _heading("Limits")
    yield from _limits(preset)
    if preset.cautions:
        yield _heading("Cautions")
        yield from (_indented(f"• {text}") for text in preset.cautions)
    found = warnings(preset)
    if found:
        yield _heading("Outside the usual range")
        yield from (_indented(f"• {text}") for text in found)
    yield _heading("Evidence")
    yield from _evidence(preset)


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _indented(text: str) -> Padding:
    return Padding(Text(text), (0, 0, 0, 2))


def _pairs(rows: list[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for label, value in rows:
        table.add_row(label, Text(value))
    return table


def _music(preset: Preset) -> Table:
    tempo, pitch, melody, sound = preset.tempo, preset.pitch, preset.melody, preset.sound
    phrase_s = tempo.phrase_bars * preset.metre.beats * 60 / tempo.start_bpm
    rows = [
        ("length", f"{preset.minutes:g} minutes"),
        ("tempo", f"{_tempo(tempo.start_bpm, tempo.end_bpm)} in {tempo.metre}"),
        ("phrase", f"{tempo.phrase_bars} bars, about {phrase_s:.0f} seconds at the beginning"),
        ("mode", ", ".join(pitch.modes) + _order(pitch.mode_order, len(pitch.modes))),
        ("key note", "one of " + ", ".join(pitch.tonics) if len(pitch.tonics) > 1 else pitch.tonics[0]),
        ("tune", f"{_register(pitch)}, {melody.bars} bars"),
        (
            "dials",
            f"predictability {melody.predictability:g}, stability {melody.stability:g}, "
            f"resonance {melody.resonance:g}, activity {melody.activity:g}",
        ),
        ("heartbeat", _switch(preset.heartbeat.on, preset.heartbeat.refused)),
        ("breath", _breath(preset)),
        (
            "ambience",
            preset.ambience.sound if preset.ambience.on else _switch(False, preset.ambience.refused),
        ),
        ("loudness", f"{sound.loudness_lufs:g} LUFS, true peak at most {sound.true_peak_dbtp:g} dBTP"),
        (
            "ending",
            f"fade of {sound.fade_out_s:g} s, then {sound.end_silence_s:g} s of silence within the length",
        ),
    ]
    return _pairs(rows)


def _register(pitch: PitchSettings) -> str:
    """Between which notes the tune lies: as wanted, and by key note where that does not fit."""
    moved = [f"{pitch.register_named(tonic)} in {tonic}" for tonic in pitch.ill_lying]
    wanted = [f"{pitch.tune_low} and {pitch.tune_high}"] if len(moved) < len(pitch.tonics) else []
    return "between " + ", ".join(wanted + moved)


def _order(order: str, n_modes: int) -> str:
    if n_modes == 1:
        return ""
    return {"seed": " (one of them, by the seed)", "stages": " (one after the other)"}.get(
        order, " (in turn)"
    )


def _breath(preset: Preset) -> str:
    breath, tempo = preset.breath, preset.tempo
    if not breath.on:
        return "not paced"
    beats = preset.metre.beats
    inhale_s, exhale_s = (
        bars * beats * 60 / tempo.end_bpm for bars in (breath.inhale_bars, breath.exhale_bars)
    )
    return f"in {inhale_s:.1f} s, out {exhale_s:.1f} s at the end of the way"


def _switch(on: bool, refused: str) -> str:
    if on:
        return "yes"
    return f"not possible: {refused}" if refused else "no"


@dataclass(frozen=True, slots=True)
class _ByWidth:
    """Shows a table where it fits, and the same as text where it would lose something."""

    table: Table
    text: Group
    least_columns: int

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.table if options.max_width >= self.least_columns else self.text


def _arc(preset: Preset) -> _ByWidth:
    return _ByWidth(_arc_table(preset), Group(*_arc_text(preset)), COLUMNS_OF_BOXES)


def _arc_text(preset: Preset) -> Iterator[Any]:
    start, end = preset.tempo.start_bpm, preset.tempo.end_bpm
    for stage in preset.stages:
        yield Text(stage.name)
        yield _indented(
            f"{stage.share:.0%} of the time, to {start + stage.way * (end - start):.0f} BPM, "
            f"activity {stage.activity:g}, loudness {stage.loudness_db:+g} dB, tune {stage.tune_share:.0%}"
        )


def _arc_table(preset: Preset) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("stage", "share", "tempo by its end", "activity", "loudness", "tune"):
        table.add_column(heading, no_wrap=True)
    start, end = preset.tempo.start_bpm, preset.tempo.end_bpm
    for stage in preset.stages:
        table.add_row(
            stage.name,
            f"{stage.share:.0%}",
            f"{start + stage.way * (end - start):.0f}",
            f"{stage.activity:g}",
            f"{stage.loudness_db:+g} dB",
            f"{stage.tune_share:.0%}",
        )
    return table


def _instruments(preset: Preset) -> Table:
    return _pairs(
        [
            (
                part.name,
                f"{program_name(part.program, part.bank)} ({part.program}), {part.role}, {part.texture}",
            )
            for part in preset.parts
        ]
    )


def _limits(preset: Preset) -> Iterator[Padding]:
    limits = preset.limits
    yield from (_indented(f"Not for: {text}") for text in limits.not_for)
    yield from (_indented(f"Ask first: {text}") for text in limits.ask_first)
    yield _indented(f"Level: {limits.level}")
    yield _indented(f"Stop: {limits.stop}")


def _evidence(preset: Preset) -> Iterator[Padding]:
    for item in preset.evidence:
        yield _indented(f"[{item.status}] {item.claim} ({item.source})")
    used = sorted({item.status for item in preset.evidence})
    if used:
        yield _indented("; ".join(f"[{status}] {status.meaning}" for status in used))


def _tempo(start_bpm: float, end_bpm: float) -> str:
    return f"{start_bpm:g} BPM" if start_bpm == end_bpm else f"{start_bpm:g} → {end_bpm:g} BPM"
