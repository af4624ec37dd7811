"""The form of muscle relaxation: tense for six beats, let go for twenty-four, rest; at the end the way back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from calmando.compose.ending import final
from calmando.compose.material import Kind, Material
from calmando.compose.plan import Clock, Step
from calmando.compose.tune_book import TuneBook, without_tune, without_upbeat
from calmando.preset.model import Preset
from calmando.score.tune import TuneChord, TuneNote
from calmando.theory.chord import degree_semitones
from calmando.theory.metre import METRES, Metre
from calmando.units import MidiPitch, Seconds, Ticks

_TENSE_METRE = METRES["3/4"]
_TENSE_BARS = 2
_MOST_CYCLES = 16
_MOST_RESTS = 12
_RESTS = (("I", "IV", "I"), ("I", "vi", "IV"), ("I", "V5", "I"), ("vi", "IV", "I"))
"""What is heard while the muscles rest."""
_TENSIONS = ((5, 6, 7), (5, 6, 8), (2, 3, 5), (2, 5, 6))
"""Degrees that rise over the fourth that hangs."""
_TENSION_BEATS = ((2, 2, 2), (1, 1, 4), (3, 1, 2), (2, 1, 3))
"""Their lengths: six beats."""
_DESCENTS: dict[tuple[int, ...], tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]] = {
    (2, 1, 1): (
        ((5, 5, 4), (3, 3, 2)),
        ((8, 7, 6), (5, 4, 3)),
        ((5, 4, 3), (3, 2, 2)),
        ((8, 8, 6), (5, 4, 3)),
    ),
    (1, 1, 2): (
        ((5, 4, 3), (3, 3, 2)),
        ((8, 7, 5), (5, 4, 3)),
        ((6, 6, 5), (5, 4, 3)),
        ((5, 5, 3), (3, 3, 2)),
    ),
    (3, 1): (((5, 4), (3, 2)), ((8, 6), (5, 3)), ((5, 3), (3, 2)), ((6, 5), (3, 2))),
    (2, 2): (((5, 3), (3, 2)), ((6, 5), (3, 2)), ((8, 5), (3, 2)), ((5, 5), (3, 2))),
}
"""Two bars of letting go, down to 1 in the third: by their rhythm in quarters of a bar, the degrees of each."""
_LEADING, _OCTAVE = 7, 8
_CALLS = ((1, 2, 3), (3, 2, 3), (1, 3, 5), (5, 4, 3), (3, 4, 5), (5, 3, 5), (1, 1, 3), (3, 3, 5))
"""Degrees of the soft call after it, open for more."""
_CALL_QUARTERS = ((1, 1, 4), (2, 2, 4), (3, 1, 4), (2, 1, 3))
"""Their lengths in quarters of a bar."""


class ReleaseForm:
    """Cycles of tensing and letting go; the last stage plays the tune, so that the listener comes back awake."""

    def __init__(self, preset: Preset, book: TuneBook, music_s: Seconds) -> None:
        self._preset = preset
        self._book = book
        self._key = book.key(book.mode(0, 0))
        self._metre = preset.metre
        self._music_s = music_s
        stream = book.stream("release")
        self._tension = tuple(zip(stream.choice(_TENSION_BEATS), stream.choice(_TENSIONS), strict=True))
        self._rhythm = stream.choice(tuple(_DESCENTS))
        # A rise to the leading note goes home.
        leads = self._tension[-1][1] == _LEADING
        descents = _DESCENTS[self._rhythm]
        self._descent = stream.choice([d for d in descents if d[0][0] == _OCTAVE] if leads else descents)
        self._call = tuple(zip(stream.choice(_CALL_QUARTERS), stream.choice(_CALLS), strict=True))
        self._sung = self._release(0)
        """What was sung last: the end follows it."""

    def steps(self, clock: Clock) -> Iterator[Step]:
        """Introduction, cycles with rests, the way back."""
        rest = self._rest(0)
        for index in range(self._preset.form.intro_phrases):
            if index and clock.left_s < 6 * clock.seconds(rest.ticks):
                break
            yield Step(
                without_tune(rest, kind=Kind.INTRO, label="intro"),
                f"{clock.targets.stage}: introduction" if index == 0 else None,
            )
        cycle = 0
        while not self._is_return(clock):
            cycle += 1
            rests = [self._rest(cycle + index) for index in range(self._n_rests(clock))]
            phrases = [self._tense(), self._release(0), self._release(1), *rests]
            for index, material in enumerate(phrases):
                if clock.left_s < clock.seconds(material.ticks):
                    return
                if index == 0 and clock.left_s < clock.seconds(sum(m.ticks for m in phrases[:3])):
                    break
                self._sung = material if material.tune else self._sung
                yield Step(material, f"{clock.targets.stage}: cycle {cycle}" if index == 0 else None, cycle)
            else:
                continue
            break
        yield from self._return(clock, cycle + 1)

    def ending(self, clock: Clock) -> Iterator[Step]:
        """The key chord, bright and plain."""
        del clock
        yield Step(final(self._sung, amen=False), "ending")

    def _is_return(self, clock: Clock) -> bool:
        return self._preset.form.ends_awake and clock.targets.stage_index == len(self._preset.stages) - 1

    def _n_rests(self, clock: Clock) -> int:
        """Phrases of rest after a cycle, so that there are at most sixteen (or as many as asked for)."""
        cycles = self._preset.form.cycles or _MOST_CYCLES
        phrase_s = clock.seconds(self._preset.tempo.phrase_bars * self._metre.bar_ticks)
        share = 1 - self._preset.stages[-1].share if self._preset.form.ends_awake else 1.0
        spare_s = self._music_s * share / cycles - 2.5 * phrase_s
        return max(0, min(_MOST_RESTS, round(spare_s / phrase_s)))

    def _return(self, clock: Clock, strophe: int) -> Iterator[Step]:
        """The tune, over and over, while the way back lasts; its last phrase comes last."""
        tune = self._book.tune(0, self._key.mode, clock.targets.tempo_bpm)
        phrases = [self._book.phrase(tune, "return", index) for index in range(len(tune.phrases))]
        for index in itertools.count():
            material = phrases[index % len(phrases)]
            if clock.left_s < clock.seconds(material.ticks + phrases[-1].ticks):
                material = phrases[-1]
            if clock.left_s < clock.seconds(material.ticks):
                return
            if index == 0:
                material = without_upbeat(material)
            first = index % len(phrases) == 0
            number = strophe + index // len(phrases)
            self._sung = material
            yield Step(material, f"{clock.targets.stage}: strophe {number}" if first else None, number)

    def _pitch(self, degree: int) -> MidiPitch:
        """A degree of the key in the tune's register, the key note near its low end."""
        low = self._preset.pitch.low_pitch
        tonic = low + (self._key.tonic - low) % 12
        return tonic + degree_semitones(degree, self._key.mode)

    def _tense(self) -> Material:
        """Six beats over a fourth that hangs, rising: 5–6–7, or another way of the seed's."""
        rows = _in_a_row(self._tension, 0, _TENSE_METRE.beat_ticks)
        notes = tuple(TuneNote(onset, ticks, self._pitch(degree)) for onset, ticks, degree in rows)
        length = _TENSE_BARS * _TENSE_METRE.bar_ticks
        return self._material(
            "tense", "tense", Kind.TENSE, _TENSE_METRE, _TENSE_BARS, notes, [(0, length, "Vsus4")]
        )

    def _release(self, half: int) -> Material:
        """Twelve beats of the key chord: first down to 1; then a soft call over IV and I, open for more.

        Where the line has come down, the chord is begun again: it has its third now, which no passing fourth rubs against.
        """
        metre, bars = self._metre, self._preset.tempo.phrase_bars
        bar, length = metre.bar_ticks, bars * metre.bar_ticks
        if half == 0:
            rows = [
                row
                for index, degrees in enumerate(self._descent)
                for row in _in_a_row(zip(self._rhythm, degrees, strict=True), index * bar, bar // 4)
            ]
            rows.append((2 * bar, bar, 1))
            chords = [(0, 2 * bar, "I"), (2 * bar, length - 2 * bar, "I")]
            return self._rows("release/0", rows, metre, bars, chords, cued=True)
        chords = [(0, bar, "IV"), (bar, length - bar, "I")]
        rows = list(_in_a_row(self._call, bar, bar // 4))
        return self._rows("release/1", rows, metre, bars, chords, cued=False)

    def _rows(
        self,
        name: str,
        rows: list[tuple[Ticks, Ticks, int]],
        metre: Metre,
        bars: int,
        chords: list[tuple[Ticks, Ticks, str]],
        *,
        cued: bool,
    ) -> Material:
        notes = tuple(TuneNote(onset, length, self._pitch(degree)) for onset, length, degree in rows)
        return self._material(name, "release", Kind.RELEASE, metre, bars, notes, chords, cued=cued)

    def _rest(self, number: int) -> Material:
        """Three soft chords; from rest to rest they take turns."""
        bars = self._preset.tempo.phrase_bars
        bar = self._metre.bar_ticks
        row = _RESTS[number % len(_RESTS)]
        chords = [(0, bar, row[0]), (bar, bar, row[1]), (2 * bar, (bars - 2) * bar, row[2])]
        beneath = (TuneNote(0, bar, self._pitch(3)),)
        return Material(
            f"rest/{number % len(_RESTS)}",
            "rest",
            Kind.INTERLUDE,
            self._key,
            self._metre,
            bars,
            (),
            tuple(TuneChord(*c) for c in chords),
            beneath,
        )

    def _material(
        self,
        name: str,
        label: str,
        kind: Kind,
        metre: Metre,
        bars: int,
        notes: tuple[TuneNote, ...],
        chords: list[tuple[Ticks, Ticks, str]],
        *,
        cued: bool = True,
    ) -> Material:
        return Material(
            name, label, kind, self._key, metre, bars, notes, tuple(TuneChord(*c) for c in chords), cued=cued
        )


def _in_a_row(
    notes: Iterable[tuple[int, int]], onset: Ticks, unit: Ticks
) -> Iterator[tuple[Ticks, Ticks, int]]:
    """Onset, length and degree of notes given by their lengths in units and their degrees."""
    for length, degree in notes:
        yield onset, length * unit, degree
        onset += length * unit
