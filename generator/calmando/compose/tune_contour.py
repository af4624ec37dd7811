"""The contours of a tune's phrases, drawn before its models where these leave too little to choose, and of the whole.

Within a narrow range few models and lines suit a predictable tune: chosen by weight alone, the tunes of many seeds are one
tune. There the seed draws evenly how high each unit of a phrase lies and where an open phrase ends. The contours stay
while models are laid aside for others.
"""

from __future__ import annotations

from dataclasses import dataclass

from calmando.compose.cells import PhraseRhythm
from calmando.compose.schemas import PhraseKind, Schema, unit_numerals
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_form import Outline, asks
from calmando.rng import Stream
from calmando.theory.chord import chord, degree_semitones
from calmando.theory.scale import Mode
from calmando.units import Unit

_PREDICTABLE: Unit = 0.75
_STABLE: Unit = 0.7
"""Tunes both more predictable and more stable than this have their contours drawn."""
_FURTHEST: Unit = 0.6
"""From unit to unit a contour rises or falls by so much of the range at most."""
_ENDS = {1: 1.0, 2: 0.4, 3: 1.0, 5: 1.0}
"""How often an open phrase shall end on a degree: on 2 it hangs."""
_ASKING_ENDS = _ENDS | {1: 0.25}
"""The same where a phrase asks: one that comes home has been answered already."""
_DEGREES = range(-2, 9)
"""The degrees of phrase models."""
_FALLS: Unit = 0.25
"""How often a tune shall fall as a whole outside major, where three in five arch and one in five falls if left to itself
(over a drone four in five and one in eleven; of lullabies .44 and .22). Told to, two in three do, over a drone one in two.
"""


@dataclass(frozen=True, slots=True)
class Contour:
    """The contour of a phrase.

    Attributes
    ----------
    heights
        Where in the range the anchor of each unit but the last lies: 0 its lowest note, 1 its highest.
    end
        The degree on which the phrase ends, unless it closes.
    """

    heights: tuple[Unit, ...]
    end: int


def draw_contours(
    brief: TuneBrief, outlines: tuple[Outline, ...], n_units: int, *, stream: Stream
) -> tuple[Contour, ...]:
    """The contour of each phrase; none where a tune's models leave enough to choose, in a chant and in a later tune."""
    is_narrow = brief.predictability > _PREDICTABLE and brief.stability > _STABLE
    if not is_narrow or brief.chant or brief.like is not None:
        return ()
    return tuple(
        _draw_contour(n_units, _ASKING_ENDS if asks(outlines, index) else _ENDS, stream=stream)
        for index in range(len(outlines))
    )


def _draw_contour(n_units: int, ends: dict[int, float], *, stream: Stream) -> Contour:
    heights = [stream.random()]
    while len(heights) < n_units - 1:
        heights.append(min(max(heights[-1] + stream.uniform(-_FURTHEST, _FURTHEST), 0.0), 1.0))
    return Contour(tuple(heights), stream.weighted(tuple(ends), tuple(ends.values())))


def draw_fall(brief: TuneBrief, *, stream: Stream) -> bool:
    """Whether a tune shall fall as a whole; in major enough do anyway, and a chant recites."""
    return stream.chance(_FALLS) and not brief.chant and brief.key.mode.name != "major"


def along(
    schema: Schema,
    contour: Contour,
    rhythm: PhraseRhythm,
    brief: TuneBrief,
    heights: range,
) -> Schema:
    """The model with its anchors along a contour: of each chord's tones the one nearest to it.

    A close keeps its end, and its last anchor before that lies no further from it than its unit has notes to walk.

    Parameters
    ----------
    heights
        In which the anchors lie, in semitones above the tonic.
    """
    mode = brief.key.mode
    inside = [degree for degree in _DEGREES if degree_semitones(degree, mode) in heights]
    last = len(schema.anchors) - 1
    anchors = list(schema.anchors)
    for unit, height in enumerate(contour.heights):
        options = [d for d in inside if _sounds(d, schema.chords[unit], mode, drone=brief.drone)]
        if schema.kind is PhraseKind.CLOSE and unit == last - 1:
            walk = len(rhythm.cells[unit].values)
            options = [d for d in options if 0 < abs(d - anchors[last]) <= walk]
        wanted = inside[0] + height * (inside[-1] - inside[0])
        anchors[unit] = min(options or [anchors[unit]], key=lambda d: (abs(d - wanted), d))
    if schema.kind is not PhraseKind.CLOSE and ends_as_wanted(schema, contour, brief):
        anchors[last] = contour.end
    return schema._replace(anchors=tuple(anchors))


def ends_as_wanted(schema: Schema, contour: Contour, brief: TuneBrief) -> bool:
    """Whether a model's last chord bears the end its contour wants; a close ends on the key note."""
    return schema.kind is PhraseKind.CLOSE or _sounds(
        contour.end, schema.chords[-1], brief.key.mode, drone=brief.drone
    )


def _sounds(degree: int, chords: str, mode: Mode, *, drone: bool) -> bool:
    """Whether a degree belongs to a unit's first chord, or over a drone to the mode."""
    tones = mode.steps if drone else chord(unit_numerals(chords)[0], mode).tones
    return degree_semitones(degree, mode) % 12 in tones
