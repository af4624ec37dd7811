"""The ending: a tag in double values, the last cadence, the final chord, and what still sounds in the fade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from calmando.compose.material import Kind, Material, last_bars
from calmando.compose.plan import Step
from calmando.preset.model import Preset
from calmando.score.tune import TuneChord, TuneNote
from calmando.theory.chord import chord
from calmando.theory.pitch import HIGHEST_PITCH
from calmando.theory.scale import Key
from calmando.theory.tune_register import tune_register
from calmando.units import MidiPitch, Ticks

CLOSING_LABELS = ("final", "afterglow")
"""Labels of the phrases that hold the final chord."""
_PLAGAL = {"major": "IV", "minor": "iv", "dorian": "IV", "mixolydian": "IV", "lydian": "vi"}
"""The last chord but one of an amen, consonant with the key note; pentatonic modes have none."""
_RISE = 3
"""So many notes lead from the key note up to an open end, the fifth included."""


def ending(preset: Preset, last: Material) -> Iterator[Step]:
    """The phrases of the ending.

    Parameters
    ----------
    preset
        Which ending.
    last
        The tune's last phrase; of one longer than the preset's phrases the last bars close the piece.
    """
    kind = preset.form.ending
    last = last_bars(last, preset.tempo.phrase_bars)
    if kind in ("amen", "plain"):
        yield Step(_tag(last), "ending", 0)
        yield Step(final(last, amen=kind == "amen"), None, 0)
    else:
        lowest, _ = tune_register(last.key.tonic, preset.pitch.low_pitch, preset.pitch.high_pitch)
        closing = final(last, amen=False, lowest=lowest)
        yield Step(_opened(closing) if kind == "open" else closing, "ending", 0)


def _tag(last: Material) -> Material:
    """The half phrase that closes the tune in double values, its last note held.

    It lasts until half a beat before the final chord, or half the way there where it begins within the last beat.
    """
    half = last.ticks // 2
    start = _close_ticks(last)
    notes = [
        TuneNote(2 * (note.onset_ticks - start), 2 * note.duration_ticks, note.pitch)
        for note in last.tune
        if start <= note.onset_ticks < start + half
    ]
    if notes:
        left = last.ticks - notes[-1].onset_ticks
        notes[-1] = replace(notes[-1], duration_ticks=left - min(last.metre.beat_ticks, left) // 2)
    spans = (
        (max(item.onset_ticks, start), min(_end(item), start + half), item.numeral) for item in last.chords
    )
    chords = tuple(
        TuneChord(2 * (begin - start), 2 * (end - begin), numeral)
        for begin, end, numeral in spans
        if begin < end
    )
    return Material(
        f"{last.name}/tag", "tag", Kind.TAG, last.key, last.metre, last.n_bars, tuple(notes), chords
    )


def _close_ticks(last: Material) -> Ticks:
    """Where the half phrase that closes a tune begins: it is the last one, unless that is one held note alone.

    Then it begins so much earlier that the cadence is in it: a bar before that note, in a phrase of two bars half a bar.
    """
    half, bar = last.ticks // 2, last.metre.bar_ticks
    latest = [note.onset_ticks for note in last.tune if note.onset_ticks >= half]
    return max(latest[0] - min(bar, half - bar // 2), 0) if len(latest) == 1 else half


def _end(item: TuneChord) -> Ticks:
    return item.onset_ticks + item.duration_ticks


def tonic_numeral(key: Key) -> str:
    """The key chord."""
    return "i" if key.mode.minor_third else "I"


def final(last: Material, *, amen: bool, lowest: MidiPitch = 0) -> Material:
    """The final chord, with the tune's last note upon it; an amen goes before."""
    plagal = _PLAGAL.get(last.key.mode.name) if amen else None
    bar = last.metre.bar_ticks
    lead = min(bar * max(1, last.n_bars // 3), _half_on_a_beat(last)) if plagal else 0
    tonic = TuneChord(lead, last.ticks - lead, tonic_numeral(last.key))
    chords = (TuneChord(0, lead, plagal), tonic) if plagal else (tonic,)
    pitch = _final_pitch(last, lowest)
    notes: tuple[TuneNote, ...] = ()
    if pitch is not None:
        notes = (TuneNote(lead, last.ticks - lead, pitch),)
        before = None if plagal is None else _over(plagal, last.key, pitch)
        if before is not None:
            notes = (TuneNote(0, lead, before), *notes)
    return Material(
        f"{last.name}/final", "final", Kind.FINAL, last.key, last.metre, last.n_bars, notes, chords
    )


def _opened(closing: Material) -> Material:
    """A final phrase whose tune rises, by the steps of its scale, from the key note to the fifth and stays open there."""
    if not closing.tune:
        return closing
    fifth = chord(tonic_numeral(closing.key), closing.key.mode).fifth
    rise = (0, *[step for step in closing.key.mode.steps if 0 < step <= fifth][-_RISE:])
    beat = closing.metre.beat_ticks
    value = max(closing.ticks // 2 // beat // _RISE, 1) * beat
    onsets = [index * value for index in range(len(rise))]
    notes = (
        TuneNote(onset, end - onset, closing.tune[0].pitch + step)
        for onset, end, step in zip(onsets, (*onsets[1:], closing.ticks), rise, strict=True)
    )
    return replace(closing, tune=tuple(notes))


def _half_on_a_beat(last: Material) -> Ticks:
    """Half of a phrase, or up to a beat less: so much an amen takes at most."""
    return last.ticks // 2 // last.metre.beat_ticks * last.metre.beat_ticks


def afterglow(last: Material) -> Material:
    """The final chord still held, for long fades."""
    tonic = TuneChord(0, last.ticks, last.chords[-1].numeral)
    return Material(
        f"{last.name}/afterglow",
        "afterglow",
        Kind.FINAL,
        last.key,
        last.metre,
        last.n_bars,
        (),
        (tonic,),
        beneath=(last.beneath + last.tune)[-1:],
    )


def _over(plagal: str, key: Key, pitch: MidiPitch) -> MidiPitch | None:
    """What is sung over an amen's first chord: the key note, which belongs to both, else the step above it."""
    tones = {(key.tonic + tone) % 12 for tone in chord(plagal, key.mode).triad}
    nearest = (near for near in (pitch, pitch + 2) if near <= HIGHEST_PITCH and near % 12 in tones)
    return next(nearest, None)


def lengthened(last: Material, ticks: Ticks) -> Material:
    """A final phrase whose last chord goes on so long, rounded up to bars."""
    n_bars = -(-ticks // last.metre.bar_ticks)
    held = last.chords[-1]
    chords = (
        *last.chords[:-1],
        replace(held, duration_ticks=n_bars * last.metre.bar_ticks - held.onset_ticks),
    )
    return replace(last, name=f"{last.name}/{n_bars}", n_bars=n_bars, chords=chords)


def _final_pitch(last: Material, lowest: MidiPitch) -> MidiPitch | None:
    """The key note nearest the tune's last note, not below ``lowest``."""
    if not last.tune:
        return None
    wanted = last.key.tonic
    near = last.tune[-1].pitch

    def above(low: MidiPitch) -> list[MidiPitch]:
        return [p for p in range(max(low, 0), min(near + 12, HIGHEST_PITCH) + 1) if p % 12 == wanted]

    # A given tune may lie below the preset's register, or at the rim of all pitches.
    found = above(max(near - 7, lowest)) or above(near - 12)
    return min(found, key=lambda p: (abs(p - near), p))
