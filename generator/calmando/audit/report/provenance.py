"""Where a piece comes from, as its record tells: recipe, seed, fonts, and the command that makes it again."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from calmando.audit.report.context import ReportContext
from calmando.errors import RecordError
from calmando.preset.record import FontUsed, Record, parse_record


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is known of a piece's making; empty where nothing is.

    Attributes
    ----------
    is_ours
        Whether Calmando composed it.
    seed
        As text; empty where unknown.
    facts
        ``(what, value)`` pairs to print.
    commands
        Commands that make the piece again.
    record_json
        The whole record, readably indented.
    """

    is_ours: bool = False
    preset_sha256: str = ""
    seed: str = ""
    fonts: tuple[FontUsed, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    record_json: str = ""


def provenance(context: ReportContext) -> Provenance:
    """Read the record in a report's context; a record that cannot be read gives nothing."""
    try:
        record = parse_record(context.record_json, context.music_file or "the piece")
    except RecordError:
        return Provenance(is_ours=context.preset is not None)
    recipe = record.recipe
    return Provenance(
        is_ours=True,
        preset_sha256=record.preset_sha256,
        seed=str(recipe.seed),
        fonts=record.sound.fonts if record.sound else (),
        facts=_facts(record),
        commands=_commands(record, context.music_file),
        record_json=json.dumps(json.loads(context.record_json), indent=1, ensure_ascii=False),
    )


def _facts(record: Record) -> tuple[tuple[str, str], ...]:
    recipe, sound = record.recipe, record.sound
    facts = [
        ("Preset", f"{recipe.preset.name}, SHA-256 {record.preset_sha256}"),
        ("Seed", str(recipe.seed)),
        ("Length", f"{recipe.minutes:g} minutes"),
        ("Made by", f"Calmando {record.release}, composer {recipe.composer}"),
    ]
    if recipe.overrides:
        changed = ", ".join(f"{key} = {json.dumps(value)}" for key, value in recipe.overrides.items())
        facts.append(("Changed for this piece", changed))
    if sound is not None:
        facts.extend(("SoundFont", f"{font.name}, SHA-256 {font.sha256}") for font in sound.fonts)
        depth = f", {sound.bit_depth} bit" if sound.bit_depth and sound.bit_depth != "float" else ""
        facts.append(
            ("Sound", f"{sound.sample_rate} Hz{depth}, gain {sound.gain_db:+.2f} dB".replace("-", "−"))
        )
        facts.append(("Renderer", f"{sound.renderer}, FluidSynth {sound.fluidsynth}"))
    return tuple(facts)


def _commands(record: Record, music_file: str) -> tuple[str, ...]:
    recipe = record.recipe
    made = ["calmando", "render", recipe.preset.name, "--seed", str(recipe.seed)]
    made += ["--minutes", str(recipe.minutes).removesuffix(".0")]  # in full: it makes the very same piece
    for key, value in recipe.overrides.items():
        made += ["--set", f"{key}={value if isinstance(value, str) else json.dumps(value)}"]
    again = ["calmando", "replay", music_file, "-o", "again.flac"]
    return (shlex.join(again), shlex.join(made)) if music_file else (shlex.join(made),)
