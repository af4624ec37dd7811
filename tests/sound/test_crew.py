"""Steps of work shared out among threads: each done once, in time, and heard of when it fails."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmando.sound.mixing.crew import Crew, Step

PATIENCE_S = 20.0


class Log:
    """Notes which thread did what, in order."""

    def __init__(self) -> None:
        self.done: list[tuple[str, int]] = []

    def note(self, name: str) -> Callable[[], str]:
        """Work that notes its name and gives it back."""

        def work() -> str:
            self.done.append((name, threading.get_ident()))
            return name

        return work

    def names(self) -> list[str]:
        """What was done."""
        return [name for name, _ in self.done]


def chain(log: Log, n_steps: int) -> list[tuple[Step[str], Step[str]]]:
    """Short steps, and for each a long one that needs it and the short one before."""
    pairs: list[tuple[Step[str], Step[str]]] = []
    for number in range(n_steps):
        short = Step(number, log.note(f"short {number}"))
        needed = (pairs[-1][0], short) if pairs else (short,)
        pairs.append((short, Step(number, log.note(f"long {number}"), needed, is_long=True)))
    return pairs


@given(st.integers(0, 3), st.integers(1, 12))
def test_every_step_is_done_once_and_after_what_it_needs(n_helpers: int, n_steps: int) -> None:
    """However many help, each step is done once, none before those it needs."""
    log = Log()
    with Crew(n_helpers) as crew:
        pairs = chain(log, n_steps)
        for short, long in pairs:
            crew.add(short)
            crew.add(long)
        assert [crew.result_of(long, n_steps) for _, long in pairs] == [f"long {n}" for n in range(n_steps)]
    names = log.names()
    assert sorted(names) == sorted(f"{kind} {n}" for kind in ("short", "long") for n in range(n_steps))
    for number in range(n_steps):
        assert names.index(f"short {number}") < names.index(f"long {number}")
        if number:
            assert names.index(f"short {number - 1}") < names.index(f"long {number}")


def test_who_asks_alone_does_no_more_than_is_needed() -> None:
    """Without helpers nothing numbered after ``last`` is begun."""
    log = Log()
    with Crew(0) as crew:
        pairs = chain(log, 3)
        for short, long in pairs:
            crew.add(short)
            crew.add(long)
        assert crew.result_of(pairs[0][1], 0) == "long 0"
        assert log.names() == ["short 0", "long 0"]


def test_who_asks_takes_short_steps_first() -> None:
    """Among what is ready, the thread that asks leaves the long steps to others as long as there are short ones."""
    log = Log()
    with Crew(0) as crew:
        first, *others = chain(log, 3)
        for step in (*first, *(short for short, _ in others)):
            crew.add(step)
        crew.result_of(first[1], 3)
    assert log.names() == ["short 0", "short 1", "short 2", "long 0"]


@contextlib.contextmanager
def crew_kept_busy() -> Iterator[tuple[Crew, threading.Event]]:
    """A crew whose only helper is at work until the event is set."""
    busy, free = threading.Event(), threading.Event()

    def keep_busy() -> None:
        busy.set()
        free.wait(PATIENCE_S)

    with Crew(1) as crew:
        crew.add(Step(0, keep_busy))
        assert busy.wait(PATIENCE_S)
        yield crew, free


def test_a_helper_takes_long_steps_first() -> None:
    """Where a long step is ready, a helper that comes free does it before short ones that stand further ahead."""
    log = Log()
    with crew_kept_busy() as (crew, free):
        for number in (1, 2):
            crew.add(Step(number, log.note(f"short {number}")))
        long = Step(3, log.note("long 3"), is_long=True)
        crew.add(long)
        free.set()
        assert crew.result_of(long, -1) == "long 3"
    assert log.names()[0] == "long 3"


@pytest.mark.parametrize("n_helpers", [0, 2])
def test_what_goes_wrong_is_heard_by_who_asks(n_helpers: int) -> None:
    """A step that fails raises where its result, or that of a step that needs it, is asked for."""

    def fail() -> str:
        raise OSError("the disk is gone")

    with Crew(n_helpers) as crew:
        broken = Step(0, fail)
        later: Step[str] = Step(0, lambda: broken.result() + "!", (broken,), is_long=True)
        crew.add(broken)
        crew.add(later)
        with pytest.raises(OSError, match="the disk is gone"):
            crew.result_of(later, 0)


def test_after_the_end_nothing_is_begun() -> None:
    """What was not begun before the end is never done."""
    log = Log()
    with crew_kept_busy() as (crew, free):
        crew.add(Step(1, log.note("never")))
        crew.end()
        free.set()
    assert log.names() == []
