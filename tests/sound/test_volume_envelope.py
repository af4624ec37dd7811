"""How loud FluidSynth keeps a voice, told beforehand, and one held note in the place of many."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calmando.instruments import sf2_write
from calmando.instruments.model import Envelope, Loop, Sample, Zone
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes
from calmando.instruments.sf2_zone import Gen
from calmando.performance import GRID_FRAMES
from calmando.sound.bank.bank import Bank
from calmando.sound.bank.moving_filter import MovingFilter
from calmando.sound.bank.notes import BankNote, NoteKind, SynthPlayer
from calmando.sound.bank.predict import Weights
from calmando.sound.bank.release import Release
from calmando.sound.bank.volume_envelope import Tremolo, VolumeEnvelope, layers_of
from calmando.sound.fluidsynth.programs import WantedProgram
from calmando.sound.fluidsynth.synth import Stereo, Synth
from calmando.sound.kernels import VARIABLE, kernels
from calmando.theory.programs import ProgramPlace

RATE = 44_100
WEIGHTS = Weights.of(None, RATE)
ENVELOPE_TO_PITCH, ENVELOPE_TO_FILTER = 7, 11
FILTER_Q, DELAY, KEY_TO_HOLD, FIXED_KEY = 9, 33, 39, 46
SHORTEST_BLOCKS = 7
"""FluidSynth lets no key go sooner (10 ms)."""

Settings = dict[int, int]
CONSTANT = Sample("constant", np.full(4_000, 0.5), root_key=60, loop=Loop(1_000, 3_000))
TONE = Sample(
    "tone",
    np.sin(2 * np.pi * 0.01 * np.arange(6_000)) * 0.4 + np.sin(2 * np.pi * 0.03 * np.arange(6_000)) * 0.2,
    root_key=60,
    loop=Loop(2_000, 5_000),
)
OFF_CENTRE = Sample("off centre", TONE.frames + 0.15, root_key=60, loop=Loop(2_000, 5_000))
PLUCK = Sample("pluck", np.random.default_rng(6).uniform(-0.3, 0.3, 3_000), root_key=60)


def write_font(
    path: Path, layers: Sequence[tuple[Sample, Settings]], modulators: tuple[tuple[int, ...], ...] = ()
) -> Path:
    """A font with one program whose zones sound together, each with generators of its own."""
    settings_of = {sample.name: own for sample, own in layers}
    plain = sf2_write.zone_generators

    def generators(zone: Zone, number: int) -> tuple[tuple[int, int], ...]:
        numbers = dict(plain(zone, number)) | settings_of[zone.sample.name]
        ranges = (Gen.KEY_RANGE, Gen.VELOCITY_RANGE)
        middle = sorted(set(numbers) - {*ranges, Gen.SAMPLE})
        return tuple((each, numbers[each]) for each in (*ranges, *middle, Gen.SAMPLE))

    zones = tuple(Zone(sample, 0, 127, Envelope()) for sample, _ in layers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sf2_write, "zone_generators", generators)
        patch.setattr(sf2_write, "zone_modulators", lambda _: modulators)
        path.write_bytes(font_bytes(FontInfo("made"), [Preset("made", 0, 0, zones)]))
    return path


@contextmanager
def opened(font: Path) -> Iterator[Synth]:
    """A synth whose channel 0 plays a font's only program."""
    with Synth((font,), RATE) as synth:
        synth.choose(0, WantedProgram(ProgramPlace(0, 0)))
        yield synth


def played(synth: Synth, key: int, blocks: int, let_go: int) -> tuple[tuple[float, ...], NDArray[np.float64]]:
    """A voice's generators, and the left side where every block begins; voices have sounded before."""
    synth.note_on(0, key, 127)
    synth.render(4 * GRID_FRAMES)
    synth.cut(0)
    synth.render(GRID_FRAMES)
    synth.note_on(0, key, 127)
    (zone,) = synth.zones()
    held = synth.render(let_go * GRID_FRAMES)
    synth.note_off(0, key)
    rest = synth.render((blocks - let_go) * GRID_FRAMES)
    synth.cut(0)
    synth.render(GRID_FRAMES)
    return zone, np.concatenate([held, rest], axis=1)[0, ::GRID_FRAMES].astype(np.float64)


