"""The score as timed events in frames, made once; every way of rendering reads it.

Onsets, ends and controller moves lie on FluidSynth's grid of 64 frames. The contract for whoever plays it:
within a part a key never overlaps itself, every note lasts at least one grid step, notes are in order of
onset, and of key where they begin together. Notes stand in columns: a night of music is placed at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.score.model import ChannelStrip, ControlChange, Controller, Fades, Note, Part, Score
from calmando.score.tempo_map import TempoMap
from calmando.units import TICKS_PER_QUARTER, Frames, MidiPitch, Seconds, Ticks, Velocity

Wholes: TypeAlias = NDArray[np.int64]

GRID_FRAMES: Frames = 64
"""FluidSynth renders, starts and releases notes in blocks of this many frames."""

LENGTH_GRID: tuple[tuple[Frames, Frames], ...] = (
    (8_192, 512),
    (16_384, 1_024),
    (65_536, 2_048),
    (131_072, 4_096),
    (262_144, 8_192),
    (2**62, 16_384),
)
"""Lengths below the first number are whole multiples of the second: 12 ms up to 0.2 s, 46 ms up to 1.5 s,
twice as much for every doubling from there. A slowly changing tempo so repeats lengths, and no key is let go further
from where it is written than 23 ms or a thirty-second of the note."""
_LIMITS = np.array([limit for limit, _ in LENGTH_GRID])
_STEPS = np.array([step for _, step in LENGTH_GRID])


class PlayedNote(NamedTuple):
    """A note in frames from the start of the piece; ``length_frames`` is how long the key is held."""

    onset_frame: Frames
    length_frames: Frames
    key: MidiPitch
    velocity: Velocity

    @property
    def end_frame(self) -> Frames:
        """Where the key is let go."""
        return self.onset_frame + self.length_frames


@dataclass(frozen=True, slots=True, eq=False)
class PlayedNotes:
    """Notes in columns of one length, in order of onset, and of key where they begin together."""

    onset_frames: Wholes
    length_frames: Wholes
    keys: Wholes
    velocities: Wholes

    def __len__(self) -> int:
        return len(self.onset_frames)

    def touches(self, n_notes: int | None = None) -> dict[MidiPitch, Velocity]:
        """The keys that are played, each at the velocity it has last; of the first ``n_notes`` alone, if given."""
        return dict(zip(self.keys[:n_notes].tolist(), self.velocities[:n_notes].tolist(), strict=True))

    def __iter__(self) -> Iterator[PlayedNote]:
        columns = (self.onset_frames, self.length_frames, self.keys, self.velocities)
        return map(PlayedNote._make, zip(*(column.tolist() for column in columns), strict=True))


_NOTHING = np.zeros(0, np.int64)
NO_NOTES = PlayedNotes(_NOTHING, _NOTHING, _NOTHING, _NOTHING)


class ControlPoint(NamedTuple):
    """A controller's value (0–127) from a frame on."""

    frame: Frames
    value: int


