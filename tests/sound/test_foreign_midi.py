"""How other people's MIDI files sound."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np
import pretty_midi
import pytest
from numpy.typing import NDArray

from calmando import api
from calmando.midi.read import read_midi_file
from calmando.performance import perform
from calmando.sound.engine import Engine, EngineOptions
from calmando.sound.mixing import direct

RATE = 44_100
FONT = Path(pretty_midi.__file__).parent / "TimGM6mb.sf2"
OPEN_HAT, CLOSED_HAT = 46, 42

Timed = tuple[int, mido.Message]


def saved(path: Path, *tracks: Sequence[Timed]) -> Path:
    """A MIDI file of messages at their ticks."""
    midi = mido.MidiFile(type=1, ticks_per_beat=480)
    for events in tracks:
        track, now = mido.MidiTrack(), 0
        for ticks, message in sorted(events, key=lambda event: event[0]):
            track.append(message.copy(time=ticks - now))
            now = ticks
        midi.tracks.append(track)
    midi.save(path)
    return path


def note(ticks: int, pitch: int, length: int, velocity: int = 90, channel: int = 0) -> list[Timed]:
    """A note struck and let go."""
    return [
        (ticks, mido.Message("note_on", note=pitch, velocity=velocity, channel=channel)),
        (ticks + length, mido.Message("note_off", note=pitch, channel=channel)),
    ]


def sound(path: Path, *fonts: Path) -> NDArray[np.float32]:
    """What a MIDI file sounds like without reverb, shape (n_frames, 2)."""
    score = read_midi_file(path).score
    with Engine(perform(score, RATE), fonts or (FONT,), EngineOptions(reverb=False)) as engine:
        return np.concatenate(list(engine.fader.over(engine.blocks(0.0))))


def test_a_hi_hat_closed_in_another_track_ends_the_open_one(tmp_path: Path) -> None:
    """However a program spreads a kit over tracks, it sounds as in one track; the open hi-hat rings no longer."""
    struck = note(0, OPEN_HAT, 100, 110, 9)
    closed = note(240, CLOSED_HAT, 100, 1, 9)
    together = sound(saved(tmp_path / "one.mid", [*struck, *closed]))
    apart = sound(saved(tmp_path / "two.mid", struck, closed))
    np.testing.assert_array_equal(apart, together)
    ringing = sound(saved(tmp_path / "open.mid", struck, note(240, 60, 100, 1, 1)))
    after = slice(round(0.4 * RATE), round(0.8 * RATE))
    assert np.std(apart[after]) < 0.1 * np.std(ringing[after])


def program(number: int, channel: int = 0, ticks: int = 0) -> Timed:
    """A change of program."""
    return ticks, mido.Message("program_change", program=number, channel=channel)


BELLS = [program(14), *note(0, 48, 480, 100)]
CRASH = note(0, 49, 480, 110, 9)
SWEEP_PAD = [program(95), *note(0, 48, 1920, 90)]
ORGAN = [program(19), *note(0, 48, 480, 90)]


@pytest.mark.parametrize("events", [BELLS, CRASH, SWEEP_PAD, ORGAN])
def test_a_foreign_piece_rings_out(events: list[Timed], tmp_path: Path) -> None:
    """Bells, cymbals and pads are heard to their end; the last fiftieth of a second is silence, 80 dB under the peak."""
    frames = sound(saved(tmp_path / "a.mid", events))
    assert abs(frames[-round(0.02 * RATE) :]).max() < 1e-4 * abs(frames).max()
    before_fade = frames[-round(2.2 * RATE) : -round(2.0 * RATE)]
    assert abs(before_fade).max() < 10 ** (-40 / 20) * abs(frames).max()


def test_only_what_rings_for_long_is_waited_for(tmp_path: Path) -> None:
    """An organ ends three seconds after its last event, bells after ten; bells that were over before do not count."""
    lengths = [
        read_midi_file(saved(tmp_path / "a.mid", events)).score.length_s
        for events in (ORGAN, BELLS, [*BELLS, program(19, 1), *note(7200, 60, 480, 90, 1)])
    ]
    assert lengths == [4.0, 11.0, 11.0]


def panned(n_parts: int) -> list[Timed]:
    """A note for every program and channel in turn, the pan moving under each."""
    events: list[Timed] = []
    for index in range(n_parts):
        channel, ticks = index // 128, 60 * index
        events += [program(index % 128, channel, ticks), *note(ticks, 60, 50, 90, channel)]
        events.append(
            (ticks + 5, mido.Message("control_change", control=10, value=index % 128, channel=channel))
        )
    return events


def test_any_number_of_parts_may_move_from_side_to_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More parts than FluidSynth has outputs are played by more than one, and sound as from one."""
    assert np.std(sound(saved(tmp_path / "many.mid", panned(130)))) > 0
    few = saved(tmp_path / "few.mid", panned(5))
    by_one = sound(few)
    monkeypatch.setattr(direct, "MOST_APART", 2)
    np.testing.assert_array_equal(sound(few), by_one)


@pytest.mark.parametrize("n_tracks", [1, 4, 15])
def test_tracks_in_unison_are_as_loud_as_any_music(n_tracks: int, tmp_path: Path) -> None:
    """What is doubled is one note of twice the amplitude: loudness is foreseen so, for files and for streams."""
    channels = [channel for channel in range(16) if channel != 9][:n_tracks]
    tracks = [
        [
            event
            for index in range(24)
            for event in note(480 * index, 60 + 4 * (index % 3), 480, channel=channel)
        ]
        for channel in channels
    ]
    path = saved(tmp_path / "unison.mid", *tracks)
    rendered = api.render(read_midi_file(path).score, tmp_path / "a.wav", soundfonts=FONT)
    assert rendered.loudness_lufs == pytest.approx(-23.0, abs=0.2)
    with Engine(perform(read_midi_file(path).score, RATE), (FONT,)) as engine:
        assert rendered.gain_db == pytest.approx(-23.0 - engine.estimated_loudness(), abs=1.0)
