"""The roughness of chords agrees with the published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmando.theory.roughness import critical_bandwidth, roughness

PUBLISHED = [((60, 64, 67), 0.1202), ((60, 63, 67), 0.1301)]
RECOMPUTED = [
    ((60, 67), 0.023),
    ((60, 65), 0.045),
    ((60, 64), 0.070),
    ((60, 63), 0.112),
    ((60, 69), 0.057),
    ((60, 66), 0.097),
    ((60, 71), 0.225),
    ((60, 70), 0.102),
    ((60, 62), 0.254),
    ((60, 61), 0.484),
    ((72, 76, 79), 0.064),
    ((60, 64, 67), 0.120),
    ((48, 52, 55), 0.229),
    ((36, 40, 43), 0.410),
    ((48, 55), 0.048),
    ((36, 43), 0.100),
    ((48, 55, 64), 0.116),
    ((53, 60, 69), 0.088),
    ((55, 62, 71), 0.079),
    ((48, 55, 64, 74), 0.159),
    ((48, 55, 64, 71), 0.174),
    ((48, 55, 63, 70), 0.207),
    ((60, 64, 67, 70), 0.222),
    ((60, 63, 66, 69), 0.262),
    ((60, 61, 62), 0.812),
]
pitches = st.lists(st.integers(21, 108), min_size=1, max_size=6)


@pytest.mark.parametrize(("chord", "published"), PUBLISHED)
def test_published_values_to_four_places(chord: tuple[int, ...], published: float) -> None:
    """The two triads whose values the reference implementation prints come out the same to four places."""
    assert roughness(chord) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(("chord", "expected"), RECOMPUTED)
def test_check_values_to_three_places(chord: tuple[int, ...], expected: float) -> None:
    """Intervals and chords in every register come out as in an independent computation, to three places."""
    assert roughness(chord) == pytest.approx(expected, abs=6e-4)  # the table itself was rounded


@given(pitches)
def test_order_and_doublings_do_not_count(chord: list[int]) -> None:
    """A chord is a set: neither the order nor a doubling at the same pitch changes its roughness."""
    assert roughness(chord) == roughness([*reversed(chord), chord[0]])


@given(pitches)
def test_never_negative_and_finite(chord: list[int]) -> None:
    """Roughness is never below zero and stays finite on all keys of the piano."""
    assert 0 <= roughness(chord) < 3  # six low keys side by side reach 2.3


def test_lower_is_rougher() -> None:
    """The same triad is rougher in every lower octave."""
    values = [roughness((low, low + 4, low + 7)) for low in (84, 72, 60, 48, 36)]
    assert values == sorted(values)


def test_silence_is_smooth() -> None:
    """No tones, no roughness."""
    assert roughness(()) == 0


def test_critical_bandwidth_at_one_kilohertz() -> None:
    """The bandwidth at 1 kHz is 1.72 × 1000^0.65 = 153 Hz."""
    assert critical_bandwidth(1000.0) == pytest.approx(153.3, abs=0.2)
