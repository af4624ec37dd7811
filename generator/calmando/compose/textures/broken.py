"""Broken chords: patterns of bass and chord tones in eighths, as data.

A pattern is a row of slots: the eighth in the bar, and the tones struck there. ``B`` is the bass; ``5``, ``8``,
``10``, ``12`` the chord tones upwards from it; ``f`` the fifth of the chord in the bass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from calmando.compose.harmony import ChordSpan
from calmando.compose.textures.contract import Stroke, Texture, TexturePhrase, tidy
from calmando.compose.textures.held import any_tells, over_bass, walked_bass
from calmando.theory.roughness import CALM_CHORD_LIMIT, roughness
from calmando.theory.voicing import IMPERFECT, NOT_ALONE, Voicing
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks

EIGHTH: Ticks = TICKS_PER_QUARTER // 2
MOST_ONSETS_PER_SECOND = 2.4
"""The accompaniment's pace, so that no five seconds hold more than twelve onsets: two and a half a second."""

_MARGIN = 0.02
_RUNGS = {"5": 0, "8": 1, "10": 2, "12": 3}
"""Where on a voicing's ladder the tones above the bass are."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A bar of a broken chord: full, and one or more thin forms that take turns from bar to bar.

    A thin form spreads its few strokes over the bar: struck at its beginning only, plucked strings are silent before the
    next, and each bar is a swell of its own.
    """

    name: str
    metre: str
    full: str
    thin: tuple[str, ...]


PATTERNS = {
    pattern.name: pattern
    for pattern in (
        Pattern("rock68", "6/8", "1:B 2:5 3:10 4:8 5:5 6:10", ("1:B 4:5,10", "1:B 4:5")),
        Pattern("rock34", "3/4", "1:B 3:5,10 5:5,10", ("1:B 3:5,10",)),
        Pattern("rock24", "2/4", "1:B 2:5 3:10 4:5", ("1:B 3:5,10",)),
        Pattern("flow44", "4/4", "1:B 2:5 3:8 4:10 5:12 6:10 7:8 8:5", ("1:B 3:5 5:8 7:10",)),
        Pattern("flow34", "3/4", "1:B 2:5 3:8 4:10 5:8 6:5", ("1:B 3:5 5:8",)),
        Pattern("pick44", "4/4", "1:B 2:8 3:5 4:10 5:f 6:8 7:5 8:10", ("1:B 3:5 5:f 7:10",)),
    )
}

PATTERN_OF_METRE = {"2/4": "rock24", "3/4": "flow34", "4/4": "flow44", "6/8": "rock68"}
"""The pattern to take where another metre than a pattern's own comes up."""


Slots: TypeAlias = tuple[tuple[Ticks, tuple[str, ...]], ...]
"""Where in the bar which tones are struck."""


def _slots(text: str) -> Slots:
    pairs = (slot.split(":") for slot in text.split())
    return tuple(((int(eighth) - 1) * EIGHTH, tuple(tones.split(","))) for eighth, tones in pairs)


class _Struck(NamedTuple):
    """A slot of a bar in its wanted form, its sparse form, or both."""

    offset: Ticks
    tones: tuple[str, ...]
    in_form: bool
    in_sparse: bool


def _bar(form: str, sparse: str) -> tuple[_Struck, ...]:
    wanted, few = _slots(form), _slots(sparse)
    return tuple(_Struck(*slot, slot in wanted, slot in few) for slot in sorted({*wanted, *few}))


_FULL_BARS = {
    name: [_bar(pattern.full, sparse) for sparse in pattern.thin] for name, pattern in PATTERNS.items()
}
_THIN_BARS = {name: [_bar(sparse, sparse) for sparse in pattern.thin] for name, pattern in PATTERNS.items()}


def tone(voicing: Voicing, name: str) -> MidiPitch:
    """The pitch a tone's name means in a voicing; where the tune leaves no room, the next one below.

    Examples
    --------
    >>> tone(Voicing(48, (55, 60, 64), ()), "10"), tone(Voicing(48, (55,), ()), "10")
    (64, 55)
    """
    if name == "B" or not voicing.ladder:
        return voicing.bass
    if name == "f":
        return voicing.ladder[0]
    return voicing.ladder[min(_RUNGS[name], len(voicing.ladder) - 1)]


def fits(name: str, tempo_bpm: float, beat_ticks: Ticks) -> bool:
    """Whether a texture's full form stays below `MOST_ONSETS_PER_SECOND` at a tempo."""
    if name not in PATTERNS:
        return True
    return 60 / tempo_bpm * MOST_ONSETS_PER_SECOND * EIGHTH >= beat_ticks - 1e-9


class _Place(NamedTuple):
    """A slot in its bar: when, over which chord, which tones, and whether the chord is still to be told by a third or sixth."""

    at: Ticks
    span: ChordSpan
    tones: tuple[str, ...]
    untold: bool


def _play(name: str, phrase: TexturePhrase) -> tuple[Stroke, ...]:
    bars = (_THIN_BARS if phrase.thin else _FULL_BARS)[name]
    bar_ticks = phrase.material.metre.bar_ticks
    voicings = {span.onset_ticks: _smooth(phrase, span) for span in phrase.chords}
    strokes: list[Stroke] = []
    heard: set[Ticks] = set()
    for bar in range(phrase.material.n_bars):
        struck: tuple[MidiPitch, ...] = ()
        for place in _places(phrase, voicings, bar * bar_ticks, bars[bar % len(bars)]):
            at, span = place.at, place.span
            voicing = voicings[span.onset_ticks]
            struck = _struck(phrase, voicing, place, struck, first=span.onset_ticks not in heard)
            for pitch in struck:
                is_bass = pitch == voicing.bass
                if not is_bass:
                    heard.add(span.onset_ticks)
                end = _bass_end(phrase, span) if is_bass else span.end_ticks
                weight = phrase.accent(4 if at % bar_ticks == 0 else 0)
                strokes.append(Stroke(at, end - at, phrase.placed(pitch), weight))
    return tidy(strokes, phrase.ticks)


