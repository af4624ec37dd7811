"""A tune as readable text: phrases as lines, bars as columns, chords above, notes as names with lengths in quarters."""

from __future__ import annotations

from calmando.score.tune import Tune, TuneNote
from calmando.theory.metre import quarters


def note_text(note: TuneNote, tune: Tune) -> str:
    """A note as ``G4 1½``."""
    return f"{tune.key.pitch_name(note.pitch)} {quarters(note.duration_ticks)}"


def tune_text(tune: Tune) -> str:
    """The whole tune: a head line, then each phrase with its chords and its bars."""
    lines = [f"{tune.key.name}, {tune.metre.name}, {tune.n_bars} bars"]
    bar = tune.metre.bar_ticks
    for phrase in tune.phrases:
        chords, notes = [], []
        for index in range(phrase.first_bar, phrase.end_bar):
            begin, end = index * bar, (index + 1) * bar
            first = -tune.upbeat_ticks if index == 0 else begin
            chords.append(" ".join(c.numeral for c in tune.chords if begin <= c.onset_ticks < end) or "–")
            inside = [n for n in tune.notes if first <= n.onset_ticks < end]
            upbeat = "  ".join(note_text(n, tune) for n in inside if n.onset_ticks < 0)
            here = "  ".join(note_text(n, tune) for n in inside if n.onset_ticks >= 0) or "–"
            notes.append(f"({upbeat}) {here}" if upbeat else here)
        widths = [max(len(chord), len(note)) for chord, note in zip(chords, notes, strict=True)]
        lines.append(
            f"{phrase.label:<4}  "
            + "   ".join(c.ljust(w) for c, w in zip(chords, widths, strict=True)).rstrip()
        )
        lines.append("    | " + " | ".join(n.ljust(w) for n, w in zip(notes, widths, strict=True)) + " |")
    return "\n".join(lines) + "\n"
