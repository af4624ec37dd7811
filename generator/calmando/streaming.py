"""A piece as blocks of sound: a score as it stands, a recipe while it is composed.

Of all but a short piece a sketch is composed first: its first minutes and, where its gain is not known, enough of the rest
to tell how loud the whole is. While its opening is heard the piece is composed in a thread beside it, and goes on from
there. Nothing in the opening hangs on what comes later, so the frames are those of a file.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, closing
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from calmando.collecting import collecting_put_off
from calmando.compose.piece import compose_piece
from calmando.errors import InputError
from calmando.preset.recipe import Recipe
from calmando.rendering import (
    SoundOptions,
    check_rate,
    compose,
    decided_gain,
    opened_engine,
    synths_ahead,
    wanted_sound,
)
from calmando.score.model import Passage, Score, assemble
from calmando.sound.blocks import Block
from calmando.sound.memory import give_back_freed_memory
from calmando.units import Decibels, Frames, Lufs, Seconds

if TYPE_CHECKING:
    from calmando.sound.fluidsynth.rack import Rack

BLOCK_FRAMES: Frames = 4_096

_SoundKey: TypeAlias = tuple[object, ...]


def stream_score(
    score: Score,
    options: SoundOptions,
    *,
    start_bar: int = 1,
    block_frames: Frames = BLOCK_FRAMES,
    rack: Rack | None = None,
) -> Generator[Block, None, None]:
    """Yield a piece as blocks of sound, shape (n_frames, 2), float32, −1 to 1.

    The frames are those a rendering with the same gain writes, before dither. Synths that are ready are taken from a rack.

    Raises
    ------
    InputError
        Where the piece has no bar of that number (they count from 1).
    """
    check_rate(options)
    wanted = wanted_sound(score.recipe)
    with opened_engine(score, options, rack) as engine:
        bars = engine.performance.bar_frames
        if not 1 <= start_bar <= len(bars):
            raise InputError(f"There is no bar {start_bar}.", f"The piece has {len(bars)} bars.")
        frame = bars[start_bar - 1]
        gain_db = decided_gain(lambda: engine.loudness_to_begin_with(frame), wanted, options)
        blocks = engine.fader.over(engine.blocks(gain_db, frame, block_frames), frame)
        yield from _held_below(blocks, wanted.ceiling_dbtp)


def stream_recipe(
    recipe: Recipe, options: SoundOptions, *, start_bar: int = 1, block_frames: Frames = BLOCK_FRAMES
) -> Generator[Block, None, None]:
    """Yield the piece of a recipe as `stream_score` does; a long one is composed while it is heard.

    Raises
    ------
    PresetError
        At once, where the piece cannot be made so short.
    InputError
        As of a score.
    """
    streamed = _last_streamed.of(recipe)
    unfolding = Unfolding(streamed.recipe)
    if recipe.minutes <= _SOON_COMPOSED_MINUTES:
        rack = unfolding.synths(options)
        return stream_score(
            streamed.whole(), options, start_bar=start_bar, block_frames=block_frames, rack=rack
        )
    if start_bar != 1 or streamed.score is not None:
        return _at_its_gain(unfolding, streamed, options, start_bar, block_frames)
    return _unfolded(unfolding, streamed, options, block_frames)


class Unfolding:
    """A piece that is composed while it is heard."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._piece = compose_piece(recipe.adapted, seed=recipe.seed, length_s=recipe.length_s)
        self._is_stopped = False

    @property
    def length_s(self) -> Seconds:
        """How long it is."""
        return self._piece.title.length_s

    def opening(self) -> Score:
        """What is known soonest: its beginning alone."""
        return self._assembled(self._piece.opening())

    def sketch(self) -> Score:
        """What is known next: its beginning, and what tells its loudness."""
        return self._assembled(self._piece.sketch())

    def synths(self, options: SoundOptions) -> Rack | None:
        """Synths for its instruments, made while it is composed."""
        return synths_ahead(self._piece.title.strips, options)

    def whole(self) -> Score:
        """The piece.

        Raises
        ------
        CancelledError
            If it was stopped meanwhile.
        """
        return self._assembled(self._passages())

    def _assembled(self, passages: Iterator[Passage]) -> Score:
        with collecting_put_off():
            return assemble(self._piece.title, passages, self._recipe)

    def stop(self) -> None:
        """Whoever is composing it in another thread need not go on."""
        self._is_stopped = True

    def _passages(self) -> Iterator[Passage]:
        for passage in self._piece.passages():
            self.check_whether_to_go_on()
            yield passage

    def check_whether_to_go_on(self) -> None:
        """Raise CancelledError where nobody needs it any more."""
        # A program that ends with its stream still open does not wait for it.
        if self._is_stopped or not threading.main_thread().is_alive():
            raise CancelledError


