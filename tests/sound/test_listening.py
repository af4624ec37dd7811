"""What moments of the mix tell: the same however many threads listen, and where the highest peak may be."""

from __future__ import annotations

import numpy as np
import pytest

from calmando.sound.bank.predict import Floats, Steps
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.listening import MOST_MOMENTS, Moment, heard_moments, heard_share, likely_highest
from calmando.sound.mixing.convolution import REGION_FRAMES

RATE = 44_100
N_REGIONS = 60
STEPS = Steps.of(N_REGIONS * REGION_FRAMES, RATE)


def noise(region: int) -> tuple[Stereo, float]:
    """Another noise in every region, some louder than others; and its sample peak."""
    loud = 0.1 + 0.01 * (region % 7)
    frames = loud * np.random.default_rng(region).standard_normal((2, REGION_FRAMES), np.float32)
    return frames, float(np.abs(frames).max())


def piece(**loudest: float) -> Floats:
    """The power of every step: 0.01, but for one in the middle of some regions (``at_7=0.5``)."""
    power = np.full(STEPS.n, 0.01)
    for name, value in loudest.items():
        region = int(name.removeprefix("at_"))
        power[(2 * region + 1) * REGION_FRAMES // (2 * STEPS.frames)] = value
    return power


def moment(region: int, peak: float) -> Moment:
    """A moment that sounds as it was predicted."""
    return Moment(region, 1.0, 1.0, peak)


def test_moments_are_the_same_however_many_threads_listen() -> None:
    """Who has heard enough stops at the same moment, whoever is quicker."""
    energy = np.full(STEPS.n, 100.0)
    alone, together = (heard_moments(noise, lambda: energy, STEPS, RATE, n) for n in (1, 5))
    assert alone == together
    assert 4 <= len(alone) <= MOST_MOMENTS
    assert heard_share(alone) == heard_share(together)


def test_the_loudest_steps_tell_where_the_highest_peak_may_be() -> None:
    """Regions are named whose loudest step lets them come near, the likeliest first; none that was listened to."""
    power = piece(at_7=0.5, at_31=0.3, at_50=0.4, at_12=0.02)
    # Its peak lies 10 dB above its loudest step; so 7 may reach +7 dB, and 12 only −7.
    heard = [moment(50, 2.0), moment(3, 0.01)]
    assert likely_highest(heard, power, STEPS, 0.0) == [7, 31]
    assert likely_highest(heard, power, STEPS, 6.0) == [7]
    assert likely_highest(heard, power, STEPS, 9.0) == []


def test_never_are_more_than_a_few_looked_into() -> None:
    """Where every region may hold the highest peak there is an end all the same."""
    assert len(likely_highest([moment(59, 1.0)], piece(), STEPS, -20.0)) == MOST_MOMENTS


@pytest.mark.parametrize("moments", [[], [moment(0, 0.0)]])
def test_silence_comes_near_nothing(moments: list[Moment]) -> None:
    """Where nothing was heard, or all is silent, nothing is looked for."""
    assert likely_highest(moments, np.zeros(STEPS.n), STEPS, -60.0) == []
