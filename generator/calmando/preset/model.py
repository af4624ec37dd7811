"""What a preset says: the music, its arc, its instruments, its sound, and why; every field with its limits.

A preset is a readable file. The texts here are what a reader of ``calmando show`` and of an error message sees.
Values that contradict each other are refused in `calmando.preset.contradictions`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from calmando.preset.contradictions import contradictions
from calmando.theory.metre import METRES, Metre
from calmando.theory.pitch import pitch
from calmando.theory.scale import pitch_class
from calmando.units import MidiPitch

Dial = Annotated[float, Field(ge=0.0, le=1.0)]
LevelDb = Annotated[float, Field(ge=-36.0, le=3.0)]
Text = Annotated[str, Field(min_length=1, max_length=1200)]
Line = Annotated[str, Field(min_length=1, max_length=160)]
NoteName = Annotated[str, Field(max_length=4)]
ModeName = Literal["major", "minor", "dorian", "mixolydian", "lydian", "major-pentatonic", "minor-pentatonic"]
MetreName = Literal["2/4", "3/4", "4/4", "6/8"]
TextureName = Literal[
    "tune",
    "rock68",
    "rock34",
    "rock24",
    "flow44",
    "flow34",
    "pick44",
    "pad",
    "drone5",
    "tambura",
    "chorale",
    "bells",
    "bassbar",
    "sixths",
    "echo",
    "march",
    "solo",
    "cue",
    "pulse",
    "click",
    "unison",
]


class Intent(StrEnum):
    """What the music is made for."""

    LULLABY = "lullaby"
    RELAXATION = "relaxation"
    SLEEP = "sleep"
    NAP = "nap"
    PAIN = "pain"
    ANXIETY = "anxiety"
    TRAUMA = "trauma"
    PALLIATIVE = "palliative"
    NICU = "nicu"
    BREATH = "breath"
    MEDITATION = "meditation"
    IMAGERY = "imagery"
    MUSCLE_RELAXATION = "muscle-relaxation"
    FOCUS = "focus"
    GAIT = "gait"
    TURN_TAKING = "turn-taking"


class Status(StrEnum):
    """How sure a source is."""

    CHECKED = "C"
    COMPUTED = "C*"
    PRESS = "P"
    GENERAL = "M"
    DESIGN = "D"

    @property
    def meaning(self) -> str:
        """In words."""
        return _STATUS_MEANING[self.value]


_STATUS_MEANING = {
    "C": "checked against an abstract, an excerpt or a table",
    "C*": "computed from open research data",
    "P": "seen in the press or on a secondary page only",
    "M": "general knowledge, not confirmed",
    "D": "a design choice without direct trial evidence",
}


class _Table(BaseModel):
    """A table of a preset: nothing unknown in it, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class TempoSettings(_Table):
    """How fast, in which metre, and which way the tempo goes."""

    metre: MetreName = Field(description="Time signature. In 6/8 the beat is the dotted quarter.")
    start_bpm: float = Field(
        ge=36,
        le=140,
        description="Beats a minute at the beginning: near where the person is now. Calm music: 48–90 "
        "(convention [M]; lullabies 66–105 [C*]).",
    )
    end_bpm: float = Field(
        ge=36, le=140, description="Beats a minute that the arc leads to. Sleep ends at 50–60 [D]."
    )
    phrase_bars: int = Field(
        ge=1,
        le=8,
        description="Bars of one phrase. A phrase is a breath: with the tempo it should last 8–12 seconds "
        "(phrases of about 10 s couple to blood-pressure rhythm [C]).",
    )
    change: Literal["smooth", "stairs"] = Field(
        default="smooth",
        description="smooth: small steps nobody notices, between phrases. stairs: steps of 5 % between sections "
        "of eight bars with a bar of notice, for walking only.",
    )
    largest_step_percent: float = Field(
        default=1.5,
        ge=0.0,
        le=5.0,
        description="Largest tempo step between two phrases, in percent. Steps of about 2 % are noticed [C].",
    )
    free: bool = Field(
        default=False, description="No felt metre: no accents on the bar's beats, phrases like slow speech."
    )


