"""The phrase models of a tune, with the range they span, its one peak and the octave they stand in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from calmando.compose.cells import Cell, PhraseRhythm
from calmando.compose.schemas import DRONE_CHORDS, PhraseKind, Schema, fit_to_units, schemas_of, unit_numerals
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_colour import n_missing
from calmando.compose.tune_contour import Contour, along, ends_as_wanted
from calmando.compose.tune_form import Echo, Outline, asks, copied_units
from calmando.compose.tune_slots import scale_step
from calmando.compose.tune_statistics import contour_of
from calmando.rng import Stream
from calmando.score.tune import Tune, TuneNote
from calmando.theory.chord import chord
from calmando.theory.scale import Mode
from calmando.theory.tune_register import room_above, tonic_pitch
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Semitones

_TRIES = 24
_LOWEST_BELOW = 5
"""No tune reaches further below its tonic than this many semitones (the fifth below)."""
_FLOOR_WEIGHTS: dict[Semitones, float] = {0: 0.2, 1: 0.4, 2: 0.3, 3: 0.35, 5: 0.4}
"""How often a tune's lowest note lies so many semitones below its tonic."""
_FIRST_WEIGHTS = {1: 0.9, 3: 0.3, 5: 2.0, -2: 1.5}
"""How often an opening model begins on a degree: folk and cradle songs begin on 1 or 5 five times as often as on 3."""
_PLAGAL_WIDER = 1.0
"""Semitones by which a tune is wider that turns about its key note (lowest note a third to a fourth below it)."""
_LAST_WEIGHTS = {1: 2.4, 2: 0.5, 3: 0.35, 5: 2.0, -2: 1.5, 0: 0.4}
"""How often an open phrase ends on a degree: inner phrases of folk songs rest on 5 and 1 more often than on 2 and 3."""
_RESTING = (1, 3, 5, 8, -2)
_UNRESTING = 1.4
"""How often, less the tune's stability, a phrase may end on a degree that is no place of rest."""
_ASKING_WEIGHTS = {1: 0.25, 2: 0.8, 3: 1.2, 5: 2.0, -2: 1.5, 0: 0.4}
"""The same where a phrase asks, as before its answer: a question that comes home has been answered already."""
_LOW_MODEL = 6.0
"""How often a model that reaches below home is chosen in a tune that has the room."""
_OUT_OF_REACH = 0.1
"""How often a model is chosen that lies below or above what the tune can reach."""
_ENDS_OTHERWISE = 0.1
"""How often a model is chosen whose last chord does not bear the end its contour wants."""
_A_GAP = 0.45
"""How much rarer a model is for each scale step its rhythm has no note to walk by."""
_OUT_OF_SIGHT = 2
"""What a note weighs that makes the mode what it is and lies outside the range: as much as two semitones too wide."""
_FOREIGN_PEAK = 3
"""What it weighs where the peak does not belong to its chord: as much as three semitones too wide."""
_SINKING: Semitones = 2
"""By so much a later tune on the way to sleep is narrower than the first: its top comes down."""
_A_THIRD, _A_FOURTH = 2, 3
"""Scale steps by which an anchor may be lower where its unit's rhythm bears the peak better: in the first phrase, later on."""
_NOT_FALLING = 3
"""What it weighs where the anchors of such a tune go otherwise: as much as three semitones too wide."""
_LOWEST_TOP: Semitones = 7
"""A tune, unless it is a chant, rises to the fifth above its key note at least."""
_CHANT_RANGE: Semitones = 9
"""A chant keeps within a sixth."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the tune's one highest note stands: phrase, unit in it, scale step."""

    phrase: int
    unit: int
    step: int


@dataclass(frozen=True, slots=True)
class Models:
    """The phrase models of all phrases, the range and peak they give, and where scale step 0 sounds."""

    schemas: tuple[Schema, ...]
    anchors: tuple[tuple[int, ...], ...]
    lowest: int
    highest: int
    peak: Peak | None
    tonic_pitch: MidiPitch
    n_bent: int
    """Anchors that had to give way to the range or the peak."""


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a tune's tonic sounds, how wide it may be, how low its lowest scale step may lie, the highest step of all."""

    tonic_pitch: MidiPitch
    range_semitones: Semitones
    lowest_steps: tuple[int, ...]
    ceiling: int


