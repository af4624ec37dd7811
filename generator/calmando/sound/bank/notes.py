"""Single notes: what makes one distinct, and how FluidSynth plays it dry, free of what sounded before."""

from __future__ import annotations

import functools
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES, PerformedPart, PlayedNotes, Wholes
from calmando.sound.bank.described import Description, described, frames_above, largest_difference
from calmando.sound.bank.drift import Drift, has_drift
from calmando.sound.bank.fall import Fall
from calmando.sound.bank.own_pages import Room, in_own_pages, passing
from calmando.sound.bank.strengths import Touch
from calmando.sound.bank.volume_envelope import Layers, VolumeEnvelope, layers_of
from calmando.sound.blocks import peak_of
from calmando.sound.fluidsynth.setup import set_channel
from calmando.sound.fluidsynth.synth import Stereo, Synth
from calmando.sound.kernels import address, addresses
from calmando.units import Decibels, Frames, MidiPitch, Seconds, Velocity

TAIL_DB: Decibels = -105.0
"""A note ends where it stays this far below its own peak: what is lost of it lies under −100 dB."""
FADE_S: Seconds = 0.02
"""The fade at its end."""
LONGEST_TAIL_S: Seconds = 20.0
"""No note rings longer than this after its key is let go."""
PRIMING_FRAMES: Frames = 4 * GRID_FRAMES
SILENCE = 1e-7
"""A note whose peak lies below this (−140 dB) has no sound."""
_ONE_ROW = 2e-6
"""Sides that differ by less than this (−114 dB) beyond their level are one."""
_TOUCH_FRAMES: Frames = 64 * GRID_FRAMES
"""So long (93 ms) a note is held that is only touched, and so long it is listened to then."""
_CHUNK_FRAMES: Frames = 512 * GRID_FRAMES
_COUNTS_DB: Decibels = -40.0
"""What sounds this far below a note's peak does not count for how loud it is."""
_COUNTED_FRAMES: Frames = 128 * GRID_FRAMES
"""So often it is asked whether anything still counts."""
_SAME_SIDE = 3e-6
"""Sides that differ by less than this (−110 dB) are the same: so exactly they are measured."""


class NoteKind(NamedTuple):
    """What makes a note distinct.

    ``voice`` numbers the channel settings that parts may share. ``layer`` is 0 but for what only some of the note's voices
    sound: those of its first layer (1), its second and so on, see `NotePlayer.layers`. Where it ends without its key being
    let go, others are made of it (see `Release`), which ring in its last ``rings_frames``.
    """

    voice: int
    key: MidiPitch
    velocity: Velocity
    length_frames: Frames
    layer: int = 0
    rings_frames: Frames = 0

    @property
    def is_held(self) -> bool:
        """Whether its key is not let go."""
        return self.rings_frames > 0


class PartNotes:
    """A part's notes, each told by its kind, to find quickly what sounds where.

    Attributes
    ----------
    onsets
        For each of the part's distinct notes, where it begins, in order.
    kinds
        The distinct notes alone.
    """

    def __init__(self, notes: PlayedNotes, voice: int, sample_rate: int) -> None:
        codes = (notes.length_frames << 14) + (notes.keys << 7) + notes.velocities
        distinct, numbers = np.unique(codes, return_inverse=True)
        self.kinds = [NoteKind(voice, code >> 7 & 127, code & 127, code >> 14) for code in distinct.tolist()]
        by_kind = np.argsort(numbers, kind="stable")
        borders = np.cumsum(np.bincount(numbers, minlength=len(distinct)))[:-1]
        begins = np.split(notes.onset_frames[by_kind], borders) if self.kinds else []
        self.onsets: dict[NoteKind, Wholes] = dict(zip(self.kinds, begins, strict=True))
        longest_tail = round((LONGEST_TAIL_S + 1.0) * sample_rate)
        lengths = (distinct >> 14) + longest_tail
        latest_end = notes.onset_frames + lengths[numbers]
        # Asked for by the thousand, a few at a time: lists of Python are quicker for that.
        self._lengths: list[int] = lengths.tolist()
        """How long every kind sounds: at most, until it is known."""
        self._onsets = _whole_numbers(notes.onset_frames)
        self._numbers = _whole_numbers(numbers)
        self._latest_end = _whole_numbers(np.maximum.accumulate(latest_end))

    def __len__(self) -> int:
        return len(self._onsets)

    def within(self, first: Frames, stop: Frames) -> list[tuple[Frames, int]]:
        """Onset and number of kind of the notes that may sound in a stretch, in order of onset."""
        low = bisect_right(self._latest_end, first)
        high = bisect_left(self._onsets, stop)
        lengths = self._lengths
        return [
            (onset, number)
            for onset, number in zip(self._onsets[low:high], self._numbers[low:high], strict=True)
            if onset + lengths[number] > first
        ]

    def learn(self, number: int, n_frames: Frames) -> None:
        """Note how long a kind really sounds."""
        self._lengths[number] = n_frames


