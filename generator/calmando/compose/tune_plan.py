"""The plan of a tune before its first pitch: form, phrase models, rhythm, upbeat, range and the one peak."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from calmando.compose.cells import PhraseRhythm, Upbeat, draw_new_cell, draw_rhythm, draw_upbeat
from calmando.compose.schemas import PhraseKind, Schema, fit_to_units, schemas_of
from calmando.compose.tune_brief import FormWeight, TuneBrief
from calmando.compose.tune_family import family_of
from calmando.compose.tune_slots import scale_step
from calmando.rng import Stream
from calmando.theory.chord import chord
from calmando.theory.scale import Mode
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Semitones, Ticks

_FORMS: dict[int, tuple[FormWeight, ...]] = {
    2: (FormWeight("A A'", 2.0), FormWeight("A B", 1.0)),
    4: (
        FormWeight("A A' B A'", 5.0),
        FormWeight("A A' B C", 2.0),
        FormWeight("A B A A'", 1.0),
        FormWeight("A A B A'", 1.5),
        FormWeight("A B C B", 1.0),
        FormWeight("A A' A A'", 0.7),
    ),
    8: (FormWeight("A A' A A' B C A A'", 3.0), FormWeight("A B A C D E A C", 3.0)),
}
_TRIES = 24
_LOWEST_BELOW = 5
"""No tune reaches further below its tonic than this many semitones (the fifth below)."""
_FLOOR_WEIGHTS: dict[Semitones, float] = {0: 0.45, 1: 0.25, 2: 0.25, 3: 0.12, 5: 0.3}
"""How often a tune's lowest note lies so many semitones below its tonic."""


@dataclass(frozen=True, slots=True)
class PhrasePlan:
    """The plan of one phrase.

    Attributes
    ----------
    label, kind
        Its letter and what it does.
    schema
        Chords and anchor degrees, one a unit.
    anchors
        The anchors as scale steps, in reach of the tune's range.
    rhythm
        The cells of its units.
    source, copied_units
        The earlier phrase it begins like, and how many of its units are the same note for note.
    echo
        Later units on the first unit's cell repeat it note for note.
    sigh
        The last unit is a long–short sigh instead of one long note.
    """

    label: str
    kind: PhraseKind
    schema: Schema
    anchors: tuple[int, ...]
    rhythm: PhraseRhythm
    source: int | None = None
    copied_units: int = 0
    echo: bool = False
    sigh: bool = False


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the tune's one highest note stands: phrase, unit in it, scale step."""

    phrase: int
    unit: int
    step: int


@dataclass(frozen=True, slots=True)
class TunePlan:
    """The plan of a tune.

    Attributes
    ----------
    form
        Its letters.
    unit_ticks, hold_ticks
        Length of a unit; what follows the last unit of each phrase and prolongs its end.
    upbeat
        What comes before each phrase's first bar line, or None.
    breath_ticks
        The rest at each phrase's end.
    lowest, highest
        Scale steps in reach; `highest` is the peak's.
    peak
        The planned peak; None where the form repeats too literally to have just one.
    tonic_pitch
        Where scale step 0 sounds.
    """

    form: str
    phrases: tuple[PhrasePlan, ...]
    unit_ticks: Ticks
    hold_ticks: Ticks
    upbeat: Upbeat | None
    breath_ticks: Ticks
    lowest: int
    highest: int
    peak: Peak | None
    tonic_pitch: MidiPitch


@dataclass(frozen=True, slots=True)
class _Outline:
    """A phrase's place in the form, before models and rhythm are chosen."""

    label: str
    kind: PhraseKind
    source: int | None
    literal: bool
    varied: bool = False
    """Only its first unit repeats its source."""
    echo: bool = False
    """Later units on the first unit's cell repeat it note for note."""