@dataclass(frozen=True, slots=True, eq=False)
class ControllerCurve:
    """How one controller moves: its values (0–127), each in force from a frame on, the first from frame 0."""

    controller: Controller
    frames: Wholes
    values: Wholes

    @classmethod
    def through(cls, controller: Controller, points: Iterable[tuple[Frames, int]]) -> ControllerCurve:
        """A curve through points in order of time."""
        frames, values = np.array(list(points), np.int64).T
        return cls(controller, frames, values)

    @property
    def first_value(self) -> int:
        """The value at the start."""
        return int(self.values[0])

    @property
    def moves(self) -> bool:
        """Whether it ever changes."""
        return bool(np.any(self.values != self.values[0]))

    def __iter__(self) -> Iterator[ControlPoint]:
        return map(ControlPoint._make, zip(self.frames.tolist(), self.values.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class PerformedPart:
    """A part's strip, its notes in frames, and one curve for every controller of the strip."""

    strip: ChannelStrip
    notes: PlayedNotes
    curves: tuple[ControllerCurve, ...]

    def curve(self, controller: Controller) -> ControllerCurve:
        """How a controller moves in this part."""
        for curve in self.curves:
            if curve.controller == controller:
                return curve
        raise KeyError(controller)


@dataclass(frozen=True, slots=True)
class SectionStart:
    """Where a named section begins."""

    frame: Frames
    name: str


@dataclass(frozen=True, slots=True)
class Performance:
    """A whole piece in frames.

    Attributes
    ----------
    total_frames
        Its exact length, last ring and closing silence included.
    bar_frames
        Where every bar begins, to seek by.
    """

    title: str
    sample_rate: int
    total_frames: Frames
    parts: tuple[PerformedPart, ...]
    sections: tuple[SectionStart, ...]
    bar_frames: tuple[Frames, ...]
    fades: Fades

    @property
    def length_s(self) -> Seconds:
        """Its length in seconds."""
        return self.total_frames / self.sample_rate

    @property
    def n_notes(self) -> int:
        """Notes of all parts."""
        return sum(len(part.notes) for part in self.parts)


def perform(score: Score, sample_rate: int) -> Performance:
    """Place a score in frames.

    Parameters
    ----------
    score
        The written music.
    sample_rate
        Frames a second, such as 44,100 or 48,000.
    """
    clock = _Clock(score.tempo_map, sample_rate)
    total_frames = round(score.length_s * sample_rate)
    return Performance(
        title=score.title,
        sample_rate=sample_rate,
        total_frames=total_frames,
        parts=tuple(_perform_part(part, clock, total_frames) for part in score.parts),
        sections=tuple(
            SectionStart(frame, section.name)
            for section, frame in zip(
                score.sections,
                clock.frames_at([section.onset_ticks for section in score.sections]).tolist(),
                strict=True,
            )
        ),
        bar_frames=tuple(clock.frames_at(list(_bar_ticks(score))).tolist()),
        fades=score.fades,
    )


class _Clock:
    """Written time to frames, on the grid."""

    def __init__(self, tempo_map: TempoMap, sample_rate: int) -> None:
        changes = tempo_map.changes
        self._ticks = np.array([change.ticks for change in changes], np.int64)
        self._us_per_quarter = np.array([change.us_per_quarter for change in changes], np.int64)
        passed = np.cumsum(np.diff(self._ticks) * self._us_per_quarter[:-1])
        self._elapsed = np.concatenate([_NOTHING, [0], passed])
        self._grid_hz = sample_rate / GRID_FRAMES

    def frames_at(self, ticks: Sequence[Ticks] | Wholes) -> Wholes:
        """Frames of written moments; whole numbers up to the one division, as in `TempoMap.seconds_at`."""
        moments = np.maximum(np.asarray(ticks, np.int64), 0)
        index = np.searchsorted(self._ticks, moments, side="right") - 1
        units = self._elapsed[index] + (moments - self._ticks[index]) * self._us_per_quarter[index]
        steps = np.rint(units / (1_000_000 * TICKS_PER_QUARTER) * self._grid_hz)
        frames: Wholes = steps.astype(np.int64) * GRID_FRAMES
        return frames


def _perform_part(part: Part, clock: _Clock, total_frames: Frames) -> PerformedPart:
    return PerformedPart(part.strip, _perform_notes(part.notes, clock, total_frames), _curves(part, clock))


def _columns(items: Sequence[tuple[int, ...]], n_fields: int) -> Wholes:
    """The fields of each in columns, shape (n_fields, n_items)."""
    numbers = itertools.chain.from_iterable(items)
    return np.fromiter(numbers, np.int64, n_fields * len(items)).reshape(-1, n_fields).T


def _perform_notes(notes: Sequence[Note], clock: _Clock, total_frames: Frames) -> PlayedNotes:
    """Notes in frames; a key that is struck again while held is let go first, one that is held beyond the end at the end."""
    if not notes:
        return NO_NOTES
    onset_ticks, duration_ticks, keys, velocities = _columns(notes, len(Note._fields))
    end_ticks = onset_ticks + duration_ticks
    onsets = clock.frames_at(onset_ticks)
    ends = np.minimum(clock.frames_at(end_ticks), max(total_frames, GRID_FRAMES))
    lengths = _on_length_grid(ends - onsets)
    by_key = np.lexsort((onsets, keys))
    onsets, lengths, keys, velocities = (column[by_key] for column in (onsets, lengths, keys, velocities))
    # Struck twice at one moment, the stronger and the longer stays.
    struck = np.flatnonzero(np.r_[True, (np.diff(onsets) != 0) | (np.diff(keys) != 0)])
    onsets, keys = onsets[struck], keys[struck]
    lengths, velocities = np.maximum.reduceat(lengths, struck), np.maximum.reduceat(velocities, struck)
    gaps = np.diff(onsets)
    again = np.flatnonzero((np.diff(keys) == 0) & (lengths[:-1] > gaps))
    lengths[again] = _fitting(gaps[again])
    in_time = np.lexsort((keys, onsets))
    return PlayedNotes(onsets[in_time], lengths[in_time], keys[in_time], velocities[in_time])


def _on_length_grid(lengths: Wholes) -> Wholes:
    steps = _length_steps(lengths)
    return np.maximum(np.rint(lengths / steps).astype(np.int64), 1) * steps


def _fitting(gaps: Wholes) -> Wholes:
    """The longest lengths on the grid that end by ``gaps``; below the finest step, the gaps themselves."""
    steps = _length_steps(gaps)
    fitting = gaps // steps * steps
    return np.where(fitting > 0, fitting, gaps)


def _length_steps(lengths: Wholes) -> Wholes:
    return _STEPS[np.searchsorted(_LIMITS, lengths, side="right")]


def _curves(part: Part, clock: _Clock) -> tuple[ControllerCurve, ...]:
    strip = part.strip
    starts = {
        Controller.VOLUME: strip.volume,
        Controller.PAN: strip.pan,
        Controller.EXPRESSION: strip.expression,
        Controller.REVERB: strip.reverb,
        Controller.CHORUS: strip.chorus,
    }
    ticks, controllers, values = _columns(part.controls, len(ControlChange._fields))
    in_time = np.argsort(ticks, kind="stable")
    ticks, controllers, values = ticks[in_time], controllers[in_time], values[in_time]
    frames = clock.frames_at(ticks)
    return tuple(
        _curve(controller, start, frames[controllers == controller], values[controllers == controller])
        for controller, start in starts.items()
    )


def _curve(controller: Controller, start: int, frames: Wholes, values: Wholes) -> ControllerCurve:
    """A start and the moves from there on; of those at one frame the last counts."""
    frames, values = np.r_[0, frames], np.r_[start, values]
    lasting = np.append(np.diff(frames) != 0, True)
    return ControllerCurve(controller, frames[lasting], values[lasting])


def _bar_ticks(score: Score) -> Iterable[Ticks]:
    """The bar lines: every metre counts bars from where it begins; there is one at least."""
    ends = [change.ticks for change in score.metres[1:]] + [max(score.end_ticks, score.metres[-1].ticks + 1)]
    for change, end in zip(score.metres, ends, strict=True):
        yield from range(change.ticks, max(end, change.ticks), change.metre.bar_ticks)
