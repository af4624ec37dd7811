"""The mixer's desk: parts set at their levels and summed to buses, and what every bus sends to the reverb."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from calmando.sound.mix import GainCurve, PartLevel
from calmando.sound.reverb import Mono, ReverbBus
from calmando.sound.source import Paper, PartSound
from calmando.sound.synth import Stereo
from calmando.units import Frames

_FRAMES_AT_ONCE: Frames = 4_096
"""So few that a matrix product of up to 20 rows stays on the thread that asks for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Bus:
    """One output: which parts it holds."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """What the mixer knows of every part: its level and its send; and the reverb they share."""

    levels: tuple[PartLevel, ...]
    sends: tuple[GainCurve, ...]
    reverb: ReverbBus | None


Sent: TypeAlias = list[Mono | None]
"""What a region sends to the reverb, bus by bus; ``None`` where that is nothing."""


def mix(
    sounds: Iterable[PartSound], paper: Paper, desk: Desk, buses: Sequence[Bus], first: Frames
) -> tuple[list[Stereo], Sent]:
    """Mix a region that begins at ``first``: every bus, shape (2, n_frames), and what it sends.

    Parameters
    ----------
    sounds
        Written on the paper one after the other, as they are asked for.
    """
    heard: list[PartSound] = []
    for sound in sounds:
        desk.levels[sound.part].apply(sound.frames, first)
        heard.append(sound)
    together = [_summed(heard, paper, desk, bus, first) for bus in buses]
    return [total for total, _ in together], [sent for _, sent in together]


def _summed(
    sounds: Sequence[PartSound], paper: Paper, desk: Desk, bus: Bus, first: Frames
) -> tuple[Stereo, Mono | None]:
    """A bus: left, right and what is sent are sums of all rows on the paper, each at a factor of its own."""
    factors = np.zeros((3, len(paper.taken)), np.float32)
    moving: list[Mono] = []
    row = 0
    for sound in sounds:
        rows = slice(row, row + len(sound.frames))
        row = rows.stop
        if sound.part not in bus.parts:
            continue
        factors[:2, rows] = sound.row_sides
        both = factors[:2, rows].sum(axis=0)
        send = desk.sends[sound.part].between(first, paper.n_frames) if desk.reverb is not None else 0.0
        if isinstance(send, float):
            factors[2, rows] = both * np.float32(send)
        else:
            moving.append(_product(both[np.newaxis], sound.frames)[0] * send)
    mixed = _product(factors, paper.taken)
    for share in moving:
        mixed[2] += share
    return mixed[:2], mixed[2] if moving or factors[2].any() else None


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
