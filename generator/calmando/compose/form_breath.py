"""The form of paced breathing: every phrase is one breath, rising on the inhale, falling on the longer exhale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from calmando.compose.ending import final
from calmando.compose.material import Kind, Material
from calmando.compose.own_phrases import OwnPhrases
from calmando.compose.plan import Clock, Step
from calmando.compose.tune_book import TuneBook, without_tune
from calmando.preset.model import Preset
from calmando.rng import Stream
from calmando.score.tune import TuneChord, TuneNote
from calmando.theory.metre import Metre
from calmando.theory.scale import Key
from calmando.units import MidiPitch, Ticks

_BREATHS = {
    "open": ((0, 3, 2), (2, 4, 3), (0, 2, 1), (1, 4, 2)),
    "lift": ((3, 5, 3), (2, 5, 3), (3, 5, 2)),
    "close": ((1, 3, 0), (2, 4, 0), (0, 2, 0), (1, 4, 0)),
}
"""Breaths by what they do: steps of the scale (0 the key note) where the inhale begins, its top, the exhale's end."""
_OPEN_FIFTH = "I5"
"""The one chord, to the end: nothing but the breath moves."""
_VERSE = ("open", "open", "lift", "close")
_VERSES_OF_ONE_KIND = 3
"""A verse of four breaths returns this often before a new one comes."""
_MAKING = f"""\
This form makes its own phrases: each is one breath. It rises by steps from where the inhale begins to its top, falls by
steps over the longer exhale and rests a beat. What begins, how high it goes and where it ends is chosen for the seed; four
breaths are a verse (A A B A, the second may differ and the last closes), which returns {_VERSES_OF_ONE_KIND} times before
another comes."""
_SLOWING = 1.02
"""So much longer than the one before a breath may be."""


class BreathForm:
    """Verses of four breaths, with breaths without a tune between them."""

    def __init__(self, preset: Preset, book: TuneBook) -> None:
        self._preset = preset
        self._book = book
        self._key = book.key(book.mode(0, 0))

    def own_phrases(self) -> OwnPhrases:
        """The first verse."""
        return OwnPhrases(tuple(self._verse_of(1)), _MAKING)

    def steps(self, clock: Clock) -> Iterator[Step]:
        """Breaths up to the ending; the last one that sings closes its verse."""
        verse = 0
        breaths = self._verse(0)
        for index in range(self._preset.form.intro_phrases):
            if index and clock.left_s < 3 * clock.seconds(breaths[0].ticks):
                break
            yield Step(
                without_tune(breaths[0], kind=Kind.INTRO, label="intro"),
                f"{clock.targets.stage}: introduction" if index == 0 else None,
            )
        while True:
            verse += 1
            for index, breath in enumerate(self._with_rests(clock, verse)):
                breath_s = clock.seconds(breath.ticks)
                if clock.left_s < breath_s:
                    return
                ends = breath.tune and clock.left_s < 2 * _SLOWING * breath_s
                material = self._verse_of(verse)[-1] if ends else breath
                yield Step(material, f"{clock.targets.stage}: verse {verse}" if index == 0 else None, verse)

    def ending(self, clock: Clock) -> Iterator[Step]:
        """The final breath out, on the key note."""
        del clock
        last = self._verse(0)[-1]
        yield Step(replace(final(last, amen=False), chords=last.chords), "ending")

    def _with_rests(self, clock: Clock, verse: int) -> Iterator[Material]:
        breaths = self._verse_of(verse)
        yield from breaths
        share = max(clock.targets.tune_share, 0.1)
        for index in range(round(len(breaths) * (1 - share) / share)):
            yield without_tune(breaths[index % len(breaths)], kind=Kind.BREATH, label="breath")

    def _verse_of(self, verse: int) -> list[Material]:
        return self._verse((verse - 1) // _VERSES_OF_ONE_KIND)

    def _verse(self, number: int) -> list[Material]:
        stream = self._book.stream(f"breath/{number}")
        shapes: dict[str, tuple[int, int, int]] = {}
        materials = []
        for index, kind in enumerate(_VERSE):
            if kind not in shapes or not stream.chance(0.3 + 0.7 * self._preset.melody.predictability):
                shapes[kind] = stream.choice(_BREATHS[kind])
            materials.append(
                self._breath(f"breath/{number}/{index}", "AABA"[index], shapes[kind], index == 0, stream)
            )
        return materials

    def _breath(
        self, name: str, label: str, shape: tuple[int, int, int], cued: bool, stream: Stream
    ) -> Material:
        metre, settings = self._preset.metre, self._preset.breath
        inhale, exhale = settings.inhale_bars * metre.bar_ticks, settings.exhale_bars * metre.bar_ticks
        pitches = scale_pitches(self._key, self._preset.pitch.low_pitch)
        notes = breath_notes(shape, inhale, exhale, metre, pitches, slow=stream.chance(0.3))
        return Material(
            name,
            label,
            Kind.BREATH,
            self._key,
            metre,
            self._preset.tempo.phrase_bars,
            notes,
            (TuneChord(0, inhale + exhale, _OPEN_FIFTH),),
            cued=cued,
        )


def scale_pitches(key: Key, low: MidiPitch) -> tuple[MidiPitch, ...]:
    """The scale from the lowest key note at or above a pitch, two octaves of it."""
    tonic = low + (key.tonic - low) % 12
    return tuple(tonic + key.mode.semitones(step) for step in range(2 * len(key.mode.steps)))


def breath_notes(
    shape: tuple[int, int, int],
    inhale: Ticks,
    exhale: Ticks,
    metre: Metre,
    pitches: tuple[MidiPitch, ...],
    *,
    slow: bool,
) -> tuple[TuneNote, ...]:
    """The tune of one breath: up by steps to the top of the inhale, down by steps over the exhale, then a rest."""
    start, top, end = shape
    beat = metre.beat_ticks
    up = list(range(start, top + 1))
    down = list(range(top - 1, end - 1, -1)) or [end]
    up = _fewer(up, _fewest(up) if slow else inhale // beat)
    down = _fewer(down, _fewest(down) if slow else exhale // beat - 2)
    notes = [*_spread(up, 0, inhale, beat), *_spread(down, inhale, exhale - beat, beat)]
    return tuple(TuneNote(onset, length, pitches[step]) for step, onset, length in notes)


def _fewest(steps: list[int]) -> int:
    """How few of some scale steps in a row may sound so that no two lie more than a skip apart; two at least."""
    return max(2, len(steps) // 2 + 1)


def _fewer(steps: list[int], most: int) -> list[int]:
    """The first and the last, and as many between as fit."""
    most = max(most, 1)
    if len(steps) <= most:
        return steps
    if most == 1:
        return steps[-1:]
    return [steps[round(index * (len(steps) - 1) / (most - 1))] for index in range(most)]


def _spread(steps: list[int], start: Ticks, length: Ticks, beat: Ticks) -> Iterator[tuple[int, Ticks, Ticks]]:
    """Even values of whole beats; the last takes what is left."""
    value = max(beat, length // len(steps) // beat * beat)
    if len(steps) > 1 and length - value * (len(steps) - 1) < value:
        value = max(beat, value - beat)
    for index, step in enumerate(steps):
        onset = start + index * value
        yield step, onset, value if index < len(steps) - 1 else start + length - onset
