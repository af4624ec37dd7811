"""Accompaniment: what sounds under a tune, measured on whole pieces over presets and seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import groupby, pairwise

import pytest
from preset_scores import PRESETS, score_of

from calmando.score.model import Note, Role, Score
from calmando.theory.roughness import CALM_CHORD_LIMIT, roughness
from calmando.theory.voicing import CLEARANCE, is_parallel
from calmando.units import TICKS_PER_QUARTER, MidiPitch, Ticks

SEEDS = range(6)
MINUTES = 5.0
CHORDS = (Role.HARMONY, Role.BASS, Role.BREATH)
LEGATO: Ticks = 60
"""So long two notes of a line overlap."""


def notes_of(score: Score, roles: Collection[Role]) -> list[Note]:
    """The notes of all parts of some roles, by onset."""
    found = [note for strip, note in score.notes() if strip.role in roles and not strip.is_percussion]
    return sorted(found, key=lambda note: note.onset_ticks)


def sonorities(notes: list[Note]) -> Iterator[tuple[Ticks, Ticks, tuple[MidiPitch, ...]]]:
    """Where each set of written tones begins and how long it sounds, its pitches low to high."""
    edges = sorted({note.onset_ticks for note in notes} | {note.end_ticks for note in notes})
    coming, sounding = 0, list[Note]()
    for begin, end in pairwise(edges):
        sounding = [note for note in sounding if note.end_ticks > begin]
        while coming < len(notes) and notes[coming].onset_ticks <= begin:
            sounding.append(notes[coming])
            coming += 1
        if end - begin > LEGATO and sounding:
            yield begin, end - begin, tuple(sorted({note.pitch for note in sounding}))


@pytest.mark.parametrize("name", PRESETS)
def test_no_second_seventh_or_tritone_stands_alone_over_the_bass(name: str) -> None:
    """Thin chords are bare thirds, fifths and sixths: a tone that clashes with the bass has another beside it."""
    for seed in SEEDS:
        for _, _, pitches in sonorities(notes_of(score_of(name, seed, MINUTES), CHORDS)):
            above = {(pitch - pitches[0]) % 12 for pitch in pitches} - {0}
            assert not (len(above) == 1 and above <= {1, 2, 6, 11}), (seed, pitches)


@pytest.mark.parametrize("seed", [2, 4, 5, 9])
def test_the_amen_of_a_lydian_piece_has_no_tritone(seed: int) -> None:
    """The last chord but one of an everyday relaxation is consonant."""
    score = score_of("everyday-relaxation", seed, 5.0)
    final = next(span for span in score.phrases if span.label == "final")
    for begin, _, pitches in sonorities(notes_of(score, CHORDS)):
        if final.onset_ticks <= begin < final.end_ticks:
            assert not any((high - low) % 12 == 6 for low in pitches for high in pitches), (begin, pitches)


MOST_HOLLOW = {
    "bedtime-lullaby": 0.02,
    "deep-sleep": 0.02,
    "everyday-relaxation": 0.02,
    "gait-training": 0.05,
    "guided-imagery": 0.02,
    "muscle-relaxation": 0.12,
    "pain-companion": 0.02,
    "panic-grounding": 0.1,
    "power-nap": 0.02,
    "quiet-focus": 0.3,
    "steady-ground": 0.05,
    "stress-relief": 0.05,
}
"""Some pentatonic chords have no third, nor has the fourth that hangs while muscles are tensed."""


@pytest.mark.parametrize("name", MOST_HOLLOW)
def test_chords_have_their_thirds(name: str) -> None:
    """Hardly a bar with accompaniment is hollow: octaves, fifths and seconds alone, with the tune's tones counted in."""
    n_bars = n_hollow = 0
    for seed in SEEDS:
        score = score_of(name, seed, MINUTES)
        bar = score.metres[0].metre.bar_ticks
        accompanied, tones = set[int](), dict[int, set[int]]()
        for strip, note in score.notes():
            if strip.is_percussion or strip.role not in (*CHORDS, Role.MELODY, Role.SECOND):
                continue
            for index in range(note.onset_ticks // bar, -(-note.end_ticks // bar)):
                if min(note.end_ticks, (index + 1) * bar) - max(note.onset_ticks, index * bar) > LEGATO:
                    tones.setdefault(index, set()).add(note.pitch % 12)
                    accompanied |= {index} if strip.role in CHORDS else set()
        n_bars += len(accompanied)
        n_hollow += sum(
            not any((high - low) % 12 in (3, 4) for low in tones[index] for high in tones[index])
            for index in accompanied
        )
    assert n_bars > 300
    assert n_hollow <= MOST_HOLLOW[name] * n_bars


def tones_under(score: Score, note: Note) -> set[MidiPitch]:
    """What of the accompaniment sounds with a note for half a beat and more."""
    return {
        each.pitch
        for each in notes_of(score, CHORDS)
        if min(each.end_ticks, note.end_ticks) - max(each.onset_ticks, note.onset_ticks)
        >= TICKS_PER_QUARTER // 2
    }


def held_tune(score: Score) -> list[Note]:
    """The tune's notes of a beat and more."""
    return [note for note in notes_of(score, (Role.MELODY,)) if note.duration_ticks >= TICKS_PER_QUARTER]


def test_a_leading_note_that_the_tune_holds_is_left_to_it() -> None:
    """Where a lullaby's tune dwells on the tone that leads home, the chord below hardly ever has it as well."""
    n_held = n_doubled = 0
    for seed in range(24):
        score = score_of("bedtime-lullaby", seed, 10.0)
        for note in held_tune(score):
            if (note.pitch - tonic_at(score, note.onset_ticks)) % 12 == 11:
                n_held += 1
                n_doubled += any((note.pitch - pitch) % 12 == 0 for pitch in tones_under(score, note))
    assert n_held > 50
    assert n_doubled <= 0.05 * n_held


@pytest.mark.parametrize(
    "name",
    [
        "gait-training",
        "pain-companion",
        "panic-grounding",
        "power-nap",
        "steady-ground",
        "stress-relief",
        "guided-imagery",
        "muscle-relaxation",
        "bedtime-lullaby",
    ],
)
def test_a_third_gives_way_to_the_fourth_above_it(name: str) -> None:
    """Below a note that the tune holds lies no minor ninth: over a fourth that is sung the third is left out."""
    for seed in SEEDS:
        score = score_of(name, seed, MINUTES)
        for note in held_tune(score):
            assert not any((note.pitch - pitch) % 12 == 1 for pitch in tones_under(score, note)), (seed, note)


def test_a_coloured_chord_is_calm_without_the_tune_too() -> None:
    """An added ninth stays below the limit when the tune's note over it has ended."""
    score = score_of("pain-companion", 1, 10.0)
    found = {pitches for _, _, pitches in sonorities(notes_of(score, CHORDS))}
    assert max(roughness(pitches) for pitches in found) <= CALM_CHORD_LIMIT


def tonic_at(score: Score, ticks: Ticks) -> int:
    """The pitch class of the key note at a moment."""
    return next(change.key.tonic for change in reversed(score.keys) if change.ticks <= ticks)


@pytest.mark.parametrize(
    "name",
    ["bedtime-lullaby", "deep-sleep", "gait-training", "guided-imagery", "pain-companion", "panic-grounding"],
)
def test_the_leading_note_of_a_dominant_sounds_once(name: str) -> None:
    """Over a whole dominant chord the tone that leads home is in one voice, not in two octaves."""
    for seed in range(12):
        score = score_of(name, seed, MINUTES)
        for begin, _, pitches in sonorities(notes_of(score, CHORDS)):
            tones = [(pitch - tonic_at(score, begin)) % 12 for pitch in pitches]
            if {2, 11} <= set(tones) <= {2, 5, 7, 11} or set(tones) == {7, 11}:
                assert tones.count(11) == 1, (seed, pitches)


@pytest.mark.parametrize("seed", range(12))
def test_no_fifth_of_a_drone_is_held_a_semitone_below_the_tune(seed: int) -> None:
    """An infant's lullaby in minor has no minor ninth between its drone and a note of a beat and more."""
    score = score_of("infant-lullaby", seed, MINUTES)
    drone = notes_of(score, CHORDS)
    for note in notes_of(score, (Role.MELODY,)):
        under = {
            each.pitch
            for each in drone
            if each.onset_ticks < note.end_ticks and each.end_ticks > note.onset_ticks
        }
        if note.duration_ticks >= TICKS_PER_QUARTER:
            assert not any((note.pitch - pitch) % 12 == 1 for pitch in under), (note, under)


@pytest.mark.parametrize("seed", range(12))
def test_a_motif_is_heard_above_the_pattern_that_goes_on_beneath_it(seed: int) -> None:
    """Quiet focus: while the motif sounds, the ostinato of the same instrument goes on, below every note of it."""
    score = score_of("quiet-focus", seed, MINUTES)
    (ostinato,) = (part.notes for part in score.parts if part.strip.name == "ostinato")
    motif = notes_of(score, (Role.MELODY,))
    beneath = [
        (note.pitch, each.pitch)
        for note in motif
        for each in ostinato
        if each.onset_ticks < note.end_ticks and each.end_ticks > note.onset_ticks
    ]
    assert len(beneath) >= len(motif) > 0
    assert all(below <= pitch - CLEARANCE for pitch, below in beneath)
    assert max(note.pitch for note in ostinato) > max(pitch for pitch, _ in beneath)


def basses_at_beats(score: Score, beat: Ticks) -> dict[Ticks, MidiPitch]:
    """The lowest accompanying tone from each beat on; what merely overlaps it by legato is not counted."""
    notes = notes_of(score, CHORDS)
    coming, sounding, found = 0, list[Note](), {}
    for begin in range(0, score.end_ticks, beat):
        while coming < len(notes) and notes[coming].onset_ticks <= begin:
            sounding.append(notes[coming])
            coming += 1
        sounding = [note for note in sounding if note.end_ticks > begin + LEGATO]
        if sounding:
            found[begin] = min(note.pitch for note in sounding)
    return found


def parallels(score: Score) -> tuple[int, int]:
    """How often bass and tune go in parallel fifths or octaves into a beat, and how often both move into one.

    They do from the tune's last note, and from its note a beat before. After more than a beat of rest it begins anew.
    """
    beat = score.metres[0].metre.beat_ticks
    basses = basses_at_beats(score, beat)
    n_moves, found = 0, 0
    sung = notes_of(score, (Role.MELODY,))
    on_beat = {note.onset_ticks: note.pitch for note in sung}
    for last, note in pairwise(sung):
        at = note.onset_ticks
        rested = at - last.end_ticks > beat
        if at % beat or rested or at not in basses or basses.get(at - beat, basses[at]) == basses[at]:
            continue
        n_moves += last.pitch != note.pitch
        found += any(
            is_parallel((basses[at - beat], basses[at]), (before, note.pitch))
            for before in {last.pitch, on_beat.get(at - beat)}
        )
    return found, n_moves


@pytest.mark.parametrize(
    "name",
    [
        "bedtime-lullaby",
        "everyday-relaxation",
        "gait-training",
        "pain-companion",
        "power-nap",
        "steady-ground",
        "stress-relief",
    ],
)
def test_bass_and_tune_do_not_go_in_parallel_fifths_or_octaves(name: str) -> None:
    """From the tune's last note before a new bass, and from its last beat, to the one upon it, also where phrases meet."""
    counted = [parallels(score_of(name, seed, MINUTES)) for seed in range(12)]
    assert sum(moves for _, moves in counted) > 50
    assert sum(found for found, _ in counted) <= 0.005 * sum(moves for _, moves in counted)


N_SEEDS_OF_DOUBLINGS = 144
"""In most pieces none, in some many phrases are doubled whole: one a piece, over many."""


@pytest.mark.parametrize(("name", "doubling"), [("chant-and-drone", "octave"), ("guided-imagery", "cello")])
def test_an_octave_doubling_sings_whole_phrases_or_their_close(name: str, doubling: str) -> None:
    """A second voice that doubles the tune sings lines of three notes and more, and at most one line a phrase."""
    n_whole = 0
    for seed in range(N_SEEDS_OF_DOUBLINGS):
        score = score_of(name, seed, 10.0)
        (second,) = (part.notes for part in score.parts if part.strip.name == doubling)
        doubled = {(note.onset_ticks, note.pitch % 12) for note in second}
        tune = notes_of(score, (Role.MELODY,))
        flags = [(note.onset_ticks, note.pitch % 12) in doubled for note in tune]
        lines = [len(list(line)) for is_doubled, line in groupby(flags) if is_doubled]
        assert min(lines, default=3) >= 3, (seed, lines)
        for span in score.phrases:
            here = [
                is_doubled
                for note, is_doubled in zip(tune, flags, strict=True)
                if span.onset_ticks <= note.onset_ticks < span.end_ticks
            ]
            assert sum(is_doubled for is_doubled, _ in groupby(here)) <= 1, (seed, span)
            n_whole += bool(here) and all(here)
    assert n_whole >= N_SEEDS_OF_DOUBLINGS


def struck_in_bars(score: Score, part: str) -> list[list[Note]]:
    """What a part strikes in each bar before the final chord, bars without it left out."""
    bar = score.metres[0].metre.bar_ticks
    final = next(span.onset_ticks for span in score.phrases if span.label == "final")
    notes = [note for strip, note in score.notes() if strip.name == part and note.onset_ticks < final]
    notes.sort(key=lambda note: (note.onset_ticks, note.pitch))
    return [list(found) for _, found in groupby(notes, key=lambda note: note.onset_ticks // bar)]


def test_the_guitar_of_a_lullaby_plays_chords_not_octaves() -> None:
    """In no bar is its bass alone or doubled only, also where the closing dominant comes inside a bar."""
    bars = [
        bar for seed in range(12) for bar in struck_in_bars(score_of("bedtime-lullaby", seed, 3.0), "guitar")
    ]
    assert len(bars) > 800
    assert sum(len({note.pitch % 12 for note in bar}) == 1 for bar in bars) <= 0.01 * len(bars)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("everyday-relaxation", "piano"),
        ("guided-imagery", "harp"),
        ("pain-companion", "harp"),
        ("steady-ground", "picking"),
    ],
)
def test_a_broken_chord_does_not_hammer_one_tone(name: str, part: str) -> None:
    """Where the tune leaves few tones, they take turns or ring: none is struck three times in a row, to the last chord."""
    for seed in range(12):
        for bar in struck_in_bars(score_of(name, seed, MINUTES), part):
            pitches = [note.pitch for note in bar]
            assert all(
                len(set(three)) > 1 for three in zip(pitches, pitches[1:], pitches[2:], strict=False)
            ), (
                seed,
                pitches,
            )


@pytest.mark.parametrize(
    ("name", "chords_a_bar"),
    [("gait-training", 1), ("guided-imagery", 2), ("muscle-relaxation", 2), ("stress-relief", 2)],
)
def test_the_bass_goes_by_step_rather_than_by_seventh(name: str, chords_a_bar: int) -> None:
    """From chord to chord the lowest tone seldom leaps a seventh or a tritone: of its moves one in forty at most."""
    n_moves = n_leaps = 0
    for seed in range(12):
        score = score_of(name, seed, MINUTES)
        grid = score.metres[0].metre.bar_ticks // chords_a_bar
        basses = basses_at_beats(score, grid)
        leaps = [abs(b - a) for a, b in pairwise(basses[at] for at in sorted(basses)) if a != b]
        n_moves += len(leaps)
        n_leaps += sum(leap in (6, 10, 11) for leap in leaps)
    assert n_moves > 500
    assert n_leaps <= n_moves / 40


def test_steady_picking_goes_on_where_the_tune_leaves_little_room() -> None:
    """Under a low key note too a tone is found beside the one that is held: hardly a bar has half its strokes only."""
    bars = [
        bar for seed in range(12) for bar in struck_in_bars(score_of("steady-ground", seed, 3.0), "picking")
    ]
    assert len(bars) > 400
    assert sum(len(bar) <= 4 for bar in bars) <= 0.05 * len(bars)


def test_the_step_that_answers_the_bass_is_a_chord() -> None:
    """In walking music the piano plays two tones at least on nineteen of twenty second steps: the cue is a chord."""
    n_alone = n_struck = 0
    for seed in range(4):
        score = score_of("gait-training", seed, 4.0)
        piano = next(part for part in score.parts if part.strip.role is Role.HARMONY)
        onsets = Counter(note.onset_ticks for note in piano.notes)
        struck = [n for onset, n in onsets.items() if onset // 480 % 2 == 1]
        n_struck += len(struck)
        n_alone += struck.count(1)
    assert n_struck > 400
    assert n_alone <= 0.05 * n_struck
