"""The note bank and its notes."""

from __future__ import annotations

import math
import shutil
import threading
from collections.abc import Mapping, Sequence
from enum import Enum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmando.performance import GRID_FRAMES, PlayedNotes
from calmando.sound.bank.bank import SMALLEST_FAMILY, Bank
from calmando.sound.bank.drift import STRETCH, Drift
from calmando.sound.bank.notes import TAIL_DB, BankNote, NoteKind, PartNotes, finish, sides_of_all
from calmando.sound.bank.own_pages import passing
from calmando.sound.bank.predict import Weights, note_energy
from calmando.sound.bank.release import Release, fits, released
from calmando.sound.bank.strengths import Touch, strengths
from calmando.sound.bank.volume_envelope import Tremolo, VolumeEnvelope
from calmando.sound.fluidsynth.synth import Stereo
from calmando.sound.kernels import kernels
from calmando.sound.mixing.source import BankSource
from calmando.units import Frames

RATE = 44_100
REGION = 4_096
WEIGHTS = Weights.of(None, RATE)


class Levels(Enum):
    """How velocities of a noise differ."""

    COLOURS = "each is a sound of its own"
    LEVEL = "in their level"
    AT_FIRST = "in their level at first, then otherwise"


STILL = Tremolo(0.0, 0, 0.0)
SUSTAINED = VolumeEnvelope(0, 1, 0, 0, 1.0, 10, STILL)
DECAYING = VolumeEnvelope(0, 4, 20, 900, 0.0, 60, STILL)
SETTLING = VolumeEnvelope(0, 1, 100, 100, 0.9, 20, STILL)


class NoisePlayer:
    """A synth that is none: every kind is a noise of its own; where it has an envelope, it is the noise of its key.

    Velocities are noises of their own as well, or one noise at different levels, or that in their beginning alone.
    """

    def __init__(
        self,
        log: list[NoteKind],
        *,
        envelope: VolumeEnvelope | None = None,
        told: VolumeEnvelope | None = None,
        levels: Levels = Levels.COLOURS,
    ) -> None:
        self._log = log
        self._envelope = envelope
        self._told = told or envelope
        self._levels = levels

    def play(self, kind: NoteKind) -> BankNote:
        self._log.append(kind)
        return BankNote(self._sound(kind))

    def sounds(self, kind: NoteKind) -> bool:
        return bool(self._sound(kind).any())

    def touch(self, kind: NoteKind) -> Touch:
        return Touch((), self._sound(kind._replace(length_frames=4_096)))

    def layers(self, kind: NoteKind) -> tuple[VolumeEnvelope, ...]:
        return () if self._told is None else (self._told,)

    def together(self, layers: Sequence[Stereo], rings_frames: Frames) -> BankNote:
        return BankNote(np.sum(layers, axis=0))

    def _sound(self, kind: NoteKind) -> Stereo:
        alike = self._levels is not Levels.COLOURS
        seed = [kind.voice, kind.key, 0 if alike else kind.velocity]
        if not (self._envelope or alike):
            seed.append(kind.length_frames)
        block = kind.length_frames // GRID_FRAMES
        envelope = self._envelope or SUSTAINED
        corners = np.concatenate([envelope.held(block)[:-1], envelope.let_go(block)])
        n_frames = (len(corners) - 1) * GRID_FRAMES
        noise = np.random.default_rng(seed).random((n_frames, 2), np.float32) - 0.5
        frames = np.ascontiguousarray(noise.T)
        frames *= np.interp(np.arange(n_frames) / GRID_FRAMES, np.arange(len(corners)), corners).astype(
            np.float32
        )
        if alike:
            frames *= np.float32((kind.velocity / 127) ** 2)
        if self._levels is Levels.AT_FIRST:
            frames[:, 8_192:] *= np.float32(kind.velocity / 127)
        return frames

    def close(self) -> None:
        """Nothing to free."""


