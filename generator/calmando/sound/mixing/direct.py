"""The direct way: FluidSynth plays every note in order; the reference, and the way out."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calmando.performance import PerformedPart
from calmando.score.model import Controller
from calmando.sound.fluidsynth.setup import set_channel
from calmando.sound.fluidsynth.synth import Stereo, Synth, SynthOptions
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
MOST_APART = 128
"""FluidSynth gives no more channels an output of their own (setting synth.audio-channels)."""


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
    with ExitStack() as opened:
        groups: list[_Group] = []
        for first in range(0, len(parts), MOST_APART):
            group = parts[first : first + MOST_APART]
            options = SynthOptions(n_channels=len(group), apart=True)
            groups.append(_Group(group, opened.enter_context(Synth(fonts, sample_rate, options))))
        while True:
            regions = [group.play(region_frames) for group in groups]
            yield np.concatenate(regions) if len(regions) > 1 else regions[0]


class _Group:
    """Parts that one synth plays, each on a channel of its own."""

    def __init__(self, parts: Sequence[PerformedPart], synth: Synth) -> None:
        self._n_parts = len(parts)
        self._synth = synth
        for channel, part in enumerate(parts):
            set_channel(synth, channel, part)
        self._ahead = moves(parts)
        self._move = next(self._ahead, None)
        self._now = 0

    def play(self, n_frames: Frames) -> Stereo:
        """The next frames of every part: shape (n_parts, 2, n_frames)."""
        end = self._now + n_frames
        pieces: list[Stereo] = []
        while self._move is not None and self._move.frame < end:
            if self._move.frame > self._now:
                pieces.append(self._until(self._move.frame))
            _make(self._synth, self._move)
            self._move = next(self._ahead, None)
        if end > self._now:
            pieces.append(self._until(end))
        return np.concatenate(pieces, axis=-1) if len(pieces) > 1 else pieces[0]

    def _until(self, frame: Frames) -> Stereo:
        n_frames, self._now = frame - self._now, frame
        return self._synth.render_channels(n_frames, self._n_parts)


def _make(synth: Synth, move: Move) -> None:
    if move.order == _STRIKE:
        synth.note_on(move.part, move.key, move.value)
    elif move.order == _LET_GO:
        synth.note_off(move.part, move.key)
    else:
        synth.control(move.part, Controller.PAN, move.value)