@dataclass(slots=True, eq=False)
class _Streamed:
    """What is known of a recipe's piece that is, or was, streamed."""

    recipe: Recipe
    said: str
    score: Score | None = None
    gains_db: dict[_SoundKey, Decibels] = field(default_factory=dict)

    def known_gain_db(self, options: SoundOptions) -> Decibels | None:
        """The gain that was asked for, or was found before."""
        return options.gain_db if options.gain_db is not None else self.gains_db.get(_sound_key(options))

    def gain_db(self, options: SoundOptions, loudness: Callable[[], Lufs]) -> Decibels:
        """The gain, found out now where it is not known, and remembered."""
        if options.gain_db is not None:
            return options.gain_db
        key = _sound_key(options)
        if key not in self.gains_db:
            self.gains_db[key] = decided_gain(loudness, wanted_sound(self.recipe), options)
        return self.gains_db[key]

    def whole(self) -> Score:
        """The whole score, composed where it is not at hand."""
        return self.score or self.keep(compose(self.recipe))

    def keep(self, score: Score) -> Score:
        """Keep the score for whoever goes to another bar; long ones are not kept, they would take much memory."""
        if self.recipe.minutes <= _LONGEST_KEPT_MINUTES:
            self.score = score
        return score


class _LastStreamed:
    """The last piece that was streamed from a recipe: whoever goes to another bar of it does not wait for it again."""

    def __init__(self) -> None:
        self._kept: _Streamed | None = None

    def of(self, recipe: Recipe) -> _Streamed:
        """What is known of a recipe's piece."""
        # Its overrides are a dictionary, which may have been changed since, or will be: what it says now counts.
        said = recipe.model_dump_json()
        kept = self._kept
        if kept is None or kept.said != said:
            kept = self._kept = _Streamed(deepcopy(recipe), said)
        return kept


_SOON_COMPOSED_MINUTES = 5.0
"""Up to here a piece has hardly more than its first tune, and a sketch would not be made sooner."""
_LONGEST_KEPT_MINUTES = 120.0
"""Ten to fifteen megabytes."""
_last_streamed = _LastStreamed()
_getting_ready = threading.Lock()
"""Of all that are heard in this process one at a time is made ready: the others' first blocks wait the less."""
_PATIENCE_S: Seconds = 0.05
_AFTER_FIRST_BLOCK_S: Seconds = 0.1
"""So long whoever has just got a first block has the processor alone."""


def _at_its_gain(
    unfolding: Unfolding, streamed: _Streamed, options: SoundOptions, start_bar: int, block_frames: Frames
) -> Generator[Block, None, None]:
    """From any bar of a long piece, at the gain that it has from its first bar on."""

    def loudness() -> Lufs:
        rack = unfolding.synths(options)
        with opened_engine(unfolding.sketch(), options, rack) as engine:
            return engine.estimated_loudness()

    chosen = replace(options, gain_db=streamed.gain_db(options, loudness))
    yield from stream_score(streamed.whole(), chosen, start_bar=start_bar, block_frames=block_frames)


def _unfolded(
    unfolding: Unfolding, streamed: _Streamed, options: SoundOptions, block_frames: Frames
) -> Generator[Block, None, None]:
    from calmando.sound.mixing.regions import reblocked

    check_rate(options)
    n_frames = round(unfolding.length_s * options.sample_rate)
    with closing(_unfolded_regions(unfolding, streamed, options)) as regions:
        blocks = reblocked((region.T for region in regions), 0, n_frames, block_frames)
        yield from _held_below((block.T for block in blocks), wanted_sound(streamed.recipe).ceiling_dbtp)


