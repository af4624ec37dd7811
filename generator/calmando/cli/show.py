"""How a preset is presented, so that a therapist can decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from calmando.cli.console import COLUMNS_OF_BOXES
from calmando.compose.arc import Arc
from calmando.compose.piece import compose_piece, fades
from calmando.preset.clinical import warnings
from calmando.preset.explained import Explained, explained, written
from calmando.preset.model import PartSettings, PitchSettings, Preset
from calmando.preset.recipe import Recipe
from calmando.score.model import Score
from calmando.score.pace import bpm_at, pace_of
from calmando.theory.programs import BUILT_IN_INSTRUMENTS, ProgramPlace, also_called, program_name
from calmando.theory.scale import Key
from calmando.told_time import told_minutes
from calmando.units import Bpm


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece that was made: its score, and by part what plays in place of an instrument that its SoundFont lacks."""

    score: Score
    replaced: Mapping[str, ProgramPlace]


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


def instruments_list(rows: list[dict[str, Any]]) -> _ByWidth:
    """An instrument a line: its name, what else it may be called, and where it stands in General MIDI."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("name", "or", "program"):
        table.add_column(heading, style="bold" if heading == "name" else "")
    stacked = Group()
    for row in rows:
        where = str(row["program"]) + (f", bank {row['bank']}" if row["bank"] else "")
        also = ", ".join(row["also"])
        table.add_row(row["name"], also, where)
        stacked.renderables.append(Text(row["name"], "bold"))
        stacked.renderables.append(_indented((f"or {also}; " if also else "") + f"program {where}"))
    return _ByWidth(table, stacked, COLUMNS_OF_BOXES)


def preset_page(preset: Preset, piece: Piece | None = None) -> Group:
    """Everything about a preset: what it is for, how it goes, its limits, its evidence; of a piece, where one is given."""
    return Group(*_blocks(preset, piece))


def settings_page(preset: Preset) -> Group:
    """Every setting by its dotted key, with its value and what it does."""
    return Group(*(block for said in explained(preset) for block in _setting(said)))


def setting_rows(preset: Preset) -> list[dict[str, Any]]:
    """The same, for a program to read."""
    return [asdict(said) for said in explained(preset)]


def _setting(said: Explained) -> Iterator[Any]:
    yield Text(f"{said.key} = {said.value}", style="bold")
    yield _indented(said.meaning)


def told_origin(recipe: Recipe) -> str:
    """What a file was made from: ``bedtime-lullaby with seed 7, 5 minutes, in D major; tempo.end_bpm = 60``."""
    changes = "; ".join(f"{key} = {written(value)}" for key, value in recipe.overrides.items())
    return (
        f"{recipe.preset.name} with seed {recipe.seed}, {told_minutes(recipe.minutes)}, in {key_of(recipe).name}"
        + (f"; changed: {changes}" if changes else "")
    )


def made_from(recipe: Recipe) -> dict[str, Any]:
    """The same, for a program to read."""
    return {
        "seed": recipe.seed,
        "minutes": recipe.minutes,
        "key": key_of(recipe).name,
        "changes": dict(recipe.overrides),
    }


def told_piece(recipe: Recipe) -> str:
    """A piece in a line: ``Bedtime Lullaby, 5 minutes, seed 7, in D major``."""
    title, key = recipe.adapted.title, key_of(recipe).name
    return f"{title}, {told_minutes(recipe.minutes)}, seed {recipe.seed}, in {key}"


def key_of(recipe: Recipe) -> Key:
    """The key that a recipe's piece begins in."""
    return compose_piece(recipe.adapted, seed=recipe.seed, length_s=recipe.length_s).title.key


def _blocks(preset: Preset, piece: Piece | None) -> Iterator[Any]:
    yield Text.assemble((preset.title, "bold"), f"  ({preset.name}, {preset.intent})")
    yield Text(preset.summary)
    if preset.clinician_led:
        yield Text("Only together with a trained clinician.", style="bold yellow")
    yield _heading("For whom")
    yield _indented(preset.for_whom)
    yield _heading("Why it is as it is")
    yield _indented(preset.reasons)
    yield _heading("The music")
    yield Padding(_music(preset, piece), (0, 0, 0, 2))
    yield _heading("The arc")
    yield Padding(_arc(preset, piece), (0, 0, 0, 2))
    yield _heading("The instruments")
    yield Padding(_instruments(preset, piece), (0, 0, 0, 2))
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
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(label, Text(value))
    return table


def _music(preset: Preset, piece: Piece | None) -> Table:
    tempo, pitch, melody, sound = preset.tempo, preset.pitch, preset.melody, preset.sound
    phrase_s = tempo.phrase_bars * preset.metre.beats * 60 / tempo.start_bpm
    rows = [
        ("length", f"{preset.minutes:g} minutes"),
        ("tempo", f"{_tempo_of(preset, piece)} in {tempo.metre}"),
        ("phrase", f"{tempo.phrase_bars} bars, about {phrase_s:.0f} seconds at the beginning"),
        *_keys(pitch, piece),
        ("tune", f"{_register(pitch)}, {melody.bars} bars"),
        (
            "dials",
            f"predictability {melody.predictability:g}, stability {melody.stability:g}, "
            f"resonance {melody.resonance:g}, activity {melody.activity:g}",
        ),
        ("heartbeat", _switch(preset.heartbeat.on, preset.heartbeat.refused)),
        ("breath", _breath(preset, piece)),
        (
            "ambience",
            preset.ambience.sound if preset.ambience.on else _switch(False, preset.ambience.refused),
        ),
        ("loudness", f"{sound.loudness_lufs:g} LUFS, true peak at most {sound.true_peak_dbtp:g} dBTP"),
        ("ending", _ending(preset)),
    ]
    return _pairs(rows)