def draw_plan(brief: TuneBrief, *, stream: Stream) -> TunePlan:
    """Draw a plan for a brief."""
    form = _draw_form(brief, stream=stream.child("form"))
    outlines = _with_echo(_outlines(form, brief), brief, stream=stream.child("echo"))
    half_bars = brief.metre.name == "4/4" and brief.phrase_bars in (2, 3)
    n_units = 4 if half_bars else brief.phrase_bars
    unit_ticks = brief.metre.bar_ticks // 2 if half_bars else brief.metre.bar_ticks
    upbeat = _draw_upbeat(brief, stream=stream.child("upbeat"))
    rhythms = _draw_rhythms(brief, outlines, n_units, half_bars=half_bars, stream=stream.child("rhythm"))
    models = _draw_models(brief, outlines, rhythms, stream=stream.child("schema"))
    end_ticks = unit_ticks - (upbeat.ticks if upbeat else 0)
    sighs = stream.child("sigh").chance(0.08 + 0.2 * brief.resonance) and upbeat is None and not brief.slow
    phrases = tuple(
        PhrasePlan(
            outline.label,
            outline.kind,
            schema,
            anchors,
            rhythm,
            outline.source,
            _copied_units(outline, n_units),
            outline.echo,
            sighs and outline.kind is PhraseKind.OPEN and unit_ticks >= 2 * TICKS_PER_QUARTER,
        )
        for outline, schema, anchors, rhythm in zip(
            outlines, models.schemas, models.anchors, rhythms, strict=True
        )
    )
    return TunePlan(
        form=" ".join(outline.label for outline in outlines),
        phrases=phrases,
        unit_ticks=unit_ticks,
        hold_ticks=brief.phrase_bars * brief.metre.bar_ticks - n_units * unit_ticks,
        upbeat=upbeat,
        breath_ticks=_draw_breath(brief, end_ticks, stream=stream.child("breath")),
        lowest=models.lowest,
        highest=models.highest,
        peak=models.peak,
        tonic_pitch=models.tonic_pitch,
    )


def _draw_form(brief: TuneBrief, *, stream: Stream) -> str:
    fitting = [entry for entry in brief.forms if len(entry.form.split()) == brief.n_phrases]
    options = fitting or list(_FORMS[brief.n_phrases])
    weights = [entry.weight * (1.0 if fitting else _familiarity(entry.form, brief)) for entry in options]
    return stream.weighted([entry.form for entry in options], weights)


def _familiarity(form: str, brief: TuneBrief) -> float:
    """A predictable tune chooses forms that return more often."""
    labels = form.split()
    returning = 1.0 - len({label[0] for label in labels}) / len(labels)
    return round(math.exp(6.0 * (brief.predictability - 0.55) * (returning - 0.5)), 12)


def _outlines(form: str, brief: TuneBrief) -> tuple[_Outline, ...]:
    """What each letter of a form does, and which earlier phrase it repeats."""
    labels = [label.replace("′", "'") for label in form.split()]
    half = len(labels) // 2
    outlines: list[_Outline] = []
    for index, label in enumerate(labels):
        same = next((i for i, outline in enumerate(outlines) if outline.label == label), None)
        letter = next((i for i, outline in enumerate(outlines) if outline.label[0] == label[0]), None)
        is_last = index == len(labels) - 1
        if same is not None and not (is_last and outlines[same].kind is not PhraseKind.CLOSE):
            outlines.append(_Outline(label, outlines[same].kind, same, literal=True))
        elif letter is not None:
            closes = is_last or index == half - 1 or outlines[letter].kind is PhraseKind.OPEN
            outlines.append(
                _Outline(label, PhraseKind.CLOSE if closes else PhraseKind.OPEN, letter, literal=False)
            )
        else:
            outlines.append(_Outline(label, _first_kind(index, half, outlines, is_last), None, literal=False))
    return tuple(_with_varied_middle(outlines, half, literal=brief.literal))