class PitchSettings(_Table):
    """Key, mode and register of the tune."""

    tonics: tuple[Annotated[str, Field(max_length=3)], ...] = Field(
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
    tune_low: NoteName = Field(default="C4", description="Lowest note the tune may touch; C4 is middle C.")
    tune_high: NoteName = Field(
        default="E5", description="Highest note the tune may touch, at least 9 semitones above the lowest."
    )

    @field_validator("tonics")
    @classmethod
    def _tonics_are_notes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            pitch_class(name)
        return value

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


class FormChoice(_Table):
    """A form of the tune and how often it is chosen."""

    form: Annotated[str, Field(pattern=r"^[A-D]'?( [A-D]'?)*$")] = Field(
        description="Phrases by letter, such as A A' B A'; the mark ' means: the same with another ending."
    )
    weight: float = Field(default=1.0, gt=0, le=100, description="How often, against the other forms.")


class MelodySettings(_Table):
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
        default=(), max_length=8, description="Forms to choose from; empty: the usual ones."
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


class FormSettings(_Table):
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
        default=False, description="The last minutes rise gently, so that the listener comes back awake."
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


class StageSettings(_Table):
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


class PartSettings(_Table):
    """An instrument and what it does."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")] = Field(
        description="Short name, small letters; the tune's part is called melody."
    )
    role: Literal["melody", "second line", "harmony", "bass", "pulse", "breath"] = Field(
        description="What the part is for."
    )
    program: int = Field(
        ge=0, le=127, description="General MIDI program, 0–127 (0 piano, 24 guitar, 73 flute …)."
    )
    bank: int = Field(default=0, ge=0, le=127, description="Bank of the SoundFont; 0 is General MIDI.")
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


class HeartbeatSettings(_Table):
    """The calm lub–dub under the music."""

    on: bool = Field(default=False, description="Whether it sounds. Offered, never proven: a texture.")
    refused: str = Field(
        default="",
        max_length=300,
        description="Why a heartbeat is not possible in this preset; empty: it is possible.",
    )
    level_db: LevelDb = Field(default=-12.0, description="Loudness against the tune, in dB.")
    infant: bool = Field(default=False, description="The smaller, lighter heart sounds.")
    lowest_rate: float = Field(default=50, ge=50, le=80, description="Slowest rate a minute, 50–80.")
    highest_rate: float = Field(default=80, ge=50, le=80, description="Fastest rate a minute, 50–80.")
    breathing_percent: float = Field(
        default=0.0,
        ge=0,
        le=3,
        description="Slow breathing-like variation of the rate, a sine of at most 3 %.",
    )


class BreathSettings(_Table):
    """Phrases that pace breathing: in on the first bars, out, longer, on the others."""

    on: bool = Field(default=False, description="Whether phrases follow inhale and exhale.")
    inhale_bars: int = Field(default=2, ge=1, le=4, description="Bars of the inhale.")
    exhale_bars: int = Field(
        default=3,
        ge=1,
        le=6,
        description="Bars of the exhale, longer than the inhale (more relaxation so [C]).",
    )
    swell_db: float = Field(
        default=1.5, ge=0, le=3, description="Swell above and below the middle, in dB [D]."
    )


class AmbienceSettings(_Table):
    """A sound of nature under the music."""

    on: bool = Field(default=False, description="Whether it sounds.")
    sound: Literal["ocean", "rain", "wind", "stream", "womb"] = Field(
        default="ocean", description="Which sound."
    )
    level_db: LevelDb = Field(default=-14.0, description="Loudness against the tune, in dB.")
    refused: str = Field(
        default="",
        max_length=300,
        description="Why no ambience is possible in this preset; empty: it is possible.",
    )


class SoundSettings(_Table):
    """Loudness and how the sound comes and goes."""

    loudness_lufs: float = Field(
        default=-23.0,
        ge=-36,
        le=-16,
        description="Integrated loudness of the file, in LUFS; −23 is the reference [M].",
    )
    true_peak_dbtp: float = Field(
        default=-3.0, ge=-20, le=-1, description="Ceiling of the true peak, in dBTP [D]."
    )
    largest_step_lu: float = Field(
        default=3.0, gt=0, le=6, description="Largest loudness step between 3-second windows, in LU [D]."
    )
    loudness_range_lu: float = Field(
        default=7.0, gt=0, le=12, description="Largest loudness range, in LU [D]."
    )
    fade_in_s: float = Field(default=3.0, ge=0, le=30, description="Fade-in in seconds; calm music 2–4 [D].")
    fade_out_s: float = Field(
        default=15.0, ge=0, le=180, description="Fade-out in seconds; sleep 60–120 [D]."
    )
    end_silence_s: float = Field(
        default=6.0, ge=5, le=120, description="Silence at the end in seconds, within the length; at least 5."
    )


class PerformanceSettings(_Table):
    """How the notes are played."""

    timing_ms: float = Field(
        default=0.0,
        ge=0,
        le=8,
        description="Largest deviation of a note's beginning, in milliseconds; 0 none.",
    )
    arch: Dial = Field(default=0.6, description="How much each phrase swells and falls, 0–1.")


class LimitSettings(_Table):
    """Clinical limits, shown with the preset."""

    not_for: tuple[Text, ...] = Field(default=(), description="For whom it is not.")
    ask_first: tuple[Text, ...] = Field(default=(), description="What to ask or settle before.")
    level: Text = Field(description="How loud, measured at the ear, and where the loudspeaker stands.")
    stop: Text = Field(description="When to stop, and what to do then.")


class Evidence(_Table):
    """A source for what the preset does, with its status."""

    claim: Text = Field(description="What is claimed, in one sentence.")
    source: Text = Field(description="Where it is from; or 'design choice'.")
    status: Status = Field(description="C checked, C* computed, P press, M general knowledge, D design.")


class Preset(_Table):
    """What a piece should be, and why.

    Raises
    ------
    pydantic.ValidationError
        With every problem, each naming its key, value, limit and unit.
    """

    format: Literal[1] = Field(default=1, description="Version of this file format.")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = Field(
        description="File and command-line name: small letters, digits, hyphens."
    )
    title: Line = Field(description="Title of the piece.")
    intent: Intent = Field(description="What it is made for; chooses the bounds it is checked against.")
    summary: Line = Field(description="One line for lists.")
    for_whom: Text = Field(description="For whom and when.")
    minutes: float = Field(gt=0, le=720, description="Usual length in minutes.")
    clinician_led: bool = Field(
        default=False, description="To be used by, or together with, a trained clinician."
    )
    reasons: Text = Field(description="Why the music is as it is.")
    tempo: TempoSettings
    pitch: PitchSettings
    melody: MelodySettings
    form: FormSettings = FormSettings()
    stages: tuple[StageSettings, ...] = Field(min_length=1, max_length=8, description="The arc, in order.")
    parts: tuple[PartSettings, ...] = Field(min_length=1, max_length=10, description="The instruments.")
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    breath: BreathSettings = BreathSettings()
    ambience: AmbienceSettings = AmbienceSettings()
    sound: SoundSettings = SoundSettings()
    performance: PerformanceSettings = PerformanceSettings()
    limits: LimitSettings
    cautions: tuple[Text, ...] = Field(default=(), description="Cautions, shown and stored with the piece.")
    evidence: tuple[Evidence, ...] = Field(default=(), description="Sources with their status.")

    @model_validator(mode="after")
    def _no_contradictions(self) -> Preset:
        problems = contradictions(self)
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def metre(self) -> Metre:
        """The metre of the tempo table."""
        return METRES[self.tempo.metre]

    @property
    def lead(self) -> PartSettings:
        """The part that has the tune."""
        return next(part for part in self.parts if part.role == "melody")
