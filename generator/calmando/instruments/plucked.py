"""Plucked strings by an extended Karplus–Strong model, with short exact loops for what is left in the end.

A string is one linear filter: a delay of one period, a loss filter and an allpass that makes up the fraction of
a frame (Karplus & Strong 1983; Jaffe & Smith 1983). Two such strings, a little apart in decay and pitch, stand
for the two planes a string moves in (Karjalainen, Välimäki & Tolonen 1998). The finger's place is a comb, its
softness the width of its pulse. The body is a handful of resonances, excited by the strings.

The decay of the fundamental is taken out of the sample and given to the volume envelope; what the other partials do
besides, each fading in its own time and beating at its own pace, the sample goes on telling until the note is some 40 dB
down. Then it becomes a loop of whole periods that repeats exactly. The higher a partial, the sooner it is gone: a sample
of few frames a second tells of the low ones for as long as they are heard, another, of many, of the high ones until they
are gone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len
from scipy.signal import lfilter
from scipy.special import ive

from calmando.instruments.keyboard import KeyCurve
from calmando.instruments.model import SAMPLE_RATE, Envelope, Frames, Loop, LowPass, Sample, Zone
from calmando.instruments.modes import ringing
from calmando.instruments.periods import Periods, whole_periods
from calmando.theory.pitch import key_hz

_REFERENCE_HZ = 2000.0
"""Where a string's treble decay is stated."""

_LET_GO_S = 0.003
"""In so long a finger lets a string go. FluidSynth begins a note as loud as the one that its voice played before, and
glides for 1.5 ms: a string that is heard at once would begin now loudly, now softly."""
_SMALLEST_TAP = 1e-9
_TOUCH_S, _TOUCH_RATE_HZ = 0.14, 22_050
_SKIN_S = 0.004
_BLURRED_Q, _BLURRED_GAIN = 2.5, 0.7
"""A mode of a body as broad as the keys that a sample and its neighbour serve, and as loud as it is on their average."""
_STABLE_GAIN = 0.99998
"""Largest gain of the loop at any frequency."""
_PARTED_FROM, _PARTED_TO = 0.2, 0.28
"""Between these shares of the slow sample's rate what it tells of passes to the quick one. A player that draws a cubic curve
through the frames mirrors what lies higher, less than 30 dB down."""
_FADE_S = 0.15
"""So long before its end the quick sample fades."""
_MARGIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Resonance:
    """One mode of the body: where it lies, how sharp it is (Q), how loud beside the direct sound."""

    frequency_hz: float
    q: float
    gain: float


@dataclass(frozen=True, slots=True)
class PluckedString:
    """One string, the finger that sets it off, and the body it stands on.

    ``decay_s`` is the 60 dB decay of the fundamental in the slow plane, ``treble_decay_s`` of a partial at 2 kHz (more of
    strings whose fundamental lies near: there the loop could not be stable);
    ``fast_share`` the part of the start's amplitude that lies in the fast plane, whose fundamental decays ``fast_ratio``
    times as quickly (the bridge takes as much more from every partial) and lies ``split_cents`` higher, so that the two
    beat. ``position`` is the finger's place as a share of the string, ``width_s`` the length of its pulse.
    """

    frequency_hz: float
    decay_s: float
    treble_decay_s: float
    position: float
    width_s: float
    body: tuple[Resonance, ...] = ()
    fast_share: float = 0.6
    fast_ratio: float = 2.2
    split_cents: float = 0.6
    rate_hz: int = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Touch:
    """What is heard of a pluck besides the string: the skin leaving it, and the body's knock.

    Peaks in decibels beside a string sample's; the skin's noise is a hill around ``skin_hz``.
    """

    skin_db: float
    skin_hz: float
    knock_db: float
    knock_width_s: float = 0.003