def bank_of(
    onsets: Mapping[NoteKind, Sequence[Frames]],
    log: list[NoteKind],
    *,
    budget: int = 10**9,
    envelope: VolumeEnvelope | None = None,
    told: VolumeEnvelope | None = None,
    levels: Levels = Levels.COLOURS,
    opening_frames: Frames = 0,
) -> Bank:
    """A bank whose notes are noises."""
    columns = {kind: np.array(frames, np.int64) for kind, frames in onsets.items()}

    def make_player() -> NoisePlayer:
        return NoisePlayer(log, envelope=envelope, told=told, levels=levels)

    return Bank(columns, make_player, 2, budget, WEIGHTS, opening_frames=opening_frames)


notes = st.lists(
    st.tuples(st.integers(0, 400), st.integers(60, 62), st.sampled_from([512, 1_024, 2_048, 20_032])),
    min_size=1,
    max_size=25,
)


@settings(max_examples=15, deadline=None)
@given(notes, st.sampled_from([10**9, 200_000, 1]))
def test_a_region_is_the_sum_of_its_notes(struck: list[tuple[int, int, int]], budget: int) -> None:
    """However notes overlap, whatever the budget and in whatever order regions are asked for, the sum is that of the notes."""
    struck = sorted(struck)
    onsets, keys, lengths = (np.array(column, np.int64) for column in zip(*struck, strict=True))
    onsets *= GRID_FRAMES
    part = PartNotes(PlayedNotes(onsets, lengths, keys, np.full_like(keys, 70)), 0, RATE)
    log: list[NoteKind] = []
    bank = bank_of(part.onsets, log, budget=budget)
    source = BankSource([part], bank, REGION)
    n_regions = 400 * GRID_FRAMES // REGION + 6
    expected = np.zeros((2, n_regions * REGION + 60_000))
    single = NoisePlayer([])
    for place, key, length in struck:
        onset = place * GRID_FRAMES
        frames = single.play(NoteKind(0, key, 70, length)).frames
        expected[:, onset : onset + frames.shape[1]] += frames
    for index in reversed(range(n_regions)):
        wanted = expected[:, index * REGION : (index + 1) * REGION]
        found = np.zeros_like(wanted)
        for sound in source.region(index):
            for begins, note in sound.notes:
                note.add_to(found, begins)
        np.testing.assert_allclose(found, wanted, atol=1e-5)


class OneRowPlayer(NoisePlayer):
    """Its notes are one row each, at levels of their own to the left and right of key 60, 61 and so on."""

    def __init__(self, sides: Sequence[tuple[float, float]]) -> None:
        super().__init__([])
        self._sides = sides

    def play(self, kind: NoteKind) -> BankNote:
        return BankNote(self._sound(kind)[:1], sides=self._sides[kind.key - 60])


@pytest.mark.parametrize(
    ("second", "rows"), [((0.7, 1.0), 1), ((0.7 + 1e-6, 1.0), 1), ((1.0, 0.4), 2), ((0.0, 1.0), 2)]
)
def test_a_part_whose_notes_agree_on_their_sides_is_one_row(second: tuple[float, float], rows: int) -> None:
    """One row or two, what is added to the mix and what is sent are the sums of the notes' sides."""
    player = OneRowPlayer([(0.7, 1.0), second])
    onsets = np.array([0, 640], np.int64)
    keys = np.array([60, 61], np.int64)
    part = PartNotes(PlayedNotes(onsets, np.full_like(onsets, 1_024), keys, np.full_like(keys, 70)), 0, RATE)
    bank = Bank(part.onsets, lambda: player, 1, 10**9, WEIGHTS)
    (sound,) = BankSource([part], bank, REGION).region(0)
    sides = sides_of_all([note for _, note in sound.notes])
    row = np.zeros((1, REGION), np.float32)
    expected = np.zeros((2, REGION), np.float32)
    for onset, kind in zip(onsets, part.kinds, strict=True):
        note = player.play(kind).both_sides()
        expected[:, onset : onset + note.shape[1]] += note
    assert (1 if sides else 2) == rows
    if sides:
        for begins, note in sound.notes:
            note.add_to(row, begins)
        np.testing.assert_allclose(np.array(sides)[:, np.newaxis] * row, expected, atol=2e-6)


