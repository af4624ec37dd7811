"""Handing over the tune: which instruments of a preset may have it for a strophe, and in which octave it suits them."""

from __future__ import annotations

from dataclasses import replace

from calmando.compose.harmony import ChordSpan, voice_material
from calmando.compose.levers import TERMS, Lever
from calmando.compose.material import Material
from calmando.preset.model import Intent, PartSettings, Preset
from calmando.score.tune import TuneNote
from calmando.theory.roughness import CALM_CHORD_LIMIT, roughness
from calmando.theory.voicing import CLEARANCE, Register
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Seconds, Semitones

CALM_REGISTERS: dict[int, tuple[MidiPitch, MidiPitch]] = {
    0: (45, 84),
    8: (60, 84),
    10: (60, 84),
    11: (53, 84),
    12: (48, 84),
    24: (45, 76),
    46: (43, 84),
    48: (45, 81),
    49: (45, 81),
    52: (45, 74),
    71: (52, 77),
    73: (60, 84),
    74: (60, 84),
    79: (57, 81),
    108: (55, 84),
}
"""Where an instrument that can have a tune sounds calm, by General MIDI program: its compass without the extremes."""
OCTAVE_EVERY_S: Seconds = 900.0
"""One strophe in a quarter of an hour may lie an octave higher: notes that sparkle stay below a tenth."""
_LEAST_PIECE_S: Seconds = 240.0
_BOWED = (48, 49)
_TWO_HANDED = (0,)
_DARK = (Intent.SLEEP, Intent.LULLABY, Intent.NICU, Intent.PALLIATIVE)
_NEVER = (Intent.SLEEP, Intent.NICU, Intent.ANXIETY, Intent.TRAUMA, Intent.GAIT)
_SOFTER_DB = 1.0


def may_vary(preset: Preset) -> bool:
    """Whether the tune may be handed over or moved: never where sameness, or decline, is what helps."""
    return preset.intent not in _NEVER and not preset.form.same_always


def takers(preset: Preset, length_s: Seconds) -> tuple[PartSettings, ...]:
    """The preset's other instruments that may have the tune, each as a part of its own beside the lead.

    A second line may; of the accompaniments bowed strings and a piano, which can play chords and a tune at once.
    In a short piece there is no time for it.
    """
    lead = preset.lead
    allowed = preset.melody.resonance >= TERMS[Lever.HAND_OVER].from_value and may_vary(preset)
    if not allowed or length_s < _LEAST_PIECE_S or preset.form.kind not in ("strophes", "statements"):
        return ()
    return tuple(
        part.model_copy(
            update={
                "name": taker_name(lead, part),
                "role": "melody",
                "texture": "tune",
                "octave": 0,
                "velocity": lead.velocity,
                "level_db": lead.level_db - _SOFTER_DB,
                "optional": True,
                "in_ending": False,
            }
        )
        for part in preset.parts
        if _can_lead(part, lead)
    )


def taker_name(lead: PartSettings, part: PartSettings) -> str:
    """The name of the part in which an instrument has the tune: ``melody-strings``."""
    return f"{lead.name}-{part.name}"


def _can_lead(part: PartSettings, lead: PartSettings) -> bool:
    if part.program not in CALM_REGISTERS or part.bank != 0:
        return False
    if part.role == "harmony":
        return part.program != lead.program and part.program in (*_BOWED, *_TWO_HANDED)
    answers = part.texture == "unison" and part.octave != 0
    return part.role == "second line" and (part.program != lead.program or answers)


def octave_for(part: PartSettings, phrases: list[Material]) -> int | None:
    """In which octave an instrument of the list would have a tune: 0, -1, or None where neither suits.

    Bowed strings, and voices that sing an octave lower anyway, rather have it low.
    """
    low_first = part.octave < 0 or part.program in _BOWED
    for octave in (-1, 0) if low_first else (0, -1):
        if suits(part.program, phrases, octave):
            return octave
    return None


def suits(program: int, phrases: list[Material], octave: int) -> bool:
    """Whether a tune lies in an instrument's calm register, and leaves room below it for what accompanies it."""
    low, high = CALM_REGISTERS.get(program, (128, 0))
    pitches = [note.pitch + 12 * octave for phrase in phrases for note in phrase.tune]
    if not pitches or min(pitches) < low or max(pitches) > high:
        return False
    if octave < 0:
        return all(_leaves_room(lowered(phrase)) for phrase in phrases)
    return octave == 0 or all(_is_smooth(phrase, _voiced(phrase), 12 * octave) for phrase in phrases)


def may_rise(preset: Preset, brightness: float) -> bool:
    """Whether a tune may go up an octave: not where the dark is wanted."""
    return preset.intent not in _DARK and brightness >= 0.5


def lowered(material: Material) -> Material:
    """The phrase with its tune an octave lower, and all that lies beneath it accordingly."""
    return replace(
        material,
        name=f"{material.name}/low",
        tune=tuple(_down(note) for note in material.tune),
        beneath=tuple(_down(note) for note in material.beneath),
    )


def _down(note: TuneNote) -> TuneNote:
    return TuneNote(note.onset_ticks, note.duration_ticks, note.pitch - 12)


def _leaves_room(material: Material) -> bool:
    """Whether bass and at least one voice sound smooth and clear of a tune that lies low."""
    notes, spans = material.tune + material.beneath, _voiced(material)
    for span in spans:
        lowest = min((note.pitch for note in _over(span, notes)), default=127)
        if not span.voicing.block or max(span.voicing.bass, *span.voicing.block) > lowest - CLEARANCE:
            return False
    return _is_smooth(material, spans, 0)


def _voiced(material: Material) -> tuple[ChordSpan, ...]:
    return voice_material(material, Register())


def _is_smooth(material: Material, spans: tuple[ChordSpan, ...], semitones: Semitones) -> bool:
    """Whether a tune's long notes, moved so far, sound smooth with the chords that lie beneath it unmoved."""
    long = min(material.metre.beat_ticks, TICKS_PER_QUARTER)
    return all(
        roughness((span.voicing.bass, *voices, note.pitch + semitones)) <= CALM_CHORD_LIMIT
        for span in spans
        for note in _over(span, material.tune)
        if note.duration_ticks >= long
        for voices in (span.voicing.block, span.voicing.ladder)
    )


def _over(span: ChordSpan, notes: tuple[TuneNote, ...]) -> list[TuneNote]:
    return [note for note in notes if note.onset_ticks < span.end_ticks and note.end_ticks > span.onset_ticks]