def _with_echo(outlines: tuple[_Outline, ...], brief: TuneBrief, *, stream: Stream) -> tuple[_Outline, ...]:
    """Let the first phrase repeat its first unit literally, the more often the more predictable the tune."""
    echo = stream.chance(1.5 * (brief.predictability - 0.35))
    loose = stream.chance(0.6 * (0.7 - brief.predictability))
    first = replace(outlines[0], echo=echo)
    if loose and not brief.literal:
        return (
            first,
            *(replace(o, varied=True) if o.source is not None and not o.literal else o for o in outlines[1:]),
        )
    return (first, *outlines[1:])


def _first_kind(index: int, half: int, outlines: list[_Outline], is_last: bool) -> PhraseKind:
    """What a new letter does: closes at the half and the end, lifts once after the half, else opens."""
    if is_last or (index == half - 1 and index > 0):
        return PhraseKind.CLOSE
    lifted = any(outline.kind is PhraseKind.LIFT for outline in outlines)
    return PhraseKind.LIFT if index >= half and not lifted else PhraseKind.OPEN


def _with_varied_middle(outlines: list[_Outline], half: int, *, literal: bool) -> list[_Outline]:
    """Where the second half brings nothing new, let its first phrase vary so that it can hold the peak."""
    middle = outlines[half]
    if len(outlines) == 2:
        outlines[half] = replace(middle, varied=middle.source is not None and not literal)
    elif not literal and all(outline.literal for outline in outlines[half:-1]):
        outlines[half] = replace(middle, label=middle.label + "''", literal=False, varied=True)
    return outlines


def _copied_units(outline: _Outline, n_units: int) -> int:
    if outline.source is None:
        return 0
    if outline.literal:
        return n_units
    return 1 if outline.varied else {2: 1, 3: 1, 4: 2, 5: 3}[n_units]


def _draw_upbeat(brief: TuneBrief, *, stream: Stream) -> Upbeat | None:
    if brief.like is not None:
        return family_of(brief.like).upbeat
    wanted = stream.chance(brief.upbeat_probability)
    drawn = draw_upbeat(brief.metre, stream=stream)
    return drawn if wanted and not brief.slow else None


def _draw_breath(brief: TuneBrief, end_ticks: Ticks, *, stream: Stream) -> Ticks:
    """A rest of a half or one beat where the end note is long enough to stay the longest."""
    wanted = stream.chance(0.6)
    short = stream.chance(0.5)
    half = TICKS_PER_QUARTER // 2
    if brief.slow or not wanted or end_ticks < 3 * half:
        return 0
    if brief.metre.name == "6/8" and end_ticks >= 6 * half:
        return half if short else 3 * half
    return half if short or end_ticks < 4 * half else 2 * half


def _draw_rhythms(
    brief: TuneBrief, outlines: tuple[_Outline, ...], n_units: int, *, half_bars: bool, stream: Stream
) -> tuple[PhraseRhythm, ...]:
    """One plan for all phrases; new letters may exchange its first two cells."""
    if brief.like is not None:
        first = family_of(brief.like).rhythm(n_units)
    else:
        wanted = (
            brief.notes_per_beat if brief.notes_per_beat is not None else _default_density(brief, half_bars)
        )
        first = draw_rhythm(
            brief.metre,
            n_units,
            half_bars=half_bars,
            notes_per_beat=wanted,
            slow=brief.slow,
            n_cells=3 if brief.predictability < 0.75 else (2 if brief.predictability < 0.95 else 1),
            stream=stream,
        )
    rhythms: list[PhraseRhythm] = []
    for outline in outlines:
        swapped = stream.chance(0.55 - 0.4 * brief.predictability)
        renewed = stream.chance(0.7 - 0.6 * brief.predictability)
        if outline.source is not None and outline.literal:
            rhythms.append(rhythms[outline.source])
        elif outline.source is not None:
            source = rhythms[outline.source]
            varied = renewed and n_units == 4 and not outline.varied and len(set(source.letters)) <= 3
            varied = varied and not any("n" in r.letters for r in rhythms)
            new = draw_new_cell(source, brief.metre, half_bars=half_bars, stream=stream) if varied else source
            rhythms.append(new)
        elif (
            rhythms
            and renewed
            and len(set(first.letters)) <= 3
            and not any("n" in r.letters for r in rhythms)
        ):
            rhythms.append(draw_new_cell(first, brief.metre, half_bars=half_bars, stream=stream))
        else:
            rhythms.append(_exchanged(first) if swapped and rhythms else first)
    return tuple(rhythms)