@dataclass(frozen=True, slots=True)
class LoopFilter:
    """The filter that feeds a string back: y[n] = x[n] + the last period, weakened by ``loss`` and ``allpass``.

    ``loss`` are the taps of a symmetric low-pass around ``delay`` + its middle tap; its gain at frequency ω is
    ``gain`` · exp(−``width`` · (1 − cos ω)), the discrete Gaussian, so that losses grow with frequency squared.
    """

    delay: int
    loss: Frames
    allpass: float
    gain: float
    width: float

    def coefficients(self) -> tuple[Frames, Frames]:
        """Numerator and denominator of the closed loop."""
        numerator = np.array([1.0, self.allpass])
        feedback = np.convolve(self.loss, [self.allpass, 1.0])
        denominator = np.zeros(self.delay + feedback.size)
        denominator[:2] = numerator
        denominator[self.delay :] -= feedback
        return numerator, denominator


def loop_filter(
    frequency_hz: float,
    decay_s: float,
    treble_decay_s: float,
    *,
    rate_hz: int = SAMPLE_RATE,
    beside_hz: float | None = None,
) -> LoopFilter:
    """Solve the loop at the fundamental, for its pitch and its decay.

    Parameters
    ----------
    frequency_hz : float
        Pitch, in Hz.
    decay_s, treble_decay_s : float
        60 dB decay times, in seconds, of the fundamental and of a partial at 2 kHz, from which those of all partials
        follow: losses grow with frequency squared. Where that asks for more loss than a stable loop has, it is less.
    beside_hz : float, optional
        Pitch of the plane that it sounds beside. An allpass of another whole delay would shift the upper partials of one
        plane against those of the other.
    """
    omega = 2 * math.pi * frequency_hz / rate_hz
    round_trip = 3 * math.log(10) / (frequency_hz * decay_s)
    treble_trip = 3 * math.log(10) / (frequency_hz * treble_decay_s)
    wanted = (treble_trip - round_trip) / (1 - math.cos(2 * math.pi * _REFERENCE_HZ / rate_hz))
    most = (round_trip + math.log(_STABLE_GAIN)) / (1 - math.cos(omega))
    width = max(0.0, min(wanted, most))
    gain = math.exp(-round_trip + width * (1 - math.cos(omega)))

    one_side = [float(ive(order, width)) for order in range(64)]
    reach = max(order for order, tap in enumerate(one_side) if tap > _SMALLEST_TAP or order == 0)
    period = rate_hz / frequency_hz
    reach = min(reach, int(period) - 3)
    taps = np.array([one_side[abs(order)] for order in range(-reach, reach + 1)])
    orders = np.arange(-reach, reach + 1)
    taps *= math.exp(-round_trip) / float(np.dot(taps, np.cos(orders * omega)))

    delay = math.floor(rate_hz / (beside_hz or frequency_hz) - reach - 0.5)
    fraction = period - reach - delay
    allpass = math.sin((1 - fraction) * omega / 2) / math.sin((1 + fraction) * omega / 2)
    return LoopFilter(delay=delay, loss=taps, allpass=allpass, gain=gain, width=width)


def finger_pulse(string: PluckedString, n_frames: int) -> Frames:
    """The pulse that leaves the finger both ways: once direct, once turned round at the near end."""
    times = np.arange(n_frames) / string.rate_hz
    echo_s = string.position / string.frequency_hz
    pulse = _bump(times, string.width_s) - _bump(times - echo_s, string.width_s)
    return pulse / (string.width_s * string.rate_hz)


def pluck(string: PluckedString, n_frames: int) -> Frames:
    """The sound of one plucked string and its body, free to ring, of no particular level."""
    pulse = finger_pulse(string, n_frames)
    sound = np.zeros(n_frames)
    lost_besides = (string.fast_ratio - 1) / string.decay_s
    planes = ((1 - string.fast_share, 0.0, 0.0), (string.fast_share, lost_besides, string.split_cents))
    for share, besides, cents in planes:
        if share > 0:
            loop = loop_filter(
                string.frequency_hz * 2 ** (cents / 1200),
                1 / (1 / string.decay_s + besides),
                1 / (1 / string.treble_decay_s + besides),
                rate_hz=string.rate_hz,
                beside_hz=string.frequency_hz,
            )
            sound += share * lfilter(*loop.coefficients(), pulse)
    return with_body(sound, blurred(string.body), rate_hz=string.rate_hz)


