"""Loudness is measured by the standard, and the model of a voice agrees with FluidSynth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from font_player import FontPlayer

from calmando.instruments.level import (
    REFERENCE_LUFS,
    k_weighted,
    levelled,
    model_note,
    momentary_lufs,
    note_loudness_lufs,
)
from calmando.instruments.model import SAMPLE_RATE, Envelope, Loop, LowPass, Sample, Zone
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes


def tone(hz: float, seconds: float, amplitude: float) -> np.ndarray:
    mono = amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    return np.stack([mono, mono], axis=1)


def sawtooth(name: str, key: int, *, loud: float = 0.3) -> Sample:
    """Ten partials, a whole number of cycles in the loop."""
    period = round(SAMPLE_RATE / (440 * 2 ** ((key - 69) / 12)))
    time = np.arange(400 * period) / period
    frames = sum(np.sin(2 * np.pi * n * time) / n for n in range(1, 11))
    sharp = 1200 * np.log2(SAMPLE_RATE / period / (440 * 2 ** ((key - 69) / 12)))
    return Sample(name, loud * np.asarray(frames), key, sharp, Loop(100 * period, 400 * period))


def test_a_full_scale_tone_has_the_loudness_the_standard_says() -> None:
    """BS.1770: a 997 Hz sine of full scale in one channel is −3.01 LUFS, so in two it is 0."""
    assert momentary_lufs(tone(997.0, 1.0, 1.0)) == pytest.approx(0.0, abs=0.02)
    assert momentary_lufs(tone(997.0, 1.0, 0.1)) == pytest.approx(-20.0, abs=0.02)


@pytest.mark.parametrize("hz", [40.0, 100.0, 997.0, 3_000.0, 10_000.0])
def test_weighting_agrees_with_an_independent_meter(hz: float) -> None:
    """From the low cut to the high shelf, within 0.1 LU of pyloudnorm."""
    stereo = tone(hz, 3.0, 0.1)
    independent = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(stereo)
    power = np.sum(k_weighted(stereo)[SAMPLE_RATE:] ** 2, axis=1)
    assert -0.691 + 10 * np.log10(np.mean(power)) == pytest.approx(independent, abs=0.1)


def test_a_short_sound_counts_for_its_share_of_400_ms() -> None:
    """100 ms of tone is 6 dB softer than 400 ms of it."""
    assert momentary_lufs(tone(997.0, 0.1, 0.1)) == pytest.approx(-26.0, abs=0.2)


@pytest.fixture(scope="module")
def zones() -> tuple[Zone, ...]:
    """Layers, filters, pans, a fall and a soft side: all that the model knows."""
    low, high = sawtooth("low", 48), sawtooth("high", 60, loud=0.05)
    fall = Envelope(attack_s=0.2, hold_s=0.3, decay_s=6.0, sustain_db=30.0, release_s=2.0, key_to_decay=20)
    return (
        Zone(low, 0, 54, Envelope(attack_s=0.5, release_s=1.0), low_pass=LowPass(2_000.0, 2_400)),
        Zone(high, 55, 127, fall, high_velocity=80, pan=-0.7, start_offset_frames=300),
        Zone(
            high, 55, 127, fall, low_velocity=81, pan=-0.7, low_pass=LowPass(2_000.0, 0, 4.0, key_cents=90.0)
        ),
        Zone(low, 55, 127, fall, pan=1.0, tune_cents=3.0, attenuation_db=6.0),
    )


def test_the_model_agrees_with_fluidsynth(zones: tuple[Zone, ...], tmp_path: Path) -> None:
    """Within 0.15 dB in each 400 ms of a note, held and released, on either side."""
    path = tmp_path / "layers.sf2"
    path.write_bytes(font_bytes(FontInfo("Layers"), [Preset("Layers", 0, 5, zones)]))
    with FontPlayer(path) as player:
        for key, velocity in ((48, 30), (48, 120), (60, 70), (60, 100), (67, 70), (67, 100)):
            real = player.note(5, key, velocity, hold_s=1.5, tail_s=0.5)
            modelled = model_note(zones, key, velocity, hold_s=1.5, tail_s=0.5)
            for side in (0, 1):
                if not modelled[:, side].any():
                    continue
                for start in range(0, len(real), round(0.4 * SAMPLE_RATE)):
                    part = slice(start, start + round(0.4 * SAMPLE_RATE))
                    ratio = np.mean(real[part, side] ** 2) / np.mean(modelled[part, side] ** 2)
                    assert 10 * np.log10(ratio) == pytest.approx(0.0, abs=0.15), (key, velocity, side, start)


def test_levelling_brings_every_zone_to_the_reference(zones: tuple[Zone, ...]) -> None:
    """Zones 15 dB apart end within half a decibel of the reference at their roots."""
    even = levelled(zones[:2])
    assert note_loudness_lufs(even, 48) == pytest.approx(REFERENCE_LUFS, abs=0.5)
    assert note_loudness_lufs(even, 60) == pytest.approx(REFERENCE_LUFS, abs=0.5)
    single = levelled(zones[:1])
    assert note_loudness_lufs(single, 48) == pytest.approx(REFERENCE_LUFS, abs=0.02)
    assert note_loudness_lufs(zones[:1], 48) != pytest.approx(REFERENCE_LUFS, abs=1.0)
