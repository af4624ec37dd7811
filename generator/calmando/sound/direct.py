"""The direct way: FluidSynth plays every note in order; the reference, and the way out."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calmando.performance import PerformedPart
from calmando.score.model import Controller
from calmando.sound.setup import set_channel
from calmando.sound.synth import Stereo, Synth, SynthOptions
from calmando.units import Frames


@dataclass(frozen=True, slots=True, order=True)
class Move:
    """Something FluidSynth is told at a frame; at one frame keys are let go before others are struck."""

    frame: Frames
    order: int
    part: int
    key: int
    value: int


_LET_GO, _PAN, _STRIKE = range(3)


def moves(parts: Sequence[PerformedPart]) -> Iterator[Move]:
    """Every note-on, note-off and pan of the parts, in order of time."""
    return heapq.merge(*(_moves_of_part(index, part) for index, part in enumerate(parts)))


def _moves_of_part(index: int, part: PerformedPart) -> list[Move]:
    found = [Move(note.onset_frame, _STRIKE, index, note.key, note.velocity) for note in part.notes]
    found += [Move(note.end_frame, _LET_GO, index, note.key, 0) for note in part.notes]
    found += [
        Move(point.frame, _PAN, index, 0, point.value) for point in list(part.curve(Controller.PAN))[1:]
    ]
    return sorted(found)


def play_directly(
    parts: Sequence[PerformedPart], fonts: Sequence[Path], sample_rate: int, region_frames: Frames
) -> Generator[Stereo, None, None]:
    """Regions of sound, part by part, from the first frame on, without end.

    Yields
    ------
    Stereo
        Shape (n_parts, 2, region_frames), dry.
    """
    options = SynthOptions(n_channels=len(parts), apart=True)
    with Synth(fonts, sample_rate, options) as synth:
        for channel, part in enumerate(parts):
            set_channel(synth, channel, part)
        ahead = moves(parts)
        move = next(ahead, None)
        now = 0
        while True:
            end = now + region_frames
            pieces: list[Stereo] = []
            while move is not None and move.frame < end:
                if move.frame > now:
                    pieces.append(synth.render_channels(move.frame - now, len(parts)))
                    now = move.frame
                _make(synth, move)
                move = next(ahead, None)
            if end > now:
                pieces.append(synth.render_channels(end - now, len(parts)))
                now = end
            yield np.concatenate(pieces, axis=-1) if len(pieces) > 1 else pieces[0]


def _make(synth: Synth, move: Move) -> None:
    if move.order == _STRIKE:
        synth.note_on(move.part, move.key, move.value)
    elif move.order == _LET_GO:
        synth.note_off(move.part, move.key)
    else:
        synth.control(move.part, Controller.PAN, move.value)
