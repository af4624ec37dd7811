"""A tune that a caller made by hand: whole, in order, and of the notes, chords and metres that the composer knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from calmando.errors import InputError
from calmando.given import FURTHEST, given_kind, given_several, given_whole_within
from calmando.score.tune import Tune, TuneChord, TuneNote, TunePhrase
from calmando.theory.chord import chord
from calmando.theory.metre import METRES, Metre
from calmando.theory.pitch import HIGHEST_PITCH
from calmando.theory.scale import MODES, Key, Mode
from calmando.units import Ticks

T = TypeVar("T")


def given_tune(value: object) -> Tune:
    """A tune, its parts as tuples and its numbers as Python's own.

    Raises
    ------
    InputError
        Where it is no tune, or one that cannot be sung: its key or metre unknown, without phrases or chords, its
        phrases or chords not gapless, its notes out of order, overlapping, without length or beyond its bars.
    """
    tune = given_kind(value, Tune, "tune", "Make one with calmando.Tune, or leave it out.")
    key, metre = given_key(tune.key, "tune.key"), _metre(tune.metre)
    phrases = _phrases(_several(tune.phrases, TunePhrase, "phrases"))
    end = phrases[-1].end_bar * metre.bar_ticks
    chords = _chords(_several(tune.chords, TuneChord, "chords"), key.mode, end)
    upbeat = given_whole_within(
        tune.upbeat_ticks, "tune.upbeat_ticks", 0, metre.bar_ticks, "An upbeat is a bar at the most."
    )
    notes = _notes(_several(tune.notes, TuneNote, "notes"), upbeat, end)
    return replace(
        tune, key=key, metre=metre, notes=notes, chords=chords, phrases=phrases, upbeat_ticks=upbeat
    )


def _several(value: object, kind: type[T], name: str) -> tuple[T, ...]:
    return given_several(value, kind, f"tune.{name}", f"Make them with calmando.{kind.__name__}.")


def given_key(value: object, place: str) -> Key:
    """A key of a mode in use, its tonic a pitch class.

    Raises
    ------
    InputError
        Where it is none.
    """
    key = given_kind(value, Key, place, 'For example: Key(0, MODES["major"]).')
    tonic = given_whole_within(key.tonic, f"{place}.tonic", 0, 11, "C is 0, B is 11.")
    mode = given_kind(key.mode, Mode, f"{place}.mode", 'For example: MODES["major"].')
    if MODES.get(mode.name) != mode:
        raise InputError(
            f"{place}.mode is {mode.name!r}.",
            f"The composer knows {', '.join(MODES)}.",
            "Take one from MODES.",
        )
    return Key(tonic, mode)


def _metre(value: object) -> Metre:
    metre = given_kind(value, Metre, "tune.metre", 'For example: METRES["3/4"].')
    if metre not in METRES.values():
        raise InputError(
            f"tune.metre is {metre.numerator}/{metre.denominator}, or counts other beats than that.",
            f"The composer knows {', '.join(METRES)}.",
            "Write the tune in one of them, and take it from METRES.",
        )
    return metre


def _phrases(phrases: tuple[TunePhrase, ...]) -> tuple[TunePhrase, ...]:
    if not phrases:
        raise InputError(
            "The tune has no phrases.",
            "The composer arranges a tune phrase by phrase.",
            'For example: phrases=(TunePhrase("A", 0, 4),).',
        )
    checked: list[TunePhrase] = []
    begin = 0
    for index, phrase in enumerate(phrases):
        name = f"tune.phrases[{index}]"
        label = given_kind(phrase.label, str, f"{name}.label", 'For example: "A".')
        first = given_whole_within(phrase.first_bar, f"{name}.first_bar", 0, FURTHEST)
        end = given_whole_within(phrase.end_bar, f"{name}.end_bar", 0, FURTHEST)
        if first != begin:
            raise InputError(
                f"{name} begins with bar {first}.",
                "Phrases follow one another without a gap, the first from bar 0.",
                f"Let it begin with bar {begin}.",
            )
        if end <= first:
            raise InputError(
                f"{name} begins with bar {first} and ends before bar {end}.",
                "A phrase has at least one bar; its end_bar is the first that is no longer its own.",
                f"Let its end_bar be {first + 1} or more.",
            )
        checked.append(TunePhrase(label, first, end))
        begin = end
    return tuple(checked)


def _chords(chords: tuple[TuneChord, ...], mode: Mode, end: Ticks) -> tuple[TuneChord, ...]:
    if not chords:
        raise InputError(
            "The tune has no chords.",
            "Its accompaniment is made of them.",
            'For example: chords=(TuneChord(0, 1440, "I"),).',
        )
    checked: list[TuneChord] = []
    begin = 0
    for index, item in enumerate(chords):
        name = f"tune.chords[{index}]"
        onset = given_whole_within(item.onset_ticks, f"{name}.onset_ticks", 0, FURTHEST)
        duration = _duration(item.duration_ticks, name)
        if onset != begin:
            raise InputError(
                f"{name} begins at tick {onset}.",
                "Chords follow one another without a gap, the first from tick 0.",
                f"Let it begin at tick {begin}.",
            )
        checked.append(TuneChord(onset, duration, _numeral(item.numeral, mode, name)))
        begin = onset + duration
    if begin != end:
        raise InputError(
            f"The last chord of the tune ends at tick {begin}.",
            f"Its last bar ends at tick {end}, and every bar has a chord.",
            "Let the last chord end where the last phrase does.",
        )
    return tuple(checked)


def _numeral(value: object, mode: Mode, name: str) -> str:
    fix = "Write I, ii, bVII, V5, Isus4, IVmaj7, II/1 and the like."
    numeral = given_kind(value, str, f"{name}.numeral", fix)
    try:
        chord(numeral, mode)
    except ValueError:
        raise InputError(f"{name}.numeral is {numeral!r}.", "That is no chord numeral.", fix) from None
    return numeral


def _notes(notes: tuple[TuneNote, ...], upbeat: Ticks, end: Ticks) -> tuple[TuneNote, ...]:
    checked: list[TuneNote] = []
    free_from = -upbeat
    for index, note in enumerate(notes):
        name = f"tune.notes[{index}]"
        onset = given_whole_within(note.onset_ticks, f"{name}.onset_ticks", -FURTHEST, FURTHEST)
        duration = _duration(note.duration_ticks, name)
        pitch = given_whole_within(note.pitch, f"{name}.pitch", 0, HIGHEST_PITCH, "Middle C is 60.")
        if onset < -upbeat:
            raise InputError(
                f"{name} begins {-onset} ticks before the first bar line.",
                f"The tune's upbeat is {upbeat} ticks long.",
                f"Give it with upbeat_ticks={-onset}, or begin at tick 0.",
            )
        if onset < free_from:
            raise InputError(
                f"{name} begins at tick {onset}.",
                f"The note before it ends at tick {free_from}; a tune's notes stand in order and do not overlap.",
                "Put them in order, and let each end before the next begins.",
            )
        if onset + duration > end:
            raise InputError(
                f"{name} ends at tick {onset + duration}.",
                f"The tune's last phrase ends at tick {end}.",
                "Shorten the note, or give the last phrase more bars.",
            )
        checked.append(TuneNote(onset, duration, pitch))
        free_from = onset + duration
    return tuple(checked)


def _duration(value: object, name: str) -> Ticks:
    return given_whole_within(value, f"{name}.duration_ticks", 1, FURTHEST, "A quarter note has 480 ticks.")
