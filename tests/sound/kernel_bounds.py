"""Calls every kernel with arrays that end, or begin, where memory may not be touched; run by test_kernels.py.

Whoever reads or writes beyond them is killed by the system, and so is this process. Linux alone.
"""

from __future__ import annotations

import ctypes
import random
import sys
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calmando.sound import blocks
from calmando.sound.bank.described import (
    described,
    difference_energy,
    energies,
    frames_above,
    largest_difference,
)
from calmando.sound.bank.drift import Drift
from calmando.sound.bank.fall import Fall
from calmando.sound.bank.moving_filter import MovingFilter
from calmando.sound.bank.notes import BankNote
from calmando.sound.bank.predict import EnergyLine, NoteEnergy, Steps
from calmando.sound.bank.release import Release
from calmando.sound.bank.spans import N_BINS, SpanWeights
from calmando.sound.bank.stages import Stages
from calmando.sound.bank.volume_envelope import Tremolo, VolumeEnvelope
from calmando.sound.files.dither import quantise_16
from calmando.sound.fluidsynth.levels import GainCurve, PartLevel
from calmando.sound.loudness.loudness import LoudnessMeter
from calmando.sound.mixing.convolution import REGION_FRAMES, RESPONSE_FRAMES, convolution_with
from calmando.sound.mixing.desk import Bus, Desk
from calmando.sound.mixing.mix import mix
from calmando.sound.mixing.source import PartSound

T = TypeVar("T", np.float32, np.float64, np.int64)

PAGE = 4_096
NOBODY, OWN = 0, 3
PRIVATE_ANONYMOUS = 0x22
SIZES = (1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 441, 442, 1_000, 1_023, 1_024, 1_025, 4_096)

system = ctypes.CDLL(None)
system.mmap.restype = ctypes.c_void_p
system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
system.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