def _places(
    phrase: TexturePhrase, voicings: dict[Ticks, Voicing], start: Ticks, bar: tuple[_Struck, ...]
) -> list[_Place]:
    """The slots of a bar: its form's, but the sparse form's where a chord has no two tones that could take turns.

    A bass that moves inside the bar takes its slot's place; where no other slot is left, the slot's highest tone stays.
    """
    slots: list[tuple[Ticks, ChordSpan, tuple[str, ...]]] = []
    for offset, tones, in_form, in_sparse in bar:
        span = phrase.chord_at(start + offset)
        if in_form if len(voicings[span.onset_ticks].ladder) > 1 else in_sparse:
            slots.append((start + offset, span, tones))
    played = [slots[0]]
    for (_, before, _), (at, span, tones) in pairwise(slots):
        if span.voicing.bass != before.voicing.bass:
            is_last = sum(other is span for _, other, _ in slots) == 1
            played.append((at, span, ("B", tones[-1]) if is_last else ("B",)))
        else:
            played.append((at, span, tones))
    last = {span.onset_ticks: at for at, span, tones in played if tones != ("B",)}
    told = {span.onset_ticks for _, span, tones in played if _tells(voicings[span.onset_ticks], tones)}
    return [
        _Place(at, span, tones, untold=last.get(span.onset_ticks) == at and span.onset_ticks not in told)
        for at, span, tones in played
    ]


def _tells(voicing: Voicing, tones: tuple[str, ...]) -> bool:
    return any_tells(voicing.bass, (tone(voicing, name) for name in tones))


def _bass_end(phrase: TexturePhrase, span: ChordSpan) -> Ticks:
    """How long a chord's bass sounds on: through the chords after it that have the same."""
    end = span.end_ticks
    for later in phrase.chords:
        if later.onset_ticks == end and later.voicing.bass == span.voicing.bass:
            end = later.end_ticks
    return end


def _struck(
    phrase: TexturePhrase, voicing: Voicing, place: _Place, before: tuple[MidiPitch, ...], *, first: bool
) -> tuple[MidiPitch, ...]:
    """The pitches a slot strikes: no bass beside another part's, and as a chord's first tone none that clashes with it."""
    bass, ladder = voicing.bass, voicing.ladder
    if not ladder:
        return (bass,) if "B" in place.tones else ()
    pitches = tuple(tone(voicing, name) for name in place.tones)
    if phrase.has_bass:
        pitches = tuple(ladder[0] if pitch == bass else pitch for pitch in pitches)
    if place.untold:
        pitches = _told(voicing, pitches)
    if len(pitches) > 1:
        return pitches
    pitches = _in_turn(ladder, pitches[0], before)
    if first and any((pitch - bass) % 12 in NOT_ALONE for pitch in pitches):
        return over_bass(bass, ladder)[:1]
    return pitches


def _told(voicing: Voicing, pitches: tuple[MidiPitch, ...]) -> tuple[MidiPitch, ...]:
    """Tones of which none tells the chord: the lowest gives way to one that does, a bare octave else to any calm tone."""
    bass = voicing.bass
    upper = [pitch for pitch in pitches if pitch != bass]
    wanted = [rung for rung in voicing.ladder if (rung - bass) % 12 in IMPERFECT]
    if not wanted and not any((pitch - bass) % 12 for pitch in upper):
        wanted = [rung for rung in voicing.ladder if (rung - bass) % 12 not in {0, *NOT_ALONE}]
    if not upper or not wanted:
        return pitches
    return tuple(wanted[0] if pitch == upper[0] else pitch for pitch in pitches)


def _in_turn(
    ladder: tuple[MidiPitch, ...], pitch: MidiPitch, before: tuple[MidiPitch, ...]
) -> tuple[MidiPitch, ...]:
    """A tone; where it was struck just before, the one below it or above the lowest; nothing where there is no other."""
    if pitch not in before or pitch not in ladder:
        return (pitch,)
    rung = ladder.index(pitch)
    return ladder[rung - 1 : rung] if rung else ladder[1:2]


def _smooth(phrase: TexturePhrase, span: ChordSpan) -> Voicing:
    """A voicing whose ladder, played octaves away, sounds smooth with the chord held in its place and its bass."""
    voicing = span.voicing
    if phrase.octave == 0:
        return voicing
    rungs: list[MidiPitch] = []
    basses = {voicing.bass, walked_bass(phrase, span)}
    for rung in voicing.ladder:
        upper = [*voicing.block, *(each + 12 * phrase.octave for each in (voicing.bass, *rungs, rung))]
        if all(roughness((bass, *upper)) <= CALM_CHORD_LIMIT - _MARGIN for bass in basses):
            rungs.append(rung)
    return replace(voicing, ladder=tuple(rungs))


def broken(name: str) -> Texture:
    """The texture of a pattern."""

    def play(phrase: TexturePhrase) -> tuple[Stroke, ...]:
        return _play(name, phrase)

    return play
