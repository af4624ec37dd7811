"""The heart can be heard on small speakers, and no drum startles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import marks
import numpy as np
import pytest
from font_player import FontPlayer
from numpy.typing import NDArray

from calmando.instruments.level import momentary_lufs
from calmando.instruments.model import SAMPLE_RATE
from calmando.resources import soundfonts_folder
from calmando.theory.percussion import (
    CLICK,
    DRUM_BANK,
    FRAME_DRUM,
    FRAME_DRUM_MUTED,
    HEART_DUB,
    HEART_LUB,
    INFANT_DUB,
    INFANT_LUB,
    SHAKER,
    WOOD_BLOCK_HIGH,
    WOOD_BLOCK_LOW,
)

HEART = (HEART_LUB, HEART_DUB, INFANT_LUB, INFANT_DUB)
SKINS = (FRAME_DRUM, FRAME_DRUM_MUTED)
SMALL = (SHAKER, WOOD_BLOCK_HIGH, WOOD_BLOCK_LOW, CLICK)

Strike = Callable[[int, int], NDArray[np.float64]]


@pytest.fixture(scope="module")
def strike() -> Iterator[Strike]:
    with FontPlayer(soundfonts_folder() / "calmando.sf2") as player:
        yield lambda key, velocity: player.note(0, key, velocity, hold_s=0.05, tail_s=1.6, bank=DRUM_BANK)


def share(note: NDArray[np.float64], low_hz: float, high_hz: float) -> float:
    """The part of the energy that lies in a band."""
    power = np.abs(np.fft.rfft(note.sum(axis=1))) ** 2
    hz = np.fft.rfftfreq(len(note), 1 / SAMPLE_RATE)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def rise_s(note: NDArray[np.float64]) -> float:
    """Time to the highest point."""
    return int(np.argmax(marks.envelope_of(note.sum(axis=1), 60))) / SAMPLE_RATE


@pytest.mark.parametrize("key", HEART)
def test_heart_sounds_carry_in_small_speakers(strike: Strike, key: int) -> None:
    """Most of the energy lies at 80 to 160 Hz (an infant's somewhat above), nothing above 500 Hz."""
    note = strike(key, 80)
    assert share(note, 80.0, 160.0 if key in (HEART_LUB, HEART_DUB) else 200.0) > 0.6
    assert share(note, 500.0, 22_050.0) < 1e-4


def test_heart_sounds_differ_as_hearts_do(strike: Strike) -> None:
    """The second sound is higher and softer than the first, the infant's higher than the adult's."""

    def middle(key: int) -> float:
        power = np.abs(np.fft.rfft(strike(key, 80).sum(axis=1))) ** 2
        return float((power * np.fft.rfftfreq(len(strike(key, 80)), 1 / SAMPLE_RATE)).sum() / power.sum())

    assert middle(HEART_LUB) < middle(HEART_DUB)
    assert middle(INFANT_LUB) < middle(INFANT_DUB)
    assert middle(HEART_LUB) < middle(INFANT_LUB)
    assert momentary_lufs(strike(HEART_DUB, 80)) < momentary_lufs(strike(HEART_LUB, 80)) - 1


@pytest.mark.parametrize(
    ("key", "least_s"), [(key, 0.015) for key in HEART] + [(key, 0.008) for key in SKINS]
)
def test_nothing_low_strikes_at_once(strike: Strike, key: int, least_s: float) -> None:
    """Heart and skin swell for some hundredths of a second, at full velocity too."""
    assert rise_s(strike(key, 127)) >= least_s


@pytest.mark.parametrize("key", SKINS)
def test_the_frame_drum_has_no_snap(strike: Strike, key: int) -> None:
    """Less than half a per cent of its energy lies above 1 kHz, at full velocity."""
    assert share(strike(key, 127), 1_000.0, 22_050.0) < 0.005


def test_small_percussion_stays_behind_the_tune(strike: Strike) -> None:
    """Shaker, blocks and click are softer than the heart and the drum; every one sounds."""
    loud = min(momentary_lufs(strike(key, 70)) for key in (HEART_LUB, FRAME_DRUM))
    for key in SMALL:
        assert -45.0 < momentary_lufs(strike(key, 70)) < loud - 3.0


@pytest.mark.parametrize(("key", "same"), [(70, SHAKER), (37, CLICK)])
def test_general_midi_neighbours_sound_too(strike: Strike, key: int, same: int) -> None:
    """Maracas are the shaker, the side stick is the click."""
    assert momentary_lufs(strike(key, 90)) == pytest.approx(momentary_lufs(strike(same, 90)), abs=0.1)


def test_a_short_key_does_not_cut_a_drum(strike: Strike) -> None:
    """The frame drum rings on after its key is up."""
    assert (
        marks.level_db(strike(FRAME_DRUM, 100)[round(0.3 * SAMPLE_RATE) : round(0.5 * SAMPLE_RATE)]) > -60.0
    )