@dataclass(frozen=True, slots=True)
class _Reach:
    """How wide a tune wants to be, its lowest scale step, between which steps all must lie, the widest leap."""

    range_semitones: Semitones
    lowest: int
    floor: int
    ceiling: int
    max_leap_semitones: Semitones


@dataclass(frozen=True, slots=True)
class _Option:
    """A phrase model as a phrase could take it: fitted to its units, how well it walks there, how low and high it goes."""

    model: Schema
    fitted: Schema
    walkable: float
    bottom: int
    top: Semitones


class Repertoire:
    """The phrase models that the phrases of a tune can choose from, to be drawn from as often as wanted."""

    def __init__(
        self,
        brief: TuneBrief,
        outlines: tuple[Outline, ...],
        rhythms: tuple[PhraseRhythm, ...],
        contours: tuple[Contour, ...],
        *,
        falls: bool,
    ) -> None:
        self._brief = brief
        self._outlines = outlines
        self._rhythms = rhythms
        self._contours = contours
        self._falls = falls
        self._room = _room(brief)
        self._options = [_options(brief, *phrase) for phrase in zip(outlines, rhythms, strict=True)]
        self._even = [
            _evenly(options, contour, brief)
            for options, contour in zip(self._options, contours, strict=False)
        ]
        self._welcome: dict[tuple[int, int, Semitones], list[float]] = {}
        self._like = None if brief.like is None or not brief.slow else _Like.of(brief.like)

    def draw(self, *, stream: Stream) -> Models:
        """Draw phrase models until the range they span suits the brief; keep the best of the tries."""
        brief, mode, room, falls = self._brief, self._brief.key.mode, self._room, self._falls
        best: tuple[int, Models] | None = None
        for _ in range(_TRIES):
            reach = _draw_reach(brief, room, stream=stream)
            schemas = self._draw_schemas(reach, stream=stream)
            at = None if brief.chant else self._draw_peak_place(schemas, stream=stream)
            models = _place(mode, self._outlines, schemas, reach, room.tonic_pitch, at, falls=falls)
            span = mode.semitones(models.highest) - mode.semitones(models.lowest)
            excess = max(span - reach.range_semitones, 0) + max(models.n_bent - 2, 0)
            excess += _OUT_OF_SIGHT * _colours_out_of_reach(mode, models)
            excess += _n_lower_top(brief, models)
            excess += _FOREIGN_PEAK * _has_foreign_peak(mode, models)
            excess += _NOT_FALLING * (falls and _contour(mode, models) != "falling")
            if self._like is not None:
                excess += self._like.n_livelier(schemas) + self._like.n_higher(mode, models)
            if best is None or excess < best[0]:
                best = (excess, models)
            if excess == 0:
                break
        assert best is not None
        return best[1]

    def _draw_peak_place(self, schemas: tuple[Schema, ...], *, stream: Stream) -> tuple[int, int] | None:
        """Phrase and unit of the peak: in the second half's first new phrase, in its first units, before a close.

        Where the second half brings nothing new, the peak stands in the first phrase, whenever that is sung, most often
        where the model is highest; elsewhere it does so always. A rhythm that bears it well is worth a third
        or more, unless the tune shall fall: a peak away from its model's top makes it arch.
        """
        outlines = self._outlines
        n_units = len(schemas[0].anchors)
        half = len(outlines) // 2
        phrase = next((i for i in range(half, len(outlines)) if not outlines[i].literal), None)
        units = range(0)
        if phrase is None and n_units > 2:
            units = range(n_units - 1)
        elif phrase is not None:
            first = copied_units(outlines[phrase], n_units)
            last = n_units - (3 if outlines[phrase].kind is PhraseKind.CLOSE else 2)
            latest = 2 if outlines[phrase].kind is PhraseKind.LIFT and n_units == 4 else 1
            units = range(min(first, last), max(min(latest, last), first) + 1) if last >= 0 else units
        if not units:
            return None
        anchors, cells = schemas[phrase or 0].anchors, self._rhythms[phrase or 0].cells
        worth = 0 if self._falls else _A_THIRD if phrase is None else _A_FOURTH
        fits = [anchors[unit] + worth * _firmness(cells, unit) for unit in units]
        if phrase is None:
            return 0, stream.weighted(units, [2.0 ** (fit - max(fits)) for fit in fits])
        return phrase, max(zip(fits, units, strict=True))[1]

    def _draw_schemas(self, reach: _Reach, *, stream: Stream) -> tuple[Schema, ...]:
        brief = self._brief
        schemas: list[Schema] = []
        n_units = len(self._rhythms[0].letters)
        for index, (outline, rhythm) in enumerate(zip(self._outlines, self._rhythms, strict=True)):
            options, weights = self._options[index], self._weights(index, reach)
            fresh = [at for at, option in enumerate(options) if option.fitted not in schemas]
            at = stream.weighted(fresh or range(len(options)), [weights[at] for at in fresh] or weights)
            drawn = options[at].fitted
            if self._contours:
                lowest = brief.key.mode.semitones(reach.lowest)
                heights = range(lowest, lowest + reach.range_semitones + 1)
                drawn = along(drawn, self._contours[index], rhythm, brief, heights)
            if outline.source is not None:
                kept = copied_units(outline, n_units)
                source = schemas[outline.source]
                drawn = Schema(
                    outline.kind,
                    source.chords[:kept] + drawn.chords[kept:],
                    source.anchors[:kept] + drawn.anchors[kept:],
                )
            if outline.echo is Echo.LITERAL:
                drawn = _with_echoes(drawn, rhythm.letters)
            if outline.kind is PhraseKind.CLOSE and not brief.slow:
                drawn = _walking_home(drawn, rhythm, stream=stream.child(f"home-{index}"))
            if brief.allow_raised_leading_tone and brief.key.mode.name == "minor":
                drawn = _with_major_dominant(drawn)
            schemas.append(drawn)
        return tuple(schemas)

    def _weights(self, index: int, reach: _Reach) -> list[float]:
        """How often a phrase's options are chosen in a reach, which many tries share; a contour does not ask for it.

        Over a drone, and in a tune that falls as a whole, a question may come home: there are few other models.
        """
        if self._contours:
            return self._even[index]
        seen = (index, reach.lowest, reach.range_semitones)
        found = self._welcome.get(seen)
        if found is None:
            asking = asks(self._outlines, index) and not (self._falls or self._brief.drone)
            found = self._welcome[seen] = [
                _welcome(option, self._brief, reach, asking=asking) * option.walkable
                for option in self._options[index]
            ]
        return found


