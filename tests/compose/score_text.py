"""A score as text to read: phrase by phrase, part by part, beat by beat.

One line a part: bars between ``|``; a note is its beat in quarters from the bar line, its name, its length in quarters and
its velocity: ``0 F4 1½ @56``. Notes struck together share the beat: ``0 C3+G3 3 @44``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from calmando.score.model import ChannelStrip, Note, PhraseSpan, Score
from calmando.theory.metre import Metre, quarters
from calmando.theory.scale import Key
from calmando.units import Seconds, Ticks


def score_text(score: Score, *, until_s: Seconds | None = None) -> str:
    """A score, or its beginning, as text.

    Parameters
    ----------
    score
        What to read.
    until_s
        Phrases that begin from here on are named only, in seconds; None: all are written out.
    """
    return "\n".join(_lines(score, until_s)) + "\n"


def _lines(score: Score, until_s: Seconds | None) -> Iterator[str]:
    yield f"{score.title}: {score.keys[0].key.name}, {score.metres[0].metre.name}, {score.length_s:g} s"
    fades = score.fades
    yield f"fades {fades.fade_in_s:g} s in, {fades.fade_out_s:g} s out, {fades.end_silence_s:g} s of silence"
    for part in score.parts:
        yield f"  {_strip_text(part.strip)}"
    sections = {section.onset_ticks: section.name for section in score.sections}
    for phrase in score.phrases:
        if phrase.onset_ticks in sections:
            yield f"== {sections[phrase.onset_ticks]}"
        begin = score.tempo_map.seconds_at(phrase.onset_ticks)
        metre = _metre_at(score, phrase.onset_ticks)
        bpm = metre.bpm(score.tempo_map.us_per_quarter_at(phrase.onset_ticks))
        yield f"-- {phrase.label}, {begin:.2f} s, {bpm:.2f} BPM"
        if until_s is None or begin < until_s:
            yield from _phrase_lines(score, phrase, metre, _key_at(score, phrase.onset_ticks))


def _strip_text(strip: ChannelStrip) -> str:
    return (
        f"{strip.name} ({strip.role.value}): channel {strip.channel}, program {strip.program} bank {strip.bank}, "
        f"volume {strip.volume}, pan {strip.pan}, reverb {strip.reverb}"
    )


def _metre_at(score: Score, ticks: Ticks) -> Metre:
    return next(change.metre for change in reversed(score.metres) if change.ticks <= ticks)


def _key_at(score: Score, ticks: Ticks) -> Key:
    return next(change.key for change in reversed(score.keys) if change.ticks <= ticks)


def _phrase_lines(score: Score, phrase: PhraseSpan, metre: Metre, key: Key) -> Iterator[str]:
    for part in score.parts:
        notes = [note for note in part.notes if phrase.onset_ticks <= note.onset_ticks < phrase.end_ticks]
        if notes:
            yield f"   {part.strip.name:<10} {_bars(notes, phrase.onset_ticks, metre, key)}"


def _bars(notes: list[Note], start: Ticks, metre: Metre, key: Key) -> str:
    by_bar = groupby(notes, key=lambda note: (note.onset_ticks - start) // metre.bar_ticks)
    return " | ".join(
        f"[{bar + 1}] {_bar(list(group), start + bar * metre.bar_ticks, key)}" for bar, group in by_bar
    )


def _bar(notes: list[Note], start: Ticks, key: Key) -> str:
    texts = []
    for (onset, length, velocity), group in groupby(
        notes, key=lambda note: (note.onset_ticks, note.duration_ticks, note.velocity)
    ):
        names = "+".join(key.pitch_name(note.pitch) for note in group)
        texts.append(f"{quarters(onset - start)} {names} {quarters(length)} @{velocity}")
    return ", ".join(texts)
