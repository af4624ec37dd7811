"""The plan of a tune before its first pitch: form, phrase models, rhythm, upbeat, range and the one peak."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from calmando.compose.cells import (
    PhraseRhythm,
    Upbeat,
    draw_new_cell,
    draw_rhythm,
    draw_upbeat,
    with_long_note,
)
from calmando.compose.schemas import PhraseKind, Schema
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_contour import draw_contours, draw_fall
from calmando.compose.tune_family import family_of
from calmando.compose.tune_form import Echo, Outline, copied_units, draw_outlines
from calmando.compose.tune_models import Peak, Repertoire
from calmando.rng import Stream
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks


class PhraseEnd(StrEnum):
    """How the last unit of a phrase is sung."""

    LONG = "one long note"
    SIGH = "a long–short sigh"
    TWICE = "a note said twice"
    LATE = "a long note after the bar line"


@dataclass(frozen=True, slots=True)
class PhrasePlan:
    """The plan of one phrase.

    Attributes
    ----------
    label, kind
        Its letter and what it does.
    schema
        Chords and anchor degrees, one a unit.
    anchors
        The anchors as scale steps, in reach of the tune's range.
    rhythm
        The cells of its units.
    source, copied_units
        The earlier phrase it begins like, and how many of its units are the same note for note.
    echo
        How the next unit on the first unit's cell is sung.
    end
        How its last unit is sung.
    """

    label: str
    kind: PhraseKind
    schema: Schema
    anchors: tuple[int, ...]
    rhythm: PhraseRhythm
    source: int | None = None
    copied_units: int = 0
    echo: Echo = Echo.FREE
    end: PhraseEnd = PhraseEnd.LONG


@dataclass(frozen=True, slots=True)
class TunePlan:
    """The plan of a tune.

    Attributes
    ----------
    form
        Its letters.
    unit_ticks, hold_ticks
        Length of a unit; what follows the last unit of each phrase and prolongs its end.
    upbeat
        What comes before each phrase's first bar line, or None.
    breath_ticks
        The rest at each phrase's end.
    lowest, highest
        Scale steps in reach; `highest` is the peak's.
    peak
        The planned peak; None in a chant and in a form too short for one.
    tonic_pitch
        Where scale step 0 sounds.
    falls
        Whether the tune shall fall as a whole; if not, it goes as it will.
    """

    form: str
    phrases: tuple[PhrasePlan, ...]
    unit_ticks: Ticks
    hold_ticks: Ticks
    upbeat: Upbeat | None
    breath_ticks: Ticks
    lowest: int
    highest: int
    peak: Peak | None
    tonic_pitch: MidiPitch
    falls: bool


_ENDS = {PhraseEnd.SIGH: 0.1, PhraseEnd.TWICE: 0.2, PhraseEnd.LATE: 0.4}
"""Shares of tunes whose open phrases end in such a way; the others end on one long note.

