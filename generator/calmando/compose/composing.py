"""Composing: the clock of a piece and the making of each passage, phrase after phrase."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from calmando.compose.ambience import Ambience
from calmando.compose.arc import Arc, Targets
from calmando.compose.controls import PEAK_SWELL_DB, Curve, breath_swell, heartbeat_fade, peak_swell
from calmando.compose.ending import afterglow, lengthened
from calmando.compose.expression import (
    LOUDEST,
    Looseness,
    arched,
    counted_in,
    opening_limit,
    to_notes,
)
from calmando.compose.forms import ending_phrases, layout
from calmando.compose.handover import takers
from calmando.compose.harmony import Joint
from calmando.compose.heartbeat import heartbeat
from calmando.compose.levers import PEAK_FROM
from calmando.compose.material import Kind, Material
from calmando.compose.plan import Step
from calmando.compose.scenery import Scene, first_scene, next_scene
from calmando.compose.sketch import RUN_UP_S, STRETCH_S, Sketch
from calmando.compose.sounding import LONGEST_NOTE_S, Sounding
from calmando.compose.strips import AMBIENCE, HEARTBEAT
from calmando.compose.tempo import TempoReins, TempoStair
from calmando.compose.textures.beaten import ACCENT
from calmando.compose.textures.contract import Stroke
from calmando.compose.textures.registry import WALKING
from calmando.compose.tune_book import TuneBook
from calmando.compose.voices import is_ringing
from calmando.compose.workshop import Workshop
from calmando.preset.heart_rate import beats_per_heartbeat
from calmando.preset.model import PartSettings, Preset
from calmando.rng import Stream
from calmando.score.model import ChannelStrip, ControlChange, Note, Passage, PhraseSpan, Section, Title
from calmando.score.tempo_map import TempoChange
from calmando.score.tune import Tune
from calmando.theory.metre import Metre
from calmando.theory.scale import Key
from calmando.theory.voicing import Register
from calmando.units import TICKS_PER_QUARTER, Bpm, Microseconds, Seconds, Ticks, Unit, Velocity

_UNITS_PER_SECOND = 1_000_000 * TICKS_PER_QUARTER
_HEARTBEAT_TOUCH = 60
_BRIGHTNESS_STEPS = 12
_HIGHER_IS_SOFTER = 4
"""A tune an octave higher is touched more softly: it is brighter already."""
_DYING = 4
"""By so much softer the final chord is struck each time again."""
_FULL_FROM: Unit = 0.42
_FULL_AT_REST_FROM: Unit = 0.75
_LOOK_AHEAD_S = 40.0
"""A strophe's scene is set for what is wanted in its middle."""