def with_body(sound: Frames, body: tuple[Resonance, ...], *, rate_hz: int = SAMPLE_RATE) -> Frames:
    """A sound with the resonances of a body added, each with its stated gain at its own frequency."""
    result = sound.copy()
    for mode in body:
        omega = 2 * math.pi * mode.frequency_hz / rate_hz
        alpha = math.sin(omega) / (2 * mode.q)
        numerator = [alpha / (1 + alpha), 0.0, -alpha / (1 + alpha)]
        denominator = [1.0, -2 * math.cos(omega) / (1 + alpha), (1 - alpha) / (1 + alpha)]
        result += mode.gain * lfilter(numerator, denominator, sound)
    return result


def blurred(body: tuple[Resonance, ...]) -> tuple[Resonance, ...]:
    """A body without any mode so sharp that a single key has it.

    A player transposes the body along with the string: a sharp mode would be heard with a partial of one sample, and
    not with the same partial of the next.
    """
    return tuple(replace(mode, q=min(mode.q, _BLURRED_Q), gain=_BLURRED_GAIN * mode.gain) for mode in body)


def freeze(sound: Frames, start: int, periods: Periods, *, join_s: float = 0.04) -> Frames:
    """Let a sound pass at ``start`` into a strictly periodic one of the same spectrum, one loop long.

    The harmonics are measured around ``start`` (Hann window over one loop length), so that they meet the sound in
    phase; the crossing ends at ``start``.
    """
    half = periods.n_frames // 2
    piece = sound[start - half : start - half + periods.n_frames]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(periods.n_frames) / periods.n_frames)
    spectrum = np.fft.rfft(piece * window)
    harmonics = np.zeros_like(spectrum)
    harmonics[periods.n_periods :: periods.n_periods] = 2 * spectrum[periods.n_periods :: periods.n_periods]
    cycle = np.roll(np.fft.irfft(harmonics, periods.n_frames), -half)

    join = round(join_s * periods.rate_hz)
    before = cycle[np.arange(-join, 0) % periods.n_frames]
    fade = 0.5 - 0.5 * np.cos(np.pi * np.arange(join) / join)
    crossing = sound[start - join : start] * (1 - fade) + before * fade
    return np.concatenate([sound[: start - join], crossing, cycle])


@dataclass(frozen=True, slots=True)
class Cut:
    """How a string is cut into samples.

    For ``ring_s`` it sounds as it does, then a loop of a length within ``loop_s`` begins. Where ``bright_s`` is given, what
    lies high is told by a sample of its own, so long and ``rate_hz`` frames a second; that of the rest, which loops,
    has a ``slow_share``-th of them, a whole number.
    """

    ring_s: float
    rate_hz: int
    loop_s: tuple[float, float] = (0.06, 0.16)
    bright_s: float | None = None
    slow_share: int = 1


def string_samples(
    name: str, key: int, string_at: Callable[[float], PluckedString], cut: Cut
) -> tuple[Sample, ...]:
    """The looped sample of a string, its decay taken out, and the bright one; `decay_envelope` gives it back."""
    wanted_hz, slow_hz = key_hz(key), cut.rate_hz // cut.slow_share
    periods = whole_periods(wanted_hz, *cut.loop_s, rate_hz=slow_hz)
    string = replace(string_at(periods.frequency_hz), rate_hz=cut.rate_hz)
    start = round(cut.ring_s * slow_hz)
    n_slow = start + periods.n_frames
    n_frames = cut.slow_share * (n_slow + round(_MARGIN_S * slow_hz))
    times = np.arange(n_frames) / cut.rate_hz
    sound = pluck(string, n_frames) * np.exp(times / time_constant_s(string.decay_s))
    sound *= 0.7 / float(np.max(np.abs(sound)))
    low = sound if cut.bright_s is None else below(sound, cut.rate_hz, slow_hz)
    looped = Sample(
        name=name,
        frames=freeze(low[:: cut.slow_share][:n_slow], start, periods),
        root_key=key,
        sharp_cents=periods.sharp_cents(wanted_hz),
        loop=Loop(start, n_slow),
        rate_hz=slow_hz,
    )
    if cut.bright_s is None:
        return (looped,)
    n_bright = round(cut.bright_s * cut.rate_hz)
    bright = (sound - low)[:n_bright] * _faded(n_bright, round(_FADE_S * cut.rate_hz))
    return looped, Sample(f"{name} bright", bright, key, looped.sharp_cents, rate_hz=cut.rate_hz)


