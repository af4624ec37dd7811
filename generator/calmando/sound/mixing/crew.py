"""Threads that share out steps of work, the one that asks for a result among them.

Two kinds of work are told apart, because Python lets one thread at a time run: many small steps (adding notes) in two
threads are for ever in each other's way, beside few long ones (transforms) they are not. The thread that asks
takes small steps first, its helpers long ones, and each the others' where its own are lacking.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Step(Generic[T]):
    """Something that is done once, as soon as all it needs is done, by whoever comes to it first.

    Parameters
    ----------
    number
        Its place in the order of the work.
    work
        What is to be done.
    needs
        The steps whose results it takes.
    is_long
        Whether it runs for long without Python.
    """

    def __init__(
        self, number: int, work: Callable[[], T], needs: Sequence[Step[Any]] = (), *, is_long: bool = False
    ) -> None:
        self.number = number
        self.is_long = is_long
        self._work = work
        self._needs = needs
        self._is_done = False
        self._problem: BaseException | None = None
        self._result: T

    @property
    def is_ready(self) -> bool:
        """Whether all it needs is done."""
        return all(step.is_done for step in self._needs)

    @property
    def is_done(self) -> bool:
        """Whether there is a result, or a failure."""
        return self._is_done

    def do(self) -> None:
        """Do it; what goes wrong is kept for whoever asks for the result, and passes on."""
        try:
            self._result = self._work()
        except BaseException as problem:
            self._problem = problem
            raise
        finally:
            self._is_done = True

    def result(self) -> T:
        """What came of it, once it is done; raises what went wrong."""
        if self._problem is not None:
            raise self._problem
        return self._result


class Crew:
    """Takes up steps, as soon as they are ready; a context manager, at whose end what was begun is finished.

    Parameters
    ----------
    n_helpers
        Threads beside the one that asks; where there are none, nothing begins of itself.
    """

    def __init__(self, n_helpers: int) -> None:
        self._changed = threading.Condition()
        self._steps: list[Step[Any]] = []
        self._ended = False
        self._helpers = [
            # A program may end while somebody still holds a stream that he has not heard to its end.
            threading.Thread(target=self._help, name=f"calmando-mix-{number}", daemon=True)
            for number in range(n_helpers)
        ]
        for helper in self._helpers:
            helper.start()
        # Later on at a program's end no helper comes back, and whoever waited for one would wait for ever.
        atexit.register(self._dismiss)

    def add(self, step: Step[Any]) -> None:
        """Have a step done; steps come in their order."""
        with self._changed:
            self._steps.append(step)
            if step.is_ready:
                self._changed.notify()

    def result_of(self, wanted: Step[T], last: int) -> T:
        """The result of a step; while it is not there, this thread does other steps, none numbered after ``last``."""
        while True:
            with self._changed:
                mine = None
                while not wanted.is_done and mine is None:
                    mine = self._take(last, long_first=False)
                    if mine is None:
                        self._changed.wait()
            if mine is None:
                return wanted.result()
            self._do(mine)

    def end(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._ended = True
            self._steps.clear()
            self._changed.notify_all()

    def _help(self) -> None:
        """Do steps as they become ready, until the end."""
        while True:
            with self._changed:
                while (step := self._take(None, long_first=True)) is None:
                    if self._ended:
                        return
                    self._changed.wait()
            # Whoever asks for the result hears what went wrong.
            with contextlib.suppress(BaseException):
                self._do(step)

    def _take(self, last: int | None, *, long_first: bool) -> Step[Any] | None:
        """The next step that is ready, of the kind that is wanted first if there is one."""
        ready = [step for step in self._steps if step.is_ready and (last is None or step.number <= last)]
        step = next((step for step in ready if step.is_long is long_first), ready[0] if ready else None)
        if step is not None:
            self._steps.remove(step)
        return step

    def _do(self, step: Step[Any]) -> None:
        try:
            step.do()
        finally:
            with self._changed:
                self._changed.notify_all()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        atexit.unregister(self._dismiss)
        self._dismiss()

    def _dismiss(self) -> None:
        """Begin nothing more, and wait for what was begun."""
        self.end()
        for helper in self._helpers:
            # One of them may come upon a forgotten stream, and end it.
            if helper is not threading.current_thread():
                helper.join()
