"""Why a tune is as it is: its plan, and for each note the rules that favoured it, as values and as readable text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

from calmando.compose.schemas import PhraseKind
from calmando.compose.tune_drawn import DrawnTune
from calmando.compose.tune_note_rules import NOTE_RULES
from calmando.compose.tune_plan import PhrasePlan, TunePlan
from calmando.compose.tune_rules import likeness, middle_of
from calmando.compose.tune_shape_rules import BOND_RULES, SHAPE_RULES
from calmando.compose.tune_slots import Ground, Slot, step_context
from calmando.compose.tune_step_rules import STEP_RULES
from calmando.compose.tune_text import note_text, tune_text
from calmando.score.tune import Tune, TuneNote
from calmando.theory.metre import Metre, quarters

_WORTH_TELLING = 0.2


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule's say in one note.

    Attributes
    ----------
    rule, sentence
        The rule's name and what it says.
    weight
        By how much it favoured this pitch over the mean of the others in reach (log units; negative: against).
    """

    rule: str
    sentence: str
    weight: float


@dataclass(frozen=True, slots=True)
class NoteReasons:
    """A note and the reasons for it, strongest first; ``repeats`` names the phrase it is copied from, if any."""

    note: TuneNote
    numeral: str
    reasons: tuple[Reason, ...]
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class TuneExplanation:
    """A tune, its plan, and the reasons for its notes."""

    tune: Tune
    plan: TunePlan
    notes: tuple[NoteReasons, ...]


def explanation_of(drawn: DrawnTune) -> TuneExplanation:
    """Say why each note of a drawn tune is there."""
    slots = [slot for phrase in drawn.layout.phrases for slot in phrase]
    line = [step for phrase in drawn.lines for step in phrase]
    motifs = list(_motif_steps(drawn))
    repeats = list(_repeats(drawn))
    notes = tuple(
        NoteReasons(
            note,
            slot.numeral,
            _reasons(_Place(drawn.ground, drawn.tune.metre, slots, line, index, motifs[index])),
            repeats[index],
        )
        for index, (note, slot) in enumerate(zip(drawn.tune.notes, slots, strict=True))
    )
    return TuneExplanation(drawn.tune, drawn.plan, notes)


def _motif_steps(drawn: DrawnTune) -> Iterator[int | None]:
    """For each note the step into it that its unit's motif asks for, or None."""
    bonds = drawn.inherited
    for index, (slots, line) in enumerate(zip(drawn.layout.phrases, drawn.lines, strict=True)):
        phrase = drawn.plan.phrases[index]
        letters = phrase.rhythm.letters
        if index == 0:
            bonds = bonds.with_units(slots, line, letters, units=1)
        wanted = bonds.wanted(slots, letters, closing=phrase.kind is PhraseKind.CLOSE)
        own = index == 0 and not drawn.inherited.moves
        yield None
        yield from (
            None if own and slot.unit == 0 else step for slot, step in zip(slots[1:], wanted, strict=True)
        )
        bonds = bonds.with_units(slots, line, letters)


def _repeats(drawn: DrawnTune) -> Iterator[str | None]:
    """For each note the label of the phrase it is copied from, or None."""
    for plan, slots in zip(drawn.plan.phrases, drawn.layout.phrases, strict=True):
        for slot in slots:
            copied = plan.source is not None and slot.unit < plan.copied_units
            yield drawn.plan.phrases[plan.source].label if copied and plan.source is not None else None


