"""Streams: a long piece is heard while it is composed, and is the piece all the same."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import islice, pairwise, repeat

import numpy as np
import pytest

import calmando
from calmando import rendering, streaming
from calmando.compose.piece import Piece
from calmando.performance import PerformedPart, perform
from calmando.preset.load import found_presets
from calmando.score.model import Passage
from calmando.sound.blocks import Block
from calmando.sound.engine import Engine, opening_regions
from calmando.sound.fluidsynth.levels import SWELL_GAP_S
from calmando.sound.fluidsynth.soundfonts import choose_fonts
from calmando.sound.mixing.convolution import REGION_FRAMES
from calmando.sound.mixing.traits import JUDGED_S
from calmando.units import Frames

RATE = 44_100
PRESETS = tuple(found.name for found in found_presets() if not found.own)
LONG_MINUTES = 50.0
"""A piece so long unfolds."""


@pytest.fixture(autouse=True)
def nothing_was_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins as a program does; what streams of the one before have begun, and nobody waits for, has ended."""
    for thread in threading.enumerate():
        if thread.name.startswith("calmando"):
            thread.join(60)
    monkeypatch.setattr(streaming, "_last_streamed", streaming._LastStreamed())


def test_the_last_streamed_piece_is_not_composed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever goes to another bar does not wait; another piece, or overrides changed in place, are composed."""
    made: list[float] = []

    def compose(recipe: calmando.Recipe) -> calmando.Score:
        made.append(recipe.minutes)
        return rendering.compose(recipe)

    monkeypatch.setattr(streaming, "compose", compose)

    def began(recipe: calmando.Recipe, bar: int) -> None:
        calmando.stream(recipe, start_bar=bar)

    recipe = calmando.recipe("turn-taking-drum", seed=1, minutes=3)
    for bar in (1, 9, 2):
        began(recipe, bar)
    began(calmando.recipe("turn-taking-drum", seed=1, minutes=3), 1)
    assert made == [3]
    began(calmando.recipe("turn-taking-drum", seed=1, minutes=4), 1)
    assert made == [3, 4]
    recipe.overrides["tempo.start_bpm"] = 80
    began(recipe, 1)
    assert made == [3, 4, 3]
    monkeypatch.setattr(streaming, "_LONGEST_KEPT_MINUTES", 2.0)
    for _ in range(2):
        began(calmando.recipe("turn-taking-drum", seed=2, minutes=5), 1)
    assert made == [3, 4, 3, 5, 5]


def known(part: PerformedPart, until: Frames) -> list[tuple[int, ...]]:
    """Notes and moves of controllers of a part that begin before a frame."""
    notes = [tuple(note) for note in part.notes if note.onset_frame < until]
    moves = [(curve.controller, *point) for curve in part.curves for point in curve if point.frame < until]
    return notes + moves


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("minutes", [8, LONG_MINUTES, 150])
def test_a_sketch_begins_with_the_piece_itself(preset: str, minutes: float) -> None:
    """All that the opening's sound hangs on is the piece's: notes and swells, and what the parts are judged by."""
    recipe = calmando.recipe(preset, seed=5, minutes=minutes)
    unfolding = streaming.Unfolding(recipe)
    whole, sketch, opening = (
        perform(score, RATE) for score in (calmando.compose(recipe), unfolding.sketch(), unfolding.opening())
    )
    opening_frames = opening_regions(whole.total_frames, RATE) * REGION_FRAMES
    heard = max(opening_frames + round(SWELL_GAP_S * RATE), round(JUDGED_S * RATE))
    for begun in (sketch, opening):
        assert begun.total_frames == whole.total_frames
        for part, sketched in zip(whole.parts, begun.parts, strict=True):
            assert sketched.strip == part.strip
            assert known(sketched, heard) == known(part, heard)
    assert minutes < LONG_MINUTES or sketch.n_notes < 0.85 * whole.n_notes
    assert opening.n_notes < max(360 / (60 * minutes), 0.3) * whole.n_notes


def test_the_opening_of_the_longest_piece_lies_within_what_a_sketch_knows() -> None:
    """Twelve hours: its opening, and the longest note after it, are over before the first stretch is."""
    recipe = calmando.recipe("nicu-lullaby", seed=5, minutes=720)
    opening = opening_regions(round(recipe.length_s * RATE), RATE) * REGION_FRAMES
    whole = rendering.compose_piece(recipe.adapted, seed=5, length_s=recipe.length_s)
    end_s = opening / RATE + 30.0 + SWELL_GAP_S
    sketched = [passage.span for passage in islice(whole.sketch(), 100)]
    for before, after in pairwise(sketched):
        if before.end_ticks != after.onset_ticks:
            break
    else:
        pytest.fail("nothing was left out")
    tempo = calmando.compose(calmando.recipe("nicu-lullaby", seed=5, minutes=60)).tempo_map
    assert tempo.seconds_at(before.end_ticks) > end_s


@pytest.mark.parametrize(
    ("preset", "minutes"),
    [
        *((preset, minutes) for preset in PRESETS for minutes in (10, 60)),
        ("guided-imagery", 150),
        ("pain-companion", 150),
    ],
)
def test_a_sketch_is_nearly_as_loud_as_the_piece(preset: str, minutes: float) -> None:
    """Within six tenths of a unit, so that a stream's loudness stays within one of a file's."""
    recipe = calmando.recipe(preset, seed=6, minutes=minutes)
    fonts = choose_fonts(())
    loudness = []
    for score in (calmando.compose(recipe), streaming.Unfolding(recipe).sketch()):
        with Engine(perform(score, RATE), fonts) as engine:
            loudness.append(engine.estimated_loudness())
    assert loudness[1] == pytest.approx(loudness[0], abs=0.6)


@pytest.mark.parametrize("preset", ["deep-sleep", "bedtime-lullaby", "gait-training"])
def test_a_sketch_leaps_to_where_the_piece_is_then(preset: str) -> None:
    """It composes no phrase that it leaves out, and goes on at the tempo to which the piece has come meanwhile."""
    recipe = calmando.recipe(preset, seed=5, minutes=150)
    whole, sketch = calmando.compose(recipe), streaming.Unfolding(recipe).sketch()
    leaps = [after for before, after in pairwise(sketch.phrases) if before.end_ticks != after.onset_ticks]
    assert len(leaps) > 3
    for phrase in leaps:
        at_s = sketch.tempo_map.seconds_at(phrase.onset_ticks)
        tempi = (
            score.tempo_map.us_per_quarter_at(score.tempo_map.ticks_at(at_s)) for score in (whole, sketch)
        )
        first, second = tempi
        assert second == pytest.approx(first, rel=0.02)


def frames_of(recipe: calmando.Recipe, n_frames: Frames, **options: float) -> Block:
    """The first frames of a stream."""
    blocks, heard = [], 0
    with closing(calmando.stream(recipe, **options)) as stream:  # type: ignore[arg-type]
        while heard < n_frames:
            blocks.append(next(stream))
            heard += len(blocks[-1])
    return np.concatenate(blocks)[:n_frames]


@pytest.mark.parametrize("block_frames", [4_096, 70_001])
def test_a_piece_that_unfolds_gives_the_frames_of_the_whole(block_frames: int) -> None:
    """Across the end of its opening too, whatever the block size."""
    recipe = calmando.recipe("stress-relief", seed=8, minutes=LONG_MINUTES)
    n_frames = 4 * REGION_FRAMES
    unfolded = frames_of(recipe, n_frames, gain_db=10.0, block_frames=block_frames)
    score = calmando.compose(recipe)
    with closing(calmando.stream(score, gain_db=10.0, block_frames=n_frames)) as stream:
        np.testing.assert_array_equal(unfolded, next(stream))


def test_where_the_gain_is_known_no_loudness_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it was asked for, or found the time before: its beginning alone is composed first, and is the same."""
    recipe = calmando.recipe("deep-sleep", seed=8, minutes=LONG_MINUTES)
    with closing(calmando.stream(recipe)) as stream:
        first = next(stream)
    (gain_db,) = streaming._last_streamed.of(recipe).gains_db.values()
    monkeypatch.setattr(Piece, "sketch", None)
    with closing(calmando.stream(recipe)) as stream:
        np.testing.assert_array_equal(next(stream), first)
    monkeypatch.setattr(streaming, "_last_streamed", streaming._LastStreamed())
    with closing(calmando.stream(recipe, gain_db=gain_db)) as stream:
        np.testing.assert_array_equal(next(stream), first)