def told(envelope: VolumeEnvelope, blocks: int, let_go: int) -> NDArray[np.float64]:
    """What is told of the same; a block at whose end the voice is off is not heard any more."""
    amplitudes = np.zeros(blocks)
    held, fallen = envelope.held(let_go), envelope.let_go(let_go)
    known = np.concatenate([np.where(held[1:] > 0.0, held[:-1], 0.0), fallen[:-1]])[:blocks]
    amplitudes[: len(known)] = known
    return amplitudes


@pytest.fixture(scope="module")
def full_level(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How the constant sounds at full height."""
    font = write_font(tmp_path_factory.mktemp("plain") / "plain.sf2", [(CONSTANT, {})])
    with opened(font) as synth:
        return float(played(synth, 60, 60, 60)[1][50])


timecents = st.integers(-12_000, 0)
none_at_all = st.just(-32_768)


@settings(max_examples=60, deadline=None)
@example({DELAY: -8_155, Gen.ATTACK: -6_861, Gen.SUSTAIN: 40, Gen.RELEASE: -4_555}, 60, 64)
@example({Gen.DECAY: -12_000, Gen.SUSTAIN: 1_000, Gen.RELEASE: 0}, 60, 40)
@given(
    st.fixed_dictionaries(
        {
            DELAY: timecents | none_at_all,
            Gen.ATTACK: timecents | none_at_all,
            Gen.HOLD: timecents | none_at_all,
            Gen.DECAY: st.integers(-12_000, 3_000) | none_at_all,
            Gen.SUSTAIN: st.integers(0, 1_000),
            Gen.RELEASE: st.integers(-12_000, 1_200) | none_at_all,
            KEY_TO_HOLD: st.integers(-60, 60),
            Gen.KEY_TO_DECAY: st.integers(-60, 60),
        },
        optional={
            Gen.TREMOLO_TO_VOLUME: st.integers(-200, 200),
            Gen.TREMOLO_DELAY: timecents,
            Gen.TREMOLO_RATE: st.integers(-2_000, 2_000),
            FIXED_KEY: st.integers(0, 127),
        },
    ),
    st.integers(20, 108),
    st.integers(SHORTEST_BLOCKS, 800),
)
def test_a_constant_sounds_as_its_envelope_is_told(
    tmp_path_factory: pytest.TempPathFactory, full_level: float, own: Settings, key: int, let_go: int
) -> None:
    """Whatever the stages, the tremolo and the moment of letting go, FluidSynth's amplitude is known to one part in 100,000."""
    font = write_font(tmp_path_factory.mktemp("made") / "made.sf2", [(CONSTANT, {Gen.SCALE_TUNING: 0} | own)])
    blocks = let_go + 1_600
    with opened(font) as synth:
        zone, heard = played(synth, key, blocks, let_go)
    envelope = VolumeEnvelope.of(zone, key, RATE)
    settled = envelope.delay + 2
    known = told(envelope, blocks, let_go)
    np.testing.assert_allclose(heard[settled:] / full_level, known[settled:], rtol=1e-5, atol=1e-7)


numbers = st.integers(-32_768, 32_767)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.integers(0, 58), numbers, max_size=30),
    st.integers(0, 127),
    st.sampled_from([22_050, 44_100, 192_000]),
    st.integers(0, 400),
)
def test_damaged_numbers_make_no_noise(own: Settings, key: int, rate: int, let_go: int) -> None:
    """Whatever numbers stand in a font, amplitudes are finite and a tail is no longer than what is held."""
    zone = [own.get(number, 0) for number in range(59)]
    moving = MovingFilter.of(zone, key, rate)
    envelope = replace(VolumeEnvelope.of(zone, key, rate), filter=moving)
    held = np.ones((2, 30_000), np.float32)
    tail = Release(envelope).tail(held, let_go * GRID_FRAMES)
    assert tail.shape[1] <= max(30_000 - let_go * GRID_FRAMES, 0)
    assert np.isfinite(tail).all()
    assert np.isfinite(envelope.held(let_go)).all()
    assert float(envelope.held(let_go).max()) <= 10 ** (960 / 200)


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        VolumeEnvelope,
        *[st.integers(0, 90), st.integers(1, 90), st.integers(0, 90), st.integers(0, 900)],
        st.floats(0.0, 1.0),
        st.integers(1, 900),
        st.just(Tremolo(0.0, 0, 0.0)),
    ),
    st.lists(st.integers(1, 1_200), min_size=1, max_size=5),
)
def test_the_last_block_that_is_heard_is_known(envelope: VolumeEnvelope, let_go: list[int]) -> None:
    """Whenever a key is let go, its voice is off after the block that is told, and not long before."""
    ends = max(block + len(envelope.let_go(block)) - 1 for block in let_go)
    assert envelope.last_block(let_go) >= ends
    if min(let_go) > envelope.delay + envelope.attack:
        assert envelope.last_block(let_go) <= ends + 2