def _default_density(brief: TuneBrief, half_bars: bool) -> float:
    """Notes a counted beat from the activity dial: long values at 0, running eighths at 1."""
    low, high = {"2/4": (0.8, 1.9), "3/4": (0.6, 1.5), "4/4": (0.6, 1.4), "6/8": (1.0, 2.5)}[brief.metre.name]
    return low + (high - low) * brief.activity


def _exchanged(rhythm: PhraseRhythm) -> PhraseRhythm:
    """The plan with its first two cells in each other's place."""
    exchange = {"a": "b", "b": "a"}
    if "b" not in rhythm.letters:
        return rhythm
    letters = "".join(exchange.get(letter, letter) for letter in rhythm.letters)
    return PhraseRhythm(letters, tuple(rhythm.cell(letter) for letter in letters))


@dataclass(frozen=True, slots=True)
class _Reach:
    """How wide a tune may be, and its lowest scale step."""

    range_semitones: Semitones
    lowest: int


@dataclass(frozen=True, slots=True)
class _Models:
    """The phrase models of all phrases with the range and peak they give."""

    schemas: tuple[Schema, ...]
    anchors: tuple[tuple[int, ...], ...]
    lowest: int
    highest: int
    peak: Peak | None
    tonic_pitch: MidiPitch
    n_bent: int
    """Anchors that had to give way to the peak."""


def _draw_models(
    brief: TuneBrief, outlines: tuple[_Outline, ...], rhythms: tuple[PhraseRhythm, ...], *, stream: Stream
) -> _Models:
    """Draw phrase models until the range they span suits the brief; keep the best of the tries."""
    best: tuple[int, _Models] | None = None
    for _ in range(_TRIES):
        reach = _draw_reach(brief, stream=stream)
        models = _place(brief, outlines, _draw_schemas(brief, outlines, rhythms, stream=stream), reach)
        excess = _excess(brief, models, reach.range_semitones)
        if best is None or excess < best[0]:
            best = (excess, models)
        if excess == 0:
            break
    assert best is not None
    return _squeezed(brief, best[1])


def _draw_schemas(
    brief: TuneBrief, outlines: tuple[_Outline, ...], rhythms: tuple[PhraseRhythm, ...], *, stream: Stream
) -> tuple[Schema, ...]:
    schemas: list[Schema] = []
    n_units = len(rhythms[0].letters)
    for outline, rhythm in zip(outlines, rhythms, strict=True):
        options = schemas_of(brief.key.mode.name, outline.kind, drone=brief.drone, chant=brief.chant)
        fresh = [option for option in options if fit_to_units(option, n_units) not in schemas] or list(
            options
        )
        drawn = fit_to_units(stream.weighted(fresh, [_welcome(option) for option in fresh]), n_units)
        if outline.source is not None:
            kept = _copied_units(outline, n_units)
            source = schemas[outline.source]
            drawn = Schema(
                outline.kind,
                source.chords[:kept] + drawn.chords[kept:],
                source.anchors[:kept] + drawn.anchors[kept:],
            )
        if outline.echo:
            drawn = _with_echoes(drawn, rhythm.letters)
        if brief.allow_raised_leading_tone and brief.key.mode.name == "minor":
            drawn = _with_major_dominant(drawn)
        schemas.append(drawn)
    return tuple(schemas)


