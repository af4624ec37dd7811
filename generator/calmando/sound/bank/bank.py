"""The note bank: each distinct note is played once, and few notes stand for many.

Where a voice answers a softer touch with less level and nothing else, one velocity stands for several (see
`strengths`).

Notes of one key and velocity that differ in length alone are a family. Where the font's numbers tell all that
letting go does, one note that is held longer than any of them stands for all: each is its beginning and what the
release makes of the rest, layer by layer where a note has voices that end otherwise. That is tried on the shortest, which
is played. Numbers may be modulated, though, which cannot be seen: the largest family of a voice is asked first, by notes
let go in every stage of the envelope, and where it does not fit, the others are not asked.

All that takes some tenths of a second, and somebody may be waiting for the first sound. So whatever begins in the opening
of a piece is played as it is, wherever it comes again.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from calmando.performance import GRID_FRAMES, Wholes
from calmando.sound.bank.fall import Fall
from calmando.sound.bank.notes import BankNote, NoteKind, NotePlayer
from calmando.sound.bank.own_pages import Room, own_pages, passing
from calmando.sound.bank.predict import NoteEnergy, Weights, note_energy, of_length
from calmando.sound.bank.release import Release, ending_of_layers, fits, released
from calmando.sound.bank.shelf import Shelf
from calmando.sound.bank.strengths import Strength, level_of, strengths
from calmando.sound.bank.volume_envelope import VolumeEnvelope
from calmando.sound.fluidsynth.synth import Stereo
from calmando.units import Frames, MidiPitch, Velocity

SMALLEST_FAMILY = 4
"""Families below this size are played note by note: one to hold and some to judge it by are played as well, at once."""
_JUDGED_FRAMES: Frames = 1_024 * GRID_FRAMES
"""So long (1.5 s) a note is held that is compared from beginning to end."""
_MOST_TRIED = 3
"""So many notes at most are played to find one that is heard, and can judge."""
_MOST_LAYERS = 4
"""Each is kept as long as its family is needed."""
_LONGEST_RING_BLOCKS = 15_000
"""No note is held on for longer than this (20 s) to hear how it ends."""
_LONG_FRAMES: Frames = 4_096 * GRID_FRAMES
"""Notes that are held for longer than this (6 s) take so long to play that a thread of their own is worth its making."""

One = TypeVar("One")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """The note that stands for a family: how each of its layers is let go, and who of the family is played all the same."""

    kind: NoteKind
    releases: tuple[Release, ...]
    played: frozenset[NoteKind]

    @property
    def layers(self) -> list[NoteKind]:
        """What is played for it: its layers where it has several, else itself."""
        if len(self.releases) == 1:
            return [self.kind]
        return [self.kind._replace(layer=number + 1) for number in range(len(self.releases))]


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


@dataclass(frozen=True, slots=True)
class _StandIn:
    """The kind that is played in a kind's place, its family, and the factor that makes it that."""

    kind: NoteKind
    family: _Family
    factor: float


@dataclass(frozen=True, slots=True, eq=False)
class _Cast:
    """Who plays what in a voice, and the family that answers for it."""

    stand_ins: Mapping[NoteKind, _StandIn]
    largest: _Family


@dataclass(slots=True, eq=False)
class _Voice:
    """The notes of one voice, and what is known of it once it has been listened to."""

    onsets: dict[NoteKind, Wholes]
    lock: threading.Lock = field(default_factory=threading.Lock)
    cast: _Cast | None = None
    fits: bool | None = None