def zone_of(own: Settings) -> list[float]:
    """Generators of a voice."""
    return [float(own.get(number, 0)) for number in range(59)]


@pytest.mark.parametrize(
    "zones",
    [
        [{ENVELOPE_TO_PITCH: 5}],
        [{ENVELOPE_TO_FILTER: -800, FILTER_Q: 60}],
        [{Gen.SAMPLE_MODES: 3}],
        [{Gen.SAMPLE_MODES: 2}],
        [{}, {Gen.SAMPLE_MODES: 3}],
    ],
    ids=["pitch", "filter", "loop ends", "begins late", "one of two"],
)
def test_where_letting_go_does_more_layers_are_not_known(zones: list[Settings]) -> None:
    """A second envelope at work otherwise, or a loop that ends, is told from the numbers."""
    assert layers_of([zone_of(own) for own in zones], 60, RATE) is None


def test_voices_that_end_otherwise_are_layers() -> None:
    """Each of their own envelope, and of their own filter where that moves; silence has none."""
    decays: list[Settings] = [{Gen.DECAY: 1_000}, {Gen.DECAY: 1_100}, {Gen.DECAY: 1_000, Gen.PAN: 500}]
    found = layers_of([zone_of(own) for own in decays], 60, RATE)
    assert found is not None
    assert list(found.values()) == [[0, 2], [1]]
    assert layers_of([], 60, RATE) == {}
    if kernels() is not None:
        filtered = layers_of([zone_of({}), zone_of({ENVELOPE_TO_FILTER: 1})], 60, RATE)
        assert filtered is not None
        assert [envelope.filter is None for envelope in filtered] == [True, False]


def test_a_filter_that_moves_is_left_to_fluidsynth_where_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """numpy cannot filter."""
    zone = zone_of({ENVELOPE_TO_FILTER: 200, 30: 3_986})
    monkeypatch.setenv(VARIABLE, "numpy")
    assert layers_of([zone], 60, RATE) is None


def test_voices_that_end_alike_are_one_layer() -> None:
    """A pair for left and right, looped or not, is let go as one."""
    pair: list[Settings] = [
        {Gen.PAN: -500, Gen.SAMPLE_MODES: 1, Gen.RELEASE: 100},
        {Gen.PAN: 500, Gen.RELEASE: 100},
    ]
    found = layers_of([zone_of(own) for own in pair], 60, RATE)
    assert found == {VolumeEnvelope.of(zone_of(pair[0]), 60, RATE): [0, 1]}


def test_stages_follow_each_other() -> None:
    """A held voice rises, stands, falls, stays, and begins to tremble, each from the block on where it does."""
    envelope = VolumeEnvelope(2, 3, 4, 10, 0.5, 6, Tremolo(10.0, 20 * GRID_FRAMES, 0.1))
    begins = [block for block in range(1, 40) if envelope.stage(block) != envelope.stage(block - 1)]
    assert begins == [6, 10, 15, 21]
    heights = envelope.held(40)
    assert heights[4] < heights[5] == heights[9] > heights[10]
    assert heights[13] > heights[14] == heights[20] != heights[21]


def played_alone(font: Path, kinds: Sequence[NoteKind]) -> dict[NoteKind, Stereo]:
    """Every note as FluidSynth plays it."""
    with opened(font) as synth:
        player = SynthPlayer(synth, [])
        return {kind: player.play(kind).both_sides() for kind in kinds}


