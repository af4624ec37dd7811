"""Blocks of sound → a sound file that is whole, verified and tagged.

A thread of its own asks for each block and writes it, so that memory stays flat however long the piece is; whoever
makes the blocks may work on the next ones meanwhile (see `regions`). The caller's thread waits, and hears stops.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from calmando import whole_file
from calmando.errors import OutputError, SynthesisError
from calmando.sound.blocks import Block, peak_of
from calmando.sound.files.audio_format import AudioFormat, BitDepth, audio_format
from calmando.sound.files.direct_sink import sink_for_long_writes
from calmando.sound.files.dither import quantise_16, quantise_24
from calmando.sound.files.flac import FlacFile
from calmando.sound.files.mp3 import Mp3File
from calmando.sound.files.ogg_serial import fix_serial
from calmando.sound.files.sink import Sink
from calmando.sound.files.tags import NO_TAGS, Tags, put_tags, tags_as_kept
from calmando.sound.files.verify import Probe, verify_audio
from calmando.sound.files.wav import WavFile
from calmando.sound.kernels import kernels
from calmando.units import Decibels, Frames

_OpenFile: TypeAlias = soundfile.SoundFile | FlacFile | Mp3File | WavFile

MAX_FRAMES_A_WRITE = 65_536
"""In a format that packs with loss: libsndfile has crashed on one very long write to OGG."""

_BLOCKS_BEHIND = 2
"""So many blocks wait to be packed."""

_TELL_EVERY_S = 0.1
"""How often progress is told; it costs the thread that writes some of its time."""

_FLAC_LEVEL = 0.125
"""The second lowest of eight: the lowest makes files 4 % larger, the others take longer and save less."""

_SILENCE_DB = -70.0
"""A piece whose highest sample stays below this, relative to full scale, is silent."""

_FULL_SCALE = 1.0 + 1e-6
"""Rounding may exceed full scale by this; anything above would be cut, which is heard."""


@dataclass(frozen=True, slots=True)
class WrittenAudio:
    """What was written: ``sample_peak_db`` is relative to full scale, before any lossy packing."""

    path: Path
    n_frames: Frames
    sample_peak_db: Decibels
    n_bytes: int


def write_audio(
    path: Path | str,
    blocks: Iterable[Block],
    *,
    n_frames: Frames,
    sample_rate: int = 44_100,
    bit_depth: BitDepth | None = None,
    quality: float | None = None,
    tags: Tags = NO_TAGS,
    progress: Callable[[Frames], None] | None = None,
    watch: Callable[[Block, float], None] | None = None,
    approve: Callable[[], None] | None = None,
    may_be_silent: bool = False,
) -> WrittenAudio:
    """Write blocks of sound into a file that appears whole or not at all.

    Parameters
    ----------
    path
        Its extension decides the format; see `audio_format` also for the rate, depth and quality.
    blocks
        Shape (any, 2), float32, −1 to 1, ``n_frames`` in all. Asked for in another thread. Closed at the end,
        however it comes, if they are a generator.
    progress
        Called in the caller's thread, some times a second and at the end, with the number of frames written so far.
    watch
        Called in the writing thread with every block in order and its highest sample; what it raises keeps the file
        from appearing and passes on.
    approve
        Called in the caller's thread when all is encoded, before the file appears; what it raises (a true peak
        above its ceiling, say) keeps the file from appearing and passes on.
    may_be_silent
        For stems, whose part may rest; else silence is an error.

    Raises
    ------
    InputError
        See `audio_format`.
    OutputError
        Where the file cannot be written, or does not read back as it was written.
    SynthesisError
        Where the blocks are silent, not finite, beyond full scale, or not ``n_frames`` long.
    """
    chosen = audio_format(path, sample_rate=sample_rate, bit_depth=bit_depth, quality=quality)
    tags = tags_as_kept(tags)
    probe = Probe(n_frames)

    def verify(temporary: Path) -> None:
        verify_audio(temporary, Path(path), chosen, probe, tags)

    with whole_file.writing(path, verify=verify) as temporary:
        with _sink(temporary, chosen) as sink:
            try:
                with (
                    _opened(sink, chosen, n_frames, tags) as file,
                    _Writer(file, chosen, n_frames, probe, sink, watch) as writer,
                ):
                    _write_all(blocks, writer, progress)
            except soundfile.SoundFileError as error:
                sink.check()
                raise _unwritten(path, error) from error
            sink.check()
        writer.check_whole(may_be_silent)
        if approve is not None:
            approve()
        if chosen.extension == ".ogg":
            fix_serial(temporary)
        n_bytes = temporary.stat().st_size
    return WrittenAudio(Path(path), n_frames, _decibels(writer.peak), n_bytes)


def _sink(temporary: Path, chosen: AudioFormat) -> Sink:
    # What libsndfile has to pack it writes some thousand bytes at a time.
    is_long = chosen.extension == ".wav" or _is_packed_here(chosen)
    return sink_for_long_writes(temporary) if is_long else Sink(temporary)


def _is_packed_here(chosen: AudioFormat) -> bool:
    return chosen.extension == ".flac" and kernels() is not None


def _opened(sink: Sink, chosen: AudioFormat, n_frames: Frames, tags: Tags) -> _OpenFile:
    match chosen.extension, chosen.bit_depth:
        case ".wav", BitDepth() as depth:
            return WavFile(sink, chosen.sample_rate, depth, n_frames, tags)
        case ".flac", BitDepth() as depth:
            if _is_packed_here(chosen):
                return FlacFile(sink, chosen.sample_rate, int(depth), n_frames, tags)
            subtype, level = f"PCM_{depth}", _FLAC_LEVEL
        case _:
            assert chosen.quality is not None
            if chosen.extension == ".mp3":
                return Mp3File(sink, chosen.sample_rate, chosen.quality, tags)
            # From quality 10 (best) to 1 → libsndfile's 0 to 0.9.
            subtype, level = "VORBIS", (10.0 - chosen.quality) / 10.0
    file = soundfile.SoundFile(
        sink,
        "w",
        chosen.sample_rate,
        2,
        subtype,
        format=chosen.extension.removeprefix(".").upper(),
        closefd=False,
        compression_level=level,
    )
    put_tags(file, tags)
    return file


def _write_all(blocks: Iterable[Block], writer: _Writer, progress: Callable[[Frames], None] | None) -> None:
    """Have the blocks made and written in a thread of their own, so that no stop ever falls into a sound library."""
    cancelled = threading.Event()

    def write() -> None:
        with _closed_at_the_end(blocks):
            for block in blocks:
                if cancelled.is_set():
                    return
                writer.write(block)
            writer.finish()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="calmando-encoder") as pool:
        try:
            writing = pool.submit(write)
            told, done = 0, False
            while not done:
                done = bool(wait([writing], _TELL_EVERY_S).done)
                if progress is not None and writer.n_written > told:
                    told = writer.n_written
                    progress(told)
        except BaseException:
            cancelled.set()
            raise
        writing.result()


@contextlib.contextmanager
def _closed_at_the_end(blocks: Iterable[Block]) -> Iterator[None]:
    try:
        yield
    finally:
        close = getattr(blocks, "close", None)
        if close is not None:
            close()


class _Writer:
    """Turns blocks of sound into the numbers of a format, looking at each before it is written.

    A context manager. What packs them works in a thread of its own, a few blocks behind, since it takes longer than
    mixing does.
    """

    def __init__(
        self,
        file: _OpenFile,
        chosen: AudioFormat,
        n_frames: Frames,
        probe: Probe,
        sink: Sink,
        watch: Callable[[Block, float], None] | None,
    ) -> None:
        self._file = file
        # An encoder of MP3 takes 16 bits.
        self._depth = BitDepth.PCM_16 if chosen.extension == ".mp3" else chosen.bit_depth
        self._at_once = n_frames if chosen.quality is None else MAX_FRAMES_A_WRITE
        self._rate = chosen.sample_rate
        self._n_frames = n_frames
        self._probe = probe
        self._sink = sink
        self._watch = watch
        self._packer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="calmando-packer")
        self._packing: deque[Future[None]] = deque()
        self.n_written = 0
        self.peak = 0.0

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._packer.shutdown(cancel_futures=True)

    def write(self, block: Block) -> None:
        """Write the next block."""
        self._check_shape(block)
        peak = peak_of(block)
        if self._watch is not None:
            self._watch(block, peak)
        self._check_peak(peak)
        self._probe.add(block, self.n_written)
        self._wait_for_packing(_BLOCKS_BEHIND)
        self._packing.append(self._packer.submit(self._pack, self._as_stored(block)))
        self.n_written += len(block)

    def finish(self) -> None:
        """Have everything packed; raises what went wrong."""
        self._wait_for_packing(0)

    def _wait_for_packing(self, n_behind: int) -> None:
        while len(self._packing) > n_behind:
            self._packing.popleft().result()

    def _pack(self, stored: NDArray[np.generic]) -> None:
        try:
            for start in range(0, len(stored), self._at_once):
                self._file.write(stored[start : start + self._at_once])
        except (soundfile.SoundFileError, AssertionError):
            # soundfile asserts that everything was written; why not, the sink knows.
            self._sink.check()
            raise
        self._sink.check()
        self._sink.flush_behind()

    def check_whole(self, may_be_silent: bool) -> None:
        """Refuse a piece that was too short or silent."""
        if self.n_written != self._n_frames:
            raise SynthesisError(
                f"The sound ended after {self.n_written} frames instead of {self._n_frames}.",
                "That is a fault within Calmando.",
                "Please report it with the recipe.",
            )
        if not may_be_silent and _decibels(self.peak) < _SILENCE_DB:
            raise SynthesisError(
                "The piece is silent where sound was asked for.",
                f"Its highest sample stays below {_SILENCE_DB:g} dB of full scale.",
                "Raise the volume (controller 7) and the expression (11) of its parts. Where these are high, try another "
                "SoundFont.",
            )

    def _check_shape(self, block: Block) -> None:
        if block.ndim != 2 or block.shape[1] != 2:
            raise ValueError(f"a block has the shape (n_frames, 2), not {block.shape}")
        if self.n_written + len(block) > self._n_frames:
            raise SynthesisError(
                f"The sound is longer than the {self._n_frames} frames it should have.",
                "That is a fault within Calmando.",
                "Please report it with the recipe.",
            )

    def _check_peak(self, peak: float) -> None:
        if not peak <= _FULL_SCALE:  # so that NaN is caught as well
            raise SynthesisError(
                f"The sound passes full scale at {self.n_written / self._rate:.1f} s.",
                f"Its highest sample is {peak:g}, where 1 is full scale: it would be cut or burst out.",
                "Use a lower loudness target or another SoundFont.",
            )
        self.peak = max(self.peak, peak)

    def _as_stored(self, block: Block) -> NDArray[np.generic]:
        if self._depth is BitDepth.PCM_16:
            return quantise_16(block, self.n_written)
        if self._depth is BitDepth.PCM_24:
            return quantise_24(block)
        return np.ascontiguousarray(block, np.float32)


def _unwritten(path: Path | str, error: soundfile.SoundFileError) -> OutputError:
    return OutputError(
        f"{path} could not be written.",
        f"The sound library says: {error}",
        "Try another format (.wav, .flac, .ogg, .mp3), and `calmando doctor`.",
    )


def _decibels(amplitude: float) -> Decibels:
    return float(20.0 * np.log10(amplitude)) if amplitude > 0 else -np.inf
