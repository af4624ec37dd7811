"""The form of walking: eight bars after eight bars at the measured cadence, every step and the end announced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from calmando.compose.ending import final
from calmando.compose.material import Kind, Material, last_bars
from calmando.compose.plan import Clock, Step
from calmando.compose.textures.beaten import ANNOUNCED
from calmando.compose.tune_book import TuneBook, without_tune, without_upbeat
from calmando.preset.model import Preset
from calmando.score.tune import TuneNote
from calmando.units import Ticks

_SAME = 1e-4
"""Tempi are whole microseconds a quarter note: cadences that differ by less are one."""


class WalkForm:
    """Sections of eight bars; the tempo changes between them only, with a bar of notice."""

    def __init__(self, preset: Preset, book: TuneBook) -> None:
        self._preset = preset
        self._book = book

    def steps(self, clock: Clock) -> Iterator[Step]:
        """Sections up to the announced end, which is the tune's last phrase."""
        yield Step(
            without_tune(
                last_bars(self._phrase(clock, 1, 0), self._preset.tempo.phrase_bars),
                kind=Kind.INTRO,
                label="intro",
            ),
            f"{clock.targets.stage}: introduction",
        )
        section, factor, index = 0, 1.0, 0
        before = ""
        while True:
            material, closing = (self._phrase(clock, section, which) for which in (index, -1))
            ends = clock.left_s < clock.seconds(material.ticks + closing.ticks) / factor
            if ends:
                material = closing
            tune = material.name.rpartition("/")[0]
            if before not in ("", tune):
                material = without_upbeat(material)
            before = tune
            if clock.left_s < clock.seconds(material.ticks):
                return
            if ends:
                yield Step(_announcing(material, "the end"), None, section)
                return
            first = index % 2 == 0
            section += first
            name = f"{clock.targets.stage}: section {section}" if first else None
            step, factor = (
                Step(material, name, section, factor if first else 1.0),
                factor if not first else 1.0,
            )
            if not first:
                factor = self._stair(clock, material.ticks)
                if factor != 1.0:
                    step = Step(_announcing(material, "bar"), name, section)
            yield step
            index += 1

    def ending(self, clock: Clock) -> Iterator[Step]:
        """One strong chord on the beat after the announcement."""
        last = final(self._phrase(clock, 1, -1), amen=False)
        bar = last.metre.bar_ticks
        notes = tuple(TuneNote(0, bar, note.pitch) for note in last.tune)
        yield Step(replace(last, tune=notes), "ending")

    def _phrase(self, clock: Clock, section: int, index: int) -> Material:
        mode = self._book.mode(clock.targets.stage_index, section // 4)
        which = (section // 8) % self._preset.melody.tunes
        tune = self._book.tune(which, mode, self._preset.tempo.start_bpm)
        name = f"{which}/{mode.name}"
        return self._book.phrase(tune, name, index % len(tune.phrases))

    def _stair(self, clock: Clock, phrase_ticks: Ticks) -> float:
        """The stair to what the arc has come to, if there is one and a section left to walk on it; else 1."""
        largest = self._preset.tempo.largest_step_percent / 100
        wanted = clock.targets.tempo_bpm / clock.tempo_bpm
        factor = min(max(wanted, 1 - largest), 1 + largest) if abs(wanted - 1) > _SAME else 1.0
        section_s = clock.seconds(2 * phrase_ticks) / factor
        return factor if clock.left_s - clock.seconds(phrase_ticks) >= section_s else 1.0


def _announcing(material: Material, what: str) -> Material:
    """The same phrase, announcing the end over its last eight beats, or a new tempo in its last bar."""
    return replace(
        material, name=f"{material.name}/{ANNOUNCED} {what}", label=f"{material.label} {ANNOUNCED} {what}"
    )
