"""Plays single dry notes of a SoundFont through FluidSynth, as float frames."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes.util import find_library
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 44_100
_PRIMING_FRAMES = 256
_SEVENTH_ORDER = 7
_LOG_LEVELS = 4  # panic, error, warning, information; not the traces of debugging
_LOG_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)


def _library_path() -> str | None:
    """Find libfluidsynth: the bundled one first, because the same library makes the same sound."""
    try:
        bundled = [
            str(file.locate())
            for file in files("pygame-ce") or ()
            if file.name.startswith(("libfluidsynth", "libfluidsynth-3"))
        ]
    except PackageNotFoundError:
        bundled = []
    return bundled[0] if bundled else find_library("fluidsynth")


class FontPlayer:
    """A synthesiser without reverb or chorus that holds one font and sounds one note at a time.

    ``messages`` collects whatever FluidSynth logs, errors and warnings and the rest.

    Parameters
    ----------
    font : Path
        An SF2 or SF3 file.
    gain : float, optional
        FluidSynth's linear gain.

    Raises
    ------
    OSError
        If libfluidsynth or the font cannot be loaded.
    """

    def __init__(self, font: Path, *, gain: float = 1.0) -> None:
        path = _library_path()
        if path is None:
            raise OSError("libfluidsynth was not found")
        self.messages: list[str] = []
        self._lib = ctypes.CDLL(path)
        self._declare()
        self._log = _LOG_FUNCTION(lambda _level, text, _data: self.messages.append(text.decode()))
        for level in range(_LOG_LEVELS):
            self._lib.fluid_set_log_function(level, self._log, None)
        self._settings = self._lib.new_fluid_settings()
        self._lib.fluid_settings_setnum(self._settings, b"synth.sample-rate", float(SAMPLE_RATE))
        self._lib.fluid_settings_setnum(self._settings, b"synth.gain", gain)
        for switch in (b"synth.reverb.active", b"synth.chorus.active"):
            self._lib.fluid_settings_setint(self._settings, switch, 0)
        self._synth = self._lib.new_fluid_synth(self._settings)
        self._font = self._lib.fluid_synth_sfload(self._synth, str(font).encode(), 0)
        if self._font < 0:
            self.close()
            raise OSError(f"FluidSynth cannot load {font}")
        self._lib.fluid_synth_set_interp_method(self._synth, -1, _SEVENTH_ORDER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the synthesiser."""
        self._lib.delete_fluid_synth(self._synth)
        self._lib.delete_fluid_settings(self._settings)
        for level in range(_LOG_LEVELS):
            self._lib.fluid_set_log_function(level, None, None)

    def note(
        self, program: int, key: int, velocity: int, *, hold_s: float, tail_s: float = 0.0, bank: int = 0
    ) -> NDArray[np.float64]:
        """Sound one note from silence.

        Returns
        -------
        numpy.ndarray
            Shape (n_frames, 2): the note held for ``hold_s`` seconds, then released for ``tail_s``.
        """
        lib = self._lib
        lib.fluid_synth_all_sounds_off(self._synth, -1)
        self._frames(_PRIMING_FRAMES)
        if lib.fluid_synth_program_select(self._synth, 0, self._font, bank, program) != 0:
            raise LookupError(f"the font has no program {program} in bank {bank}")
        lib.fluid_synth_noteon(self._synth, 0, key, velocity)
        held = self._frames(round(hold_s * SAMPLE_RATE))
        lib.fluid_synth_noteoff(self._synth, 0, key)
        return np.concatenate([held, self._frames(round(tail_s * SAMPLE_RATE))])

    def tune(self, program: int, notes: Sequence[tuple[int, float]], velocity: int) -> NDArray[np.float64]:
        """Sound notes (key, seconds) one straight after another, from silence; shape (n_frames, 2)."""
        lib = self._lib
        lib.fluid_synth_all_sounds_off(self._synth, -1)
        self._frames(_PRIMING_FRAMES)
        lib.fluid_synth_program_select(self._synth, 0, self._font, 0, program)
        sound = []
        for key, duration_s in notes:
            lib.fluid_synth_noteon(self._synth, 0, key, velocity)
            sound.append(self._frames(round(duration_s * SAMPLE_RATE)))
            lib.fluid_synth_noteoff(self._synth, 0, key)
        return np.concatenate(sound)

    def _frames(self, n_frames: int) -> NDArray[np.float64]:
        buffer = np.zeros((n_frames, 2), dtype=np.float32)
        pointer = buffer.ctypes.data_as(ctypes.c_void_p)
        self._lib.fluid_synth_write_float(self._synth, n_frames, pointer, 0, 2, pointer, 1, 2)
        return buffer.astype(np.float64)

    def _declare(self) -> None:
        lib, handle, number = self._lib, ctypes.c_void_p, ctypes.c_int
        lib.fluid_set_log_function.argtypes = [number, handle, handle]
        lib.fluid_set_log_function.restype = handle
        lib.new_fluid_settings.restype = handle
        lib.new_fluid_synth.argtypes, lib.new_fluid_synth.restype = [handle], handle
        lib.delete_fluid_synth.argtypes = [handle]
        lib.delete_fluid_settings.argtypes = [handle]
        lib.fluid_settings_setnum.argtypes = [handle, ctypes.c_char_p, ctypes.c_double]
        lib.fluid_settings_setint.argtypes = [handle, ctypes.c_char_p, number]
        lib.fluid_synth_sfload.argtypes = [handle, ctypes.c_char_p, number]
        lib.fluid_synth_set_interp_method.argtypes = [handle, number, number]
        lib.fluid_synth_all_sounds_off.argtypes = [handle, number]
        lib.fluid_synth_program_select.argtypes = [handle, number, number, number, number]
        lib.fluid_synth_noteon.argtypes = [handle, number, number, number]
        lib.fluid_synth_noteoff.argtypes = [handle, number, number]
        lib.fluid_synth_write_float.argtypes = [
            handle,
            number,
            handle,
            number,
            number,
            handle,
            number,
            number,
        ]
