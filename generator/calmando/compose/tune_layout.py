"""From plan to places: every note of every phrase with its time, accent, chord, anchor and limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calmando.compose.cells import Cell, late_cell, sigh_cell, twice_cell
from calmando.compose.schemas import PhraseKind, unit_numerals
from calmando.compose.tune_plan import PhraseEnd, PhrasePlan, TunePlan
from calmando.compose.tune_slots import Accent, Ending, Slot
from calmando.score.tune import TuneChord, TunePhrase
from calmando.theory.chord import chord
from calmando.theory.metre import Metre
from calmando.theory.scale import Mode
from calmando.units import Semitones, Ticks

_SINGING_CHORDS = {"I5": "I", "i5": "i"}
"""Over a bare fifth the tune may rest on the mode's own third too."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a tune, phrase by phrase (an upbeat belongs to the phrase it leads into)."""

    phrases: tuple[tuple[Slot, ...], ...]
    chords: tuple[TuneChord, ...]
    spans: tuple[TunePhrase, ...]


def lay_out(plan: TunePlan, metre: Metre, mode: Mode) -> Layout:
    """Lay out a plan in a metre and mode."""
    phrase_ticks = len(plan.phrases[0].schema.chords) * plan.unit_ticks + plan.hold_ticks
    phrase_bars = phrase_ticks // metre.bar_ticks
    phrases: list[tuple[Slot, ...]] = []
    chords: list[TuneChord] = []
    for index, phrase in enumerate(plan.phrases):
        start = index * phrase_ticks
        before = plan.phrases[index - 1] if index else None
        maker = _SlotMaker(plan, phrase, index, metre, mode, start)
        phrases.append(_with_marks(maker.slots(before), plan, index))
        chords.extend(maker.chords())
    spans = tuple(
        TunePhrase(phrase.label, index * phrase_bars, (index + 1) * phrase_bars)
        for index, phrase in enumerate(plan.phrases)
    )
    return Layout(tuple(phrases), tuple(chords), spans)


def _with_marks(slots: list[Slot], plan: TunePlan, index: int) -> tuple[Slot, ...]:
    """The phrase with its peak marked, if it has the tune's."""
    if plan.peak is None or plan.peak.phrase != index:
        return tuple(slots)
    here = [i for i, slot in enumerate(slots) if slot.unit == plan.peak.unit]
    before_end = plan.peak.unit == len(plan.phrases[index].anchors) - 2
    eligible = here[:-1] if before_end and len(here) > 1 else here
    longest = max(slots[i].duration_ticks for i in eligible)
    at = next(i for i in eligible if slots[i].duration_ticks == longest)
    slots[at] = slots[at]._replace(is_peak=True, cap=plan.peak.step, anchor=plan.peak.step)
    if at != here[0]:
        slots[here[0]] = slots[here[0]]._replace(anchor=None)
    for i in here:
        slots[i] = slots[i]._replace(cap=plan.peak.step)
    if at + 1 < len(slots):
        slots[at + 1] = slots[at + 1]._replace(after_peak=True)
    return tuple(slots)