def _tempo_of(preset: Preset, piece: Piece | None) -> str:
    """Where its tempo begins and how far it goes; of a piece as it is played, which may come short of what is asked for."""
    tempo = preset.tempo
    asked = _tempo(tempo.start_bpm, tempo.end_bpm)
    if piece is None or tempo.start_bpm == tempo.end_bpm:
        return asked
    tempi = [point.bpm for point in pace_of(piece.score)]
    furthest = min(tempi, key=lambda bpm: abs(bpm - tempo.end_bpm))
    played = _tempo(float(f"{tempi[0]:.3g}"), float(f"{furthest:.3g}"))
    return played if played == asked else f"{played} ({asked} where there is time for it)"


def _keys(pitch: PitchSettings, piece: Piece | None) -> Iterator[tuple[str, str]]:
    if piece is not None:
        yield "key", ", then ".join(dict.fromkeys(change.key.name for change in piece.score.keys))
        return
    yield "mode", ", ".join(pitch.modes) + _order(pitch.mode_order, len(pitch.modes))
    yield "key note", "one of " + ", ".join(pitch.tonics) if len(pitch.tonics) > 1 else pitch.tonics[0]


def _ending(preset: Preset) -> str:
    """How it ends; where a short piece has no room for all that the preset asks for, that too."""
    asked, found = preset.sound, fades(preset, 60.0 * preset.minutes)
    is_shorter = (found.fade_out_s, found.end_silence_s) != (asked.fade_out_s, asked.end_silence_s)
    return (
        f"fade of {found.fade_out_s:.3g} s, then {found.end_silence_s:.3g} s of silence within the length"
        + (f" (in a longer piece {asked.fade_out_s:g} s and {asked.end_silence_s:g} s)" if is_shorter else "")
    )


def _register(pitch: PitchSettings) -> str:
    """Between which notes the tune lies: as wanted, and by key note where that does not fit."""
    moved = [f"{pitch.register_named(tonic, pitch.modes[0])} in {tonic}" for tonic in pitch.ill_lying]
    wanted = [f"{pitch.tune_low} and {pitch.tune_high}"] if len(moved) < len(pitch.tonics) else []
    return "between " + ", ".join(wanted + moved)


def _order(order: str, n_modes: int) -> str:
    if n_modes == 1:
        return ""
    return {"seed": " (one of them, by the seed)", "stages": " (one after the other)"}.get(
        order, " (in turn)"
    )


def _breath(preset: Preset, piece: Piece | None) -> str:
    breath = preset.breath
    if not breath.on:
        return "not paced"
    beats = preset.metre.beats
    end_bpm = bpm_at(piece.score, piece.score.length_s) if piece else preset.tempo.end_bpm
    inhale_s, exhale_s = (bars * beats * 60 / end_bpm for bars in (breath.inhale_bars, breath.exhale_bars))
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


def _arc(preset: Preset, piece: Piece | None) -> _ByWidth:
    tempi = _stage_tempi(preset, piece)
    return _ByWidth(_arc_table(preset, tempi), Group(*_arc_text(preset, tempi)), COLUMNS_OF_BOXES)


def _stage_tempi(preset: Preset, piece: Piece | None) -> list[Bpm]:
    """The tempo at the end of every stage: as asked for, or as played."""
    if piece is None:
        return [preset.tempo.bpm_at(stage.way) for stage in preset.stages]
    length_s = piece.score.length_s
    fading = fades(preset, length_s)
    arc = Arc.over(preset, length_s - fading.fade_out_s - fading.end_silence_s)
    return [bpm_at(piece.score, end_s) for end_s in arc.ends_s]


def _arc_text(preset: Preset, tempi: list[Bpm]) -> Iterator[Any]:
    for stage, bpm in zip(preset.stages, tempi, strict=True):
        yield Text(stage.name)
        yield _indented(
            f"{stage.share:.0%} of the time, to {bpm:.0f} BPM, "
            f"activity {stage.activity:g}, loudness {stage.loudness_db:+g} dB, tune {stage.tune_share:.0%}"
        )


def _arc_table(preset: Preset, tempi: list[Bpm]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("stage", "share", "tempo by its end", "activity", "loudness", "tune"):
        table.add_column(heading, no_wrap=True)
    for stage, bpm in zip(preset.stages, tempi, strict=True):
        table.add_row(
            stage.name,
            f"{stage.share:.0%}",
            f"{bpm:.0f}",
            f"{stage.activity:g}",
            f"{stage.loudness_db:+g} dB",
            f"{stage.tune_share:.0%}",
        )
    return table


_BEATEN = {"pulse": "frame drum", "click": "wood block"}
"""What a part of the pulse strikes, by its texture."""


def _instruments(preset: Preset, piece: Piece | None) -> Table:
    silent = set() if piece is None else {part.strip.name for part in piece.score.parts if not part.notes}
    return _pairs(
        [
            (
                part.name,
                f"{_instrument(part, piece)}, {part.role}"
                + ("" if part.role == part.texture else f", {part.texture}")
                + (" (not in this piece)" if part.name in silent else ""),
            )
            for part in preset.parts
        ]
    )


def _instrument(part: PartSettings, piece: Piece | None) -> str:
    """What plays a part: its instrument, what stands in for it, or what is struck."""
    if part.role == "pulse":
        return _BEATEN.get(part.texture, "drums")
    asked = f"{program_name(part.program, part.bank)} ({part.program})"
    played = piece.replaced.get(part.name) if piece else None
    if played is None:
        return asked
    return f"{program_name(played.program, played.bank)} ({played.program}), as the SoundFont has no {asked}"


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
