"""How the user stops the program: Ctrl-C, a polite kill and a closed window become one exception, early, surely, once."""

from __future__ import annotations

import _thread
import contextlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

EXIT_STOPPED = 130
_PATIENCE_S = 1.0
"""How long an impatient person's next Ctrl-C is passed over, lest it disturb the clearing away."""
_SOON_S = 0.01
_CLEARING_AWAY_S = 5.0
"""How long the threads that write may take to clear away what they had begun."""
_STOPS = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if sys.platform != "win32" else ()))


class _Interrupter:
    """Turns a signal into an interruption."""

    def __init__(self) -> None:
        self.has_interrupted = False
        self._last_s = -math.inf

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """Interrupt, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._last_s >= _PATIENCE_S:
            self._last_s = now
            self.has_interrupted = True
            raise KeyboardInterrupt

    def interrupt_again(self, lost: sys.UnraisableHookArgs) -> None:
        """Let an interruption come again that fell into a moment where Python can pass none on."""
        if issubclass(lost.exc_type, KeyboardInterrupt):
            # From here it would be lost as well: it has to come when this function has returned.
            _thread.start_new_thread(self._interrupt_soon, ())
        else:
            sys.__unraisablehook__(lost)

    def _interrupt_soon(self) -> None:
        time.sleep(_SOON_S)
        self._last_s = -math.inf
        _thread.interrupt_main(signal.SIGTERM)


_interrupter = _Interrupter()


def hear_signals() -> None:
    """Let Ctrl-C, a polite kill and a closed window end the program in the same way: nothing half-written stays."""
    for stop in _STOPS:
        # A program started in the background with Ctrl-C turned off, or with nohup, keeps it off.
        if signal.getsignal(stop) is not signal.SIG_IGN:
            signal.signal(stop, _interrupter.interrupt)
    sys.unraisablehook = _interrupter.interrupt_again


@contextlib.contextmanager
def stopped_where_failing() -> Iterator[None]:
    """Take what fails after a stop (the loading of a library, say) for the stop: it fails because of it."""
    try:
        yield
    except Exception:
        if _interrupter.has_interrupted:
            raise KeyboardInterrupt from None
        raise


def end_stopped() -> NoReturn:
    """End at once, when all threads have cleared away.

    A library that was stopped while it was loaded cannot be trusted to survive Python's own way out.
    """
    hear_no_more()
    latest_s = time.monotonic() + _CLEARING_AWAY_S
    for thread in threading.enumerate():
        has_begun = thread.ident is not None
        if has_begun and thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(latest_s - time.monotonic(), 0.0))
    for output in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            output.flush()
    os._exit(EXIT_STOPPED)


def hear_no_more() -> None:
    """Let nothing more disturb what is ending anyway: its exit code is decided."""
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)