def error_db(found: Stereo, wanted: Stereo) -> float:
    """The energy of the difference relative to what is wanted."""
    n_frames = max(found.shape[1], wanted.shape[1])
    one, other = (
        np.pad(each.astype(np.float64), ((0, 0), (0, n_frames - each.shape[1]))) for each in (found, wanted)
    )
    return 10 * math.log10(max(float(((one - other) ** 2).sum()), 1e-300) / float((other**2).sum()))


class OpenBank:
    """A bank over a font, as many players as there are threads; a context manager."""

    def __init__(self, font: Path, kinds: Sequence[NoteKind], budget: int = 10**9) -> None:
        self._font = font
        onsets = {kind: np.array([place * 50_000], np.int64) for place, kind in enumerate(kinds)}
        self.bank = Bank(onsets, self._player, 4, budget, WEIGHTS)

    def _player(self) -> SynthPlayer:
        synth = Synth((self._font,), RATE)
        synth.choose(0, WantedProgram(ProgramPlace(0, 0)))
        return SynthPlayer(synth, [])

    def __enter__(self) -> Bank:
        return self.bank

    def __exit__(self, *_: object) -> None:
        self.bank.close()


LENGTHS = (4_096, 6_656, 10_240, 16_384, 24_576, 40_960, 73_728, 139_264)
KINDS = [NoteKind(0, key, 80, length) for key in (60, 67) for length in LENGTHS]
LOOPED = {Gen.SAMPLE_MODES: 1}

FITTING: dict[str, list[tuple[Sample, Settings]]] = {
    "sustained": [(TONE, {Gen.ATTACK: -3_000, Gen.RELEASE: -1_200})],
    "slow": [(TONE, {Gen.ATTACK: 600, Gen.RELEASE: 1_000})],
    "decaying": [(TONE, {Gen.HOLD: -4_000, Gen.DECAY: 2_400, Gen.SUSTAIN: 1_000, Gen.RELEASE: 600})],
    "settling": [(TONE, {Gen.DECAY: 0, Gen.SUSTAIN: 120, Gen.RELEASE: -600, Gen.KEY_TO_DECAY: 40})],
    "trembling": [
        (TONE, {Gen.TREMOLO_TO_VOLUME: 30, Gen.TREMOLO_DELAY: -2_000, Gen.TREMOLO_RATE: -500, Gen.RELEASE: 0})
    ],
    "not looped": [(TONE, {Gen.SAMPLE_MODES: 0, Gen.RELEASE: 0})],
    "drifting": [(OFF_CENTRE, {Gen.ATTACK: -2_000, Gen.RELEASE: 0})],
    "dying away off centre": [
        (OFF_CENTRE, {Gen.DECAY: -1_200, Gen.SUSTAIN: 1_000, Gen.RELEASE: -1_200, Gen.HOLD: -6_000})
    ],
    "silent at first": [(TONE, {DELAY: -4_400, Gen.RELEASE: 0})],
    "over sooner than let go": [(TONE, {Gen.HOLD: -2_400, Gen.SUSTAIN: 1_000, Gen.RELEASE: -3_961})],
    "with a pluck": [
        (TONE, {Gen.DECAY: 3_600, Gen.SUSTAIN: 1_000, Gen.RELEASE: 0}),
        (PLUCK, {Gen.DECAY: -3_000, Gen.SUSTAIN: 1_000, Gen.RELEASE: -3_000}),
    ],
}

LOW = Sample("low", np.sin(2 * np.pi * 0.005 * np.arange(6_000)) * 0.3, root_key=60, loop=Loop(2_000, 5_000))
FITTING |= {
    "layers": [(TONE, {Gen.RELEASE: 0}), (LOW, {Gen.ATTACK: 600, Gen.RELEASE: 1_200})],
    "layers dying away off centre": [
        (OFF_CENTRE, {Gen.DECAY: 600, Gen.SUSTAIN: 1_000, Gen.RELEASE: -2_400}),
        (LOW, {Gen.DECAY: 0, Gen.SUSTAIN: 1_000, Gen.RELEASE: -2_400}),
    ],
    "layers to both sides": [
        (TONE, {Gen.PAN: -500, Gen.RELEASE: 0, Gen.DECAY: 0, Gen.SUSTAIN: 60}),
        (OFF_CENTRE, {Gen.PAN: 300, Gen.RELEASE: -1_200}),
        (LOW, {Gen.PAN: 500, Gen.ATTACK: -1_200, Gen.RELEASE: 600}),
    ],
}

