"""Voicing: how a row of chords is laid out below a tune, smoothly, openly and without the classical faults.

The bass is chosen for the whole row at once (least cost over all paths): it moves by step, fourth or fifth and
makes no parallel fifths or octaves with the tune. The voices above move least, keep common tones, the highest seldom
leaps, and stay clear of the tune and of roughness (`calmando.theory.roughness`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

from calmando.theory.chord import Chord
from calmando.theory.roughness import CALM_CHORD_LIMIT, CALM_MEAN_LIMIT, roughness
from calmando.units import MidiPitch, PitchClass, Semitones

CLEARANCE: Semitones = 3
"""The accompaniment stays at least this far below the tune."""
OPEN_BELOW: MidiPitch = 48
"""Below C3 no interval is smaller than a fifth."""
_FIFTH: Semitones = 7
_OCTAVE: Semitones = 12
_AWKWARD = frozenset({6, 10, 11})
NOT_ALONE = frozenset({1, 2, 6, 10, 11})
"""Seconds, sevenths and the tritone, with octaves: none is heard alone over a bass …"""
IMPERFECT = frozenset({3, 4, 8, 9})
"""Thirds and sixths, with octaves: one voice tells the chord."""
_NOT_NEXT = frozenset({6, 11})
"""… and a tritone or major seventh is not the next tone above it, whatever lies higher."""
_ROUGHEST = CALM_CHORD_LIMIT - 0.02
"""A chord as laid out: with some of its tones only, or with another part's, it may be a little rougher."""
_FORBIDDEN_COST = 50.0
_PARALLEL_COST = 10.0
_PARALLEL_TOP_COST = 0.6
"""The highest voice and the bass are the outer ones where the tune rests."""
_ROUGHNESS_COST = 24.0
_INVERTED_HOME_COST = 2.0
"""A row that comes home from settled voices stands on the key note, unless that is in parallel with the tune."""
_CROWDED_COST = 45.0
"""Above the mean that calm music keeps it costs more, unless a colour is asked for: plain chords lie open."""
_THIRDLESS_COST = 5.0
"""The third tells which chord it is: it is worth some roughness, a voice less and a further way …"""
_THIRDLESS_BASS_COST = 3.0
"""So much costs a bass that leaves no room for the third below the tune: the third then lies in the bass itself."""
_MINOR_NINTH_COST = 5.0
"""… but is left out where the tune holds the tone a semitone above it, as in a suspension."""
_COLOUR_COST = 3.0
"""A colour that is asked for is worth some roughness."""
_THIRD: Semitones = 4
_LEAP_AT_TOP_COST = 0.25
"""The highest voice is heard as a line: so much a semitone costs it to leap further than a third."""
_SECOND_LEADING_NOTE_COST = 4.0
"""A dominant is rather thinner than with its third twice, the tune's included."""


@dataclass(frozen=True, slots=True)
class Register:
    """Where the accompaniment lies: the bass, and the voices above it."""

    bass_low: MidiPitch = 40
    bass_high: MidiPitch = 55
    inner_low: MidiPitch = 48
    inner_high: MidiPitch = 64


@dataclass(frozen=True, slots=True)
class ChordToVoice:
    """A chord in its place.

    Attributes
    ----------
    chord, tonic
        What to sound, in which key.
    before
        The voices before the first chord of a row, its bass first, where they are settled.
    tune_before
        The tune's last note begun before the chord, if any.
    tune_a_beat_before, tune_at_onset
        The tune's notes that sound a beat before the chord and when it begins, if any.
    tune_low
        The tune's lowest note over the chord, if any.
    tune_held
        Its notes of a beat or more, for the roughness.
    root_position
        Whether the bass must be the root (beginnings and ends of phrases).
    """

    chord: Chord
    tonic: PitchClass
    before: tuple[MidiPitch, ...] = ()
    tune_before: MidiPitch | None = None
    tune_a_beat_before: MidiPitch | None = None
    tune_at_onset: MidiPitch | None = None
    tune_low: MidiPitch | None = None
    tune_held: tuple[MidiPitch, ...] = ()
    root_position: bool = False

    @property
    def third(self) -> PitchClass | None:
        """The pitch class of the chord's third, if it has one."""
        if self.chord.third is None:
            return None
        return (self.tonic + self.chord.root + self.chord.third) % 12

    @property
    def leading_note(self) -> PitchClass | None:
        """The third of a dominant, which leads to the key note and so sounds once."""
        return self.third if self.third == (self.tonic - 1) % 12 else None


