"""Scores of any shape for the MIDI tests."""

from __future__ import annotations

from hypothesis import strategies as st

from calmando.score.model import (
    ChannelStrip,
    ControlChange,
    Controller,
    Fades,
    KeyChange,
    MetreChange,
    Note,
    Part,
    PhraseSpan,
    Role,
    Score,
    Section,
)
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

PART_NAMES = ("melody", "harmony", "bass", "Wärme ¾")


@st.composite
def parts(draw: st.DrawFn, index: int) -> Part:
    """A part whose keys never overlap themselves."""
    strip = ChannelStrip(
        name=PART_NAMES[index],
        role=(Role.MELODY, Role.HARMONY, Role.BASS, Role.HARMONY)[index],
        channel=index,
        program=draw(st.integers(0, 127)),
        bank=draw(st.integers(0, 10)),
        volume=draw(st.integers(0, 127)),
        pan=draw(st.integers(0, 127)),
        expression=draw(st.integers(0, 127)),
        reverb=draw(st.integers(0, 127)),
        chorus=draw(st.integers(0, 127)),
    )
    notes: list[Note] = []
    free_from: dict[int, int] = {}
    now = 0
    for _ in range(draw(st.integers(1, 12))):
        now += draw(st.integers(0, 2000))
        pitch = draw(st.integers(0, 127))
        onset = max(now, free_from.get(pitch, 0))
        note = Note(onset, draw(st.integers(1, 3000)), pitch, draw(st.integers(1, 127)))
        free_from[pitch] = note.end_ticks
        notes.append(note)
    moves = st.tuples(st.integers(1, 20_000), st.integers(0, 127))
    curve = sorted(draw(st.lists(moves, max_size=5, unique_by=lambda move: move[0])))
    return Part(
        strip,
        tuple(sorted(notes, key=lambda note: (note.onset_ticks, note.pitch))),
        tuple(ControlChange(ticks, Controller.EXPRESSION, value) for ticks, value in curve),
    )


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """A whole score with a ramp, sections, changing metre and key."""
    chosen = tuple(draw(parts(index)) for index in range(draw(st.integers(1, 4))))
    times = sorted(draw(st.sets(st.integers(1, 30_000), max_size=6)))
    tempo = [TempoChange(ticks, draw(st.integers(400_000, 1_600_000))) for ticks in (0, *times)]
    tempo_map = TempoMap.of(tempo)
    end = 45_000 + draw(st.integers(0, 5000))
    modes = st.sampled_from([MODES["major"], MODES["minor"]])
    return Score(
        title=draw(st.sampled_from(["Wiegenlied für Zoë", "x", "A lullaby"])),
        parts=chosen,
        tempo_map=tempo_map,
        metres=(MetreChange(0, METRES[draw(st.sampled_from(sorted(METRES)))]),),
        keys=(KeyChange(0, Key(draw(st.integers(0, 11)), draw(modes))),),
        sections=(Section(0, "meet"), Section(960, "rest")),
        phrases=(PhraseSpan(0, end, "whole"),),
        length_s=tempo_map.seconds_at(end),
        fades=Fades(),
    )
