"""Held textures: pad, drone, tambura, chorale, bass on the bar."""

from __future__ import annotations

from collections.abc import Iterable

from calmando.compose.harmony import ChordSpan
from calmando.compose.material import Kind
from calmando.compose.textures.contract import Stroke, TexturePhrase, tidy
from calmando.score.tune import TuneNote
from calmando.theory.roughness import CALM_CHORD_LIMIT, roughness
from calmando.theory.voicing import CLEARANCE, IMPERFECT, NOT_ALONE, OPEN_BELOW, Voicing
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks

_BASS_LOW: MidiPitch = 40
_WALKING_LIMIT = 0.22
"""A bass that leaves its root leaves room for second lines."""
_MARGIN = 0.02
_FIRST = 4
_SOFTER_A_BAR = 2
_SOFTEST = -8
_LEGATO: Ticks = TICKS_PER_QUARTER // 8


def pad(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """Three or four notes a chord, common tones held; thin: two."""
    sounding: dict[MidiPitch, Ticks] = {}
    strokes: list[Stroke] = []
    for span in phrase.chords:
        wanted = _pad_tones(phrase, span.voicing.bass, span.voicing.block)
        for pitch in sorted(set(sounding) - wanted):
            begun = sounding.pop(pitch)
            strokes.append(Stroke(begun, span.onset_ticks + _LEGATO - begun, pitch))
        for pitch in sorted(wanted):
            sounding.setdefault(pitch, span.onset_ticks)
    strokes += [Stroke(begun, phrase.ticks - begun, pitch) for pitch, begun in sounding.items()]
    return tidy(strokes, phrase.ticks)


def _pad_tones(phrase: TexturePhrase, bass: MidiPitch, block: tuple[MidiPitch, ...]) -> set[MidiPitch]:
    if phrase.has_bass and block:
        tones = set(_outer(bass, block) if phrase.thin else block)
    else:
        tones = {bass, *(over_bass(bass, block) if phrase.thin else block)}
    return {pitch + 12 * phrase.octave for pitch in tones}


def _outer(bass: MidiPitch, block: tuple[MidiPitch, ...]) -> tuple[MidiPitch, ...]:
    """Two voices above a bass that another part plays: the outer ones, or the highest and one that tells the chord."""
    outer = (block[0], block[-1])
    if any_tells(bass, outer) or not any_tells(bass, block):
        return outer
    return (*over_bass(bass, block), block[-1])


def any_tells(bass: MidiPitch, voices: Iterable[MidiPitch]) -> bool:
    """Whether a third or sixth over the bass is among the voices."""
    return any((pitch - bass) % 12 in IMPERFECT for pitch in voices)


def over_bass(bass: MidiPitch, block: tuple[MidiPitch, ...]) -> tuple[MidiPitch, ...]:
    """The voice to be heard alone over the bass: a third or sixth, else a fifth or fourth, else an octave; else all.

    Of two of a kind it is the higher.
    """
    calm = [pitch for pitch in block if (pitch - bass) % 12 not in NOT_ALONE]
    if not calm:
        return block
    return (max(calm, key=lambda pitch: ((pitch - bass) % 12 in IMPERFECT, (pitch - bass) % 12 > 0, pitch)),)


def drone5(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """The key note from bar 1, its fifth from bar 2, both to the phrase's end; thin: the key note alone.

    Where the tune comes down to the fifth, or dwells a semitone above it, the key note stays alone too.
    """
    bar = phrase.material.metre.bar_ticks
    low = drone_pitch(phrase) + 12 * phrase.octave
    strokes = [Stroke(0, phrase.ticks, low)]
    clear = low + 7 <= _tune_floor(phrase, low + 7 + CLEARANCE) - CLEARANCE
    clear = clear and not any((pitch - low - 7) % 12 == 1 for pitch in _held(phrase))
    if clear and not phrase.thin and phrase.material.n_bars > 1:
        strokes.append(Stroke(bar, phrase.ticks - bar, low + 7, -4))
    return tidy(strokes, phrase.ticks)


def final_chord(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """How broken chords end: every chord struck whole, the last one's tones then in turn, ever softer and fewer.

    A plucked chord is gone long before a fade is over; so it is touched again, and rings alone in its last bar.
    """
    strokes = [
        Stroke(span.onset_ticks, span.duration_ticks, phrase.placed(pitch), _last_touch(phrase, 0))
        for span in phrase.chords
        for pitch in (span.voicing.bass, *_broken(span.voicing))
    ]
    metre, span = phrase.material.metre, phrase.chords[-1]
    voices = _broken(span.voicing) or (span.voicing.bass,)
    low = voices[0] if phrase.has_bass else span.voicing.bass
    n_bars = (phrase.ticks - span.onset_ticks) // metre.bar_ticks
    for bar in range(n_bars - 1):
        start, weight = span.onset_ticks + bar * metre.bar_ticks, _last_touch(phrase, bar)
        # At first a tone on every beat where two can take turns, then two a bar.
        every = 1 if 2 * bar < n_bars and len(voices) > 1 else max(metre.beats // 2, 1)
        for beat in range(0 if bar else every, metre.beats, every):
            at = start + beat * metre.beat_ticks
            tones = (voices[(beat - 1) % len(voices)],) if every < metre.beats // 2 else voices[-2:]
            for tone in (low,) if beat == 0 else tones:
                strokes.append(Stroke(at, phrase.ticks - at, phrase.placed(tone), weight))
    return tidy(strokes, phrase.ticks)


def _broken(voicing: Voicing) -> tuple[MidiPitch, ...]:
    """The voices above the bass, two at least where a broken chord has as many."""
    return voicing.block if len(voicing.block) > 1 else voicing.ladder[:2]


def _last_touch(phrase: TexturePhrase, bar: int) -> int:
    """Softer from bar to bar; what comes after the final phrase begins as softly as that one ended."""
    begun = _SOFTEST if phrase.material.label == "afterglow" else _FIRST
    return max(begun - _SOFTER_A_BAR * bar, _SOFTEST)


def tambura(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """Fifth, key note, key note, low key note, evenly over every bar, for plucked strings.

    Thin, under a tune: fifth and low key note. Alone it is never thin: the strings have to sing on. At the end they walk on,
    thin and ever softer, and ring alone in the last bar.
    """
    low = drone_pitch(phrase) + 12 * phrase.octave
    high = low + 12 if low + 12 <= _tune_floor(phrase, low + 12 + CLEARANCE) - CLEARANCE else low
    row: tuple[MidiPitch | None, ...] = (low + 7, high, high if high > low else low + 7, low)
    dies_away = phrase.material.kind is Kind.FINAL
    if dies_away or (phrase.thin and phrase.material.tune):
        row = (low + 7, None, low, None)
    slot = phrase.material.metre.bar_ticks // 4
    n_bars = phrase.material.n_bars
    strokes = []
    for bar in range(max(n_bars - 1, 1) if dies_away else n_bars):
        touch = _last_touch(phrase, bar) if dies_away else 0
        for index, pitch in enumerate(row):
            onset = (4 * bar + index) * slot
            if pitch is not None and onset < phrase.ticks:
                weight = touch + phrase.accent(2 if pitch == low else 0)
                strokes.append(Stroke(onset, phrase.ticks - onset, pitch, weight))
    return tidy(strokes, phrase.ticks)


def _tune_floor(phrase: TexturePhrase, default: MidiPitch) -> MidiPitch:
    """The lowest note of the phrase's tune, sung or resting; a default where it has none."""
    return min((note.pitch for note in _sung_or_resting(phrase)), default=default)


def _held(phrase: TexturePhrase) -> set[MidiPitch]:
    """What the phrase's tune, sung or resting, dwells on for a beat or more."""
    beat = min(phrase.material.metre.beat_ticks, TICKS_PER_QUARTER)
    return {note.pitch for note in _sung_or_resting(phrase) if note.duration_ticks >= beat}


def _sung_or_resting(phrase: TexturePhrase) -> tuple[TuneNote, ...]:
    return phrase.material.tune + phrase.material.beneath + phrase.material.resting


def chorale(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """Bass and inner voices under the tune on every chord and half note; thin: one voice less."""
    strokes: list[Stroke] = []
    half = (
        2 * TICKS_PER_QUARTER
        if phrase.material.metre.name in ("2/4", "4/4")
        else phrase.material.metre.bar_ticks
    )
    for span in phrase.chords:
        voices = (span.voicing.bass, *(span.voicing.block[1:] if phrase.thin else span.voicing.block))
        for start in range(span.onset_ticks, span.end_ticks, half):
            length = min(half, span.end_ticks - start)
            strokes += [Stroke(start, length, pitch + 12 * phrase.octave) for pitch in voices]
    return tidy(strokes, phrase.ticks)


def bassbar(phrase: TexturePhrase) -> tuple[Stroke, ...]:
    """The bass on every new chord; where a chord lasts, its fifth or third a bar later; thin: every second bar."""
    bar = phrase.material.metre.bar_ticks
    strokes: list[Stroke] = []
    for span in phrase.chords:
        first_bar = -(-span.onset_ticks // bar)
        walks = not phrase.thin and phrase.material.kind is not Kind.FINAL
        if phrase.thin and span.onset_ticks % (2 * bar) and phrase.material.kind is not Kind.FINAL:
            continue
        strokes.append(
            Stroke(span.onset_ticks, span.duration_ticks, span.voicing.bass + 12 * phrase.octave, 4)
        )
        for index in range(first_bar, -(-span.end_ticks // bar)):
            at = index * bar
            if at > span.onset_ticks and walks:
                other = _other_bass_tone(phrase, span, at)
                strokes = [_cut(stroke, at) for stroke in strokes]
                strokes.append(Stroke(at, span.end_ticks - at, other + 12 * phrase.octave))
    return tidy([_cut_at_next(strokes, index) for index in range(len(strokes))], phrase.ticks)


def _cut(stroke: Stroke, at: Ticks) -> Stroke:
    if stroke.end_ticks <= at:
        return stroke
    return Stroke(stroke.onset_ticks, at - stroke.onset_ticks, stroke.pitch, stroke.weight)


def _cut_at_next(strokes: list[Stroke], index: int) -> Stroke:
    if index + 1 < len(strokes):
        return _cut(strokes[index], strokes[index + 1].onset_ticks)
    return strokes[index]


def _other_bass_tone(phrase: TexturePhrase, span: ChordSpan, at: Ticks) -> MidiPitch:
    """The chord's fifth below the bass where there is room, else above; the bass itself where both would be rough."""
    bass, fifth = span.voicing.bass, span.chord.fifth
    held = [
        note.pitch
        for note in phrase.material.tune + phrase.material.beneath
        if note.end_ticks > at
        and note.onset_ticks < span.end_ticks
        and note.duration_ticks >= TICKS_PER_QUARTER
    ]
    lowest = min((*span.voicing.block, *held), default=bass + 2 * fifth)
    for other in (bass - (12 - fifth), bass + fifth):
        upper = [pitch for pitch in span.voicing.block if pitch != other]
        open_enough = all(pitch >= other + 7 for pitch in upper if pitch < OPEN_BELOW or other < OPEN_BELOW)
        if not (_BASS_LOW <= other < lowest and open_enough) or roughness((other, *upper)) > _WALKING_LIMIT:
            continue
        worst = max(roughness((other, *span.voicing.ladder, note)) for note in (*held, other))
        if worst <= CALM_CHORD_LIMIT - _MARGIN:
            return other
    return bass


def walked_bass(phrase: TexturePhrase, span: ChordSpan) -> MidiPitch:
    """Where the bass of a chord goes when it walks."""
    return _other_bass_tone(phrase, span, span.onset_ticks)


def drone_pitch(phrase: TexturePhrase) -> MidiPitch:
    """The key note in the low register (E2 to D♯3)."""
    return _BASS_LOW + (phrase.material.key.tonic - _BASS_LOW) % 12
