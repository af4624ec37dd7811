"""The engine with a real FluidSynth: equal to FluidSynth itself, from anywhere, however it is cut."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
from numpy.typing import NDArray
from scipy import signal

from calmando.errors import InputError, SoundFontError, SynthesisError
from calmando.performance import Performance, PerformedPart, perform
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
)
from calmando.score.tempo_map import TempoChange, TempoMap
from calmando.sound import engine as module
from calmando.sound.bank.bank import Bank
from calmando.sound.bank.notes import NoteKind
from calmando.sound.bank.predict import NoteEnergy
from calmando.sound.engine import Engine, EngineOptions, Way
from calmando.sound.fades import Fader
from calmando.sound.fluidsynth.setup import set_channel
from calmando.sound.fluidsynth.synth import MOST_CHANNELS, Stereo, Synth, SynthOptions
from calmando.sound.kernels import kernels
from calmando.sound.loudness.loudness import LoudnessMeter
from calmando.sound.mixing.convolution import REGION_FRAMES
from calmando.sound.mixing.direct import moves
from calmando.theory.metre import METRES

RATE = 44_100
FONT = Path(pretty_midi.__file__).parent / "TimGM6mb.sf2"
BEATS = 10
Sound = NDArray[np.float64]


def strip(name: str, channel: int, program: int, **settings: int) -> ChannelStrip:
    """A part's strip."""
    return ChannelStrip(name, Role.MELODY, channel, program, **settings)


