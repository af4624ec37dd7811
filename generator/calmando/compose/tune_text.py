"""A tune as readable text: phrases as lines, bars as columns, chords above, notes as names with lengths in quarters."""

from __future__ import annotations

from calmando.score.tune import Tune, TuneNote
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks

_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_SHARP_TONICS = frozenset({2, 4, 7, 9, 11, 6})
_TONICS_WITH_A_FLAT = frozenset({1, 3, 8, 10})
_FRACTIONS = {0: "", 120: "¼", 160: "⅓", 240: "½", 320: "⅔", 360: "¾"}


def pitch_name(pitch: MidiPitch, tonic: int = 0, *, signature_shift: int = 0) -> str:
    """The name of a pitch with its octave, with sharps or flats as the key has them.

    Examples
    --------
    >>> pitch_name(60), pitch_name(66, tonic=7), pitch_name(63, tonic=0, signature_shift=3)
    ('C4', 'F#4', 'Eb4')
    >>> pitch_name(66, tonic=6), pitch_name(66, tonic=3, signature_shift=3)  # F sharp major, E flat minor
    ('F#4', 'Gb4')
    """
    has_sharps = (tonic + signature_shift) % 12 in _SHARP_TONICS and tonic not in _TONICS_WITH_A_FLAT
    names = _SHARPS if has_sharps else _FLATS
    return f"{names[pitch % 12]}{pitch // 12 - 1}"


def length_text(ticks: Ticks) -> str:
    """A length in quarters: ``1½``.

    Examples
    --------
    >>> length_text(720), length_text(240), length_text(960)
    ('1½', '½', '2')
    """
    whole, rest = divmod(ticks, TICKS_PER_QUARTER)
    fraction = _FRACTIONS.get(rest, f"+{rest}t")
    return f"{whole or ''}{fraction}" or "0"


def note_text(note: TuneNote, tune: Tune) -> str:
    """A note as ``G4 1½``."""
    name = pitch_name(note.pitch, tune.key.tonic, signature_shift=tune.key.mode.signature_shift)
    return f"{name} {length_text(note.duration_ticks)}"


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
