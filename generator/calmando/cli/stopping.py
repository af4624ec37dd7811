"""How the user stops the program: Ctrl-C and a polite kill become one exception, early, surely, and only once."""

from __future__ import annotations

import _thread
import math
import signal
import sys
import time
from types import FrameType

EXIT_STOPPED = 130
_PATIENCE_S = 1.0
"""How long an impatient person's next Ctrl-C is passed over, lest it disturb the clearing away."""
_SOON_S = 0.01
_STOPS = (signal.SIGINT, signal.SIGTERM)


class _Interrupter:
    """Turns a signal into an interruption."""

    def __init__(self) -> None:
        self._last_s = -math.inf

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """Interrupt, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._last_s >= _PATIENCE_S:
            self._last_s = now
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


def hear_signals() -> None:
    """Let Ctrl-C and a polite kill end the program in the same way: nothing half-written stays."""
    interrupter = _Interrupter()
    for stop in _STOPS:
        # A program started in the background with Ctrl-C turned off keeps it off.
        if signal.getsignal(stop) is not signal.SIG_IGN:
            signal.signal(stop, interrupter.interrupt)
    sys.unraisablehook = interrupter.interrupt_again


def hear_no_more() -> None:
    """Let nothing more disturb what is ending anyway: its exit code is decided."""
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)
