"""The note bank: each distinct note is played by FluidSynth once, dry, and kept while it is needed."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import signal

from calmando.performance import GRID_FRAMES, PerformedPart
from calmando.sound.predict import NoteEnergy, Weights, note_energy
from calmando.sound.setup import set_channel
from calmando.sound.synth import Stereo, Synth
from calmando.units import Frames, MidiPitch, Seconds, Velocity

TAIL_DB = -105.0
"""A note ends where it stays this far below its own peak: what is lost of it lies under −100 dB."""
FADE_S: Seconds = 0.02
"""The fade at its end."""
LONGEST_TAIL_S: Seconds = 20.0
"""No note rings longer than this after its key is let go."""
PRIMING_FRAMES: Frames = 4 * GRID_FRAMES
SILENCE = 1e-7
"""A note whose peak lies below this (−140 dB) has no sound."""
_CHUNK_FRAMES: Frames = 128 * GRID_FRAMES
_DC_SHARE = 0.05
"""Notes whose mean exceeds this share of their RMS carry DC, and are freed of it."""
_DC_CORNER_HZ = 7.0


@dataclass(frozen=True, slots=True)
class NoteKind:
    """What makes a note distinct; ``voice`` numbers the channel settings that parts may share."""

    voice: int
    key: MidiPitch
    velocity: Velocity
    length_frames: Frames


@dataclass(frozen=True, slots=True, eq=False)
class BankNote:
    """A note as sound: shape (2, n_frames)."""

    frames: Stereo

    @property
    def n_frames(self) -> Frames:
        """How long it sounds."""
        return int(self.frames.shape[1])

    @property
    def is_silent(self) -> bool:
        """Whether the font has no sound for it."""
        return self.n_frames == 0


class NotePlayer(Protocol):
    """Whoever can turn a kind of note into sound, always the same."""

    def play(self, kind: NoteKind) -> BankNote:
        """The note from its first frame to its end."""

    def close(self) -> None:
        """Free what it holds."""


class SynthPlayer:
    """Plays single notes on one synth, each free of what sounded before it."""

    def __init__(self, synth: Synth, voices: Sequence[PerformedPart]) -> None:
        self._synth = synth
        self._sample_rate = synth.sample_rate
        for channel, part in enumerate(voices):
            set_channel(synth, channel, part)

    def play(self, kind: NoteKind) -> BankNote:
        """Sound a note until it has died away.

        A voice of FluidSynth that is used anew skips the ramp of its first block: every note is sounded
        for a moment and cut before it is played, so that all start alike.
        """
        synth, channel = self._synth, kind.voice
        if not synth.note_on(channel, kind.key, kind.velocity):
            return BankNote(np.zeros((2, 0), np.float32))
        synth.render(PRIMING_FRAMES)
        synth.cut(channel)
        synth.render(GRID_FRAMES)
        synth.note_on(channel, kind.key, kind.velocity)
        pieces = self._until_silent(kind.length_frames, 0.0)
        synth.note_off(channel, kind.key)
        peak = max((float(np.abs(piece).max()) for piece in pieces), default=0.0)
        pieces += self._until_silent(round(LONGEST_TAIL_S * self._sample_rate), peak)
        synth.cut(channel)
        synth.render(GRID_FRAMES)
        return BankNote(finish(np.concatenate(pieces, axis=1), self._sample_rate))

    def close(self) -> None:
        """Free the synth."""
        self._synth.close()

    def _until_silent(self, n_frames: Frames, peak: float) -> list[Stereo]:
        """Sound on for a while, or until nothing is left worth keeping."""
        pieces: list[Stereo] = []
        left = n_frames
        while left > 0 and self._synth.n_voices > 0:
            pieces.append(self._synth.render(min(left, _CHUNK_FRAMES)))
            left -= pieces[-1].shape[1]
            now = float(np.abs(pieces[-1]).max())
            peak = max(peak, now)
            if now < 0.5 * peak * 10 ** (TAIL_DB / 20):
                break
        return pieces


def finish(frames: Stereo, sample_rate: int) -> Stereo:
    """Free a note of DC and end it where it has died away, faded."""
    frames = _without_dc(frames, sample_rate)
    loud = np.abs(frames).max(axis=0)
    peak = float(loud.max(initial=0.0))
    if peak < SILENCE:
        return np.zeros((2, 0), np.float32)
    last = int(np.nonzero(loud >= peak * 10 ** (TAIL_DB / 20))[0][-1]) + 1
    fade = min(round(FADE_S * sample_rate), frames.shape[1] - last)
    kept = np.ascontiguousarray(frames[:, : last + fade])
    if fade > 0:
        kept[:, last:] *= np.linspace(1.0, 0.0, fade + 1, dtype=np.float32)[1:]
    return kept


def _without_dc(frames: Stereo, sample_rate: int) -> Stereo:
    """Take away what lies below hearing, where there is enough of it to matter."""
    rms = float(np.sqrt(np.mean(np.square(frames, dtype=np.float64)))) if frames.size else 0.0
    if rms == 0.0 or float(np.abs(frames.mean(axis=1, dtype=np.float64)).max()) <= _DC_SHARE * rms:
        return frames
    corner = signal.butter(1, _DC_CORNER_HZ, "highpass", fs=sample_rate, output="sos")
    return np.asarray(signal.sosfilt(corner, frames.astype(np.float64), axis=1), np.float32)


@dataclass(slots=True)
class _Place:
    """A kind's place in the bank."""

    lock: threading.Lock
    onsets: tuple[Frames, ...]
    note: BankNote | None = None
    energy: NoteEnergy | None = None