class Tester:
    """Makes sounds between pages that nobody may touch, and has them worked on."""

    def __init__(self, seed: int) -> None:
        self._choose = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._weights = SpanWeights(*np.ones((2, N_BINS), np.float32))
        self._meters = [LoudnessMeter(rate) for rate in (8_000, 11_025, 44_100, 48_000, 96_000)]

    def guarded(self, values: NDArray[T]) -> NDArray[T]:
        """The same numbers, a forbidden page right behind or right before them."""
        room = -(-max(values.nbytes, 1) // PAGE) * PAGE
        base = system.mmap(None, room + 2 * PAGE, OWN, PRIVATE_ANONYMOUS, -1, 0)
        for forbidden in (base, base + PAGE + room):
            system.mprotect(forbidden, PAGE, NOBODY)
        place = base + PAGE + (room - values.nbytes if self._choose.random() < 0.5 else 0)
        memory = (ctypes.c_char * values.nbytes).from_address(place)
        kept = np.frombuffer(memory, values.dtype).reshape(values.shape)
        kept[...] = values
        return kept

    def sound(self, *shape: int) -> NDArray[np.float32]:
        """Noise of some shape."""
        return self.guarded(self._noise.standard_normal(shape).astype(np.float32) * np.float32(0.3))

    def try_samples(self) -> None:
        """Peaks, descriptions, loudness, true peak and dither, both layouts of memory."""
        size = self._choose.choice((*SIZES, self._choose.randrange(1, 60_000)))
        planar = self.sound(2, size)
        interleaved = self.guarded(np.ascontiguousarray(planar.T))
        described(planar)
        frames_above(planar, float(self._noise.random()))
        for louder in (0, 1):
            largest_difference(planar, louder, 0.3)
        energies(planar, planar[::-1])
        difference_energy(planar, planar[::-1], 0.3, 0.7)
        for rows in (planar, planar[:1]):
            self._weights.energies(rows)
        Drift.of(planar, 44_100).taken_from(planar, 0, lambda shape: self.sound(*shape))
        for block in (planar.T, interleaved):
            blocks.peak_of(block)
            quantise_16(block, self._choose.randrange(600_000))
            for meter in self._meters:
                meter.add(block)

    def try_mix(self) -> None:
        """Notes of one row or two, with tails or without, at moving levels, in regions of any size."""
        notes = []
        for _ in range(self._choose.randrange(5)):
            rows, tail = self._choose.choice((1, 2)), self._choose.randrange(300)
            frames = self.sound(rows, self._choose.randrange(1, 5_000))
            note = BankNote(frames, self.sound(rows, tail) if tail else None, (0.5, 1.0), 0.7)
            notes.append((self._choose.randrange(-5_000, 9_000), note))
            notes.append((64 * self._choose.randrange(-80, 140), self._falling(rows)))
        n_corners = self._choose.randrange(1, 6)
        corners = np.sort(self._noise.choice(900, n_corners, replace=False)) * 64.0
        curve = GainCurve(self.guarded(corners), self.guarded(self._noise.random(n_corners)))
        room = convolution_with(np.zeros((2, RESPONSE_FRAMES), np.float32))
        desk = Desk((PartLevel((curve,)), PartLevel((curve, curve))), (curve, GainCurve.still(0.2)), room)
        first, n_frames = 64 * self._choose.randrange(900), self._choose.choice((640, 1_000, 1_024, 8_192))
        mix([PartSound(0, notes), PartSound(1, notes)], desk, (Bus((0, 1)), Bus((1,))), first, n_frames)

    def _falling(self, rows: int) -> BankNote:
        held, tail = 64 * self._choose.randrange(40), self._choose.randrange(1, 3_000)
        frames, fallen, stood = self.sound(rows, held + tail), *self.sound(2, -(-tail // 64) + 1)
        return BankNote(
            frames[:, :held], frames[:, held:], fall=Fall(self.guarded(fallen), self.guarded(stood), tail)
        )

    def try_energies(self) -> None:
        """Notes of any length that begin anywhere, also where the piece ends."""
        line = EnergyLine(Steps(self._choose.randrange(1, 40), 4_410))
        line.steps = self.guarded(line.steps)
        grown = self.guarded(self._noise.random((2, self._choose.randrange(1, 60))))
        onsets = self.guarded(np.sort(self._noise.integers(0, line.steps.shape[1] * 4_410, 9)))
        line.add([(onsets, NoteEnergy(grown, 0.5))])

    def try_room(self) -> None:
        """After silence too."""
        convolution = convolution_with(self.sound(2, RESPONSE_FRAMES))
        before, now, mixed = (
            self.sound(REGION_FRAMES),
            self.sound(REGION_FRAMES),
            self.sound(2, REGION_FRAMES),
        )
        for sent in ((before, now), (None, now), (before, None)):
            convolution.add_answer(*sent, mixed)

    def try_release(self) -> None:
        """Held notes let go anywhere."""
        stages = (self._choose.randrange(50), self._choose.randrange(1, 90))
        moving = MovingFilter(Stages(0, 1, *stages, 0.5, 300), 11_000.0, 200.0, 0.7, 44_100)
        envelope = VolumeEnvelope(
            0,
            1,
            *stages,
            self._choose.random(),
            60,
            Tremolo(0.0, 0, 0.0),
            self._choose.choice((None, moving)),
        )
        n_blocks = self._choose.randrange(2, 120)
        held = self.sound(self._choose.choice((1, 2)), 64 * n_blocks + self._choose.choice((0, 13)))
        Release(envelope).tail(held, 64 * self._choose.randrange(1, n_blocks))


def main() -> None:
    """Try everything some times."""
    blocks._MANY_SAMPLES = 1
    tester = Tester(int(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        tester.try_samples()
        tester.try_mix()
        tester.try_release()
        tester.try_energies()
        if number % 20 == 0:
            tester.try_room()


if __name__ == "__main__":
    main()
