"""Measures voices through FluidSynth and prints every mark: ``python tests/instruments/measure.py NAME …``.

``--module MODULE …`` takes voices of modules that the catalogue does not know yet; ``--failed`` prints failures only.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import marks
import numpy as np
from font_player import FontPlayer
from numpy.typing import NDArray

from calmando.instruments.build import INFO, built_preset
from calmando.instruments.catalogue import VOICES
from calmando.instruments.level import REFERENCE_LUFS, REFERENCE_VELOCITY, momentary_lufs
from calmando.instruments.model import SAMPLE_RATE, Family, Voice, Zone
from calmando.instruments.sf2_write import Preset, font_bytes

SUSTAINED = (Family.STRINGS, Family.CHOIR, Family.PAD, Family.DRONE, Family.AMBIENCE)
SPREAD = (Family.STRINGS, Family.CHOIR, Family.PAD)
OWN_PARTIALS = (Family.STRUCK,)
WOBBLE_DB = {Family.STRINGS: 2.0, Family.CHOIR: 1.0, Family.PAD: 2.0}
COLOURED_PROGRAMS = (0, 8, 11, 24, 46)
SLOW_FAMILIES = (Family.PAD, Family.DRONE)
TAIL_S = 8.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One measured quantity against its limit."""

    what: str
    value: float
    low: float
    high: float
    unit: str

    @property
    def passed(self) -> bool:
        """Whether the value lies within the limits."""
        return self.low <= self.value <= self.high

    def __str__(self) -> str:
        limits = f"{self.low:g} … {self.high:g}".replace("-inf … ", "≤ ").replace(" … inf", " ≤")
        verdict = "ok  " if self.passed else "FAIL"
        return f"  {verdict} {self.what:<34}{self.value:>10.3f} {self.unit:<7}({limits})"


@dataclass(frozen=True, slots=True)
class Subject:
    """A built voice and the player that holds it."""

    voice: Voice
    zones: tuple[Zone, ...]
    player: FontPlayer

    def note(
        self, key: int, velocity: int = 70, hold_s: float = 4.0, tail_s: float = 0.0
    ) -> NDArray[np.float64]:
        """A stereo note."""
        place = self.voice
        return self.player.note(place.program, key, velocity, hold_s=hold_s, tail_s=tail_s, bank=place.bank)

    def mono(
        self, key: int, velocity: int = 70, hold_s: float = 4.0, tail_s: float = 0.0
    ) -> NDArray[np.float64]:
        """A note, both sides added."""
        return np.asarray(np.sum(self.note(key, velocity, hold_s, tail_s), axis=1) / np.sqrt(2))

    @property
    def sustained(self) -> bool:
        """Whether the note holds while its key is down."""
        return self.voice.family in SUSTAINED or self.voice.decay is None

    @property
    def tonal(self) -> bool:
        """Whether the voice has a pitch."""
        return self.voice.family not in (Family.DRUM, Family.AMBIENCE)

    def keys(self) -> tuple[int, ...]:
        """Roots and zone edges within the playing range."""
        low, high = self.voice.keys
        edges = {key for zone in self.zones for key in (zone.low_key, zone.sample.root_key, zone.high_key)}
        return tuple(sorted(key for key in edges | {low, high} if low <= key <= high))

    def few_keys(self, count: int = 5) -> tuple[int, ...]:
        """Some keys, spread over the range."""
        keys = self.keys()
        places = np.linspace(0, len(keys) - 1, min(count, len(keys)))
        return tuple(keys[round(place)] for place in places)


def all_marks(subject: Subject) -> Iterator[Mark]:
    """Every mark of the voice's family."""
    yield from seam_marks(subject)
    if subject.tonal:
        yield from tuning_marks(subject, subject.keys())
        yield from level_marks(subject, subject.keys())
        yield from colour_marks(subject, subject.few_keys())
        yield from time_marks(subject, subject.few_keys())
    yield from wobble_marks(subject, subject.few_keys())
    yield from cleanness_marks(subject, subject.few_keys())


def seam_marks(subject: Subject) -> Iterator[Mark]:
    """The worst loop seam."""
    looped = {zone.sample.name: zone.sample for zone in subject.zones if zone.sample.loop is not None}
    if looped:
        yield Mark("loop step", max(map(marks.seam_step, looped.values())), -np.inf, 1.1, "×")
        yield Mark("loop flux", max(map(marks.seam_flux, looped.values())), -np.inf, 1.5, "×")


def tuning_marks(subject: Subject, keys: Sequence[int]) -> Iterator[Mark]:
    """How far off the fundamental is."""
    if subject.voice.family in SPREAD:
        off = [abs(marks.centroid_cents(subject.mono(key, hold_s=7.0), key)) for key in keys]
        yield Mark("tuning, worst", max(off), 0.0, 5.0, "cents")
        return
    if subject.sustained:
        off = [
            abs(marks.centroid_cents(subject.mono(key, hold_s=4.5), key, from_s=0.5, to_s=4.5))
            for key in keys
        ]
    else:
        off = [abs(marks.peak_cents(subject.mono(key, hold_s=1.2), key)) for key in keys]
    yield Mark("tuning, median", statistics.median(off), 0.0, 0.5, "cents")
    yield Mark(f"tuning, worst (key {keys[int(np.argmax(off))]})", max(off), 0.0, 3.0, "cents")


