"""The form of a tune: what each of its letters does, and which earlier phrase it repeats."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from calmando.compose.schemas import PhraseKind
from calmando.compose.tune_brief import FormWeight, TuneBrief
from calmando.rng import Stream

_FORMS: dict[int, tuple[FormWeight, ...]] = {
    2: (FormWeight("A A'", 2.0), FormWeight("A B", 1.0)),
    4: (
        FormWeight("A A' B A'", 3.0),
        FormWeight("A A' B A''", 3.5),
        FormWeight("A A' B C", 2.0),
        FormWeight("A B A A'", 1.0),
        FormWeight("A B A C", 1.0),
        FormWeight("A A B A'", 1.5),
        FormWeight("A B C B", 1.0),
        FormWeight("A A' A A'", 0.7),
    ),
    8: (FormWeight("A A' A A' B C A A'", 3.0), FormWeight("A B A C D E A C", 3.0)),
}


_MOST_ECHOES = 0.7
"""How often the first phrase repeats its first unit at most: where all do, all tunes are one."""
_MOST_LITERAL_ECHOES = 0.15
"""The same in a literal form, whose first phrase is heard often enough."""
_SEQUENCES = 0.75
"""How often the first unit comes again from another step, unless it is repeated, the form literal, the tune a chant."""
_HALF_OPEN = 0.85
"""How often the first half ends open, where its last phrase does not also end the tune."""


class Echo(StrEnum):
    """How the next unit on a first unit's cell is sung."""

    FREE = "freely, bound to the motif"
    LITERAL = "note for note again"
    SEQUENCE = "the same from another step, where its chord bears it"


@dataclass(frozen=True, slots=True)
class Outline:
    """A phrase's place in the form, before models and rhythm are chosen.

    Attributes
    ----------
    label, kind
        Its letter and what it does.
    source, literal
        The earlier phrase it begins like; whether it repeats all of it note for note.
    varied
        Only its first unit repeats its source.
    echo
        How the next unit on the first unit's cell is sung.
    """

    label: str
    kind: PhraseKind
    source: int | None
    literal: bool
    varied: bool = False
    echo: Echo = Echo.FREE


def draw_outlines(brief: TuneBrief, *, stream: Stream) -> tuple[Outline, ...]:
    """Draw a form and say what its phrases do."""
    form = _draw_form(brief, stream=stream.child("letters"))
    half_open = stream.child("half").chance(_HALF_OPEN)
    return _with_echo(_outlines(form, brief, half_open=half_open), brief, stream=stream.child("echo"))


def copied_units(outline: Outline, n_units: int) -> int:
    """How many units of its source a phrase repeats note for note."""
    if outline.source is None:
        return 0
    if outline.literal:
        return n_units
    return max(min(1, n_units - 3), 0) if outline.varied else {2: 0, 3: 1, 4: 2, 5: 3}[n_units]


def asks(outlines: tuple[Outline, ...], index: int) -> bool:
    """Whether a phrase leads on to what comes: the next one closes, or the first half ends with it."""
    after = outlines[index + 1 : index + 2]
    is_answered = any(outline.kind is PhraseKind.CLOSE for outline in after)
    return outlines[index].kind is not PhraseKind.CLOSE and (is_answered or 2 * (index + 1) == len(outlines))


def _draw_form(brief: TuneBrief, *, stream: Stream) -> str:
    fitting = [entry for entry in brief.forms if len(entry.form.split()) == brief.n_phrases]
    options = fitting or list(_FORMS[brief.n_phrases])
    weights = [entry.weight * (1.0 if fitting else _familiarity(entry.form, brief)) for entry in options]
    return stream.weighted([entry.form for entry in options], weights)


def _familiarity(form: str, brief: TuneBrief) -> float:
    """A predictable tune chooses forms that return more often."""
    labels = form.split()
    returning = 1.0 - len({label[0] for label in labels}) / len(labels)
    return round(math.exp(6.0 * (brief.predictability - 0.55) * (returning - 0.5)), 12)


def _outlines(form: str, brief: TuneBrief, *, half_open: bool) -> tuple[Outline, ...]:
    """What each letter of a form does, and which earlier phrase it repeats."""
    labels = [label.replace("′", "'") for label in form.split()]
    half = len(labels) // 2
    half_closes = not half_open or labels[half - 1] in labels[half:] or half == 1
    outlines: list[Outline] = []
    for index, label in enumerate(labels):
        same = next((i for i, outline in enumerate(outlines) if outline.label == label), None)
        letter = next((i for i, outline in enumerate(outlines) if outline.label[0] == label[0]), None)
        is_last = index == len(labels) - 1
        if same is not None and not (is_last and outlines[same].kind is not PhraseKind.CLOSE):
            outlines.append(Outline(label, outlines[same].kind, same, literal=True))
        elif letter is not None:
            closes = is_last or (
                half_closes if index == half - 1 else outlines[letter].kind is PhraseKind.OPEN
            )
            outlines.append(
                Outline(label, PhraseKind.CLOSE if closes else PhraseKind.OPEN, letter, literal=False)
            )
        else:
            kind = _first_kind(index, half, outlines, is_last=is_last, half_closes=half_closes)
            outlines.append(Outline(label, kind, None, literal=False))
    return tuple(_with_varied_middle(outlines, half, literal=brief.literal))


def _first_kind(
    index: int, half: int, outlines: list[Outline], *, is_last: bool, half_closes: bool
) -> PhraseKind:
    """What a new letter does: closes at the end and mostly at the half, lifts once after the half, else opens."""
    if is_last or (index == half - 1 and index > 0 and half_closes):
        return PhraseKind.CLOSE
    lifted = any(outline.kind is PhraseKind.LIFT for outline in outlines)
    return PhraseKind.LIFT if index >= half and not lifted else PhraseKind.OPEN


def _with_varied_middle(outlines: list[Outline], half: int, *, literal: bool) -> list[Outline]:
    """Where the second half brings nothing new, let its first phrase vary so that it can hold the peak."""
    middle = outlines[half]
    if len(outlines) == 2:
        outlines[half] = replace(middle, varied=middle.source is not None and not literal)
    elif not literal and all(outline.literal for outline in outlines[half:-1]):
        outlines[half] = replace(middle, label=middle.label + "''", literal=False, varied=True)
    return outlines


def _with_echo(outlines: tuple[Outline, ...], brief: TuneBrief, *, stream: Stream) -> tuple[Outline, ...]:
    """Let the first phrase repeat its first unit, the more often the more predictable the tune, or move it by steps."""
    most = _MOST_LITERAL_ECHOES if brief.literal else _MOST_ECHOES
    literal = stream.chance(min(1.5 * (brief.predictability - 0.35), most))
    loose = stream.chance(0.6 * (0.7 - brief.predictability))
    moved = stream.chance(_SEQUENCES) and not (brief.literal or brief.chant)
    first = replace(outlines[0], echo=Echo.LITERAL if literal else Echo.SEQUENCE if moved else Echo.FREE)
    if loose and not brief.literal:
        return (
            first,
            *(replace(o, varied=True) if o.source is not None and not o.literal else o for o in outlines[1:]),
        )
    return (first, *outlines[1:])
