"""How a held note dies away once its key is let go: what sounded on, times how much softer its envelope is then.

Held or let go, a voice of FluidSynth differs in its volume envelope, which is known from the font's numbers
(see `volume_envelope`), and where a second envelope moves its filter, in that: what has passed the filter as it stands
while the key is held passes it as it stands afterwards (see `moving_filter`). Where more goes on, this does not fit,
which the check against a note that is played shows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from calmando.performance import GRID_FRAMES
from calmando.sound.bank.described import difference_energy, energies
from calmando.sound.bank.drift import STRETCH
from calmando.sound.bank.fall import Fall
from calmando.sound.bank.notes import TAIL_DB, BankNote, summed
from calmando.sound.bank.own_pages import Room, own_pages, passing
from calmando.sound.bank.volume_envelope import VolumeEnvelope
from calmando.sound.blocks import peak_of
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import address, addresses, kernels
from calmando.units import Decibels, Frames, Seconds

LARGEST_ERROR_DB: Decibels = -103.0
"""A release that errs more than this, relative to the note it is judged by, is not used: others stay below −100 dB."""
_RINGS_S: Seconds = 0.2
"""So long after a note its drift is heard to end: it falls by 40 dB."""


@dataclass(frozen=True, slots=True)
class Release:
    """What letting go does to a note of one envelope."""

    envelope: VolumeEnvelope

    def ending(self, note: BankNote, let_go: Frames, room: Room = own_pages) -> Stereo | Fall:
        """What becomes of a held note, from `tail_begins` on, once its key is let go at a frame of the grid.

        Where it is the same frames that fall, how they do; else other frames, in new memory.
        """
        if note.drift is None and self.envelope.filter is None and kernels() is not None:
            return self._fall(let_go // GRID_FRAMES, max(note.frames.shape[1] - let_go, 0))
        if note.drift is None:
            return self.tail(note.frames, let_go, 0, room)
        # No release is longer, and what is held on after it is not asked for.
        stop = let_go + self.envelope.release * GRID_FRAMES
        return _freed(note, let_go, stop, lambda held, first: self.tail(held, let_go, first, passing), room)

    def tail(self, held: Stereo, let_go: Frames, first: Frames = 0, room: Room = own_pages) -> Stereo:
        """What sounds after the key of a held note, given from some frame on, is let go; in new memory."""
        block, at = let_go // GRID_FRAMES, let_go - first
        fall = self._fall(block, max(held.shape[1] - at, 0))
        moving, library = self.envelope.filter, kernels()
        if moving is None or library is None or at < GRID_FRAMES or not fall.n_frames:
            return fall.of(held[:, at:], room)
        n_blocks = len(fall.stood) - 1
        stood = self.envelope.held(block + n_blocks, block - 1).astype(np.float32)
        cents = moving.held(block - 1, n_blocks + 1), moving.let_go(block, n_blocks)
        tail = room((len(held), fall.n_frames))
        rows = ((*addresses(both), None)[:2] for both in (held[:, at - GRID_FRAMES :], tail))
        curves = (fall.fallen, stood, moving.filters, *cents)
        library.calmando_let_go_filtered(
            *itertools.chain(*rows), fall.n_frames, *(address(curve) for curve in curves)
        )
        return tail

    def _fall(self, block: int, n_held: Frames) -> Fall:
        """How its frames fall once it is let go before a block, and for how many of those that are held."""
        fallen = self.envelope.let_go(block)
        n_frames = min((len(fallen) - 1) * GRID_FRAMES, n_held)
        n_blocks = -(-n_frames // GRID_FRAMES)
        stood = self.envelope.held(block + n_blocks, block)
        return Fall(fallen[: n_blocks + 1].astype(np.float32), stood.astype(np.float32), n_frames)


def ending_of_layers(
    note: BankNote, layers: Iterable[tuple[Release, Stereo]], let_go: Frames, room: Room = own_pages
) -> Stereo:
    """The same as `Release.ending` of a note whose layers are let go each in its own way; layers have both rows."""
    louder = 0 if note.sides[0] == 1.0 else 1
    rows = slice(louder, louder + 1) if note.is_one_row else slice(None)
    tails = [release.tail(frames[rows], let_go, 0, passing) for release, frames in layers]
    if note.drift is None:
        return summed(tails, room)
    return _freed(note, let_go, let_go, lambda *_: summed(tails, passing), room)


def _freed(
    note: BankNote,
    let_go: Frames,
    stop: Frames,
    tail: Callable[[Stereo, Frames], Stereo],
    room: Room,
) -> Stereo:
    """What becomes of a held note that was freed of its drift, from `tail_begins` on, freed of it as well.

    ``tail`` makes what sounds after its key is let go of what was held as it was, from some frame on, up to ``stop``. Of a
    note that has died away before there is nothing.
    """
    assert note.drift is not None
    begins, n_held = tail_begins(note, let_go), note.frames.shape[1]
    if begins >= n_held:
        return room((len(note.frames), 0))
    first, stop = max(begins - STRETCH, 0), min(stop, n_held)
    held = note.drift.given_back(note.frames[:, first:stop], first, passing)
    ringing = np.zeros((len(held), round(_RINGS_S * note.drift.sample_rate)), np.float32)
    rest = np.concatenate([held[:, begins - first : let_go - first], tail(held, first), ringing], axis=1)
    return note.drift.going_on(begins, rest).taken_from(rest, begins, room)


def tail_begins(note: BankNote, let_go: Frames) -> Frames:
    """From which frame on a held note is another once its key is let go: its drift is told by whole stretches."""
    return let_go if note.drift is None else let_go // STRETCH * STRETCH


def released(held: BankNote, ending: Stereo | Fall, length: Frames) -> BankNote:
    """A held note whose key is let go after ``length``, with its ending (see `Release.ending`)."""
    begins = tail_begins(held, length)
    fall = ending if isinstance(ending, Fall) else None
    tail = held.frames[:, begins : begins + ending.n_frames] if isinstance(ending, Fall) else ending
    return BankNote(held.frames[:, :begins], tail, held.sides, held.level, held.drift, fall)


def fits(made: BankNote, played: BankNote) -> bool:
    """Whether what is made of a held note is the note that is played, but for the drift of a shorter one.

    Where the note that is played has been ended, because what is left is no more worth keeping, the other may go on.
    """
    if made.drift is not None and played.drift is None:
        played = played.freed(made.drift.sample_rate)
    n_both, energy, error = min(made.n_frames, played.n_frames), 0.0, 0.0
    mine, its = _sides(made), _sides(played)
    for (one, level), (other, its_level) in zip(mine, its, strict=True):
        error += difference_energy(other[:, :n_both], one[:, :n_both], level, its_level)
        error += _energy(other[:, n_both:]) * its_level**2
        energy += _energy(other) * its_level**2
    if not _peak((one[:, n_both:], level) for one, level in mine) <= _peak(its) * 10 ** (TAIL_DB / 20):
        error += sum(_energy(one[:, n_both:]) * level**2 for one, level in mine)
    return error <= energy * 10 ** (LARGEST_ERROR_DB / 10)


_Side: TypeAlias = tuple[Stereo, float]
"""One side of a note: its row, shape (1, n_frames), and its level."""


def _sides(note: BankNote) -> list[_Side]:
    rows = note.rows()
    return [(row, side * note.level) for row, side in zip((rows[:1], rows[-1:]), note.sides, strict=True)]


def _peak(sides: Iterable[_Side]) -> float:
    return max(peak_of(row) * abs(level) for row, level in sides)


def _energy(row: Stereo) -> float:
    return energies(row, row)[0] if row.shape[1] else 0.0