def small_score(*, swelling: bool = False, only: str | None = None) -> Score:
    """Ten slowing beats: a tune, broken chords, a bass, a heartbeat, a held choir; keys are struck again."""
    tune = [
        Note(480 * b, 460 if b % 3 else 900, 67 + (0, 2, 4, 5)[b % 4], 62 + 4 * (b % 3)) for b in range(BEATS)
    ]
    chords = [Note(240 * i, 700, 48 + (0, 7, 12, 16)[i % 4], 50 + 3 * (i % 2)) for i in range(2 * BEATS)]
    bass = [Note(960 * i, 940, 36 + (0, 5)[i % 2], 60) for i in range(BEATS // 2)]
    heart = [Note(480 * b + gap, 120, key, 50) for b in range(BEATS) for gap, key in ((0, 36), (160, 35))]
    choir = [Note(960 * i, 950, key, 50) for i in range(BEATS // 2) for key in (60, 64)]
    swell = tuple(
        ControlChange(60 * i, Controller.EXPRESSION, round(96 + 24 * math.sin(i / 9)))
        for i in range(8 * BEATS)
    )
    parts = (
        Part(strip("melody", 0, 73, pan=52, volume=96), tuple(tune)),
        Part(strip("harp", 1, 46, pan=80, volume=84), tuple(chords)),
        Part(strip("bass", 2, 32, volume=90), tuple(bass)),
        Part(strip("heart", 9, 0, reverb=10), tuple(heart)),
        Part(strip("choir", 3, 52, volume=70, reverb=70), tuple(choir), swell if swelling else ()),
    )
    return Score(
        title="small",
        parts=tuple(part for part in parts if only in (None, part.strip.name)),
        tempo_map=TempoMap.of(TempoChange(480 * b, 700_000 + 9_000 * b) for b in range(BEATS)),
        metres=(MetreChange(0, METRES["4/4"]),),
        keys=(),
        sections=(),
        phrases=(),
        length_s=9.5,
        fades=Fades(),
    )


SMALL = perform(small_score(), RATE)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine for the small piece, everything on."""
    with Engine(SMALL, (FONT,)) as opened:
        yield opened


def sound(engine: Engine, start: int = 0, block: int = 65_536, gain_db: float = 0.0) -> NDArray[np.float32]:
    """What an engine plays, shape (n_frames, 2)."""
    return np.concatenate(list(engine.blocks(gain_db, start, block)))


def rendered(performance: Performance, **options: object) -> Sound:
    """A performance played by an engine of its own."""
    with Engine(performance, (FONT,), EngineOptions(**options)) as opened:  # type: ignore[arg-type]
        return sound(opened).astype(np.float64)


def played_by_fluidsynth(performance: Performance, *, reverb: bool = False) -> Sound:
    """FluidSynth's own rendering of the same events: one synth, controllers as written, its own effects.

    All its voices have sounded before, as in any piece after its first seconds: a voice used for the first
    time ramps up in its first block.
    """
    events: list[tuple[int, int, int, int, int]] = []
    for move in moves(performance.parts):
        events.append((move.frame, move.order, move.part, move.key, move.value))
    for index, part in enumerate(performance.parts):
        events += [(p.frame, 1, index, -1, p.value) for p in part.curve(Controller.EXPRESSION)]
        events += [(p.frame, 1, index, -2, p.value) for p in part.curve(Controller.REVERB)]
    with Synth((FONT,), RATE, SynthOptions(n_channels=16, reverb=reverb)) as synth:
        for channel, part in enumerate(performance.parts):
            set_channel(synth, channel, part)
        if not reverb:
            warm_up(synth)
        pieces = []
        now = 0
        for frame, order, channel, key, value in [
            *sorted(events),
            (performance.total_frames + 63, 9, 0, 0, 0),
        ]:
            if frame > now:
                dry, wet = synth.render_apart(frame - now)
                pieces.append(dry + wet if reverb else dry)
                now = frame
            if key == -1:
                synth.control(channel, Controller.EXPRESSION, value)
            elif key == -2:
                synth.control(channel, Controller.REVERB, value if reverb else 0)
            elif order == 2:
                synth.note_on(channel, key, value)
            elif order == 0:
                synth.note_off(channel, key)
    return np.concatenate(pieces, axis=1).T[: performance.total_frames].astype(np.float64)


def warm_up(synth: Synth) -> None:
    """Let every voice sound and be cut."""
    for key in range(20, 108):
        synth.note_on(0, key, 60)
    synth.render(256)
    synth.cut(0)
    synth.render(64)


def level_db(error: Sound, reference: Sound) -> float:
    """RMS of an error relative to a reference's."""
    return 20 * math.log10(max(float(np.std(error)), 1e-30) / float(np.std(reference)))


def away_from_onsets(performance: Performance) -> NDArray[np.bool_]:
    """Frames that are not among the first 128 after an onset."""
    away = np.ones(performance.total_frames, bool)
    for part in performance.parts:
        for note in part.notes:
            away[note.onset_frame : note.onset_frame + 128] = False
    return away


def test_the_bank_is_fluidsynths_own_rendering() -> None:
    """Dry, the bank differs from FluidSynth by under −100 dB away from onsets, and under −50 dB over all."""
    bank = rendered(SMALL, reverb=False)
    own = played_by_fluidsynth(SMALL)
    away = away_from_onsets(SMALL)
    assert level_db((bank - own)[away], own[away]) < -100
    assert level_db(bank - own, own) < -50


def test_the_direct_way_is_fluidsynths_own_rendering() -> None:
    """Dry, the direct way is FluidSynth's rendering but for the rounding of sums."""
    own = played_by_fluidsynth(SMALL)
    away = away_from_onsets(SMALL)
    assert level_db((rendered(SMALL, reverb=False, way=Way.DIRECT) - own)[away], own[away]) < -120


def test_swells_are_alike_both_ways_and_smoother_than_stairs() -> None:
    """A swell is the same by the bank as directly to −80 dB, near FluidSynth's stairs, and without their steps."""
    swelling = perform(small_score(swelling=True, only="choir"), RATE)
    bank, direct = (rendered(swelling, reverb=False, way=way) for way in (Way.BANK, Way.DIRECT))
    away = away_from_onsets(swelling)
    assert level_db((bank - direct)[away], direct[away]) < -80
    assert level_db(bank - played_by_fluidsynth(swelling), direct) < -25


def test_wet_is_as_loud_and_as_bright_as_fluidsynths_reverb() -> None:
    """With reverb, loudness is within 0.15 LU and every third of an octave within 1 dB of FluidSynth's own."""
    ours, theirs = rendered(SMALL), played_by_fluidsynth(SMALL, reverb=True)
    assert loudness(ours) == pytest.approx(loudness(theirs), abs=0.15)
    spectra = [signal.welch(one.sum(axis=1), RATE, nperseg=16_384) for one in (ours, theirs)]
    frequencies = spectra[0][0]
    loudest = max(float(power.max()) for _, power in spectra)
    for centre in 1_000 * 2 ** (np.arange(-12, 9) / 3):
        band = (frequencies >= centre * 2 ** (-1 / 6)) & (frequencies < centre * 2 ** (1 / 6))
        mine, its = (float(power[band].sum()) for _, power in spectra)
        if its > loudest * 1e-6:
            assert 10 * math.log10(mine / its) == pytest.approx(0.0, abs=1.0), f"{centre:.0f} Hz"


def test_a_part_may_step_back_into_the_room() -> None:
    """Where the reverb's controller moves, the sound gains room as FluidSynth's does, and its loudness is known."""
    score = small_score(only="melody")
    (melody,) = score.parts
    back = (ControlChange(0, Controller.REVERB, 0), ControlChange(480 * BEATS // 2, Controller.REVERB, 127))
    performance = perform(replace(score, parts=(replace(melody, controls=back),)), RATE)
    ours, theirs = rendered(performance), played_by_fluidsynth(performance, reverb=True)
    dry = rendered(performance, reverb=False)
    middle = performance.total_frames // 2
    for half in (slice(middle), slice(middle, None)):
        # A few tones in a wavering room: with a still full send halves differ by 0.21 LU as well.
        assert loudness(ours[half]) == pytest.approx(loudness(theirs[half]), abs=0.25)
        room, its = ours[half] - dry[half], theirs[half] - dry[half]
        assert float(np.std(room)) == pytest.approx(float(np.std(its)), rel=0.2, abs=1e-5)
    with Engine(performance, (FONT,)) as opened:
        assert opened.listen_ahead().loudness_lufs == pytest.approx(loudness(ours), abs=0.2)


def loudness(frames: Sound) -> float:
    """Integrated loudness in LUFS."""
    meter = LoudnessMeter(RATE)
    meter.add(frames.astype(np.float32))
    return meter.result().integrated_lufs


def test_loudness_is_known_before_mixing(engine: Engine) -> None:
    """What is predicted from the notes is what the meter reads from the sound, to 0.2 LU."""
    assert engine.listen_ahead().loudness_lufs == pytest.approx(
        loudness(sound(engine).astype(float)), abs=0.2
    )


def test_what_fluidsynth_plays_on_is_listened_to_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where notes hardly repeat none is played alone to tell the loudness, which is then exact, fades included."""

    def alone(_bank: Bank, _kind: NoteKind) -> NoteEnergy:
        raise AssertionError("a note was played alone")

    monkeypatch.setattr(Bank, "energy", alone)
    fading = replace(SMALL, fades=Fades(2.0, 3.0, 1.0))
    shares: list[float] = []
    with Engine(fading, (FONT,), EngineOptions(way=Way.DIRECT)) as opened:
        predicted = opened.listen_ahead(shares.append).loudness_lufs
        whole = sound(opened)
    Fader(fading.fades, fading.total_frames, RATE).apply(whole, 0)
    assert predicted == pytest.approx(loudness(whole), abs=0.01)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_note_without_an_end_is_not_played_alone_to_tell_the_loudness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A drone that another program holds throughout would fill the memory: the piece is listened to as a whole."""

    def alone(_bank: Bank, _kind: NoteKind) -> NoteEnergy:
        raise AssertionError("a note was played alone")

    monkeypatch.setattr(Bank, "energy", alone)
    drone = Part(strip("pad", 1, 89), (Note(0, 480 * 160, 48, 80),))
    tune = Part(strip("melody", 0, 73), tuple(Note(480 * beat, 400, 67, 80) for beat in range(160)))
    score = replace(
        small_score(),
        parts=(tune, drone),
        tempo_map=TempoMap.of([TempoChange(0, 800_000)]),
        length_s=130.0,
        fades=Fades(0.0, 0.0, 0.0),
    )
    with Engine(perform(score, RATE), (FONT,)) as opened:
        predicted = opened.listen_ahead().loudness_lufs
        assert predicted == pytest.approx(loudness(sound(opened)), abs=0.01)


def test_voices_in_unison_are_predicted_as_they_sound() -> None:
    """Two parts with the same notes are 6 dB louder than one, not the 3 dB of their energies: that too is known."""
    held = tuple(Note(960 * b, 900, 60, 60) for b in range(20))
    parts = tuple(Part(strip(f"flute {channel}", channel, 73), held) for channel in range(2))
    score = replace(
        small_score(only="melody"),
        parts=parts,
        tempo_map=TempoMap.of([TempoChange(0, 1_000_000)]),
        length_s=41.0,
    )
    with Engine(perform(score, RATE), (FONT,)) as opened:
        heard = loudness(sound(opened).astype(float))
        assert opened.listen_ahead().loudness_lufs == pytest.approx(heard, abs=0.5)


def test_an_estimate_is_within_one_unit(engine: Engine) -> None:
    """The quick estimate from a few notes is within 1 LU of the prediction."""
    assert engine.estimated_loudness() == pytest.approx(engine.listen_ahead().loudness_lufs, abs=1.0)


def test_what_is_heard_first_is_played_while_loudness_is_estimated() -> None:
    """The first block needs no note that is not there by then."""
    with Engine(SMALL, (FONT,), EngineOptions(threads=1)) as engine:
        loudness = engine.loudness_to_begin_with(0)
        assert loudness == engine.estimated_loudness()
        n_played = engine._bank.n_played
        next(engine.blocks(0.0))
        assert engine._bank.n_played == n_played > 0


@pytest.mark.parametrize("way", list(Way))
def test_any_start_gives_the_frames_of_the_whole(way: Way) -> None:
    """From any frame on the piece is that part of the whole, byte for byte, whatever the block size."""
    with Engine(SMALL, (FONT,), EngineOptions(way=way)) as opened:
        whole = sound(opened)
        assert whole.shape == (SMALL.total_frames, 2)
        starts = ((0, 1_000), (131_072, 4_096), (200_001, 65_536), (SMALL.total_frames - 5, 64))
        for start, block in starts if way is Way.BANK else starts[2:3]:
            np.testing.assert_array_equal(sound(opened, start, block), whole[start:])
        assert sound_is_empty(opened, SMALL.total_frames)


def sound_is_empty(engine: Engine, start: int) -> bool:
    """Whether nothing comes from a frame on."""
    return list(engine.blocks(0.0, start)) == []


def test_same_bytes_on_any_number_of_threads_and_in_any_memory(engine: Engine) -> None:
    """Threads and the bank's budget change no byte."""
    whole = sound(engine)
    for options in (EngineOptions(threads=1), EngineOptions(threads=5, bank_bytes=8_000_000)):
        with Engine(SMALL, (FONT,), options) as other:
            np.testing.assert_array_equal(sound(other), whole)


_HEARD = """
import hashlib
from calmando import api
from calmando.performance import perform
from calmando.sound.engine import Engine
from calmando.sound.fluidsynth.soundfonts import choose_fonts

score = api.compose(api.recipe("bedtime-lullaby", seed=3, minutes=1.2))
with Engine(perform(score, 44_100), choose_fonts()) as engine:
    print(hashlib.sha256(b"".join(block.tobytes() for block in engine.blocks(0.0))).hexdigest())
"""


@pytest.mark.skipif(
    kernels() is None, reason="the library for linear algebra mixes where there are no kernels"
)
def test_same_bytes_whatever_the_processor_sums_products_with() -> None:
    """OpenBLAS has an order of its own for every processor; here it is told to take an old one's."""
    own, old = (
        subprocess.run([sys.executable, "-c", _HEARD], env=os.environ | core, capture_output=True, check=True)
        for core in ({}, {"OPENBLAS_CORETYPE": "Nehalem"})
    )
    assert own.stdout == old.stdout


@pytest.mark.parametrize("n_renderings", [3, 30, 100])
def test_a_note_that_failed_is_not_heard_in_others(
    n_renderings: int, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there was no memory for a while, an engine plays afterwards as if nothing had happened."""
    whole = sound(engine)
    left, render_on = iter(range(n_renderings)), Synth.render_on

    def failing(synth: Synth, rows: Stereo) -> None:
        if next(left, None) is None:
            raise MemoryError
        render_on(synth, rows)

    with Engine(SMALL, (FONT,), EngineOptions(threads=1)) as other:
        with monkeypatch.context() as scarce:
            scarce.setattr(Synth, "render_on", failing)
            with pytest.raises(MemoryError):
                sound(other)
        np.testing.assert_array_equal(sound(other), whole)


def test_what_was_listened_to_beforehand_changes_no_byte() -> None:
    """Regions that were mixed to foresee the loudness are handed on as if they were mixed then, once."""
    slow = replace(small_score(), tempo_map=TempoMap.of([TempoChange(0, 3_500_000)]), length_s=38.0)
    with Engine(perform(slow, RATE), (FONT,)) as engine:
        whole = sound(engine)
        engine.listen_ahead()
        kept = [mixed for (mixed,), _ in engine._known.values()]
        assert any(frames.any() for frames in kept)
        np.testing.assert_array_equal(sound(engine), whole)
        assert not engine._known
        np.testing.assert_array_equal(sound(engine), whole)


def one_stroke(beat: int) -> Performance:
    """Two minutes of a flute that fades away over the last twenty seconds, one of its tones far louder than all others."""
    tones = tuple(Note(480 * b, 400, 67 + b % 5, 120 if b == beat else 50) for b in range(40))
    score = replace(
        small_score(only="melody"),
        parts=(Part(strip("melody", 0, 73), tones),),
        tempo_map=TempoMap.of([TempoChange(0, 3_000_000)]),
        length_s=122.0,
        fades=Fades(0.0, 20.0, 1.0),
    )
    return perform(score, RATE)


def true_peak_db(engine: Engine) -> float:
    """The true peak of what an engine plays, faded."""
    meter = LoudnessMeter(RATE)
    performance = engine.performance
    for block in Fader(performance.fades, performance.total_frames, RATE).over(engine.blocks(0.0)):
        meter.add(block)
    return meter.result().true_peak_db


@pytest.mark.parametrize("beat", [3, 10, 21, 30, 39])
def test_the_highest_peak_is_foreseen_wherever_it_is(beat: int) -> None:
    """One tone that stands out is found without mixing the piece; where it is faded it counts as faded."""
    with Engine(one_stroke(beat), (FONT,)) as opened:
        foreseen = opened.listen_ahead().highest_peak(-40.0)
        n_mixed = len(opened._known)
        assert 0.0 < foreseen - true_peak_db(opened) < 0.2
        assert n_mixed < opened.total_frames // REGION_FRAMES


def test_the_highest_peak_is_the_same_in_any_threads_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens, and whether or not what was heard is kept: the gain hangs on the piece alone."""

    def foreseen(**options: int) -> float:
        with Engine(one_stroke(21), (FONT,), EngineOptions(**options)) as opened:
            return opened.listen_ahead().highest_peak(-40.0)

    expected = foreseen(threads=1)
    assert foreseen(threads=5) == expected
    monkeypatch.setattr(module, "_LONGEST_ROOMY_PIECE_S", 60.0)
    assert foreseen(threads=2, bank_bytes=8_000_000) == expected


def test_a_peak_that_cannot_come_near_is_not_looked_for() -> None:
    """Where the ceiling is far, no more is mixed than the loudness takes."""
    with Engine(one_stroke(21), (FONT,)) as opened:
        ahead = opened.listen_ahead()
        kept = set(opened._known)
        assert ahead.highest_peak(6.0) < 0.0
        assert set(opened._known) == kept


@pytest.mark.parametrize("way", list(Way))
def test_the_peak_of_what_fluidsynth_plays_on_is_known_or_not_foreseen(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all is listened to it is exact; where parts come from both, the bank alone tells nothing of it."""
    with Engine(SMALL, (FONT,), EngineOptions(way=way)) as opened:
        if way is Way.BANK:
            monkeypatch.setattr(opened, "_direct", [True, *opened._direct[1:]])
        foreseen = opened.listen_ahead().highest_peak(-40.0)
        if way is Way.BANK:
            assert foreseen == -math.inf
        else:
            assert foreseen == pytest.approx(true_peak_db(opened), abs=1e-3)


def test_gain_is_a_factor(engine: Engine) -> None:
    """Six decibels are a factor of 1.995."""
    np.testing.assert_allclose(sound(engine, gain_db=6.0), sound(engine) * 10**0.3, rtol=1e-6)


def test_stems_sum_to_the_mix(engine: Engine) -> None:
    """Every part with its own reverb sums to the mix within −90 dB, and bears its name."""
    blocks = list(engine.stems(0.0))
    assert [stem.name for stem in blocks[0]] == ["melody", "harp", "bass", "heart", "choir"]
    total = np.concatenate([sum(stem.frames.astype(np.float64) for stem in block) for block in blocks])
    mix = sound(engine).astype(np.float64)
    assert level_db(total - mix, mix) < -90


def test_two_readers_of_one_engine_do_not_disturb_each_other(engine: Engine) -> None:
    """Two streams drawn in turn give what each gives alone; one that is dropped halfway harms nothing."""
    whole = sound(engine)
    one, two = engine.blocks(0.0, 0, 30_000), engine.blocks(0.0, 100_000, 30_000)
    for index in range(3):
        np.testing.assert_array_equal(next(one), whole[30_000 * index : 30_000 * (index + 1)])
        begin = 100_000 + 30_000 * index
        np.testing.assert_array_equal(next(two), whole[begin : begin + 30_000])
    one.close()  # type: ignore[attr-defined]
    np.testing.assert_array_equal(next(two), whole[190_000:220_000])


def test_the_engine_says_what_it_used(engine: Engine) -> None:
    """Fonts bear name and hash but no folder; FluidSynth's version and the way chosen are known."""
    (font,) = engine.fonts
    assert font.name == "TimGM6mb.sf2"
    assert len(font.sha256) == 64
    assert engine.synth_version.count(".") == 2
    assert engine.way is Way.BANK
    assert engine.remarks == ()


def replaced(part: PerformedPart, **changes: int) -> PerformedPart:
    """A part whose strip is another."""
    return replace(part, strip=replace(part.strip, **changes))


def test_a_missing_variation_is_replaced_and_told() -> None:
    """A part that asks for a bank the font lacks sounds from bank 0, and a sentence says so."""
    part = replaced(SMALL.parts[0], bank=77)
    with Engine(replace(SMALL, parts=(part,)), (FONT,), EngineOptions(reverb=False)) as opened:
        (remark,) = opened.remarks
        assert (
            remark
            == "melody: the SoundFont has no flute (program 73 in bank 77), flute (program 73) plays instead."
        )


def low_font(folder: Path) -> Path:
    """A font whose only flute sounds up to key 67."""
    from calmando.instruments.model import Envelope, Sample, Zone
    from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes

    zone = Zone(Sample("low", np.sin(np.arange(4_000) * 0.1), root_key=60), 0, 67, Envelope())
    font = folder / "low.sf2"
    font.write_bytes(font_bytes(FontInfo("low"), [Preset("low", 0, 73, (zone,))]))
    return font


def flute(*keys: int, velocity: int = 80, **settings: int) -> Performance:
    """A flute alone, one key a beat."""
    notes = tuple(Note(480 * beat, 240, key, velocity) for beat, key in enumerate(keys))
    part = Part(strip("flute", 0, 73, **settings), notes)
    return perform(replace(small_score(), parts=(part,)), RATE)


def test_a_piece_without_any_sound_is_an_error(tmp_path: Path) -> None:
    """A piece whose every note lies outside the font's keys is refused before anything is written."""
    with pytest.raises(SynthesisError, match="has no sound for any of its notes"):
        Engine(flute(70, 72), (low_font(tmp_path),))


def test_a_piece_too_soft_to_be_heard_is_refused_for_that(tmp_path: Path) -> None:
    """The font is not blamed where velocity and volume are next to nothing; one soft part is only told."""
    softest = flute(60, 62, velocity=1, volume=1, expression=1)
    with pytest.raises(SynthesisError, match="too soft"):
        Engine(softest, (FONT,))
    with Engine(replace(softest, parts=(*softest.parts, *flute(64).parts)), (FONT,)) as opened:
        assert opened.remarks == ("flute: all its notes are too soft to be heard.",)


def test_missing_keys_are_left_out_and_told(tmp_path: Path) -> None:
    """Where no font has a key, the others sound and a sentence names it."""
    with Engine(flute(60, 70, 62), (low_font(tmp_path),), EngineOptions(reverb=False)) as opened:
        assert opened.remarks == (
            "flute: the SoundFont has no sound for the key 70; its notes are left out.",
        )
        assert np.any(sound(opened))


@pytest.mark.parametrize("way", list(Way))
def test_missing_keys_are_taken_from_the_font_behind(tmp_path: Path, way: Way) -> None:
    """A key beyond the first font's sounds exactly as the font behind plays it, among notes of the first."""
    options = EngineOptions(reverb=False, way=way, threads=1)
    low = low_font(tmp_path)
    with Engine(flute(60, 72), (low, FONT), options) as both:
        assert not both.remarks
        mixed = sound(both)
    with Engine(flute(60), (low,), options) as first, Engine(flute(72), (FONT,), options) as behind:
        alone, borrowed = sound(first), sound(behind)
    onset = flute(60, 72).parts[0].notes.onset_frames[1]
    until = min(len(mixed) - onset, RATE)
    assert np.abs(borrowed[:RATE]).max() > 0.001
    np.testing.assert_allclose(mixed[:onset], alone[:onset], atol=2e-5)
    np.testing.assert_allclose(
        mixed[onset : onset + until], borrowed[:until] + alone[onset : onset + until], atol=2e-4
    )


def test_a_text_file_is_no_soundfont(tmp_path: Path) -> None:
    """A text file renamed to .sf2 is refused before any sound."""
    font = tmp_path / "song.sf2"
    font.write_text("la la la")
    with pytest.raises(SoundFontError, match="is no SoundFont"):
        Engine(SMALL, (font,))


def test_drums_that_cut_each_other_are_played_directly() -> None:
    """An open hi-hat is cut by the closed one as FluidSynth does it, while the other parts come from the bank."""
    hats = tuple(Note(240 * i, 100, 46 if i % 2 == 0 else 42, 90) for i in range(16))
    score = replace(
        small_score(only="harp"), parts=(*small_score(only="harp").parts, Part(strip("hat", 9, 0), hats))
    )
    performance = perform(score, RATE)
    own = played_by_fluidsynth(performance)
    away = away_from_onsets(performance)
    with Engine(performance, (FONT,), EngineOptions(reverb=False)) as opened:
        whole = sound(opened)
        assert level_db((whole - own)[away], own[away]) < -100
        np.testing.assert_array_equal(sound(opened, 150_000), whole[150_000:])


def test_a_piece_that_never_repeats_goes_the_direct_way() -> None:
    """Where nearly every note is new the bank is of no use, and FluidSynth plays on."""
    notes = tuple(Note(20 * i, 100 + 7 * i, 40 + i % 40, 30 + i % 90) for i in range(400))
    score = replace(small_score(only="harp"), parts=(Part(strip("harp", 1, 46), notes),))
    with Engine(perform(score, RATE), (FONT,)) as opened:
        assert opened.way is Way.DIRECT


def test_an_empty_piece_is_silence() -> None:
    """A piece without notes has its length, and is silent."""
    with Engine(replace(SMALL, parts=()), (FONT,)) as opened:
        assert opened.listen_ahead().loudness_lufs == float("-inf")
        assert sound(opened).shape == (SMALL.total_frames, 2)
        assert not sound(opened).any()


@pytest.mark.parametrize("n_sounds", [224, 225])
def test_no_more_different_sounds_than_there_are_channels(n_sounds: int) -> None:
    """A piece of 224 instruments at places and levels of their own is played, one of more is refused, and told why."""
    parts = tuple(
        Part(strip(f"part {number}", 0, number % 112, pan=number // 112), (Note(0, 480, 60, 64),))
        for number in range(n_sounds)
    )
    performance = perform(replace(small_score(only="melody"), parts=parts, length_s=2.0), RATE)
    if n_sounds <= MOST_CHANNELS:
        with Engine(performance, (FONT,)) as opened:
            assert float(np.abs(next(opened.blocks(0.0))).max()) > 0.0
    else:
        with pytest.raises(InputError, match="225 different sounds"):
            Engine(performance, (FONT,))
