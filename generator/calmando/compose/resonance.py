"""Resonance in the harmony: colours, suspensions and turns of chords that the levers ask for.

Colours and suspensions are part of a tune, drawn once; the other levers (`calmando.compose.levers`) move in a strophe.

| lever | from | budget |
|---|---|---|
| added ninth or major seventh on a long chord, a phrase's last one first | .3 | one in four bars |
| four–three suspension on the dominant of the last close | .4 | one a tune |
"""

from __future__ import annotations

from dataclasses import replace

from calmando.compose.harmony import voice_progression
from calmando.compose.material import Material
from calmando.rng import Stream
from calmando.score.tune import Tune, TuneChord
from calmando.theory.chord import chord
from calmando.theory.voicing import Register
from calmando.units import Ticks, Unit

COLOUR_FROM: Unit = 0.3
SUSPENSION_FROM: Unit = 0.4
_BARS_PER_COLOUR = 4
_COLOURS = {"I": ("Iadd9", "Imaj7"), "IV": ("IVadd9", "IVmaj7"), "V": ("Vadd9",), "III": ("IIIadd9",)}
"""Colours by chord; minor chords are left plain, their ninth would rub against the third."""
_SIXTHS = {"I": "vi", "i": "VI"}


def coloured(tune: Tune, resonance: Unit, *, stream: Stream) -> Tune:
    """A tune's chords with added tones at phrase ends and a suspension at the last close, as far as the dial goes."""
    chords = list(tune.chords)
    if resonance >= COLOUR_FROM:
        budget = int(resonance * tune.n_bars / _BARS_PER_COLOUR + stream.random())
        fitting = [(index, options) for index, item in enumerate(chords) if (options := _fitting(item, tune))]
        ends = {phrase.end_bar * tune.metre.bar_ticks for phrase in tune.phrases}
        # Phrase ends first, then other long chords; each has its own chance of place and kind.
        order = sorted(fitting, key=lambda entry: (_end(chords[entry[0]]) not in ends, stream.random()))
        for index, options in order[:budget]:
            chords[index] = replace(chords[index], numeral=stream.choice(options))
    if resonance >= SUSPENSION_FROM:
        chords = _suspended(chords, tune)
    return replace(tune, chords=tuple(chords))


def _fitting(item: TuneChord, tune: Tune) -> tuple[str, ...]:
    """The colours a chord of two beats and more can have under its tune."""
    if item.duration_ticks < 2 * tune.metre.beat_ticks:
        return ()
    colours = _COLOURS.get(item.numeral, ())
    return tuple(each for each in colours if _agrees(each, item, tune) and _sounds(each, item, tune))


def _end(item: TuneChord) -> Ticks:
    return item.onset_ticks + item.duration_ticks


def _suspended(chords: list[TuneChord], tune: Tune) -> list[TuneChord]:
    """The last dominant begins with its fourth, which resolves half-way, where the tune leaves room for it."""
    beat = tune.metre.beat_ticks
    for index in range(len(chords) - 2, max(len(chords) - 4, -1), -1):
        item = chords[index]
        if item.numeral not in ("V", "I") or item.duration_ticks < 2 * beat:
            continue
        half = item.duration_ticks // 2 // beat * beat
        held = TuneChord(item.onset_ticks, half, f"{item.numeral}sus4")
        if item.numeral == "V" and _agrees(held.numeral, held, tune):
            rest = TuneChord(item.onset_ticks + half, item.duration_ticks - half, item.numeral)
            return [*chords[:index], held, rest, *chords[index + 1 :]]
    return chords


def _agrees(numeral: str, item: TuneChord, tune: Tune) -> bool:
    """Whether no tune note over the chord lies a semitone from one of its tones, and all tones belong to the mode."""
    tones = chord(numeral, tune.key.mode).tones
    if not all(tone in tune.key.mode.steps for tone in tones):
        return False
    end: Ticks = item.onset_ticks + item.duration_ticks
    over = {
        (note.pitch - tune.key.tonic) % 12
        for note in tune.notes
        if note.onset_ticks < end and note.end_ticks > item.onset_ticks
    }
    return not any((note - tone) % 12 in (1, 11) for note in over for tone in tones)


def _sounds(numeral: str, item: TuneChord, tune: Tune) -> bool:
    """Whether the tune leaves room for the chord's colour below it."""
    (span,) = voice_progression(
        (replace(item, numeral=numeral),), tune.notes, tune.key, tune.metre, Register()
    )
    colours = {(tune.key.tonic + span.chord.root + colour) % 12 for colour in span.chord.colours}
    return colours <= {pitch % 12 for pitch in span.voicing.block}


def with_sixth(material: Material) -> Material:
    """The phrase begins on the sixth degree's chord instead of the key chord, where its tune allows."""
    first = material.chords[0]
    sixth = _SIXTHS.get(first.numeral.removesuffix("add9").removesuffix("maj7"))
    if sixth is None or not _tune_fits(material, first, sixth):
        return material
    chords = (replace(first, numeral=sixth), *material.chords[1:])
    return replace(material, name=f"{material.name}/sixth", chords=chords)


def with_deceptive_close(material: Material) -> Material:
    """The phrase's last key chord becomes the sixth degree's."""
    last = material.chords[-1]
    sixth = _SIXTHS.get(last.numeral.removesuffix("add9").removesuffix("maj7"))
    if sixth is None or not _tune_fits(material, last, sixth):
        return material
    return replace(
        material, name=f"{material.name}/aside", chords=(*material.chords[:-1], replace(last, numeral=sixth))
    )


def with_minor_fourth(material: Material) -> Material:
    """A phrase without tune over key chord, minor fourth-degree chord, key chord."""
    half = material.ticks // 2 // material.metre.beat_ticks * material.metre.beat_ticks
    quarter = half // 2 // material.metre.beat_ticks * material.metre.beat_ticks
    chords = (
        TuneChord(0, quarter, "I"),
        TuneChord(quarter, half - quarter, "iv"),
        TuneChord(half, material.ticks - half, "I"),
    )
    return replace(material, name=f"{material.name}/minor fourth", chords=chords)


def with_silence(material: Material, upbeat: Ticks) -> Material:
    """The phrase's last note ends a beat earlier, so that the tune is silent before the next phrase and its upbeat."""
    beat = material.metre.beat_ticks
    if not material.tune:
        return material
    last = material.tune[-1]
    end = min(last.end_ticks, material.ticks - upbeat) - beat
    if end - last.onset_ticks < beat:
        return material
    shorter = replace(last, duration_ticks=end - last.onset_ticks)
    return replace(material, name=f"{material.name}/silence", tune=(*material.tune[:-1], shorter))


def _tune_fits(material: Material, item: TuneChord, numeral: str) -> bool:
    tones = chord(numeral, material.key.mode).tones
    end = item.onset_ticks + item.duration_ticks
    return all(
        (note.pitch - material.key.tonic) % 12 in tones
        for note in material.tune
        if note.onset_ticks < end
        and note.end_ticks > item.onset_ticks
        and note.duration_ticks >= material.metre.beat_ticks // 2
    )
