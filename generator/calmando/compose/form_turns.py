"""The form of taking turns: a call of a bar, an answer of a bar, four times; then one thing changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice

from calmando.compose.ending import final
from calmando.compose.form_breath import scale_pitches
from calmando.compose.material import Kind, Material
from calmando.compose.own_phrases import OwnPhrases
from calmando.compose.plan import Clock, Step
from calmando.compose.tune_book import TuneBook, without_tune
from calmando.preset.model import Preset
from calmando.rng import Stream
from calmando.score.tune import TuneChord, TuneNote
from calmando.units import Semitones, Ticks

Beat = tuple[int, ...]
"""The scale steps struck in one beat: one quarter, or two eighths."""
Call = tuple[Beat, ...]
"""Two beats of motif; "your turn" and a rest follow."""

_FIRST_CALLS: tuple[Call, ...] = (
    ((0,), (2,)),
    ((2, 3), (2,)),
    ((0, 1), (2,)),
    ((2,), (1, 0)),
    ((1, 3), (3, 2)),
)
_HIGHEST = 3
_HIGHEST_BEGINNING: Semitones = 5
_HIGHEST_END: Semitones = 4
"""A call begins a fourth and ends a third above the low "your turn" at most, so that it is not leapt to from far."""
_TIMES = 4
_ORIGIN_EVERY = 4
"""Every so many changes the first call returns."""
_MAKING = f"""\
This form makes its own phrases: a bar calls, two beats of motif and a low "your turn"; a bar is left for the answer. The
first call is chosen for the seed. After {_TIMES} turns one thing changes: a note lies a step higher or lower, or a beat is
divided or joined, never so that a single tone is left; every {_ORIGIN_EVERY} changes the first call returns."""


class TurnForm:
    """Call and equal answer; the answer has a soft pulse, or silence."""

    def __init__(self, preset: Preset, book: TuneBook) -> None:
        self._preset = preset
        self._key = book.key(book.mode(0, 0))
        self._book = book
        self._pitches = scale_pitches(self._key, preset.pitch.low_pitch)
        self._edges = (self._step_below(_HIGHEST_BEGINNING), self._step_below(_HIGHEST_END))
        self._per_phrase = max(1, preset.tempo.phrase_bars // 2)

    def _step_below(self, limit: Semitones) -> int:
        """The highest step at most so many semitones above the lowest."""
        low = self._pitches[0]
        return max(step for step, pitch in enumerate(self._pitches) if pitch - low <= limit)

    def steps(self, clock: Clock) -> Iterator[Step]:
        """Pulse alone, then turns up to the ending."""
        yield Step(
            without_tune(self._turns(next(self._calls())), kind=Kind.INTRO, label="intro"),
            f"{clock.targets.stage}: introduction",
        )
        for number, call in enumerate(self._calls(), 1):
            for index in range(max(1, _TIMES // self._per_phrase)):
                material = self._turns(call)
                if clock.left_s < clock.seconds(material.ticks):
                    return
                name = f"{clock.targets.stage}: call {number}" if index == 0 else None
                yield Step(material, name, number)

    def own_phrases(self) -> OwnPhrases:
        """A turn of each call up to the return of the first."""
        calls = enumerate(islice(self._calls(), _ORIGIN_EVERY), 1)
        return OwnPhrases(
            tuple(replace(self._turns(call), label=f"call {number}") for number, call in calls), _MAKING
        )

    def _calls(self) -> Iterator[Call]:
        """The calls, without end."""
        first = call = _within(self._book.stream("turns").choice(_FIRST_CALLS), self._edges)
        for number in count(1):
            yield call
            stream = self._book.stream(f"turns/{number}")
            call = first if number % _ORIGIN_EVERY == 0 else self._next(call, first, stream=stream)

    def _next(self, call: Call, first: Call, *, stream: Stream) -> Call:
        """The call with one thing changed: never the first again, nor one tone alone, which "your turn" would but repeat."""
        while True:
            changed = _changed(call, self._edges, stream=stream)
            if changed != first and len({step for beat in changed for step in beat}) > 1:
                return changed

    def ending(self, clock: Clock) -> Iterator[Step]:
        """The key note, low and soft."""
        del clock
        yield Step(final(self._turns(((0,), (0,))), amen=False), "ending")

    def _turns(self, call: Call) -> Material:
        metre, bars = self._preset.metre, self._preset.tempo.phrase_bars
        notes = [
            note
            for bar in range(0, bars, 2)
            for note in self._notes(call, bar * metre.bar_ticks, metre.beat_ticks)
        ]
        name = "turn/" + ",".join("+".join(map(str, beat)) for beat in call)
        chord = TuneChord(0, bars * metre.bar_ticks, "I5")
        return Material(name, "turns", Kind.TURN, self._key, metre, bars, tuple(notes), (chord,))

    def _notes(self, call: Call, start: Ticks, beat: Ticks) -> Iterator[TuneNote]:
        for index, steps in enumerate(call):
            length = beat // len(steps)
            for place, step in enumerate(steps):
                yield TuneNote(start + index * beat + place * length, length, self._pitches[step])
        yield TuneNote(start + 2 * beat, beat, self._pitches[0])


def _within(call: Call, edges: tuple[int, int]) -> Call:
    """A call that begins and ends on the steps of its edges at most, however high it goes between."""
    begin, end = call
    first = (min(begin[0], edges[0]), *begin[1:])
    return first, (*end[:-1], min(end[-1], edges[1]))


def _changed(call: Call, edges: tuple[int, int], *, stream: Stream) -> Call:
    """One change: a note a step higher or lower, or a beat divided or joined."""
    where = stream.below(len(call))
    beat = call[where]
    is_last = where == len(call) - 1
    if stream.chance(0.5):
        joined = beat[-1:] if is_last else beat[:1]
        changed: Beat = joined if len(beat) == 2 else (beat[0], max(0, beat[0] - 1))
    else:
        highest = edges[is_last] if is_last or len(beat) == 1 else _HIGHEST
        up = beat[-1] < highest and (beat[-1] == 0 or stream.chance(0.5))
        changed = (*beat[:-1], beat[-1] + (1 if up else -1))
    return (*call[:where], changed, *call[where + 1 :])
