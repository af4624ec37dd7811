"""The mix of a region: parts set at their levels and summed to buses, and what every bus sends to the reverb.

Compiled where it can be, else by numpy. What comes out of both differs by rounding alone.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.sound.bank.notes import sides_of_all
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import addresses, kernels
from calmando.sound.mixing.convolution import Mono
from calmando.sound.mixing.desk import Bus, Desk
from calmando.sound.mixing.source import PartSound
from calmando.units import Frames

Sent: TypeAlias = list[Mono | None]
"""What a region sends to the reverb, bus by bus; ``None`` where that is nothing."""


def mix(
    sounds: Iterable[PartSound], desk: Desk, buses: Sequence[Bus], first: Frames, n_frames: Frames
) -> tuple[list[Stereo], Sent]:
    """Mix a region of ``n_frames`` that begins at ``first``: every bus, shape (2, n_frames), and what it sends."""
    heard = list(sounds)
    library = kernels()
    mixed = (
        _mixed_by_numpy(heard, desk, buses, first, n_frames)
        if library is None
        else [_mixed_by(library, heard, desk, bus, first, n_frames) for bus in buses]
    )
    return [total for total, _ in mixed], [sent for _, sent in mixed]


_Mixed: TypeAlias = tuple[Stereo, Mono | None]

_PART = struct.Struct("@9q2q")
"""As mixing.c has a part: its lines, and which pieces are its own."""


def _mixed_by(
    library: Any, sounds: Sequence[PartSound], desk: Desk, bus: Bus, first: Frames, n_frames: Frames
) -> _Mixed:
    """A bus, by the kernel."""
    parts: list[bytes] = []
    pieces: list[bytes] = []
    sends = False
    for sound in sounds:
        if sound.part in bus.parts:
            begun = len(pieces)
            for place, note in sound.notes:
                pieces += note.pieces_at(place)
            parts.append(_PART.pack(*desk.lines[sound.part], begun, len(pieces) - begun))
            sends |= desk.is_sending[sound.part]
    mixed = np.empty((3 if sends else 2, n_frames), np.float32)
    left, right, to_room = (*addresses(mixed), 0)[:3]
    library.calmando_mix(b"".join(parts), len(parts), b"".join(pieces), first, n_frames, left, right, to_room)
    return mixed[:2], mixed[2] if sends else None


class _Paper(threading.local):
    """Rows to write parts on, one below the other, every thread's own; used again: fresh memory costs more."""

    def __init__(self) -> None:
        self._rows = np.empty((0, 0), np.float32)

    def rows(self, n_rows: int, n_frames: Frames) -> Stereo:
        """Rows, whatever stands on them; those that are never written on cost no memory."""
        if self._rows.shape[0] < n_rows or self._rows.shape[1] != n_frames:
            self._rows = np.empty((n_rows, n_frames), np.float32)
        return self._rows[:n_rows]


_paper = _Paper()


def _mixed_by_numpy(
    sounds: Sequence[PartSound], desk: Desk, buses: Sequence[Bus], first: Frames, n_frames: Frames
) -> list[_Mixed]:
    """Every bus, by numpy: each part is written once, on one row or two, whichever buses it goes to."""
    paper = _paper.rows(2 * len(sounds), n_frames)
    written: list[tuple[int, Stereo, NDArray[np.float64]]] = []
    n_rows = 0
    for sound in sounds:
        sides = sides_of_all([note for _, note in sound.notes])
        rows = paper[n_rows : n_rows + (2 if sides is None else 1)]
        n_rows += len(rows)
        rows.fill(0.0)
        for place, note in sound.notes:
            note.add_to(rows, place)
        desk.levels[sound.part].apply(rows, first)
        row_sides = np.eye(2) if sides is None else np.array(sides)[:, np.newaxis]
        written.append((sound.part, rows, row_sides))
    return [_summed(written, paper[:n_rows], desk, bus, first) for bus in buses]


def _summed(
    written: Sequence[tuple[int, Stereo, NDArray[np.float64]]],
    paper: Stereo,
    desk: Desk,
    bus: Bus,
    first: Frames,
) -> _Mixed:
    """A bus: left, right and what is sent are sums of all rows on the paper, each at a factor of its own."""
    factors = np.zeros((3, len(paper)), np.float32)
    moving: list[Mono] = []
    row = 0
    for part, frames, row_sides in written:
        rows = slice(row, row + len(frames))
        row = rows.stop
        if part not in bus.parts:
            continue
        factors[:2, rows] = row_sides
        both = factors[:2, rows].sum(axis=0)
        send = desk.sends[part].between(first, paper.shape[1]) if desk.reverb is not None else 0.0
        if isinstance(send, float):
            factors[2, rows] = both * np.float32(send)
        else:
            moving.append(_product(both[np.newaxis], frames)[0] * send)
    mixed = _product(factors, paper)
    for share in moving:
        mixed[2] += share
    return mixed[:2], mixed[2] if moving or factors[2].any() else None


_FRAMES_AT_ONCE: Frames = 4_096
"""So few that a matrix product of up to 20 rows stays on the thread that asks for it."""


def _product(factors: Stereo, rows: Stereo) -> Stereo:
    """Every row of factors times all rows of sound: shape (n_factors, n_frames)."""
    if not len(rows):
        return np.zeros((len(factors), rows.shape[1]), np.float32)
    product = np.empty((len(factors), rows.shape[1]), np.float32)
    by_pieces, product_by_pieces = (
        sound.reshape(len(sound), -1, _FRAMES_AT_ONCE).swapaxes(0, 1) for sound in (rows, product)
    )
    np.matmul(factors, by_pieces, out=product_by_pieces)
    return product