def _whole_numbers(values: Wholes) -> array[int]:
    return array("q", values.astype(np.int64).tobytes())


Sides: TypeAlias = tuple[float, float]
"""The levels of left and right: factors of their rows, or of the single row."""

BOTH_ALIKE: Sides = (1.0, 1.0)


_PLACE, _ROWS = struct.Struct("@q"), struct.Struct("@3q2f2q")
"""As mixing.c has a piece: where it lies; where left and right begin in memory, how long they are, their levels, and how
they fall."""


@dataclass(frozen=True, slots=True, eq=False)
class BankNote:
    """A note as sound: shape (2, n_frames), or (1, n_frames) where one side is the other at another level.

    Where it is let go it may go on in a piece of its own, of the same shape.

    Attributes
    ----------
    tail
        The frames from there on, where it does.
    sides
        What makes left and right of the single row.
    level
        The factor of everything.
    drift
        What was taken away of its frames, if anything was.
    fall
        How the frames of its tail fall, where they still stand as they are held.
    n_frames
        How long it sounds.
    """

    frames: Stereo
    tail: Stereo | None = None
    sides: Sides = BOTH_ALIKE
    level: float = 1.0
    drift: Drift | None = None
    fall: Fall | None = None
    n_frames: Frames = field(init=False)
    _pieces: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        pieces = [self._piece(self.frames, None)]
        n_frames = self.frames.shape[1]
        if self.tail is not None:
            pieces.append(self._piece(self.tail, self.fall))
            n_frames += self.tail.shape[1]
        object.__setattr__(self, "n_frames", n_frames)
        object.__setattr__(self, "_pieces", tuple(pieces))

    def _piece(self, rows: Stereo, fall: Fall | None) -> bytes:
        begins = addresses(rows)
        levels = (side * self.level for side in self.sides)
        borders = (0, 0) if fall is None else (address(fall.fallen), address(fall.stood))
        return _ROWS.pack(begins[0], begins[-1], rows.shape[1], *levels, *borders)

    @property
    def nbytes(self) -> int:
        """Memory that its frames take, those of its tail not counted."""
        return self.frames.nbytes

    @property
    def is_one_row(self) -> bool:
        """Whether left and right come from a single row."""
        return len(self.frames) == 1

    def rows(self) -> Stereo:
        """All its frames, the sides not yet made of them: shape (2, n_frames) or (1, n_frames), not to be written to."""
        tail = self._heard_tail()
        return self.frames if tail is None else np.concatenate([self.frames, tail], axis=1)

    def both_sides(self) -> Stereo:
        """All its frames: shape (2, n_frames), not to be written to."""
        whole = self.rows()
        if self.sides == BOTH_ALIKE and self.level == 1.0:
            return np.broadcast_to(whole, (2, whole.shape[1]))
        return whole * np.array([side * self.level for side in self.sides], np.float32)[:, np.newaxis]

    def at_level(self, factor: float) -> BankNote:
        """The same note louder or softer; its frames are shared."""
        if factor == 1.0:
            return self
        return BankNote(self.frames, self.tail, self.sides, self.level * factor, self.drift, self.fall)

    def freed(self, sample_rate: int) -> BankNote:
        """The same note without what drift it has, however little; it has no tail."""
        if self.is_silent:
            return self
        drift = Drift.of(self.frames, sample_rate)
        free = drift.taken_from(self.frames, 0, passing)
        return BankNote(free, None, self.sides, self.level, drift)

    @property
    def is_silent(self) -> bool:
        """Whether the font has no sound for it."""
        return self.n_frames == 0

    def pieces_at(self, place: int) -> list[bytes]:
        """Its rows as mixing.c has them, where the note begins at ``place``; the note has to outlive who reads them."""
        first = _PLACE.pack(place) + self._pieces[0]
        if self.tail is None:
            return [first]
        return [first, _PLACE.pack(place + self.frames.shape[1]) + self._pieces[1]]

    def _heard_tail(self) -> Stereo | None:
        return self.tail if self.tail is None or self.fall is None else self.fall.of(self.tail, passing)

    def add_to(self, mixed: Stereo, place: int) -> None:
        """Add it in where it begins at ``place`` (negative: before the first frame), as far as there is room.

        Where ``mixed`` has one row, the sides are left to whoever makes two of it.
        """
        self._add(mixed, self.frames, place)
        tail = self._heard_tail()
        if tail is not None:
            self._add(mixed, tail, place + self.frames.shape[1])

    def _add(self, mixed: Stereo, frames: Stereo, place: int) -> None:
        begin, end = max(place, 0), min(place + frames.shape[1], mixed.shape[1])
        if begin >= end:
            return
        heard = frames[:, begin - place : end - place]
        if self.level != 1.0:
            heard = heard * np.float32(self.level)
        if len(mixed) == 1:
            mixed[:, begin:end] += heard
        else:
            add_sides(mixed[:, begin:end], heard, self.sides)


