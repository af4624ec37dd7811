"""The reporting items for music-based interventions, filled in as far as the software knows.

References
----------
S. Robb, D. Burns and J. Carpenter, "Reporting guidelines for music-based interventions", Music and Medicine 3 (2011),
271–279, in the order of the 2025 update (Frontiers in Psychology 16, 10.3389/fpsyg.2025.1551920), which asks for
the intervention's name first. The wording here is our own.
"""

from __future__ import annotations

from dataclasses import dataclass

from calmando.audit.judge import is_excused
from calmando.audit.model import Audit, Verdict
from calmando.audit.report.context import ReportContext
from calmando.audit.report.provenance import Provenance
from calmando.told_time import spoken_length


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the guideline.

    Attributes
    ----------
    code
        As in the guideline of 2011; ``N`` is new in 2025.
    asks
        What has to be told.
    known
        What the software knows; empty: left to the clinician.
    blanks
        What the clinician fills in by hand.
    """

    code: str
    asks: str
    known: tuple[str, ...]
    blanks: tuple[str, ...]


def reporting_items(audit: Audit, context: ReportContext, made: Provenance) -> tuple[Item, ...]:
    """Every item, in order."""
    preset = context.preset
    return (
        Item("N", "Name of the intervention", _name(context), ("Name used here",) if not preset else ()),
        Item(
            "A",
            "Theory: why this music, and how it should work",
            (preset.reasons,) if preset else (),
            ("Aim for this person",),
        ),
        Item("B.1", "Who chose the music, from what", (), ("Chosen by", "Choices offered")),
        Item("B.2", "The music itself", _music(audit, made), ()),
        Item(
            "B.3",
            "Live or recorded, loudspeaker or headphones, level",
            _delivery(audit, context),
            ("Device and place of the loudspeaker", "Level at the ear, dB(A)", "Who held the volume"),
        ),
        Item("B.4", "Other materials", _materials(made), ("Script, pictures, objects",)),
        Item("B.5", "Method", (), ("Listening, breathing, moving, imagery …",)),
        Item("C", "Schedule", _schedule(audit, context), ("Sessions a week, weeks", "Practice at home")),
        Item("D", "Who delivered it", _clinician(context), ("Name, qualification",)),
        Item("E", "Fidelity: was it done as planned", _fidelity(audit, made), ("Deviations",)),
        Item("F", "Setting", (), ("Place, privacy", "Background noise, dB(A)")),
        Item("G", "Alone or in a group", (), ("Number of people",)),
    )


def _name(context: ReportContext) -> tuple[str, ...]:
    return (f"{context.preset.title} ({context.preset.name})",) if context.preset else ()


def _music(audit: Audit, made: Provenance) -> tuple[str, ...]:
    told = (
        [f"Original music, composed by rule; length {spoken_length(audit.length_s)}."] if made.is_ours else []
    )
    if not made.is_ours:
        told.append(f"“{audit.title}”, length {spoken_length(audit.length_s)}.")
    if audit.parts:
        told.append(f"Parts: {', '.join(part.name for part in audit.parts)}.")
    if audit.sections:
        told.append(f"Form: {', '.join(section.label for section in audit.sections)}.")
    tempo = audit.curve("tempo")
    if tempo is not None and tempo.values:
        told.append(f"Tempo: {tempo.values[0]:.0f} to {tempo.values[-1]:.0f} beats a minute.")
    return tuple(told)


def _delivery(audit: Audit, context: ReportContext) -> tuple[str, ...]:
    told = ["Recorded (synthesised) music."] if context.preset else []
    loudness = next((f.value for f in audit.findings if f.key == "loudness"), None)
    if loudness is not None:
        told.append(f"Loudness of the file {loudness:.1f} LUFS.".replace("-", "−"))
    if context.preset:
        told.append(f"Advice: {context.preset.limits.level}")
    if context.playback:
        told.append(f"Stated level at the ear: {context.playback.level_dba:g} dB(A).")
    return tuple(told)


def _materials(made: Provenance) -> tuple[str, ...]:
    return (f"SoundFont: {', '.join(font.name for font in made.fonts)}.",) if made.fonts else ()


def _schedule(audit: Audit, context: ReportContext) -> tuple[str, ...]:
    told = [f"One hearing lasts {spoken_length(audit.length_s)}."]
    if context.playback:
        told.append(f"Stated: {context.playback.hours_per_week:g} hours a week.")
    return tuple(told)


def _clinician(context: ReportContext) -> tuple[str, ...]:
    if context.preset and context.preset.clinician_led:
        return ("This preset is meant to be used by, or together with, a trained clinician.",)
    return ()


def _fidelity(audit: Audit, made: Provenance) -> tuple[str, ...]:
    judged = [f for f in audit.findings if f.verdict is not Verdict.NOT_MEASURED]
    within = [f for f in audit.of(Verdict.PASS) if not is_excused(f)]
    told = [f"Audit: {len(within)} of {len(judged)} measures within their bounds."]
    if made.preset_sha256:
        told.append(f"Preset hash {made.preset_sha256[:16]}…, seed {made.seed}.")
    return tuple(told)