class Composing:
    """One run through a piece. It is the forms' clock.

    ``news`` says in words what has changed at the beginning of the passage that was yielded last, or happens in it.
    """

    def __init__(
        self, preset: Preset, seed: int, title: Title, given: Tune | None, sketch: Sketch | None = None
    ) -> None:
        self._preset = preset
        self._seed = seed
        self._title = title
        self._sketch = sketch
        self._left_out: list[TempoChange] = []
        self._phrase_ticks = preset.tempo.phrase_bars * title.metre.bar_ticks
        self._stair = TempoStair.between(
            preset.tempo.start_bpm,
            preset.tempo.end_bpm,
            phrase_beats=preset.tempo.phrase_bars * title.metre.beats,
            largest_step_percent=preset.tempo.largest_step_percent,
        )
        self._tempo_step = 0
        self._reins = self._loose_reins()
        fades = title.fades
        self._sound_end_s = title.length_s - fades.end_silence_s
        self._fade_start_s = self._sound_end_s - fades.fade_out_s
        self._ticks: Ticks = 0
        self._elapsed = 0
        self._us: Microseconds = title.metre.us_per_quarter(preset.tempo.start_bpm)
        self._written_us: Microseconds | None = None
        self._metre: Metre = title.metre
        self._key: Key | None = None
        music_s = self._fade_start_s - self._ending_s()
        # The arc is complete two phrases early: the last phrase before the ending has reached its goal.
        slowest = title.metre.us_per_quarter(min(preset.tempo.start_bpm, preset.tempo.end_bpm))
        closing_s = (ending_phrases(preset) + 2) * self._phrase_ticks * slowest / _UNITS_PER_SECOND
        self._arc = Arc.over(preset, max(self._fade_start_s - closing_s, 1.0))
        self._targets, self._targets_at = self._arc.at(0.0), 0
        self._book = TuneBook(preset, seed, given)
        self._layout = layout(preset, self._book, music_s)
        self._workshop = Workshop(Register(), free=preset.tempo.free)
        self._joint: Joint | None = None
        self._scene: Scene = first_scene(preset, self.targets)
        self._parts = (*preset.parts, *takers(preset, title.length_s))
        self._lead = preset.lead.name
        self.news = ""
        self._sounding = [Sounding() for _ in title.strips]
        # Parts without a level of their own have one curve.
        common = {strip.expression: Curve(strip.expression) for strip in title.strips}
        self._curves = [
            Curve(strip.expression) if _has_own_level(strip) else common[strip.expression]
            for strip in title.strips
        ]
        resonance = preset.melody.resonance
        self._swell_db = PEAK_SWELL_DB * resonance if resonance >= PEAK_FROM else 0.0
        # Where no number of beats keeps it calm, a preset with a heartbeat is refused.
        self._beats_per_heartbeat = beats_per_heartbeat(preset) or 1
        self._ambience = Ambience(stream=Stream(seed, "ambience"))
        self._phrase_count = 0
        self._arch_share = preset.performance.arch * (0.6 + 0.8 * preset.melody.resonance)

    @property
    def targets(self) -> Targets:
        """What the arc wants now."""
        if self._targets_at != self._elapsed:
            self._targets, self._targets_at = self._arc.at(self.elapsed_s), self._elapsed
        return self._targets

    @property
    def length_s(self) -> Seconds:
        """The whole length of the piece in seconds."""
        return self._title.length_s

    @property
    def elapsed_s(self) -> Seconds:
        """Seconds since the piece began."""
        return self._elapsed / _UNITS_PER_SECOND

    @property
    def tempo_bpm(self) -> Bpm:
        """The tempo of the phrase before."""
        return self._title.metre.bpm(self._us)

    @property
    def left_s(self) -> Seconds:
        """Seconds until the ending begins."""
        return self._fade_start_s - self._ending_s() - self.elapsed_s

    def seconds(self, n_ticks: Ticks) -> Seconds:
        """How long written time lasts at the tempo of now."""
        return n_ticks * self._us / _UNITS_PER_SECOND

    def passages(self) -> Iterator[Passage]:
        """The piece."""
        for step in self._layout.steps(self):
            if self._sketch is not None:
                self._sketch_on(self._sketch)
            self._set_tempo(step)
            if self._sketch is None or self._sketch.has(self.elapsed_s):
                yield self._passage(step)
            else:
                self._leave_out(step)
        closing = list(self._layout.ending(self))
        for step in closing[:-1]:
            yield self._passage(step)
        yield from self._final(closing[-1])

    def _final(self, last: Step) -> Iterator[Passage]:
        """The final chord through the fade: in equal lengths where one would be too long, each softer."""
        left = self._ticks_left()
        longest = int(LONGEST_NOTE_S * _UNITS_PER_SECOND / self._us)
        count = max(1, -(-left // max(longest, last.material.ticks)))
        edges = [left * index // count for index in range(count + 1)]
        for index, (begun, ended) in enumerate(pairwise(edges)):
            step = last if index == 0 else Step(afterglow(last.material))
            yield self._passage(step, final_ticks=ended - begun, dying=_DYING * index)

    def _ending_s(self) -> Seconds:
        return ending_phrases(self._preset) * self.seconds(self._phrase_ticks)

    def _set_tempo(self, step: Step) -> None:
        tempo = self._preset.tempo
        if tempo.change == "stairs":
            self._us = round(self._us / step.tempo_factor)
            return
        if self._written_us is not None:
            now_s, before = self.elapsed_s, self._tempo_step
            step_to = self._stair.next_step(before, self._reins.held(now_s, self.targets.tempo_bpm))
            while step_to != before and self._reins.holds_back(now_s, self._stair.bpm(step_to)):
                step_to -= 1 if step_to > before else -1
            self._tempo_step = step_to
        self._us = self._title.metre.us_per_quarter(self._stair.bpm(self._tempo_step))
        self._reins.began(self.elapsed_s, self._stair.bpm(self._tempo_step))

    def _ticks_left(self) -> Ticks:
        """Ticks at this tempo until the closing silence."""
        return int((self._sound_end_s * _UNITS_PER_SECOND - self._elapsed) / self._us)

    def _sketch_on(self, sketch: Sketch) -> None:
        """Go on to where the sketch goes on, after its first stretch with a few tunes alone."""
        if self.elapsed_s > STRETCH_S:
            self._book.sketch()
        self._leap(sketch.leaps_to_s(self.elapsed_s))

    def _leave_out(self, step: Step) -> None:
        """Go on by one phrase of which only the time passes."""
        self._change_scene(step)
        self._left_out += self._tempo_change()
        self._pass_over(step.material.ticks)

    def _leap(self, until_s: Seconds) -> None:
        """Go on at a later moment, or some time before the ending, with the tempo to which the arc has come by then."""
        phrase_s = self.seconds(self._phrase_ticks)
        n_phrases = int(min(until_s - self.elapsed_s, self.left_s - RUN_UP_S) / phrase_s)
        if n_phrases < 1:
            return
        self._pass_over(n_phrases * self._phrase_ticks)
        self._reins = self._loose_reins()
        while (step := self._stair.next_step(self._tempo_step, self.targets.tempo_bpm)) != self._tempo_step:
            self._tempo_step = step

    def _pass_over(self, n_ticks: Ticks) -> None:
        """Time passes without a note; the ambience goes on unheard."""
        if self._preset.ambience.on:
            self._ambience_notes(n_ticks)
        self._pass(n_ticks)

    def _pass(self, n_ticks: Ticks) -> None:
        """A phrase has passed."""
        self._elapsed += n_ticks * self._us
        self._ticks += n_ticks
        self._phrase_count += 1

    def _passage(self, step: Step, *, final_ticks: Ticks | None = None, dying: int = 0) -> Passage:
        """One phrase of all parts; a final one has its own length, and may be softer by ``dying``."""
        material = step.material
        length = material.ticks if final_ticks is None else final_ticks
        is_final = final_ticks is not None
        self._change_scene(step)
        passage = Passage(
            span=PhraseSpan(self._ticks, self._ticks + length, material.label),
            tempo=(*self._left_out, *self._tempo_change()),
            notes=self._notes(step, length, dying, is_final=is_final),
            controls=self._controls(material, length, is_final=is_final),
            section=None if step.section is None else Section(self._ticks, step.section),
            metre=material.metre if material.metre != self._metre else None,
            key=material.key if material.key != self._key else None,
        )
        self._left_out.clear()
        self._metre, self._key = material.metre, material.key
        self._pass(length)
        return passage

    def _change_scene(self, step: Step) -> None:
        """At a strophe's beginning one thing changes: what the form changes, else something of the scenery."""
        change = step.opening
        if step.section is not None and step.strophe and not step.opening:
            self._scene = next_scene(
                self._preset,
                self._scene,
                step.strophe,
                self._arc.at(self.elapsed_s + _LOOK_AHEAD_S),
                stream=Stream(self._seed, f"scene/{step.strophe}"),
            )
            change = self._scene.change
        self.news = "; ".join(text for text in (change, step.event) if text)

    def _loose_reins(self) -> TempoReins:
        return TempoReins(self._preset.tempo.most_bpm_per_minute or math.inf)

    def _tempo_change(self) -> tuple[TempoChange, ...]:
        if self._us == self._written_us:
            return ()
        self._written_us = self._us
        return (TempoChange(self._ticks, self._us),)

    def _notes(
        self, step: Step, length: Ticks, dying: int, *, is_final: bool
    ) -> tuple[tuple[Note, ...], ...]:
        material = step.material
        has_bass = any(part.role == "bass" and self._sounds(part, step, dying) for part in self._preset.parts)
        joint, self._joint = self._workshop.joined(material, self._joint)
        looseness = Looseness(self._preset.performance.timing_ms, self._us, seed=self._seed)
        notes = [
            self._part_notes(
                index,
                part,
                step,
                length,
                looseness,
                dying,
                joint,
                is_final=is_final,
                has_bass=has_bass,
            )
            for index, part in enumerate(self._parts)
        ]
        notes = _undoubled(self._parts, notes)
        if self._preset.heartbeat.on:
            notes.append(self._heart_notes(material, is_final=is_final))
        if self._preset.ambience.on:
            notes.append(self._ambience_notes(length))
        return tuple(notes)

    def _ambience_notes(self, length: Ticks) -> tuple[Note, ...]:
        sound_end = None
        if self.seconds(self._ticks_left()) < self.seconds(length) + 2 * LONGEST_NOTE_S:
            sound_end = self._ticks + self._ticks_left()
        return tuple(self._ambience.through(self._ticks + length, _UNITS_PER_SECOND / self._us, sound_end))

    def _plays(self, part: PartSettings, step: Step) -> bool:
        """Whether a part plays in a phrase: the one that has the tune, and of the others those in the scene."""
        kind = step.material.kind
        if kind is Kind.FINAL and not part.in_ending:
            return False
        if part.role == "melody":
            return part.name == (step.dress.lead or self._lead) and self._lead in self._scene.sounding
        return part.name in self._scene.sounding and part.name not in step.dress.resting

    def _sounds(self, part: PartSettings, step: Step, dying: int) -> bool:
        """Whether a part is heard in a phrase: in the fade what is plucked falls silent where a held chord sounds."""
        fades = dying and is_ringing(part.program) and self._held_harmony()
        return self._plays(part, step) and not fades

    def _part_notes(
        self,
        index: int,
        part: PartSettings,
        step: Step,
        length: Ticks,
        looseness: Looseness,
        dying: int,
        joint: Joint | None,
        *,
        is_final: bool,
        has_bass: bool,
    ) -> tuple[Note, ...]:
        if not self._sounds(part, step, dying):
            return ()
        material = step.material
        octave = step.dress.octave if part.role == "melody" else 0
        rings = is_ringing(part.program)
        walks = part.texture in WALKING
        strokes = self._workshop.strokes(
            lengthened(material, length) if is_final and walks else material,
            part,
            self._metre.bpm(self._us),
            thin=self._preset.form.silent_answer if part.role == "pulse" else self._is_thin(step),
            has_bass=part.role != "bass" and has_bass,
            joint=joint,
        )
        if is_final and not walks and part.role != "melody" and self._preset.form.ending != "strong":
            strokes = _stretched(strokes, material.ticks, length)
        if is_final:
            strokes = arched(strokes, length)
        if octave:
            strokes = _moved(strokes, octave)
        targets = self.targets
        walks_in = self._preset.form.kind == "sections"
        notes = to_notes(
            strokes,
            self._ticks,
            touch=self._touch(part, targets, material.kind) - dying - _HIGHER_IS_SOFTER * max(octave, 0),
            arch_share=self._arch_share,
            loudest=LOUDEST if walks_in else opening_limit(self._phrase_count, is_cue=part.role == "pulse"),
        )
        if walks_in and material.kind is Kind.INTRO:
            bar_ticks, n_bars = material.metre.bar_ticks, material.n_bars
            notes = counted_in(notes, self._ticks, bar_ticks, n_bars, self._loudest(targets, material.kind))
        if part.role != "pulse":
            notes = looseness.loosened(notes)
        longest = int(LONGEST_NOTE_S * _UNITS_PER_SECOND / self._us)
        return self._sounding[index].place(
            notes, longest, self._ticks + length if is_final else None, rings=rings
        )

    def _is_thin(self, step: Step) -> bool:
        kind = step.material.kind
        if self._preset.form.same_always:
            return False
        if kind is Kind.TAG:
            return True
        at_rest = kind in (Kind.INTERLUDE, Kind.INTRO)
        full_from = step.full_from or (_FULL_AT_REST_FROM if at_rest else _FULL_FROM)
        return self._scene.fullness < full_from

    def _held_harmony(self) -> bool:
        """Whether a sustained accompaniment sounds, so that plucked ones may fall silent in the fade."""
        return any(
            part.name in self._scene.sounding and part.in_ending and part.role in ("harmony", "breath")
            for part in self._preset.parts
            if not is_ringing(part.program)
        )

    def _touch(self, part: PartSettings, targets: Targets, kind: Kind) -> float:
        touch = part.velocity + _BRIGHTNESS_STEPS * (targets.brightness - 0.5)
        if kind is Kind.TAG:
            touch -= 4
        elif kind is Kind.FINAL:
            touch -= 8
        return touch

    def _loudest(self, targets: Targets, kind: Kind) -> Velocity:
        """The velocity of the loudest part's accents."""
        touch = max(self._touch(part, targets, kind) for part in self._parts)
        return min(round(touch) + ACCENT, LOUDEST)

    def _heart_notes(self, material: Material, *, is_final: bool) -> tuple[Note, ...]:
        if is_final or material.kind is Kind.TAG or self.left_s <= 0:
            return ()
        strokes = heartbeat(
            self._preset.heartbeat,
            material.metre,
            material.ticks,
            self._us,
            self.elapsed_s,
            beats=self._beats_per_heartbeat,
        )
        index = self._index(HEARTBEAT)
        notes = to_notes(strokes, self._ticks, touch=_HEARTBEAT_TOUCH, arch_share=0.0)
        return self._sounding[index].place(notes, 10**9, None, rings=True)

    def _controls(
        self, material: Material, length: Ticks, *, is_final: bool
    ) -> tuple[tuple[ControlChange, ...], ...]:
        # So far below full, there is room for the swell of a peak.
        base = self.targets.loudness_db - self._swell_db
        peak, length_s = material.peak_ticks, self.seconds(length)
        swell = () if peak is None else peak_swell(self._ticks, length, peak, length_s, base, self._swell_db)
        changes: list[tuple[ControlChange, ...]] = []
        common: dict[Curve, tuple[ControlChange, ...]] = {}
        for curve, strip in zip(self._curves, self._title.strips, strict=True):
            if strip.name == HEARTBEAT:
                left = self.left_s if not is_final and material.kind is not Kind.TAG else 0.0
                changes.append(
                    heartbeat_fade(curve, self._ticks, length, self.elapsed_s, left, length_s, base)
                )
            elif strip.role == "breath" and self._preset.breath.on and material.kind is not Kind.FINAL:
                changes.append(breath_swell(curve, self._preset.breath, material.metre, self._ticks, base))
            elif strip.name == AMBIENCE:
                fades = material.kind is Kind.FINAL
                changes.append(() if fades else tuple(curve.to(self._ticks, base)))
            else:
                if curve not in common:
                    common[curve] = tuple(
                        curve.to(self._ticks, base) if peak is None else curve.through(swell)
                    )
                changes.append(common[curve])
        return tuple(changes)

    def _index(self, name: str) -> int:
        return next(i for i, strip in enumerate(self._title.strips) if strip.name == name)


def _moved(strokes: tuple[Stroke, ...], octave: int) -> tuple[Stroke, ...]:
    """Strokes some octaves away."""
    return tuple(stroke._replace(pitch=stroke.pitch + 12 * octave) for stroke in strokes)


def _stretched(strokes: tuple[Stroke, ...], written: Ticks, length: Ticks) -> tuple[Stroke, ...]:
    """The final chord's strokes, those that reach the written end reaching the real one instead."""
    return tuple(
        Stroke(
            stroke.onset_ticks,
            (length if stroke.end_ticks >= written else min(stroke.end_ticks, length)) - stroke.onset_ticks,
            stroke.pitch,
            stroke.weight,
            lighter=stroke.lighter,
        )
        for stroke in strokes
        if stroke.onset_ticks < length
    )


def _has_own_level(strip: ChannelStrip) -> bool:
    return strip.name in (HEARTBEAT, AMBIENCE) or strip.role == "breath"


def _undoubled(parts: Sequence[PartSettings], notes: list[tuple[Note, ...]]) -> list[tuple[Note, ...]]:
    """Parts without the notes that the tune strikes at the same moment on the same kind of instrument.

    Two synthesised instruments of one kind on one key are one of twice the strength: a note that jumps out.
    """
    played = list(zip(parts, notes, strict=True))
    lead = {(part.bank, part.program) for part, own in played if own and part.role == "melody"}
    beside = {(part.bank, part.program) for part, own in played if own and part.role != "melody"}
    if lead.isdisjoint(beside):
        return notes
    struck = {
        (part.bank, part.program, note.onset_ticks, note.pitch)
        for part, own in played
        if part.role == "melody"
        for note in own
    }
    return [
        own
        if part.role == "melody" or (part.bank, part.program) not in lead
        else tuple(
            note for note in own if (part.bank, part.program, note.onset_ticks, note.pitch) not in struck
        )
        for part, own in played
    ]