def _welcome(schema: Schema) -> float:
    """How often a model is chosen: real tunes like to begin on the fifth."""
    return schema.weight * (1.8 if schema.kind is PhraseKind.OPEN and schema.anchors[0] == 5 else 1.0)


def _with_echoes(schema: Schema, letters: str) -> Schema:
    """The model with chord and anchor of the first unit under every unit on the same cell."""
    same = [letter == letters[0] for letter in letters]
    return replace(
        schema,
        chords=tuple(schema.chords[0] if s else c for s, c in zip(same, schema.chords, strict=True)),
        anchors=tuple(schema.anchors[0] if s else a for s, a in zip(same, schema.anchors, strict=True)),
    )


def _with_major_dominant(schema: Schema) -> Schema:
    """A close whose dominant before the final tonic is major."""
    if schema.kind is not PhraseKind.CLOSE:
        return schema
    before = schema.chords[-2].replace("v", "V") if schema.chords[-2] in ("v", "i/v") else schema.chords[-2]
    return replace(schema, chords=(*schema.chords[:-2], before, schema.chords[-1]))


def _place(
    brief: TuneBrief, outlines: tuple[_Outline, ...], schemas: tuple[Schema, ...], reach: _Reach
) -> _Models:
    """Anchors as scale steps, the peak above them all, the floor below, the tonic's octave."""
    mode = brief.key.mode
    lines = [tuple(scale_step(degree, mode) for degree in schema.anchors) for schema in schemas]
    at = _peak_place(outlines, lines)
    peak: Peak | None = None
    lowest, n_bent = reach.lowest, 0
    highest = max(max(line) for line in lines)
    if at is not None:
        phrase, unit = at
        top = lines[phrase][unit]
        highest = _peak_step(mode, schemas[phrase].chords[unit], top, lowest, reach.range_semitones)
        written = lines
        lines = [
            tuple(
                highest if (p, u) == at else _below(mode, schemas[p].chords[u], anchor, highest - 1)
                for u, anchor in enumerate(line)
            )
            for p, line in enumerate(lines)
        ]
        lines = [
            lines[o.source] if o.literal and o.source is not None else line
            for o, line in zip(outlines, lines, strict=True)
        ]
        peak = Peak(phrase, unit, highest)
        n_bent = _n_changed(written, lines)
    lowest = min(lowest, *(min(line) for line in lines))
    return _Models(schemas, tuple(lines), lowest, highest, peak, _tonic_pitch(brief, lowest, highest), n_bent)


def _n_changed(written: list[tuple[int, ...]], lines: list[tuple[int, ...]]) -> int:
    """How many anchors differ between two lists of lines."""
    return sum(a != b for w, line in zip(written, lines, strict=True) for a, b in zip(w, line, strict=True))


def _peak_place(outlines: tuple[_Outline, ...], anchors: list[tuple[int, ...]]) -> tuple[int, int] | None:
    """Phrase and unit of the peak: in the second half's first new phrase, in its first units."""
    half = len(outlines) // 2
    phrase = next((i for i in range(half, len(outlines)) if not outlines[i].literal), None)
    if phrase is None:
        return None
    first = _copied_units(outlines[phrase], len(anchors[phrase]))
    units = range(min(first, len(anchors[phrase]) - 2), max(min(2, len(anchors[phrase]) - 1), first + 1))
    return phrase, max(units, key=lambda unit: (anchors[phrase][unit], unit))