def _contour(mode: Mode, models: Models) -> str:
    """The contour of all anchors, each as long as the others."""
    heights = [mode.semitones(step) for line in models.anchors for step in line]
    return contour_of([TuneNote(3 * n, 3, height) for n, height in enumerate(heights)])


def _n_lower_top(brief: TuneBrief, models: Models) -> int:
    """How many semitones a tune's top lies too low for a tune; a chant may, and one about its key note rises a fourth at least."""
    if brief.chant:
        return 0
    is_plagal = brief.key.mode.semitones(models.lowest) <= -3
    return max((5 if is_plagal else _LOWEST_TOP) - brief.key.mode.semitones(models.highest), 0)


def _has_foreign_peak(mode: Mode, models: Models) -> bool:
    """Whether the range leaves no tone of its chord for the peak."""
    if models.peak is None:
        return False
    tones = _bearing(models.schemas[models.peak.phrase].chords[models.peak.unit], mode)
    return mode.semitones(models.peak.step) % 12 not in tones


@dataclass(frozen=True, slots=True)
class _Like:
    """The first tune of a slow family: what leads to sleep never livens up or rises."""

    n_changes: int
    mean_pitch: float

    @classmethod
    def of(cls, tune: Tune) -> _Like:
        """Its chord changes, and the mean of its notes."""
        numerals = [chord.numeral for chord in tune.chords]
        return cls(_n_changes(numerals), sum(note.pitch for note in tune.notes) / len(tune.notes))

    def n_livelier(self, schemas: tuple[Schema, ...]) -> int:
        """How many chord changes a tune has more."""
        numerals = [n for schema in schemas for unit in schema.chords for n in unit_numerals(unit)]
        return max(_n_changes(numerals) - self.n_changes, 0)

    def n_higher(self, mode: Mode, models: Models) -> int:
        """By how many semitones, rounded up, a tune's anchors lie on average higher."""
        heights = [mode.semitones(step) for line in models.anchors for step in line]
        mean = models.tonic_pitch + sum(heights) / len(heights)
        return max(math.ceil(mean - self.mean_pitch), 0)


