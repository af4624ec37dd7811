"""The piece: a preset, a seed and a length become passages, phrase by phrase.

Public: `compose_piece(preset, *, seed, length_s, tune=None) -> Piece`. ``Piece.title`` is known at once;
``Piece.passages()`` yields lazily, in flat memory; ``score.model.assemble`` collects them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from calmando.compose.balance import balanced, is_balanced, may_grow_louder
from calmando.compose.composing import Composing
from calmando.compose.course import course_text
from calmando.compose.explain import explanation_text
from calmando.compose.forms import ending_phrases, own_phrases
from calmando.compose.own_phrases import own_phrases_text
from calmando.compose.sketch import Sketch
from calmando.compose.strips import strips
from calmando.compose.tune_book import TuneBook
from calmando.errors import InputError, PresetError
from calmando.preset.model import Preset
from calmando.preset.recipe import LONGEST_MINUTES
from calmando.score.model import Fades, Passage, Title
from calmando.score.tune import Tune
from calmando.units import Seconds

LONGEST_S: Seconds = 60.0 * LONGEST_MINUTES
_FADE_OUT_SHARE = 0.12
_FADE_IN_SHARE = 0.05
_SILENCE_SHARE = 0.1
_LEAST_SILENCE_S: Seconds = 5.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece, ready to be composed phrase by phrase.

    Attributes
    ----------
    preset, seed, given
        What it is made from.
    title
        What is known before the first note: title, parts, metre, key, length, fades.
    """

    preset: Preset
    seed: int
    given: Tune | None
    title: Title

    def passages(self) -> Iterator[Passage]:
        """The piece from its beginning; every call starts anew and yields the same."""
        return self._composed(None)

    def sketch(self) -> Iterator[Passage]:
        """A sketch of the piece, for its loudness: the first minutes are the piece's own, note for note."""
        return self._composed(Sketch.of(self.title.length_s))

    def opening(self) -> Iterator[Passage]:
        """The first minutes of the piece, and its ending without what comes between."""
        return self._composed(Sketch.of_the_opening())

    def _composed(self, sketch: Sketch | None) -> Iterator[Passage]:
        passages = Composing(self.preset, self.seed, self.title, self.given, sketch).passages()
        if not is_balanced(self.preset):
            return passages
        return balanced(passages, self.title, may_rise=may_grow_louder(self.preset))


def compose_piece(preset: Preset, *, seed: int, length_s: Seconds, tune: Tune | None = None) -> Piece:
    """Compose a piece of exactly ``length_s`` seconds.

    Parameters
    ----------
    preset
        What it shall be.
    seed
        0 or more; the same seed gives the same piece.
    length_s
        The whole length in seconds, last ring and closing silence included: at least `shortest_length_s`, at most
        12 hours.
    tune
        A tune to arrange in place of composed ones; the piece takes its key and metre.

    Raises
    ------
    PresetError
        Where the length is too short for the preset, naming the shortest possible.
    InputError
        Where the length is beyond 12 hours, the preset's form has no place for a given tune, or the piece no room for its
        phrases.
    """
    shortest = shortest_length_s(preset)
    if not math.isfinite(length_s) or length_s < shortest:
        raise PresetError(
            f"{preset.name} cannot be made {length_s:g} seconds long.",
            f"A beginning, a tune, an ending and {_LEAST_SILENCE_S:g} s of silence take at least {math.ceil(shortest)} s at this "
            "tempo.",
            f"Ask for at least {math.ceil(shortest / 6) / 10:g} minutes.",
        )
    if length_s > LONGEST_S:
        raise InputError(
            f"A piece of {length_s / 3600:.1f} hours is asked for.",
            "A piece lasts 12 hours at most.",
            "Ask for at most 720 minutes.",
        )
    if tune is not None and preset.form.kind not in ("strophes", "statements", "motif", "sections"):
        raise InputError(
            f"{preset.name} has no place for a given tune.",
            f"Its form ('{preset.form.kind}') makes its own phrases.",
            "Choose a preset made of strophes, such as bedtime-lullaby.",
        )
    if tune is not None:
        _find_room(tune, preset, length_s)
    book = TuneBook(preset, seed, tune)
    title = Title(
        title=preset.title,
        strips=strips(preset, length_s),
        metre=preset.metre if tune is None else tune.metre,
        key=book.key(book.mode(0, 0)),
        length_s=length_s,
        fades=fades(preset, length_s),
    )
    return Piece(preset, seed, tune, title)


def _find_room(tune: Tune, preset: Preset, length_s: Seconds) -> None:
    """Refuse a given tune of which not even two phrases find room between the introduction and the ending, or not its only one."""
    tempo = preset.tempo
    bar_s = tune.metre.beats * 60 / min(tempo.start_bpm, tempo.end_bpm)
    around = ending_phrases(preset) + preset.form.intro_phrases
    comes_and_goes = fades(preset, length_s)
    room_s = (
        length_s
        - comes_and_goes.fade_out_s
        - comes_and_goes.end_silence_s
        - around * tempo.phrase_bars * bar_s
    )
    # Walking music announces its end in a last phrase of its own.
    n_phrases = 2 if preset.form.kind == "sections" else min(len(tune.phrases), 2)
    longest_s = bar_s * max(phrase.end_bar - phrase.first_bar for phrase in tune.phrases)
    if n_phrases * longest_s > room_s:
        raise InputError(
            f"The tune is too long for {length_s / 60:g} minutes of {preset.name}: "
            f"its longest phrase lasts {longest_s:.0f} s.",
            f"Between the introduction and the ending there are {max(room_s, 0):.0f} s, and "
            f"{'two phrases of that length' if n_phrases > 1 else 'that'} must find room there.",
            "Make the piece longer, or the tune's phrases shorter.",
        )


def explain_tune(preset: Preset, *, seed: int) -> str:
    """The first tune of a piece as text, its plan and for every note the rules that favoured it; then the piece's course.

    Of a form that makes its own phrases: those it begins with, and how it makes them.
    The course is that of the preset's usual length: what changes when, and what moves of the levers of resonance.
    """
    book = TuneBook(preset, seed)
    own = own_phrases(preset, book)
    sung = (
        explanation_text(book.explanation(preset.tempo.start_bpm)) if own is None else own_phrases_text(own)
    )
    length_s = max(60 * preset.minutes, shortest_length_s(preset))
    piece = compose_piece(preset, seed=seed, length_s=length_s)
    return f"{sung}\n{course_text(Composing(preset, seed, piece.title, None), preset)}"


def fades(preset: Preset, length_s: Seconds) -> Fades:
    """The preset's fades, shortened where the piece is short."""
    sound = preset.sound
    return Fades(
        fade_in_s=min(sound.fade_in_s, _FADE_IN_SHARE * length_s),
        fade_out_s=min(sound.fade_out_s, _FADE_OUT_SHARE * length_s),
        end_silence_s=min(sound.end_silence_s, max(_LEAST_SILENCE_S, _SILENCE_SHARE * length_s)),
    )


def shortest_length_s(preset: Preset) -> Seconds:
    """The shortest length in seconds a preset can fill with a beginning, a tune and an ending."""
    phrases = 2 + ending_phrases(preset)
    phrase_s = preset.tempo.phrase_bars * preset.metre.beats * 60 / preset.tempo.start_bpm
    silence_s = _LEAST_SILENCE_S
    needed = phrases * phrase_s + silence_s
    return min(needed / (1 - _FADE_OUT_SHARE), needed + preset.sound.fade_out_s)