GLIDING = {
    ENVELOPE_TO_FILTER: 4_050,
    Gen.FILTER_CUTOFF: 7_399,
    Gen.RELEASE: 1_200,
    27: -3_428,
    28: 1_634,
    29: 664,
    30: 1_456,
}
MOVING_FILTERS: dict[str, list[tuple[Sample, Settings]]] = {
    "closing": [(TONE, {ENVELOPE_TO_FILTER: 200, Gen.FILTER_CUTOFF: 12_308, Gen.RELEASE: 1_516, 30: 3_986})],
    "opening": [(TONE, {ENVELOPE_TO_FILTER: -1_000, Gen.FILTER_CUTOFF: 10_500, Gen.RELEASE: 0, 30: 4_000})],
    "on its way": [
        (
            TONE,
            {
                ENVELOPE_TO_FILTER: -600,
                Gen.FILTER_CUTOFF: 11_000,
                Gen.RELEASE: 600,
                28: 2_400,
                29: 400,
                30: 2_400,
            },
        )
    ],
    "closing fast": [
        (
            TONE,
            {
                ENVELOPE_TO_FILTER: 2_587,
                Gen.FILTER_CUTOFF: 7_000,
                Gen.RELEASE: 0,
                28: 2_056,
                29: 359,
                30: 101,
            },
        )
    ],
    "opening slowly": [
        (TONE, {ENVELOPE_TO_FILTER: 1_200, Gen.FILTER_CUTOFF: 8_000, Gen.RELEASE: 600, 26: 2_400, 30: 600})
    ],
    "opening late": [
        (TONE, {ENVELOPE_TO_FILTER: -1_957, Gen.FILTER_CUTOFF: 11_000, Gen.RELEASE: 0, 25: -600, 26: 1_800})
    ],
    "at once": [(TONE, {ENVELOPE_TO_FILTER: 766, Gen.FILTER_CUTOFF: 9_525, Gen.RELEASE: 600, 30: -12_000})],
    "gliding as it decays": [(TONE, GLIDING)],
    "a layer closing fast": [
        (TONE, {Gen.RELEASE: 600}),
        (LOW, GLIDING),
    ],
    "resonant": [
        (TONE, {ENVELOPE_TO_FILTER: 300, Gen.FILTER_CUTOFF: 9_500, FILTER_Q: 120, Gen.RELEASE: 0, 30: 3_000})
    ],
}
if kernels() is not None:
    FITTING |= MOVING_FILTERS


@pytest.mark.parametrize("layers", FITTING.values(), ids=FITTING)
def test_one_held_note_is_every_length(tmp_path: Path, layers: list[tuple[Sample, Settings]]) -> None:
    """Where letting go changes nothing but the level, fewer notes are played, and each is FluidSynth's own below −100 dB."""
    font = write_font(tmp_path / "made.sf2", layers)
    alone = played_alone(font, KINDS)
    with OpenBank(font, KINDS) as bank:
        for kind in KINDS:
            assert error_db(bank.note(kind, 0).both_sides(), alone[kind]) < -100.0, kind
        assert bank.n_played <= 12 < len(KINDS)


VELOCITY_UP, KEY_UP = 0x0002, 0x0003
"""Sources of a modulator (SoundFont 2.04, section 8.2): linear, from 0 to 1."""

