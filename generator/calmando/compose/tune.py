"""The tune: plan it, draw its pitches a few times, keep the one nearest to real lullabies.

Public: `compose_tune(brief, *, stream)` gives the tune, `compose_tune_explained(brief, *, stream)` the tune with
its plan and, for each note, the rules that favoured it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

from calmando.compose.explain import TuneExplanation, explanation_of
from calmando.compose.resonance import COLOUR_FROM
from calmando.compose.schemas import PhraseKind
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_choice import judged
from calmando.compose.tune_drawn import DrawnTune
from calmando.compose.tune_family import family_of
from calmando.compose.tune_form import Echo
from calmando.compose.tune_layout import Layout, lay_out
from calmando.compose.tune_plan import TunePlan, draw_sketch
from calmando.compose.tune_rules import semitones
from calmando.compose.tune_sequence import sequence_move
from calmando.compose.tune_slots import Ground, Slot
from calmando.compose.tune_weights import Bonds, Line, PlanLines
from calmando.rng import Stream
from calmando.score.tune import Tune, TuneNote

N_REALISATIONS = 8
"""How often the pitches of one plan are drawn before the best is kept."""
N_PLANS = 6
"""So many plans are drawn at most."""
_N_MORE = 5
"""How often the pitches of a further plan are drawn."""
_FREER = 2.0
"""The later half of them is drawn at so many times the tune's temperature: a very predictable tune else draws one line
again and again."""
_LITTLE_UNREST = 0.6
"""So much is let pass: another plan is drawn only for a fault that is heard."""
_RESTLESS = 3.0
"""By so many faults a calm tune may be further from real lullabies and still be kept before a restless one."""

_WAY_HOME: Line = (1, 0)
"""Two, one: how a tune ends."""


@dataclass(frozen=True, slots=True)
class _Around:
    """The last notes of the phrase before, and the known first ones of the phrase after, with their places."""

    before: tuple[tuple[Slot, ...], Line]
    after: tuple[tuple[Slot, ...], Line]


def compose_tune(brief: TuneBrief, *, stream: Stream) -> Tune:
    """Compose a tune; the same brief and stream give the same tune.

    Parameters
    ----------
    brief
        What the tune shall be.
    stream
        Where its chances come from.
    """
    return _draw_tunes(brief, stream=stream)[0].tune


def compose_variations(brief: TuneBrief, *, stream: Stream) -> tuple[Tune, ...]:
    """The tune that `compose_tune` makes, and after it its next best lines, each once before any comes again.

    Plan, chords and rhythm are the same.
    """
    return tuple(drawn.tune for drawn in _draw_tunes(brief, stream=stream))


def sketch_variations(brief: TuneBrief, *, stream: Stream) -> tuple[Tune, ...]:
    """Two such lines as they are first drawn, not chosen from many: soon made, and as loud as the tune."""
    plan = stream.child("plan")
    first = draw_sketch(brief, stream=plan).plan(stream=plan.child("schema"))
    return tuple(
        drawn.tune for drawn in _realisations(brief, first, _inherited_bonds(brief), 2, stream=stream)
    )


def compose_tune_explained(brief: TuneBrief, *, stream: Stream) -> TuneExplanation:
    """The tune that `compose_tune` makes of the same brief and stream, with its plan and reasons."""
    return explanation_of(_draw_tunes(brief, stream=stream)[0])


def _draw_tunes(brief: TuneBrief, *, stream: Stream) -> list[DrawnTune]:
    """Compose a tune in all its realisations, the best first, with plan, places and scale steps beside it.

    Phrase models of which even the best realisation is restless are laid aside for others; form and rhythm stay.
    """
    plan = stream.child("plan")
    sketch = draw_sketch(brief, stream=plan)
    bonds = _inherited_bonds(brief)
    drawn = _realisations(
        brief, sketch.plan(stream=plan.child("schema")), bonds, N_REALISATIONS, stream=stream
    )
    for n in range(1, N_PLANS):
        if drawn[0].unrest <= _LITTLE_UNREST:
            break
        again, freedom = stream.child(f"again-{n}"), _FREER if n >= N_PLANS // 2 else 1.0
        other_plan = sketch.plan(stream=again.child("schema"))
        another = _realisations(brief, other_plan, bonds, _N_MORE, freedom=freedom, stream=again)
        drawn = min(drawn, another, key=lambda tunes: tunes[0].unrest)
    return drawn


def _realisations(
    brief: TuneBrief, plan: TunePlan, bonds: Bonds, n_tunes: int, *, freedom: float = 1.0, stream: Stream
) -> list[DrawnTune]:
    """Draw tunes of a plan, the best first: a restless one only before calm ones that are much less like lullabies."""
    layout = lay_out(plan, brief.metre, brief.key.mode)
    ground = _ground(brief, plan, freedom)
    lines = PlanLines(ground, beat_ticks=brief.metre.beat_ticks)
    drawn = [
        _draw_lines(plan, layout, ground, bonds, lines, stream=stream.child(f"draw-{n}"))
        for n in range(n_tunes)
    ]
    # A very predictable tune draws one and the same again and again.
    tunes = {each: _assembled(brief, plan, layout, ground, each, bonds) for each in dict.fromkeys(drawn)}
    best = sorted(tunes.values(), key=lambda tune: tune.distance + _RESTLESS * (tune.unrest > _LITTLE_UNREST))
    return list(islice(cycle(best), n_tunes))


def _ground(brief: TuneBrief, plan: TunePlan, freedom: float) -> Ground:
    return Ground(
        mode=brief.key.mode,
        lowest=plan.lowest,
        highest=plan.highest,
        max_leap_semitones=brief.max_leap_semitones,
        temperature=round(max(1.4 - brief.predictability, 0.4) * freedom, 12),
        stability=brief.stability,
        predictability=brief.predictability,
        sung=brief.sung or brief.chant,
        drone=brief.drone or brief.chant,
        plain=brief.resonance < COLOUR_FROM,
    )


def _draw_lines(
    plan: TunePlan, layout: Layout, ground: Ground, bonds: Bonds, known: PlanLines, *, stream: Stream
) -> tuple[Line, ...]:
    """Scale steps of all phrases: the first is drawn twice, the second time bound to its own motif."""
    lines: list[Line] = []
    for index, phrase in enumerate(plan.phrases):
        slots = layout.phrases[index]
        letters = phrase.rhythm.letters
        kept = _kept(plan, layout, lines, index)
        chance = stream.child(f"phrase-{index}")
        line = kept
        if len(kept) < len(slots):
            around = _Around(_before(layout, lines), _after(plan, layout, lines, index))
            closing = phrase.kind is PhraseKind.CLOSE
            wanted = bonds.wanted(slots, letters, closing=closing)
            line = _draw(known, ground, index, around, slots, kept, wanted, stream=chance)
            if index == 0:
                motif = _motif(ground, slots, line, letters.find(letters[0], 1), phrase.echo)
                bonds = bonds.with_units(slots, line, letters, units=1)
                wanted = bonds.wanted(slots, letters)
                again = _Around(around.before, _after_first(plan, layout, motif))
                line = _draw(known, ground, index, again, slots, motif, wanted, stream=chance.child("again"))
        bonds = bonds.with_units(slots, line, letters)
        lines.append(line)
    return tuple(lines)


def _inherited_bonds(brief: TuneBrief) -> Bonds:
    """A family's motif as scale steps, or nothing."""
    if brief.like is None:
        return Bonds(())
    size = len(brief.key.mode.steps)
    moves = tuple(round(move * size / 12) for move in family_of(brief.like).motif)
    return Bonds((("a", moves),)) if moves else Bonds(())


