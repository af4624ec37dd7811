"""Sounds several players in unison, each with a vibrato, a drift and an entry of its own, over an exact loop.

A player is a periodic source (a glottis, a bowed string) read from a table of one cycle, followed by a fixed
filter (a vocal tract, a body). Every deviation of pitch or level makes a whole number of swings a loop and has
no mean, so that the loop closes exactly and is in tune as a whole, while no two players ever agree for long:
which is what an ensemble is.

References
----------
Ternström, S. (1989). Acoustical aspects of choir singing. KTH Stockholm: scatter of pitch, vibrato and formants.
Chowning, J. (1989). Frequency modulation synthesis of the singing voice: common vibrato fuses a voice's partials.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from calmando.instruments.model import Frames
from calmando.rng import Stream

Response = Callable[[Frames], NDArray[np.complex128]]
"""A filter: frequencies in Hz, shape (n,), to its complex gains."""

Group = Callable[[Stream], "Sequence[Player]"]
"""A group of players, each stream of chance giving another take of it."""

_CYCLE_FRAMES = 8192
_CONTROL_FRAMES = 32
_RUSH_HZ = 6000.0
_N_TAKES = 32
_AT_FIRST_S = 0.7
"""As much of a loop as is heard in a short note."""
_BLENDED_PARTIALS = 8
_FADE_WEIGHT = 0.25
"""What a decibel of the fundamental's deepest fade counts beside one of a partial's mean level."""
_SETTLED_S = 0.1
"""An onset ends this long before the loop begins, so that the filters have forgotten it."""


@dataclass(frozen=True, slots=True)
class Swing:
    """A sine that makes ``cycles`` whole swings a loop; ``phase`` in turns."""

    cycles: int
    depth: float
    phase: float


@dataclass(frozen=True, slots=True)
class Entry:
    """How a player comes in: after ``delay_s``, swelling for ``rise_s``, from ``scoop_cents`` off the pitch."""

    delay_s: float
    rise_s: float
    scoop_cents: float


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    """One voice of an ensemble.

    ``cycle`` holds one period of the source; ``pitch`` swings in cents, ``level`` swings in decibels;
    ``noise`` is the level of its breath or bow noise beside the source; ``opens_from`` is the filter it begins
    with when its entry is heard (a mouth not yet open), ``response`` the one it settles to.
    """

    cycle: Frames
    response: Response
    pitch: tuple[Swing, ...]
    level: tuple[Swing, ...]
    gain: float
    noise: float
    entry: Entry
    opens_from: Response | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A loop and the onset before it, in frames, and the pitch that closes exactly on it."""

    n_onset: int
    n_loop: int
    n_cycles: int
    rate_hz: int

    @property
    def frequency_hz(self) -> float:
        """The pitch of the loop, in Hz."""
        return self.n_cycles * self.rate_hz / self.n_loop

    @property
    def times_s(self) -> Frames:
        """Seconds since the loop's beginning, negative in the onset."""
        return (np.arange(self.n_onset + self.n_loop) - self.n_onset) / self.rate_hz

    @property
    def places(self) -> Frames:
        """Loops since the loop's beginning, negative in the onset."""
        return (np.arange(self.n_onset + self.n_loop) - self.n_onset) / self.n_loop


def exact_span(frequency_hz: float, *, loop_s: float, onset_s: float, rate_hz: int) -> Span:
    """A loop of about ``loop_s`` seconds with a whole number of cycles, near a pitch.

    The number of frames is even and quick to transform. Low and short loops miss the pitch by up to some ten
    cents: the sample is tuned by its rate (see `steady.tuned_sample`).
    """
    n_loop = 2 * next_fast_len(round(loop_s * rate_hz / 2.0), real=True)
    n_cycles = max(1, round(frequency_hz * n_loop / rate_hz))
    return Span(round(onset_s * rate_hz), n_loop, n_cycles, rate_hz)


def no_wider(frequency_hz: float, from_hz: float) -> float:
    """By what swings in cents are made smaller, so that above ``from_hz`` they are no wider in hertz than there.

    Voices that lie further apart beat more quickly: the unison of a high note would flutter.
    """
    return min(1.0, from_hz / frequency_hz)


