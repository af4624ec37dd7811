"""Playing: the blocks reach the device without a gap, stop softly, and a machine without sound is told so."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from calmando.errors import MissingError
from calmando.sound.files.dither import quantise_16
from calmando.sound.play import play

Block = NDArray[np.float32]

RATE = 44_100


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A device that writes what it plays into a file, as fast as it can."""
    file = tmp_path / "played.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(file))
    monkeypatch.setenv("SDL_DISKAUDIODELAY", "10")
    return file


def noise(n_frames: int) -> Block:
    sound: Block = np.random.default_rng(0).uniform(0.01, 0.2, (n_frames, 2)).astype(np.float32)
    return sound


def in_blocks(sound: Block, n_frames: int) -> Iterator[Block]:
    for start in range(0, len(sound), n_frames):
        yield sound[start : start + n_frames]


def heard(file: Path) -> NDArray[np.int16]:
    """What was played, without the silence before and after."""
    frames = np.fromfile(file, np.int16).reshape(-1, 2)
    sounding = np.flatnonzero(frames.any(axis=1))
    return frames[sounding[0] : sounding[-1] + 1]


@pytest.mark.parametrize("n_frames", [1_000, 60_000, 200_000])
def test_every_frame_is_heard_once_and_without_a_gap(recorded: Path, n_frames: int) -> None:
    """What the device gets is the sound itself, whatever the blocks' size."""
    sound = noise(120_000)
    play(in_blocks(sound, n_frames), RATE)
    np.testing.assert_array_equal(heard(recorded), quantise_16(sound, 0))


class GapChannel:
    """A channel that is found idle for a moment between one sound and the one in its queue."""

    def __init__(self) -> None:
        self.played: list[bytes] = []
        self._queue: list[bytes] = []
        self._looks = 0

    def queue(self, sound: bytes) -> None:
        self._queue.append(sound)

    def get_queue(self) -> bytes | None:
        self._looks += 1
        if self._looks % 5 == 0 and self._queue:
            self.played.append(self._queue.pop())
        return self._queue[-1] if self._queue else None

    def get_busy(self) -> bool:
        return False


def test_the_last_piece_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel that is idle while a sound still waits in its queue has not ended."""
    channel = GapChannel()
    mixer = SimpleNamespace(Channel=lambda number: channel, Sound=lambda *, buffer: buffer, quit=lambda: None)
    monkeypatch.setattr("calmando.sound.play._opened_mixer", lambda sample_rate: mixer)
    sound = noise(100_000)
    play([sound], RATE)
    assert b"".join(channel.played) == quantise_16(sound, 0).tobytes()


def stopped() -> Iterator[Block]:
    yield noise(3 * RATE)
    raise KeyboardInterrupt


class ClockedSound:
    """A sound that is played at the volume it has at that moment."""

    def __init__(self, *, buffer: bytes) -> None:
        self.frames = np.frombuffer(buffer, np.int16).reshape(-1, 2).astype(np.float64)
        self.volume = 1.0

    def set_volume(self, volume: float) -> None:
        self.volume = volume


class ClockedMixer:
    """A device whose time passes only while it is waited for."""

    def __init__(self) -> None:
        self.heard: list[NDArray[np.float64]] = []
        self.gains: list[float] = []
        self._waiting: list[ClockedSound] = []
        self._at = 0
        self.Sound = ClockedSound

    def Channel(self, number: int) -> ClockedMixer:  # noqa: N802 (as pygame calls it)
        return self

    def quit(self) -> None:
        self._waiting = []

    def queue(self, sound: ClockedSound) -> None:
        self._waiting.append(sound)

    def get_queue(self) -> ClockedSound | None:
        return self._waiting[1] if len(self._waiting) > 1 else None

    def get_busy(self) -> bool:
        return bool(self._waiting)

    def sleep(self, seconds: float) -> None:
        n_frames = round(seconds * RATE)
        while n_frames and self._waiting:
            sound = self._waiting[0]
            played = sound.frames[self._at : self._at + n_frames]
            self.heard.append(played * sound.volume)
            self.gains.append(sound.volume)
            n_frames -= len(played)
            self._at += len(played)
            if self._at == len(sound.frames):
                del self._waiting[0]
                self._at = 0


def test_a_stop_fades_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C passes on after the sound has faded, within two seconds, without a click, whatever plays."""
    mixer = ClockedMixer()
    monkeypatch.setattr("calmando.sound.play._opened_mixer", lambda sample_rate: mixer)
    monkeypatch.setattr("calmando.sound.play.time", SimpleNamespace(sleep=mixer.sleep))
    with pytest.raises(KeyboardInterrupt):
        play(stopped(), RATE)
    level = np.abs(np.concatenate(mixer.heard)).max(axis=1)
    assert level.max() > 3_000
    faded_from = np.flatnonzero(level > 0.5 * level.max())[-1]
    assert len(level) - faded_from < 2 * RATE
    steps = -np.diff(mixer.gains)
    assert steps.min() >= 0 and steps.max() < 0.03
    assert mixer.gains[-1] == 0
    assert level[-2_000:].max() == 0


def test_a_stop_of_a_real_device_passes_on(recorded: Path) -> None:
    """Whatever the device had begun is heard, and Ctrl-C is not lost."""
    with pytest.raises(KeyboardInterrupt):
        play(stopped(), RATE)
    assert np.abs(heard(recorded).astype(np.int64)).max() > 3_000


def test_the_device_is_free_again_afterwards(recorded: Path) -> None:
    """Playing twice works: the device is closed each time."""
    for _ in range(2):
        play(in_blocks(noise(5_000), 5_000), RATE)


def test_nothing_to_play_is_no_trouble(recorded: Path) -> None:
    """No blocks, no sound, no error."""
    play(iter(()), RATE)


def test_a_machine_without_a_sound_device_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where no device can be opened the message says so and what to do; nothing else is printed."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "none-such")
    with pytest.raises(MissingError, match="No sound device") as caught:
        play(in_blocks(noise(100), 100), RATE)
    assert "render" in caught.value.fix
    assert caught.value.exit_code == 3
    assert capfd.readouterr() == ("", "")


def test_a_machine_without_pygame_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pygame cannot be imported the message says what to install."""
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(MissingError, match="pip install pygame-ce"):
        play(iter(()), RATE)
