"""Choosing among drawn tunes: how far each is from the statistics of real lullabies."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby, pairwise, repeat

from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_colour import n_missing
from calmando.compose.tune_statistics import TuneStatistics, contour_of, measure_tune
from calmando.score.tune import Tune, TuneNote
from calmando.units import Semitones, Unit

_GAPPED = 5
_FOURTH: Semitones = 5
_UPWARD = (0.395, 0.505)
"""Shares of rising moves between which a line is balanced (lullabies: .45)."""
_FREE_BELOW = 0.5
"""Below this stability a tune may leap about more and more."""
_FIRM_FROM = 0.6
"""From this stability on leaps beyond what is calm weigh more and more."""
_SMALLEST_MEAN = 1.35
_MOST_WIDE = 0.07
_CALM_SHAPES = ("arch", "falling")
_MOST_HOME = 0.42
_FEWEST_CALM = 0.5
_FEWEST_IN_PHRASE = 4
_AT_HOME_ANYWAY = ("major", "major-pentatonic")
"""Modes in which a listener finds the key note unaided: most of the music he knows is in them."""
_CIRCLING = 2.0
"""Fault of a tune all of whose phrases circle: of cradle songs' phrases .02 do, of folk songs' .06 (Essen collection)."""
_TO_AND_FRO = 3
"""From so many moves on between two tones a line circles."""
_DRUMMING = 50.0
"""Fault of each time a note is said more than three times in a row: any other line is better."""
_TOO_FAR = 3.0
"""Fault of a tune that leaps further than it may, its own end to its beginning included."""
_NO_ANSWER = 6.0
"""Fault of a phrase that is another one again though the form says otherwise."""
_FLED = 3.0
"""Fault of a line that flees from its highest note."""
_TRITONE = 1.5
"""Fault of each tritone leapt or outlined; over a drone, where dorian's own sixth may make one, it is no unrest."""
_NOT_FALLING = 1.0
"""Fault of a line that goes otherwise as a whole though its plan falls."""
_RARE_CONTOURS = {"rising": 3.0, "valley": 1.5, "level": 1.2}
"""Faults of a line that ends above its beginning (.03 of lullabies), sags in its middle (.13) or has no shape."""


def fewest_steps(stability: Unit) -> Unit:
    """The share of steps among the moves below which a tune walks in broken chords: no song to rest by, the less the stabler it is."""
    return 0.32 + 0.36 * stability


def widest_mean(tune: Tune, stability: Unit) -> float:
    """The mean interval, in semitones, above which a tune is restless; five notes an octave lie further apart."""
    widest = 2.1 + (1.4 if stability < _FREE_BELOW else 0.16) * (_FREE_BELOW - stability)
    return widest + (0.3 if _is_gapped(tune) else 0.0)


def _is_gapped(tune: Tune) -> bool:
    return len(tune.key.mode.steps) == _GAPPED


def home_share(tune: Tune) -> Unit:
    """Share of a tune's time on the key note."""
    tonic = tune.key.tonic
    home = sum([note.duration_ticks for note in tune.notes if note.pitch % 12 == tonic])
    return home / sum([note.duration_ticks for note in tune.notes])


def calm_phrases(tune: Tune) -> float:
    """Share of a tune's phrases that go up and come down again, or fall."""
    shapes = [contour_of(notes) for notes in _sung(tune) if len(notes) >= _FEWEST_IN_PHRASE]
    return sum(shape in _CALM_SHAPES for shape in shapes) / len(shapes) if shapes else 1.0


def _sung(tune: Tune) -> list[tuple[TuneNote, ...]]:
    """The notes of each phrase; an upbeat belongs to the phrase it leads into."""
    bar, upbeat = tune.metre.bar_ticks, tune.upbeat_ticks
    onsets = [note.onset_ticks for note in tune.notes]
    starts = [bisect_left(onsets, phrase.first_bar * bar - upbeat) for phrase in tune.phrases]
    return [tune.notes[begin:end] for begin, end in pairwise((*starts, len(onsets)))]


def _circling_phrases(tune: Tune) -> Unit:
    """Share of a tune's phrases that circle: half of their notes or more go to and fro between two neighbouring tones."""
    return sum(map(_circles, _sung(tune), repeat(3 if _is_gapped(tune) else 2))) / len(tune.phrases)