def below(sound: Frames, rate_hz: int, slow_hz: int) -> Frames:
    """What of a sound a sample of ``slow_hz`` frames a second can tell; the rest fits it without a delay."""
    n_padded = next_fast_len(len(sound) + round(_MARGIN_S * rate_hz), real=True)
    share = np.fft.rfftfreq(n_padded, slow_hz / rate_hz)
    passed = np.clip((_PARTED_TO - share) / (_PARTED_TO - _PARTED_FROM), 0.0, 1.0)
    gains = 0.5 - 0.5 * np.cos(np.pi * passed)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, n_padded) * gains, n_padded)[: len(sound)])


def _faded(n_frames: int, n_fade: int) -> Frames:
    """1, and down to 0 over the last frames."""
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(1 - np.arange(n_frames, 0, -1) / n_fade, 0.0, 1.0))


def touch_zone(name: str, keys: tuple[int, int], touch: Touch, body: tuple[Resonance, ...]) -> Zone:
    """The same short touch under every key, darker when played softly."""
    n_frames = round(_TOUCH_S * _TOUCH_RATE_HZ)
    times = np.arange(n_frames) / _TOUCH_RATE_HZ
    noise = np.random.default_rng(2400).standard_normal(n_frames)
    pole = math.exp(-2 * math.pi * touch.skin_hz / _TOUCH_RATE_HZ)
    skin = lfilter([1 - pole, 0.0, pole - 1], [1.0, -2 * pole, pole * pole], noise)
    skin *= (times / _SKIN_S) * np.exp(1 - times / _SKIN_S)
    push = _bump(times, touch.knock_width_s)
    knock = with_body(push, body, rate_hz=_TOUCH_RATE_HZ) - push
    mix = _peaked(skin, touch.skin_db) + _peaked(knock, touch.knock_db)
    mix *= np.minimum(1.0, (times[-1] - times) / (0.3 * _TOUCH_S))
    return Zone(
        sample=Sample(name=name, frames=0.7 * mix, root_key=60, rate_hz=_TOUCH_RATE_HZ),
        low_key=keys[0],
        high_key=keys[1],
        envelope=Envelope(release_s=0.3),
        low_pass=LowPass(9_000.0, velocity_cents=2600.0),
        pitch_follows_key=False,
    )


def decay_envelope(decay_s: KeyCurve, key: int, release_s: float) -> Envelope:
    """The envelope that gives a sample of root ``key`` its 60 dB decay back, and each key near it its own.

    Parameters
    ----------
    decay_s
        60 dB decay of the fundamental along the keyboard, in seconds.
    """
    return replace(ringing(decay_s.at, key, release_s), attack_s=_LET_GO_S, release_s=release_s)


def time_constant_s(decay_s: float) -> float:
    """The time in which a 60 dB decay falls to 1/e."""
    return decay_s / (3 * math.log(10))


def _bump(times: NDArray[np.float64], width_s: float) -> Frames:
    """A raised cosine from 0 to ``width_s``, of mean 1."""
    inside = (times >= 0) & (times < width_s)
    return np.asarray(np.where(inside, 1 - np.cos(2 * np.pi * times / width_s), 0.0))


def _peaked(sound: Frames, peak_db: float) -> Frames:
    return np.asarray(sound * (10 ** (peak_db / 20) / np.max(np.abs(sound))))