def _reasons(place: _Place) -> tuple[Reason, ...]:
    """All rules that tell this note from the others in reach, the strongest first."""
    chosen = place.line[place.index]
    cap = place.slots[place.index].cap
    others = [list(_says(place, step)) for step in place.ground.steps if step != chosen and step <= cap]
    reasons = []
    for number, (name, sentence, say) in enumerate(_says(place, chosen)):
        mean = fsum(other[number][2] for other in others) / max(len(others), 1)
        advantage = round(say - mean, 2)
        if abs(advantage) >= _WORTH_TELLING:
            reasons.append(Reason(name, sentence, advantage))
    return tuple(sorted(reasons, key=lambda reason: (-reason.weight, reason.rule)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a note stands among its neighbours."""

    ground: Ground
    metre: Metre
    slots: list[Slot]
    line: list[int]
    index: int
    motif: int | None


def _says(place: _Place, step: int) -> Iterator[tuple[str, str, float]]:
    """Name, sentence and say (a log weight) of every rule that looks at a note, were it this scale step."""
    ground, index = place.ground, place.index
    slot = place.slots[index]
    for note in NOTE_RULES:
        if note.where(slot):
            yield note.name, note.sentence, note.weight * note.extent(slot, step, ground)
    if index == 0:
        return
    before = place.line[index - 1]
    context = step_context(place.slots[index - 1], slot, beat_ticks=place.metre.beat_ticks)
    for move in STEP_RULES:
        if move.where(context):
            yield move.name, move.sentence, move.weight * move.extent(context, ground, before, step)
    if place.motif is not None:
        for bond in BOND_RULES:
            say = likeness(ground) * bond.weight * bond.extent(step - before, place.motif)
            yield bond.name, bond.sentence, say
    if index >= 2:
        middle, first = middle_of(place.slots[index - 1], before, ground), place.line[index - 2]
        for shape in SHAPE_RULES:
            if middle in shape.where:
                yield shape.name, shape.sentence, shape.weight * shape.extent(ground, first, before, step)


def explanation_text(explanation: TuneExplanation, *, n_reasons: int = 4) -> str:
    """The explanation as readable text: the tune, its plan, then note by note the strongest reasons."""
    return "\n".join(
        (
            tune_text(explanation.tune),
            *_plan_lines(explanation.plan),
            "",
            "Note by note (by how much each rule favoured the note over the others in reach):",
            *_note_lines(explanation, n_reasons),
            "",
            "The rules named above:",
            *_glossary(explanation),
            "",
        )
    )


def _plan_lines(plan: TunePlan) -> Iterator[str]:
    yield f"Form: {plan.form}"
    upbeat = " ".join(quarters(value) for value in plan.upbeat.values) if plan.upbeat else "none"
    yield f"Upbeat: {upbeat}; breath at phrase ends: {quarters(plan.breath_ticks)}"
    if plan.peak is not None:
        where = f"phrase {plan.peak.phrase + 1} ({plan.phrases[plan.peak.phrase].label}), unit {plan.peak.unit + 1}"
        yield f"Peak: scale step {plan.peak.step + 1} in {where}; everything else stays below it"
    for number, phrase in enumerate(plan.phrases, 1):
        yield f"Phrase {number} ({phrase.label}, {phrase.kind.value}): {_phrase_text(phrase, plan)}"


def _phrase_text(phrase: PhrasePlan, plan: TunePlan) -> str:
    cells = dict(zip(phrase.rhythm.letters, phrase.rhythm.cells, strict=True))
    rhythm = ", ".join(f"{letter} = {cell.text}" for letter, cell in sorted(cells.items()))
    origin = ""
    if phrase.source is not None and phrase.copied_units:
        whole = phrase.copied_units == len(phrase.anchors)
        kept = "all" if whole else f"the first {phrase.copied_units} units"
        origin = f"; {kept} of phrase {phrase.source + 1} again"
    return f"{phrase.schema.text}; rhythm {' '.join(phrase.rhythm.letters)} ({rhythm}){origin}"


def _note_lines(explanation: TuneExplanation, n_reasons: int) -> Iterator[str]:
    tune = explanation.tune
    for entry in explanation.notes:
        bar, place = divmod(entry.note.onset_ticks, tune.metre.bar_ticks)
        head = f"bar {bar + 1:>2} + {quarters(place):<2}  {note_text(entry.note, tune):<8} {entry.numeral:<6}"
        if entry.repeats is not None:
            yield f"{head} as in {entry.repeats}"
            continue
        told = [*entry.reasons[:n_reasons], *(r for r in entry.reasons[n_reasons:] if r.weight <= -1.0)]
        yield head + " " + ", ".join(f"{reason.rule} {reason.weight:+.1f}" for reason in told)


def _glossary(explanation: TuneExplanation) -> Iterator[str]:
    sentences: dict[str, str] = {}
    for entry in explanation.notes:
        for reason in entry.reasons:
            sentences[reason.rule] = reason.sentence
    for rule in sorted(sentences):
        yield f"  {rule}: {sentences[rule]}"