def _n_changes(numerals: Sequence[str]) -> int:
    return sum(after != before for before, after in pairwise(numerals))


def _colours_out_of_reach(mode: Mode, models: Models) -> int:
    """How many of the notes that make a mode what it is lie above or below everything a tune may sing."""
    return n_missing(mode, map(mode.semitones, range(models.lowest, models.highest + 1)))


def _room(brief: TuneBrief) -> _Room:
    """The room of a tune; where the tonic and a fourth above it do not fit into the register, the register gives way."""
    mode = brief.key.mode
    largest = min(brief.max_range_semitones, _CHANT_RANGE) if brief.chant else brief.max_range_semitones
    tonic = tonic_pitch(brief.key.tonic, brief.low_pitch, brief.high_pitch)
    below = min(max(tonic - brief.low_pitch, 0), _LOWEST_BELOW, max(largest - 5, 0))
    above = room_above(tonic, brief.high_pitch)
    return _Room(
        tonic,
        largest,
        tuple(step for step in range(0, -5, -1) if -mode.semitones(step) <= below),
        max(step for step in range(2 * len(mode.steps)) if mode.semitones(step) <= above),
    )


def _draw_reach(brief: TuneBrief, room: _Room, *, stream: Stream) -> _Reach:
    """Draw how wide the tune is and how far it reaches below its tonic, inside its room."""
    mode, largest = brief.key.mode, room.range_semitones
    width = 14.6 - 6.2 * brief.stability + stream.uniform(-1.5, 1.5)
    if brief.slow and brief.like is not None:
        width -= _SINKING
    weights = [
        _FLOOR_WEIGHTS.get(-mode.semitones(step), 0.1)
        if min(width, largest) + mode.semitones(step) >= 5 or step == 0
        else 0.0
        for step in room.lowest_steps
    ]
    lowest = stream.weighted(room.lowest_steps, weights)
    wanted = min(max(round(width + (_PLAGAL_WIDER if mode.semitones(lowest) <= -3 else 0.0)), 7), largest)
    ceiling = room.ceiling
    while mode.semitones(ceiling) - mode.semitones(lowest) > largest:
        ceiling -= 1
    floor = lowest
    while floor - 1 in room.lowest_steps and mode.semitones(ceiling) - mode.semitones(floor - 1) <= largest:
        floor -= 1
    return _Reach(wanted, lowest, floor, ceiling, brief.max_leap_semitones)


def _options(brief: TuneBrief, outline: Outline, rhythm: PhraseRhythm) -> list[_Option]:
    """The phrase models that a phrase can choose from."""
    mode = brief.key.mode
    found = []
    for model in schemas_of(mode.name, outline.kind, drone=brief.drone, chant=brief.chant):
        fitted = fit_to_units(model, len(rhythm.letters))
        bottom, top = scale_step(min(model.anchors), mode), scale_step(model.top, mode)
        found.append(_Option(model, fitted, _walkable(fitted, rhythm, mode), bottom, mode.semitones(top)))
    return found


