"""Balance: what enters comes in softly, the whole keeps level, and no note is changed by it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from preset_scores import preset_of

from calmando import api
from calmando.compose.balance import _Fader, balanced, is_balanced, may_grow_louder
from calmando.compose.composing import Composing
from calmando.compose.evening import CELL_S, LEAD_CELLS, MOST_DB, Evening
from calmando.compose.piece import compose_piece
from calmando.compose.reckoned import Cells
from calmando.score.model import (
    ChannelStrip,
    ControlChange,
    Controller,
    Fades,
    Note,
    Passage,
    PhraseSpan,
    Role,
    Title,
)
from calmando.score.tempo_map import TempoChange
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

BEAT = 480
PHRASE = 8 * BEAT
TUNE = ChannelStrip("melody", Role.MELODY, 0, 73)
PAD = ChannelStrip("pad", Role.HARMONY, 1, 89, volume=72)


def piece(*phrases: tuple[tuple[Note, ...], tuple[Note, ...]]) -> tuple[Title, list[Passage]]:
    """Phrases of eight seconds, each with what the tune and the pad play, from the phrase's beginning."""
    passages = []
    for index, parts in enumerate(phrases):
        start = index * PHRASE
        passages.append(
            Passage(
                PhraseSpan(start, start + PHRASE, "A"),
                (TempoChange(0, 1_000_000),) if index == 0 else (),
                tuple(
                    tuple(Note(start + n.onset_ticks, n.duration_ticks, n.pitch, n.velocity) for n in notes)
                    for notes in parts
                ),
                ((), ()),
            )
        )
    key = Key(0, MODES["major"])
    return Title("t", (TUNE, PAD), METRES["4/4"], key, 8.0 * len(phrases) + 6, Fades(0, 0, 6)), passages


LINE = tuple(Note(beat * BEAT, BEAT, 72, 70) for beat in range(8))
PLUCKED = tuple(Note(beat * BEAT, BEAT, 48 + 7 * (beat % 2), 50) for beat in range(8))
SELDOM = tuple(Note(beat * BEAT, 2 * BEAT, pitch, 56) for beat in (0, 4) for pitch in (48, 55, 64))
CHORD = (Note(0, PHRASE, 60, 60), Note(0, PHRASE, 64, 60))


def level_db(passages: list[Passage], part: int, second: float) -> float:
    """Expression of a part at a second, in dB below full."""
    value = 127
    for passage in passages:
        for change in passage.controls[part]:
            if change.ticks <= second * BEAT and change.controller is Controller.EXPRESSION:
                value = change.value
    return 40 * math.log10(value / 127)


def loudness_db(passages: list[Passage], second: int) -> float:
    """Reckoned energy of all parts in three seconds from a second on, expression included."""
    cells = Cells((TUNE, PAD))
    for passage in passages:
        for part, notes in enumerate(passage.notes):
            cells.add(part, notes, start_ticks=0, start_s=0.0, tick_s=1 / BEAT)
    first = round(second / CELL_S)
    heard = range(first, first + round(3 / CELL_S))
    energy = math.fsum(
        own * 10 ** (level_db(passages, part, cell * CELL_S) / 10)
        for part in range(2)
        for cell, own in zip(heard, cells.stretch(part, heard), strict=True)
    )
    return 10 * math.log10(max(energy, 1e-9))


def largest_step_db(passages: list[Passage], seconds: range) -> float:
    """The largest difference of neighbouring three-second windows."""
    return max(abs(loudness_db(passages, second + 3) - loudness_db(passages, second)) for second in seconds)


def test_a_tune_that_enters_and_rests_over_a_soft_pad_moves_the_whole_but_little() -> None:
    """What is a step of six decibels and more as written is one of less than two and a half as played."""
    title, written = piece(*[((), CHORD), (LINE, CHORD), (LINE, CHORD), ((), CHORD)] * 3)
    played = list(balanced(written, title))
    seconds = range(3, 84)
    assert largest_step_db(written, seconds) > 5.0
    assert largest_step_db(played, seconds) < 2.5


def test_a_part_enters_under_a_rise_and_leaves_under_a_decline() -> None:
    """The tune begins softer than it goes on, and ends softer, against the pad beside it."""
    title, written = piece(((), CHORD), (LINE, CHORD), (LINE, CHORD), (LINE, CHORD), ((), CHORD), ((), CHORD))
    played = list(balanced(written, title))
    against_pad = [level_db(played, 0, s) - level_db(played, 1, s) for s in range(8, 32)]
    assert against_pad[0] < -2.0 and against_pad[-1] < -2.0
    assert against_pad[10] == pytest.approx(0.0, abs=0.3)
    rise = against_pad[:7]
    assert all(b >= a - 0.3 for a, b in pairwise(rise))


