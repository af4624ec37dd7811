"""The tables of a preset that say what is played: tempo, pitch, melody, form, stages, parts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from calmando.preset.table import Dial, LevelDb, MetreName, ModeName, NoteName, Table, TextureName
from calmando.preset.travel import FASTEST_BPM, MOST_RAISED, SLOWEST_BPM
from calmando.theory.pitch import pitch
from calmando.theory.programs import names_like, program_named
from calmando.theory.scale import MODES, Key, pitch_class
from calmando.theory.tune_register import tune_register
from calmando.units import Bpm, MidiPitch

SINGING = ("strophes", "statements", "motif", "sections", "tense-release")
"""Forms that sing whole tunes."""


class TempoSettings(Table):
    """How fast, in which metre, and which way the tempo goes."""

    metre: MetreName = Field(description="Time signature. In 6/8 the beat is the dotted quarter.")
    start_bpm: float = Field(
        ge=SLOWEST_BPM,
        le=FASTEST_BPM,
        description="Beats a minute at the beginning: near where the person is now. Calm music: 48–90 "
        "(convention [M]; lullabies 66–105 [C*]).",
    )
    end_bpm: float = Field(
        ge=SLOWEST_BPM,
        le=FASTEST_BPM,
        description="Beats a minute that the arc leads to; left out, the tempo stays. Sleep ends at 50–60 [D].",
    )
    phrase_bars: int = Field(
        ge=1,
        le=8,
        description="Bars of one phrase. A phrase is a breath: with the tempo it should last 8–12 seconds "
        "(phrases of about 10 s couple to blood-pressure rhythm [C]).",
    )
    change: Literal["smooth", "stairs"] = Field(
        default="smooth",
        description="smooth: small steps nobody notices, between phrases. stairs: steps that are felt, evenly spread over "
        "the time, between sections and with a bar of notice; by 10 % upwards at the most. For walking only.",
    )
    largest_step_percent: float = Field(
        default=1.5,
        ge=0.0,
        le=5.0,
        description="Largest tempo step between two phrases, in percent. Steps of about 2 % are noticed [C]; walking steps "
        "by 5 %.",
    )
    most_bpm_per_minute: float | None = Field(
        default=None,
        ge=0.5,
        le=10.0,
        description="The tempo changes by no more than this in a minute; a piece too short for the whole way goes "
        "part of it. Without it the steps that nobody notices alone hold it back. More than 3 is too fast to be led by [D].",
    )
    free: bool = Field(
        default=False,
        description="No felt metre: no note is louder for its place in the bar; phrases alone swell and sink, like "
        "slow speech.",
    )

    def bpm_at(self, way: float) -> Bpm:
        """The tempo on the way from start to end: at 0 the one, at 1 the other; walking rises by ten percent at most."""
        bpm = self.start_bpm + way * (self.end_bpm - self.start_bpm)
        return min(bpm, self.start_bpm * MOST_RAISED) if self.change == "stairs" else bpm

    @model_validator(mode="before")
    @classmethod
    def _stays_where_nothing_is_said(cls, values: Any) -> Any:
        if isinstance(values, dict) and "start_bpm" in values:
            return {"end_bpm": values["start_bpm"], **values}
        return values


def _is_key_note(name: str) -> str:
    pitch_class(name)
    return name


KeyNote = Annotated[str, Field(max_length=3), AfterValidator(_is_key_note)]
"""Each is checked by itself, so that every wrong one is told."""


class PitchSettings(Table):
    """Key, mode and register of the tune."""

    tonics: tuple[KeyNote, ...] = Field(
        min_length=1, description="Key notes to choose from by the seed, such as C, D, F, G, Bb."
    )
    modes: tuple[ModeName, ...] = Field(
        min_length=1,
        max_length=5,
        description="Modes to use: major, minor, dorian, mixolydian, lydian, major-pentatonic, minor-pentatonic.",
    )
    mode_order: Literal["seed", "stages", "strophes"] = Field(
        default="seed",
        description="seed: one mode, drawn by the seed. stages: one after the other along the arc. "
        "strophes: in turn from section to section.",
    )
    tune_low: NoteName = Field(
        default="C4",
        description="Lowest note of the tune; C4 is middle C. For a key note that does not lie well between this and "
        "tune_high the register moves by a few semitones, which is said; stages.register_semitones and a change of "
        "octave move it too.",
    )
    tune_high: NoteName = Field(
        default="E5",
        description="Highest note of the tune, at least 9 semitones above the lowest. The forms breath, turns and "
        "tense-release set out from the lowest key note above tune_low and rise as far as they need.",
    )

    @field_validator("tune_low", "tune_high")
    @classmethod
    def _register_is_notes(cls, value: str) -> str:
        pitch(value)
        return value

    @property
    def low_pitch(self) -> MidiPitch:
        """The tune's lowest MIDI pitch."""
        return pitch(self.tune_low)

    @property
    def high_pitch(self) -> MidiPitch:
        """The tune's highest MIDI pitch."""
        return pitch(self.tune_high)

    def register_of(self, tonic: str) -> tuple[MidiPitch, MidiPitch]:
        """Between which notes a tune with one of the key notes really lies."""
        return tune_register(pitch_class(tonic), self.low_pitch, self.high_pitch)

    def register_named(self, tonic: str, mode: str) -> str:
        """The same in words, as the key spells it: ``C4 and E5``."""
        return " and ".join(map(Key(pitch_class(tonic), MODES[mode]).pitch_name, self.register_of(tonic)))

    @property
    def ill_lying(self) -> tuple[str, ...]:
        """The key notes for which the tune leaves its register."""
        wanted = self.low_pitch, self.high_pitch
        return tuple(tonic for tonic in self.tonics if self.register_of(tonic) != wanted)