def _unfolded_regions(
    unfolding: Unfolding, streamed: _Streamed, options: SoundOptions
) -> Generator[Block, None, None]:
    """The opening from the sketch, and then the rest, made ready meanwhile."""
    options = replace(options, gain_db=streamed.known_gain_db(options))
    rack = unfolding.synths(options)
    begun = unfolding.sketch() if options.gain_db is None else unfolding.opening()
    with ExitStack() as coming:
        with opened_engine(begun, options, rack) as engine:
            end = engine.opening_frames
            gain_db = streamed.gain_db(options, lambda: engine.loudness_to_begin_with(0))
            opening = engine.fader.over(engine.blocks(gain_db, end_frame=end))
            first = next(opening)
            rest = coming.enter_context(_Rest(unfolding, streamed, options, gain_db, end))
            yield first
            yield from opening
        yield from rest.blocks()


class _Rest:
    """What comes after a piece's opening: composed, and its first block ready, in a thread of its own while the opening is heard."""

    def __init__(
        self,
        unfolding: Unfolding,
        streamed: _Streamed,
        options: SoundOptions,
        gain_db: Decibels,
        first_frame: Frames,
    ) -> None:
        self._unfolding, self._streamed, self._options = unfolding, streamed, options
        self._gain_db, self._first_frame = gain_db, first_frame
        self._opened = ExitStack()
        self._ready: Future[Iterator[Block]] = Future()
        self._is_due = threading.Event()
        self._is_heard = False
        threading.Thread(target=self._run, name="calmando-unfolding").start()

    def blocks(self) -> Iterator[Block]:
        """All its blocks, once."""
        self._is_heard = True
        self._is_due.set()
        return self._ready.result()

    def _run(self) -> None:
        try:
            self._is_due.wait(_AFTER_FIRST_BLOCK_S)
            self._unfolding.check_whether_to_go_on()
            while not _getting_ready.acquire(timeout=_PATIENCE_S):
                self._unfolding.check_whether_to_go_on()
            try:
                self._ready.set_result(self._get_ready())
            finally:
                _getting_ready.release()
        except CancelledError as stopped:
            # Nobody hears of it: where it was raised would but hold everything back.
            self._ready.set_exception(stopped.with_traceback(None))
        except BaseException as problem:
            self._ready.set_exception(problem)

    def _get_ready(self) -> Iterator[Block]:
        first = self._first_frame
        score = self._streamed.keep(self._unfolding.whole())
        self._unfolding.check_whether_to_go_on()
        give_back_freed_memory()
        engine = self._opened.enter_context(opened_engine(score, self._options))
        blocks = engine.fader.over(engine.blocks(self._gain_db, first), first)
        # Those who mix them end with them, even where nobody has heard one.
        self._opened.callback(blocks.close)
        return chain([next(blocks)], blocks)

    def __enter__(self) -> _Rest:
        return self

    def __exit__(self, *_: object) -> None:
        self._unfolding.stop()
        self._is_due.set()
        # Nobody waits: the thread itself may be the one that lets a forgotten stream go.
        self._ready.add_done_callback(functools.partial(_let_go, self._opened, self._is_heard))


def _let_go(opened: ExitStack, is_heard: bool, _: object) -> None:
    opened.close()
    if is_heard:
        # Whoever goes from one piece's beginning to another's is quicker with the memory at hand.
        give_back_freed_memory()


def _sound_key(options: SoundOptions) -> _SoundKey:
    """What else than the piece a gain hangs on: the sample rate and the fonts as they are now."""
    from calmando.sound.fluidsynth.hashes import font_state
    from calmando.sound.fluidsynth.soundfonts import choose_fonts

    return (options.sample_rate, *map(font_state, choose_fonts(options.soundfonts)))


def _held_below(blocks: Iterator[Block], ceiling_db: Decibels) -> Iterator[Block]:
    from calmando.sound.fades import hold_below

    for block in blocks:
        hold_below(block, ceiling_db)
        yield np.ascontiguousarray(block)
