"""Departures to another key and home again: only downwards or to the relative, over a tone both keys share."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.compose.levers import TERMS, Lever
from calmando.compose.material import Kind, Material
from calmando.preset.model import Intent, Preset
from calmando.score.tune import TuneChord
from calmando.theory.scale import MODES, Key
from calmando.units import Semitones, Unit

_RELATIVE_FROM: Unit = 0.6
_NEVER = (Intent.SLEEP, Intent.NICU, Intent.ANXIETY, Intent.TRAUMA, Intent.GAIT)
"""Where sameness, or decline, is what helps."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A way to another key and back, two phrases each.

    Attributes
    ----------
    name
        As told: ``a fifth lower``.
    semitones
        The new key note above the old one, within the octave.
    home_mode, mode
        From which mode to which.
    leaving, arriving
        Chords of the phrase in the home key, and of the next one in the new key.
    returning, coming_home
        The same on the way back, in the new key and in the home key.
    """

    name: str
    semitones: Semitones
    home_mode: str
    mode: str
    leaving: tuple[str, ...]
    arriving: tuple[str, ...]
    returning: tuple[str, ...]
    coming_home: tuple[str, ...]

    def key(self, home: Key) -> Key:
        """The new key."""
        return Key((home.tonic + self.semitones) % 12, MODES[self.mode])


DEPARTURES = (
    Departure("a fifth lower", 5, "major", "major", ("I",), ("Vsus4", "V"), ("I/5",), ("IV/1", "I")),
    Departure("a fourth lower", 7, "major", "major", ("I/5",), ("IV/1", "I"), ("I",), ("Vsus4", "V")),
    Departure("the relative minor", 9, "major", "minor", ("I",), ("i/3", "i/3"), ("i/3",), ("I",)),
    Departure("a fifth lower", 5, "minor", "minor", ("i",), ("Vsus4", "v"), ("i/5",), ("iv/1", "i")),
    Departure("a fourth lower", 7, "minor", "minor", ("i/5",), ("iv/1", "i"), ("i",), ("Vsus4", "v")),
)
"""The home key's chord stays as a fourth, fifth or third of the new key: one tone is held in the bass throughout."""


def may_depart(preset: Preset) -> bool:
    """Whether a long piece may leave its key: with resonance, and where nothing forbids a surprise."""
    melody, form = preset.melody, preset.form
    return (
        melody.resonance >= TERMS[Lever.KEY].from_value
        and preset.intent not in _NEVER
        and form.kind == "strophes"
        and form.surprises
        and not form.same_always
        and all(stage.surprises for stage in preset.stages)
        and preset.pitch.mode_order == "seed"
        and not melody.drone
        and not melody.chant
    )


def departures(home: Key, resonance: Unit) -> tuple[Departure, ...]:
    """The ways that lead on from a key."""
    return tuple(
        way
        for way in DEPARTURES
        if way.home_mode == home.mode.name and (way.mode == way.home_mode or resonance >= _RELATIVE_FROM)
    )


def bridge(way: Departure, before: Material, after: Material, *, home: bool) -> tuple[Material, Material]:
    """Two phrases without a tune, from one key to the next.

    Parameters
    ----------
    way
        The departure.
    before, after
        Phrases of the tune that has been and of the one to come: their keys, and the upbeat that the chords lie beneath.
    home
        Whether this is the way back.
    """
    first, second = (way.returning, way.coming_home) if home else (way.leaving, way.arriving)
    name = f"bridge/{before.key.name}/{after.key.name}"
    return _phrase(f"{name}/1", before, first), _phrase(f"{name}/2", after, second)


def _phrase(name: str, like: Material, numerals: tuple[str, ...]) -> Material:
    beat = like.metre.beat_ticks
    edges = [like.ticks * index // len(numerals) // beat * beat for index in range(len(numerals))]
    ends = [*edges[1:], like.ticks]
    chords = tuple(
        TuneChord(begin, end - begin, numeral)
        for begin, end, numeral in zip(edges, ends, numerals, strict=True)
    )
    return Material(
        name,
        "bridge",
        Kind.INTERLUDE,
        like.key,
        like.metre,
        like.n_bars,
        (),
        chords,
        beneath=like.beneath,
        resting=like.tune,
    )