class FormChoice(Table):
    """A form of the tune and how often it is chosen."""

    form: Annotated[str, Field(pattern=r"^[A-D]'?( [A-D]'?)*$")] = Field(
        description="Phrases by letter, such as A A' B A'; the mark ' means: the same with another ending."
    )
    weight: float = Field(default=1.0, gt=0, le=100, description="How often, against the other forms.")


class MelodySettings(Table):
    """The tune: the dials and its outlines."""

    predictability: Dial = Field(
        description="0–1. Higher: fewer ideas, more literal repetition, fewer surprises (people in an uncertain "
        "state want more of it [C direction])."
    )
    stability: Dial = Field(
        description="0–1. Higher: narrower range, more steps, firmer pull to the key note and its fifth."
    )
    resonance: Dial = Field(
        description="0–1. Higher: warmer chords, a suspension or sigh at the height, a wider arch of loudness. "
        "0 for newborns; at most .2 where calm comes from sameness; .6–.8 for imagery and pain [D]."
    )
    activity: Dial = Field(description="0–1. Higher: more notes, more parts, fuller accompaniment.")
    bars: int = Field(default=16, ge=4, le=20, description="Bars of the whole tune.")
    forms: tuple[FormChoice, ...] = Field(
        default=(),
        max_length=8,
        description="Forms to choose from, each with a letter for every phrase of "
        "the tune (bars divided by tempo.phrase_bars); empty: the usual ones.",
    )
    notes_per_second: float | None = Field(
        default=None,
        ge=0.1,
        le=4.0,
        description="Wanted notes a second in the tune. Lullabies 1.7–3.0, median 2.1 [C*]; sleep .4–1.5 [D].",
    )
    widest_range_semitones: int = Field(
        default=12, ge=5, le=16, description="Distance from lowest to highest note. Lullabies 7–12 [C*]."
    )
    largest_leap_semitones: int = Field(
        default=9,
        ge=2,
        le=12,
        description="Largest leap. In lullabies 96 % of moves are a fourth or less [C*].",
    )
    upbeat_share: Dial = Field(default=0.45, description="How many tunes begin with an upbeat [D].")
    slow: bool = Field(default=False, description="Long notes only.")
    sung: bool = Field(default=False, description="As if with words: more repeated notes.")
    chant: bool = Field(default=False, description="Narrow and reciting, as in chant.")
    drone: bool = Field(default=False, description="Over a held key note and fifth: no chord changes.")
    literal: bool = Field(default=False, description="Phrases return note for note.")
    raised_leading_tone: bool = Field(
        default=False, description="In minor: a major dominant at the last close."
    )
    tunes: int = Field(
        default=5, ge=1, le=5, description="Most different tunes in a long piece; they are of one family."
    )


class FormSettings(Table):
    """How the piece is laid out in minutes."""

    kind: Literal["strophes", "statements", "motif", "breath", "tense-release", "sections", "turns"] = Field(
        default="strophes",
        description="strophes: verses with interludes. statements: a tune, a rest of about its length, the tune. "
        "motif: a short tune now and then. breath: every phrase a breath, up and down. tense-release: the cycle "
        "of muscle relaxation. sections: eight bars after eight bars, for walking. turns: call and equal answer.",
    )
    intro_phrases: int = Field(default=1, ge=1, le=4, description="Phrases before the tune begins.")
    refrain: Literal["never", "every", "second"] = Field(
        default="never",
        description="Whether the tune's last two phrases return after every (second) strophe.",
    )
    ending: Literal["amen", "plain", "open", "strong"] = Field(
        default="amen",
        description="amen: IV–I. plain: the key chord. open: on the fifth over a held key note, no farewell "
        "gesture. strong: on the beat, announced eight beats ahead.",
    )
    ends_awake: bool = Field(
        default=False,
        description="The last stage brings the listener back awake. Its own way, activity, brightness and loudness_db "
        "do it: one of them at least rises above the stage before, and its tempo may rise more quickly than elsewhere. "
        "In form tense-release the cycles end there, and the tune is played.",
    )
    surprises: bool = Field(
        default=True,
        description="Allow about one gentle surprise a section (a held suspension, an unexpected chord).",
    )
    same_always: bool = Field(default=False, description="Sameness is meant: parts neither enter nor leave.")
    cycles: int | None = Field(
        default=None, ge=4, le=20, description="Tense-and-release cycles; empty: as many as the length holds."
    )
    silent_answer: bool = Field(
        default=False, description="Call and answer: leave the answer silent instead of a soft pulse."
    )