@dataclass(frozen=True, slots=True)
class Voicing:
    """A chord laid out.

    Attributes
    ----------
    bass
        The lowest note.
    ladder
        Chord tones upwards from it for broken chords: the held voices and perhaps one above.
    block
        Held voices above the bass, low to high.
    """

    bass: MidiPitch
    ladder: tuple[MidiPitch, ...]
    block: tuple[MidiPitch, ...]


def voice_chords(
    row: Sequence[ChordToVoice], register: Register, *, n_voices: int = 3
) -> tuple[Voicing, ...]:
    """Lay out a row of chords below a tune.

    Parameters
    ----------
    row
        The chords in order.
    register
        Where bass and inner voices lie.
    n_voices
        Held voices above the bass, at most.
    """
    result = []
    voices = row[0].before if row else ()
    for bass, item in zip(_bass_line(row, register), row, strict=True):
        ceiling = _ceiling(item, register)
        classes = tuple((item.tonic + tone) % 12 for tone in item.chord.tones)
        colours = tuple((item.tonic + item.chord.root + colour) % 12 for colour in item.chord.colours)
        third, leading = item.third, item.leading_note
        block = _block(
            bass,
            classes,
            third,
            leading,
            colours,
            ceiling,
            register.inner_low,
            voices,
            item.tune_held,
            n_voices,
        )
        voices = (bass, *block)
        has_leading = any(pitch % 12 == leading for pitch in (*voices, *item.tune_held))
        triad = ((item.tonic + tone) % 12 for tone in item.chord.triad)
        rungs = tuple(tone for tone in triad if not (has_leading and tone == leading))
        result.append(Voicing(bass, _ladder(bass, block, rungs, ceiling, item.tune_held), block))
    return tuple(result)


def is_parallel(lower: tuple[MidiPitch, MidiPitch], upper: tuple[MidiPitch | None, MidiPitch | None]) -> bool:
    """Whether two voices move the same way from fifth to fifth or from octave to octave.

    Examples
    --------
    >>> is_parallel((48, 50), (55, 57)), is_parallel((48, 53), (67, 65))
    (True, False)
    """
    if upper[0] is None or upper[1] is None:
        return False
    below, above = lower[1] - lower[0], upper[1] - upper[0]
    if below * above <= 0:
        return False
    intervals = ((upper[0] - lower[0]) % 12, (upper[1] - lower[1]) % 12)
    return intervals[0] == intervals[1] and intervals[0] in (0, _FIFTH)


def leap_at_top(before: Sequence[MidiPitch], after: Sequence[MidiPitch]) -> Semitones:
    """How far the highest of some voices moves; not at all where all others stay and voices only enter or leave.

    Examples
    --------
    >>> leap_at_top((55, 64), (53,)), leap_at_top((55, 64), (55,)), leap_at_top((), (53, 57))
    (11, 0, 0)
    """
    if not before or not after or before[-1] == after[-1]:
        return 0
    if set(before) <= set(after) or set(after) <= set(before):
        return 0
    return abs(after[-1] - before[-1])


def is_awkward(before: MidiPitch, after: MidiPitch) -> bool:
    """Whether a bass leaps a tritone, a seventh or further than an octave.

    Examples
    --------
    >>> is_awkward(53, 43), is_awkward(53, 55), is_awkward(43, 55)
    (True, False, False)
    """
    distance = abs(after - before)
    return distance in _AWKWARD or distance > _OCTAVE


def _ceiling(item: ChordToVoice, register: Register) -> MidiPitch:
    if item.tune_low is None:
        return register.inner_high
    return min(register.inner_high, item.tune_low - CLEARANCE)


def _bass_line(row: Sequence[ChordToVoice], register: Register) -> list[MidiPitch]:
    """The bass of least cost over the whole row (a shortest path)."""
    if not row:
        return []
    costs: list[dict[MidiPitch, float]] = []
    origins: list[dict[MidiPitch, MidiPitch]] = []
    for index, item in enumerate(row):
        here: dict[MidiPitch, float] = {}
        origin: dict[MidiPitch, MidiPitch] = {}
        for bass, own in _bass_candidates(item, register):
            if index == 0:
                here[bass] = own + _joint_cost(item, bass)
                continue
            before = min(
                costs[-1], key=lambda b: (costs[-1][b] + _bass_step(b, bass, row[index - 1], item), b)
            )
            here[bass] = own + costs[-1][before] + _bass_step(before, bass, row[index - 1], item)
            origin[bass] = before
        costs.append(here)
        origins.append(origin)
    bass = min(costs[-1], key=lambda b: (costs[-1][b], b))
    line = [bass]
    for origin in reversed(origins[1:]):
        bass = origin[bass]
        line.append(bass)
    return line[::-1]


