"""A score that a caller may have made by hand: every number in it one that MIDI can say and a clock can count.

Notes and controllers are looked at all at once, attribute by attribute: twenty thousand notes take a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple, TypeVar

from calmando.errors import InputError
from calmando.given import FURTHEST, given_kind, given_number, given_several, given_whole_within
from calmando.preset.recipe import LONGEST_MINUTES, Recipe
from calmando.score.given_tune import given_key
from calmando.score.model import (
    ChannelStrip,
    ControlChange,
    Controller,
    Fades,
    KeyChange,
    MetreChange,
    Note,
    Part,
    PhraseSpan,
    Role,
    Score,
    Section,
)
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.theory.metre import Metre
from calmando.theory.pitch import HIGHEST_PITCH
from calmando.units import Seconds

_Change = TypeVar("_Change", MetreChange, KeyChange)

_SHORTEST_S: Seconds = 0.01
_LONGEST_S: Seconds = 60.0 * LONGEST_MINUTES + 5.0
"""Twelve hours, and the last ring of what was read from a file."""
_MOST_BEATS = 64
_LONGEST_TITLE = 1_000
_DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)


class _Limits(NamedTuple):
    low: int
    high: int
    fix: str = ""


_MOMENT = _Limits(0, FURTHEST, "A quarter note has 480 ticks, and the piece begins at tick 0.")
_TEMPO = _Limits(
    1, 0xFFFFFF, "A quarter note of a second has 1000000 microseconds; MIDI knows none longer than 16.7 s."
)
_SEVEN_BITS = _Limits(0, 127, "MIDI knows no other value.")
_NOTE = {
    "onset_ticks": _MOMENT,
    "duration_ticks": _Limits(1, FURTHEST, "A quarter note has 480 ticks."),
    "pitch": _Limits(0, HIGHEST_PITCH, "Middle C is 60."),
    "velocity": _Limits(1, 127, "Calm music is struck with 30 to 70; leave out a note that shall not sound."),
}
_CONTROL = {"ticks": _MOMENT, "value": _SEVEN_BITS}
_STRIP = {
    "channel": _Limits(0, 15, "Channels count from 0; 9 is the drums."),
    "program": _Limits(0, 127, "General MIDI programs count from 0, the grand piano."),
    **dict.fromkeys(("volume", "pan", "expression", "reverb", "chorus"), _SEVEN_BITS),
}


def given_score(value: object) -> Score:
    """A score as it was given, if it can be written and played.

    Raises
    ------
    InputError
        Where it is no score, or holds what is of the wrong kind or out of range; the part and the note are named.
    """
    score = given_kind(value, Score, "score", "calmando.compose(recipe) makes a score.")
    if score.is_as_composed:
        return score
    title = given_kind(score.title, str, "score.title", "Give it a name.")
    if len(title) > _LONGEST_TITLE:
        raise InputError(
            f"score.title has {len(title)} letters.",
            f"At most {_LONGEST_TITLE} can be kept in a file.",
            "Shorten it.",
        )
    if score.recipe is not None:
        given_kind(score.recipe, Recipe, "score.recipe", "Leave it out for notes that are not a recipe's.")
    _check_time(score)
    parts = given_several(score.parts, Part, "score.parts", "Give a tuple of parts.")
    if not parts:
        raise InputError(
            "The score has no parts.", "There is nothing in it to play.", "Give it at least one."
        )
    for index, part in enumerate(parts):
        _check_part(part, f"score.parts[{index}]")
    return score


def _check_part(part: Part, place: str) -> None:
    strip = given_kind(part.strip, ChannelStrip, f"{place}.strip", "It says how the part's channel begins.")
    name = given_kind(strip.name, str, f"{place}.strip.name", "Give it a name.")
    given_kind(strip.role, Role, f"{place}.strip.role", f"Give one of {', '.join(Role)}.")
    strip_limits = _STRIP if strip.is_percussion else _STRIP | {"bank": _SEVEN_BITS}
    for attribute, limits in strip_limits.items():
        given_whole_within(getattr(strip, attribute), f"{place}.strip.{attribute} (part {name})", *limits)
    _check_many(part.notes, Note, _NOTE, f"{place}.notes", name)
    _check_many(part.controls, ControlChange, _CONTROL, f"{place}.controls", name)
    _check_controllers(part.controls, f"{place}.controls", name)


def _check_many(
    items: Sequence[object], kind: type[object], limits: dict[str, _Limits], place: str, part: str
) -> None:
    """Whether all are of a kind and their numbers within limits; only where one is not, each is looked at."""
    if not isinstance(items, tuple | list) or set(map(type, items)) - {kind}:
        given_several(items, kind, place, f"Give a tuple of {kind.__name__}s.")
    for attribute, (low, high, fix) in limits.items():
        values = list(map(attrgetter(attribute), items))
        if not values or (set(map(type, values)) == {int} and low <= min(values) and max(values) <= high):
            continue
        for index, value in enumerate(values):
            given_whole_within(value, f"{place}[{index}].{attribute} (part {part})", low, high, fix)


def _check_controllers(controls: Sequence[ControlChange], place: str, part: str) -> None:
    moved = list(map(attrgetter("controller"), controls))
    if set(map(type, moved)) <= {Controller} and Controller.BANK not in moved:
        return
    for index, controller in enumerate(moved):
        if not isinstance(controller, Controller) or controller is Controller.BANK:
            raise InputError(
                f"{place}[{index}].controller (part {part}) is {controller!r}.",
                "A part moves its volume, pan, expression, reverb or chorus.",
                "Take one of these from Controller.",
            )


def _check_time(score: Score) -> None:
    """Length, fades, tempo, metres, keys and what is named along the way."""
    _check_seconds(score)
    _check_tempo(given_kind(score.tempo_map, TempoMap, "score.tempo_map", "TempoMap.of(changes) makes one."))
    for index, change in enumerate(_from_the_start(score.metres, MetreChange, "score.metres")):
        _check_metre(change.metre, f"score.metres[{index}].metre")
    for index, to in enumerate(_from_the_start(score.keys, KeyChange, "score.keys")):
        given_key(to.key, f"score.keys[{index}].key")
    for index, section in enumerate(
        given_several(score.sections, Section, "score.sections", "Give a tuple of sections.")
    ):
        given_whole_within(section.onset_ticks, f"score.sections[{index}].onset_ticks", *_MOMENT)
        given_kind(section.name, str, f"score.sections[{index}].name", "Give it a name.")
    phrases = given_several(score.phrases, PhraseSpan, "score.phrases", "Give a tuple of phrases.")
    for index, phrase in enumerate(phrases):
        given_whole_within(phrase.onset_ticks, f"score.phrases[{index}].onset_ticks", *_MOMENT)
        given_whole_within(phrase.end_ticks, f"score.phrases[{index}].end_ticks", *_MOMENT)
        given_kind(phrase.label, str, f"score.phrases[{index}].label", 'For example: "A".')


def _check_tempo(tempo_map: TempoMap) -> None:
    changes = given_several(
        tempo_map.changes, TempoChange, "score.tempo_map.changes", "TempoMap.of(changes) makes one."
    )
    for index, change in enumerate(changes):
        place = f"score.tempo_map.changes[{index}]"
        given_whole_within(change.ticks, f"{place}.ticks", *_MOMENT)
        given_whole_within(change.us_per_quarter, f"{place}.us_per_quarter", *_TEMPO)
    try:
        TempoMap.of(changes)
    except ValueError as error:
        raise InputError(f"score.tempo_map: {error}.", "", "TempoMap.of(changes) makes one.") from None


def _check_seconds(score: Score) -> None:
    length_s = given_number(score.length_s, "score.length_s")
    if not _SHORTEST_S <= length_s <= _LONGEST_S:
        raise InputError(
            f"score.length_s is {length_s:g}.",
            f"A piece lasts at least {_SHORTEST_S:g} s and at most 12 hours.",
            "Choose a length between.",
        )
    fades = given_kind(score.fades, Fades, "score.fades", "Fades() is none.")
    for attribute in ("fade_in_s", "fade_out_s", "end_silence_s"):
        seconds = given_number(getattr(fades, attribute), f"score.fades.{attribute}")
        if not 0 <= seconds <= length_s:
            raise InputError(
                f"score.fades.{attribute} is {seconds:g}.",
                f"It must be 0 to the whole length, {length_s:g} s.",
                "Shorten it, or leave it out.",
            )
    if fades.fade_out_s + fades.end_silence_s > length_s:
        raise InputError(
            f"score.fades: the fade-out and the silence after it take "
            f"{fades.fade_out_s + fades.end_silence_s:g} s.",
            f"The whole piece lasts {length_s:g} s.",
            "Shorten one of them.",
        )


def _from_the_start(value: object, kind: type[_Change], place: str) -> tuple[_Change, ...]:
    """Changes of which the first holds from the beginning, each later than the one before."""
    changes = given_several(value, kind, place, f"Give a tuple of {kind.__name__}s.")
    if not changes:
        raise InputError(f"{place} is empty.", "One must hold from the beginning.", "Give one at tick 0.")
    before = -1
    for index, change in enumerate(changes):
        ticks = given_whole_within(change.ticks, f"{place}[{index}].ticks", *_MOMENT)
        if (index == 0 and ticks != 0) or ticks <= before:
            raise InputError(
                f"{place}[{index}].ticks is {ticks}.",
                "The first stands at tick 0, and each later than the one before.",
                "Put them in order.",
            )
        before = ticks
    return changes


def _check_metre(value: object, place: str) -> None:
    metre = given_kind(value, Metre, place, 'For example: METRES["3/4"].')
    given_whole_within(metre.numerator, f"{place}.numerator", 1, _MOST_BEATS)
    given_whole_within(metre.beat_ticks, f"{place}.beat_ticks", 1, FURTHEST)
    if metre.denominator not in _DENOMINATORS:
        raise InputError(
            f"{place}.denominator is {metre.denominator!r}.",
            f"MIDI knows {', '.join(map(str, _DENOMINATORS))}.",
            'For example: METRES["3/4"].',
        )
