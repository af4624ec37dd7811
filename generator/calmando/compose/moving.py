"""Moving a lever: which one a strophe moves, if any, and the strophe with it moved."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.compose.arc import Targets
from calmando.compose.handover import (
    CALM_REGISTERS,
    OCTAVE_EVERY_S,
    lowered,
    may_rise,
    may_vary,
    octave_for,
    suits,
    taker_name,
    takers,
)
from calmando.compose.levers import TERMS, Budget, Lever
from calmando.compose.material import Material
from calmando.compose.plan import PLAIN, Dress
from calmando.compose.resonance import with_deceptive_close, with_silence, with_sixth
from calmando.compose.tune_book import without_upbeat
from calmando.preset.model import PartSettings, Preset
from calmando.rng import Stream
from calmando.theory.scale import Mode
from calmando.units import Seconds, Ticks

_DECEPTIVE_EVERY_S: Seconds = 240.0
_FIRST_OCTAVE_S: Seconds = 180.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a strophe stands.

    Attributes
    ----------
    targets, elapsed_s
        What the arc wants, and when.
    is_free
        Whether nothing else changes at its beginning.
    rests_before, rests_after
        Whether the tune rests for a phrase at least before it, and after it.
    has_room
        Whether a phrase more can be sung.
    upbeat
        Of the tune, in ticks.
    """

    targets: Targets
    elapsed_s: Seconds
    is_free: bool
    rests_before: bool
    rests_after: bool
    has_room: bool
    upbeat: Ticks = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """A strophe's tune with a lever moved, or as it is."""

    phrases: list[Material]
    lever: Lever | None = None
    dress: Dress = PLAIN
    text: str = ""


class Mover:
    """Moves the levers of a piece made of strophes.

    Parameters
    ----------
    preset
        The dials, the parts, what is excluded.
    length_s
        The piece's length up to the ending, in seconds.
    stream
        Where its chances come from.
    """

    def __init__(self, preset: Preset, length_s: Seconds, *, stream: Stream) -> None:
        self._preset = preset
        self._stream = stream
        self._length_s = length_s
        melody = preset.melody
        self._budget = Budget(melody.resonance, melody.predictability, stream=stream.child("budget"))
        names = {part.name for part in takers(preset, length_s)}
        self._takers = [part for part in preset.parts if taker_name(preset.lead, part) in names]
        self._aside_s: Seconds = 0.0
        self._n_octaves = 0

    def pay_for_key(self) -> None:
        """The key changes, as planned."""
        self._budget.pay(Lever.KEY)

    def move(self, number: int, phrases: list[Material], moment: Moment) -> Moved:
        """The phrases of strophe ``number`` with at most one lever moved."""
        self._budget.earn()
        mode = phrases[0].key.mode
        possible = tuple(lever for lever in Lever if self._is_possible(lever, mode, moment))
        stream = self._stream.child(str(number))
        lever = self._budget.next(possible, stream=stream)
        if lever is None:
            return Moved(phrases)
        moved = self._moved(lever, phrases, moment, stream=stream.child("how"))
        if moved is None:
            self._budget.give_up()
            return Moved(phrases)
        self._budget.pay(lever)
        if lever is Lever.DECEPTIVE:
            self._aside_s = moment.elapsed_s
        self._n_octaves += lever is Lever.OCTAVE
        return moved

    def _is_possible(self, lever: Lever, mode: Mode, moment: Moment) -> bool:
        terms = TERMS[lever]
        if terms.is_surprise and not moment.targets.surprises:
            return False
        if not (terms.is_surprise or (may_vary(self._preset) and moment.targets.may_vary)):
            return False
        if terms.opens_strophe and not moment.is_free:
            return False
        match lever:
            case Lever.SILENCE:
                return True
            case Lever.SIXTH:
                return mode.name in ("major", "minor")
            case Lever.MINOR_FOURTH:
                return mode.name == "major" and moment.rests_after
            case Lever.DECEPTIVE:
                due = moment.elapsed_s - self._aside_s >= _DECEPTIVE_EVERY_S
                return mode.name == "major" and due and moment.has_room
            case Lever.HAND_OVER:
                return bool(self._takers)
            case Lever.OCTAVE:
                due_s = _FIRST_OCTAVE_S + self._n_octaves * OCTAVE_EVERY_S
                return moment.rests_before and moment.rests_after and moment.elapsed_s >= due_s
            case Lever.KEY:
                return False

    def _moved(
        self, lever: Lever, phrases: list[Material], moment: Moment, *, stream: Stream
    ) -> Moved | None:
        """The strophe with a lever moved; None where its tune does not bear it."""
        text = TERMS[lever].sentence
        match lever:
            case Lever.SILENCE:
                cut = with_silence(phrases[-2], moment.upbeat) if len(phrases) > 1 else phrases[-1]
                return _unless_same(phrases, [*phrases[:-2], cut, phrases[-1]], lever, text)
            case Lever.SIXTH:
                return _unless_same(phrases, [with_sixth(phrases[0]), *phrases[1:]], lever, text)
            case Lever.DECEPTIVE:
                aside = with_deceptive_close(phrases[-1])
                sung = [*phrases[:-1], aside, phrases[-1]] if aside != phrases[-1] else phrases
                return _unless_same(phrases, sung, lever, text)
            case Lever.HAND_OVER:
                return self._handed_over(phrases, stream=stream)
            case Lever.OCTAVE:
                return self._octave_away(phrases, moment.targets.brightness)
            case _:
                return Moved(phrases, lever, text=text)

    def _handed_over(self, phrases: list[Material], *, stream: Stream) -> Moved | None:
        first = stream.below(len(self._takers))
        for taker in (*self._takers[first:], *self._takers[:first]):
            octave = octave_for(taker, phrases)
            if octave is None:
                continue
            resting = self._second_lines() if octave else _own_line(taker)
            dress = Dress(taker_name(self._preset.lead, taker), 0, resting)
            where = ", an octave lower" if octave else ""
            sung = _lowered(phrases) if octave else phrases
            return Moved(sung, Lever.HAND_OVER, dress, f"the tune goes over to {taker.name}{where}")
        return None

    def _octave_away(self, phrases: list[Material], brightness: float) -> Moved | None:
        program = self._preset.lead.program
        if program not in CALM_REGISTERS:
            return None
        if suits(program, phrases, -1):
            sung = _lowered(phrases)
            return Moved(sung, Lever.OCTAVE, Dress("", 0, self._second_lines()), "the tune an octave lower")
        is_too_much = (self._n_octaves + 1) * OCTAVE_EVERY_S > self._length_s
        if not is_too_much and may_rise(self._preset, brightness) and suits(program, phrases, 1):
            return Moved(phrases, Lever.OCTAVE, Dress("", 1), "the tune an octave higher")
        return None

    def _second_lines(self) -> tuple[str, ...]:
        return tuple(part.name for part in self._preset.parts if part.role == "second line")


def _lowered(phrases: list[Material]) -> list[Material]:
    """Low phrases; the first without an upbeat, which would sound among the chords of the phrase before."""
    return [lowered(without_upbeat(phrases[0])), *(lowered(phrase) for phrase in phrases[1:])]


def _own_line(taker: PartSettings) -> tuple[str, ...]:
    """A second line rests where its instrument has the tune."""
    return (taker.name,) if taker.role == "second line" else ()


def _unless_same(before: list[Material], after: list[Material], lever: Lever, text: str) -> Moved | None:
    return None if after == before else Moved(after, lever, text=text)
