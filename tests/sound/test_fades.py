"""Sound comes and goes smoothly, on absolute frames, and ends in digital silence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.errors import InputError
from calmando.score.model import Fades
from calmando.sound.fades import Fader, hold_below

RATE = 1_000
FADES = Fades(fade_in_s=2.0, fade_out_s=3.0, end_silence_s=1.0)
N_FRAMES = 10_000


def gain_of(fades: Fades, n_frames: int = N_FRAMES) -> NDArray[np.float32]:
    """What the fader does to a constant."""
    block = np.ones((n_frames, 2), np.float32)
    Fader(fades, n_frames, RATE).apply(block, 0)
    np.testing.assert_array_equal(block[:, 0], block[:, 1])
    left: NDArray[np.float32] = block[:, 0]
    return left


def test_the_fades_lie_where_the_score_says() -> None:
    """In from 0 to 2 s, out from 6 to 9 s, digitally silent from 9 s; in between nothing is touched."""
    gain = gain_of(FADES)
    assert gain[0] == 0.0
    assert abs(gain[1_000] - 0.5) < 1e-6
    assert (gain[2_000:6_000] == 1.0).all()
    assert abs(gain[7_500] - 0.5) < 1e-6
    assert 0 < gain[8_999] < 1e-5
    assert not gain[9_000:].any()


def test_the_fades_are_smooth() -> None:
    """In a fade the gain only rises or only falls, and never faster than π/2 times its mean pace."""
    gain = gain_of(FADES).astype(np.float64)
    rise, fall = np.diff(gain[:2_001]), np.diff(gain[6_000:9_000])
    assert (rise >= 0).all()
    assert (fall <= 0).all()
    assert rise.max() < np.pi / 2 / 2_000 * 1.001
    assert -fall.min() < np.pi / 2 / 3_000 * 1.001
    assert rise[0] < 1e-6
    assert -fall[-1] < 1e-6


def test_without_fades_nothing_changes() -> None:
    """A piece with no fades and no closing silence is left alone."""
    assert (gain_of(Fades()) == 1.0).all()


def test_fades_that_meet_multiply() -> None:
    """In a very short piece both fades act, and there is no jump."""
    gain = gain_of(Fades(fade_in_s=8.0, fade_out_s=8.0, end_silence_s=1.0)).astype(np.float64)
    assert np.abs(np.diff(gain)).max() < 1e-3
    assert gain.max() < 1.0


@given(cuts=st.lists(st.integers(0, N_FRAMES), max_size=6).map(sorted))
def test_blocks_may_be_cut_anywhere(cuts: list[int]) -> None:
    """From any start frame the same frames have the same gain."""
    whole = gain_of(FADES)
    fader = Fader(FADES, N_FRAMES, RATE)
    edges = [0, *cuts, N_FRAMES]
    for first, last in itertools.pairwise(edges):
        block = np.ones((last - first, 2), np.float32)
        fader.apply(block, first)
        np.testing.assert_array_equal(block[:, 0], whole[first:last])


@pytest.mark.parametrize(
    "fades",
    [Fades(fade_in_s=-1.0), Fades(fade_out_s=float("nan")), Fades(end_silence_s=11.0)],
)
def test_times_that_do_not_fit_are_refused(fades: Fades) -> None:
    """Negative times, times that are no number and a silence longer than the piece are bad input."""
    with pytest.raises(InputError, match="do not fit a piece of 10 s"):
        Fader(fades, N_FRAMES, RATE)


def test_the_guard_leaves_what_is_under_the_ceiling() -> None:
    """A sound under the ceiling is not changed by a single bit."""
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (1_000, 2)).astype(np.float32)
    held = sound.copy()
    hold_below(held, -6.0)
    np.testing.assert_array_equal(held, sound)


@given(ceiling_db=st.floats(-20, 0), scale=st.floats(0.01, 100))
def test_the_guard_holds_everything_within_a_decibel_of_the_ceiling(ceiling_db: float, scale: float) -> None:
    """Whatever comes in, nothing passes the ceiling by 1 dB, nothing full scale, and order and sign stay."""
    sound = (np.linspace(-1, 1, 2_001) * scale).astype(np.float32)[:, None].repeat(2, axis=1)
    held = sound.copy()
    hold_below(held, ceiling_db)
    assert np.abs(held).max() <= min(10.0 ** ((ceiling_db + 1.0) / 20.0), 1.0) * (1 + 1e-6)
    assert (np.diff(held[:, 0]) >= 0).all()
    assert (np.sign(held) == np.sign(sound)).all()


@pytest.mark.parametrize(
    "fades", [FADES, Fades(), Fades(fade_in_s=6.0, fade_out_s=6.0), Fades(end_silence_s=2.0)]
)
def test_the_gain_at_a_frame_is_the_gain_applied_there(fades: Fades) -> None:
    """Whoever predicts loudness reckons with the very fades that are heard."""
    frames = np.arange(0, N_FRAMES, 7)
    gains = Fader(fades, N_FRAMES, RATE).gains_at(frames)
    np.testing.assert_allclose(gains, gain_of(fades)[frames], atol=1e-6)
