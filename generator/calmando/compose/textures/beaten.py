"""Beaten textures: march, click, frame drum."""

from __future__ import annotations

from calmando.compose.material import Kind
from calmando.compose.textures.contract import Stroke, TexturePhrase, tidy
from calmando.theory import percussion
from calmando.units import TICKS_PER_QUARTER, Ticks

_STRUCK: Ticks = TICKS_PER_QUARTER // 2
ACCENT = 8
"""The click's first beat, in velocity above the others."""
ANNOUNCED = "announce"
"""In a label: the end, or a new tempo, is being announced."""


def march(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """Bass on the first beat, chord on the second; thin: the bass alone."""
    metre = phrase.material.metre
    if phrase.material.kind is Kind.FINAL:
        chord = phrase.chords[-1].voicing
        tones = (chord.bass, *(chord.block or chord.ladder[:2]))
        return tidy(
            [Stroke(0, metre.bar_ticks, pitch + 12 * phrase.octave, 4) for pitch in tones], phrase.ticks
        )
    strokes: list[Stroke] = []
    for at in range(0, phrase.ticks, metre.beat_ticks):
        span = phrase.chord_at(at)
        beat = at // metre.beat_ticks % metre.beats
        if beat % 2 == 0 and phrase.has_bass:
            continue
        if beat % 2 == 0:
            low = span.voicing.bass + 12 * phrase.octave
            strokes.append(Stroke(at, metre.beat_ticks, low, phrase.accent(4)))
        elif not phrase.thin:
            block, ladder = span.voicing.block, span.voicing.ladder
            tones = block if len(block) > 1 else ladder[:2]
            strokes += [Stroke(at, _STRUCK, pitch + 12 * phrase.octave) for pitch in tones]
    return tidy(strokes, phrase.ticks)


def click(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """A wood block on every beat, the high one on the first; on every beat high where an end is announced."""
    metre = phrase.material.metre
    if phrase.material.kind is Kind.FINAL:
        return (Stroke(0, _STRUCK, percussion.WOOD_BLOCK_HIGH, ACCENT),)
    announced = (
        phrase.ticks if ANNOUNCED not in phrase.material.label else phrase.ticks - 8 * metre.beat_ticks
    )
    if phrase.material.label.endswith("bar"):
        announced = phrase.ticks - metre.bar_ticks
    strokes = []
    for at in range(0, phrase.ticks, metre.beat_ticks):
        first = at % metre.bar_ticks == 0
        key = percussion.WOOD_BLOCK_HIGH if first or at >= announced else percussion.WOOD_BLOCK_LOW
        strokes.append(Stroke(at, _STRUCK, key, phrase.accent(ACCENT if first else 0)))
    return tidy(strokes, phrase.ticks)


def pulse(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """One soft frame-drum stroke a bar; in call and answer, the call's strokes and "your turn"."""
    metre = phrase.material.metre
    if phrase.material.kind is Kind.TURN:
        return _turns(phrase)
    step = metre.bar_ticks * (2 if phrase.thin else 1)
    return tuple(Stroke(at, _STRUCK, percussion.FRAME_DRUM) for at in range(0, phrase.ticks, step))


def _turns(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """Call bars: the beat and a low "your turn" at the last beat but one; answer bars: a soft pulse, thin: silence."""
    metre = phrase.material.metre
    strokes = []
    for bar in range(phrase.material.n_bars):
        start = bar * metre.bar_ticks
        if bar % 2 == 0:
            strokes.append(Stroke(start, _STRUCK, percussion.FRAME_DRUM, 4))
            turn = start + metre.bar_ticks - 2 * metre.beat_ticks
            strokes.append(Stroke(turn, metre.beat_ticks, percussion.FRAME_DRUM_MUTED, 4))
        elif not phrase.thin:
            strokes += [
                Stroke(start + beat * metre.beat_ticks, _STRUCK, percussion.FRAME_DRUM_MUTED, -8)
                for beat in range(metre.beats)
            ]
    return tidy(strokes, phrase.ticks)