_SILENT_NOTE = BankNote(np.zeros((2, 0), np.float32))


def add_sides(both: Stereo, frames: Stereo, sides: Sides) -> None:
    """Add one row or two, left and right at their levels, to both sides."""
    for total, level, row in zip(both, sides, (frames[0], frames[-1]), strict=True):
        if level != 0.0:
            np.add(total, row if level == 1.0 else row * np.float32(level), out=total)


def sides_of_all(notes: Sequence[BankNote]) -> Sides | None:
    """What makes left and right of all notes, where each is one row and they agree; else ``None``."""
    left, right = notes[0].sides
    agree = all(
        note.is_one_row
        and abs(note.sides[0] - left) <= _SAME_SIDE
        and abs(note.sides[1] - right) <= _SAME_SIDE
        for note in notes
    )
    return (left, right) if agree else None


class NotePlayer(Protocol):
    """Whoever can turn a kind of note into sound, always the same."""

    def play(self, kind: NoteKind) -> BankNote:
        """The note from its first frame to its end; a layer of it as it is, not freed of drift, both rows.

        Of one whose key is not let go, at least what sounds before its length is over.
        """

    def together(self, layers: Sequence[Stereo], rings_frames: Frames) -> BankNote:
        """The note that has these layers."""

    def sounds(self, kind: NoteKind) -> bool:
        """Whether anything of the note is heard; told as soon as it is."""

    def touch(self, kind: NoteKind) -> Touch:
        """The note struck and let go again soon."""

    def layers(self, kind: NoteKind) -> tuple[VolumeEnvelope, ...]:
        """What letting its key go does, then or later, to each of its layers; nothing where that is not known."""

    def close(self) -> None:
        """Free what it holds."""