def _circles(notes: Sequence[TuneNote], widest_step: Semitones) -> bool:
    """Whether half of a line or more goes to and fro between two tones a step apart."""
    said = [(pitch, len(list(same))) for pitch, same in groupby(note.pitch for note in notes)]
    first = 0
    for last in range(2, len(said)):
        pitch, around = said[last][0], said[last - 1][0]
        if pitch != said[last - 2][0] or abs(pitch - around) > widest_step:
            first = last - 1
        elif last - first >= _TO_AND_FRO and 2 * sum([n for _, n in said[first : last + 1]]) >= len(notes):
            return True
    return False


def judged(tune: Tune, brief: TuneBrief, *, falls: bool = False) -> tuple[float, float]:
    """How far a tune is from real lullabies, and its unrest.

    The distance is 0 for a tune in the middle of real lullabies' statistics; each unit is about one clear fault, unrest
    among them.
    """
    figures = measure_tune(tune)
    restless = _unrest(tune, figures, brief, falls=falls)
    distance = math.fsum(
        (
            *_interval_faults(figures, brief),
            *_line_faults(figures),
            *_dial_faults(figures, brief),
            restless,
            _TRITONE * _tritones(tune) if brief.chant or brief.drone else 0.0,
        )
    )
    return round(distance, 9), restless


def _unrest(tune: Tune, figures: TuneStatistics, brief: TuneBrief, *, falls: bool) -> float:
    """How far a tune goes beyond what a calm one does, 0 where it does not; each unit is a clear fault, less in a free tune.

    It walks in broken chords or in wide intervals; it climbs in many small steps and falls in few wide ones, or the
    other way round; it drums on a note; its phrases circle; it leaps too far; an answer is its question again; it
    flees from its highest note; a tritone is leapt or outlined; most of its phrases neither arch nor fall; it does not fall though its plan ``falls``;
    it hides what makes its mode, or where home is; it rises where it shall sink; or, unless it is a chant, it hardly
    ever leaves home.
    """
    stability = brief.stability
    low, high = _UPWARD
    fewest = fewest_steps(stability) - (0.1 if _is_gapped(tune) else 0.0)
    return round(
        min(0.4 + 1.2 * stability, 1.0)
        * math.fsum(
            (
                max(fewest - figures.steps, 0.0) / 0.05,
                max(figures.mean_interval - widest_mean(tune, stability), 0.0) / 0.1,
                max(_SMALLEST_MEAN - figures.mean_interval, 0.0) / 0.1,
                max(low - figures.upward, figures.upward - high, 0.0) / 0.03,
                _leaping(figures.wider, stability),
                max(_FEWEST_CALM - calm_phrases(tune), 0.0) / 0.25,
                _DRUMMING * max(figures.longest_run - 3, 0),
                _CIRCLING * _circling_phrases(tune),
                _TOO_FAR * _leaps_too_far(tune, brief),
                _NO_ANSWER * _same_answers(tune),
                _FLED * _flees(tune),
                0.0 if brief.chant or brief.drone else _TRITONE * _tritones(tune),
                _NOT_FALLING if falls and figures.contour != "falling" else 0.0,
                _pale(tune),
                _homeless(tune),
                _rise(tune, brief),
                0.0 if brief.chant else max(home_share(tune) - _MOST_HOME, 0.0) / 0.05,
            )
        ),
        9,
    )


def _leaping(wider: Unit, stability: Unit) -> float:
    """Fault of more leaps of a fifth and more than a calm tune has, the clearer the stabler the tune shall be."""
    beyond = max(wider - _MOST_WIDE - 0.2 * max(_FREE_BELOW - stability, 0.0), 0.0)
    return beyond / max(0.03 - 0.13 * max(stability - _FIRM_FROM, 0.0), 0.01)


def _interval_faults(figures: TuneStatistics, brief: TuneBrief) -> tuple[float, ...]:
    """Interval shares of moves (.59 steps, .28 thirds, .09 fourths), repeated notes, upward share."""
    repeated = 0.39 if brief.sung or brief.chant else 0.29
    return (
        abs(figures.steps - 0.60) / 0.15,
        abs(figures.thirds - 0.28) / 0.15,
        abs(figures.fourths - 0.09) / 0.08,
        max(figures.wider - 0.04, 0.0) / 0.04,
        abs(figures.interval_shares[0] - repeated) / 0.12,
        max(0.41 - figures.upward, figures.upward - 0.48, 0.0) / 0.04,
    )


