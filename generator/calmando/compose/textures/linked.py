"""Textures that follow the tune: the tune itself, unison, sixths below, echo, bells."""

from __future__ import annotations

from dataclasses import replace

from calmando.compose.material import Kind
from calmando.compose.textures.contract import Stroke, TexturePhrase, tidy
from calmando.compose.textures.held import walked_bass
from calmando.theory.roughness import CALM_CHORD_LIMIT, roughness
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks

_SPARKLE_LOW: MidiPitch = 72
_PEAK_WEIGHT = 4
"""The tune's one highest note, where it is to be felt."""
_SHORTEST_CLOSE = 3
"""Fewer notes are no line."""
_THIN_CLOSE = 4
_MARGIN = 0.02
"""Second lines are checked one by one; two of them may sound together."""


def tune(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """The tune as written."""
    beat, bar = phrase.material.metre.beat_ticks, phrase.material.metre.bar_ticks
    return tuple(
        Stroke(
            note.onset_ticks,
            note.duration_ticks,
            note.pitch + 12 * phrase.octave,
            phrase.accent(_metre_weight(note.onset_ticks, beat, bar))
            + (_PEAK_WEIGHT if note.onset_ticks == phrase.material.peak_ticks else 0),
        )
        for note in phrase.material.tune
    )


def _metre_weight(onset: Ticks, beat: Ticks, bar: Ticks) -> int:
    if onset < 0:
        return -4
    if onset % bar == 0:
        return 2
    return 0 if onset % beat == 0 else -2


def solo(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """Nothing: the tune is alone."""
    del phrase
    return ()


def sixths(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """A held line a sixth or third below the tune's downbeats; thin: every second bar."""
    bar = phrase.material.metre.bar_ticks
    strokes: list[Stroke] = []
    for index in range(0, phrase.material.n_bars, 2 if phrase.thin else 1):
        start = index * bar
        end = min(start + bar, phrase.ticks)
        anchor = next(
            (
                n
                for n in phrase.material.tune
                if n.onset_ticks <= start < n.end_ticks and n.onset_ticks >= start - bar
            ),
            None,
        )
        if anchor is None:
            continue
        low = min(
            (n.pitch for n in phrase.material.tune if n.onset_ticks < end and n.end_ticks > start),
            default=anchor.pitch,
        )
        tones = {(phrase.material.key.tonic + t) % 12 for t in phrase.chord_at(start).chord.triad}
        below = next(
            (
                anchor.pitch - d
                for d in (9, 8, 4, 3, 12)
                if (anchor.pitch - d) % 12 in tones and anchor.pitch - d < low
            ),
            None,
        )
        if below is not None:
            span_end = min(phrase.chord_at(start).end_ticks, end)
            stroke = Stroke(start, span_end - start, below + 12 * phrase.octave)
            strokes += [stroke] if _agrees(phrase, stroke) else []
    return tidy(strokes, phrase.ticks)


def echo(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """The tune's last two or three notes an octave higher, in the pause at the phrase's end; thin: silent."""
    notes = phrase.material.tune
    if phrase.thin or len(notes) < 3:
        return ()
    last = notes[-1]
    beat = phrase.material.metre.beat_ticks
    first = last.onset_ticks + beat
    room = phrase.ticks - first
    count = min(3, room // beat)
    if count < 2:
        return ()
    strokes = [
        Stroke(
            first + index * beat,
            beat if index < count - 1 else phrase.ticks - first - index * beat,
            note.pitch + 12 * (1 + phrase.octave),
            -8,
        )
        for index, note in enumerate(notes[-count:])
    ]
    beside = sixths(replace(phrase, thin=False, octave=0))
    return tidy([stroke for stroke in strokes if _agrees(phrase, stroke, beside)], phrase.ticks)


def bells(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """One note a bar off the accents, from fifth and key note high up; thin: in every second bar."""
    metre = phrase.material.metre
    tonic = _SPARKLE_LOW + (phrase.material.key.tonic - _SPARKLE_LOW) % 12
    high = (tonic + 7 if tonic + 7 <= 84 else tonic - 5, tonic)
    strokes: list[Stroke] = []
    for bar in range(0, phrase.material.n_bars, 2 if phrase.thin else 1):
        at = bar * metre.bar_ticks + (metre.beats // 2) * metre.beat_ticks
        if at >= phrase.ticks or metre.beats < 2:
            continue
        span = phrase.chord_at(at)
        tones = {(phrase.material.key.tonic + t) % 12 for t in span.chord.tones}
        pitch = next((p for p in (high[bar % 2], high[(bar + 1) % 2]) if p % 12 in tones), None)
        if pitch is None:
            continue
        strokes.append(Stroke(at, span.end_ticks - at, pitch + 12 * phrase.octave, -4))
    return tidy([stroke for stroke in strokes if _agrees(phrase, stroke)], phrase.ticks)


def unison(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """The tune doubled by a second singer, an octave away where ``octave`` says so: never single notes of it.

    The whole phrase where its notes of a beat and more all sound well there, else its close in one breath, or nothing;
    thin: the close alone.
    """
    beat = min(phrase.material.metre.beat_ticks, TICKS_PER_QUARTER)
    strokes = tune(phrase)
    clashing = [
        index
        for index, stroke in enumerate(strokes)
        if phrase.octave and stroke.duration_ticks >= beat and not _agrees(phrase, stroke)
    ]
    close = strokes[clashing[-1] + 1 :] if clashing else strokes
    if phrase.thin:
        close = close[-_THIN_CLOSE:]
    return close if len(close) >= _SHORTEST_CLOSE else ()


def _agrees(phrase: TexturePhrase, stroke: Stroke, beside: tuple[Stroke, ...] = ()) -> bool:
    """Whether a note sounds smooth in the chords it sounds with, the tune above it and another line included.

    The bass may have walked to the chord's fifth meanwhile.
    """
    if stroke.onset_ticks < 0:
        return False
    tune = phrase.material.tune + phrase.material.beneath
    above = [
        note.pitch
        for note in tune
        if note.onset_ticks < stroke.end_ticks
        and note.end_ticks > stroke.onset_ticks
        and note.duration_ticks >= min(phrase.material.metre.beat_ticks, TICKS_PER_QUARTER)
    ]
    others = [
        b.pitch for b in beside if b.onset_ticks < stroke.end_ticks and b.end_ticks > stroke.onset_ticks
    ]
    return all(
        roughness((bass, *span.voicing.ladder, stroke.pitch, note, other)) <= CALM_CHORD_LIMIT - _MARGIN
        for span in phrase.chords
        if span.onset_ticks < stroke.end_ticks and span.end_ticks > stroke.onset_ticks
        for bass in {span.voicing.bass, walked_bass(phrase, span)}
        for note in (*above, stroke.pitch)
        for other in (*others, stroke.pitch)
    )


def cue(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """One clear stroke where something begins: a breath, the tensing, the letting go."""
    if not phrase.material.cued:
        return ()
    tonic = _SPARKLE_LOW + (phrase.material.key.tonic - _SPARKLE_LOW) % 12 + 12 * phrase.octave
    pitch = tonic - 5 if phrase.material.kind is Kind.TENSE else tonic
    return tidy([Stroke(0, phrase.ticks, pitch)], phrase.ticks)