UNFIT: dict[str, tuple[Settings, tuple[tuple[int, ...], ...]]] = {
    "second envelope on the filter": (
        {ENVELOPE_TO_FILTER: -2_000, Gen.FILTER_CUTOFF: 9_000, FILTER_Q: 100},
        (),
    ),
    "second envelope on the filter, later": (
        {ENVELOPE_TO_FILTER: -2_000, 25: 1_200, 26: 2_000, FILTER_Q: 100},
        (),
    ),
    "second envelope on the pitch": ({ENVELOPE_TO_PITCH: 40, 28: 1_200, 29: 500, 30: 1_200}, ()),
    "loop that ends": ({Gen.SAMPLE_MODES: 3, Gen.RELEASE: 1_200}, ()),
    "attack modulated": ({Gen.ATTACK: -3_600}, ((VELOCITY_UP, Gen.ATTACK, 3_000, 0, 0),)),
    "hold modulated": (
        {Gen.HOLD: -3_600, Gen.DECAY: 0, Gen.SUSTAIN: 300},
        ((VELOCITY_UP, Gen.HOLD, 2_000, 0, 0),),
    ),
    "decay modulated": ({Gen.DECAY: 0, Gen.SUSTAIN: 300}, ((KEY_UP, Gen.DECAY, 2_000, 0, 0),)),
    "sustain modulated": ({Gen.DECAY: 0, Gen.SUSTAIN: 300}, ((VELOCITY_UP, Gen.SUSTAIN, 95, 0, 0),)),
    "release modulated": ({Gen.RELEASE: -1_200}, ((KEY_UP, Gen.RELEASE, 1_200, 0, 0),)),
    "decay modulated, later": (
        {Gen.HOLD: -2_000, Gen.DECAY: 0, Gen.SUSTAIN: 300, Gen.RELEASE: -4_000},
        ((KEY_UP, Gen.DECAY, 2_000, 0, 0),),
    ),
    "sustain modulated, later": (
        {Gen.HOLD: -2_000, Gen.DECAY: -1_200, Gen.SUSTAIN: 300, Gen.RELEASE: -4_000},
        ((VELOCITY_UP, Gen.SUSTAIN, 95, 0, 0),),
    ),
    "filter modulated": (
        {Gen.FILTER_CUTOFF: 9_000},
        ((VELOCITY_UP, ENVELOPE_TO_FILTER, -3_000, 0, 0),),
    ),
}


@pytest.mark.parametrize(("own", "modulators"), UNFIT.values(), ids=UNFIT)
def test_where_more_is_at_work_it_is_found_out(
    tmp_path: Path, own: Settings, modulators: tuple[tuple[int, ...], ...]
) -> None:
    """A filter, a pitch or a loop that letting go moves, numbers that are modulated: every note is FluidSynth's below −100 dB."""
    font = write_font(tmp_path / "made.sf2", [(TONE, own)], modulators)
    alone = played_alone(font, KINDS)
    with OpenBank(font, KINDS) as bank:
        for kind in KINDS:
            assert error_db(bank.note(kind, 0).both_sides(), alone[kind]) < -100.0, kind


@pytest.mark.parametrize("budget", [10**9, 2_500_000, 1])
def test_the_same_bytes_in_any_order_memory_and_number_of_threads(tmp_path: Path, budget: int) -> None:
    """Who asks first, whether for the energy, the sound or whether there is any, and what was forgotten meanwhile, changes no bit."""
    font = write_font(tmp_path / "made.sf2", FITTING["decaying"])
    with OpenBank(font, KINDS) as bank:
        expected = {kind: bank.note(kind, 0).both_sides() for kind in KINDS}
        energies = {kind: bank.energy(kind).grown for kind in KINDS}

    def ask(bank: Bank, kinds: Sequence[NoteKind], found: list[tuple[NoteKind, BankNote]]) -> None:
        for place, kind in enumerate(kinds):
            if place % 3 == 0:
                assert bank.sounds(kind)
            if place % 2:
                np.testing.assert_array_equal(bank.energy(kind).grown, energies[kind])
            found.append((kind, bank.note(kind, place * 50_000)))

    orders = [KINDS, KINDS[::-1], KINDS[5:] + KINDS[:5], KINDS[::2] + KINDS[1::2]]
    for together in (1, 4):
        found: list[tuple[NoteKind, BankNote]] = []
        for first in range(0, len(orders), together):
            with OpenBank(font, KINDS, budget) as bank:
                threads = [
                    threading.Thread(target=ask, args=(bank, order, found))
                    for order in orders[first : first + together]
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        assert len(found) == len(orders) * len(KINDS)
        for kind, note in found:
            np.testing.assert_array_equal(note.both_sides(), expected[kind])
