"""The piece: a preset, a seed and a length become passages, phrase by phrase.

Public: `compose_piece(preset, *, seed, length_s, tune=None) -> Piece`. ``Piece.title`` is known at once;
``Piece.passages()`` yields lazily, in flat memory; ``score.model.assemble`` collects them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calmando.preset.model import Preset
from calmando.score.model import Passage, Title
from calmando.score.tune import Tune
from calmando.units import Seconds


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece, ready to be composed phrase by phrase.

    Attributes
    ----------
    title
        What is known before the first note: title, parts, metre, key, length, fades.
    """

    title: Title

    def passages(self) -> Iterator[Passage]:
        """The piece from its beginning; every call starts anew and yields the same."""
        raise NotImplementedError


def compose_piece(preset: Preset, *, seed: int, length_s: Seconds, tune: Tune | None = None) -> Piece:
    """Compose a piece of exactly ``length_s`` seconds.

    Raises
    ------
    InputError
        Where the length is too short for the preset (naming the shortest possible) or beyond 12 hours.
    """
    raise NotImplementedError(preset, seed, length_s, tune)


def shortest_length_s(preset: Preset) -> Seconds:
    """The shortest length in seconds a preset can fill with a beginning, a tune and an ending."""
    raise NotImplementedError(preset)
