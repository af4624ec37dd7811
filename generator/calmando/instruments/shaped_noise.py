"""Ambience from noise whose spectrum moves: long loops that repeat exactly, heard from two sides.

Everything here lives on a circle as long as the loop. Noise is made band by band from Fourier bins, so each band
repeats exactly; each is multiplied by a level curve that repeats as well; single events (drops, bubbles) are
added with their tails running round the end. So no loop has a seam. The two sides are the same loop entered at
different places, the right one played a little slower, so that they never fall into step (Marelli, Aramaki,
Kronland-Martinet & Verron 2012 shape noise by bands in the same way).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.instruments.model import Envelope, Frames, Loop, Sample, Vibrato, Zone

LOWEST_HZ = 40.0
"""Below this, small speakers only flap."""

OTHER_KEY = 61
"""From this key up an ambience enters its loop at another place than below."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One reading of a loop: how much it is detuned, how far it lies below the others, and how its pace drifts."""

    cents: float
    below_db: float = 0.0
    drift: Vibrato | None = None


LAYERS = (Layer(0.0), Layer(-190.0), Layer(125.0))
"""Layers of what has no pitch of its own: when one comes round, the others are elsewhere."""

_BANDS_PER_OCTAVE = 3
_CONTROL_HZ = 100.0
_GUARD_FRAMES = 16

MovingSpectrum = Callable[[float, Frames], Frames]
"""Level of the noise in dB (power a hertz) at a frequency (Hz) and at times (s)."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A stretch of time whose end is its beginning."""

    n_frames: int
    rate_hz: int

    @classmethod
    def of(cls, seconds: float, rate_hz: int) -> Circle:
        """About so many seconds, of a length the Fourier transform likes."""
        step = 1_024
        return cls(round(seconds * rate_hz / step) * step, rate_hz)

    @property
    def length_s(self) -> float:
        """Once round, in seconds."""
        return self.n_frames / self.rate_hz

    @property
    def control_times(self) -> Frames:
        """The times at which level curves are reckoned, about 100 a second."""
        n_points = round(self.length_s * _CONTROL_HZ)
        return np.asarray(np.arange(n_points) * (self.length_s / n_points), dtype=np.float64)

    def smooth(self, curve: Frames) -> Frames:
        """A curve given at the control times, for every frame."""
        points = np.append(curve, curve[0])
        place = np.arange(self.n_frames) * (curve.size / self.n_frames)
        return np.asarray(np.interp(place, np.arange(points.size), points))


def moving_noise(circle: Circle, spectrum_db: MovingSpectrum, *, seed: int, highest_hz: float) -> Frames:
    """Noise with a spectrum that moves in time, between 40 Hz and ``highest_hz``.

    The spectrum is sampled at band centres a third of an octave apart; bands overlap as raised cosines of their
    power over the logarithm of frequency, so that a constant spectrum comes out smooth.
    """
    generator = np.random.default_rng(seed)
    hertz = np.fft.rfftfreq(circle.n_frames, 1 / circle.rate_hz)
    place = _BANDS_PER_OCTAVE * np.log2(np.maximum(hertz, 1.0) / LOWEST_HZ)
    top = _BANDS_PER_OCTAVE * np.log2(min(highest_hz, 0.46 * circle.rate_hz) / LOWEST_HZ)
    white = generator.standard_normal(hertz.size) + 1j * generator.standard_normal(hertz.size)
    white *= np.sqrt(circle.n_frames / 2)
    times = circle.control_times
    sound = np.zeros(circle.n_frames)
    for band in range(int(top) + 1):
        distance = np.abs(place - band)
        inside = distance < 1
        bins = np.zeros_like(white)
        bins[inside] = white[inside] * np.cos(0.5 * np.pi * distance[inside])
        level_db = spectrum_db(LOWEST_HZ * 2 ** (band / _BANDS_PER_OCTAVE), times)
        sound += np.fft.irfft(bins, circle.n_frames) * circle.smooth(10 ** (level_db / 20))
    return high_passed(circle, sound)


