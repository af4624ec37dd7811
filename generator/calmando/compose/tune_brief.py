"""What a tune shall be: the wishes handed to the tune's composer."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.errors import InputError, PresetError
from calmando.score.tune import Tune
from calmando.theory.metre import Metre
from calmando.theory.scale import Key
from calmando.units import MidiPitch, Semitones, Unit

_SHAPES = ((4, 2), (8, 2), (16, 2), (6, 3), (12, 3), (8, 4), (16, 4), (10, 5), (20, 5))


@dataclass(frozen=True, slots=True)
class FormWeight:
    """A form, letters separated by spaces (``A A' B A'``), and how often it is chosen."""

    form: str
    weight: float


@dataclass(frozen=True, slots=True)
class TuneBrief:
    """The wishes for one tune.

    Attributes
    ----------
    key, metre
        As the tune shall be written.
    n_bars, phrase_bars
        Bars of the tune and of a phrase: 8 or 16 bars of 2 or 4; 6 or 12 of 3; 10 or 20 of 5 (four bars
        and one that holds); 4 of 2.
    notes_per_beat
        Wanted notes a counted beat (density in notes a second × 60 / tempo); met within a quarter where the
        metre's rhythm cells allow. None: `activity` chooses.
    low_pitch, high_pitch
        The register no note leaves.
    max_range_semitones, max_leap_semitones
        Widest distance from lowest to highest note, and between neighbours.
    predictability
        0–1: lower temperature of every choice, fewer cells, more literal repetition.
    stability
        0–1: narrower range, more steps, more chord tones, stronger pull to tonic and fifth.
    resonance
        0–1: sighs at open phrase ends and a wider climax.
    activity
        0–1: notes a beat, where `notes_per_beat` is None.
    forms
        Forms to choose from; empty: the usual ones, `AA′BA′` the commonest. Forms of another number of
        phrases than asked are left out.
    upbeat_probability
        Share of tunes that begin with an upbeat.
    slow
        Long values only: about one or two notes a bar.
    allow_raised_leading_tone
        In minor, let the last cadence use the major dominant with its leading tone.
    drone
        The tune stands over a held tonic and fifth: no chord changes.
    sung
        As if with words: more repeated notes (.39 of all intervals instead of .26).
    chant
        Syllabic and narrow (a sixth), reciting on the fifth, ending 5–4–2–1 or by step.
    literal
        No varied repetition: `A` returns note for note.
    like
        A tune of the same family: its rhythm cells and the contour of its motif are kept, the schemas are new.
    """

    key: Key
    metre: Metre
    n_bars: int = 16
    phrase_bars: int = 4
    notes_per_beat: float | None = None
    low_pitch: MidiPitch = 60
    high_pitch: MidiPitch = 77
    max_range_semitones: Semitones = 12
    max_leap_semitones: Semitones = 9
    predictability: Unit = 0.6
    stability: Unit = 0.6
    resonance: Unit = 0.4
    activity: Unit = 0.5
    forms: tuple[FormWeight, ...] = ()
    upbeat_probability: Unit = 0.45
    slow: bool = False
    allow_raised_leading_tone: bool = False
    drone: bool = False
    sung: bool = False
    chant: bool = False
    literal: bool = False
    like: Tune | None = None

    def __post_init__(self) -> None:
        for name in ("predictability", "stability", "resonance", "activity", "upbeat_probability"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise InputError(
                    f"The tune's {name} is {value:g}.", "A dial goes from 0 to 1.", "Choose 0 to 1."
                )
        if (self.n_bars, self.phrase_bars) not in _SHAPES:
            known = ", ".join(f"{bars} bars of {phrase}" for bars, phrase in _SHAPES)
            raise PresetError(
                f"A tune of {self.n_bars} bars in phrases of {self.phrase_bars} is asked for.",
                f"Tunes are planned as one of: {known}.",
                "Choose one of these by melody.bars and tempo.phrase_bars.",
            )
        if self.high_pitch - self.low_pitch < 9:
            raise InputError(
                f"The tune's register is MIDI pitch {self.low_pitch} to {self.high_pitch}.",
                "A tune needs at least 9 semitones to turn in.",
                "Widen the register.",
            )

    @property
    def n_phrases(self) -> int:
        """Phrases of the tune."""
        return self.n_bars // self.phrase_bars
