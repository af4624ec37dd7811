"""What the command line says, where it says it, and with which exit code it ends.

Results go to standard output; progress and messages to standard error, which ``--quiet`` keeps still.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from calmando.cli.stopping import EXIT_STOPPED, stopped_where_failing
from calmando.errors import CalmandoError, MissingError, OutputError, shown
from calmando.told_time import about

if TYPE_CHECKING:
    from calmando.rendering import Progress

P = ParamSpec("P")
R = TypeVar("R")

EXIT_FAULT = 70
_PROGRESS_AFTER_S = 1.0
_PLAIN_EVERY_S = 10.0
COLUMNS_OF_BOXES = 72


class _Console(Console):
    """A console that leaves it to `told` to end when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Let the error pass."""
        raise  # noqa: PLE0704 - rich calls this while it handles the error


errors = _Console(stderr=True, highlight=False, soft_wrap=True)
results = _Console(highlight=False)
if not results.is_terminal:
    results = _Console(highlight=False, width=100)


class _NeverFails(io.RawIOBase):
    """A way out that passes bytes on as long as somebody takes them, and drops them from then on.

    What cannot be said must not change how the program ends: some Pythons try again at their exit to say what
    could not be said, and end with a code of their own.
    """

    def __init__(self, way_out: io.RawIOBase) -> None:
        self._way_out = way_out

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._way_out.fileno()

    def isatty(self) -> bool:
        return self._way_out.isatty()

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            return self._way_out.write(data) or len(data)
        return len(data)


def is_narrow() -> bool:
    """Whether lines are too short for boxes and columns."""
    return shutil.get_terminal_size().columns < COLUMNS_OF_BOXES


def write_what_can_be_written() -> None:
    """Print a question mark for what a terminal's character set lacks, and never fail to say something."""
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors="replace")
    told_by = sys.stderr
    buffer = getattr(told_by, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # there is no buffer between where PYTHONUNBUFFERED is set
    if isinstance(told_by, io.TextIOWrapper) and isinstance(raw, io.RawIOBase):
        sys.stderr = io.TextIOWrapper(
            io.BufferedWriter(_NeverFails(raw)),
            encoding=told_by.encoding,
            errors="replace",
            line_buffering=True,
            write_through=True,
        )


def _tell_of_too_little(what: str) -> None:
    errors.print(Text(f"Error: This machine has too little {what} for that. Try a shorter piece."))


def _is_lack_of_threads(error: Exception) -> bool:
    """Whether the system gave no further thread; Python has no kind of error of its own for that."""
    return isinstance(error, RuntimeError) and str(error) == "can't start new thread"


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors of a command into a message and the right exit code."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with stopped_where_failing():
                value = command(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()
            return value
        except CalmandoError as error:
            tell_error(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            errors.print("Stopped. Nothing half-written was left behind.")
            raise typer.Exit(EXIT_STOPPED) from None
        except BrokenPipeError:
            # Whoever read our results has closed the pipe.
            _write_no_more()
            raise typer.Exit(0) from None
        except MemoryError:
            _tell_of_too_little("memory")
            raise typer.Exit(MissingError.exit_code) from None
        except (typer.Exit, SystemExit):
            raise
        except Exception as error:
            if isinstance(error, FileNotFoundError) and error.filename is None:
                tell_error(
                    OutputError("The folder you are in is not there any more.", "", "Change to another.")
                )
                raise typer.Exit(OutputError.exit_code) from None
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                _write_no_more()
                tell_error(
                    OutputError("The results could not be written.", "The disk is full.", "Free some space.")
                )
                raise typer.Exit(OutputError.exit_code) from None
            if _is_lack_of_threads(error):
                _tell_of_too_little("memory, or too few threads,")
                raise typer.Exit(MissingError.exit_code) from None
            if os.environ.get("CALMANDO_DEBUG"):
                raise
            errors.print(
                Text(shown(f"Error: Something went wrong inside Calmando ({type(error).__name__}: {error})."))
            )
            errors.print(
                Text("This is a fault of the program. Set CALMANDO_DEBUG=1 to see where, and report it.")
            )
            raise typer.Exit(EXIT_FAULT) from None

    return wrapper


def run(program: Callable[[], object]) -> NoReturn:
    """Run the whole program and end with its exit code, whatever befalls its results and messages.

    Raises
    ------
    SystemExit
        Always.
    """

    @told
    def whole() -> None:
        try:
            program()
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):  # rich and click call a closed pipe a failure
                raise end.__context__ from None
            if sys.stdout is not None:
                sys.stdout.flush()
            raise

    try:
        whole()
    except typer.Exit as end:
        raise SystemExit(end.exit_code) from None
    raise SystemExit(0)


def tell_error(error: CalmandoError) -> None:
    """Say what is wrong, why, and how to fix it, a line each."""
    errors.print(Text.assemble(("Error: ", "bold red"), error.what))
    if error.why:
        errors.print(Text(error.why))
    if error.fix:
        errors.print(Text.assemble(("What to do: ", "bold"), error.fix))


def _write_no_more() -> None:
    """Turn standard output away, so that Python does not complain at its exit of what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(message: str, quiet: bool = False) -> None:
    """Say something that is not a result."""
    if not quiet:
        errors.print(Text(shown(message)))


def caution(message: str) -> None:
    """Say something that must be read, even where all else is quiet; on a terminal no word is broken."""
    words = Text.assemble(("Caution: ", "bold yellow"), shown(message))
    errors.print(words, soft_wrap=not errors.is_terminal)


def result(line: str) -> None:
    """Print a line of the result, as it is."""
    print(line, file=sys.stdout)  # noqa: T201 - results are printed here and nowhere else


@contextlib.contextmanager
def read_or_not() -> Iterator[None]:
    """Print results that nobody may be reading any more: what comes after them is done all the same."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _write_no_more()


def result_json(value: Any) -> None:
    """Print a result for a program to read; what is no finite number, JSON cannot say, and it is null."""
    result(json.dumps(_sayable(value), indent=2, ensure_ascii=False, allow_nan=False))


def _sayable(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _sayable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_sayable(inner) for inner in value]
        case _:
            return value


class ProgressLine:
    """Shows how far a long task is, once it has taken a second, and how long what is being done will take."""

    def __init__(self, title: str, quiet: bool, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._title = title
        self._quiet = quiet
        self._clock = clock
        self._began = self._told = clock()
        self._doing = ""
        self._doing_since = self._began
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, news: Progress) -> None:
        """Take news of how far the piece has come."""
        doing, share = news.doing, news.share
        now = self._clock()
        if doing != self._doing:
            self._doing, self._doing_since = doing, now
            if self._bar is not None:
                self._bar.reset(self._task)  # what was done before says nothing of the pace of this
        if self._quiet or now - self._began < _PROGRESS_AFTER_S:
            return
        if errors.is_terminal:
            self._show_bar(doing, share)
        elif now - self._told >= _PLAIN_EVERY_S:
            self._told = now
            tell(f"{self._title}: {doing} {share:.0%}{_told_left(share, now - self._doing_since)}")

    def _show_bar(self, doing: str, share: float) -> None:
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                TextColumn("left"),
                console=errors,
                transient=True,
                get_time=self._clock,
            )
            self._bar.start()
            self._task = self._bar.add_task(f"{self._title}: {doing}", total=1.0)
        self._bar.update(self._task, completed=share, description=f"{self._title}: {doing}")


def _told_left(share: float, taken_s: float) -> str:
    """How long a share done leaves to do, told once it has taken long enough to judge its pace."""
    if share <= 0 or taken_s < _PROGRESS_AFTER_S:
        return ""
    return f", about {about(taken_s * (1 - share) / share)} left"
