"""Keeps the level of a loop still, and splits an ensemble into a middle and a side.

The sum of many independent voices flutters. Its short-time level is measured round the loop and divided out:
the colour goes on moving, the level rests.

A side is a loop whose second half is its first half upside down. Played on the left, and on the right half a
loop later, it is equally loud on both, wide, and cancels in the mono sum: what a microphone technician calls
mid and side. On the right a quarter later it is to the left what another player would be.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, rfft

from calmando.instruments.model import Frames, Loop, Sample
from calmando.theory.pitch import key_hz

LATER_SHARE = 4
"""The right side of a stereo loop is this share of the loop ahead of the left one."""
_ROUNDS, _ROUNDS_IN_BOTH = 3, 12
_LEAD_FRAMES = 8
_PIECE_FRAMES = 1024
_LATER_FRAMES = range(0, 3328, 256)
_NEAR_CENTS = 70.0
_HIGH_HZ = 440.0
_STILL_PERIODS, _SHORTEST_WINDOW_S = 66, 0.1
"""A quicker hand would follow every beat down to its bottom, and roughen what it holds."""


def looped_level(loop: Frames, rate_hz: int, window_s: float) -> Frames:
    """The root mean square of a loop round each frame, in a raised-cosine window, wrapping at its ends."""
    n = len(loop)
    window = np.hanning(round(window_s * rate_hz) | 1)
    kernel = np.zeros(n)
    half = len(window) // 2
    kernel[: half + 1] = window[half:]
    kernel[-half:] = window[:half]
    mean_square = irfft(rfft(loop**2) * rfft(kernel / kernel.sum()), n)
    return np.asarray(np.sqrt(np.maximum(mean_square, 1e-12 * float(np.mean(loop**2)))))


def still_window_s(window_s: float, frequency_hz: float) -> float:
    """In how short a time the level is held still: of high notes, whose voices swing quickly against one another, in less."""
    if frequency_hz < _HIGH_HZ:
        return window_s
    return min(window_s, max(_SHORTEST_WINDOW_S, _STILL_PERIODS / frequency_hz))


def steadied(frames: Frames, n_loop: int, rate_hz: int, *, window_s: float) -> Frames:
    """The same sound with the level of its loop held still.

    Parameters
    ----------
    frames
        An onset, then a loop of ``n_loop`` frames; the onset is corrected as if the loop reached back into it.
    window_s
        Flutter much quicker than this stays: stilling it would roughen the partials.
    """
    for _ in range(_ROUNDS):
        loop = frames[-n_loop:]
        level = looped_level(loop, rate_hz, window_s)
        gain = np.sqrt(np.mean(level**2)) / level
        n_repeats = -(-len(frames) // n_loop)
        frames = frames * np.tile(gain, n_repeats)[-len(frames) :]
    return frames


def steadied_in_both(loop: Frames, rate_hz: int, *, window_s: float) -> Frames:
    """A stereo loop (see `stereo_loop`), the level of each side and that of their sum held still alike.

    One gain round the loop cannot do for both all it would do for one: it goes half the way for either.
    """
    later = len(loop) // LATER_SHARE
    for _ in range(_ROUNDS_IN_BOTH):
        one, both = (
            level / root_mean_square(level)
            for level in (looped_level(sound, rate_hz, window_s) for sound in (loop, summed(loop)))
        )
        loop = loop / np.sqrt(one * np.sqrt(both * np.roll(both, later)))
    return loop


def summed(loop: Frames) -> Frames:
    """What one loudspeaker makes of a stereo loop."""
    return loop + np.roll(loop, -len(loop) // LATER_SHARE)


def begun_at_rest(loop: Frames) -> Frames:
    """The same loop, begun where its spectrum changes least."""
    return np.roll(loop, -_quietest_place(loop, range(0, len(loop) - _PIECE_FRAMES + 1, _PIECE_FRAMES)))


def looped_at_rest(frames: Frames, n_loop: int) -> Frames:
    """An onset and its loop, gone round a little further, to where the loop begins with its spectrum at rest."""
    loop = frames[-n_loop:]
    return np.append(frames, loop[: _quietest_place(loop, _LATER_FRAMES)])


def _quietest_place(loop: Frames, places: range) -> int:
    """Where the spectra before and after differ least, round the loop."""
    piece = np.arange(-_PIECE_FRAMES, _PIECE_FRAMES)
    before, after = (
        np.abs(rfft(loop[(np.array(places)[:, None] + away + piece) % len(loop)] * np.hanning(len(piece))))
        for away in (-_PIECE_FRAMES, _PIECE_FRAMES)
    )
    return places[int(np.argmin(np.sum((after - before) ** 2, axis=1)))]


def side_of(loop: Frames) -> Frames:
    """The part of a loop that turns upside down after half of it; the loop has an even number of frames."""
    return np.asarray((loop - np.roll(loop, len(loop) // 2)) / 2.0)


def root_mean_square(frames: Frames) -> float:
    """The level of some frames."""
    return float(np.sqrt(np.mean(frames**2)))


def looped_sample(name: str, loop: Frames, key: int, rate_hz: int) -> Sample:
    """A sample that is all loop, with the few frames before it that a player asks for."""
    return tuned_sample(name, np.concatenate([loop[-_LEAD_FRAMES:], loop]), loop, key, rate_hz)


def looped_stereo_sample(name: str, loop: Frames, key: int, rate_hz: int) -> Sample:
    """A loop of a middle and a side as a sample; the sum of both sides is what is tuned."""
    return tuned_sample(name, np.concatenate([loop[-_LEAD_FRAMES:], loop]), summed(loop), key, rate_hz)


def tuned_sample(name: str, frames: Frames, sounding: Frames, key: int, rate_hz: int) -> Sample:
    """A sample whose last frames repeat, in tune on the mean of what its fundamental does.

    Where the players of an ensemble agree by chance while they are sharp, the whole is a little sharp. The
    centroid of the fundamental of ``sounding``, which is as long as the loop, tells by how much; the sample's
    rate makes up for it.
    """
    sharp = _fundamental_hz(sounding, key, rate_hz) / key_hz(key)
    loop = Loop(len(frames) - len(sounding), len(frames))
    return Sample(name, frames, key, 0.0, loop, round(rate_hz / sharp))


def _fundamental_hz(loop: Frames, key: int, rate_hz: int) -> float:
    power = np.abs(rfft(loop)) ** 2
    hertz = np.fft.rfftfreq(len(loop), 1.0 / rate_hz)
    near = np.abs(np.log2(np.maximum(hertz, 1.0) / key_hz(key))) < _NEAR_CENTS / 1200.0
    return float(np.sum(power[near] * hertz[near]) / np.sum(power[near]))
