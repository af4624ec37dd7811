"""Forms of tunes: strophes with interludes and refrains, statements with rests, a motif now and then.

What a form decides depends on the moment: how much of the time is the tune's (the arc), and how much is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from calmando.compose.ending import ending
from calmando.compose.material import Kind, Material
from calmando.compose.plan import Clock, Step
from calmando.compose.resonance import (
    Surprise,
    draw_surprise,
    with_deceptive_close,
    with_minor_fourth,
    with_sixth,
)
from calmando.compose.tune_book import TuneBook, fragment_of, without_tune
from calmando.preset.model import Preset
from calmando.score.tune import Tune, TuneChord, TuneNote
from calmando.units import Seconds

_MINUTES_PER_TUNE = 8.0
_REST_PHRASES = 6
_DECEPTIVE_EVERY_S = 240.0
_SILENT_SHARE = 0.03
_FRAGMENT_SHARE = 0.15
_REFRAIN_SHARE = 0.32
_ORDER = (0, 1, 0, 2, 0, 1, 0, 3, 0, 2, 0, 4)
"""Tunes of a long piece: the first always returns, literally."""


class TuneForm:
    """A form made of a family of tunes.

    Parameters
    ----------
    preset
        The form's settings.
    book
        The tunes.
    music_s
        Seconds up to the ending, for how many different tunes there are.
    """

    def __init__(self, preset: Preset, book: TuneBook, music_s: Seconds) -> None:
        self._preset = preset
        self._book = book
        n_tunes = 1 + int(music_s / 60 / _MINUTES_PER_TUNE / 1.5)
        self._n_tunes = max(1, min(preset.melody.tunes, n_tunes))
        self._aside_s: Seconds = 0.0
        self._last_name = ""
        self._block_s = max(music_s / max(1, 2 * self._n_tunes - 1), 4 * 60.0)

    def steps(self, clock: Clock) -> Iterator[Step]:
        """The phrases up to the ending."""
        kind = self._preset.form.kind
        yield from self._intro(clock)
        strophe = 0
        while True:
            strophe += 1
            tune, name = self._tune(clock, strophe)
            phrase_s = clock.seconds(self._phrase(tune, name, 0).ticks)
            if clock.left_s < phrase_s:
                return
            room = int(clock.left_s / phrase_s)
            stage, before = clock.targets.stage_index, Kind.INTRO
            for index, step in enumerate(self._strophe(clock, tune, name, strophe, room, kind)):
                if clock.left_s < clock.seconds(step.ticks):
                    return
                rested = index > 0 and step.kind is Kind.INTERLUDE and before is Kind.INTERLUDE
                if rested and clock.targets.stage_index != stage:
                    break
                before = step.kind
                yield Step(step, self._section(clock, step, strophe) if index == 0 else None, strophe)

    def ending(self, clock: Clock) -> Iterator[Step]:
        """The ending, made of the last phrase of the tune of the moment."""
        tune, name = self._tune(clock, 1)
        return ending(self._preset, self._phrase(tune, name, len(tune.phrases) - 1))

    def _section(self, clock: Clock, first: Material, strophe: int) -> str:
        what = "rest" if first.kind is Kind.INTERLUDE else "strophe"
        return f"{clock.targets.stage}: {what} {strophe}"

    def _tune(self, clock: Clock, strophe: int) -> tuple[Tune, str]:
        targets = clock.targets
        mode = self._book.mode(targets.stage_index, (strophe - 1) // 2)
        block = int(clock.elapsed_s / self._block_s)
        index = _ORDER[block % len(_ORDER)] % self._n_tunes
        register = targets.register_semitones
        tune = self._book.tune(index, mode, targets.tempo_bpm, register)
        return tune, f"{index}/{mode.name}/{register}"

    def _phrase(self, tune: Tune, name: str, index: int) -> Material:
        return self._book.phrase(tune, name, index % len(tune.phrases))

    def _intro(self, clock: Clock) -> Iterator[Step]:
        tune, name = self._tune(clock, 1)
        last = self._phrase(tune, name, len(tune.phrases) - 1)
        for index in range(self._preset.form.intro_phrases):
            material = without_tune(last, kind=Kind.INTRO, label="intro")
            if all(part.enters_strophe for part in self._preset.parts if part.role != "melody"):
                material = replace(material, tune=_held_tone(last))
            if index and clock.left_s < 3 * clock.seconds(material.ticks):
                return
            yield Step(material, f"{clock.targets.stage}: introduction" if index == 0 else None, 0)

    def _strophe(
        self, clock: Clock, tune: Tune, name: str, strophe: int, room: int, kind: str
    ) -> Iterator[Material]:
        """The phrases of one strophe: tune, refrain, interlude; how many, the moment decides."""
        n_phrases = len(tune.phrases)
        share = clock.targets.tune_share
        phrases = [self._phrase(tune, name, index) for index in range(n_phrases)]
        if self._last_name not in ("", name):
            # Another tune or mode: its upbeat would sound over the old one's chord.
            phrases[0] = _without_upbeat(phrases[0])
        self._last_name = name
        if kind == "motif":
            share, sung = 0.1, phrases[-1:]
        elif share < _SILENT_SHARE:
            sung = []
        elif share < _FRAGMENT_SHARE:
            sung = [fragment_of(phrases[0])]
        elif share < _REFRAIN_SHARE or room < n_phrases:
            sung = phrases[-2:] if room >= 2 else []
        else:
            sung = phrases
        surprise = self._surprise(clock, tune, strophe) if sung is phrases else Surprise.NONE
        if surprise is Surprise.SIXTH:
            sung = [with_sixth(phrases[0]), *phrases[1:]]
        elif surprise is Surprise.DECEPTIVE and room > n_phrases:
            self._aside_s = clock.elapsed_s
            sung = [*phrases[:-1], with_deceptive_close(phrases[-1]), phrases[-1]]
        yield from sung
        if len(sung) >= n_phrases and self._has_refrain(strophe) and room >= n_phrases + 3:
            yield without_tune(phrases[0], kind=Kind.INTERLUDE, label="interlude")
            yield from phrases[-2:]
        for index in range(self._n_rests(len(sung), share, room - len(sung), kind)):
            source = phrases[(index + 1) % n_phrases if n_phrases > 2 else index % n_phrases]
            rest = without_tune(source, kind=Kind.INTERLUDE, label="interlude")
            if surprise is Surprise.MINOR_FOURTH and index == 0:
                rest = with_minor_fourth(rest)
            yield _slow_harmony(rest, index) if kind == "motif" else rest

    def _surprise(self, clock: Clock, tune: Tune, strophe: int) -> Surprise:
        """At most one gentle surprise a strophe, none in the first, none where the stage allows none."""
        if strophe == 1 or not clock.targets.surprises:
            return Surprise.NONE
        melody = self._preset.melody
        return draw_surprise(
            tune.key,
            melody.resonance,
            melody.predictability,
            deceptive_is_due=clock.elapsed_s - self._aside_s >= _DECEPTIVE_EVERY_S,
            stream=self._book.stream(f"surprise/{strophe}"),
        )

    def _has_refrain(self, strophe: int) -> bool:
        refrain = self._preset.form.refrain
        return refrain == "every" or (refrain == "second" and strophe % 2 == 0)

    def _n_rests(self, n_sung: int, share: float, room: int, kind: str) -> int:
        """Phrases without the tune after a strophe, so that the tune has its share of the time."""
        if room <= 0:
            return 0
        if kind == "statements":
            return min(max(n_sung - 1, 1), room)
        if n_sung == 0:
            return min(_REST_PHRASES, room)
        return min(round(n_sung * (1 - share) / max(share, 0.06)), 16, room)


_SLOW = {True: ("i", "VII", "i", "IV"), False: ("I", "vi", "I", "V5")}
"""One chord a phrase, by whether the mode's third is minor."""


def _slow_harmony(material: Material, index: int) -> Material:
    """A phrase over one chord alone, so that nothing steps forward."""
    row = _SLOW[material.key.mode.minor_third]
    if material.key.mode.name == "minor":
        row = ("i", "VI", "i", "VII")
    numeral = row[(index + 1) % len(row)]
    return replace(
        material,
        name=f"slow/{material.key.name}/{numeral}",
        beneath=(),
        chords=(TuneChord(0, material.ticks, numeral),),
    )


def _without_upbeat(material: Material) -> Material:
    notes = tuple(note for note in material.tune if note.onset_ticks >= 0)
    if notes == material.tune:
        return material
    return replace(material, name=f"{material.name}/no upbeat", tune=notes)


def _held_tone(last: Material) -> tuple[TuneNote, ...]:
    """The tune's last note, held for half a phrase: how a voice alone begins."""
    return tuple(TuneNote(0, last.ticks // 2, note.pitch) for note in last.tune[-1:])