def cycle_of(partials: Frames) -> Frames:
    """One cycle of a source with these partial amplitudes, all sines, scaled to a mean square of 1."""
    spectrum = np.zeros(_CYCLE_FRAMES // 2 + 1, dtype=np.complex128)
    spectrum[1 : len(partials) + 1] = -0.5j * _CYCLE_FRAMES * partials
    cycle = np.asarray(irfft(spectrum, _CYCLE_FRAMES))
    return np.asarray(cycle / math.sqrt(float(np.mean(cycle**2))))


def n_partials_below(limit_hz: float, frequency_hz: float) -> int:
    """How many partials of a pitch lie below a limit, at most as many as a cycle's table can hold well."""
    return max(1, min(_CYCLE_FRAMES // 16, int(limit_hz / frequency_hz)))


def unison(players: Sequence[Player], span: Span, *, stream: Stream) -> Frames:
    """The players together.

    Returns
    -------
    ndarray
        Shape (n_onset + n_loop,); the last n_loop frames close exactly.
    """
    total = np.zeros(span.n_onset + span.n_loop)
    for number, player in enumerate(players):
        total += _heard(player, span, stream=stream.child(f"player-{number}"))
    return total


@dataclass(frozen=True, slots=True, eq=False)
class LowPartials:
    """What players do together at their lowest partials.

    ``swells`` are the complex levels of the partials along the loop, shape (n_partials, n_places); ``strangers`` the power
    that as many strangers would have on the mean, shape (n_partials,).
    """

    swells: NDArray[np.complex128]
    strangers: Frames

    def unblended_db(self, n_first: int) -> float:
        """How far the partials are from what strangers add up to, and how deep the fundamental fades, in decibels.

        The first ``n_first`` places count as much as all.
        """
        power = np.abs(self.swells) ** 2 / self.strangers[:, None]
        off_db = 10.0 * np.log10([np.mean(power, axis=1), np.mean(power[:, :n_first], axis=1)])
        fade_db = 10.0 * math.log10(float(np.mean(power[0]) / np.min(power[0])))
        return float(np.sqrt(np.mean(off_db**2))) + _FADE_WEIGHT * fade_db


def blended_unison(group: Group, span: Span, *, stream: Stream) -> Frames:
    """Of several takes of a group the one whose players blend best, sounded together.

    A handful of players in unison cancel or strengthen one another's low partials by chance, for as long as a
    note lasts: the fundamental fades, and neighbouring samples differ in colour.
    """
    take = blended_take(group, span, lambda partials: partials, stream=stream)
    return unison(group(take), span, stream=take)


def blended_take(
    group: Group, span: Span, heard: Callable[[LowPartials], LowPartials], *, stream: Stream
) -> Stream:
    """The stream of that take of several that blends best in what is ``heard`` of it."""
    takes = [stream.child(f"take-{number}") for number in range(_N_TAKES)]
    n_first = round(_AT_FIRST_S * span.rate_hz / _CONTROL_FRAMES) if span.n_onset else span.n_loop
    return min(
        takes, key=lambda take: heard(low_partials(group(take), span, stream=take)).unblended_db(n_first)
    )


def low_partials(players: Sequence[Player], span: Span, *, stream: Stream) -> LowPartials:
    """What the players that `unison` sounds with this stream do at their lowest partials."""
    numbers = np.arange(1, _BLENDED_PARTIALS + 1, dtype=np.float64)
    places = span.places[span.n_onset :: _CONTROL_FRAMES]
    swells = np.zeros((len(numbers), len(places)), dtype=np.complex128)
    strangers = np.zeros(len(numbers))
    for index, player in enumerate(players):
        turns = _phase(player, span)[span.n_onset :: _CONTROL_FRAMES] - span.n_cycles * places
        turns += stream.child(f"player-{index}").random()
        level = player.gain * 10.0 ** (_swung(player.level, places) / 20.0)
        gains = player.response(np.asarray(numbers * span.frequency_hz))
        swells += np.outer(gains, level) * np.exp(2j * np.pi * np.outer(numbers, turns))
        strangers += np.abs(gains) ** 2 * float(np.mean(level**2))
    return LowPartials(swells, strangers)


def _heard(player: Player, span: Span, *, stream: Stream) -> Frames:
    times_s = span.times_s
    entered = _entered(player, span)
    level_db = _swung(player.level, span.places)
    phase = _phase(player, span) + stream.random()
    grid = np.arange(_CYCLE_FRAMES + 1) / _CYCLE_FRAMES
    source = np.interp(phase % 1.0, grid, np.append(player.cycle, player.cycle[0]))
    source += player.noise * _looped_noise(span, stream=stream)
    source *= player.gain * 10.0 ** (level_db / 20.0) * entered
    if player.opens_from is None:
        return _filtered(source, player.response, span)
    start_s = -span.n_onset / span.rate_hz + player.entry.delay_s
    opened = _smooth((times_s - start_s) / max(-_SETTLED_S - start_s, 0.01))
    open_part = _filtered(source * opened, player.response, span)
    return open_part + _filtered(source * (1.0 - opened), player.opens_from, span)


def _entered(player: Player, span: Span) -> Frames:
    if not span.n_onset:
        return np.ones(span.n_loop)
    since_s = span.times_s + span.n_onset / span.rate_hz - player.entry.delay_s
    return _smooth(since_s / player.entry.rise_s)


def _phase(player: Player, span: Span) -> Frames:
    """Turns of the source since the loop's beginning: the pitch summed, its deviations closing on the loop."""
    cents = _swung(player.pitch, span.places)
    if span.n_onset:
        arrival = _smooth((span.times_s + span.n_onset / span.rate_hz) / _arrival_s(span))
        cents = cents * arrival + player.entry.scoop_cents * (1.0 - arrival)
    steps = span.n_cycles / span.n_loop * (1.0 + math.log(2.0) / 1200.0 * cents)
    turns = np.concatenate([[0.0], np.cumsum(steps)])
    loop_turns = turns[-1] - turns[span.n_onset]
    # Sampled swings sum to nothing but for rounding; what is left is spread over the loop.
    turns -= (loop_turns - span.n_cycles) / span.n_loop * np.arange(len(turns))
    return np.asarray(turns[:-1] - turns[span.n_onset])


def _arrival_s(span: Span) -> float:
    return max(span.n_onset / span.rate_hz - _SETTLED_S, 0.01)


def _swung(swings: Sequence[Swing], places: Frames) -> Frames:
    """The swings together, reckoned at every `_CONTROL_FRAMES`-th place and joined by straight lines."""
    points = np.append(places[::_CONTROL_FRAMES], places[-1])
    total = np.zeros(len(points))
    for swing in swings:
        total += swing.depth * np.sin(2.0 * np.pi * (swing.cycles * points + swing.phase))
    return np.interp(places, points, total)


def _smooth(x: Frames) -> Frames:
    """From 0 at 0 to 1 at 1, with a level start and end."""
    clipped = np.clip(x, 0.0, 1.0)
    return np.asarray(clipped * clipped * (3.0 - 2.0 * clipped))


def _looped_noise(span: Span, *, stream: Stream) -> Frames:
    """Rushing noise that repeats with the loop, the onset being its end.

    Its mean square is 1 above `_RUSH_HZ`, below which it falls: air rushes, it does not rumble.
    """
    generator = np.random.default_rng(stream.child("noise").below(2**31))
    spectrum = rfft(generator.standard_normal(span.n_loop))
    hertz = rfftfreq(span.n_loop, 1.0 / span.rate_hz)
    loop = irfft(spectrum * hertz / np.hypot(hertz, _RUSH_HZ), span.n_loop)
    n_repeats = -(-span.n_onset // span.n_loop) + 1
    return np.tile(loop, n_repeats)[-(span.n_onset + span.n_loop) :]


def _filtered(frames: Frames, response: Response, span: Span) -> Frames:
    """The frames after a filter: around the loop where there is no onset, through the onset where there is."""
    n = len(frames)
    if not span.n_onset:
        gains = response(np.asarray(rfftfreq(n, 1.0 / span.rate_hz)))
        return np.asarray(irfft(rfft(frames) * gains, n))
    # A filter that is not quite causal hears a little of what follows: the loop again.
    frames = np.append(frames, frames[-span.n_loop :][: span.rate_hz // 50])
    n_padded = next_fast_len(n + span.rate_hz // 4, real=True)
    gains = response(np.asarray(rfftfreq(n_padded, 1.0 / span.rate_hz)))
    return np.asarray(irfft(rfft(frames, n_padded) * gains, n_padded)[:n])
