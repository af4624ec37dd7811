"""What all tests need: stops that arrive."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Take interrupts even where the tests were begun with these ignored, as in the background of a shell.

    Programs begun by the tests would ignore them as well, and what is tried of a stop would never happen.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