def _line_faults(figures: TuneStatistics) -> tuple[float, ...]:
    """Rest on home tones, one peak, leaps answered, no line that only climbs (.03)."""
    return (
        max(0.62 - figures.stable_time, 0.0) / 0.06,
        max(figures.n_peaks - 3, 0) * 1.0,
        figures.unanswered_leaps * 2.4,
        _RARE_CONTOURS.get(figures.contour, 0.0),
        0.0 if figures.final_by_step else 3.0,
    )


def _leaps_too_far(tune: Tune, brief: TuneBrief) -> bool:
    """Whether two neighbours lie further apart than they may; sung again, a tune goes from its end to its beginning."""
    pitches = [note.pitch for note in tune.notes]
    moves = pairwise((*pitches, pitches[0]))
    return max([abs(after - before) for before, after in moves]) > brief.max_leap_semitones


def _flees(tune: Tune) -> bool:
    """Whether a tune leaves its highest note by a fourth or more within a phrase."""
    top = max([note.pitch for note in tune.notes])
    return any(a.pitch == top >= b.pitch + _FOURTH for notes in _sung(tune) for a, b in pairwise(notes))


def _tritones(tune: Tune) -> int:
    """How many tritones lie between two turns of the line, with one note between them at most; repeated notes count once."""
    line = [pitch for pitch, _ in groupby(note.pitch for note in tune.notes)]
    inner = range(1, len(line) - 1)
    turns = [0, *[i for i in inner if (line[i] - line[i - 1]) * (line[i + 1] - line[i]) < 0], len(line) - 1]
    return sum(b - a <= 2 and abs(line[b] - line[a]) == 6 for a, b in pairwise(turns))


def _same_answers(tune: Tune) -> int:
    """How many phrases are another one note for note, upbeats aside, though their letters say that they differ."""
    bar = tune.metre.bar_ticks
    onsets = [note.onset_ticks for note in tune.notes]
    sung = set()
    for phrase in tune.phrases:
        start = phrase.first_bar * bar
        end = phrase.end_bar * bar - tune.upbeat_ticks
        inside = tune.notes[bisect_left(onsets, start) : bisect_left(onsets, end)]
        sung.add((phrase.label, tuple([(note.onset_ticks - start, note.pitch) for note in inside])))
    return len(sung) - len({line for _, line in sung})


def _pale(tune: Tune) -> float:
    """A note that makes the mode what it is and never sounds is a fault and a half."""
    return 1.5 * n_missing(tune.key.mode, (note.pitch - tune.key.tonic for note in tune.notes))


def _homeless(tune: Tune) -> float:
    """In any mode but major the ear has to be told where home is: not to sound it in the first phrase is a fault."""
    if tune.key.mode.name in _AT_HOME_ANYWAY:
        return 0.0
    end = tune.phrases[0].end_bar * tune.metre.bar_ticks - tune.upbeat_ticks
    return float(all(n.pitch % 12 != tune.key.tonic for n in tune.notes if n.onset_ticks < end))


def _rise(tune: Tune, brief: TuneBrief) -> float:
    """What leads to sleep sinks: a later tune of a slow family lies at least half a tone below the first on average."""
    if not brief.slow or brief.like is None:
        return 0.0
    return 4.0 * max(_mean_pitch(tune) - _mean_pitch(brief.like) + 0.5, 0.0)


def _mean_pitch(tune: Tune) -> float:
    return sum(note.pitch for note in tune.notes) / len(tune.notes)


def _dial_faults(figures: TuneStatistics, brief: TuneBrief) -> tuple[float, ...]:
    """Predictability asks for repetition, few kinds of interval and low conditional entropy, stability for a clear key, freedom for a
    vague one.
    """
    clarity = 0.62 + 0.3 * brief.stability
    return (
        abs(figures.repetition - (0.14 + 0.24 * brief.predictability)) / 0.06,
        max(figures.entropy - (2.95 - 0.7 * brief.predictability), 0.0) / 0.1,
        abs(figures.conditional_entropy - (1.8 - 0.55 * brief.predictability)) / 0.06,
        max(clarity - figures.key_clarity, 0.0) / 0.05 * (0.6 + 0.8 * brief.stability),
        max(figures.key_clarity - clarity, 0.0) / 0.05 * (1.0 - brief.stability),
    )
