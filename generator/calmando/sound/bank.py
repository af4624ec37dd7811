"""The note bank: each distinct note is played once and kept while it is needed.

Where a voice plays a softer touch at another level and no otherwise, one velocity stands for several (see `strengths`).

Notes of one key and velocity that differ in length alone are a family. Where the check of `Release` allows it, one
note that is held longer than any of them stands for all: each is its beginning and a measured release. Whether it
does is the instrument's nature (what decays while it is held does not fit): the largest family of a voice is
asked first, and where it does not fit, the others are not asked.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from calmando.performance import GRID_FRAMES, Wholes
from calmando.sound.notes import BankNote, NoteKind, NotePlayer
from calmando.sound.predict import NoteEnergy, Weights, note_energy, of_length
from calmando.sound.release import Release, measure_release
from calmando.sound.strengths import Strength, level_of, strengths
from calmando.units import Frames, MidiPitch, Velocity

SMALLEST_FAMILY = 6
"""Families below this size are played note by note: measuring a release takes five notes."""
_KEPT_SHARE = 0.9
"""Room is made for several notes at once: looking for those that are needed last takes some time."""
_JUDGED_FRAMES: Frames = 1_024 * GRID_FRAMES
"""So long (1.5 s) a note is held that is compared from beginning to end."""
_SHORT_JUDGES, _SHORT_JUDGES_OF_VOICE = 2, 5
"""So many of a family's shortest notes are compared, of the one that answers for its voice more: where a release
errs, it mostly errs in notes not much longer than that it was measured on."""
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


@dataclass(frozen=True, slots=True)
class _StandIn:
    """The kind that is played in a kind's place, and the factor that makes it that."""

    kind: NoteKind
    factor: float


