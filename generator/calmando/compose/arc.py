"""The arc: what is wanted at each moment of the piece, gliding from stage to stage."""

from __future__ import annotations

import math
from dataclasses import dataclass

from calmando.compose.tempo import stair_bpm
from calmando.preset.model import Preset, StageSettings, TempoSettings
from calmando.units import Bpm, Decibels, Seconds, Semitones, Unit


@dataclass(frozen=True, slots=True)
class Targets:
    """What is wanted now; ``may_vary`` is whether the stage allows more than sameness, ``surprises`` harmony too."""

    stage: str
    stage_index: int
    tempo_bpm: Bpm
    activity: Unit
    loudness_db: Decibels
    brightness: Unit
    tune_share: Unit
    register_semitones: Semitones
    surprises: bool
    may_vary: bool


@dataclass(frozen=True, slots=True)
class Arc:
    """A preset's stages laid over a time.

    Attributes
    ----------
    ends_s
        Where each stage ends, in seconds.
    """

    preset: Preset
    ends_s: tuple[Seconds, ...]

    @classmethod
    def over(cls, preset: Preset, length_s: Seconds) -> Arc:
        """The stages' shares of a length; what a stage's longest time cuts off goes to the others."""
        lengths = _stage_lengths(preset.stages, length_s)
        ends, end = [], 0.0
        for length in lengths:
            end += length
            ends.append(end)
        return cls(preset, tuple(ends))

    def at(self, elapsed_s: Seconds) -> Targets:
        """What is wanted at a time: every stage reaches its values at its end, gradually; a cadence by stairs before."""
        stages = self.preset.stages
        index = next((i for i, end in enumerate(self.ends_s) if elapsed_s < end), len(stages) - 1)
        stage = stages[index]
        before = stages[index - 1] if index else stage
        start = self.ends_s[index - 1] if index else 0.0
        length = self.ends_s[index] - start
        part = min(max((elapsed_s - start) / length, 0.0), 1.0) if length > 0 else 1.0
        way_before = before.way if index else 0.0
        return Targets(
            stage=stage.name,
            stage_index=index,
            tempo_bpm=_tempo(self.preset.tempo, way_before, stage.way, part),
            activity=_between(before.activity, stage.activity, part),
            loudness_db=_between(before.loudness_db, stage.loudness_db, part),
            brightness=_between(before.brightness, stage.brightness, part),
            tune_share=_between(before.tune_share, stage.tune_share, part),
            register_semitones=round(_between(before.register_semitones, stage.register_semitones, part)),
            surprises=stage.surprises and self.preset.form.surprises,
            may_vary=stage.surprises,
        )


def _tempo(tempo: TempoSettings, begun: float, goal: float, part: Unit) -> Bpm:
    """The tempo in a part of the way from one ``way`` to another."""
    if tempo.change == "stairs":
        return stair_bpm(tempo.bpm_at(begun), tempo.bpm_at(goal), part, tempo.largest_step_percent)
    return tempo.bpm_at(_between(begun, goal, part))


def _between(start: float, end: float, part: Unit) -> float:
    return start + (end - start) * part


def _stage_lengths(stages: tuple[StageSettings, ...], length_s: Seconds) -> list[Seconds]:
    total = math.fsum(stage.share for stage in stages)
    lengths = [stage.share / total * length_s for stage in stages]
    for _ in stages:
        capped = [
            stage.longest_s is not None and length >= stage.longest_s
            for stage, length in zip(stages, lengths, strict=True)
        ]
        fixed = math.fsum(
            s.longest_s or 0.0 for s, is_capped in zip(stages, capped, strict=True) if is_capped
        )
        share = math.fsum(s.share for s, is_capped in zip(stages, capped, strict=True) if not is_capped)
        lengths = [
            (stage.longest_s or 0.0) if is_capped else stage.share / share * (length_s - fixed)
            for stage, is_capped in zip(stages, capped, strict=True)
        ]
    return lengths
