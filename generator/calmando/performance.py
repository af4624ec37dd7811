"""The score as timed events in frames, made once; every way of rendering reads it.

Onsets, ends and controller moves lie on FluidSynth's grid of 64 frames. The contract for whoever plays it:
within a part a key never overlaps itself, every note lasts at least one grid step, notes are in order of
onset, and of key where they begin together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calmando.score.model import ChannelStrip, Controller, Fades, Note, Part, Score
from calmando.score.tempo_map import TempoMap
from calmando.units import Frames, MidiPitch, Seconds, Ticks, Velocity

GRID_FRAMES: Frames = 64
"""FluidSynth renders, starts and releases notes in blocks of this many frames."""

LENGTH_GRID: tuple[tuple[Frames, Frames], ...] = (
    (16_384, 512),
    (32_768, 1_024),
    (65_536, 2_048),
    (131_072, 4_096),
    (262_144, 8_192),
    (2**62, 16_384),
)
"""Lengths below the first number are whole multiples of the second: 12 ms up to 0.4 s,
twice as much for every doubling from there. A slowly changing tempo so repeats lengths, and no longer note is off by
more than a thirty-second of itself."""
_LIMITS = tuple(limit for limit, _ in LENGTH_GRID)
_STEPS = tuple(step for _, step in LENGTH_GRID)


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """A note in frames from the start of the piece; ``length_frames`` is how long the key is held."""

    onset_frame: Frames
    length_frames: Frames
    key: MidiPitch
    velocity: Velocity

    @property
    def end_frame(self) -> Frames:
        """Where the key is let go."""
        return self.onset_frame + self.length_frames


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A controller's value (0–127) from a frame on."""

    frame: Frames
    value: int


@dataclass(frozen=True, slots=True)
class ControllerCurve:
    """How one controller moves: points in order of time, the first at frame 0."""

    controller: Controller
    points: tuple[ControlPoint, ...]

    def value_at(self, frame: Frames) -> int:
        """The value in force at a frame."""
        index = bisect_right(self.points, frame, key=lambda point: point.frame) - 1
        return self.points[max(index, 0)].value

    @property
    def moves(self) -> bool:
        """Whether it ever changes."""
        return any(point.value != self.points[0].value for point in self.points)


@dataclass(frozen=True, slots=True)
class PerformedPart:
    """A part's strip, its notes in frames, and one curve for every controller of the strip."""

    strip: ChannelStrip
    notes: tuple[PlayedNote, ...]
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
    return Performance(
        title=score.title,
        sample_rate=sample_rate,
        total_frames=round(score.length_s * sample_rate),
        parts=tuple(_perform_part(part, clock) for part in score.parts),
        sections=tuple(SectionStart(clock.frame_at(s.onset_ticks), s.name) for s in score.sections),
        bar_frames=tuple(clock.frame_at(tick) for tick in _bar_ticks(score)),
        fades=score.fades,
    )


class _Clock:
    """Written time to frames, on the grid."""

    def __init__(self, tempo_map: TempoMap, sample_rate: int) -> None:
        self._tempo_map = tempo_map
        self._grid_hz = sample_rate / GRID_FRAMES
        self._known: dict[Ticks, Frames] = {}
        """Parts sound together: most moments are asked for again."""

    def frame_at(self, ticks: Ticks) -> Frames:
        frame = self._known.get(ticks)
        if frame is None:
            frame = round(self._tempo_map.seconds_at(max(ticks, 0)) * self._grid_hz) * GRID_FRAMES
            self._known[ticks] = frame
        return frame


def _perform_part(part: Part, clock: _Clock) -> PerformedPart:
    return PerformedPart(part.strip, _perform_notes(part.notes, clock), _curves(part, clock))


def _perform_notes(notes: Sequence[Note], clock: _Clock) -> tuple[PlayedNote, ...]:
    """Notes in frames; a key that is struck again while held is let go first."""
    by_key: dict[MidiPitch, list[PlayedNote]] = {}
    for note in sorted(notes, key=lambda note: (note.onset_ticks, note.pitch)):
        onset = clock.frame_at(note.onset_ticks)
        played = PlayedNote(
            onset, _on_length_grid(clock.frame_at(note.end_ticks) - onset), note.pitch, note.velocity
        )
        _strike(by_key.setdefault(note.pitch, []), played)
    played_notes = [note for notes_of_key in by_key.values() for note in notes_of_key]
    return tuple(sorted(played_notes, key=lambda note: (note.onset_frame, note.key)))


def _strike(earlier: list[PlayedNote], note: PlayedNote) -> None:
    """Add a note to those of its key, keeping them apart; struck twice at one moment, the stronger and longer stays."""
    if not earlier or earlier[-1].end_frame <= note.onset_frame:
        earlier.append(note)
        return
    last = earlier.pop()
    gap = note.onset_frame - last.onset_frame
    if gap <= 0:
        longest, loudest = max(last.length_frames, note.length_frames), max(last.velocity, note.velocity)
        earlier.append(PlayedNote(last.onset_frame, longest, last.key, loudest))
        return
    earlier.append(PlayedNote(last.onset_frame, _fitting(gap), last.key, last.velocity))
    earlier.append(note)


def _on_length_grid(length: Frames) -> Frames:
    step = _length_step(length)
    return max(round(length / step), 1) * step


def _fitting(gap: Frames) -> Frames:
    """The longest length on the grid that ends by ``gap``; below the finest step, the gap itself."""
    step = _length_step(gap)
    return gap // step * step or gap


def _length_step(length: Frames) -> Frames:
    return _STEPS[bisect_right(_LIMITS, length)]


def _curves(part: Part, clock: _Clock) -> tuple[ControllerCurve, ...]:
    strip = part.strip
    starts = {
        Controller.VOLUME: strip.volume,
        Controller.PAN: strip.pan,
        Controller.EXPRESSION: strip.expression,
        Controller.REVERB: strip.reverb,
        Controller.CHORUS: strip.chorus,
    }
    return tuple(
        ControllerCurve(controller, _points(start, controller, part, clock))
        for controller, start in starts.items()
    )


def _points(start: int, controller: Controller, part: Part, clock: _Clock) -> tuple[ControlPoint, ...]:
    points = [ControlPoint(0, start)]
    for change in part.controls:
        if change.controller is not controller:
            continue
        frame = clock.frame_at(change.ticks)
        if frame == points[-1].frame:
            points.pop()
        points.append(ControlPoint(frame, change.value))
    return tuple(points)


def _bar_ticks(score: Score) -> Iterable[Ticks]:
    """The bar lines: every metre counts bars from where it begins."""
    ends = [change.ticks for change in score.metres[1:]] + [score.end_ticks]
    for change, end in zip(score.metres, ends, strict=True):
        yield from range(change.ticks, max(end, change.ticks), change.metre.bar_ticks)
