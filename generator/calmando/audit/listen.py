"""Listens to a piece block by block and remembers what the audit needs, in about four megabytes an hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.audit.heard.attacks import Attacks, attacks_at
from calmando.audit.heard.changes import ChangeTaker
from calmando.audit.heard.envelope import HOP_S, EnvelopeTaker
from calmando.audit.heard.faults import FaultCounter
from calmando.audit.heard.onsets import audible, onset_times
from calmando.audit.heard.spectrum import Colour, ColourTaker
from calmando.errors import AudioFileError
from calmando.sound.loudness.loudness import Loudness, LoudnessMeter
from calmando.units import Frames, Seconds

_CHUNK_FRAMES: Frames = 1 << 15
LOWEST_RATE, HIGHEST_RATE = 8_000, 768_000
_KEPT_BYTES = 24 << 20
"""Asked for and given back at once, untouched: from its size glibc learns to keep what is freed, so that the arrays of
one block serve the next, instead of being fetched from the system each time. A fifth of the time; no memory."""
_LEFT = np.float32(0.6)
"""Changes are heard in one mix of both channels; were they mixed alike, opposite signs would cancel."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a piece; made by `Listener.heard`.

    Attributes
    ----------
    sample_rate, n_frames
        Frames a second, and all frames.
    loudness, short_term_lufs, momentary_lufs
        What the loudness meter read; one window of three seconds, and one of 400 ms, every 100 ms.
    colour
        Centroid, roll-off and bands.
    flux, flux_hop_s
        Relative spectral change, and the time from one value to the next.
    onsets_s, attacks
        Where notes begin, and how they come up.
    mean_squares, envelope_hop_s
        The envelope of both channels.
    dc_offset_percent, clipped_runs, not_finite
        Faults: constant offset in percent of full scale, clipped tops, values that are no numbers.
    """

    sample_rate: int
    n_frames: Frames
    loudness: Loudness
    short_term_lufs: NDArray[np.float64]
    momentary_lufs: NDArray[np.float64]
    colour: Colour
    flux: NDArray[np.float32]
    flux_hop_s: Seconds
    onsets_s: NDArray[np.float64]
    attacks: Attacks
    mean_squares: NDArray[np.float32]
    envelope_hop_s: Seconds
    dc_offset_percent: float
    clipped_runs: int
    not_finite: int

    @property
    def length_s(self) -> Seconds:
        """Length in seconds."""
        return self.n_frames / self.sample_rate

    @property
    def is_silent(self) -> bool:
        """Whether nothing at all is to be heard (no sample above −90 dB)."""
        return self.loudness.sample_peak_db < -90.0


class Listener:
    """Hears blocks of any size; usable as the ``watch`` of `calmando.sound.files.encode.write_audio`.

    Parameters
    ----------
    sample_rate
        Frames a second, 8,000 to 768,000.

    Raises
    ------
    AudioFileError
        For any other rate, which no music has.
    """

    def __init__(self, sample_rate: int) -> None:
        if sample_rate < LOWEST_RATE:
            raise AudioFileError(
                f"A rate of {sample_rate} frames a second is too low to hear music in.",
                f"The audit needs {LOWEST_RATE:,} or more.",
                "Use the original recording.",
            )
        if sample_rate > HIGHEST_RATE:
            # What is measured fills memory by the second, and a damaged header may say two thousand million.
            raise AudioFileError(
                f"A rate of {sample_rate} frames a second is higher than any recording has.",
                f"The audit takes up to {HIGHEST_RATE:,}; the file may be damaged.",
                "Export it again at 44,100 or 48,000.",
            )
        np.empty(_KEPT_BYTES, np.uint8)
        self._rate = sample_rate
        self._n_frames = 0
        self._pending = np.empty((_CHUNK_FRAMES, 2), np.float32)
        self._n_pending = 0
        self._meter = LoudnessMeter(sample_rate)
        self._colour = ColourTaker(sample_rate)
        self._changes = ChangeTaker(sample_rate)
        self._envelope = EnvelopeTaker(sample_rate, HOP_S)
        self._faults = FaultCounter()

    def add(self, block: NDArray[np.float32]) -> None:
        """Hear the next block, shape (n_frames, 2), (n_frames, 1) or (n_frames,); the block is copied.

        A single channel is heard from one loudspeaker, as the loudness standard has it.
        """
        frames = np.asarray(block, dtype=np.float32)
        if frames.ndim == 1:
            frames = frames[:, None]
        n_taken = 0
        while n_taken < len(frames):
            fresh = frames[n_taken : n_taken + _CHUNK_FRAMES - self._n_pending]
            place = self._pending[self._n_pending : self._n_pending + len(fresh)]
            place[:, 0] = fresh[:, 0]
            place[:, 1] = fresh[:, 1] if frames.shape[1] > 1 else 0.0
            self._n_pending += len(fresh)
            n_taken += len(fresh)
            if self._n_pending == _CHUNK_FRAMES:
                self._hear()

    def heard(self) -> Heard:
        """Say what has been heard so far."""
        self._hear()
        flux = self._changes.flux()
        flux_hop_s = self._changes.hop_frames / self._rate
        mean_squares = self._envelope.mean_squares()
        hop_s = self._envelope.hop_frames / self._rate
        onsets = audible(onset_times(flux, flux_hop_s), mean_squares, hop_s)
        return Heard(
            sample_rate=self._rate,
            n_frames=self._n_frames,
            loudness=self._meter.result(),
            short_term_lufs=self._meter.short_term_lufs(),
            momentary_lufs=self._meter.momentary_lufs(),
            colour=self._colour.colour(),
            flux=flux,
            flux_hop_s=flux_hop_s,
            onsets_s=onsets,
            attacks=attacks_at(onsets, mean_squares, hop_s),
            mean_squares=mean_squares,
            envelope_hop_s=hop_s,
            dc_offset_percent=self._faults.dc_offset,
            clipped_runs=self._faults.clipped_runs,
            not_finite=self._faults.not_finite,
        )

    def _hear(self) -> None:
        if not self._n_pending:
            return
        chunk = self._faults.cleaned(self._pending[: self._n_pending])
        # The takers may keep what they have not used yet: every chunk has memory of its own.
        self._pending, self._n_pending = np.empty((_CHUNK_FRAMES, 2), np.float32), 0
        self._faults.add(chunk)
        self._meter.add(chunk)
        self._colour.add(chunk)
        left, right = np.ascontiguousarray(chunk[:, 0]), np.ascontiguousarray(chunk[:, 1])
        self._changes.add(_LEFT * left + (1 - _LEFT) * right)
        self._envelope.add(np.float32(0.5) * (left * left + right * right))
        self._n_frames += len(chunk)