def _bass_candidates(item: ChordToVoice, register: Register) -> list[tuple[MidiPitch, float]]:
    chord = item.chord
    options = [(chord.bass, 0.0)]
    inverted = _INVERTED_HOME_COST if item.before and chord.root == 0 else 0.0
    if chord.bass == chord.root and chord.third in (3, 4) and not item.root_position:
        options.append(((chord.root + chord.third) % 12, 0.9 + inverted))
    if chord.bass == chord.root and not item.root_position:
        options.append(((chord.root + chord.fifth) % 12, 4.0 + inverted))
    ceiling = _ceiling(item, register)
    found = []
    for tone, cost in options:
        pitch_class = (item.tonic + tone) % 12
        low = register.bass_low + (pitch_class - register.bass_low) % 12
        for bass in range(low, register.bass_high + 1, 12):
            crowded = 1.0 if bass + 12 > ceiling else 0.4 if bass + 16 > ceiling else 0.0
            own = cost + crowded + 0.03 * abs(bass - register.bass_low - 5)
            if bass > ceiling:
                own += _FORBIDDEN_COST
            elif not _bears_third(item, bass, ceiling):
                own += _THIRDLESS_BASS_COST
            own += _MINOR_NINTH_COST * any((note - bass) % 12 == 1 for note in item.tune_held)
            found.append((bass, own))
    return found


def has_room_for_third(item: ChordToVoice, register: Register) -> bool:
    """Whether a chord in root position has its third, held by the tune or in its room between bass and tune."""
    root = register.bass_low + (item.tonic + item.chord.root - register.bass_low) % 12
    return _bears_third(item, root, _ceiling(item, register))


def _bears_third(item: ChordToVoice, bass: MidiPitch, ceiling: MidiPitch) -> bool:
    """Whether a chord's third, if it has one, is held by the tune, is the bass, or lies between bass and ceiling.

    A third that gives way to the tone a semitone above it, which the tune holds, needs no room.
    """
    third, held = item.third, {pitch % 12 for pitch in item.tune_held}
    if third is None or third == bass % 12 or held & {third, (third + 1) % 12}:
        return True
    lowest = _lowest_above(bass)
    return lowest + (third - lowest) % 12 <= ceiling


def _lowest_above(bass: MidiPitch) -> MidiPitch:
    """Where the next voice may lie."""
    return bass + (_FIFTH if bass < OPEN_BELOW else 3)


def _joint_cost(first: ChordToVoice, bass: MidiPitch) -> float:
    """What a row's first bass costs after a bass that is settled."""
    if not first.before:
        return 0.0
    cost = _distance_cost(first.before[0], bass)
    if is_parallel((first.before[0], bass), (first.tune_before, first.tune_at_onset)):
        cost += _PARALLEL_COST
    return cost


def _bass_step(before: MidiPitch, after: MidiPitch, here: ChordToVoice, there: ChordToVoice) -> float:
    cost = _distance_cost(before, after)
    # Heard are all: from downbeat to downbeat, from the last beat and from the last note before the chord.
    if any(
        is_parallel((before, after), (tune, there.tune_at_onset))
        for tune in {here.tune_at_onset, there.tune_a_beat_before, there.tune_before}
    ):
        cost += _PARALLEL_COST
    return cost


def _distance_cost(before: MidiPitch, after: MidiPitch) -> float:
    """What a bass's step or leap costs by its width alone."""
    distance = abs(after - before)
    within = (0.0, 0.1, 0.1, 0.3, 0.3, 0.15, 4.0, 0.2, 0.6, 0.6, 4.0, 4.0, 0.6)[min(distance, _OCTAVE)]
    return within + max(distance - _OCTAVE, 0)


