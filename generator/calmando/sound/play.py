"""Blocks of sound → the loudspeaker, through pygame's mixer.

The bundled FluidSynth has no sound-card driver; pygame, which comes with it, does. It is imported only here.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from calmando.errors import MissingError
from calmando.sound.blocks import Block
from calmando.sound.files.dither import quantise_16
from calmando.sound.files.native_messages import native_messages_hidden
from calmando.units import Frames, Seconds

_PIECE_S: Seconds = 1.0
"""What is handed over at a time: while one piece sounds, another one waits."""
_FADE_S: Seconds = 0.8
_FADE_STEPS = 80
_LAST_BUFFERS_S: Seconds = 0.1
"""Until the device has played what it had taken before the sound was silent."""
_LOOK_EVERY_S: Seconds = 0.01
_DEVICE_FRAMES = 2_048

_INSTEAD = "Write a file and play that: calmando render … -o piece.flac"


def play(blocks: Iterable[Block], sample_rate: int) -> None:
    """Play blocks, shape (n_frames, 2), −1 to 1, until they end.

    Whatever stops it (Ctrl-C above all) lets the sound fade out within a second and then passes on.

    Raises
    ------
    MissingError
        Where there is no sound device, no pygame, or the program uses pygame's mixer for itself.
    """
    mixer = _opened_mixer(sample_rate)
    try:
        channel = mixer.Channel(0)
        sounding: list[Any] = []
        try:
            for sound in _sounds(mixer, blocks, sample_rate):
                _wait(lambda: channel.get_queue() is None)
                channel.queue(sound)
                sounding = [*sounding[-1:], sound]
            # Between two sounds nothing is busy for a moment, while the next one still stands in the queue.
            _wait(lambda: channel.get_queue() is None and not channel.get_busy())
        except BaseException:
            _fade_out(sounding)
            raise
    finally:
        mixer.quit()


def _opened_mixer(sample_rate: int) -> Any:  # pygame is imported by name and known to no type checker
    try:
        with _greeting_hidden():
            pygame = importlib.import_module("pygame")
            mixer = importlib.import_module("pygame.mixer")
    except ImportError as error:
        raise MissingError(
            "Sound cannot be played here: pygame is missing.",
            f"Python says: {error}.",
            f"Install it (pip install pygame-ce). Or: {_INSTEAD}",
        ) from error
    if mixer.get_init() is not None:
        raise MissingError(
            "Sound cannot be played: this program uses pygame's mixer for itself.",
            "",
            "Close it first (pygame.mixer.quit()), or play the blocks through it.",
        )
    try:
        with native_messages_hidden():
            mixer.init(sample_rate, -16, 2, _DEVICE_FRAMES, allowedchanges=0)
    except pygame.error as error:
        raise MissingError(
            "No sound device could be opened.", f"The system says: {error}.", _INSTEAD
        ) from error
    return mixer


def _sounds(mixer: Any, blocks: Iterable[Block], sample_rate: int) -> Iterator[Any]:
    start_frame = 0
    for piece in _pieces(blocks, round(_PIECE_S * sample_rate)):
        yield mixer.Sound(buffer=quantise_16(piece, start_frame).tobytes())
        start_frame += len(piece)


def _pieces(blocks: Iterable[Block], n_frames: Frames) -> Iterator[Block]:
    """Collect blocks of any size into pieces of one size; the last one may be shorter."""
    waiting: list[Block] = []
    n_waiting = 0
    for block in blocks:
        waiting.append(np.array(block))
        n_waiting += len(block)
        if n_waiting >= n_frames:
            together = np.concatenate(waiting)
            whole = n_waiting - n_waiting % n_frames
            yield from (together[start : start + n_frames] for start in range(0, whole, n_frames))
            waiting, n_waiting = [together[whole:]], n_waiting - whole
    if n_waiting:
        yield np.concatenate(waiting)


def _wait(done: Any) -> None:
    while not done():
        time.sleep(_LOOK_EVERY_S)


def _fade_out(sounds: list[Any]) -> None:
    for step in range(_FADE_STEPS - 1, -1, -1):
        for sound in sounds:
            sound.set_volume((step / _FADE_STEPS) ** 2)
        time.sleep(_FADE_S / _FADE_STEPS)
    time.sleep(_LAST_BUFFERS_S)


@contextlib.contextmanager
def _greeting_hidden() -> Iterator[None]:
    """Keep pygame from greeting on standard output, where only results belong."""
    name = "PYGAME_HIDE_SUPPORT_PROMPT"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
