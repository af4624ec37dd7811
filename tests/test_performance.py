"""The score placed in frames."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from calmando.performance import GRID_FRAMES, PerformedPart, perform
from calmando.score.model import (
    ChannelStrip,
    ControlChange,
    Controller,
    Fades,
    MetreChange,
    Note,
    Part,
    Role,
    Score,
    Section,
)
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.theory.metre import METRES

STRIP = ChannelStrip("melody", Role.MELODY, 0, 73)


def score_of(
    notes: tuple[Note, ...],
    controls: tuple[ControlChange, ...] = (),
    tempo: tuple[TempoChange, ...] = (TempoChange(0, 1_000_000),),
    length_s: float = 12.0,
) -> Score:
    """A score of one part."""
    return Score(
        title="trial",
        parts=(Part(STRIP, notes, controls),),
        tempo_map=TempoMap.of(tempo),
        metres=(MetreChange(0, METRES["4/4"]),),
        keys=(),
        sections=(Section(960, "middle"),),
        phrases=(),
        length_s=length_s,
        fades=Fades(),
    )


def performed(*notes: Note) -> PerformedPart:
    """The part that some notes make at 44,100 frames a second, a quarter a second."""
    return perform(score_of(notes, length_s=3_600.0), 44_100).parts[0]


notes_of_few_keys = st.lists(
    st.builds(
        Note,
        onset_ticks=st.integers(0, 4_000),
        duration_ticks=st.integers(1, 3_000),
        pitch=st.integers(60, 62),
        velocity=st.integers(1, 127),
    ),
    max_size=30,
)


@given(notes_of_few_keys)
def test_a_key_never_overlaps_itself(notes: list[Note]) -> None:
    """However a score overlaps a key with itself, its performance lets it go before it is struck again."""
    part = performed(*notes)
    ends: dict[int, int] = {}
    for note in part.notes:
        assert note.onset_frame >= ends.get(note.key, 0)
        assert note.length_frames >= GRID_FRAMES
        ends[note.key] = note.end_frame


@given(notes_of_few_keys)
def test_everything_lies_on_the_grid_in_order(notes: list[Note]) -> None:
    """Onsets and ends lie on FluidSynth's grid, notes come by onset and key, and no struck moment is lost."""
    part = performed(*notes)
    assert all(n.onset_frame % GRID_FRAMES == 0 and n.end_frame % GRID_FRAMES == 0 for n in part.notes)
    assert list(part.notes) == sorted(part.notes, key=lambda note: (note.onset_frame, note.key))
    written = {(round(n.onset_ticks / 480 * 44_100 / 64) * 64, n.pitch) for n in notes}
    assert {(n.onset_frame, n.key) for n in part.notes} == written


@given(st.integers(40, 40_000))
def test_lengths_are_near_what_is_written(duration_ticks: int) -> None:
    """A free note is held as long as written, to a thirty-second of itself or to 23 ms."""
    (note,) = performed(Note(0, duration_ticks, 60, 80)).notes
    written = duration_ticks / 480 * 44_100
    assert abs(note.length_frames - written) <= max(written / 32, 1_024) + GRID_FRAMES


def test_a_ramp_repeats_lengths() -> None:
    """Sixty quarters of a slowing piece, every one written alike, have few lengths between them."""
    tempo = tuple(TempoChange(480 * beat, 800_000 + 4_000 * beat) for beat in range(60))
    notes = tuple(Note(480 * beat, 470, 60, 80) for beat in range(60))
    part = perform(score_of(notes, tempo=tempo, length_s=90.0), 44_100).parts[0]
    assert len(part.notes) == 60
    assert len({note.length_frames for note in part.notes}) <= 8


def test_struck_twice_at_one_moment_the_stronger_and_longer_stays() -> None:
    """Two notes of one key at one moment become one."""
    (note,) = performed(Note(0, 480, 60, 50), Note(0, 960, 60, 40)).notes
    assert (note.velocity, note.length_frames) == (50, round(2 * 44_100 / 4_096) * 4_096)


def test_time_follows_the_tempo_map() -> None:
    """After a change of tempo onsets lie where the tempo map puts them, to half a grid step."""
    tempo = (TempoChange(0, 1_000_000), TempoChange(960, 500_000))
    score = score_of((Note(1_440, 100, 60, 80),), tempo=tempo)
    for rate in (44_100, 48_000):
        onset = perform(score, rate).parts[0].notes.onset_frames[0]
        assert abs(onset - 2.5 * rate) <= GRID_FRAMES / 2


def test_bars_sections_and_length() -> None:
    """Bars and sections are there to seek by, and the length is exact to the frame."""
    performance = perform(score_of((), length_s=10.001), 48_000)
    assert performance.total_frames == 480_048
    assert performance.bar_frames == (0, 192_000, 384_000)
    assert [(s.frame, s.name) for s in performance.sections] == [(96_000, "middle")]


def test_controllers_begin_with_the_strip() -> None:
    """Every controller has a curve that begins with the strip's value; a change at once replaces it."""
    controls = (
        ControlChange(0, Controller.EXPRESSION, 90),
        ControlChange(480, Controller.EXPRESSION, 100),
        ControlChange(480, Controller.EXPRESSION, 101),
    )
    part = perform(score_of((), controls), 48_000).parts[0]
    curve = part.curve(Controller.EXPRESSION)
    assert [(p.frame, p.value) for p in curve] == [(0, 90), (48_000, 101)]
    assert curve.moves
    assert not part.curve(Controller.PAN).moves
    assert list(part.curve(Controller.VOLUME)) == [(0, 100)]


def test_a_note_held_beyond_the_end_ends_with_the_piece() -> None:
    """Nobody hears more of it, and it would take the memory of a day."""
    score = score_of((Note(0, 10**7, 60, 64),))
    part = perform(score, 44_100).parts[0]
    assert (
        int((part.notes.onset_frames + part.notes.length_frames)[0])
        <= round(score.length_s * 44_100) + GRID_FRAMES
    )


def test_controllers_count_in_order_of_time() -> None:
    """A change that stands behind a later one comes before it all the same, as in the MIDI file."""
    early, late = (
        ControlChange(ticks, Controller.EXPRESSION, value) for ticks, value in ((100, 40), (400, 90))
    )
    score = score_of((Note(0, 480, 60, 64),))
    there, back = (
        perform(replace(score, parts=(replace(score.parts[0], controls=order),)), 44_100).parts[0]
        for order in ((early, late), (late, early))
    )
    assert list(there.curve(Controller.EXPRESSION)) == list(back.curve(Controller.EXPRESSION))