@lru_cache(maxsize=4096)
def _ladder(
    bass: MidiPitch,
    block: tuple[MidiPitch, ...],
    classes: tuple[PitchClass, ...],
    ceiling: MidiPitch,
    held: tuple[MidiPitch, ...],
) -> tuple[MidiPitch, ...]:
    """The held voices, and one chord tone above them where there is room: broken and held chords never clash.

    A voice that is held alone and has no room above has a tone below it, so that two take turns.
    """
    top = block[-1] if block else bass + _FIFTH - 1
    for rung in range(top + 3, min(ceiling, top + 9) + 1):
        if not block and (rung - bass) % 12 in NOT_ALONE:
            continue
        if rung % 12 in classes and _worst_roughness((bass, *block, rung), held) <= CALM_CHORD_LIMIT:
            return (*block, rung)
    if len(block) == 1:
        for rung in range(bass + (_FIFTH if bass < OPEN_BELOW else 3), block[0] - 2):
            is_calm = (rung - bass) % 12 not in NOT_ALONE and (
                _worst_roughness((bass, rung, *block), held) <= CALM_CHORD_LIMIT
            )
            if rung % 12 in classes and is_calm:
                return (rung, *block)
    return block


@lru_cache(maxsize=4096)
def _block(
    bass: MidiPitch,
    classes: tuple[PitchClass, ...],
    third: PitchClass | None,
    leading: PitchClass | None,
    colours: tuple[PitchClass, ...],
    ceiling: MidiPitch,
    low: MidiPitch,
    before: tuple[MidiPitch, ...],
    held: tuple[MidiPitch, ...],
    n_voices: int,
) -> tuple[MidiPitch, ...]:
    """The voices above the bass that move least from those before; fewer where the tune leaves no room.

    ``before`` has all voices of the chord before, its bass first; ``held`` the tune's notes of a beat or more.
    """
    lowest = max(low - 5, _lowest_above(bass))
    pool = [pitch for pitch in range(lowest, ceiling + 1) if pitch % 12 in classes]
    best: tuple[float, tuple[MidiPitch, ...]] | None = None
    for size in range(1, n_voices + 1):
        for upper in combinations(pool, size):
            if (upper[0] - bass) % 12 in (NOT_ALONE if size == 1 else _NOT_NEXT):
                continue
            if any(b - a < (_FIFTH if a < OPEN_BELOW else 3) for a, b in pairwise(upper)):
                continue
            rough = _worst_roughness((bass, *upper), held)
            if rough > _ROUGHEST:
                continue
            cost = _block_cost(bass, upper, classes, third, leading, colours, before, held, rough)
            cost += 1.5 * (n_voices - size)
            if best is None or (cost, upper) < best:
                best = (cost, upper)
    return best[1] if best else ()


def _block_cost(
    bass: MidiPitch,
    upper: tuple[MidiPitch, ...],
    classes: tuple[PitchClass, ...],
    third: PitchClass | None,
    leading: PitchClass | None,
    colours: tuple[PitchClass, ...],
    before: tuple[MidiPitch, ...],
    held: tuple[MidiPitch, ...],
    rough: float,
) -> float:
    sounding = {pitch % 12 for pitch in (bass, *upper)}
    cost = _ROUGHNESS_COST * rough + 0.7 * len(set(classes) - sounding)
    tune_leads = any(note % 12 == leading for note in held)
    if third is not None and third not in sounding and not tune_leads:
        cost += _THIRDLESS_COST
    cost += _MINOR_NINTH_COST * sum((note - pitch) % 12 == 1 for note in held for pitch in upper)
    if not colours:
        cost += _CROWDED_COST * max(rough - CALM_MEAN_LIMIT, 0.0)
    cost += _COLOUR_COST * len(set(colours) - sounding)
    if len({pitch % 12 for pitch in upper}) < len(upper):
        cost += 0.6
    if leading is not None:
        n_leading = sum(pitch % 12 == leading for pitch in (bass, *upper))
        cost += _SECOND_LEADING_NOTE_COST * max(n_leading + tune_leads - 1, 0)
    bass_before, *previous = before or (bass,)
    if not previous:
        return cost
    if is_parallel((bass_before, bass), (previous[-1], upper[-1])):
        cost += _PARALLEL_TOP_COST
    cost += _LEAP_AT_TOP_COST * max(leap_at_top(previous, upper) - _THIRD, 0)
    cost += 0.12 * _movement(previous, upper) - 0.25 * len(set(previous) & set(upper))
    return cost


def _movement(before: Sequence[MidiPitch], after: Sequence[MidiPitch]) -> int:
    """Semitones moved in all, every voice going to the nearest."""
    return sum(min(abs(a - b) for a in before) for b in after) + sum(
        min(abs(a - b) for b in after) for a in before
    )


def _worst_roughness(chord: tuple[MidiPitch, ...], held: Iterable[MidiPitch]) -> float:
    """Of a chord alone, and with each note that a tune holds over it."""
    return max([roughness(chord), *(roughness((*chord, note)) for note in held)])