def test_it_is_composed_while_its_opening_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before its first block, nor in the thread of whoever listens; what comes after the opening does not wait for it."""
    made: list[tuple[int, bool]] = []
    is_made, has_first = threading.Event(), False

    def whole(unfolding: streaming.Unfolding) -> calmando.Score:
        score = assembled(unfolding)
        made.append((threading.get_ident(), has_first))
        is_made.set()
        return score

    assembled = streaming.Unfolding.whole
    monkeypatch.setattr(streaming.Unfolding, "whole", whole)
    recipe = calmando.recipe("deep-sleep", seed=8, minutes=LONG_MINUTES)
    with closing(calmando.stream(recipe, block_frames=REGION_FRAMES)) as stream:
        next(stream)
        has_first = True
        assert is_made.wait(60)
    ((thread, was_later),) = made
    assert thread != threading.get_ident()
    assert was_later
    assert streaming.Unfolding(recipe).whole() == calmando.compose(recipe)


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Whatever was begun here ends by itself."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("n_regions", [0, 1, 3])
def test_whoever_stops_listening_leaves_nothing_behind(
    n_regions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread goes on composing, or is left at all, wherever the stream is closed."""
    exhausted: list[bool] = []

    def endless(piece: Piece) -> Iterator[Passage]:
        passage = next(passages(piece))
        yield from repeat(passage, 10_000_000)
        exhausted.append(True)

    passages = Piece.passages
    monkeypatch.setattr(Piece, "passages", endless)
    with no_thread_left():
        stream = calmando.stream(
            calmando.recipe("deep-sleep", seed=8, minutes=480), block_frames=REGION_FRAMES
        )
        for _ in range(n_regions):
            next(stream)
        stream.close()
    assert not exhausted


