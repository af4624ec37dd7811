"""Where the dry sound of the parts comes from: the bank, or FluidSynth playing on."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from calmando.performance import PerformedPart
from calmando.sound.bank import Bank
from calmando.sound.direct import play_directly
from calmando.sound.notes import BOTH_ALIKE, BankNote, PartNotes, Sides
from calmando.sound.synth import Stereo
from calmando.units import Frames

_SAME_SIDE = 3e-6
"""Sides that differ by less than this (−110 dB) are the same: so exactly they are measured."""


@dataclass(frozen=True, slots=True, eq=False)
class PartSound:
    """A part's dry sound in a region, its level not yet applied.

    Attributes
    ----------
    part
        Its number.
    frames
        Rows of the paper, two or one, as `Paper.take` gives them: one where one side is the other at another level.
    sides
        What makes left and right of a single row.
    """

    part: int
    frames: Stereo
    sides: Sides = BOTH_ALIKE

    @property
    def row_sides(self) -> NDArray[np.float64]:
        """How much of every row is heard left (first) and right: shape (2, n_rows)."""
        sides = np.array(self.sides)
        return sides[:, np.newaxis] if len(self.frames) == 1 else np.diag(sides)


class Paper:
    """Rows of a region to write parts on, one below the other; used again and again, for fresh memory costs more.

    Parameters
    ----------
    most_rows
        Rows that are never written on cost no memory.
    """

    def __init__(self, most_rows: int, n_frames: Frames) -> None:
        self._rows = np.empty((most_rows, n_frames), np.float32)
        self._n_taken = 0

    def clear(self) -> None:
        """Begin anew."""
        self._n_taken = 0

    def take(self, n_rows: int) -> Stereo:
        """The next rows, whatever stands there: shape (n_rows, n_frames)."""
        first = self._n_taken
        self._n_taken += n_rows
        return self._rows[first : self._n_taken]

    @property
    def n_frames(self) -> Frames:
        """How long a row is."""
        return int(self._rows.shape[1])

    @property
    def taken(self) -> Stereo:
        """All rows that were taken, in order."""
        return self._rows[: self._n_taken]


class Source(Protocol):
    """Gives the dry sound of every part, region by region, from any thread."""

    def region(self, index: int, paper: Paper) -> Iterator[PartSound]:
        """The parts that sound in a region, in order, written on paper."""

    def close(self) -> None:
        """Free what it holds."""


class DirectSource:
    """FluidSynth plays the piece from its first frame on; regions come in order."""

    def __init__(
        self,
        parts: Sequence[PerformedPart],
        fonts: Sequence[Path],
        sample_rate: int,
        region_frames: Frames,
        first_region: int,
    ) -> None:
        self._playing = play_directly(parts, fonts, sample_rate, region_frames)
        self._turn = threading.Condition()
        self._next = first_region
        self._closed = False
        for _ in range(first_region):
            next(self._playing)

    def region(self, index: int, paper: Paper) -> Iterator[PartSound]:
        """The next region; whoever comes too early waits."""
        with self._turn:
            self._turn.wait_for(lambda: self._next == index or self._closed)
            parts = [] if self._closed else list(next(self._playing))
            self._next += 1
            self._turn.notify_all()
        for number, frames in enumerate(parts):
            written = paper.take(2)
            written[...] = frames
            yield PartSound(number, written)

    def close(self) -> None:
        """Free the synth."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
            self._playing.close()


class BankSource:
    """Adds the bank's notes in at every onset; a part that is ``None`` is played elsewhere."""

    def __init__(self, parts: Sequence[PartNotes | None], bank: Bank, region_frames: Frames) -> None:
        self._parts = parts
        self._bank = bank
        self._region_frames = region_frames

    def region(self, index: int, paper: Paper) -> Iterator[PartSound]:
        """The parts that sound in a region; notes are added in order of onset, whoever asks."""
        first = index * self._region_frames
        for number, part in enumerate(self._parts):
            sounding = self._sounding(part, first) if part is not None else []
            if sounding:
                sides = _sides_of_all([note for _, note in sounding])
                mixed = paper.take(2 if sides is None else 1)
                mixed.fill(0.0)
                for place, note in sounding:
                    note.add_to(mixed, place)
                yield PartSound(number, mixed, sides or BOTH_ALIKE)

    def _sounding(self, part: PartNotes, first: Frames) -> list[tuple[int, BankNote]]:
        """The notes that are heard in a region, and where in it they begin."""
        sounding: list[tuple[int, BankNote]] = []
        for onset, number in part.within(first, first + self._region_frames):
            note = self._bank.note(part.kinds[number], first)
            part.learn(number, note.n_frames)
            if onset + note.n_frames > first:
                sounding.append((onset - first, note))
        return sounding

    def close(self) -> None:
        """Nothing to free: the bank belongs to the engine."""


def _sides_of_all(notes: Sequence[BankNote]) -> Sides | None:
    """What makes left and right of all notes, where each is one row and they agree; else ``None``."""
    left, right = notes[0].sides
    agree = all(
        note.is_one_row
        and abs(note.sides[0] - left) <= _SAME_SIDE
        and abs(note.sides[1] - right) <= _SAME_SIDE
        for note in notes
    )
    return (left, right) if agree else None


class BothSources:
    """The bank for most parts, FluidSynth playing on for those whose notes cut each other."""

    def __init__(self, bank: Source, direct: Source, direct_parts: Sequence[int]) -> None:
        self._bank = bank
        self._direct = direct
        self._direct_parts = tuple(direct_parts)

    def region(self, index: int, paper: Paper) -> Iterator[PartSound]:
        """The bank's parts, then the others."""
        yield from self._bank.region(index, paper)
        for sound in self._direct.region(index, paper):
            yield replace(sound, part=self._direct_parts[sound.part])

    def close(self) -> None:
        """Free both."""
        self._direct.close()
        self._bank.close()