def high_passed(circle: Circle, sound: Frames, corner_hz: float = LOWEST_HZ) -> Frames:
    """The sound without what lies below ``corner_hz`` (24 dB an octave), still seamless."""
    bins = np.fft.rfft(sound)
    ratio = np.fft.rfftfreq(circle.n_frames, 1 / circle.rate_hz) / corner_hz
    return np.fft.irfft(bins * ratio**4 / (1 + ratio**4), circle.n_frames)


def wandering(circle: Circle, *, seed: int, slowest: int = 1, fastest_hz: float = 0.6) -> Frames:
    """A smooth random curve of unit variance at the control times, repeating after the circle's length.

    ``slowest`` is the fewest turns a circle, ``fastest_hz`` the quickest wave; slower waves are larger.
    """
    generator = np.random.default_rng(seed)
    turns = np.arange(slowest, max(slowest + 1, int(fastest_hz * circle.length_s) + 1))
    phases = generator.uniform(0, 2 * np.pi, turns.size)
    angle = 2 * np.pi * np.outer(turns, circle.control_times) / circle.length_s
    weights = 1 / np.sqrt(turns)
    curve = weights @ np.cos(angle + phases[:, None])
    return np.asarray(curve / np.sqrt(float(np.sum(weights**2)) / 2))


def add_event(sound: NDArray[np.float64], event: Frames, start: int) -> None:
    """Add a short sound at a place on the circle, its tail running round the end."""
    places = (start + np.arange(event.size)) % sound.size
    sound[places] += event


def two_sided(
    name: str,
    circle: Circle,
    sound: Frames,
    *,
    envelope: Envelope,
    width: float,
    right_offset_s: float,
    right_cents: float = -37.0,
    layers: Sequence[Layer] = (Layer(0.0),),
    other_entry: float = 0.0,
) -> tuple[Zone, ...]:
    """The zones of an ambience: the loop at its own pitch on every key, entered at two places for two sides.

    Parameters
    ----------
    width : float
        How far the sides lie apart, 0 (mono) to 1 (hard left and right).
    right_offset_s, right_cents : float
        Where the right side enters the loop, and how much it is detuned (so its loop is longer).
    layers : sequence of Layer
        What each side is made of. Layers of different lengths never meet again as they were: what comes round in
        one is new against the other.
    other_entry : float
        How far round the circle (0 to 1) the keys from `OTHER_KEY` up enter it: two keys played in turn are less
        alike than one struck again.
    """
    sound = 0.8 * sound / float(np.max(np.abs(sound)))
    lead = sound[-_GUARD_FRAMES:]
    sample = Sample(
        name=name,
        frames=np.concatenate([lead, sound]),
        root_key=60,
        loop=Loop(_GUARD_FRAMES, _GUARD_FRAMES + circle.n_frames),
        rate_hz=circle.rate_hz,
    )
    return tuple(
        Zone(
            sample,
            low_key,
            high_key,
            envelope,
            pan=pan,
            attenuation_db=layer.below_db,
            vibrato=layer.drift,
            start_offset_frames=round((entry + number / len(layers) / 2) * circle.n_frames + side_offset)
            % circle.n_frames,
            tune_cents=layer.cents + side_cents,
            pitch_follows_key=False,
        )
        for low_key, high_key, entry in _entries(other_entry)
        for number, layer in enumerate(layers)
        for pan, side_offset, side_cents in (
            (-width, 0.0, 0.0),
            (width, right_offset_s * circle.rate_hz, right_cents),
        )
    )


def _entries(other_entry: float) -> tuple[tuple[int, int, float], ...]:
    """Lowest key, highest key, and where they enter the circle."""
    if not other_entry:
        return ((0, 127, 0.0),)
    return ((0, OTHER_KEY - 1, 0.0), (OTHER_KEY, 127, other_entry))