def _kept(plan: TunePlan, layout: Layout, lines: list[Line], index: int) -> Line:
    """The beginning of a phrase that is the same as in its source; the note before the peak is free to lead there."""
    phrase = plan.phrases[index]
    if phrase.source is None:
        return ()
    pairs = zip(layout.phrases[phrase.source], lines[phrase.source], strict=True)
    kept = tuple(step for slot, step in pairs if slot.unit < phrase.copied_units)
    leads_to_peak = plan.peak is not None and (plan.peak.phrase, plan.peak.unit) == (
        index,
        phrase.copied_units,
    )
    return kept[:-1] if leads_to_peak else kept


def _motif(
    ground: Ground, slots: tuple[Slot, ...], line: Line, unit: int, echo: Echo
) -> tuple[int | None, ...]:
    """The upbeat and the first unit as drawn, and in a later ``unit`` its echo; the rest unknown."""
    first = [step for step, slot in zip(line, slots, strict=True) if slot.unit == 0]
    move = sequence_move(ground, slots, first, unit) if echo is Echo.SEQUENCE else 0
    sung = {0: first}
    if echo is not Echo.FREE and move is not None:
        sung[unit] = [step + move for step in first]
    return tuple(
        step if slot.unit < 0 else (sung[slot.unit][slot.place] if slot.unit in sung else None)
        for step, slot in zip(line, slots, strict=True)
    )


