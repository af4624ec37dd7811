"""The rules about single notes: chord and accent, anchor, home, ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from calmando.compose.tune_colour import colours_of
from calmando.compose.tune_rules import NoteRule, in_chord, semitones
from calmando.compose.tune_slots import Accent, Ending, Ground, Slot
from calmando.compose.tune_statistics import KEY_PROFILES
from calmando.theory.scale import Mode
from calmando.units import TICKS_PER_QUARTER


def _firmness(ground: Ground) -> float:
    """How strongly a stable tune holds to its chords and home tones: 0.45–1.55."""
    return 0.45 + 1.1 * ground.stability


def _strictness(ground: Ground) -> float:
    """How strictly a tune keeps to its chords: over a drone every note of the mode may be sung."""
    return _firmness(ground) * (_OVER_DRONE if ground.drone else 1.0)


_OVER_DRONE = 0.4


def _pull(ground: Ground) -> float:
    """How strongly the two poles draw a tune: below 0 while it is free, 0.3 at most; beyond, length decides."""
    return round((min(ground.stability * ground.stability, 0.45) - 0.17) * ground.unsharpened, 12)


def _long_and_heavy(slot: Slot) -> bool:
    return 2 * slot.duration_ticks >= 3 * TICKS_PER_QUARTER and slot.accent is not Accent.NONE


def _on(accent: Accent) -> Callable[[Slot], bool]:
    return lambda slot: slot.accent is accent


def _in_chord(slot: Slot, step: int, ground: Ground) -> float:
    return _strictness(ground) if in_chord(slot, step, ground) else 0.0


def _foreign(slot: Slot, step: int, ground: Ground) -> float:
    return 0.0 if in_chord(slot, step, ground) else _strictness(ground)


_FAR = tuple(round(math.pow(distance, 1.5), 12) for distance in range(4))


def _far_from_anchor(slot: Slot, step: int, ground: Ground) -> float:
    if slot.anchor is None:
        return 0.0
    return _FAR[min(abs(step - slot.anchor), 3)]


def _is_leading_tone(ground: Ground, step: int) -> bool:
    return ground.semitones(step) % 12 == 11


_RESTING = {False: (0, 4, 7), True: (0, 3, 7)}


def _tells_key(slot: Slot, step: int, ground: Ground) -> float:
    """How much a note at its length, two quarters at most, tells the key: below 0 where it blurs it."""
    fit = _fits(ground.mode)[ground.semitones(step) % 12]
    beats = min(slot.duration_ticks / TICKS_PER_QUARTER, 2.0)
    return round(ground.unsharpened * ground.stability * ground.stability * beats * fit, 12)


@lru_cache
def _fits(mode: Mode) -> tuple[float, ...]:
    """How well each of the twelve tones fits a mode, in standard deviations from the mean of its scale."""
    profile = KEY_PROFILES[mode.minor_third]
    inside = [profile[above] for above in mode.steps]
    mean = math.fsum(inside) / len(inside)
    return tuple(min((weight - mean) / _PROFILE_SPREAD, _AT_HOME) for weight in profile)


_AT_HOME = 1.4
"""Home and the fifth tell the key alike: with home alone it is a drone, no tune."""
_PROFILE_SPREAD = 1.3
"""Standard deviation of a key profile over the notes of its scale."""

NOTE_RULES: tuple[NoteRule, ...] = (
    NoteRule(
        "chord on the bar",
        "The bar's first beat sounds the chord.",
        1.3,
        _in_chord,
        where=_on(Accent.BAR),
    ),
    NoteRule(
        "not foreign on the bar",
        "A tone foreign to the chord weighs on the first beat.",
        -1.6,
        _foreign,
        where=_on(Accent.BAR),
    ),
    NoteRule(
        "chord on the middle",
        "The bar's middle likes the chord.",
        0.6,
        _in_chord,
        where=_on(Accent.MIDDLE),
    ),
    NoteRule(
        "not foreign on the middle",
        "The bar's middle likes foreign tones less.",
        -1.2,
        _foreign,
        where=_on(Accent.MIDDLE),
    ),
    NoteRule(
        "foreign in passing",
        "Between the beats a foreign tone passes almost freely.",
        -0.25,
        _foreign,
        where=_on(Accent.NONE),
    ),
    NoteRule(
        "long and sweet",
        "A long accented note rests in the chord.",
        0.6,
        lambda slot, step, ground: float(in_chord(slot, step, ground)),
        where=_long_and_heavy,
    ),
    NoteRule(
        "not long and foreign",
        "A long accented note outside the chord is unrest.",
        -1.5,
        lambda slot, step, ground: float(not in_chord(slot, step, ground)),
        where=_long_and_heavy,
    ),
    NoteRule(
        "not slow and foreign",
        "A foreign tone that lasts a quarter is no longer heard as passing.",
        -0.9,
        _foreign,
        where=lambda slot: slot.duration_ticks >= TICKS_PER_QUARTER,
    ),
    NoteRule(
        "no fourth held against the leading tone",
        "Where harmony knows no sevenths, the fourth degree is neither held nor struck on the bar over the dominant.",
        -12.0,
        lambda slot, step, ground: float(ground.plain and ground.semitones(step) % 12 == 5),
        where=lambda slot: (
            slot.numeral == "V" and (slot.accent is Accent.BAR or slot.duration_ticks >= TICKS_PER_QUARTER)
        ),
    ),
    NoteRule(
        "anchor",
        "The phrase model wants this note here.",
        0.9,
        lambda slot, step, ground: float(slot.anchor == step),
        where=lambda slot: slot.anchor is not None,
    ),
    NoteRule(
        "near the anchor",
        "The further from the phrase model's note, the less welcome.",
        -0.35,
        _far_from_anchor,
        where=lambda slot: slot.anchor is not None,
    ),
    NoteRule(
        "home tones",
        "The tonic and the fifth are where a calm tune dwells, the more so the more stable it is.",
        0.5,
        lambda slot, step, ground: (
            ground.stability * ground.unsharpened if ground.semitones(step) % 12 in (0, 7) else 0.0
        ),
    ),
    NoteRule(
        "home",
        "The tonic in its own octave is home, the more so the more stable the tune; a free one stays away.",
        1.8,
        lambda slot, step, ground: _pull(ground) if step == 0 else 0.0,
    ),
    NoteRule(
        "second home",
        "The fifth above home is the tune's other pole, likewise.",
        2.1,
        lambda slot, step, ground: _pull(ground) if ground.semitones(step) == 7 else 0.0,
    ),
    NoteRule(
        "home on the beat",
        "Between the beats home says little: there the line passes through other notes.",
        -0.3,
        lambda slot, step, ground: float(ground.semitones(step) % 12 == 0),
        where=lambda slot: slot.unit >= 0 and slot.accent is Accent.NONE,
    ),
    NoteRule(
        "last before home",
        "The step above the goal is the last note before it.",
        0.2,
        lambda slot, step, ground: float(slot.before_goal is not None and step == slot.before_goal + 1),
        where=lambda slot: slot.before_goal is not None,
    ),
    NoteRule(
        "home is kept for the end",
        "What leads home does not sound it beforehand.",
        -0.7,
        lambda slot, step, ground: float(slot.goal == step),
        where=lambda slot: slot.goal is not None,
    ),
    NoteRule(
        "long notes rest",
        "A long note rests on the first, third or fifth degree.",
        0.5,
        lambda slot, step, ground: (
            (0.3 + 1.2 * ground.stability)
            * (ground.semitones(step) % 12 in _RESTING[ground.mode.minor_third])
        ),
        where=lambda slot: slot.duration_ticks >= TICKS_PER_QUARTER,
    ),
    NoteRule(
        "long notes tell the key",
        "The longer a note, the more it shall be one that tells the key, the more so the more stable the tune.",
        1.1,
        _tells_key,
    ),
    NoteRule(
        "below the peak",
        "Beside the peak nothing else is as high.",
        -4.0,
        lambda slot, step, ground: float(step == ground.highest),
        where=lambda slot: not slot.is_peak,
    ),
    NoteRule(
        "drone tones",
        "Over a drone the tune dwells on the drone's own tones.",
        0.8,
        lambda slot, step, ground: float(ground.drone and ground.semitones(step) % 12 in (0, 7)),
    ),
    NoteRule(
        "upbeat in the chord",
        "An upbeat sounds the chord it leads from.",
        -1.2,
        lambda slot, step, ground: float(not in_chord(slot, step, ground)),
        where=lambda slot: slot.unit < 0 and slot.place == 0,
    ),
    NoteRule(
        "upbeat on the fifth",
        "The fifth is the upbeat's own note.",
        1.3,
        lambda slot, step, ground: float(ground.semitones(step) % 12 == 7),
        where=lambda slot: slot.unit < 0,
    ),
    NoteRule(
        "upbeat away from home",
        "An upbeat that sounds the tonic takes its strength from the bar to come.",
        -2.0,
        lambda slot, step, ground: float(ground.semitones(step) % 12 == 0),
        where=lambda slot: slot.unit < 0,
    ),
    NoteRule(
        "rare leading tone",
        "The leading tone is sparing spice: real lullabies hardly sound it.",
        -0.8,
        lambda slot, step, ground: float(_is_leading_tone(ground, step)),
    ),
    NoteRule(
        "leading tone at the close",
        "Where minor borrows the leading tone, it is heard.",
        1.7,
        lambda slot, step, ground: float(semitones(ground, step, raised=True) % 12 == 11),
        where=lambda slot: slot.raised_seventh,
    ),
    NoteRule(
        "dorian sixth",
        "The natural sixth over the major subdominant is what makes dorian sing.",
        0.7,
        lambda slot, step, ground: float(ground.mode.name == "dorian" and ground.semitones(step) % 12 == 9),
        where=lambda slot: slot.numeral == "IV",
    ),
    NoteRule(
        "colour over the drone",
        "Over a drone no chord says which mode it is: the tune touches the note that does.",
        1.2,
        lambda slot, step, ground: float(
            ground.drone and ground.semitones(step) % 12 in colours_of(ground.mode)
        ),
        where=lambda slot: slot.accent is Accent.NONE and slot.duration_ticks < TICKS_PER_QUARTER,
    ),
    NoteRule(
        "colour where it is wanted",
        "Where the phrase model goes through the note that says which mode it is, the tune does not stay on the drone.",
        6.0,
        lambda slot, step, ground: float(
            ground.drone and slot.anchor == step and ground.semitones(step) % 12 in colours_of(ground.mode)
        ),
        where=lambda slot: slot.anchor is not None,
    ),
    NoteRule(
        "ends where wanted",
        "The phrase ends on its planned degree.",
        2.5,
        lambda slot, step, ground: float(slot.anchor == step),
        where=lambda slot: slot.ending is not Ending.NONE,
    ),
    NoteRule(
        "ends not elsewhere",
        "Another end than planned blurs the form.",
        -3.0,
        lambda slot, step, ground: float(slot.anchor != step),
        where=lambda slot: slot.ending is not Ending.NONE,
    ),
)
"""Rules about single notes."""