class StageSettings(Table):
    """A stage of the arc: what is reached by its end, gradually."""

    name: Annotated[str, Field(min_length=1, max_length=30)] = Field(
        description="Such as meet, lead, rest, close."
    )
    share: float = Field(gt=0, le=1, description="Part of the piece's time; the shares add up to 1.")
    longest_s: float | None = Field(
        default=None,
        gt=0,
        le=43200,
        description="Longest time of this stage in seconds, however long the piece.",
    )
    way: float = Field(
        ge=-1,
        le=2,
        description="How much of the way from start_bpm to end_bpm is made at the end of this stage: 0 none, 1 all; "
        "below 0 or above 1 goes beyond.",
    )
    activity: Dial = Field(description="0–1, multiplied with the melody's activity: notes and parts.")
    loudness_db: float = Field(
        default=0.0, ge=-8, le=0, description="Loudness against the loudest stage, in dB."
    )
    brightness: Dial = Field(
        default=0.5, description="0 dark – 1 bright: touch, and whether high notes sparkle."
    )
    tune_share: Dial = Field(description="How much of the time the tune itself sounds, 0–1.")
    register_semitones: int = Field(
        default=0, ge=-7, le=7, description="New tunes lie so many semitones higher (lower below 0)."
    )
    surprises: bool = Field(default=True, description="Allow a gentle surprise in this stage.")


class PartSettings(Table):
    """An instrument and what it does."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")] = Field(
        description="Short name, small letters; the tune's part is called melody."
    )
    role: Literal["melody", "second line", "harmony", "bass", "pulse", "breath"] = Field(
        description="What the part is for."
    )
    program: int = Field(
        ge=0,
        le=127,
        description="The instrument by name, such as harp ('calmando instruments' lists them), or its General MIDI "
        "program, 0–127 (0 piano, 24 guitar, 73 flute …).",
    )
    bank: int = Field(
        default=0,
        ge=0,
        le=127,
        description="Bank of the SoundFont; 0 is General MIDI. An instrument's name brings its own.",
    )
    texture: TextureName = Field(
        description="What it plays: tune, pad, drone5, rock68, flow44, pick44, bells …"
    )
    level_db: LevelDb = Field(default=0.0, description="Loudness against the tune, in dB.")
    velocity: int = Field(default=56, ge=16, le=84, description="Usual touch, 16–84 (soft to medium).")
    pan: float = Field(default=0.0, ge=-1, le=1, description="−1 left, 0 middle, 1 right.")
    reverb: Dial = Field(default=0.35, description="How much room, 0–1.")
    octave: int = Field(default=0, ge=-2, le=2, description="Octaves above (below 0: under) the usual place.")
    thin: bool = Field(default=False, description="Always in its thin form.")
    enters_strophe: int = Field(
        default=1,
        ge=0,
        le=12,
        description="First strophe in which it may sound; 0: already in the introduction.",
    )
    optional: bool = Field(default=False, description="May leave and come back when activity asks for it.")
    in_ending: bool = Field(default=True, description="Sounds in the final chord too.")

    @model_validator(mode="before")
    @classmethod
    def _has_an_instrument_of_that_name(cls, data: Any) -> Any:
        """Put program and bank in place of an instrument's name."""
        named = data.get("program") if isinstance(data, dict) else None
        place = program_named(named) if isinstance(named, str) else None
        return data if place is None else {**data, "program": place.program, "bank": place.bank}

    @field_validator("program", mode="before")
    @classmethod
    def _is_an_instrument(cls, value: Any) -> Any:
        if not isinstance(value, str) or value.strip().isdecimal():
            return value
        near = " or ".join(names_like(value[:60]))
        hint = f" Did you mean {near}?" if near else ""
        raise ValueError(f"{value[:60]!r} is not an instrument.{hint} 'calmando instruments' lists them.")
