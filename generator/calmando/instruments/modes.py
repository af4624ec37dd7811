"""Modal synthesis: a struck body as a sum of decaying modes, in a short sample with an exact loop.

The slowest decay is taken out of the sample (each frame is raised by exp(t/τ)) and given to the volume envelope, so that
the loop is steady; every mode makes a whole number of cycles in the loop, so that the loop is exact without a
crossfade. Faster modes fall before the loop begins.

References
----------
Adrien, J.-M. (1991): The missing link: modal synthesis. In: Representations of Musical Signals. MIT Press.
Fletcher, N. H. & Rossing, T. D. (1998): The Physics of Musical Instruments, 2nd ed. Springer, chapters 12, 19–21.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from calmando.instruments.model import SAMPLE_RATE, Envelope, Frames, Loop, Sample
from calmando.rng import Stream

ByKey = Callable[[int], float]

DARK_RATE_HZ = 22_050
ENVELOPE_SPAN_DB = 96.0
_NEAR_KEYS = 2
_VANISHED_DB = -50.0
_FADE_SHARE = 0.5
# In the loop a fast mode can no longer fall faster than the first one: it enters so much softer, for each time
# that it is faster, as it will be on the average of the note.
_STEADY_LOSS_DB = 3.0
_AIR_KNEE_HZ, _AIR_TOP_HZ = 150.0, 7_000.0


@dataclass(frozen=True, slots=True)
class Mode:
    """One mode of a struck body.

    ``level_db`` is its level when struck and ``t60_s`` how long it takes to fall by 60 dB. A second, faster
    component may stand beside it (strings and bowls come in pairs): ``prompt_db`` louder or softer than the mode,
    falling in ``prompt_t60_s``, ``prompt_hz`` away from it; it makes the two-stage decay.
    """

    hz: float
    level_db: float
    t60_s: float
    phase: float = 0.0
    prompt_db: float = -math.inf
    prompt_t60_s: float = 0.1
    prompt_hz: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Strike:
    """How a body is struck and cut into a sample.

    ``contact_s`` is the time the hammer takes to leave (the rise of every mode); ``loop_from_s`` and ``loop_s`` place
    the loop; ``knock`` is the sound of the blow itself, added from the first frame.
    """

    contact_s: float
    loop_from_s: float
    loop_s: float
    knock: Frames | None = None
    rate_hz: int = SAMPLE_RATE
    air_db: float = -math.inf
    """Level of the quiet noise of all that resonates along, against full scale."""


def struck_sample(name: str, root_key: int, modes: Sequence[Mode], strike: Strike) -> Sample:
    """The looped sample of a struck body; the first mode is the one heard as its pitch and decays slowest.

    Play it under the envelope that `ringing` makes from the first mode's decay.
    """
    rate = strike.rate_hz
    loop_frames = exact_loop_frames(modes[0].hz, strike.loop_s, rate)
    start = max(16, round(strike.loop_from_s * rate))
    time = np.arange(start + loop_frames) / rate
    tau = modes[0].t60_s / math.log(1000)
    before = np.minimum(time, start / rate)
    frames = np.zeros(len(time))
    for mode in modes:
        frames += _mode_frames(mode, time, before, tau=tau, step_hz=rate / loop_frames)
    if strike.air_db > -200:
        air = resonance_air(name, loop_frames, rate) * decibels(strike.air_db)
        frames += np.resize(np.roll(air, start % loop_frames), len(frames))
    frames *= _rise(time, strike.contact_s)
    if strike.knock is not None:
        length = min(len(strike.knock), start)
        frames[:length] += strike.knock[:length]
    return Sample(name, frames, root_key, loop=Loop(start, start + loop_frames), rate_hz=rate)


def ringing(t60_s: ByKey, key: int, release_t60_s: float) -> Envelope:
    """The envelope of a struck body with its root at a key: it rings for ``t60_s``, and damped for ``release_t60_s``.

    From key to key the ring shortens as it does around the root, so that two samples meet where their keys do.
    """
    span = ENVELOPE_SPAN_DB / 60
    shortening = 1200 * math.log2(t60_s(key - _NEAR_KEYS) / t60_s(key + _NEAR_KEYS)) / (2 * _NEAR_KEYS)
    at_middle_c = t60_s(key) * 2 ** (shortening * (key - 60) / 1200)
    return Envelope(
        decay_s=span * at_middle_c,
        sustain_db=ENVELOPE_SPAN_DB,
        release_s=span * release_t60_s,
        key_to_decay=shortening,
    )


def exact_loop_frames(hz: float, loop_s: float, rate_hz: int) -> int:
    """The number of frames, near the wanted length, that holds a whole number of cycles most exactly."""
    cycles = max(1, round(hz * loop_s))
    candidates = range(max(1, cycles - 12), cycles + 13)
    best = min(candidates, key=lambda count: abs(round(count * rate_hz / hz) * hz / rate_hz / count - 1))
    return round(best * rate_hz / hz)


def knock_noise(seed: int, name: str, band_hz: tuple[float, float], t60_s: float, rate_hz: int) -> Frames:
    """A short, soft burst of band-passed noise with a peak of 1: felt, wood, a finger."""
    stream = Stream(seed, name)
    n_frames = round(1.2 * t60_s * rate_hz)
    white = np.array([stream.uniform(-1.0, 1.0) for _ in range(n_frames)])
    sos = butter(2, band_hz, "bandpass", fs=rate_hz, output="sos")
    time = np.arange(n_frames) / rate_hz
    burst = np.asarray(sosfiltfilt(sos, white)) * _rise(time, 0.06 * t60_s) * 1000 ** (-time / t60_s)
    burst *= np.cos(np.linspace(0, math.pi / 2, n_frames))
    return np.asarray(burst / np.max(np.abs(burst)))


def resonance_air(name: str, n_frames: int, rate_hz: int) -> Frames:
    """Noise that repeats exactly every ``n_frames``, falling 6 dB an octave from 150 Hz to 7 kHz, of power 1."""
    stream = Stream(0, f"air/{name}")
    hz = np.fft.rfftfreq(n_frames, 1 / rate_hz)
    size = np.where((hz > 60) & (hz < _AIR_TOP_HZ), 1 / np.maximum(hz, _AIR_KNEE_HZ), 0.0)
    size *= np.cos(math.pi / 2 * np.clip(hz / _AIR_TOP_HZ, 0, 1))
    phase = 2 * math.pi * np.array([stream.random() for _ in hz])
    frames = np.fft.irfft(size * np.exp(1j * phase), n_frames)
    return np.asarray(frames / np.sqrt(np.mean(frames**2)))


def key_zones(low: int, high: int, step: int) -> tuple[tuple[int, int, int], ...]:
    """Zones of ``step`` keys over a range: lowest key, root, highest key; the outer ones reach keys 0 and 127."""
    roots = range(low + step // 2, high + 1, step)
    last = roots[-1]
    return tuple(
        (
            0 if root == roots[0] else root - step // 2,
            root,
            127 if root == last else root - step // 2 + step - 1,
        )
        for root in roots
    )


def between(key: int, *points: tuple[int, float]) -> float:
    """A value that depends on the key, in a straight line between the points given (key, value)."""
    return float(np.interp(key, [point[0] for point in points], [point[1] for point in points]))


def decibels(db: float) -> float:
    """The amplitude ratio of a level difference."""
    return float(10 ** (db / 20))


def _mode_frames(
    mode: Mode, time: NDArray[np.float64], before: NDArray[np.float64], *, tau: float, step_hz: float
) -> Frames:
    """One mode with the slowest decay taken out; ``before`` is the time, stopped where the loop begins."""
    hz = max(1, round(mode.hz / step_hz)) * step_hz
    excess = math.log(1000) / mode.t60_s - 1 / tau
    frozen_db = -20 * math.log10(math.e) * excess * before[-1]
    faded = 1.0 if frozen_db + mode.level_db < _VANISHED_DB else 1 - decibels(-_STEADY_LOSS_DB * excess * tau)
    lead = int(np.searchsorted(before, before[-1]))
    n_heard = lead if faded == 1.0 else len(time)
    frames = np.zeros(len(time))
    level = decibels(mode.level_db) * np.exp(-excess * before[:n_heard])
    level *= 1 - faded * (1 - _fade(before[:n_heard], before[-1]))
    frames[:n_heard] = level * np.cos(2 * math.pi * hz * time[:n_heard] + mode.phase)
    if mode.prompt_db > -200:
        excess = math.log(1000) / mode.prompt_t60_s - 1 / tau
        level = decibels(mode.level_db + mode.prompt_db) * np.exp(-excess * before[:lead])
        level *= _fade(before[:lead], before[-1])
        frames[:lead] += level * np.cos(2 * math.pi * (hz + mode.prompt_hz) * time[:lead] + mode.phase)
    return frames


def _rise(time: NDArray[np.float64], rise_s: float) -> Frames:
    return np.asarray(0.5 - 0.5 * np.cos(math.pi * np.clip(time / rise_s, 0, 1)))


def _fade(time: NDArray[np.float64], end_s: float) -> Frames:
    """From 1 to 0 over the last part before the loop."""
    share = np.clip((time / end_s - 1) / _FADE_SHARE + 1, 0, 1)
    return np.asarray(0.5 + 0.5 * np.cos(math.pi * share))
