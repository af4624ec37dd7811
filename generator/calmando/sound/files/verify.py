"""Whether a sound file reads back as it was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from calmando.errors import AudioFileError, OutputError
from calmando.sound.files.audio_format import AudioFormat, BitDepth
from calmando.sound.files.read_file import opened_sound
from calmando.sound.files.tags import Tags, read_tags
from calmando.units import Frames

_N_WINDOWS = 12
_WINDOW_FRAMES = 8_192

_LEAD_IN_FRAMES = 32 * 1_152
"""An MP3 frame borrows from those before it: after a seek the first ones decode to silence."""

_PASSED_FRAMES = 65_536

_LOSSY_TOLERANCE_DB = 6.0
_KEPT_BY_ALL_HZ = 4_000
"""What lies higher, such as all of a shaker's sound, is left out where a file shall be small."""
_LOSSY_FLOOR = 0.003
"""Below this RMS (−50 dB) a lossy codec may leave out what cannot be heard."""
_LOSSY_SHORTEST = 2_048
"""In a shorter stretch the codec's own smearing is larger than the tolerance."""


class Probe:
    """Remembers windows of the sound on its way to the file: its beginning, its end, and between."""

    def __init__(self, n_frames: Frames) -> None:
        self.n_frames = n_frames
        length = min(_WINDOW_FRAMES, n_frames)
        starts = np.linspace(0, n_frames - length, _N_WINDOWS).astype(np.int64)
        self.windows = {int(start): np.zeros((length, 2), np.float32) for start in starts}

    def add(self, block: NDArray[np.float32], start_frame: Frames) -> None:
        """Take the next block."""
        end_frame = start_frame + len(block)
        for start, window in self.windows.items():
            first, last = max(start, start_frame), min(start + len(window), end_frame)
            if first < last:
                window[first - start : last - start] = block[first - start_frame : last - start_frame]


def verify_audio(file: Path, target: Path, chosen: AudioFormat, probe: Probe, tags: Tags) -> None:
    """Compare a written file with what went into it: length, rate, sound at twelve places, tags.

    Raises
    ------
    OutputError
        Naming what differs.
    """
    try:
        with opened_sound(file) as sound:
            if (sound.frames, sound.samplerate, sound.channels) != (probe.n_frames, chosen.sample_rate, 2):
                raise _differs(
                    target,
                    f"its length is {sound.frames} frames at {sound.samplerate} Hz instead of "
                    f"{probe.n_frames} at {chosen.sample_rate} Hz",
                )
            for start, written in sorted(probe.windows.items()):
                alike = _sounds_alike(_read_at(sound, start, len(written)), written, chosen)
                if not alike and chosen.bit_depth is None:
                    # In OGG a place after a long silence is sometimes missed by some hundred frames.
                    alike = _sounds_alike(_read_up_to(file, start, len(written)), written, chosen)
                if not alike:
                    raise _differs(target, f"its sound at {start / chosen.sample_rate:.1f} s is another")
        if read_tags(file) != tags:
            raise _differs(target, "its title or record is another")
    except (soundfile.SoundFileError, AudioFileError) as error:
        raise _differs(target, f"it cannot be read ({error})") from error


def _read_at(sound: soundfile.SoundFile, start: Frames, n_frames: Frames) -> NDArray[np.float32]:
    lead_in = min(start, _LEAD_IN_FRAMES)
    sound.seek(start - lead_in)
    read: NDArray[np.float32] = sound.read(lead_in + n_frames, dtype="float32", always_2d=True)
    return read[lead_in:]


def _read_up_to(file: Path, start: Frames, n_frames: Frames) -> NDArray[np.float32]:
    """Frames found by reading all that comes before them."""
    with opened_sound(file) as sound:
        left = start
        while left and len(passed := sound.read(min(left, _PASSED_FRAMES), dtype="float32")):
            left -= len(passed)
        read: NDArray[np.float32] = sound.read(n_frames, dtype="float32", always_2d=True)
        return read


def _sounds_alike(read: NDArray[np.float32], written: NDArray[np.float32], chosen: AudioFormat) -> bool:
    if read.shape != written.shape or not np.isfinite(read).all():
        return False
    largest_difference = float(np.abs(read - written).max(initial=0.0))
    match chosen.bit_depth:
        case BitDepth.FLOAT:
            return largest_difference == 0.0
        case BitDepth.PCM_24:
            return largest_difference <= 2.0**-22
        case BitDepth.PCM_16:
            # Half a step of rounding, one of dither, and one where full scale is cut.
            return largest_difference <= 2.5 / 32_768
        case None:
            expected = _rms(written, chosen.sample_rate)
            if len(read) < _LOSSY_SHORTEST or expected < _LOSSY_FLOOR:
                return True
            tolerance = 10.0 ** (_LOSSY_TOLERANCE_DB / 20.0)
            return bool(1.0 / tolerance <= _rms(read, chosen.sample_rate) / expected <= tolerance)


def _rms(sound: NDArray[np.float32], sample_rate: int) -> float:
    """The strength of what every quality keeps (by Parseval's theorem)."""
    n_kept = round(len(sound) * _KEPT_BY_ALL_HZ / sample_rate)
    power = np.square(np.abs(np.fft.rfft(sound, axis=0)[:n_kept])).sum()
    return float(np.sqrt(2.0 * power / sound.size / len(sound)))


def _differs(target: Path, how: str) -> OutputError:
    return OutputError(
        f"{target} could not be written.",
        f"Read back, {how}.",
        "The disk may be full or faulty: try another folder.",
    )