In 26 German cradle songs an inner phrase ends on average .45 of the way through its bar and in one bar of thirteen has
but one note (own count in the Essen collection).
"""
_SIGH_BY_RESONANCE = 0.2


@dataclass(frozen=True, slots=True)
class Sketch:
    """A plan without its phrase models.

    Attributes
    ----------
    outlines, rhythms
        Of all phrases.
    n_units, unit_ticks, hold_ticks, upbeat, breath_ticks
        As in the plan.
    end
        How open phrases end.
    falls
        As in the plan.
    repertoire
        The phrase models to choose from.
    """

    outlines: tuple[Outline, ...]
    rhythms: tuple[PhraseRhythm, ...]
    n_units: int
    unit_ticks: Ticks
    hold_ticks: Ticks
    upbeat: Upbeat | None
    breath_ticks: Ticks
    end: PhraseEnd
    falls: bool
    repertoire: Repertoire

    def plan(self, *, stream: Stream) -> TunePlan:
        """Draw the phrase models."""
        drawn = self.repertoire.draw(stream=stream)
        phrases = tuple(
            PhrasePlan(
                outline.label,
                outline.kind,
                schema,
                anchors,
                rhythm,
                outline.source,
                copied_units(outline, self.n_units),
                outline.echo if _may_echo(rhythm, drawn.peak) else Echo.FREE,
                PhraseEnd.LONG if outline.kind is PhraseKind.CLOSE else self.end,
            )
            for outline, schema, anchors, rhythm in zip(
                self.outlines, drawn.schemas, drawn.anchors, self._rhythms_for(drawn.peak), strict=True
            )
        )
        return TunePlan(
            form=" ".join(outline.label for outline in self.outlines),
            phrases=phrases,
            unit_ticks=self.unit_ticks,
            hold_ticks=self.hold_ticks,
            upbeat=self.upbeat,
            breath_ticks=self.breath_ticks,
            lowest=drawn.lowest,
            highest=drawn.highest,
            peak=drawn.peak,
            tonic_pitch=drawn.tonic_pitch,
            falls=self.falls,
        )

    def _rhythms_for(self, peak: Peak | None) -> tuple[PhraseRhythm, ...]:
        """The rhythms with a long note for the peak, wherever its unit is sung."""
        if peak is None:
            return self.rhythms
        sung = {peak.phrase}
        for index, outline in enumerate(self.outlines):
            if outline.source in sung and copied_units(outline, self.n_units) > peak.unit:
                sung.add(index)
        return tuple(
            with_long_note(rhythm, peak.unit) if index in sung else rhythm
            for index, rhythm in enumerate(self.rhythms)
        )


def draw_sketch(brief: TuneBrief, *, stream: Stream) -> Sketch:
    """Draw all of a plan but its phrase models."""
    outlines = draw_outlines(brief, stream=stream.child("form"))
    half_bars = brief.metre.name == "4/4" and brief.phrase_bars in (2, 3)
    n_units = 4 if half_bars else brief.phrase_bars
    unit_ticks = brief.metre.bar_ticks // 2 if half_bars else brief.metre.bar_ticks
    upbeat = _draw_upbeat(brief, stream=stream.child("upbeat"))
    rhythms = _draw_rhythms(brief, outlines, n_units, half_bars=half_bars, stream=stream.child("rhythm"))
    outlines = _without_seesaws(outlines, rhythms[0])
    contours = draw_contours(brief, outlines, n_units, stream=stream.child("contours"))
    falls = not contours and draw_fall(brief, stream=stream.child("fall"))
    end_ticks = unit_ticks - (upbeat.ticks if upbeat else 0)
    return Sketch(
        outlines=outlines,
        rhythms=rhythms,
        n_units=n_units,
        unit_ticks=unit_ticks,
        hold_ticks=brief.phrase_bars * brief.metre.bar_ticks - n_units * unit_ticks,
        upbeat=upbeat,
        breath_ticks=_draw_breath(brief, end_ticks, stream=stream.child("breath")),
        end=_draw_end(brief, upbeat, unit_ticks, stream=stream.child("end")),
        falls=falls,
        repertoire=Repertoire(brief, outlines, rhythms, contours, falls=falls),
    )


def _without_seesaws(outlines: tuple[Outline, ...], rhythm: PhraseRhythm) -> tuple[Outline, ...]:
    """The outlines with no unit of two notes said again, which would go to and fro: it comes from another step."""
    if len(rhythm.cells[0].values) != 2:
        return outlines
    return tuple(
        replace(outline, echo=Echo.SEQUENCE) if outline.echo is Echo.LITERAL else outline
        for outline in outlines
    )


def _draw_upbeat(brief: TuneBrief, *, stream: Stream) -> Upbeat | None:
    if brief.like is not None:
        return family_of(brief.like).upbeat
    wanted = stream.chance(brief.upbeat_probability)
    drawn = draw_upbeat(brief.metre, stream=stream)
    return drawn if wanted and not brief.slow else None


def _draw_end(brief: TuneBrief, upbeat: Upbeat | None, unit_ticks: Ticks, *, stream: Stream) -> PhraseEnd:
    """How the open phrases of a tune end."""
    if brief.slow:
        return PhraseEnd.LONG
    shares = dict(_ENDS)
    shares[PhraseEnd.SIGH] += _SIGH_BY_RESONANCE * brief.resonance
    if upbeat is not None or unit_ticks < 2 * TICKS_PER_QUARTER:
        del shares[PhraseEnd.SIGH]
    return stream.weighted(
        (*shares, PhraseEnd.LONG), (*shares.values(), round(1.0 - math.fsum(shares.values()), 12))
    )


def _draw_breath(brief: TuneBrief, end_ticks: Ticks, *, stream: Stream) -> Ticks:
    """A rest of a half or one beat where the end note is long enough to stay the longest."""
    wanted = stream.chance(0.6)
    short = stream.chance(0.5)
    half = TICKS_PER_QUARTER // 2
    if brief.slow or not wanted or end_ticks < 3 * half:
        return 0
    if brief.metre.name == "6/8" and end_ticks >= 6 * half:
        return half if short else 3 * half
    return half if short or end_ticks < 4 * half else 2 * half


def _draw_rhythms(
    brief: TuneBrief, outlines: tuple[Outline, ...], n_units: int, *, half_bars: bool, stream: Stream
) -> tuple[PhraseRhythm, ...]:
    """One plan for all phrases; new letters may exchange its first two cells."""
    if brief.like is not None:
        first = family_of(brief.like).rhythm(n_units)
    else:
        wanted = (
            brief.notes_per_beat if brief.notes_per_beat is not None else _default_density(brief, half_bars)
        )
        first = draw_rhythm(
            brief.metre,
            n_units,
            half_bars=half_bars,
            notes_per_beat=wanted,
            slow=brief.slow,
            n_cells=3 if brief.predictability < 0.75 else (2 if brief.predictability < 0.95 else 1),
            stream=stream,
        )
    rhythms: list[PhraseRhythm] = []
    for outline in outlines:
        swapped = stream.chance(1.25 - 0.6 * brief.predictability)
        renewed = stream.chance(1.1 - 0.85 * brief.predictability)
        if outline.source is not None and outline.literal:
            rhythms.append(rhythms[outline.source])
        elif outline.source is not None:
            source = rhythms[outline.source]
            varied = renewed and n_units == 4 and not outline.varied and len(set(source.letters)) <= 3
            varied = varied and "n" not in source.letters
            new = draw_new_cell(source, brief.metre, half_bars=half_bars, stream=stream) if varied else source
            rhythms.append(new)
        elif rhythms:
            answer = _reordered(first, stream=stream.child(outline.label)) if swapped else first
            if renewed and len(set(answer.letters)) <= 3:
                answer = draw_new_cell(answer, brief.metre, half_bars=half_bars, stream=stream)
            rhythms.append(answer)
        else:
            rhythms.append(first)
    return tuple(rhythms)


def _default_density(brief: TuneBrief, half_bars: bool) -> float:
    """Notes a counted beat from the activity dial: long values at 0, running eighths at 1."""
    low, high = {"2/4": (0.8, 1.9), "3/4": (0.6, 1.5), "4/4": (0.6, 1.4), "6/8": (1.0, 2.5)}[brief.metre.name]
    if brief.slow:
        low, high = 0.6 * low, low
    return low + (high - low) * brief.activity


def _may_echo(rhythm: PhraseRhythm, peak: Peak | None) -> bool:
    """Whether the first phrase has another unit on its first unit's cell, without the tune's peak."""
    unit = rhythm.letters.find(rhythm.letters[0], 1)
    return unit > 0 and (peak is None or (peak.phrase, peak.unit) != (0, unit))


_ORDERS = {2: ("ab", "ba", "aa", "bb"), 3: ("aab", "aba", "abb", "baa", "bab", "bba")}
"""In which orders an answering phrase may use the first two cells, by its units before the end."""


def _reordered(rhythm: PhraseRhythm, *, stream: Stream) -> PhraseRhythm:
    """The same cells in another order, as an answer moves otherwise than the question but in the same words."""
    body, end = rhythm.letters[:-1], rhythm.letters[-1]
    if "b" not in body:
        return rhythm
    if "c" in body or len(body) not in _ORDERS:
        letters = body.translate(str.maketrans("ab", "ba")) + end
    else:
        letters = stream.choice([order for order in _ORDERS[len(body)] if order != body]) + end
    return PhraseRhythm(letters, tuple(rhythm.cell(letter) for letter in letters))
