"""Broken chords: patterns of bass and chord tones in eighths, as data.

A pattern is a row of slots: the eighth in the bar, and the tones struck there. ``B`` is the bass; ``5``, ``8``,
``10``, ``12`` the chord tones upwards from it; ``f`` the fifth of the chord in the bass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from calmando.compose.harmony import ChordSpan
from calmando.compose.textures.contract import Stroke, Texture, TexturePhrase, tidy
from calmando.compose.textures.held import over_bass, walked_bass
from calmando.theory.roughness import CALM_CHORD_LIMIT, roughness
from calmando.theory.voicing import NOT_ALONE, Voicing
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks

EIGHTH: Ticks = TICKS_PER_QUARTER // 2
MOST_ONSETS_PER_SECOND = 2.4
"""The accompaniment's pace, so that no five seconds hold more than twelve onsets: two and a half a second."""

_MARGIN = 0.02


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


def _slots(text: str) -> tuple[tuple[Ticks, tuple[str, ...]], ...]:
    pairs = (slot.split(":") for slot in text.split())
    return tuple(((int(eighth) - 1) * EIGHTH, tuple(tones.split(","))) for eighth, tones in pairs)


_SLOTS = {
    name: (_slots(pattern.full), tuple(_slots(form) for form in pattern.thin))
    for name, pattern in PATTERNS.items()
}


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
    rung = {"5": 0, "8": 1, "10": 2, "12": 3}[name]
    return voicing.ladder[min(rung, len(voicing.ladder) - 1)]


def fits(name: str, tempo_bpm: float, beat_ticks: Ticks) -> bool:
    """Whether a texture's full form stays below `MOST_ONSETS_PER_SECOND` at a tempo."""
    if name not in PATTERNS:
        return True
    return 60 / tempo_bpm * MOST_ONSETS_PER_SECOND * EIGHTH >= beat_ticks - 1e-9


def _play(name: str, phrase: TexturePhrase) -> tuple[Stroke, ...]:
    material = phrase.material
    full, thin = _SLOTS[name]
    voicings = {span: _smooth(phrase, span) for span in phrase.chords}
    strokes: list[Stroke] = []
    heard: set[ChordSpan] = set()
    for bar in range(material.n_bars):
        start = bar * material.metre.bar_ticks
        slots = thin[bar % len(thin)] if phrase.thin else full
        struck: Ticks = -1
        for offset, tones in slots:
            at = start + offset
            span = phrase.chord_at(at)
            alone = span not in heard and len(tones) == 1
            for name_of_tone in tones:
                new_bass = span.onset_ticks > struck and span.onset_ticks > start
                pitch = _struck(phrase, voicings[span], "B" if new_bass else name_of_tone, alone=alone)
                if pitch != span.voicing.bass:
                    heard.add(span)
                strokes.append(
                    Stroke(
                        at,
                        span.end_ticks - at,
                        phrase.placed(pitch),
                        phrase.accent(4 if offset == 0 else 0),
                    )
                )
            struck = at
    return tidy(strokes, phrase.ticks)


def _struck(phrase: TexturePhrase, voicing: Voicing, name: str, *, alone: bool) -> MidiPitch:
    """The pitch a slot strikes: no bass beside another part's, and alone over a bass nothing that clashes with it."""
    pitch = tone(voicing, name)
    if pitch == voicing.bass and phrase.has_bass and voicing.ladder:
        pitch = voicing.ladder[0]
    if alone and (pitch - voicing.bass) % 12 in NOT_ALONE:
        return over_bass(voicing.bass, voicing.ladder)[0]
    return pitch


def _smooth(phrase: TexturePhrase, span: ChordSpan) -> Voicing:
    """A voicing whose ladder, played octaves away, sounds smooth with the chord held in its place and its bass."""
    voicing = span.voicing
    if phrase.octave == 0:
        return voicing
    rungs: list[MidiPitch] = []
    basses = {voicing.bass, walked_bass(phrase, span)}
    for rung in voicing.ladder:
        upper = [*voicing.block, *(each + 12 * phrase.octave for each in (*rungs, rung))]
        if all(roughness((bass, *upper)) <= CALM_CHORD_LIMIT - _MARGIN for bass in basses):
            rungs.append(rung)
    return replace(voicing, ladder=tuple(rungs))


def broken(name: str) -> Texture:
    """The texture of a pattern."""

    def play(phrase: TexturePhrase) -> tuple[Stroke, ...]:
        return _play(name, phrase)

    return play