def test_a_rest_that_nobody_hears_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it was made ready just as the stream is closed, those who mix it end without garbage being looked for."""
    is_ready, may_go_on = threading.Event(), threading.Event()

    def get_ready(rest: streaming._Rest) -> Iterator[Block]:
        blocks = ready(rest)
        is_ready.set()
        may_go_on.wait(60)
        return blocks

    ready = streaming._Rest._get_ready
    monkeypatch.setattr(streaming._Rest, "_get_ready", get_ready)
    gc.disable()
    try:
        with no_thread_left():
            stream = calmando.stream(calmando.recipe("turn-taking-drum", seed=8, minutes=LONG_MINUTES))
            next(stream)
            assert is_ready.wait(60)
            stream.close()
            may_go_on.set()
    finally:
        gc.enable()


def test_whoever_stops_before_the_rest_has_its_turn_does_not_wait() -> None:
    """One piece at a time is made ready."""
    with streaming._getting_ready, no_thread_left():
        stream = calmando.stream(calmando.recipe("turn-taking-drum", seed=8, minutes=LONG_MINUTES))
        next(stream)
        stream.close()


def test_a_forgotten_stream_is_let_go_in_any_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the one that makes its rest ready, where garbage may be looked for."""
    begun = threading.Event()
    streams: list[Generator[Block, None, None]] = []

    def whole(unfolding: streaming.Unfolding) -> calmando.Score:
        begun.wait(60)
        streams.pop().close()
        return assembled(unfolding)

    assembled = streaming.Unfolding.whole
    monkeypatch.setattr(streaming.Unfolding, "whole", whole)
    with no_thread_left():
        stream = calmando.stream(calmando.recipe("turn-taking-drum", seed=8, minutes=LONG_MINUTES))
        next(stream)
        streams.append(stream)
        del stream
        begun.set()
    assert not streams


def test_a_program_may_end_with_a_stream_still_open() -> None:
    """Nothing holds it up, and nothing is printed."""
    script = (
        "import calmando\n"
        "stream = calmando.stream(calmando.recipe('nicu-lullaby', seed=8, minutes=480))\n"
        "print(len(next(stream)))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{streaming.BLOCK_FRAMES}\n", "")


def test_what_goes_wrong_in_composing_is_told_where_it_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The opening is heard to its end; then the error comes, as it was."""

    def broken(_unfolding: streaming.Unfolding) -> calmando.Score:
        raise calmando.InputError("broken", "because", "mend it")

    monkeypatch.setattr(streaming.Unfolding, "whole", broken)
    recipe = calmando.recipe("deep-sleep", seed=8, minutes=LONG_MINUTES)
    n_opening = opening_regions(round(recipe.length_s * RATE), RATE)
    heard = 0
    with (
        closing(calmando.stream(recipe, block_frames=REGION_FRAMES)) as stream,
        pytest.raises(calmando.InputError, match="broken"),
    ):
        for _ in stream:
            heard += 1
    assert heard == n_opening


def test_every_bar_of_a_piece_has_one_gain() -> None:
    """Whoever begins at a later bar hears it as loud as whoever came to it from the first."""
    recipe = calmando.recipe("steady-ground", seed=8, minutes=LONG_MINUTES)
    bar_frame = perform(calmando.compose(recipe), RATE).bar_frames[1]
    later = frames_of(recipe, 50_000, start_bar=2)
    streaming._last_streamed = streaming._LastStreamed()
    from_the_first = frames_of(recipe, bar_frame + 50_000)
    np.testing.assert_array_equal(later, from_the_first[bar_frame:])
    assert np.any(later)


def test_what_is_kept_of_a_recipe_is_what_it_said_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Overrides that are changed in place meanwhile are another piece's, for whoever asks for the first one again as well."""
    made: list[object] = []

    def compose(recipe: calmando.Recipe) -> calmando.Score:
        made.append(recipe.overrides["tempo.start_bpm"])
        return rendering.compose(recipe)

    monkeypatch.setattr(streaming, "compose", compose)
    first, again = (
        calmando.recipe("turn-taking-drum", seed=1, minutes=LONG_MINUTES, overrides={"tempo.start_bpm": 80})
        for _ in range(2)
    )
    stream = calmando.stream(first, start_bar=2, gain_db=0.0)
    first.overrides["tempo.start_bpm"] = 90
    next(stream)
    stream.close()
    streaming._last_streamed.of(again).score = None
    with closing(calmando.stream(again, start_bar=2, gain_db=0.0)) as stream:
        next(stream)
    assert made == [80, 80]


@pytest.mark.parametrize("bar", [0, -1, 100_000])
def test_a_long_piece_has_no_other_bars_than_its_own(bar: int) -> None:
    """The number is told."""
    with pytest.raises(calmando.InputError, match=f"no bar {bar}"):
        next(
            calmando.stream(calmando.recipe("turn-taking-drum", seed=1, minutes=LONG_MINUTES), start_bar=bar)
        )