def _before(layout: Layout, lines: list[Line]) -> tuple[tuple[Slot, ...], Line]:
    """The last two notes before a phrase; before the first one the tune's own end, for it is sung again and again."""
    if lines:
        return layout.phrases[len(lines) - 1][-2:], lines[-1][-2:]
    return layout.phrases[-1][-2:], _WAY_HOME


def _after(plan: TunePlan, layout: Layout, lines: list[Line], index: int) -> tuple[tuple[Slot, ...], Line]:
    """The first two notes of the next phrase, where they are copied from a phrase already drawn."""
    if index + 1 == len(plan.phrases) or plan.phrases[index + 1].source in (None, index):
        return (), ()
    kept = _kept(plan, layout, lines, index + 1)[:2]
    return layout.phrases[index + 1][: len(kept)], kept


def _after_first(
    plan: TunePlan, layout: Layout, motif: tuple[int | None, ...]
) -> tuple[tuple[Slot, ...], Line]:
    """The first two notes after the first phrase, where they are those of its own motif."""
    if len(plan.phrases) == 1 or plan.phrases[1].source != 0 or not plan.phrases[1].copied_units:
        return (), ()
    first = tuple(step for step in motif[:2] if step is not None)
    return layout.phrases[1][: len(first)], first


def _draw(
    known: PlanLines,
    ground: Ground,
    index: int,
    around: _Around,
    slots: tuple[Slot, ...],
    kept: tuple[int | None, ...],
    wanted: tuple[int | None, ...],
    *,
    stream: Stream,
) -> Line:
    """Draw one phrase jointly, between the last notes of the phrase before and the first of the next, where known."""
    earlier, fixed = around.before
    free = (None,) * (len(slots) - len(kept))
    later, following = around.after
    lines = known.of(
        (index, len(later)),
        earlier + slots + later,
        (*fixed, *kept, *free, *following),
        (None,) * len(earlier) + wanted + (None,) * len(later),
    )
    line = lines.draw(stream=stream)
    return tuple(ground.lowest + choice for choice in line[len(earlier) : len(earlier) + len(slots)])


def _assembled(
    brief: TuneBrief,
    plan: TunePlan,
    layout: Layout,
    ground: Ground,
    lines: tuple[Line, ...],
    bonds: Bonds,
) -> DrawnTune:
    notes = tuple(
        TuneNote(
            slot.onset_ticks,
            slot.duration_ticks,
            plan.tonic_pitch + semitones(ground, step, raised=slot.raised_seventh),
        )
        for slots, line in zip(layout.phrases, lines, strict=True)
        for slot, step in zip(slots, line, strict=True)
    )
    tune = Tune(
        key=brief.key,
        metre=brief.metre,
        notes=notes,
        chords=layout.chords,
        phrases=layout.spans,
        upbeat_ticks=plan.upbeat.ticks if plan.upbeat else 0,
    )
    distance, restless = judged(tune, brief, falls=plan.falls)
    return DrawnTune(tune, plan, layout, ground, lines, bonds, distance, restless)