def _welcome(option: _Option, brief: TuneBrief, reach: _Reach, *, asking: bool) -> float:
    """How often a model is chosen: tunes like to begin on 1 or 5 and to use the room they have below home.

    The more stable the tune, the less its phrases rest on other tones than 1, 3 and 5. Above a model the peak needs room.
    """
    schema = option.model
    weight = schema.weight
    if option.bottom < 0:
        weight *= _LOW_MODEL if option.bottom >= reach.lowest else _OUT_OF_REACH
    above = 0 if brief.chant else 1
    if option.top + above - brief.key.mode.semitones(reach.lowest) > reach.range_semitones:
        weight *= _OUT_OF_REACH
    if schema.kind is not PhraseKind.CLOSE:
        weight *= (_ASKING_WEIGHTS if asking else _LAST_WEIGHTS).get(schema.anchors[-1], 1.0)
        if schema.anchors[-1] not in _RESTING:
            weight *= _UNRESTING - brief.stability
    if schema.kind is PhraseKind.OPEN:
        weight *= _FIRST_WEIGHTS.get(schema.anchors[0], 1.0)
    return weight


def _evenly(options: list[_Option], contour: Contour, brief: TuneBrief) -> list[float]:
    """How often a phrase's options are chosen along a contour: all as often that can end as it wants."""
    return [1.0 if ends_as_wanted(o.fitted, contour, brief) else _ENDS_OTHERWISE for o in options]


def _walkable(schema: Schema, rhythm: PhraseRhythm, mode: Mode) -> float:
    """How often a model is chosen whose notes lie further apart than a unit's notes can walk by step."""
    anchors = [scale_step(degree, mode) for degree in schema.anchors]
    gaps = sum(
        max(abs(after - before) - len(cell.values), 0)
        for (before, after), cell in zip(pairwise(anchors), rhythm.cells, strict=False)
    )
    return round(math.pow(_A_GAP, gaps), 12)


def _with_echoes(schema: Schema, letters: str) -> Schema:
    """The model with chord and anchor of the first unit under the next unit on its cell."""
    echo = letters.find(letters[0], 1)
    same = [unit == echo for unit in range(len(letters))]
    return schema._replace(
        chords=tuple(schema.chords[0] if s else c for s, c in zip(same, schema.chords, strict=True)),
        anchors=tuple(schema.anchors[0] if s else a for s, a in zip(same, schema.anchors, strict=True)),
    )


def _walking_home(schema: Schema, rhythm: PhraseRhythm, *, stream: Stream) -> Schema:
    """A close whose two notes before home would stand on the second degree: now they walk, 3 2 1 or 4 2 1.

    The first of them has the tonic's chord, over which the dominant is put off, or the supertonic's.
    """
    values, dominant, tonic = rhythm.cells[-2].values, *schema.chords[-2:]
    if len(values) != 2 or schema.anchors[-2] not in (2, 4):
        return schema
    # A phrase may have two chords alone.
    evenly = values[0] == values[1] and dominant not in schema.chords[-3:-2]
    if dominant == "V" and evenly and stream.chance(0.5):
        chords, degree = "ii/V", 4
    elif dominant in ("V", "v", "V5"):
        chords, degree = f"{tonic}/{dominant}", 3
    elif dominant in ("VII", "bVII"):
        chords, degree = dominant, 4
    else:
        return schema
    return schema._replace(
        chords=(*schema.chords[:-2], chords, tonic),
        anchors=(*schema.anchors[:-2], degree, schema.anchors[-1]),
    )


def _with_major_dominant(schema: Schema) -> Schema:
    """A close whose dominant before the final tonic is major."""
    if schema.kind is not PhraseKind.CLOSE:
        return schema
    before = schema.chords[-2]
    if before == "v" or (before == "VII" and schema.anchors[-2] in (0, 2)):
        before = "V"
    elif before == "i/v":
        before = "i/V"
    return schema._replace(chords=(*schema.chords[:-2], before, schema.chords[-1]))