def test_every_kind_is_played_once() -> None:
    """Within its budget the bank plays each kind once, however many threads ask."""
    kinds = [NoteKind(0, key, 70, 4_096) for key in range(40, 60)]
    log: list[NoteKind] = []
    bank = bank_of(dict.fromkeys(kinds, (0,)), log)
    threads = [threading.Thread(target=lambda: [bank.note(kind, 0) for kind in kinds]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(log) == kinds


@pytest.mark.parametrize("has_room", [True, False], ids=["room on the disk", "none"])
def test_over_budget_the_note_needed_last_goes_first(has_room: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three notes of which two fit, the one needed last is put aside; where there is no room for it, it is played again."""
    usage = shutil.disk_usage(".")
    free = 10**9 if has_room else 0
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=free))
    near, far, new = (NoteKind(0, key, 70, 20_480) for key in (60, 61, 62))
    size = NoisePlayer([]).play(near).frames.nbytes
    log: list[NoteKind] = []
    bank = bank_of({near: (0, 500), far: (0, 90_000), new: (400,)}, log, budget=int(2.7 * size))
    for kind in (near, far, new):
        bank.note(kind, 100)
    assert bank.held_bytes <= 2.7 * size
    bank.note(near, 450)
    assert log == [near, far, new]
    again = bank.note(far, 450)
    np.testing.assert_array_equal(again.frames, NoisePlayer([]).play(far).frames)
    assert log == [near, far, new] if has_room else [near, far, new, far]


def family(key: int, *steps: int) -> list[NoteKind]:
    """Notes of one key, of lengths in steps of 2,048 frames."""
    return [NoteKind(0, key, 70, 2_048 * step) for step in steps]


@pytest.mark.parametrize(
    "envelope", [SUSTAINED, DECAYING, SETTLING], ids=["sustained", "decaying", "settling"]
)
def test_one_held_note_stands_for_a_family(envelope: VolumeEnvelope) -> None:
    """Where letting go changes the level alone, a family of six takes two notes, and every length is right.

    The largest family is asked more thoroughly, as it answers for its voice; it is asked first, whoever is wanted.
    """
    small, large = family(61, 2, 5, 9, 12, 14, 17), family(60, *range(1, 24, 2))
    log: list[NoteKind] = []
    bank = bank_of(dict.fromkeys(small + large, (0,)), log, envelope=envelope)
    single = NoisePlayer([], envelope=envelope)
    for kind in small + large:
        mixed, expected = np.zeros((2, 2, 120_000), np.float32)
        bank.note(kind, 0).add_to(mixed, 0)
        single.play(kind).add_to(expected, 0)
        np.testing.assert_allclose(mixed, expected, atol=2e-6)
    assert log[0].key == 60
    assert [kind.key for kind in log].count(61) == 2
    assert [kind.key for kind in log].count(60) < len(large)
    assert len(set(log)) == len(log)


def test_a_bank_that_holds_none_plays_every_note() -> None:
    """Where one note may not stand for a family, each is played itself, and none is examined."""
    kinds = family(60, *range(1, 12))
    log: list[NoteKind] = []
    columns = {kind: np.zeros(1, np.int64) for kind in kinds}
    bank = Bank(columns, lambda: NoisePlayer(log, envelope=SUSTAINED), 2, 10**9, WEIGHTS, may_hold=False)
    for kind in kinds:
        np.testing.assert_array_equal(
            bank.note(kind, 0).frames, NoisePlayer([], envelope=SUSTAINED).play(kind).frames
        )
    assert log == kinds


def test_what_begins_in_the_opening_is_played_as_it_is_and_at_once() -> None:
    """No voice has to be met for it; it stands in for others later on, and is not played again for them."""
    soft, loud = (NoteKind(0, 60, velocity, 4_096) for velocity in (40, 90))
    later = family(60, *range(1, 12))
    onsets = {soft: (600, 9_000), loud: (999, 1_000)} | dict.fromkeys(later, (1_000,))
    log: list[NoteKind] = []
    bank = bank_of(onsets, log, envelope=SUSTAINED, levels=Levels.LEVEL, opening_frames=1_000)
    assert bank.voices_to_meet([soft, loud]) == []
    assert bank.one_of_each_family([soft, loud]) == [soft, loud]
    single = NoisePlayer([], envelope=SUSTAINED, levels=Levels.LEVEL)
    for kind in (soft, loud):
        np.testing.assert_array_equal(bank.note(kind, 0).frames, single.play(kind).frames)
    assert log == [soft, loud]
    assert bank.voices_to_meet([soft, *later]) == [0]
    for kind in later:
        mixed, expected = np.zeros((2, 2, 120_000), np.float32)
        bank.note(kind, 1_000).add_to(mixed, 0)
        single.play(kind).add_to(expected, 0)
        np.testing.assert_allclose(mixed, expected, atol=2e-6)
    assert log.count(soft) == log.count(loud) == 1


def test_a_note_of_the_opening_stays_itself_where_it_stands_for_others_of_a_family() -> None:
    """It is played for whoever it stands for, and is no beginning of a held note with an ending."""
    steps = range(2, 24, 2)
    opening = NoteKind(0, 60, 90, 2_048 * 8)
    later = [kind._replace(velocity=velocity) for kind in family(60, *steps) for velocity in (40, 90)]
    onsets = dict.fromkeys(later, (9_000,)) | {opening: (0, 9_000)}
    log: list[NoteKind] = []
    bank = bank_of(onsets, log, envelope=SUSTAINED, levels=Levels.LEVEL, opening_frames=1)
    single = NoisePlayer([], envelope=SUSTAINED, levels=Levels.LEVEL)
    np.testing.assert_array_equal(bank.note(opening, 0).frames, single.play(opening).frames)
    for kind in later:
        mixed, expected = np.zeros((2, 2, 120_000), np.float32)
        bank.note(kind, 9_000).add_to(mixed, 0)
        single.play(kind).add_to(expected, 0)
        np.testing.assert_allclose(mixed, expected, atol=2e-6)
    assert log.count(opening) == 1
    assert len(log) < len(steps) + 2


def test_a_note_of_the_opening_that_stands_for_others_is_kept_for_them() -> None:
    """Where it is needed is all of that: neither its own places nor the others' are lost."""
    opening, softer = (NoteKind(0, 60, velocity, 20_480) for velocity in (90, 40))
    others = [NoteKind(0, key, 90, 20_480) for key in (61, 62)]
    onsets = {opening: (0,), softer: (90_000,), NoteKind(0, 60, 90, 512): (95_000,)}
    onsets |= {kind: (50_000 + kind.key,) for kind in others}
    log: list[NoteKind] = []
    size = NoisePlayer([]).play(opening).frames.nbytes
    bank = bank_of(onsets, log, levels=Levels.LEVEL, budget=int(2.7 * size), opening_frames=1)
    for kind in (opening, *others, softer):
        bank.note(kind, 60_000)
    assert log.count(opening) == 1


def test_a_small_family_is_played_note_by_note() -> None:
    """Where a held note would spare little, none is held."""
    kinds = family(60, *range(2, 1 + SMALLEST_FAMILY))
    log: list[NoteKind] = []
    bank = bank_of(dict.fromkeys(kinds, (0,)), log, envelope=SUSTAINED)
    for kind in kinds:
        bank.note(kind, 0)
    assert log == kinds


def test_a_family_that_does_not_fit_is_played_note_by_note() -> None:
    """Where notes of different length differ otherwise than they should, it is found out and each is played itself."""
    kinds = family(60, *range(1, 9))
    log: list[NoteKind] = []
    bank = bank_of(dict.fromkeys(kinds, (0,)), log, told=SUSTAINED)
    for kind in kinds:
        np.testing.assert_array_equal(bank.note(kind, 0).frames, NoisePlayer([]).play(kind).frames)
    assert set(kinds) < set(log)
    assert len(log) == len(kinds) + 1


def test_what_is_wrong_late_in_the_envelope_speaks_for_the_whole_voice() -> None:
    """Where short notes end as told but long ones do not, no family of the voice is served by a held note."""
    kinds = family(61, 1, 2, 5, 7, 8, 10) + family(60, *range(1, 12))
    told = VolumeEnvelope(0, 1, 100, 50, 0.9, 20, STILL)
    bank = bank_of(dict.fromkeys(kinds, (0,)), [], envelope=SETTLING, told=told)
    single = NoisePlayer([], envelope=SETTLING)
    for kind in kinds:
        np.testing.assert_array_equal(bank.note(kind, 0).both_sides(), single.play(kind).frames)


@pytest.mark.parametrize("budget", [10**9, 400_000, 1])
def test_tails_count_in_the_budget_and_may_be_forgotten(budget: int) -> None:
    """Memory for a held note, for those played and for every tail is counted, kept within bounds, and made anew when needed."""
    kinds = family(60, *range(1, 12))
    bank = bank_of(
        {kind: (place * 40_000,) for place, kind in enumerate(kinds)}, [], budget=budget, envelope=DECAYING
    )
    first = {kind: bank.note(kind, 0) for kind in kinds}
    endings = sum(_ending_bytes(note) for note in first.values())
    held = kinds[-1]._replace(length_frames=kinds[-1].length_frames + DECAYING.release * GRID_FRAMES)
    largest = NoisePlayer([], envelope=DECAYING).play(held).frames.nbytes
    assert endings > 0
    if budget == 10**9:
        assert bank.held_bytes > largest + endings
    else:
        assert bank.held_bytes <= max(budget, largest)
    for kind in kinds[::-1]:
        np.testing.assert_array_equal(bank.note(kind, 100_000).both_sides(), first[kind].both_sides())


def _ending_bytes(note: BankNote) -> int:
    if note.fall is not None:
        return note.fall.nbytes
    return 0 if note.tail is None else note.tail.nbytes


def test_how_a_note_falls_takes_a_fraction_of_its_frames() -> None:
    """A note that merely falls shares its frames with the one that is held, beginning and ending."""
    if kernels() is None:
        pytest.skip("no kernels for this machine")
    held = BankNote(np.random.default_rng(4).standard_normal((2, 64_000)).astype(np.float32))
    release = Release(VolumeEnvelope(0, 1, 0, 0, 1.0, 600, STILL))
    note = released(held, release.ending(held, 6_400), 6_400)
    assert note.fall is not None
    assert note.tail is not None
    assert np.shares_memory(note.frames, held.frames)
    assert np.shares_memory(note.tail, held.frames)
    assert _ending_bytes(note) < note.tail.nbytes / 50
    np.testing.assert_array_equal(note.rows()[:, 6_400:], release.tail(held.frames, 6_400))


def test_the_loudest_velocity_stands_for_those_that_differ_in_level_alone() -> None:
    """Each length is played once, at the loudest velocity, and every velocity sounds at its own level."""
    kinds = [NoteKind(0, 60, velocity, length) for velocity in (40, 64, 100) for length in (4_096, 8_192)]
    log: list[NoteKind] = []
    bank = bank_of(dict.fromkeys(kinds, (0,)), log, levels=Levels.LEVEL)
    single = NoisePlayer([], levels=Levels.LEVEL)
    for kind in kinds:
        heard, expected = np.zeros((2, 2, 12_000), np.float32)
        bank.note(kind, 0).add_to(heard, 0)
        single.play(kind).add_to(expected, 0)
        np.testing.assert_allclose(heard, expected, atol=1e-6)
        energy = bank.energy(kind).grown[0, -1]
        assert energy == pytest.approx(note_energy(single.play(kind).frames, WEIGHTS).grown[0, -1], rel=0.2)
    judged = {kind for kind in log if kind.length_frames > 8_192}
    assert {kind for kind in log if kind not in judged} == {kind for kind in kinds if kind.velocity == 100}


def test_velocities_that_differ_later_are_played_each() -> None:
    """Where notes begin alike but go on otherwise, the comparison of whole notes finds it."""
    kinds = [NoteKind(0, 60, velocity, 20_480) for velocity in (40, 100)]
    bank = bank_of(dict.fromkeys(kinds, (0,)), [], levels=Levels.AT_FIRST)
    single = NoisePlayer([], levels=Levels.AT_FIRST)
    for kind in kinds:
        np.testing.assert_array_equal(bank.note(kind, 0).frames, single.play(kind).frames)


def test_strengths_are_found_layer_by_layer() -> None:
    """Each velocity is told by the loudest of its own sample and of its own zone, and silence by none."""
    soft, loud = np.random.default_rng(5).standard_normal((2, 2, 4_096)).astype(np.float32)
    low, high = ((0.0,),), ((1.0,),)
    touches = {
        20: Touch(low, soft * np.float32(0.1)),
        50: Touch(low, soft * np.float32(0.4)),
        70: Touch(low, loud * np.float32(0.3)),
        80: Touch(high, loud * np.float32(0.5)),
        90: Touch(high, np.zeros((2, 4_096), np.float32)),
        127: Touch(high, loud),
    }
    found = strengths(touches)
    told_by = {velocity: strength.velocity for velocity, strength in found.items()}
    assert told_by == {20: 50, 50: 50, 70: 70, 80: 127, 90: 90, 127: 127}
    assert found[20].factor == pytest.approx(0.25)
    assert found[80].factor == pytest.approx(0.5)


def test_a_held_note_that_has_died_away_has_no_tail() -> None:
    """Where a note falls silent while it is held, letting it go later adds nothing and takes nothing away."""
    held = np.random.default_rng(2).standard_normal((2, 10_000)).astype(np.float32)
    release = Release(VolumeEnvelope(0, 1, 0, 0, 1.0, 64, STILL))
    for at, length in ((8_192, 1_808), (20_480, 0)):
        assert release.tail(held, at).shape == (2, length)
    note = BankNote(held)
    assert fits(released(note, release.ending(note, 20_480), 20_480), note)
    assert not fits(released(note, release.ending(note, 2_048), 2_048), note)


def test_an_error_of_a_hundred_thousandth_is_found() -> None:
    """A release is told from one that differs by −100 dB."""
    held = np.random.default_rng(1).standard_normal((2, 20_480)).astype(np.float32)
    release = Release(SUSTAINED)
    note = np.concatenate([held[:, :2_048], release.tail(held, 2_048)], axis=1)
    made = released(BankNote(held), release.ending(BankNote(held), 2_048), 2_048)
    assert fits(made, BankNote(note))
    note[:, 2_000] += np.float32(1e-5 * math.sqrt(note.shape[1]))
    assert not fits(made, BankNote(note))


@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (0.7, 0.2), (0.0, 1.0), (0.5, -0.5)])
def test_the_energy_of_one_row_is_that_of_its_sides(left: float, right: float) -> None:
    """A note kept as one row weighs what its two sides weigh, dry and towards the reverb."""
    rng = np.random.default_rng(8)
    weights = Weights.of(rng.standard_normal((2, 9_000)).astype(np.float32), RATE)
    note = BankNote(rng.standard_normal((1, 30_000)).astype(np.float32), sides=(left, right))
    found = note_energy(note.rows(), weights, note.sides).grown
    np.testing.assert_allclose(found, note_energy(note.both_sides(), weights).grown, rtol=1e-4, atol=1e-3)


def test_a_note_ends_where_it_has_died_away() -> None:
    """A decaying note is cut where it stays below its peak by the stated amount, and fades to nothing."""
    decay = np.exp(-np.arange(RATE * 4) / (0.15 * RATE))
    frames = (np.sin(np.arange(RATE * 4) * 0.1) * decay).astype(np.float32)
    kept = finish(np.stack([frames, frames * 0.5]), RATE).both_sides()
    died = int(0.15 * RATE * -TAIL_DB / 8.686)
    assert abs(kept.shape[1] - died) < 0.05 * RATE
    assert kept[0, -1] == 0.0
    np.testing.assert_array_equal(kept[0, : died // 2], frames[: died // 2])


@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (0.7, 0.2), (0.1, 0.9), (0.0, 1.0), (0.5, -0.5)])
def test_sides_that_differ_in_level_alone_are_kept_once(left: float, right: float) -> None:
    """Where one side is the other at another level only one is kept, and both sound as they were."""
    frames = np.random.default_rng(3).standard_normal(9_000).astype(np.float32)
    both = np.stack([frames * np.float32(left), frames * np.float32(right)])
    note = finish(both, RATE)
    assert len(note.frames) == 1
    np.testing.assert_allclose(note.both_sides()[:, :9_000], both, atol=1e-5)
    mixed = np.zeros((2, 4_000), np.float32)
    note.add_to(mixed, -500)
    np.testing.assert_allclose(mixed, both[:, 500:4_500], atol=1e-5)


def test_sides_with_sounds_of_their_own_are_both_kept() -> None:
    """A difference between the sides of no more than −100 dB keeps both."""
    frames = np.random.default_rng(4).standard_normal((2, 9_000)).astype(np.float32)
    assert len(finish(np.stack([frames[0], frames[0] + 1e-5 * frames[1]]), RATE).frames) == 2


@pytest.mark.usefixtures("arithmetic")
def test_constant_current_is_taken_away() -> None:
    """A note that stands beside zero is brought to it; what can be heard stays."""
    at = np.arange(RATE * 2)
    tone = (0.1 * np.sin(2 * np.pi * 220.5 * at / RATE)).astype(np.float32)
    kept = finish(np.stack([tone + np.float32(0.05), -tone]), RATE).both_sides()
    settled = kept[:, RATE // 2 : RATE // 2 + 20_000]
    assert float(np.abs(settled.mean(axis=1)).max()) < 2e-4
    assert float(np.sqrt(np.mean(settled**2))) == pytest.approx(0.1 / np.sqrt(2), rel=0.02)


@pytest.mark.usefixtures("arithmetic")
@given(st.integers(0, 20_000), st.integers(1, 40_000), st.booleans())
@settings(max_examples=40, deadline=None)
def test_drift_is_the_same_wherever_one_begins_to_draw_it(first: int, n_frames: int, goes_on: bool) -> None:
    """From any stretch on it is drawn as from the beginning, also where the sound goes on from there."""
    frames = np.random.default_rng(5).standard_normal((2, 70_000)).astype(np.float32) + np.float32(0.3)
    drift = Drift.of(frames, RATE)
    begin = first // STRETCH * STRETCH
    silence = np.zeros((2, 70_000), np.float32)
    expected = drift.given_back(silence, 0, passing)[:, begin : begin + n_frames]
    if goes_on:
        drift = Drift.of(frames[:, : begin + 10_000], RATE).going_on(begin, frames[:, begin:])
    begun = drift.given_back(silence[:, : expected.shape[1]], begin, passing)
    np.testing.assert_allclose(begun, expected, atol=1e-6)


def test_silence_is_an_empty_note() -> None:
    """What stays below −140 dB has no sound."""
    assert finish(np.full((2, 5_000), 1e-8, np.float32), RATE).is_silent