class SynthPlayer:
    """Plays single notes on one synth, each free of what sounded before it."""

    def __init__(self, synth: Synth, voices: Sequence[PerformedPart]) -> None:
        self._synth = synth
        self._sample_rate = synth.sample_rate
        # In whole blocks: whatever is played next would else begin within one, and sound otherwise.
        self._longest_tail = round(LONGEST_TAIL_S * self._sample_rate / GRID_FRAMES) * GRID_FRAMES
        self._paper = np.empty((2, 0), np.float32)
        for channel, part in enumerate(voices):
            set_channel(synth, channel, part)

    def play(self, kind: NoteKind) -> BankNote:
        """Sound a note until it has died away."""
        frames = self._sounded(kind)
        if kind.layer:
            return BankNote(in_own_pages(frames))
        return finish(frames, self._sample_rate, kind.rings_frames)

    def loud_part(self, kind: NoteKind) -> Stereo:
        """Sound a note until nothing more comes that counts for how loud it is; what is told lasts until the next is played."""
        return self._sounded(kind, _COUNTS_DB, _COUNTED_FRAMES)

    def together(self, layers: Sequence[Stereo], rings_frames: Frames) -> BankNote:
        """Sum the layers."""
        return finish(summed(layers, passing), self._sample_rate, rings_frames)

    def sounds(self, kind: NoteKind) -> bool:
        """Sound a note until it is heard, or has ended."""
        if not self._strike(kind):
            return False
        heard = self._is_heard_within(kind.length_frames)
        if not heard:
            self._synth.note_off(kind.voice, kind.key)
            heard = self._is_heard_within(self._longest_tail)
        self._cut(kind.voice)
        return heard

    def _is_heard_within(self, n_frames: Frames) -> bool:
        """Sound on until something is heard, or for so long."""
        left = n_frames
        while left > 0 and self._synth.n_voices > 0:
            chunk = self._synth.render(min(left, _TOUCH_FRAMES))
            left -= chunk.shape[1]
            if peak_of(chunk) >= SILENCE:
                return True
        return False

    def touch(self, kind: NoteKind) -> Touch:
        """Sound the first moments of a note and of its release."""
        if not self._strike(kind):
            return Touch((), np.zeros((2, 2 * _TOUCH_FRAMES), np.float32))
        zones = self._synth.zones()
        held = self._synth.render(_TOUCH_FRAMES)
        self._synth.note_off(kind.voice, kind.key)
        let_go = self._synth.render(_TOUCH_FRAMES)
        self._cut(kind.voice)
        return Touch(zones, np.concatenate([held, let_go], axis=1))

    def layers(self, kind: NoteKind) -> tuple[VolumeEnvelope, ...]:
        """What the font's numbers say: of all voices or, where that is simpler, of those that still sound in the end."""
        if not self._synth.note_on(kind.voice, kind.key, kind.velocity):
            return ()
        layers = self._layers(kind.key)
        # Some of several may have fallen silent by then.
        if layers is None or (len(layers) > 1 and not all(envelope.sustain > 0.0 for envelope in layers)):
            self._synth.render(kind.length_frames)
            left = self._layers(kind.key) or {}
            layers = left if len(left) == 1 else layers
        self._cut(kind.voice)
        return tuple(layers or ())

    def _layers(self, key: MidiPitch) -> Layers | None:
        return layers_of(self._synth.zones(), key, self._sample_rate)

    def _sounded(
        self, kind: NoteKind, tail_db: Decibels = TAIL_DB, chunk_frames: Frames = _CHUNK_FRAMES
    ) -> Stereo:
        """A note as FluidSynth plays it, until all that comes of it lies so far below its peak.

        What is told lasts until the next is played.
        """
        if not self._strike(kind):
            return self._paper[:, :0]
        n_frames = kind.length_frames + self._longest_tail
        if self._paper.shape[1] < n_frames:
            self._paper = np.empty((2, n_frames), np.float32)
        share = 10 ** (tail_db / 20)
        end, peak = self._until_silent(0, kind.length_frames, 0.0, share, chunk_frames)
        if not kind.is_held:
            self._synth.note_off(kind.voice, kind.key)
            end, _ = self._until_silent(end, end + self._longest_tail, peak, share, chunk_frames)
        self._cut(kind.voice)
        return self._paper[:, :end]

    def _strike(self, kind: NoteKind) -> bool:
        """Strike a key; whether the font has a sound for it.

        A voice of FluidSynth that is used anew skips the ramp of its first block: every note is sounded
        for a moment and cut before it is played, so that all start alike.
        """
        for is_first in (True, False):
            if not self._synth.note_on(kind.voice, kind.key, kind.velocity):
                return False
            if kind.layer:
                layers = self._layers(kind.key) or {}
                self._synth.mute_all_but(list(layers.values())[kind.layer - 1])
            if is_first:
                self._synth.render(PRIMING_FRAMES)
                self._cut(kind.voice)
        return True

    def _cut(self, channel: int) -> None:
        self._synth.cut(channel)
        self._synth.render(GRID_FRAMES)

    def close(self) -> None:
        """Free the synth."""
        self._synth.close()

    def _until_silent(
        self, first: Frames, stop: Frames, peak: float, share: float, chunk_frames: Frames
    ) -> tuple[Frames, float]:
        """Sound on from one frame to another, or until less is left than a share of the peak; where that is, and the peak."""
        while first < stop and self._synth.n_voices > 0:
            chunk = self._paper[:, first : min(first + chunk_frames, stop)]
            self._synth.render_on(chunk)
            first += chunk.shape[1]
            now = peak_of(chunk)
            peak = max(peak, now)
            if now < 0.5 * peak * share:
                break
        return first, peak


