"""Levels, the reverb bus, regions and blocks."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from calmando.performance import NO_NOTES, ControllerCurve, PerformedPart
from calmando.score.model import ChannelStrip, Controller, Role
from calmando.sound import kernels
from calmando.sound.bank.fall import Fall
from calmando.sound.bank.notes import BankNote
from calmando.sound.fluidsynth.levels import GLIDE_S, GainCurve, PartLevel, amplitude
from calmando.sound.mixing import convolution
from calmando.sound.mixing.convolution import REGION_FRAMES, RESPONSE_FRAMES, convolution_with
from calmando.sound.mixing.desk import Bus, Desk
from calmando.sound.mixing.mix import mix
from calmando.sound.mixing.regions import mixed_regions, reblocked
from calmando.sound.mixing.reverb import measured_response
from calmando.sound.mixing.source import PartSound

T = TypeVar("T")

RATE = 44_100


def curve_of(*points: tuple[int, int]) -> ControllerCurve:
    """An expression curve."""
    return ControllerCurve.through(Controller.EXPRESSION, points)


def part_of(curve: ControllerCurve) -> PerformedPart:
    """A part that does nothing but swell."""
    still = ControllerCurve.through(Controller.VOLUME, [(0, 100)])
    return PerformedPart(ChannelStrip("pad", Role.HARMONY, 0, 88), NO_NOTES, (still, curve))


def test_stairs_of_a_swell_become_smooth() -> None:
    """Between near steps the level goes in a straight line, so that no frame jumps."""
    curve = GainCurve.smooth(curve_of(*((4_416 * i, 60 + 2 * i) for i in range(20))), RATE)
    gains = curve.between(0, 4_416 * 19)
    assert isinstance(gains, np.ndarray)
    assert float(np.abs(np.diff(gains)).max()) < 1e-4
    for step in range(19):
        assert gains[4_416 * step] == pytest.approx(amplitude(np.array(60 + 2 * step)))


def test_a_leap_is_taken_just_before_it_is_written() -> None:
    """A leap after a long rest holds until a short glide, and is complete where it is written."""
    curve = GainCurve.smooth(curve_of((0, 100), (10 * RATE, 40)), RATE)
    start = round((10 - GLIDE_S) * RATE)
    assert curve.between(0, start) == pytest.approx(amplitude(np.array(100)))
    assert curve.between(10 * RATE, 500) == pytest.approx(amplitude(np.array(40)))


@given(st.integers(0, 90_000), st.integers(1, 5_000))
def test_a_level_does_not_depend_on_where_one_begins(first: int, n_frames: int) -> None:
    """Any stretch of a level is that stretch of the whole."""
    level = PartLevel.of(part_of(curve_of((0, 80), (19_968, 86), (59_968, 20))), RATE)
    whole = level.apply(np.ones((2, 100_000), np.float32), 0)
    piece = level.apply(np.ones((2, n_frames), np.float32), first)
    np.testing.assert_array_equal(piece, whole[:, first : first + n_frames][:, :n_frames])


def test_the_room_is_measured_alike_every_time() -> None:
    """FluidSynth's room has a finite, decaying stereo response."""
    response = measured_response(RATE)
    assert response.shape == (2, RESPONSE_FRAMES)
    energy = (response.astype(np.float64) ** 2).sum(axis=0)
    assert energy[: RATE // 2].sum() > 100 * energy[RATE // 2 : RATE].sum() > 0
    assert response is measured_response(RATE)


class FixedSource:
    """Two parts that are known beforehand."""

    def __init__(self, parts: Sequence[NDArray[np.float32]]) -> None:
        self._parts = parts
        self.closed = False
        self.mixed_by: dict[int, int] = {}

    def region(self, index: int) -> Iterator[PartSound]:
        self.mixed_by[index] = threading.get_ident()
        first = index * REGION_FRAMES
        for number, part in enumerate(self._parts):
            there = part[:, first : first + REGION_FRAMES]
            if there.any():
                yield PartSound(number, [(0, BankNote(there))])

    def close(self) -> None:
        self.closed = True


def known_parts() -> list[NDArray[np.float32]]:
    """A noise in the first and third region, and one that begins in the second."""
    rng = np.random.default_rng(5)
    first = rng.standard_normal((2, 3 * REGION_FRAMES)).astype(np.float32)
    first[:, REGION_FRAMES : 2 * REGION_FRAMES] = 0.0
    second = rng.standard_normal((2, 2 * REGION_FRAMES)).astype(np.float32)
    second[:, :REGION_FRAMES] = 0.0
    return [first, second]


def known_desk() -> Desk:
    """A desk with a short reverb."""
    response = np.random.default_rng(6).standard_normal((2, RESPONSE_FRAMES)).astype(np.float32) * 0.01
    level = PartLevel(())
    return Desk((level, level), (GainCurve.still(0.3), GainCurve.still(0.7)), convolution_with(response))


def played(
    n_threads: int,
    first: int = 0,
    buses: tuple[Bus, ...] = (Bus((0, 1)),),
    desk: Desk | None = None,
) -> NDArray[np.float32]:
    """Four regions of the known parts, buses one below the other."""
    source = FixedSource(known_parts())
    mixed = mixed_regions(source, desk or known_desk(), buses, first, 4, n_threads)
    regions = [np.concatenate(region) for region in mixed]
    assert source.closed
    return np.concatenate(regions, axis=1)


@pytest.mark.usefixtures("arithmetic")
def test_the_bus_is_a_convolution() -> None:
    """Region by region the mix is the parts and their sends convolved with the response."""
    response = np.random.default_rng(6).standard_normal((2, RESPONSE_FRAMES)) * 0.01
    parts = [np.pad(part, ((0, 0), (0, 4 * REGION_FRAMES - part.shape[1]))) for part in known_parts()]
    sent = 0.3 * parts[0].sum(axis=0) + 0.7 * parts[1].sum(axis=0)
    wet = np.stack([signal.fftconvolve(sent, side)[: 4 * REGION_FRAMES] for side in response])
    np.testing.assert_allclose(played(2), parts[0] + parts[1] + wet, atol=2e-4)


@pytest.mark.usefixtures("arithmetic")
def test_threads_and_starts_change_no_byte() -> None:
    """One thread or four, from the start or from any region: the same frames."""
    whole = played(1)
    np.testing.assert_array_equal(played(4), whole)
    for first in (1, 2, 3):
        np.testing.assert_array_equal(played(3, first), whole[:, first * REGION_FRAMES :])


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_who_asks_is_one_of_the_threads(n_threads: int) -> None:
    """No more threads mix than were asked for, the caller's own among them."""
    source = FixedSource(known_parts())
    for _ in mixed_regions(source, known_desk(), (Bus((0, 1)),), 0, 40, n_threads):
        pass
    helpers = set(source.mixed_by.values()) - {threading.get_ident()}
    assert len(helpers) <= n_threads - 1
    assert sorted(source.mixed_by) == list(range(40))


def test_the_first_region_is_not_kept_waiting() -> None:
    """Until it is handed on, the thread that asks mixes none that comes after it."""
    begun = threading.Event()

    class SlowToBegin(FixedSource):
        """Takes its time over the region before the first."""

        def region(self, index: int) -> Iterator[PartSound]:
            yield from super().region(index)
            if index == 1:
                begun.wait(0.2)

    source = SlowToBegin(known_parts())
    regions = mixed_regions(source, known_desk(), (Bus((0, 1)),), 2, 20, 2)
    next(regions)
    regions.close()
    assert {index for index, thread in source.mixed_by.items() if thread == threading.get_ident()} <= {1, 2}


@pytest.mark.usefixtures("arithmetic")
def test_a_send_may_move() -> None:
    """What a moving send gives to the reverb follows its line, frame by frame."""
    ends = 3.0 * REGION_FRAMES
    sends = (GainCurve(np.array([0.0, ends]), np.array([0.0, 0.6])), GainCurve.still(0.0))
    parts = np.pad(known_parts()[0], ((0, 0), (0, REGION_FRAMES))).astype(np.float64)
    sent = parts.sum(axis=0) * np.interp(np.arange(4 * REGION_FRAMES), [0.0, ends], [0.0, 0.6])
    response = np.random.default_rng(6).standard_normal((2, RESPONSE_FRAMES)) * 0.01
    wet = np.stack([signal.fftconvolve(sent, side)[: 4 * REGION_FRAMES] for side in response])
    desk = replace(known_desk(), sends=sends)
    heard = played(2, buses=(Bus((0,)),), desk=desk)
    np.testing.assert_allclose(heard, parts + wet, atol=2e-4)


def test_what_a_kernel_reads_is_kept_as_long_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that ask for the factors of the transform at one time are each given their own: nobody else keeps those."""
    if with_kernels("compiled", kernels.kernels) is None:
        pytest.skip("no kernels for this machine")
    given: list[weakref.ref[object]] = []

    def own_factors() -> convolution._Factors:
        factors = convolution._Factors()
        given.append(weakref.ref(factors))
        return factors

    monkeypatch.setattr(convolution, "_factors", own_factors)
    kept = with_kernels("compiled", lambda: convolution_with(np.zeros((2, RESPONSE_FRAMES), np.float32)))
    kept.add_answer(None, np.zeros(REGION_FRAMES, np.float32), np.zeros((2, REGION_FRAMES), np.float32))
    assert [factors() is not None for factors in given] == [True]


@pytest.mark.usefixtures("arithmetic")
def test_buses_sum_to_the_mix() -> None:
    """Every part on a bus of its own, with its own reverb, sums to the mix."""
    stems = played(2, buses=(Bus((0,)), Bus((1,))))
    np.testing.assert_allclose(stems[:2] + stems[2:], played(2), atol=1e-4)


def falling(seed: int, rows: int, n_blocks: int, tail: int) -> BankNote:
    """A note that falls after some blocks, from a block where nothing stands in its midst."""
    fallen, stood = np.random.default_rng(seed).random((2, -(-tail // 64) + 1)).astype(np.float32)
    stood[len(stood) // 2 :][:2] = 0.0
    frames = noise(seed, rows, 64 * n_blocks + tail)
    return BankNote(
        frames[:, : 64 * n_blocks],
        frames[:, 64 * n_blocks :],
        (0.3, 1.0) if rows == 1 else (1.0, 1.0),
        0.7,
        fall=Fall(fallen * stood, stood, tail),
    )


falling_notes = st.builds(
    lambda place, *note: (64 * place, falling(*note)),
    st.integers(-80, 140),
    st.integers(0, 9),
    st.sampled_from([1, 2]),
    st.integers(0, 140),
    st.integers(1, 3_000),
)
notes = st.builds(
    lambda rows, n_frames, tail, sides, level, place, seed: (
        place,
        BankNote(noise(seed, rows, n_frames), noise(seed + 1, rows, tail) if tail else None, sides, level),
    ),
    rows=st.sampled_from([1, 2]),
    n_frames=st.integers(0, 9_000),
    tail=st.integers(0, 3_000),
    sides=st.sampled_from([(1.0, 1.0), (0.3, 1.0), (1.0, 0.0)]),
    level=st.sampled_from([1.0, 0.4]),
    place=st.integers(-5_000, 9_000),
    seed=st.integers(0, 9),
)
curves = st.sampled_from(
    [
        GainCurve.still(1.0),
        GainCurve.still(0.0),
        GainCurve.still(0.6),
        GainCurve(np.array([640.0, 3_200.0, 40_000.0]), np.array([0.2, 1.0, 0.1])),
    ]
)


def noise(seed: int, rows: int, n_frames: int) -> NDArray[np.float32]:
    """Rows of noise."""
    return np.random.default_rng(seed).standard_normal((rows, n_frames)).astype(np.float32)


@settings(max_examples=60)
@given(
    place=st.integers(-80, 140),
    seed=st.integers(0, 99),
    rows=st.sampled_from([1, 2]),
    tail=st.integers(1, 9_000),
)
def test_a_note_that_falls_is_mixed_as_if_it_had_been_written_out(
    place: int, seed: int, rows: int, tail: int
) -> None:
    """What its fall makes of it on the way into the mix is to the bit what stands in memory otherwise."""
    if with_kernels("compiled", kernels.kernels) is None:
        pytest.skip("no kernels for this machine")
    note = falling(seed, rows, 30, tail)
    assert note.fall is not None
    assert note.tail is not None
    written = BankNote(note.frames, note.fall.of(note.tail), note.sides, note.level)
    desk = Desk((PartLevel(()),), (GainCurve.still(0.5),), known_desk().reverb)
    one, other = (
        mix([PartSound(0, [(64 * place, its)])], desk, (Bus((0,)),), 0, 8_192) for its in (note, written)
    )
    np.testing.assert_array_equal(one[0][0], other[0][0])
    np.testing.assert_array_equal(one[1][0], other[1][0])


@settings(max_examples=150)
@given(
    parts=st.lists(
        st.tuples(st.lists(notes | falling_notes, max_size=4), st.lists(curves, max_size=2), curves),
        max_size=4,
    ),
    first=st.integers(0, 40).map(lambda place: 64 * place),
    n_frames=st.sampled_from([4_096, 8_192]),
    is_dry=st.booleans(),
)
def test_kernel_and_numpy_mix_alike(
    parts: list[tuple[list[tuple[int, BankNote]], list[GainCurve], GainCurve]],
    first: int,
    n_frames: int,
    is_dry: bool,
) -> None:
    """Whatever sounds, at whatever levels, on one bus or two: the same but for rounding."""
    if with_kernels("compiled", kernels.kernels) is None:
        pytest.skip("no kernels for this machine")
    desk = Desk(
        tuple(PartLevel(tuple(levels)) for _, levels, _ in parts),
        tuple(send for _, _, send in parts),
        None if is_dry else known_desk().reverb,
    )
    sounds = [PartSound(number, own) for number, (own, _, _) in enumerate(parts) if own]
    buses = (Bus(tuple(range(0, len(parts), 2))), Bus(tuple(range(1, len(parts), 2))))
    compiled, by_numpy = (
        with_kernels(way, lambda: mix(sounds, desk, buses, first, n_frames)) for way in ("compiled", "numpy")
    )
    for ours, theirs in zip(compiled[0], by_numpy[0], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)
    for to_room, expected in zip(compiled[1], by_numpy[1], strict=True):
        silence = np.zeros(n_frames, np.float32)
        np.testing.assert_allclose(
            silence if to_room is None else to_room, silence if expected is None else expected, atol=4e-5
        )


def with_kernels(way: str, deed: Callable[[], T]) -> T:
    """Do something with the kernels or without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(kernels.VARIABLE, way)
        return deed()


@settings(max_examples=20, deadline=None)
@given(
    n_frames=st.integers(1, RESPONSE_FRAMES),
    was_silent=st.booleans(),
    is_silent=st.booleans(),
    seed=st.integers(0, 99),
)
def test_kernel_and_numpy_convolve_alike(n_frames: int, was_silent: bool, is_silent: bool, seed: int) -> None:
    """Responses of any length, after sound or silence: 120 dB below what the room answers to such a sound."""
    if with_kernels("compiled", kernels.kernels) is None:
        pytest.skip("no kernels for this machine")
    response = noise(seed, 2, RESPONSE_FRAMES)
    response[:, n_frames:] = 0.0
    before, now = noise(seed + 1, 2, REGION_FRAMES)
    heard = [noise(seed + 2, 2, REGION_FRAMES) for _ in range(2)]
    for way, mixed in zip(("compiled", "numpy"), heard, strict=True):
        convolution = with_kernels(way, lambda: convolution_with(response))
        convolution.add_answer(None if was_silent else before, None if is_silent else now, mixed)
    error = heard[0].astype(np.float64) - heard[1]
    assert np.square(error).mean() < 1e-12 * np.square(response.astype(np.float64)).sum(axis=1).mean()


@pytest.mark.parametrize("at", [0, 1, 16_383, 65_535, 98_303, 98_304, 163_840, REGION_FRAMES - 1])
def test_a_click_is_answered_where_it_lies(arithmetic: str, at: int) -> None:
    """Of a click the room gives its response from there on, across the border to the next region."""
    response = noise(3, 2, RESPONSE_FRAMES)
    sent = np.zeros(2 * REGION_FRAMES, np.float32)
    sent[at] = 1.0
    answer = np.zeros((2, 2 * REGION_FRAMES), np.float32)
    convolution = convolution_with(response)
    convolution.add_answer(None, sent[:REGION_FRAMES], answer[:, :REGION_FRAMES])
    convolution.add_answer(sent[:REGION_FRAMES], None, answer[:, REGION_FRAMES:])
    expected = np.zeros_like(answer)
    expected[:, at : at + RESPONSE_FRAMES] = response
    np.testing.assert_allclose(answer, expected, atol=3e-6)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=8), st.integers(0, 300), st.integers(1, 900))
def test_blocks_are_cut_without_loss(sizes: list[int], skip: int, block: int) -> None:
    """Regions of any size cut to blocks of any size, the first frames left out, give every frame once."""
    whole = np.arange(sum(sizes), dtype=np.float32)[np.newaxis].repeat(2, axis=0)
    borders = np.cumsum([0, *sizes])
    regions = (whole[:, a:b] for a, b in pairwise(borders.tolist()))
    n_frames = max(whole.shape[1] - skip - 3, 0)
    blocks = list(reblocked(regions, skip, n_frames, block))
    found = np.concatenate(blocks, axis=1) if blocks else whole[:, :0]
    np.testing.assert_array_equal(found, whole[:, skip : skip + n_frames])
    assert all(piece.shape[1] == block for piece in blocks[:-1])