def test_a_chord_plucked_after_a_rest_stands_out_no_more_than_the_others() -> None:
    """A guitar that plays on alone, a chord in two bars, is not raised until each of its chords is the loudest of all."""
    guitar = ChannelStrip("guitar", Role.HARMONY, 1, 24)
    title, written = piece(*[(LINE, PLUCKED)] * 8, *[((), SELDOM)] * 2, *[(LINE, PLUCKED)] * 4)
    title = replace(title, strips=(TUNE, guitar))
    played = list(balanced(written, title))
    cells = Cells(title.strips)
    for passage in played:
        for part, notes in enumerate(passage.notes):
            cells.add(part, notes, start_ticks=0, start_s=0.0, tick_s=1 / BEAT)
    powers = [
        math.fsum(
            cells.loudest(range(cell, cell + 1), [part])[0]
            * 10 ** (level_db(played, part, cell * CELL_S) / 10)
            for part in range(2)
        )
        for cell in range(224)
    ]
    with_tune, alone = max(powers[20:128]), max(powers[128:160])
    assert alone < with_tune * 10 ** (1.0 / 10)


def test_a_note_let_go_before_it_has_risen_is_not_heard() -> None:
    """A grace note on an instrument that comes up slowly adds nothing, wherever the borders of the cells lie."""
    cells = Cells((replace(TUNE, program=89),))
    for twentieth in range(20):
        onset_s = 3.0 + twentieth / 20
        cells.add(0, [Note(0, 1, 60, 70)], start_ticks=0, start_s=onset_s, tick_s=0.01)
    assert cells.stretch(0, range(12)) == [0.0] * 12


@pytest.mark.parametrize("name", ["warm pad", "choir pad"])
def test_a_slow_instrument_may_have_the_tune(name: str) -> None:
    """Every listed instrument may, whatever the seed."""
    for seed in range(5, 8):
        wishes = {"parts.melody.program": name}
        assert api.compose(api.recipe("bedtime-lullaby", seed=seed, minutes=10, overrides=wishes)).parts


def test_sameness_is_left_as_it_is() -> None:
    """Where nothing comes or goes, nothing moves."""
    title, written = piece(*[(LINE, CHORD)] * 8)
    played = list(balanced(written, title))
    values = {change.value for passage in played[1:-1] for part in passage.controls for change in part}
    assert len(values) <= 1
    assert level_db(played, 0, 20) == pytest.approx(-MOST_DB, abs=0.7)


def test_a_planned_decline_is_kept() -> None:
    """An expression that the arc writes comes on top of the balance."""
    title, written = piece(*[(LINE, CHORD)] * 8)
    soft = ControlChange(4 * PHRASE, Controller.EXPRESSION, 107)
    written[4] = Passage(written[4].span, (), written[4].notes, ((soft,), (soft,)))
    played = list(balanced(written, title))
    fall = level_db(played, 1, 40) - level_db(played, 1, 28)
    assert fall == pytest.approx(40 * math.log10(107 / 127), abs=0.4)


@pytest.mark.parametrize("name", ["bedtime-lullaby", "muscle-relaxation", "everyday-relaxation"])
def test_no_note_is_changed_and_expression_keeps_to_its_passage(name: str) -> None:
    """Balanced passages differ in expression alone; every change lies within its passage, in order of time."""
    preset = preset_of(name)
    made = compose_piece(preset, seed=4, length_s=240.0)
    plain = list(Composing(preset, 4, made.title, None).passages())
    played = list(made.passages())
    assert is_balanced(preset)
    assert [(p.span, p.notes, p.tempo) for p in plain] == [(p.span, p.notes, p.tempo) for p in played]
    for passage in played:
        for changes in passage.controls:
            ticks = [change.ticks for change in changes]
            assert ticks == sorted(ticks)
            assert all(passage.span.onset_ticks <= t < passage.span.end_ticks for t in ticks)
            assert all(1 <= change.value <= 127 for change in changes)


@pytest.mark.parametrize("name", ["gait-training", "turn-taking-drum"])
def test_a_click_and_an_answer_keep_their_level(name: str) -> None:
    """The click of a walking piece, a call and its soft answer are neither raised nor lowered."""
    made = compose_piece(preset_of(name), seed=1, length_s=180.0)
    assert not is_balanced(made.preset)
    assert all(len(changes) <= 1 for passage in made.passages() for changes in passage.controls)


def test_what_dies_away_at_the_end_is_called_back_by_half_at_most() -> None:
    """A final chord that is struck ever more softly is less loud at last than any other chord would be."""
    touches = [60] * 3 + [44, 36, 28]
    chords = [((), tuple(note._replace(velocity=touch) for note in CHORD)) for touch in touches]
    title, written = piece(*[((), CHORD)] * 6, *chords)
    closing = [replace(p, span=replace(p.span, label="final")) for p in written[6:]]
    called, left = (list(balanced(passages, title)) for passages in (written, [*written[:6], *closing]))
    assert loudness_db(called, 90) - loudness_db(left, 90) > 1.0


