"""FluidSynth's functions as Python calls them, and what it has to say when one fails."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from calmando.sound.fluidsynth import library

_WARNING = 2  # FluidSynth's levels: panic 0, error 1, warning 2, information 3, debug 4
_N_LEVELS = 5

_A, _I = ctypes.c_void_p, ctypes.c_int
_AT_ONCE: dict[str, tuple[Any, ...]] = {
    "fluid_settings_setint": (_A, ctypes.c_char_p, _I),
    "fluid_settings_setnum": (_A, ctypes.c_char_p, ctypes.c_double),
    "fluid_synth_cc": (_A, _I, _I, _I),
    "fluid_synth_noteon": (_A, _I, _I, _I),
    "fluid_synth_noteoff": (_A, _I, _I),
    "fluid_synth_all_sounds_off": (_A, _I),
    "fluid_synth_set_gen": (_A, _I, _I, ctypes.c_float),
}
"""What takes no time, answers whether it could be done, and is called often."""

_log = threading.local()


def forget_words() -> None:
    """Let go of what FluidSynth has said so far."""
    _log.lines = []


def last_words() -> str:
    """What FluidSynth has said since the last call, as one sentence."""
    lines: list[str] = getattr(_log, "lines", [])
    return f"FluidSynth says: {'; '.join(lines)}." if lines else ""


class EntryPoints:
    """pyfluidsynth's functions, and the few it lacks."""

    def __init__(self, opened: library.Library) -> None:
        module, handle = opened.module, opened.handle
        for name in (
            "delete_fluid_settings", "delete_fluid_synth", "fluid_synth_sfload", "fluid_synth_program_select",
        ):  # fmt: skip
            setattr(self, name, getattr(module, name))
        self.process = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
            ctypes.c_void_p,
        )(("fluid_synth_process", handle))  # fmt: skip
        # They take no time: other threads need not get on with Python meanwhile, which would take some.
        at_once = ctypes.PYFUNCTYPE
        self.new_fluid_settings = at_once(ctypes.c_void_p)(("new_fluid_settings", handle))
        self.new_fluid_synth = at_once(ctypes.c_void_p, ctypes.c_void_p)(("new_fluid_synth", handle))
        for name, takes in _AT_ONCE.items():
            setattr(self, name, at_once(ctypes.c_int, *takes)((name, handle)))
        self.get_voicelist = at_once(
            None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int
        )(("fluid_synth_get_voicelist", handle))
        self.n_voices = at_once(ctypes.c_int, ctypes.c_void_p)(("fluid_synth_get_active_voice_count", handle))
        self.voice_generator = at_once(ctypes.c_float, ctypes.c_void_p, ctypes.c_int)(
            ("fluid_voice_gen_get", handle)
        )
        self.set_voice_generator = at_once(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_float)(
            ("fluid_voice_gen_set", handle)
        )
        self.update_voice = at_once(None, ctypes.c_void_p, ctypes.c_int)(("fluid_voice_update_param", handle))
        in_voice = at_once(ctypes.c_int, ctypes.c_void_p)
        self.voice_channel = in_voice(("fluid_voice_get_channel", handle))
        self.voice_key = in_voice(("fluid_voice_get_key", handle))
        self.voice_is_on = in_voice(("fluid_voice_is_on", handle))
        listener = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
        self._listener = listener(_listen)
        set_log = handle.fluid_set_log_function
        set_log.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        set_log.restype = ctypes.c_void_p
        for level in range(_N_LEVELS):
            # What is no error is told to nobody: each word would wait for Python.
            set_log(level, self._listener if level < _WARNING else None, None)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


_ready: dict[int, EntryPoints] = {}
_ready_lock = threading.Lock()


def entry_points() -> EntryPoints:
    opened = library.load()
    with _ready_lock:
        if id(opened) not in _ready:
            _ready[id(opened)] = EntryPoints(opened)
        return _ready[id(opened)]


def _listen(_level: int, message: bytes | None, _data: int | None) -> None:
    """Keep what FluidSynth has to say for whoever called it; nothing is printed."""
    if message:
        lines = getattr(_log, "lines", None)
        if lines is None:
            lines = _log.lines = []
        lines.append(message.decode("utf-8", "replace").strip().rstrip("."))