def summed(sounds: Sequence[Stereo], room: Room) -> Stereo:
    """Sounds that begin together, in new memory."""
    longest = max(sounds, key=lambda sound: sound.shape[1])
    whole = room(longest.shape)
    whole[...] = longest
    for sound in sounds:
        if sound is not longest:
            whole[:, : sound.shape[1]] += sound
    return whole


def finish(frames: Stereo, sample_rate: int, rings_frames: Frames = 0) -> BankNote:
    """Free a note of DC and end it where it has died away, faded; keep one row of it where that is enough.

    Whether a note that is held has DC is judged as if it had died away in as many frames more as others ring in.
    """
    if not frames.shape[1]:
        return _SILENT_NOTE
    heard = described(frames)
    if heard.peak < SILENCE:
        return _SILENT_NOTE
    drift = Drift.of(frames, sample_rate) if has_drift(heard, frames.shape[1], rings_frames) else None
    if drift is not None:
        frames = drift.taken_from(frames, 0, passing)
        heard = described(frames)
    last = frames_above(frames, heard.peak * 10 ** (TAIL_DB / 20))
    fade = min(round(FADE_S * sample_rate), frames.shape[1] - last)
    kept = frames[:, : last + fade]
    louder, sides = _one_for_both(kept, heard)
    if sides is not None:
        kept = kept[louder : louder + 1]
        drift = drift.of_row(louder) if drift is not None else None
    kept = in_own_pages(kept)
    if fade > 0:
        kept[:, last:] *= _falling(fade)
    return BankNote(kept, sides=sides or BOTH_ALIKE, drift=drift)


@functools.cache
def _falling(n_frames: Frames) -> NDArray[np.float32]:
    return np.linspace(1.0, 0.0, n_frames + 1, dtype=np.float32)[1:]


def _one_for_both(frames: Stereo, heard: Description) -> tuple[int, Sides | None]:
    """The louder side, and both as shares of it; ``None`` where they differ by more than their level.

    FluidSynth gives a voice to left and right by two factors alone, so that most notes are one row in truth.
    """
    louder = int(heard.powers[1] > heard.powers[0])
    share = heard.product / heard.powers[louder]
    if largest_difference(frames, louder, share) > _ONE_ROW * heard.peak:
        return louder, None
    return louder, (1.0, share) if louder == 0 else (share, 1.0)