def level_marks(subject: Subject, keys: Sequence[int]) -> Iterator[Mark]:
    """Loudness at velocity 70."""
    levels = [momentary_lufs(subject.note(key, REFERENCE_VELOCITY)) for key in keys]
    mean = statistics.mean(levels)
    yield Mark("level, mean", mean, REFERENCE_LUFS - 1, REFERENCE_LUFS + 1, "LUFS")
    yield Mark("level, lowest to highest key", max(levels) - min(levels), 0.0, 3.0, "LU")
    mono_loss = max(
        momentary_lufs(stereo) - momentary_lufs(np.repeat(stereo.mean(axis=1, keepdims=True), 2, axis=1))
        for stereo in map(subject.note, subject.few_keys())
    )
    yield Mark("lost when summed to mono", mono_loss, -np.inf, 3.1, "LU")


def colour_marks(subject: Subject, keys: Sequence[int]) -> Iterator[Mark]:
    """Velocity, the top, and noise."""
    gains = [
        marks.bright_db(subject.mono(key, 110, 1.0), key) - marks.bright_db(subject.mono(key, 30, 1.0), key)
        for key in keys
    ]
    least = 4.0 if subject.voice.program in COLOURED_PROGRAMS and subject.voice.bank == 0 else 0.0
    yield Mark("brighter from velocity 30 to 110", statistics.median(gains), least, np.inf, "dB")
    noise = [
        marks.non_harmonic_db(
            subject.mono(key, 70, 4.0), key, own_partials=subject.voice.family in OWN_PARTIALS
        )
        for key in keys
    ]
    yield Mark(f"non-harmonic (key {keys[int(np.argmax(noise))]})", max(noise), -np.inf, -30.0, "dB")


def time_marks(subject: Subject, keys: Sequence[int]) -> Iterator[Mark]:
    """Attack and decay in the stated ranges."""
    voice = subject.voice
    rises = [marks.rise_s(subject.mono(key), key, sustained=subject.sustained) for key in keys]
    low = max(voice.attack.low_s, 0.3) if voice.family in SLOW_FAMILIES else voice.attack.low_s
    yield Mark("attack, shortest", min(rises), low, voice.attack.high_s, "s")
    yield Mark("attack, longest", max(rises), low, voice.attack.high_s, "s")
    if voice.decay is not None:
        decays = [marks.decay_60_s(subject.mono(key, hold_s=10.0), key) for key in keys]
        yield Mark("decay, shortest", min(decays), voice.decay.low_s, voice.decay.high_s, "s")
        yield Mark("decay, longest", max(decays), voice.decay.low_s, voice.decay.high_s, "s")


def wobble_marks(subject: Subject, keys: Sequence[int]) -> Iterator[Mark]:
    """How steady a sustained note is."""
    limit = WOBBLE_DB.get(subject.voice.family)
    if limit is not None:
        worst = max(marks.wobble_db(subject.mono(key, hold_s=8.0)) for key in keys)
        yield Mark("wobble", worst, 0.0, limit, "dB")


def cleanness_marks(subject: Subject, keys: Sequence[int]) -> Iterator[Mark]:
    """The very top, constant offset, clipping, silence after release."""
    notes = [subject.note(key, 127, 2.0, TAIL_S) for key in keys]
    yield Mark("above 16 kHz", max(marks.above_db(note.sum(axis=1)) for note in notes), -np.inf, -50.0, "dB")
    yield Mark("offset (DC)", max(marks.offset_db(note) for note in notes), -np.inf, -50.0, "dB")
    yield Mark("peak at velocity 127", max(float(np.max(np.abs(note))) for note in notes), 0.001, 0.999, "")
    rest = max(marks.level_db(note[-SAMPLE_RATE // 2 :]) for note in notes)
    yield Mark(f"left {TAIL_S:g} s after release", rest, -np.inf, -90.0, "dBFS")


def measured(voice: Voice, folder: Path) -> tuple[Mark, ...]:
    """Build the voice, play it, measure it."""
    preset = built_preset(voice)
    return measured_preset(voice, preset, folder)


def measured_preset(voice: Voice, preset: Preset, folder: Path) -> tuple[Mark, ...]:
    """Play and measure a voice that is built."""
    font = folder / "measured.sf2"
    data = font_bytes(INFO, [preset])
    font.write_bytes(data)
    with FontPlayer(font) as player:
        found = tuple(all_marks(Subject(voice, preset.zones, player)))
    n_samples = len({zone.sample.name for zone in preset.zones})
    size = Mark(f"size ({n_samples} samples)", len(data) / 2**20, 0.0, 8.0, "MiB")
    return (*found, size)


def main() -> int:
    """Measure the voices named, or all of them."""
    parser = argparse.ArgumentParser(description="Measure voices of the built-in SoundFont.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--module", nargs="+", default=())
    parser.add_argument("--failed", action="store_true")
    chosen = parser.parse_args()
    modules = [importlib.import_module(name) for name in chosen.module]
    voices = tuple(voice for module in modules for voice in module.VOICES) or VOICES
    wanted = {name.casefold() for name in chosen.names}
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for voice in voices:
            if wanted and voice.name.casefold() not in wanted:
                continue
            sys.stdout.write(f"{voice.name} ({voice.bank}:{voice.program}, {voice.family})\n")
            for mark in measured(voice, Path(folder)):
                failures += not mark.passed
                if not (chosen.failed and mark.passed):
                    sys.stdout.write(f"{mark}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