@dataclass(frozen=True, slots=True)
class _SlotMaker:
    """Makes the slots and chords of one phrase."""

    plan: TunePlan
    phrase: PhrasePlan
    index: int
    metre: Metre
    mode: Mode
    start: Ticks

    def slots(self, before: PhrasePlan | None) -> list[Slot]:
        """Upbeat, units, end."""
        slots = self._upbeat(before)
        last = len(self.phrase.schema.chords) - 1
        for unit in range(last):
            slots.extend(self._unit(unit, self.phrase.rhythm.cells[unit].values, in_cadence=unit == last - 1))
        if self.phrase.kind is PhraseKind.CLOSE:
            goal = self.phrase.anchors[last]
            slots = [slot._replace(goal=goal) if slot.in_cadence else slot for slot in slots]
            slots[-1] = slots[-1]._replace(before_goal=goal)
        slots.extend(self._end(last))
        return slots

    def chords(self) -> list[TuneChord]:
        """The phrase's chords, gapless; the last one lasts to the phrase's end."""
        chords: list[TuneChord] = []
        for unit in range(len(self.phrase.schema.chords)):
            onset = self.start + unit * self.plan.unit_ticks
            numerals = self._numerals(unit)
            change = self._change_ticks()
            if len(numerals) == 1:
                chords.append(TuneChord(onset, self.plan.unit_ticks, numerals[0]))
            else:
                chords.append(TuneChord(onset, change, numerals[0]))
                chords.append(TuneChord(onset + change, self.plan.unit_ticks - change, numerals[1]))
        if self.plan.hold_ticks:
            held = chords[-1]
            chords[-1] = replace(held, duration_ticks=held.duration_ticks + self.plan.hold_ticks)
        return chords

    def _change_ticks(self) -> Ticks:
        """Where in a unit with two chords the second one enters: its half, or the third beat of three."""
        return self.plan.unit_ticks * 2 // 3 if self.metre.name == "3/4" else self.plan.unit_ticks // 2

    def _numerals(self, unit: int) -> tuple[str, ...]:
        """The chords of a unit; under a single note only the last of them."""
        numerals = unit_numerals(self.phrase.schema.chords[unit])
        single = unit < len(self.phrase.rhythm.cells) and len(self.phrase.rhythm.cells[unit].values) == 1
        return numerals[-1:] if single else numerals

    def _upbeat(self, before: PhrasePlan | None) -> list[Slot]:
        if self.plan.upbeat is None:
            return []
        numeral = unit_numerals(before.schema.chords[-1])[-1] if before else self._numerals(0)[0]
        slots: list[Slot] = []
        onset = self.start - self.plan.upbeat.ticks
        for place, value in enumerate(self.plan.upbeat.values):
            slots.append(self._slot(onset, value, -1, place, numeral))
            onset += value
        return slots

    def _unit(self, unit: int, values: tuple[Ticks, ...], *, in_cadence: bool) -> list[Slot]:
        slots: list[Slot] = []
        offset = 0
        numerals = self._numerals(unit)
        for place, value in enumerate(values):
            numeral = numerals[-1] if offset >= self._change_ticks() else numerals[0]
            anchor = self.phrase.anchors[unit] if place == 0 else None
            onset = self.start + unit * self.plan.unit_ticks + offset
            slot = self._slot(onset, value, unit, place, numeral, anchor=anchor, in_cadence=in_cadence)
            slots.append(slot._replace(accent=Accent.NONE) if place and self._in_beats(values) else slot)
            offset += value
        return slots

    def _in_beats(self, values: tuple[Ticks, ...]) -> bool:
        """Whether a bar of two beats moves in beats: then the second is the weak one, where a note may pass."""
        return self.metre.name == "2/4" and min(values) >= self.metre.beat_ticks

    def _end(self, unit: int) -> list[Slot]:
        """The long note that ends the phrase (or the sigh), less breath and next upbeat."""
        plan = self.plan
        onset = self.start + unit * plan.unit_ticks
        hold = plan.hold_ticks // 2
        room = plan.unit_ticks + hold - (plan.upbeat.ticks if plan.upbeat and not hold else 0)
        numeral = self._numerals(unit)[-1]
        goal = self.phrase.anchors[unit]
        ending = Ending.HOME if self.phrase.kind is PhraseKind.CLOSE else Ending.PHRASE
        cell = self._end_cell(room) if not hold or self.phrase.end is PhraseEnd.SIGH else None
        if cell is None:
            slot = self._slot(onset, room - plan.breath_ticks, unit, 0, numeral)
            return [slot._replace(anchor=goal, in_cadence=True, ending=ending)]
        values = (*cell.values[:-1], room - sum(cell.values[:-1]))
        slots: list[Slot] = []
        for place, value in enumerate(values):
            slots.append(self._slot(onset, value, unit, place, numeral)._replace(in_cadence=True))
            onset += value
        slots[-1] = slots[-1]._replace(anchor=goal, ending=ending)
        if self.phrase.end is not PhraseEnd.LATE:
            first = goal + (self.phrase.end is PhraseEnd.SIGH)
            slots[0] = slots[0]._replace(anchor=first, floor=first, cap=first)
        return slots

    def _end_cell(self, room: Ticks) -> Cell | None:
        """The rhythm of the last unit if it has more than one note, and room and reach for them."""
        plan = self.plan
        match self.phrase.end:
            case PhraseEnd.SIGH if self.phrase.anchors[-1] + 1 < plan.highest:
                return sigh_cell(self.metre, plan.unit_ticks)
            case PhraseEnd.TWICE:
                return twice_cell(self.metre, plan.unit_ticks, room)
            case PhraseEnd.LATE:
                moving = len(self.phrase.rhythm.cells[0].values) > 2
                return late_cell(self.metre, plan.unit_ticks, room, moving=moving)
            case _:
                return None

    def _slot(
        self,
        onset: Ticks,
        duration: Ticks,
        unit: int,
        place: int,
        numeral: str,
        *,
        anchor: int | None = None,
        in_cadence: bool = False,
    ) -> Slot:
        cap = self.plan.highest if self.plan.peak is None else self.plan.highest - 1
        tones = _tones(_SINGING_CHORDS.get(numeral, numeral), self.mode)
        return Slot(
            onset_ticks=onset,
            duration_ticks=duration,
            unit=unit,
            place=place,
            accent=_accent(onset, self.metre),
            ending=Ending.NONE,
            tones=tones,
            numeral=numeral,
            anchor=anchor,
            floor=self.plan.lowest,
            cap=cap,
            in_cadence=in_cadence,
            raised_seventh=self.mode.name == "minor" and 11 in tones,
            opening=unit <= 0 and self.phrase.kind is PhraseKind.OPEN,
            between_beats=_between_beats(onset, duration, self.metre),
        )


def _between_beats(onset: Ticks, duration: Ticks, metre: Metre) -> bool:
    beat = metre.beat_ticks
    return onset % beat != 0 and (onset + duration) % beat == 0


def _tones(numeral: str, mode: Mode) -> tuple[Semitones, ...]:
    return chord(numeral, mode).tones


def _accent(onset: Ticks, metre: Metre) -> Accent:
    """The bar line is heaviest; then the middle: beat 2 of 2, 3 of 4, 3 of 3."""
    place = onset % metre.bar_ticks
    if place == 0:
        return Accent.BAR
    middle = metre.bar_ticks * 2 // 3 if metre.name == "3/4" else metre.bar_ticks // 2
    return Accent.MIDDLE if place == middle else Accent.NONE
