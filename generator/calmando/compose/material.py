"""Material: one phrase of what is to be played, before it is laid out for instruments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from calmando.score.tune import Tune, TuneChord, TuneNote
from calmando.theory.metre import Metre
from calmando.theory.scale import Key
from calmando.units import Ticks


class Kind(StrEnum):
    """What a phrase is in the course of the piece."""

    INTRO = "intro"
    TUNE = "tune"
    INTERLUDE = "interlude"
    FRAGMENT = "fragment"
    BREATH = "breath"
    TENSE = "tense"
    RELEASE = "release"
    TURN = "turn"
    TAG = "tag"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Material:
    """A phrase: its tune notes (empty where the tune rests) and its chords, in ticks from its first bar line.

    Attributes
    ----------
    name
        Its identity: materials of one name are alike.
    label
        As printed: ``A``, ``A'``, ``interlude`` …
    tune
        May begin before 0: an upbeat.
    chords
        Gapless from 0 to the end.
    beneath
        Notes that the chords are laid out under, too: of an upbeat to come, or one still in the ear.
    resting
        Notes of a tune at rest: the chords may take their place, a drone stays below them as it was.
    cued
        Whether its beginning is marked by a cue.
    peak_ticks
        Where the tune's one highest note is, if it is here and is to be felt.
    """

    name: str
    label: str
    kind: Kind
    key: Key
    metre: Metre
    n_bars: int
    tune: tuple[TuneNote, ...]
    chords: tuple[TuneChord, ...]
    beneath: tuple[TuneNote, ...] = ()
    resting: tuple[TuneNote, ...] = ()
    cued: bool = False
    peak_ticks: Ticks | None = None

    @property
    def ticks(self) -> Ticks:
        """Its length."""
        return self.n_bars * self.metre.bar_ticks


def phrase_of(tune: Tune, index: int, name: str, *, kind: Kind = Kind.TUNE) -> Material:
    """The phrase ``index`` of a tune as material; its upbeat comes with it, the next phrase's does not."""
    bar = tune.metre.bar_ticks
    phrase = tune.phrases[index]
    start, end = phrase.first_bar * bar, phrase.end_bar * bar
    upbeat = tune.upbeat_ticks
    last = index == len(tune.phrases) - 1
    notes = tuple(
        TuneNote(note.onset_ticks - start, note.duration_ticks, note.pitch)
        for note in tune.notes
        if start - upbeat <= note.onset_ticks and (last or note.onset_ticks < end - upbeat)
    )
    chords = tuple(
        TuneChord(
            max(chord.onset_ticks, start) - start,
            min(chord.onset_ticks + chord.duration_ticks, end) - max(chord.onset_ticks, start),
            chord.numeral,
        )
        for chord in tune.chords
        if chord.onset_ticks < end and chord.onset_ticks + chord.duration_ticks > start
    )
    return Material(
        name=name,
        label=phrase.label,
        kind=kind,
        key=tune.key,
        metre=tune.metre,
        n_bars=phrase.end_bar - phrase.first_bar,
        tune=notes,
        chords=chords,
        beneath=_upbeats(tune, end - start),
    )


def peak_of(tune: Tune, index: int) -> Ticks | None:
    """Where in a phrase the tune's highest note first sounds, if that is in this phrase.

    In ticks from the phrase's first bar line.
    """
    if not tune.notes:
        return None
    top = max(note.pitch for note in tune.notes)
    at = next(note.onset_ticks for note in tune.notes if note.pitch == top)
    phrase, bar = tune.phrases[index], tune.metre.bar_ticks
    start = phrase.first_bar * bar
    return at - start if start <= at < phrase.end_bar * bar else None


def last_bars(material: Material, n_bars: int) -> Material:
    """The last bars of a phrase, the whole phrase where it has no more: what leads in or closes is no longer than that.

    Of a note or a chord that begins before them stays what sounds within them.
    """
    cut = (material.n_bars - n_bars) * material.metre.bar_ticks
    if cut <= 0:
        return material

    def within(onset: Ticks, duration: Ticks) -> tuple[Ticks, Ticks]:
        begin = max(onset, cut)
        return begin - cut, onset + duration - begin

    return replace(
        material,
        name=f"{material.name}/last {n_bars} bars",
        n_bars=n_bars,
        tune=tuple(
            TuneNote(*within(note.onset_ticks, note.duration_ticks), note.pitch)
            for note in material.tune
            if note.end_ticks > cut
        ),
        chords=tuple(
            TuneChord(*within(item.onset_ticks, item.duration_ticks), item.numeral)
            for item in material.chords
            if item.onset_ticks + item.duration_ticks > cut
        ),
        beneath=_earlier(material.beneath, cut),
        resting=_earlier(material.resting, cut),
        peak_ticks=None,
    )


def _earlier(notes: tuple[TuneNote, ...], ticks: Ticks) -> tuple[TuneNote, ...]:
    return tuple(replace(note, onset_ticks=note.onset_ticks - ticks) for note in notes)


def _upbeats(tune: Tune, at: Ticks) -> tuple[TuneNote, ...]:
    """The upbeats of all phrases of a tune, as if they led on from a moment: any of them may come next."""
    bar = tune.metre.bar_ticks
    starts = [phrase.first_bar * bar for phrase in tune.phrases]
    return tuple(
        TuneNote(note.onset_ticks - start + at, note.duration_ticks, note.pitch)
        for start in starts
        for note in tune.notes
        if start - tune.upbeat_ticks <= note.onset_ticks < start
    )