def _peak_step(mode: Mode, numeral: str, top: int, lowest: int, range_semitones: Semitones) -> int:
    """The chord tone for the peak: the highest within the range that is at most an octave's turn above its anchor."""
    tones = chord(unit_numerals(numeral)[0], mode).tones
    third = len(mode.steps) // 2
    inside = [
        step
        for step in range(third, top + len(mode.steps) // 2 + 2)
        if mode.semitones(step) % 12 in tones
        and mode.semitones(step) - mode.semitones(lowest) <= range_semitones
    ]
    return inside[-1] if inside else max(top, third)


def _below(mode: Mode, numeral: str, anchor: int, cap: int) -> int:
    """The anchor, or the highest tone of its chord that is not above the cap."""
    if anchor <= cap:
        return anchor
    tones = chord(unit_numerals(numeral)[0], mode).tones
    return next(step for step in range(cap, cap - len(mode.steps), -1) if mode.semitones(step) % 12 in tones)


def unit_numerals(text: str) -> tuple[str, ...]:
    """The chords of a unit: ``I/V`` are two, ``II/1`` is one over a pedal."""
    left, slash, right = text.partition("/")
    return (left, right) if slash and not right.isdigit() else (text,)


def _draw_reach(brief: TuneBrief, *, stream: Stream) -> _Reach:
    """Draw how wide the tune is and how far it reaches below its tonic."""
    mode = brief.key.mode
    width = 14.6 - 5.6 * brief.stability + stream.uniform(-1.8, 1.8)
    wanted = min(max(round(width), 7), brief.max_range_semitones)
    steps = [step for step in range(0, -5, -1) if -mode.semitones(step) <= _LOWEST_BELOW]
    weights = [_FLOOR_WEIGHTS.get(-mode.semitones(step), 0.1) for step in steps]
    weights = [w if wanted + mode.semitones(s) >= 6 else 0.0 for w, s in zip(weights, steps, strict=True)]
    return _Reach(wanted, stream.weighted(steps, weights))


def _tonic_pitch(brief: TuneBrief, lowest: int, highest: int) -> MidiPitch:
    """The tonic's octave that puts the tune nearest to the middle of its register, inside it where possible."""
    mode = brief.key.mode
    low, high = mode.semitones(lowest), mode.semitones(highest)

    def badness(tonic: MidiPitch) -> tuple[int, int]:
        outside = max(brief.low_pitch - (tonic + low), 0) + max(tonic + high - brief.high_pitch, 0)
        return outside, abs(2 * tonic + low + high - brief.low_pitch - brief.high_pitch)

    return min(range(brief.key.tonic, 120, 12), key=badness)


def _excess(brief: TuneBrief, models: _Models, wanted: int) -> int:
    """Semitones by which a placement misses the wanted range and the register."""
    mode = brief.key.mode
    low, high = mode.semitones(models.lowest), mode.semitones(models.highest)
    outside = max(brief.low_pitch - (models.tonic_pitch + low), 0)
    outside += max(models.tonic_pitch + high - brief.high_pitch, 0)
    return max(high - low - wanted, 0) + 3 * outside + max(models.n_bent - 1, 0)


def _squeezed(brief: TuneBrief, models: _Models) -> _Models:
    """The placement with everything outside the register or the largest range brought inside."""
    mode = brief.key.mode
    lowest, highest = models.lowest, models.highest
    while models.tonic_pitch + mode.semitones(lowest) < brief.low_pitch:
        lowest += 1
    while (
        models.tonic_pitch + mode.semitones(highest) > brief.high_pitch
        or mode.semitones(highest) - mode.semitones(lowest) > brief.max_range_semitones
    ):
        highest -= 1
    if (lowest, highest) == (models.lowest, models.highest):
        return models
    size = len(mode.steps)
    anchors = []
    for line in models.anchors:
        inside = [_brought_inside(anchor, lowest, highest, size) for anchor in line]
        anchors.append(tuple(inside))
    peak = models.peak and replace(models.peak, step=highest)
    return replace(models, anchors=tuple(anchors), lowest=lowest, highest=highest, peak=peak)


def _brought_inside(step: int, lowest: int, highest: int, size: int) -> int:
    """A step in reach: by thirds while it is near, by octave where that helps."""
    while step > highest:
        step -= 2 if step - highest <= 2 else size
    while step < lowest:
        step += 2 if lowest - step <= 2 else size
    return min(max(step, lowest), highest)
