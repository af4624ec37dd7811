"""Notes that are played when they are first asked for, and kept within a budget of memory."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np

from calmando.performance import Wholes
from calmando.sound.bank.notes import BankNote, NoteKind, NotePlayer
from calmando.sound.bank.put_aside import Aside, FetchBack
from calmando.units import Frames

_KEPT_SHARE = 0.9
"""Room is made for several notes at once: looking for those that are needed last takes some time."""
_PLAYING_COST = 4.0
"""How many times as long it takes to play a note as to make it of another."""
_NOWHERE: Wholes = np.zeros(0, np.int64)


class Kept(Protocol):
    """What is kept: a note, or the ending of one."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""


K = TypeVar("K", bound=Kept)


@dataclass(slots=True, eq=False)
class _Place:
    """A kind's place: where in the piece it is needed, what is kept of it, once it is there, and what that took.

    A note that is forgotten is put aside, the first time, and fetched back when it is needed.
    """

    onsets: Wholes
    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: Any = None
    cost: float = _PLAYING_COST
    fetch_back: FetchBack | None = None


class Shelf:
    """Keeps notes by kind, for any number of threads.

    When the budget is passed, the notes that are needed last, seen from where the piece stands, go first, and among
    those needed as soon the ones that were made of others. What was played is put aside on the disk, if that has room
    for it; what is asked for again is fetched back, played or made again, and is the same.

    Parameters
    ----------
    make_player, n_players
        Makes a player; at most so many play at once, each made when it is first needed.
    budget_bytes
        Memory for notes.

    Attributes
    ----------
    n_forgotten
        How many notes were let go so far.
    """

    def __init__(self, make_player: Callable[[], NotePlayer], n_players: int, budget_bytes: int) -> None:
        self._places: dict[NoteKind, _Place] = {}
        self._make_player = make_player
        self._players: list[NotePlayer] = []
        self._free = threading.Semaphore(n_players)
        # Whoever collects garbage while holding it may come upon a forgotten stream, and end it.
        self._lock = threading.RLock()
        self._budget = budget_bytes
        self._aside = Aside()
        self._held = 0
        self._played = 0
        self.n_forgotten = 0
        self._closed = False

    @property
    def held_bytes(self) -> int:
        """Memory in use for notes."""
        return self._held

    @property
    def n_played(self) -> int:
        """How many notes were played to be kept so far."""
        return self._played

    def need(self, onsets: Mapping[NoteKind, Wholes]) -> None:
        """Give kinds their places, or more to do where they have one: for each, where in the piece it begins, in order."""
        with self._lock:
            for kind, own in onsets.items():
                place = self._places.get(kind)
                if place is None:
                    self._places[kind] = _Place(own)
                else:
                    place.onsets = np.sort(np.concatenate([place.onsets, own]))

    def needed_at(self, kind: NoteKind) -> Wholes:
        """Where in the piece a kind begins."""
        return self._places[kind].onsets

    def need_no_more(self, kinds: Iterable[NoteKind]) -> None:
        """Let these notes go first."""
        for kind in kinds:
            self._places[kind].onsets = _NOWHERE

    def note(self, kind: NoteKind, now: Frames) -> BankNote:
        """The note of a kind that has a place; ``now`` is where the piece stands, to judge what may be forgotten."""
        return self._kept(kind, now, functools.partial(self._play, kind), _PLAYING_COST)

    def made(self, kind: NoteKind, now: Frames, make: Callable[[], K]) -> K:
        """What is kept in the place of a kind, made of another note when it is not there; always ask for the same."""
        return self._kept(kind, now, make, 1.0)

    def _kept(self, kind: NoteKind, now: Frames, make: Callable[[], K], cost: float) -> K:
        place = self._places[kind]
        kept: K | None = place.kept  # read once: it may be forgotten meanwhile
        if kept is not None:
            return kept
        with place.lock:
            kept = place.kept
            if kept is None:
                kept = make()
                with self._lock:
                    place.kept, place.cost = kept, cost
                    self._held += kept.nbytes
                    if self._held > self._budget:
                        self._forget(kind, now)
            return kept

    def _play(self, kind: NoteKind) -> BankNote:
        fetch_back = self._places[kind].fetch_back
        put_aside = fetch_back() if fetch_back is not None else None
        if put_aside is not None:
            return put_aside
        with self.player() as player:
            note = player.play(kind)
        with self._lock:
            self._played += 1
        return note

    @contextmanager
    def player(self) -> Iterator[NotePlayer]:
        """A player for a while; one that fails, or comes back after the end, is freed."""
        with self._free:
            with self._lock:
                player = self._players.pop() if self._players else None
            if player is None:
                player = self._make_player()
            is_wanted = False
            try:
                yield player
                # One that failed may still sound a note, which would be heard in the next.
                is_wanted = True
            finally:
                with self._lock:
                    is_wanted = is_wanted and not self._closed
                    if is_wanted:
                        self._players.append(player)
                if not is_wanted:
                    player.close()

    def give_back_pages(self) -> None:
        """Take no more memory for notes that were fetched back than what is read of them from now on."""
        self._aside.give_back_pages()

    def close(self) -> None:
        """Let everything go."""
        with self._lock:
            self._closed = True
            for player in self._players:
                player.close()
            self._players.clear()
            for place in self._places.values():
                place.kept = None
            self._held = 0
        self._aside.close()

    def _forget(self, keep: NoteKind, now: Frames) -> None:
        """Let notes go, those needed last first, until `_KEPT_SHARE` of the budget is held."""
        held = [
            (kind, place)
            for kind, place in self._places.items()
            if place.kept is not None and place.kept.nbytes
        ]
        held.sort(key=lambda item: _left_until(item[1].onsets, now) / item[1].cost, reverse=True)
        for kind, place in held:
            if self._held <= _KEPT_SHARE * self._budget:
                return
            if kind != keep and place.kept is not None:
                self._put_aside(place, now)
                self._held -= place.kept.nbytes
                place.kept = None
                self.n_forgotten += 1

    def _put_aside(self, place: _Place, now: Frames) -> None:
        """Put what was played aside, unless it is there already or not needed any more."""
        is_played = place.cost == _PLAYING_COST
        if is_played and place.fetch_back is None and _left_until(place.onsets, now) < math.inf:
            place.fetch_back = self._aside.put(place.kept)


def _left_until(onsets: Wholes, now: Frames) -> float:
    """How long until the next of some onsets."""
    index = int(np.searchsorted(onsets, now))
    return float(onsets[index] - now) if index < len(onsets) else math.inf
