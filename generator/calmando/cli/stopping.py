"""How the user stops the program: Ctrl-C and a polite kill become one exception, early, surely, and only once."""

from __future__ import annotations

import _thread
import signal
import sys
from types import FrameType

EXIT_STOPPED = 130


def hear_signals() -> None:
    """Let a polite kill end the program as Ctrl-C does: nothing half-written stays."""
    signal.signal(signal.SIGTERM, _interrupt)
    sys.unraisablehook = _interrupt_again


def hear_no_more() -> None:
    """Let nothing more disturb what is ending anyway: its exit code is decided."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """An interruption that fell into a moment where Python can pass none on comes again a moment later."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _thread.interrupt_main(signal.SIGTERM)
    else:
        sys.__unraisablehook__(lost)
