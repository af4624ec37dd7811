"""pretty_midi without its synthesiser: reading notes loads no sound library into an application."""

from __future__ import annotations

import functools
import importlib
import sys
import threading
from types import ModuleType

_NAME, _ITS_SYNTHESISER = "pretty_midi", "fluidsynth"
_lock = threading.Lock()


def pretty_midi() -> ModuleType:
    """The application's own pretty_midi where there is one, else a copy of ours that the application never meets.

    pretty_midi imports pyfluidsynth, which searches the system for its library, prints where ``CI`` is set, and breaks
    off where the library is broken; without it, notes are read all the same.
    """
    with _lock:
        return _opened()


@functools.cache
def _opened() -> ModuleType:
    if _NAME in sys.modules or _ITS_SYNTHESISER in sys.modules:
        return importlib.import_module(_NAME)
    sys.modules[_ITS_SYNTHESISER] = None  # type: ignore[assignment] # Python's way to say that there is none
    try:
        return importlib.import_module(_NAME)
    finally:
        sys.modules.pop(_ITS_SYNTHESISER, None)
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]