def _place(
    mode: Mode,
    outlines: tuple[Outline, ...],
    schemas: tuple[Schema, ...],
    reach: _Reach,
    tonic_pitch: MidiPitch,
    at: tuple[int, int] | None,
    *,
    falls: bool,
) -> Models:
    """Anchors as scale steps inside the reach, the peak, if there is one ``at`` a phrase and unit, above them all.

    Where the tune ``falls`` as a whole, the peak lies no higher above its beginning than it must.
    """
    step_of = {degree: scale_step(degree, mode) for schema in schemas for degree in set(schema.anchors)}
    written = [tuple([step_of[degree] for degree in schema.anchors]) for schema in schemas]
    lowest = min(reach.lowest, max(reach.floor, min(min(line) for line in written)))
    highest = min(reach.ceiling, max(len(mode.steps) // 2, *(max(line) for line in written)))
    peak: Peak | None = None
    cap = highest
    if at is not None:
        phrase, unit = at
        numeral = schemas[phrase].chords[unit]
        before = written[phrase - 1][-1] if unit == 0 else None
        top = max(written[phrase]) if phrase else written[phrase][unit]
        highest = _peak_step(
            mode, numeral, top, lowest, reach, before, above=max(written[0]) if falls else None
        )
        peak = Peak(phrase, unit, highest)
        cap = highest - 1
    lines = [
        tuple(
            highest if (p, u) == at else _inside(mode, schemas[p].chords[u], anchor, lowest, cap)
            for u, anchor in enumerate(line)
        )
        for p, line in enumerate(written)
    ]
    for index, outline in enumerate(outlines):
        if outline.literal and outline.source is not None:
            lines[index] = lines[outline.source]
    return Models(schemas, tuple(lines), lowest, highest, peak, tonic_pitch, _n_changed(written, lines))


def _n_changed(written: list[tuple[int, ...]], lines: list[tuple[int, ...]]) -> int:
    """How many anchors differ between two lists of lines."""
    return sum(
        [
            a != b
            for before, after in zip(written, lines, strict=True)
            if before != after
            for a, b in zip(before, after, strict=True)
        ]
    )


def _firmness(cells: tuple[Cell, ...], unit: int) -> int:
    """How firmly a unit's rhythm bears the peak: best is a quarter or more on its first beat, next one anywhere.

    A single note before the phrase's end bears it badly: from the peak the line would leap down to its end.
    """
    values = cells[unit].values
    if len(values) == 1 and unit == len(cells) - 2:
        return 0
    return (values[0] >= TICKS_PER_QUARTER) + (max(values) >= TICKS_PER_QUARTER)


def _peak_step(
    mode: Mode, numeral: str, top: int, lowest: int, reach: _Reach, before: int | None, *, above: int | None
) -> int:
    """The tone for the peak: the highest in the wanted range, not far above the model's top, or the lowest ``above`` a step.

    Where the peak opens its phrase, it lies within a leap of the end ``before``: the phrase before it, or before the first
    one the tune's own last phrase, for the tune is sung again and again.
    """
    tones = _bearing(numeral, mode)
    third = min(len(mode.steps) // 2, reach.ceiling)
    near = [
        step
        for step in range(third, min(max(top, 1) + len(mode.steps) // 2 + 1, reach.ceiling) + 1)
        if before is None or mode.semitones(step) - mode.semitones(before) <= reach.max_leap_semitones
    ]
    candidates = [step for step in near if mode.semitones(step) % 12 in tones]
    narrow = [
        step for step in candidates if mode.semitones(step) - mode.semitones(lowest) <= reach.range_semitones
    ]
    higher = [step for step in narrow if above is not None and step > above]
    return (higher[:1] or narrow or candidates[:1] or near or [third])[-1]


def _bearing(numerals: str, mode: Mode) -> frozenset[Semitones]:
    """The tones that may stand out over a unit's first chord, in semitones above the tonic (0–11): its own.

    Over a drone they are all of the mode but those a semitone from the drone.
    """
    tones = chord(unit_numerals(numerals)[0], mode).tones
    if numerals not in DRONE_CHORDS:
        return frozenset(tones)
    rough = {(tone + side) % 12 for tone in tones for side in (-1, 1)}
    return frozenset(mode.steps) - rough


def _inside(mode: Mode, numeral: str, anchor: int, lowest: int, cap: int) -> int:
    """The anchor, or the nearest tone of its chord between two steps (the nearest step where there is none)."""
    if lowest <= anchor <= cap:
        return anchor
    tones = _bearing(numeral, mode)
    inside = [step for step in range(lowest, cap + 1) if mode.semitones(step) % 12 in tones]
    return min(inside or range(lowest, cap + 1), key=lambda step: (abs(step - anchor), step))