def evened(evening: Evening, line: list[float]) -> list[float]:
    """The evening of a line of energies that are not fixed, in dB."""
    return evening.through(line, [0.0] * len(line))


def test_an_evened_line_stays_near_its_usual_loudness() -> None:
    """Six decibels up and down again, at once, are taken back but for one; a pause stays a pause."""
    line = [4.0 if cell // 20 % 2 else 1.0 for cell in range(100)]
    found = evened(Evening(0.0), line + [0.0] * LEAD_CELLS)[LEAD_CELLS:]
    played = [10 * math.log10(energy) + db for energy, db in zip(line, found, strict=True)]
    windows = [
        10 * math.log10(math.fsum(10 ** (db / 10) for db in played[at : at + 6]) / 6) for at in range(6, 94)
    ]
    assert max(abs(b - a) for a, b in zip(windows, windows[6:], strict=False)) < 1.5
    assert all(abs(db) < 0.1 for db in evened(Evening(0.0), [1e-4] * 40))


def test_what_lulls_never_grows_louder() -> None:
    """Three decibels more for good are followed by a piece that may rise, and taken back by one that may not."""
    line = [1.0] * 400 + [2.0] * 800

    def late_db(*, may_rise: bool) -> float:
        return 10 * math.log10(2.0) + evened(Evening(0.0, may_rise=may_rise), line)[-1]

    assert late_db(may_rise=True) > 2.5
    assert late_db(may_rise=False) < 0.5


def test_a_ceiling_follows_what_becomes_softer() -> None:
    """After minutes that are softer by three decibels, a lulling piece does not come back to where it was."""
    moved = evened(Evening(0.0, may_rise=False), [0.5] * 1600 + [1.0] * 800)
    assert abs(moved[1590]) < 0.5
    assert moved[-1] < -2.0


def test_lulling_presets_may_not_grow_louder_and_a_nap_that_ends_awake_may() -> None:
    """What is for falling asleep keeps a ceiling; what returns to the day, or is no lullaby, does not."""
    for name in ("deep-sleep", "bedtime-lullaby", "infant-lullaby", "nicu-lullaby"):
        assert not may_grow_louder(preset_of(name))
    for name in ("power-nap", "guided-imagery", "stress-relief"):
        assert may_grow_louder(preset_of(name))


def test_deep_sleep_reckoned_minute_by_minute_never_grows_louder() -> None:
    """Of a whole night's piece no three minutes are louder than any three before by half a decibel."""
    made = compose_piece(preset_of("deep-sleep"), seed=1, length_s=2700.0)
    cells, seconds = Cells(made.title.strips), 0.0
    levels: list[list[tuple[float, int]]] = [[(0.0, strip.expression)] for strip in made.title.strips]
    tick_s = 0.0
    for passage in made.passages():
        tick_s = passage.tempo[-1].us_per_quarter / 1e6 / BEAT if passage.tempo else tick_s
        start = passage.span.onset_ticks
        for part, (notes, changes) in enumerate(zip(passage.notes, passage.controls, strict=True)):
            cells.add(part, notes, start_ticks=start, start_s=seconds, tick_s=tick_s)
            levels[part] += [
                (seconds + (c.ticks - start) * tick_s, c.value)
                for c in changes
                if c.controller is Controller.EXPRESSION
            ]
        seconds += (passage.span.end_ticks - start) * tick_s
    n_cells = int(seconds / CELL_S)
    energies = [0.0] * n_cells
    for part, changes_s in enumerate(levels):
        at = 0
        for cell, own in enumerate(cells.stretch(part, range(n_cells))):
            while at + 1 < len(changes_s) and changes_s[at + 1][0] <= cell * CELL_S:
                at += 1
            energies[cell] += own * (changes_s[at][1] / 127) ** 4
    span = round(180 / CELL_S)
    means = [
        10 * math.log10(math.fsum(energies[at : at + span]) / span) for at in range(0, n_cells - span, span)
    ]
    assert max(after - min(means[:i]) for i, after in enumerate(means) if i) < 0.5


def test_a_planned_change_at_the_highest_evening_does_not_fall_back() -> None:
    """Between two cells that are both raised as far as may be, what is planned is raised as far as they."""
    change = ControlChange(30, Controller.EXPRESSION, 100)
    moved = _Fader(0.0, -math.inf, 127).moved((change,), [0, 60], [0.0, 0.0], 60.0)
    assert [(written.ticks, written.value) for written in moved.changes] == [(30, 100)]
