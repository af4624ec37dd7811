"""Pieces and sounds whose measures are known, because they are built so."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calmando.audit.music import MusicNote
from calmando.score.model import (
    ChannelStrip,
    Fades,
    KeyChange,
    MetreChange,
    Note,
    Part,
    PhraseSpan,
    Role,
    Score,
)
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

SR = 44_100
Sound = NDArray[np.float32]

TUNE = (67, 69, 67, 64, 65, 67, 65, 62, 64, 65, 64, 60, 62, 64, 62, 60)


def line(pitches: Sequence[int], beat_s: float = 0.75, *, length: float = 1.0) -> tuple[MusicNote, ...]:
    """A tune of one note a beat."""
    return tuple(
        MusicNote(i * beat_s, (i + length) * beat_s, float(i), i + length, pitch, 60)
        for i, pitch in enumerate(pitches)
    )


def score(
    *parts: tuple[Role, Sequence[Note]],
    bpm: float = 72.0,
    tempo: Sequence[TempoChange] = (),
    end_silence_s: float = 6.0,
    bars_a_phrase: int = 4,
) -> Score:
    """A score in C major and 4/4 with phrases of equal length."""
    changes = tuple(tempo) or (TempoChange(0, round(60_000_000 / bpm)),)
    tempo_map = TempoMap.of(changes)
    end = max(note.end_ticks for _, notes in parts for note in notes)
    width = bars_a_phrase * 1920
    made = tuple(
        Part(
            ChannelStrip(role.value, role, 9 if role in (Role.PULSE, Role.HEARTBEAT) else i, 0), tuple(notes)
        )
        for i, (role, notes) in enumerate(parts)
    )
    spans = tuple(PhraseSpan(at, at + width, "A") for at in range(0, end, width))
    return Score(
        title="constructed",
        parts=made,
        tempo_map=tempo_map,
        metres=(MetreChange(0, METRES["4/4"]),),
        keys=(KeyChange(0, Key(0, MODES["major"])),),
        sections=(),
        phrases=spans if len(spans) > 1 else (*spans, PhraseSpan(width, 2 * width, "A")),
        length_s=tempo_map.seconds_at(end) + end_silence_s,
        fades=Fades(3.0, 10.0, end_silence_s),
    )


def notes(pitches: Sequence[int], *, ticks: int = 480, velocity: int = 60, start: int = 0) -> list[Note]:
    """One note after another."""
    return [Note(start + i * ticks, ticks, pitch, velocity) for i, pitch in enumerate(pitches)]


def calm_score(times: int = 8) -> Score:
    """A plain lullaby: a sung line over held fifths, with a rest after every second phrase."""
    tune: list[Note] = []
    bass: list[Note] = []
    for verse in range(times):
        at = verse * 20 * 480
        tune += [*notes(TUNE, start=at)[:-1], Note(at + 15 * 480, 720, 60, 60)]
        bass += [Note(at + bar * 1920, 1920, 48, 50) for bar in range(5)]
        bass += [Note(at + bar * 1920, 1920, 55, 50) for bar in range(5)]
    bass.sort(key=lambda note: (note.onset_ticks, note.pitch))
    return score((Role.MELODY, tune), (Role.HARMONY, bass), bars_a_phrase=2)


def march_score() -> Score:
    """A march: fast, loud accents, a drum on every half beat, fanfare leaps."""
    fanfare = [60, 67, 72, 67, 76, 72, 67, 60] * 24
    tune = [Note(i * 240, 200, pitch, 120 if i % 4 == 0 else 80) for i, pitch in enumerate(fanfare)]
    drum = [Note(i * 120, 60, 38, 120 if i % 8 == 0 else 70) for i in range(2 * len(fanfare))]
    return score((Role.MELODY, tune), (Role.PULSE, drum), bpm=132)


def atonal_score() -> Score:
    """A walk without key or memory, in wide leaps, over semitones in the bass."""
    draw = random.Random(5)
    pitch, tune = 60, []
    for _ in range(240):
        pitch = min(max(pitch + draw.choice([-13, -11, -8, -6, -3, -1, 1, 2, 6, 7, 10, 13]), 48), 84)
        tune.append(pitch)
    bass = [note for bar in range(60) for low in (40, 41, 42) for note in [Note(bar * 1920, 1920, low, 60)]]
    return score((Role.MELODY, notes(tune)), (Role.BASS, bass))


def sine(frequency: float, seconds: float, gain_db: float = -20.0, *, rate: int = SR) -> Sound:
    """A sine on both channels."""
    t = np.arange(round(seconds * rate)) / rate
    x = 10 ** (gain_db / 20) * np.sin(2 * np.pi * frequency * t)
    return np.stack([x, x], axis=1).astype(np.float32)


def silence(seconds: float, *, rate: int = SR) -> Sound:
    """Nothing, on both channels."""
    return np.zeros((round(seconds * rate), 2), np.float32)


def tone(
    pitch: float,
    seconds: float,
    *,
    attack_s: float = 0.06,
    decay_s: float = 1.5,
    gain: float = 0.1,
    harmonics: int = 4,
) -> NDArray[np.float64]:
    """A tone that comes up linearly and dies away."""
    t = np.arange(round(seconds * SR)) / SR
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    envelope = np.minimum(t / attack_s, 1) * np.exp(-t / decay_s)
    return (
        gain * envelope * sum(np.sin(2 * np.pi * frequency * k * t) / k**2 for k in range(1, harmonics + 1))
    )


def placed(tones: Sequence[tuple[float, NDArray[np.float64]]], seconds: float) -> Sound:
    """Tones at their moments, on both channels."""
    x = np.zeros(round(seconds * SR))
    for at_s, sound in tones:
        start = round(at_s * SR)
        x[start : start + len(sound)] += sound[: len(x) - start]
    return np.stack([x, x], axis=1).astype(np.float32)


def calm_sound(seconds: float = 40.0) -> Sound:
    """A soft tune of one note a second over a held bass, ended by silence."""
    tune = [(1.0 + i, tone(TUNE[i % 16], 3, gain=0.07)) for i in range(int(seconds) - 12)]
    bass = [
        (1.0 + 4 * i, tone(48, 5, attack_s=0.3, decay_s=4, gain=0.05)) for i in range(int(seconds - 12) // 4)
    ]
    return placed([*tune, *bass], seconds)


def cymbal_march() -> Sound:
    """Hard short strokes, and a cymbal every other bar."""
    draw = np.random.default_rng(1)
    crash = 0.25 * draw.standard_normal(SR) * np.exp(-np.arange(SR) / SR / 0.25)
    beats = [
        (0.5 * i, tone(60 + 7 * (i % 2), 0.5, attack_s=0.003, decay_s=0.2, harmonics=12)) for i in range(76)
    ]
    return placed([*beats, *((4 * i + 2.0, crash) for i in range(9))], 40)


def sudden_tutti() -> Sound:
    """A soft tune, six seconds of silence, then everything at once."""
    soft = [(float(i), tone(60 + (0, 4, 7, 4)[i % 4], 2, gain=0.02)) for i in range(14)]
    tutti = sum(
        tone(p, 15, attack_s=0.002, decay_s=8, gain=0.1, harmonics=14) for p in (36, 43, 48, 55, 60, 64, 67)
    )
    return placed([*soft, (22.0, np.asarray(tutti))], 40)


def click_track() -> Sound:
    """A click twice a second."""
    click = np.zeros(round(0.02 * SR))
    n = round(0.004 * SR)
    click[:n] = 0.7 * np.sin(2 * np.pi * 2500 * np.arange(n) / SR)
    return placed([(0.5 * i, click) for i in range(76)], 40)


def crescendo() -> Sound:
    """A chord that swells by thirty decibels in twenty seconds."""
    t = np.arange(40 * SR) / SR
    gain = 10 ** (np.interp(t, [0, 10, 30, 35, 40], [-42, -42, -12, -12, -60]) / 20)
    x = gain * sum(np.sin(2 * np.pi * f * t) for f in (261.6, 329.6, 392.0)) / 3
    return np.stack([x, x], axis=1).astype(np.float32)