class Bank:
    """Notes by kind, played when first asked for, within a budget of memory.

    When the budget is passed, the notes that are needed last, seen from where the piece stands, go first;
    asked for again they are played again, and are the same.

    Parameters
    ----------
    onsets
        For every kind, where in the piece it begins, in order.
    make_player, n_players
        Makes a player; at most so many play at once, each made when it is first needed.
    budget_bytes
        Memory for notes.
    weights
        How loudness hears them.
    """

    def __init__(
        self,
        onsets: dict[NoteKind, tuple[Frames, ...]],
        make_player: Callable[[], NotePlayer],
        n_players: int,
        budget_bytes: int,
        weights: Weights,
    ) -> None:
        self._places = {kind: _Place(threading.Lock(), frames) for kind, frames in onsets.items()}
        self._make_player = make_player
        self._players: list[NotePlayer] = []
        self._free = threading.Semaphore(n_players)
        self._lock = threading.Lock()
        self._budget = budget_bytes
        self._weights = weights
        self._held = 0

    @property
    def held_bytes(self) -> int:
        """Memory in use for notes."""
        return self._held

    def note(self, kind: NoteKind, now: Frames) -> BankNote:
        """A note; ``now`` is where the piece stands, to judge what may be forgotten."""
        place = self._places[kind]
        with place.lock:
            note = place.note
            if note is None:
                note = self._play(kind)
                with self._lock:
                    place.note = note
                    self._held += note.frames.nbytes
                    if self._held > self._budget:
                        self._forget(kind, now)
            return note

    def energy(self, kind: NoteKind) -> NoteEnergy:
        """A note's weighted energy, kept for good once it is known."""
        place = self._places[kind]
        with place.lock:
            known = place.energy
        if known is None:
            note = self.note(kind, place.onsets[0])
            with place.lock:
                known = place.energy = place.energy or note_energy(note.frames, self._weights)
        return known

    def _play(self, kind: NoteKind) -> BankNote:
        with self._free:
            with self._lock:
                player = self._players.pop() if self._players else None
            if player is None:
                player = self._make_player()
            try:
                return player.play(kind)
            finally:
                with self._lock:
                    self._players.append(player)

    def close(self) -> None:
        """Let everything go."""
        with self._lock:
            for player in self._players:
                player.close()
            self._players.clear()
            for place in self._places.values():
                place.note = None
            self._held = 0

    def _forget(self, keep: NoteKind, now: Frames) -> None:
        """Let notes go, those needed last first, until three quarters of the budget are held."""
        held = [(kind, place) for kind, place in self._places.items() if place.note is not None]
        held.sort(key=lambda item: _next_onset(item[1].onsets, now), reverse=True)
        for kind, place in held:
            if self._held <= 0.75 * self._budget:
                return
            if kind != keep and place.note is not None:
                self._held -= place.note.frames.nbytes
                place.note = None


def _next_onset(onsets: tuple[Frames, ...], now: Frames) -> float:
    index = bisect_left(onsets, now)
    return onsets[index] if index < len(onsets) else float("inf")


def kinds_of(part: PerformedPart, voice: int) -> list[NoteKind]:
    """The kinds of a part's notes, note by note."""
    return [NoteKind(voice, note.key, note.velocity, note.length_frames) for note in part.notes]