@dataclass(slots=True, eq=False)
class _Voice:
    """The notes of one voice: what is played for each, known once it has been listened to, and the families of that."""

    onsets: dict[NoteKind, Wholes]
    lock: threading.Lock = field(default_factory=threading.Lock)
    stand_ins: dict[NoteKind, _StandIn] | None = None
    largest: _Family | None = None
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
        self._places: dict[NoteKind, _Place] = {}
        self._voices = _voices(onsets)
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
        stand_in = self._stand_in(kind)
        return self._of_family(stand_in.kind, now).at_level(stand_in.factor)

    def _of_family(self, kind: NoteKind, now: Frames) -> BankNote:
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
        return not self._kept(self._stand_in(kind).kind, 0).is_silent

    def _stand_in(self, kind: NoteKind) -> _StandIn:
        voice = self._voices[kind.voice]
        with voice.lock:
            if voice.stand_ins is None:
                voice.stand_ins = self._stand_ins(voice)
                places = _places(voice.onsets, voice.stand_ins)
                voice.largest = _largest({place.family for place in places.values()})
                with self._lock:
                    self._places |= places
            return voice.stand_ins[kind]

    def _stand_ins(self, voice: _Voice) -> dict[NoteKind, _StandIn]:
        """Touch every key at its velocities; the key with most of them first, which may spare the others."""
        velocities: dict[MidiPitch, dict[Velocity, NoteKind]] = defaultdict(dict)
        for kind in voice.onsets:
            velocities[kind.key][kind.velocity] = kind
        found: dict[MidiPitch, dict[Velocity, Strength]] = {}
        for key in sorted(velocities, key=lambda key: (-len(velocities[key]), key)):
            with self._player() as player:
                touches = {velocity: player.touch(kind) for velocity, kind in velocities[key].items()}
            found[key] = strengths(touches)
            if len(found) == 1 and not self._holds(found[key], velocities[key]):
                return {kind: _StandIn(kind, 1.0) for kind in voice.onsets}
        return {
            kind: _StandIn(kind._replace(velocity=strength.velocity), strength.factor)
            for kind in voice.onsets
            for strength in (found[kind.key][kind.velocity],)
        }

    def _holds(self, found: Mapping[Velocity, Strength], kinds: Mapping[Velocity, NoteKind]) -> bool:
        """Whether what touches say of a key's velocities is true of a whole note."""
        softest, strength = min(found.items(), key=lambda item: (item[1].factor, item[0]))
        if strength.velocity == softest:
            return False
        softer, louder = (
            self._play(kinds[velocity]._replace(length_frames=_JUDGED_FRAMES)).both_sides()
            for velocity in (softest, strength.velocity)
        )
        return level_of(softer, louder) is not None

    def _fits(self, number: int, now: Frames) -> bool:
        """Whether one held note can stand for a family in this voice."""
        voice = self._voices[number]
        with voice.lock:
            if voice.fits is None:
                voice.fits = voice.largest is not None and self._held_of(voice.largest, now) is not None
            return voice.fits

    def _held_of(self, family: _Family, now: Frames) -> _Held | None:
        with family.lock:
            if not family.examined:
                family.held = self._examine(family, now)
                family.examined = True
            return family.held

    def _examine(self, family: _Family, now: Frames) -> _Held | None:
        """Measure the family's release on its shortest note, and check it on that, the next ones, a middle one, the longest."""
        shortest, longest = family.kinds[0], family.kinds[-1]
        let_go = self._kept(shortest, now).both_sides()
        rings = max(let_go.shape[1] - shortest.length_frames, 0) // GRID_FRAMES * GRID_FRAMES
        kind = longest._replace(length_frames=longest.length_frames + rings + GRID_FRAMES)
        everywhere = np.sort(np.concatenate([self._places[kind].onsets for kind in family.kinds]))
        with self._lock:
            self._places[kind] = _Place(family, everywhere)
        held = self._kept(kind, now).both_sides()[:, : kind.length_frames]
        release = measure_release(held, let_go, shortest.length_frames)
        answers_for_voice = family is self._voices[kind.voice].largest
        n_short = _SHORT_JUDGES_OF_VOICE if answers_for_voice else _SHORT_JUDGES
        judges = {*family.kinds[:n_short], _middle(family.kinds), longest}
        if release is None or not all(
            release.fits(held, self._kept(judge, now).both_sides(), judge.length_frames) for judge in judges
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
        stand_in = self._stand_in(kind)
        family = self._places[stand_in.kind].family
        with family.lock:
            known = family.energy
        if known is None:
            note = self._kept(family.longest, 0)
            known = note_energy(note.both_sides(), self._weights)
            with family.lock:
                family.energy = known
        if stand_in.kind != family.longest:
            known = of_length(known, family.longest.length_frames, kind.length_frames)
        return known.at_level(stand_in.factor)

    def _play(self, kind: NoteKind) -> BankNote:
        with self._player() as player:
            return player.play(kind)

    @contextmanager
    def _player(self) -> Iterator[NotePlayer]:
        """A player for a while; one that comes back after the end is freed."""
        with self._free:
            with self._lock:
                player = self._players.pop() if self._players else None
            if player is None:
                player = self._make_player()
            try:
                yield player
            finally:
                with self._lock:
                    is_needed = not self._closed
                    if is_needed:
                        self._players.append(player)
                if not is_needed:
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


def _voices(onsets: Mapping[NoteKind, Wholes]) -> dict[int, _Voice]:
    """Kinds by voice."""
    voices: dict[int, _Voice] = {}
    for kind, own in onsets.items():
        voices.setdefault(kind.voice, _Voice({})).onsets[kind] = own
    return voices


def _places(
    onsets: Mapping[NoteKind, Wholes], stand_ins: Mapping[NoteKind, _StandIn]
) -> dict[NoteKind, _Place]:
    """What is played, in families."""
    everywhere: dict[NoteKind, list[Wholes]] = defaultdict(list)
    for kind, own in onsets.items():
        everywhere[stand_ins[kind].kind].append(own)
    families: dict[tuple[MidiPitch, Velocity], list[NoteKind]] = defaultdict(list)
    for kind in everywhere:
        families[kind.key, kind.velocity].append(kind)
    places: dict[NoteKind, _Place] = {}
    for kinds in families.values():
        family = _Family(sorted(kinds, key=lambda kind: kind.length_frames))
        for kind in kinds:
            places[kind] = _Place(family, np.sort(np.concatenate(everywhere[kind])))
    return places


def _largest(families: Iterable[_Family]) -> _Family:
    """The family with most lengths (of equals the first by key and velocity)."""
    return min(families, key=lambda family: (-len(family.kinds), family.kinds[0]))


def _middle(kinds: Sequence[NoteKind]) -> NoteKind:
    """The note whose length stands to the shortest most nearly as the longest to it."""
    wanted = math.sqrt(kinds[0].length_frames * kinds[-1].length_frames)
    return min(kinds, key=lambda kind: abs(math.log(kind.length_frames / wanted)))


def _next_onset(onsets: Wholes, now: Frames) -> float:
    index = int(np.searchsorted(onsets, now))
    return float(onsets[index]) if index < len(onsets) else float("inf")
