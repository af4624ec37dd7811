"""Where the dry sound of the parts comes from: the bank, or FluidSynth playing on."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from calmando.performance import PerformedPart
from calmando.sound.bank.bank import Bank
from calmando.sound.bank.notes import BankNote, PartNotes
from calmando.sound.mixing.direct import play_directly
from calmando.units import Frames


@dataclass(frozen=True, slots=True, eq=False)
class PartSound:
    """A part's dry sound in a region, its level not yet applied: what sounds, and where in the region it begins."""

    part: int
    notes: Sequence[tuple[int, BankNote]]


class Source(Protocol):
    """Gives the dry sound of every part, region by region, from any thread."""

    def region(self, index: int) -> Iterator[PartSound]:
        """The parts that sound in a region, in order."""

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

    def region(self, index: int) -> Iterator[PartSound]:
        """The next region; whoever comes too early waits."""
        with self._turn:
            self._turn.wait_for(lambda: self._next == index or self._closed)
            try:
                parts = [] if self._closed else list(next(self._playing))
            except BaseException:
                # What comes after it is never heard: whoever waits for it need not.
                self._closed = True
                raise
            finally:
                self._next += 1
                self._turn.notify_all()
        for number, frames in enumerate(parts):
            yield PartSound(number, [(0, BankNote(frames))])

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

    def region(self, index: int) -> Iterator[PartSound]:
        """The parts that sound in a region; notes are added in order of onset, whoever asks."""
        first = index * self._region_frames
        self._bank.give_back_pages()
        for number, part in enumerate(self._parts):
            sounding = self._sounding(part, first) if part is not None else []
            if sounding:
                yield PartSound(number, sounding)

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


class BothSources:
    """The bank for most parts, FluidSynth playing on for those whose notes cut each other."""

    def __init__(self, bank: Source, direct: Source, direct_parts: Sequence[int]) -> None:
        self._bank = bank
        self._direct = direct
        self._direct_parts = tuple(direct_parts)

    def region(self, index: int) -> Iterator[PartSound]:
        """The bank's parts, then the others."""
        try:
            yield from self._bank.region(index)
        except Exception:
            # Whoever waits for FluidSynth to come to the next region need not.
            self._direct.close()
            raise
        for sound in self._direct.region(index):
            yield replace(sound, part=self._direct_parts[sound.part])

    def close(self) -> None:
        """Free both."""
        self._direct.close()
        self._bank.close()