class Bank:
    """Notes by kind.

    Parameters
    ----------
    onsets
        For every kind, where in the piece it begins, in order.
    make_player, n_players, budget_bytes
        See `Shelf`.
    weights
        How loudness hears the notes.
    opening_frames
        Kinds that begin before this frame stand for themselves alone.
    may_hold
        Whether one held note may stand for a family. It takes more memory at a time than those of the family that
        are needed soon: in a small budget it would be played again and again.
    """

    def __init__(
        self,
        onsets: Mapping[NoteKind, Wholes],
        make_player: Callable[[], NotePlayer],
        n_players: int,
        budget_bytes: int,
        weights: Weights,
        *,
        opening_frames: Frames = 0,
        may_hold: bool = True,
    ) -> None:
        opening = {kind: own for kind, own in onsets.items() if own[0] < opening_frames}
        self._alone = {kind: _StandIn(kind, _Family([kind]), 1.0) for kind in opening}
        self._voices = _voices({kind: own for kind, own in onsets.items() if kind not in opening})
        self._shelf = Shelf(make_player, n_players, budget_bytes)
        self._shelf.need(opening)
        self._weights = weights
        self._may_hold = may_hold
        self._whole: dict[NoteKind, BankNote] = {}
        self._n_forgotten = 0

    @property
    def held_bytes(self) -> int:
        """Memory in use for notes."""
        return self._shelf.held_bytes

    @property
    def n_played(self) -> int:
        """How many notes were played to be kept so far."""
        return self._shelf.n_played

    def note(self, kind: NoteKind, now: Frames) -> BankNote:
        """A note; ``now`` is where the piece stands, to judge what may be forgotten."""
        n_forgotten = self._shelf.n_forgotten
        if n_forgotten != self._n_forgotten:
            # What is put together here would hold what was let go there.
            self._whole.clear()
            self._n_forgotten = n_forgotten
        note = self._whole.get(kind)
        if note is None:
            stand_in = self._stand_in(kind)
            note = self._of_family(stand_in.family, stand_in.kind, now).at_level(stand_in.factor)
            self._whole[kind] = note
        return note

    def sounds(self, kind: NoteKind) -> bool:
        """Whether the font has a sound for a note."""
        with self._shelf.player() as player:
            return player.sounds(kind)

    def voices_to_meet(self, kinds: Iterable[NoteKind]) -> list[int]:
        """The voices that have to be met before some notes are known."""
        return list(dict.fromkeys(kind.voice for kind in kinds if kind not in self._alone))

    def meet(self, voice: int) -> None:
        """Listen to a voice: which notes stand for which, and how they end."""
        self._fits(self._voices[voice], 0)

    def one_of_each_family(self, kinds: Iterable[NoteKind]) -> list[NoteKind]:
        """Of some notes as many as there are to be heard, so that the others' energies are known: of each family the last given."""
        return list({id(self._stand_in(kind).family): kind for kind in kinds}.values())

    def energy(self, kind: NoteKind) -> NoteEnergy:
        """A note's weighted energy, nearly: that of its family's longest, cut to its length."""
        stand_in = self._stand_in(kind)
        family = stand_in.family
        with family.lock:
            known = family.energy
        if known is None:
            note = self._of_family(family, family.longest, 0)
            known = note_energy(note.rows(), self._weights, note.sides)
            with family.lock:
                family.energy = known
        if stand_in.kind != family.longest:
            known = of_length(known, family.longest.length_frames, kind.length_frames)
        return known.at_level(stand_in.factor)

    def give_back_pages(self) -> None:
        """Take no more memory for notes that were put aside than what is read of them from now on."""
        self._shelf.give_back_pages()

    def close(self) -> None:
        """Let everything go."""
        self._whole.clear()
        self._shelf.close()

    def _stand_in(self, kind: NoteKind) -> _StandIn:
        alone = self._alone.get(kind)
        return alone if alone is not None else self._cast(self._voices[kind.voice]).stand_ins[kind]

    def _cast(self, voice: _Voice) -> _Cast:
        # What is there is there for good, so that most need no lock.
        if voice.cast is not None:
            return voice.cast
        with voice.lock:
            if voice.cast is None:
                told_by = self._told_by(voice)
                needed = _needed(voice.onsets, told_by)
                self._shelf.need(needed)
                voice.cast = _cast(told_by, needed)
            return voice.cast

    def _told_by(self, voice: _Voice) -> dict[NoteKind, Strength]:
        """Touch every key at its velocities; the key with most of them first, which may spare the others."""
        velocities: dict[MidiPitch, dict[Velocity, NoteKind]] = defaultdict(dict)
        for kind in voice.onsets:
            velocities[kind.key][kind.velocity] = kind
        found: dict[MidiPitch, dict[Velocity, Strength]] = {}
        for key in sorted(velocities, key=lambda key: (-len(velocities[key]), key)):
            with self._shelf.player() as player:
                touches = {velocity: player.touch(kind) for velocity, kind in velocities[key].items()}
            found[key] = strengths(touches)
            if len(found) == 1 and not self._holds(found[key], velocities[key]):
                return {kind: Strength(kind.velocity, 1.0) for kind in voice.onsets}
        return {kind: found[kind.key][kind.velocity] for kind in voice.onsets}

    def _holds(self, found: Mapping[Velocity, Strength], kinds: Mapping[Velocity, NoteKind]) -> bool:
        """Whether what touches say of a key's velocities is true of a whole note."""
        softest, strength = min(found.items(), key=lambda item: (item[1].factor, item[0]))
        if strength.velocity == softest:
            return False
        with self._shelf.player() as player:
            softer, louder = (
                player.play(kinds[velocity]._replace(length_frames=_JUDGED_FRAMES)).both_sides()
                for velocity in (softest, strength.velocity)
            )
        return level_of(softer, louder) is not None

    def _of_family(self, family: _Family, kind: NoteKind, now: Frames) -> BankNote:
        held = self._held_for(family, now)
        if held is None or kind in held.played or kind in self._alone:
            return self._shelf.note(kind, now)
        note = self._held_note(held, now)
        ending = self._shelf.made(kind, now, lambda: self._ending(held, note, kind.length_frames, now))
        return released(note, ending, kind.length_frames)

    def _held_note(self, held: _Held, now: Frames) -> BankNote:
        if len(held.releases) == 1:
            return self._shelf.note(held.kind, now)
        return self._shelf.made(held.kind, now, lambda: self._together(held, now))

    def _together(self, held: _Held, now: Frames) -> BankNote:
        frames = [self._shelf.note(layer, now).frames for layer in held.layers]
        with self._shelf.player() as player:
            return player.together(frames, held.kind.rings_frames)

    def _ending(
        self, held: _Held, note: BankNote, length: Frames, now: Frames, room: Room = own_pages
    ) -> Stereo | Fall:
        if len(held.releases) == 1:
            return held.releases[0].ending(note, length, room)
        layers = (self._shelf.note(layer, now).frames for layer in held.layers)
        return ending_of_layers(note, zip(held.releases, layers, strict=True), length, room)

    def _held_for(self, family: _Family, now: Frames) -> _Held | None:
        """The note that stands for a family, where the family is large enough and its voice is of that kind."""
        if not self._may_hold or len(family.kinds) < SMALLEST_FAMILY:
            return None
        return self._examined(family, now) if self._fits(self._voices[family.longest.voice], now) else None

    def _fits(self, voice: _Voice, now: Frames) -> bool:
        """Whether held notes stand for families of a voice, as the largest answers."""
        if voice.fits is None:
            largest = self._cast(voice).largest
            with voice.lock:
                if voice.fits is None:
                    is_family = self._may_hold and len(largest.kinds) >= SMALLEST_FAMILY
                    voice.fits = is_family and self._examined(largest, now, is_largest=True) is not None
        return voice.fits

    def _examined(self, family: _Family, now: Frames, *, is_largest: bool = False) -> _Held | None:
        if not family.examined:
            with family.lock:
                if not family.examined:
                    family.held = self._examine(family, now, is_largest=is_largest)
                    family.examined = True
        return family.held

    def _examine(self, family: _Family, now: Frames, *, is_largest: bool) -> _Held | None:
        """Hold a note, and see whether it gives those that are played."""
        known = self._told_by_numbers(family)
        if known is None:
            return None
        n_played, envelopes = known
        shelf, kinds, longest = self._shelf, family.kinds, family.longest
        told = [kind for kind in kinds[n_played - 1 :] if not _outlives(kind, envelopes)]
        if not told:
            return None
        blocks = [kind.length_frames // GRID_FRAMES for kind in told]
        ends = max(envelope.last_block(blocks) for envelope in envelopes)
        rings = min(max(ends - blocks[-1], 1), _LONGEST_RING_BLOCKS) * GRID_FRAMES
        held = _Held(
            longest._replace(length_frames=longest.length_frames + rings, rings_frames=rings),
            tuple(map(Release, envelopes)),
            frozenset(kinds).difference(told),
        )
        needed_at = np.sort(np.concatenate([shelf.needed_at(kind) for kind in kinds]))
        shelf.need(dict.fromkeys([held.kind, *held.layers], needed_at))

        def played_to_judge() -> list[NoteKind]:
            tried = _of_every_stage(told, envelopes) if is_largest else self._first_heard(told, now)
            for kind in tried:
                shelf.note(kind, now)
            return tried

        tried, note = _both(
            played_to_judge,
            lambda: self._held_note(held, now),
            side_by_side=longest.length_frames > _LONG_FRAMES,
        )

        def made(kind: NoteKind) -> BankNote:
            ending = self._ending(held, note, kind.length_frames, now, passing)
            return released(note, ending, kind.length_frames)

        judges = [kind for kind in tried if not shelf.note(kind, now).is_silent]
        if judges and all(fits(made(judge), shelf.note(judge, now)) for judge in judges):
            return replace(held, played=held.played.union(tried))
        shelf.need_no_more([held.kind, *held.layers])
        return None

    def _first_heard(self, kinds: Sequence[NoteKind], now: Frames) -> list[NoteKind]:
        """Some, up to the first that is heard: silence can judge nothing."""
        tried: list[NoteKind] = []
        for kind in kinds[:_MOST_TRIED]:
            tried.append(kind)
            if not self._shelf.note(kind, now).is_silent:
                break
        return tried

    def _told_by_numbers(self, family: _Family) -> tuple[int, tuple[VolumeEnvelope, ...]] | None:
        """From which note on the font tells all that letting go does, counted by doubling; and what that is.

        What sounds of a pluck alone is over soon, and all that is let go later is simpler: of one layer. Else there are
        several.
        """
        n_played = 1
        several = None
        while len(family.kinds) - n_played > 1:
            with self._shelf.player() as player:
                layers = player.layers(family.kinds[n_played - 1])
            if len(layers) == 1:
                return n_played, layers
            if 1 < len(layers) <= _MOST_LAYERS and several is None:
                several = n_played, layers
            n_played *= 2
        return several


def _both(one: Callable[[], One], other: Callable[[], Other], *, side_by_side: bool) -> tuple[One, Other]:
    """What two deeds give, done one after the other or in two threads."""
    if not side_by_side:
        return one(), other()
    with ThreadPoolExecutor(1, thread_name_prefix="calmando-both") as beside:
        later = beside.submit(other)
        return one(), later.result()


def _voices(onsets: Mapping[NoteKind, Wholes]) -> dict[int, _Voice]:
    """Kinds by voice."""
    voices: dict[int, _Voice] = {}
    for kind, own in onsets.items():
        voices.setdefault(kind.voice, _Voice({})).onsets[kind] = own
    return voices


def _needed(
    onsets: Mapping[NoteKind, Wholes], told_by: Mapping[NoteKind, Strength]
) -> dict[NoteKind, Wholes]:
    """The kinds that are played, and where."""
    everywhere: dict[NoteKind, list[Wholes]] = defaultdict(list)
    for kind, own in onsets.items():
        everywhere[kind._replace(velocity=told_by[kind].velocity)].append(own)
    return {kind: np.sort(np.concatenate(parts)) for kind, parts in everywhere.items()}


def _cast(told_by: Mapping[NoteKind, Strength], played: Iterable[NoteKind]) -> _Cast:
    """Put the kinds that are played into families, and give every kind its stand-in."""
    by_name: dict[tuple[MidiPitch, Velocity], list[NoteKind]] = defaultdict(list)
    for kind in played:
        by_name[kind.key, kind.velocity].append(kind)
    families = {
        name: _Family(sorted(kinds, key=lambda kind: kind.length_frames)) for name, kinds in by_name.items()
    }
    stand_ins = {
        kind: _StandIn(
            kind._replace(velocity=strength.velocity),
            families[kind.key, strength.velocity],
            strength.factor,
        )
        for kind, strength in told_by.items()
    }
    # Of equals the first by key and velocity.
    largest = min(families.values(), key=lambda family: (-len(family.kinds), family.kinds[0]))
    return _Cast(stand_ins, largest)


def _outlives(kind: NoteKind, envelopes: Iterable[VolumeEnvelope]) -> bool:
    """Whether a note sounds for longer than a held one from which it would be made."""
    return any(envelope.outlives(kind.length_frames // GRID_FRAMES) for envelope in envelopes)


def _of_every_stage(kinds: Sequence[NoteKind], envelopes: Sequence[VolumeEnvelope]) -> list[NoteKind]:
    """The shortest and the longest that are let go while every envelope is in one of its stages."""
    by_stage: dict[int, list[NoteKind]] = defaultdict(list)
    for kind in kinds:
        block = kind.length_frames // GRID_FRAMES
        # Numbers that never fall: their sum tells them apart.
        by_stage[sum(envelope.stage(block) for envelope in envelopes)].append(kind)
    return [judge for stage in by_stage.values() for judge in dict.fromkeys((stage[0], stage[-1]))]
