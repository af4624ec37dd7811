"""Modal samples loop exactly, decay as they are told, and cover the keyboard."""

from __future__ import annotations

import math

import marks
import numpy as np
import pytest

from calmando.instruments.level import model_note
from calmando.instruments.model import SAMPLE_RATE, Zone
from calmando.instruments.modes import (
    Mode,
    Strike,
    between,
    exact_loop_frames,
    key_zones,
    knock_noise,
    ringing,
    struck_sample,
)
from calmando.theory.pitch import key_hz

STRIKE = Strike(contact_s=0.005, loop_from_s=0.4, loop_s=0.3)


def test_loops_hold_whole_cycles_at_every_key() -> None:
    """Within a tenth of a cent at CD rate, within a fifth at half of it, from the lowest key to the highest."""
    for rate, limit in ((44_100, 0.1), (22_050, 0.2)):
        for key in range(21, 109):
            cycles = key_hz(key) * exact_loop_frames(key_hz(key), 0.3, rate) / rate
            assert 1200 * abs(math.log2(round(cycles) / cycles)) < limit, (key, rate)


def test_every_mode_repeats_exactly_in_the_loop() -> None:
    """The seam of a loop of three inharmonic modes cannot be told from its inside."""
    modes = (Mode(440.0, 0.0, 3.0), Mode(1_213.7, -6.0, 1.5, 1.0), Mode(2_377.1, -9.0, 0.3, prompt_db=6.0))
    sample = struck_sample("three", 69, modes, STRIKE)
    assert sample.loop is not None
    assert marks.seam_step(sample) <= 1.0
    start, end = sample.loop.start, sample.loop.end
    period = end - start
    longer = struck_sample("three", 69, modes, Strike(0.005, 0.4 + period / SAMPLE_RATE, 0.3))
    assert longer.loop is not None
    assert longer.loop.end - longer.loop.start == period


def test_the_note_falls_as_its_first_mode_says() -> None:
    """60 dB in the time stated, within 3 per cent, through the loop and the envelope."""
    for t60 in (0.8, 4.0, 12.0):
        sample = struck_sample("one", 69, (Mode(440.0, -6.0, t60),), STRIKE)
        zone = Zone(sample, 0, 127, ringing(lambda _key, t60=t60: t60, 69, 0.5))
        note = model_note([zone], 69, 100, hold_s=min(10.0, 1.2 * t60)).sum(axis=1)
        assert marks.decay_60_s(note, 69) == pytest.approx(t60, rel=0.03)


def test_a_prompt_component_makes_the_decay_two_staged() -> None:
    """It falls faster at first and slower later."""
    mode = Mode(440.0, -6.0, 8.0, prompt_db=10.0, prompt_t60_s=1.5)
    zone = Zone(
        struck_sample("two", 69, (mode,), Strike(0.005, 1.2, 0.3)), 0, 127, ringing(lambda _key: 8.0, 69, 0.5)
    )
    envelope = 20 * np.log10(
        marks.envelope_of(model_note([zone], 69, 100, hold_s=4.0).sum(axis=1), 69) + 1e-9
    )
    first, later = envelope[4_410] - envelope[22_050], envelope[88_200] - envelope[105_840]
    assert first > 2.0 * later > 0.0


@pytest.mark.parametrize(("low", "high", "step"), [(21, 108, 4), (60, 108, 5), (36, 84, 6), (67, 108, 1)])
def test_zones_cover_every_key_once(low: int, high: int, step: int) -> None:
    """Each key from 0 to 127 belongs to one zone, and within the range lies near its root."""
    zones = key_zones(low, high, step)
    owners = [[zone for zone in zones if zone[0] <= key <= zone[2]] for key in range(128)]
    assert all(len(owner) == 1 for owner in owners)
    assert all(abs(owners[key][0][1] - key) <= step for key in range(low, high + 1))


def test_a_knock_is_soft_short_and_the_same_again() -> None:
    """It begins and ends in silence, peaks at 1, and its seed and name are all it depends on."""
    knock = knock_noise(0, "wood", (100.0, 900.0), 0.1, SAMPLE_RATE)
    assert np.array_equal(knock, knock_noise(0, "wood", (100.0, 900.0), 0.1, SAMPLE_RATE))
    assert not np.array_equal(knock, knock_noise(0, "felt", (100.0, 900.0), 0.1, SAMPLE_RATE))
    assert np.max(np.abs(knock)) == pytest.approx(1.0)
    assert abs(knock[0]) < 1e-3
    assert abs(knock[-1]) < 1e-3


def test_values_between_keys_lie_on_straight_lines() -> None:
    """Halfway is halfway, and outside the points the ends hold."""
    assert between(66, (60, 1.0), (72, 3.0)) == pytest.approx(2.0)
    assert between(0, (60, 1.0), (72, 3.0)) == 1.0
    assert between(127, (60, 1.0), (72, 3.0)) == 3.0
