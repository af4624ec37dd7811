"""The note bank: each distinct note is played once and kept while it is needed.

Notes of one key and velocity that differ in length alone are a family. Where the check of `Release` allows it, one
note that is held longer than any of them stands for all: each is its beginning and a measured release. Whether it
does is the instrument's nature (what decays while it is held does not fit): the largest family of a voice is
asked first, and where it does not fit, the others are not asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from calmando.performance import GRID_FRAMES, Wholes
from calmando.sound.notes import BankNote, NoteKind, NotePlayer
from calmando.sound.predict import NoteEnergy, Weights, note_energy, of_length
from calmando.sound.release import Release, measure_release
from calmando.units import Frames

SMALLEST_FAMILY = 4
"""Families below this size are played note by note: measuring a release takes three notes."""
_KEPT_SHARE = 0.9
"""Room is made for several notes at once: looking for those that are needed last takes some time."""
_NOWHERE: Wholes = np.zeros(0, np.int64)


@dataclass(slots=True, eq=False)
class _Family:
    """Kinds of one voice, key and velocity, by length."""

    kinds: list[NoteKind]
    lock: threading.Lock = field(default_factory=threading.Lock)
    examined: bool = False
    held: _Held | None = None
    energy: NoteEnergy | None = None

    @property
    def longest(self) -> NoteKind:
        return self.kinds[-1]


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """The note that stands for a family, and how each of the family ends."""

    kind: NoteKind
    release: Release


@dataclass(slots=True, eq=False)
class _Voice:
    """The families of one voice."""

    largest: _Family
    lock: threading.Lock = field(default_factory=threading.Lock)
    fits: bool | None = None


@dataclass(slots=True, eq=False)
class _Place:
    """A kind's place in the bank."""

    family: _Family
    onsets: Wholes
    lock: threading.Lock = field(default_factory=threading.Lock)
    note: BankNote | None = None


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
        onsets: Mapping[NoteKind, Wholes],
        make_player: Callable[[], NotePlayer],
        n_players: int,
        budget_bytes: int,
        weights: Weights,
    ) -> None:
        self._places = _places(onsets)
        self._voices = _voices(place.family for place in self._places.values())
        self._make_player = make_player
        self._players: list[NotePlayer] = []
        self._free = threading.Semaphore(n_players)
        self._lock = threading.Lock()
        self._budget = budget_bytes
        self._weights = weights
        self._held = 0
        self._played = 0
        self._closed = False

    @property
    def held_bytes(self) -> int:
        """Memory in use for notes."""
        return self._held

    @property
    def n_played(self) -> int:
        """How many notes were played so far."""
        return self._played

    def note(self, kind: NoteKind, now: Frames) -> BankNote:
        """A note; ``now`` is where the piece stands, to judge what may be forgotten."""
        family = self._places[kind].family
        if len(family.kinds) < SMALLEST_FAMILY or not self._fits(kind.voice, now):
            return self._kept(kind, now)
        held = self._held_of(family, now)
        if held is None:
            return self._kept(kind, now)
        note = self._kept(held.kind, now)
        tail = held.release.tail(note.frames, kind.length_frames)
        return BankNote(note.frames[:, : kind.length_frames], tail, note.sides)

    def sounds(self, kind: NoteKind) -> bool:
        """Whether the font has a sound for a note."""
        return not self._kept(kind, 0).is_silent

    def _fits(self, number: int, now: Frames) -> bool:
        """Whether one held note can stand for a family in this voice."""
        voice = self._voices[number]
        with voice.lock:
            if voice.fits is None:
                voice.fits = self._held_of(voice.largest, now) is not None
            return voice.fits

    def _held_of(self, family: _Family, now: Frames) -> _Held | None:
        with family.lock:
            if not family.examined:
                family.held = self._examine(family, now)
                family.examined = True
            return family.held

    def _examine(self, family: _Family, now: Frames) -> _Held | None:
        """Measure the family's release on its shortest note and check it on that and the longest."""
        shortest, longest = family.kinds[0], family.kinds[-1]
        let_go = self._kept(shortest, now).both_sides()
        rings = max(let_go.shape[1] - shortest.length_frames, 0) // GRID_FRAMES * GRID_FRAMES
        kind = longest._replace(length_frames=longest.length_frames + rings + GRID_FRAMES)
        everywhere = np.sort(np.concatenate([self._places[kind].onsets for kind in family.kinds]))
        self._places[kind] = _Place(family, everywhere)
        held = self._kept(kind, now).both_sides()[:, : kind.length_frames]
        release = measure_release(held, let_go, shortest.length_frames)
        if release is None or not all(
            release.fits(held, self._kept(judge, now).both_sides(), judge.length_frames)
            for judge in (shortest, longest)
        ):
            self._places[kind].onsets = _NOWHERE
            return None
        for stood_for in family.kinds:
            self._places[stood_for].onsets = _NOWHERE
        return _Held(kind, release)

    def _kept(self, kind: NoteKind, now: Frames) -> BankNote:
        place = self._places[kind]
        with place.lock:
            note = place.note
            if note is None:
                note = self._play(kind)
                with self._lock:
                    place.note = note
                    self._played += 1
                    self._held += note.frames.nbytes
                    if self._held > self._budget:
                        self._forget(kind, now)
            return note

    def energy(self, kind: NoteKind) -> NoteEnergy:
        """A note's weighted energy, nearly: that of its family's longest, cut to its length."""
        family = self._places[kind].family
        with family.lock:
            known = family.energy
        if known is None:
            note = self._kept(family.longest, 0)
            known = note_energy(note.both_sides(), self._weights)
            with family.lock:
                family.energy = known
        if kind is family.longest:
            return known
        return of_length(known, family.longest.length_frames, kind.length_frames)

    def _play(self, kind: NoteKind) -> BankNote:
        with self._free:
            with self._lock:
                player = self._players.pop() if self._players else None
            if player is None:
                player = self._make_player()
            try:
                return player.play(kind)
            finally:
                self._give_back(player)

    def _give_back(self, player: NotePlayer) -> None:
        """Keep a player for the next note; one that comes back after the end is freed."""
        with self._lock:
            if not self._closed:
                self._players.append(player)
                return
        player.close()

    def close(self) -> None:
        """Let everything go."""
        with self._lock:
            self._closed = True
            for player in self._players:
                player.close()
            self._players.clear()
            for place in self._places.values():
                place.note = None
            self._held = 0

    def _forget(self, keep: NoteKind, now: Frames) -> None:
        """Let notes go, those needed last first, until `_KEPT_SHARE` of the budget is held."""
        held = [(kind, place) for kind, place in self._places.items() if place.note is not None]
        held.sort(key=lambda item: _next_onset(item[1].onsets, now), reverse=True)
        for kind, place in held:
            if self._held <= _KEPT_SHARE * self._budget:
                return
            if kind != keep and place.note is not None:
                self._held -= place.note.frames.nbytes
                place.note = None


def _places(onsets: Mapping[NoteKind, Wholes]) -> dict[NoteKind, _Place]:
    """Kinds in their families."""
    families: dict[tuple[int, int, int], list[NoteKind]] = {}
    for kind in onsets:
        families.setdefault((kind.voice, kind.key, kind.velocity), []).append(kind)
    places: dict[NoteKind, _Place] = {}
    for kinds in families.values():
        family = _Family(sorted(kinds, key=lambda kind: kind.length_frames))
        for kind in kinds:
            places[kind] = _Place(family, onsets[kind])
    return places


def _voices(families: Iterable[_Family]) -> dict[int, _Voice]:
    """The voices of families, each with its largest (of equals the first by key and velocity)."""
    largest: dict[int, _Family] = {}
    for family in sorted(set(families), key=lambda family: (-len(family.kinds), family.kinds[0])):
        largest.setdefault(family.kinds[0].voice, family)
    return {number: _Voice(family) for number, family in largest.items()}


def _next_onset(onsets: Wholes, now: Frames) -> float:
    index = int(np.searchsorted(onsets, now))
    return float(onsets[index]) if index < len(onsets) else float("inf")
