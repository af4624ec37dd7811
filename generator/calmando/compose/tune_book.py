"""The tunes of a piece: composed when first wanted, of one family, kept while they are in use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from calmando.compose.explain import TuneExplanation
from calmando.compose.levers import PEAK_FROM
from calmando.compose.material import Kind, Material, peak_of, phrase_of
from calmando.compose.resonance import coloured
from calmando.compose.tune import compose_tune_explained, compose_variations, sketch_variations
from calmando.compose.tune_brief import FormWeight, TuneBrief
from calmando.preset.model import Preset
from calmando.rng import Stream
from calmando.score.tune import Tune
from calmando.theory.scale import MODES, Key, Mode, pitch_class
from calmando.theory.tune_register import LOWEST_TUNE, register_shift
from calmando.units import Bpm, PitchClass, Semitones

_KEPT = 128
_SKETCHED = 2
"""So many tunes a sketch has."""


@dataclass(frozen=True, slots=True)
class _Variations:
    """A tune's realisations by its name: as drawn, and those that were wanted with their colours."""

    name: str
    plain: tuple[Tune, ...]
    coloured: dict[int, Tune] = field(default_factory=dict)


class TuneBook:
    """The tunes of one piece.

    Parameters
    ----------
    preset, seed
        What they shall be.
    given
        A tune to use instead of composed ones; the piece is then in its key and metre.
    """

    def __init__(self, preset: Preset, seed: int, given: Tune | None = None) -> None:
        self._preset = preset
        self._seed = seed
        self._given = given
        self._is_sketched = False
        self._tunes: dict[tuple[int, Key, int], _Variations] = {}
        self._phrases: dict[tuple[str, int, Kind], tuple[Tune, Material]] = {}
        stream = Stream(seed, "key")
        self._tonic = pitch_class(stream.choice(preset.pitch.tonics))
        self._mode_draw = stream.below(len(preset.pitch.modes))

    def sketch(self) -> None:
        """Have the first two tunes stand for all others from now on, and only sketch what is not there.

        With the first alone a sketch was up to 0.7 LU softer than the piece, with two at most 0.3.
        """
        self._is_sketched = True

    def mode(self, stage_index: int, section: int) -> Mode:
        """The mode of a section, after the preset's order of modes."""
        if self._given is not None:
            return self._given.key.mode
        modes = self._preset.pitch.modes
        match self._preset.pitch.mode_order:
            case "stages":
                n_stages = len(self._preset.stages)
                return MODES[modes[min(stage_index * len(modes) // n_stages, len(modes) - 1)]]
            case "strophes":
                return MODES[modes[(self._mode_draw + section) % len(modes)]]
            case _:
                return MODES[modes[self._mode_draw]]

    def key(self, mode: Mode) -> Key:
        """The piece's key note in a mode."""
        return self._given.key if self._given is not None else Key(self._tonic, mode)

    def stream(self, name: str) -> Stream:
        """A stream of the piece's own, for a form that makes its own phrases."""
        return Stream(self._seed, name)

    def tune(
        self,
        index: int,
        mode: Mode,
        tempo_bpm: Bpm,
        register: Semitones = 0,
        key: Key | None = None,
        variation: int = 0,
    ) -> Tune:
        """Tune ``index`` of the family in a mode, lying ``register`` semitones from the usual place.

        It stands in the piece's key note, or in another ``key``; a ``variation`` has its plan, chords and rhythm.
        """
        if self._given is not None:
            return self._given
        key = key or self.key(mode)
        index = index % _SKETCHED if self._is_sketched else index
        slot = (index, key, register)
        found = self._tunes.get(slot)
        if found is None:
            if len(self._tunes) >= 12:
                self._tunes.pop(next(iter(self._tunes)))
            home = self.key(self.mode(0, 0))
            like = self.tune(0, home.mode, tempo_bpm, 0) if (index, key, register) != (0, home, 0) else None
            away = "" if key.tonic == self._tonic else f"/{key.tonic}"
            name = f"tune/{index}/{key.mode.name}/{register}{away}"
            brief = self._brief(key, tempo_bpm, register, like)
            composed = sketch_variations if self._is_sketched else compose_variations
            found = _Variations(name, composed(brief, stream=Stream(self._seed, name)))
            self._tunes[slot] = found
        tune = found.coloured.get(variation)
        if tune is None:
            chance = Stream(self._seed, f"{found.name}/colour")
            tune = coloured(found.plain[variation], self._preset.melody.resonance, stream=chance)
            found.coloured[variation] = tune
        return tune

    def explanation(self, tempo_bpm: Bpm) -> TuneExplanation:
        """Why the first tune of the piece, as drawn, is as it is, note by note."""
        mode = self.mode(0, 0)
        stream = Stream(self._seed, f"tune/0/{mode.name}/0")
        return compose_tune_explained(self._brief(self.key(mode), tempo_bpm, 0, None), stream=stream)

    def phrase(self, tune: Tune, name: str, index: int, *, kind: Kind = Kind.TUNE) -> Material:
        """A phrase of a tune as material; it returns as long as the tune is in use."""
        known = self._phrases.get((name, index, kind))
        if known is not None and known[0] is tune:
            return known[1]
        if len(self._phrases) >= _KEPT:
            self._phrases.clear()
        material = phrase_of(tune, index, f"{name}/{index}", kind=kind)
        if self._preset.melody.resonance >= PEAK_FROM:
            material = replace(material, peak_ticks=peak_of(tune, index))
        self._phrases[name, index, kind] = tune, material
        return material

    def lies_well(self, key: Key) -> bool:
        """Whether a tune in a key has its room within the preset's register."""
        return self._given is None and self._room_shift(key.tonic) == 0

    def _room_shift(self, tonic: PitchClass) -> Semitones:
        """How far the register moves for a key note that lies badly in it (one chosen by hand, mostly)."""
        pitches = self._preset.pitch
        return register_shift(tonic, pitches.low_pitch, pitches.high_pitch)

    def _brief(self, key: Key, tempo_bpm: Bpm, register: Semitones, like: Tune | None) -> TuneBrief:
        melody, pitches = self._preset.melody, self._preset.pitch
        low = max(LOWEST_TUNE, pitches.low_pitch + register + self._room_shift(key.tonic))
        density = melody.notes_per_second
        return TuneBrief(
            key=key,
            metre=self._preset.metre,
            n_bars=melody.bars,
            phrase_bars=self._preset.tempo.phrase_bars,
            notes_per_beat=None
            if density is None
            else density * (0.7 + 0.6 * melody.activity) * 60 / tempo_bpm,
            low_pitch=low,
            high_pitch=low + pitches.high_pitch - pitches.low_pitch,
            max_range_semitones=melody.widest_range_semitones,
            max_leap_semitones=melody.largest_leap_semitones,
            predictability=melody.predictability,
            stability=melody.stability,
            resonance=melody.resonance,
            activity=melody.activity,
            forms=tuple(FormWeight(choice.form, choice.weight) for choice in melody.forms),
            upbeat_probability=melody.upbeat_share,
            slow=melody.slow,
            allow_raised_leading_tone=melody.raised_leading_tone,
            drone=melody.drone,
            sung=melody.sung,
            chant=melody.chant,
            literal=melody.literal,
            like=like,
        )


def without_tune(material: Material, *, kind: Kind, label: str) -> Material:
    """The same chords with the tune at rest; what it leaves of room is theirs."""
    return replace(
        material,
        name=f"{material.name}/{label}",
        label=label,
        kind=kind,
        tune=(),
        resting=material.tune + material.resting,
        peak_ticks=None,
    )


def fragment_of(material: Material) -> Material:
    """The motif's first notes only, three at most: a reminder, not a tune."""
    notes = material.tune[:3]
    if notes:
        last = notes[-1]
        length = max(last.duration_ticks, material.metre.beat_ticks)
        notes = (*notes[:-1], replace(last, duration_ticks=length))
    return replace(
        material,
        name=f"{material.name}/fragment",
        label="fragment",
        kind=Kind.FRAGMENT,
        tune=notes,
        resting=material.tune + material.resting,
    )


def without_upbeat(material: Material) -> Material:
    """The phrase without its upbeat: it would sound over chords that do not know it, of another tune or key."""
    notes = tuple(note for note in material.tune if note.onset_ticks >= 0)
    if notes == material.tune:
        return material
    return replace(material, name=f"{material.name}/no upbeat", tune=notes)
