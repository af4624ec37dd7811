"""The performance as sound: blocks of float32 stereo frames, before fades and dither."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TypeAlias, TypeVar

import numpy as np

from calmando.errors import InputError, SynthesisError
from calmando.performance import Performance, PerformedPart, Wholes
from calmando.preset.record import FontUsed
from calmando.score.model import Controller
from calmando.sound.bank.bank import Bank
from calmando.sound.bank.ear import ONE_OF, Ear
from calmando.sound.bank.notes import SILENCE, NoteKind, NotePlayer, PartNotes, SynthPlayer
from calmando.sound.bank.predict import (
    EnergyLine,
    Floats,
    NoteEnergy,
    Steps,
    WeightedLine,
    Weights,
    gated_loudness,
    in_phase,
    step_energy,
)
from calmando.sound.blocks import Block
from calmando.sound.estimate import estimated_energies, most_probes, probes_of, shares_of
from calmando.sound.fades import Fader
from calmando.sound.fluidsynth.hashes import font_state, font_used
from calmando.sound.fluidsynth.levels import MIXED_CONTROLLERS, GainCurve, PartLevel
from calmando.sound.fluidsynth.missing import missing_keys, missing_keys_told
from calmando.sound.fluidsynth.programs import WantedProgram, wanted_by
from calmando.sound.fluidsynth.rack import AT_FIRST, Rack
from calmando.sound.fluidsynth.setup import static_value
from calmando.sound.fluidsynth.synth import MOST_CHANNELS, Stereo, Synth
from calmando.sound.heard_before import Hearing
from calmando.sound.listening import Ahead, Moment, heard_moments, heard_share, likely_highest
from calmando.sound.loudness.loudness import Loudness, LoudnessMeter
from calmando.sound.loudness.true_peak import TruePeakMeter, to_decibels
from calmando.sound.memory import bank_bytes, give_back_freed_memory, keep_freed_memory
from calmando.sound.mixing.convolution import REGION_FRAMES, convolution_with
from calmando.sound.mixing.desk import Bus, Desk
from calmando.sound.mixing.regions import Mixed, mixed_regions, reblocked, whole_region
from calmando.sound.mixing.reverb import measured_response
from calmando.sound.mixing.source import BankSource, BothSources, DirectSource, Source
from calmando.sound.mixing.traits import part_traits
from calmando.units import Decibels, Frames, Lufs, MidiPitch, Seconds

T = TypeVar("T")
Done = TypeVar("Done")


class Way(StrEnum):
    """How the notes are played."""

    BANK = "bank"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to render. None of it changes the sound, but for ``reverb`` and ``way`` (away from onsets equal to −106 dB).

    Attributes
    ----------
    way
        ``None`` lets the engine choose.
    reverb
        Whether the reverb bus sounds.
    threads
        Threads to work in; ``None`` takes the processor's cores that this process may use, four at most.
    bank_bytes
        Memory for the notes of the bank; ``None`` takes 400 MB, up to 800 where the machine has plenty, and of long
        pieces what leaves a night under 400 MB in all. What it has no room for is put aside on the disk.
    """

    way: Way | None = None
    reverb: bool = True
    threads: int | None = None
    bank_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class StemBlock:
    """A part's share of the mix: its name and its frames, its own reverb included."""

    part: int
    name: str
    frames: Block


class Engine:
    """Plays one performance; a context manager (closing it frees FluidSynth).

    Parameters
    ----------
    performance
        What to play.
    fonts
        SoundFonts; a sound missing in the first is looked for in the next.
    rack
        Where synths with these fonts are ready, or soon will be; it is closed with the engine.

    Attributes
    ----------
    total_frames, sample_rate, fader
        Of the performance.
    opening_frames
        What is heard up to here hangs on nothing that comes later than a note can last: a performance that is not known
        further gives the same frames.
    fonts
        Name and hash of every font.
    synth_version
        FluidSynth's version.
    remarks
        Sentences for the user: programs that had to be replaced by a neighbour, keys left out, parts too soft.

    Raises
    ------
    SynthMissingError
        Without a FluidSynth library.
    SoundFontError
        If a font cannot be used or a program has no replacement.
    SynthesisError
        If no note of the piece has a sound.
    InputError
        If the piece has more different sounds than FluidSynth has channels.
    """

    def __init__(
        self,
        performance: Performance,
        fonts: tuple[Path, ...],
        options: EngineOptions | None = None,
        rack: Rack | None = None,
    ) -> None:
        self.performance = performance
        self.total_frames: Frames = performance.total_frames
        self.sample_rate: int = performance.sample_rate
        self.options = options or EngineOptions()
        self._font_paths = fonts
        self._rack = rack or Rack(fonts)
        self._n_threads = self.options.threads or _usual_threads()
        # By the length of the piece alone, not by the memory there is: the same record gives the same bytes.
        self._is_roomy = self.total_frames <= _LONGEST_ROOMY_PIECE_S * self.sample_rate
        self.opening_frames: Frames = opening_regions(self.total_frames, self.sample_rate) * REGION_FRAMES
        voices = [_voice(part) for part in performance.parts]
        distinct = list(dict.fromkeys(voices))
        if len(distinct) > MOST_CHANNELS:
            raise _too_many_sounds(len(distinct))
        self._voices = [performance.parts[voices.index(voice)] for voice in distinct]
        self._closed = False
        with ExitStack() as opened, ThreadPoolExecutor(1, thread_name_prefix="calmando-beside") as beside:
            opened.callback(self._rack.close)
            measuring = beside.submit(measured_response, self.sample_rate) if self.options.reverb else None
            first_synth = opened.enter_context(self._new_synth())
            # Alone, the second would be made when the first is busy with the notes that all wait for.
            n_others = min(self._n_threads, AT_FIRST) - 1
            others = [beside.submit(self._new_synth) for _ in range(n_others)]
            for other in others:
                opened.callback(_close, other)
            self.synth_version: str = first_synth.version
            fonts_loaded = self.synth_version, *map(font_state, fonts)
            self._hearings = [Hearing((*fonts_loaded, self.sample_rate, voice)) for voice in distinct]
            channels = [distinct.index(voice) for voice in voices]
            missing = [
                missing_keys(first_synth, channel, part, self._hearings[channel])
                for channel, part in zip(channels, performance.parts, strict=True)
            ]
            self.remarks: tuple[str, ...] = _remarks(performance.parts, channels, first_synth, missing)
            self._traits = tuple(
                part_traits(first_synth, channel, part, self._hearings[channel])
                for channel, part in zip(channels, performance.parts, strict=True)
            )
            self._notes = [
                PartNotes(part.notes, channel, self.sample_rate)
                for channel, part in zip(channels, performance.parts, strict=True)
            ]
            self.way = self.options.way or self._best_way()
            self._direct = [
                self.way is Way.DIRECT or traits.cuts_itself or self._is_endless(part)
                for traits, part in zip(self._traits, performance.parts, strict=True)
            ]
            response = measuring.result() if measuring else None
            self._weights = _weights(self.sample_rate, has_reverb=response is not None)
            self._everything = (Bus(tuple(range(len(performance.parts)))),)
            self._steps = Steps.of(self.total_frames, self.sample_rate)
            self.fader = Fader(performance.fades, self.total_frames, self.sample_rate)
            self._spare = [first_synth, *(other.result() for other in others)]
            self._begins = self._onsets()
            self._bank = Bank(
                self._begins,
                self._make_player,
                self._n_threads,
                self._bank_bytes(),
                self._weights,
                opening_frames=self.opening_frames,
                may_hold=self._is_roomy,
            )
            opened.callback(self._bank.close)
            self.remarks += self._too_soft(missing)
            self._desk = self._set_desk(response)
            self._known: dict[int, Mixed] = {}
            keep_freed_memory()
            opened.pop_all()

    @property
    def fonts(self) -> tuple[FontUsed, ...]:
        """Name and hash of every font (the first call reads the files)."""
        return tuple(font_used(font) for font in self._font_paths)

    def _new_synth(self) -> Synth:
        return self._rack.take(self.sample_rate, len(self._voices))

    def _make_player(self) -> NotePlayer:
        try:
            synth = self._spare.pop()
        except IndexError:
            synth = self._new_synth()
        return SynthPlayer(synth, self._voices)

    def _best_way(self) -> Way:
        n_notes = self.performance.n_notes
        moving_pan = any(part.curve(Controller.PAN).moves for part in self.performance.parts)
        n_kinds = len({kind for notes in self._notes for kind in notes.kinds})
        never_repeats = n_notes > _FEW_NOTES and n_kinds > _HARDLY_REPEATS * n_notes
        return Way.DIRECT if moving_pan or never_repeats else Way.BANK

    def _is_endless(self, part: PerformedPart) -> bool:
        """Whether a part holds a note for so long that one alone would fill the memory."""
        longest = int(part.notes.length_frames.max(initial=0))
        return self.options.way is None and longest > _LONGEST_KEPT_NOTE_S * self.sample_rate

    def _bank_bytes(self) -> int:
        """Memory for the bank: as was asked for, else what the piece leaves."""
        if self.options.bank_bytes is not None:
            return self.options.bank_bytes
        return bank_bytes(self.total_frames / self.sample_rate, is_roomy=self._is_roomy)

    def _onsets(self) -> dict[NoteKind, Wholes]:
        """Where every kind begins; parts of one voice share kinds."""
        onsets: dict[NoteKind, Wholes] = {}
        for notes in self._notes:
            for kind, own in notes.onsets.items():
                onsets[kind] = np.sort(np.concatenate([onsets[kind], own])) if kind in onsets else own
        return onsets

    def _too_soft(self, missing: Sequence[Sequence[MidiPitch]]) -> tuple[str, ...]:
        """A sentence for every part too soft to be heard; a piece without any sound is refused."""
        parts = self.performance.parts
        struck = [notes for notes in self._notes if notes.kinds]
        silent = self._side_by_side(self._is_silent, self._notes)
        soft = tuple(
            f"{part.strip.name}: all its notes are too soft to be heard."
            for part, is_silent, keys in zip(parts, silent, missing, strict=True)
            if is_silent and len(keys) < len(np.unique(part.notes.keys))
        )
        if struck and silent.count(True) == len(struck):
            raise _silent_piece(bool(soft))
        return soft

    def _is_silent(self, notes: PartNotes) -> bool:
        """Whether a part has notes and none of them is heard."""
        return bool(notes.kinds) and not any(map(self._sounds, notes.kinds))

    def _sounds(self, kind: NoteKind) -> bool:
        return self._hearings[kind.voice].told(("sounds", kind[1:]), lambda: self._bank.sounds(kind))

    def _set_desk(self, response: Stereo | None) -> Desk:
        parts = self.performance.parts
        levels = tuple(PartLevel.of(part, self.sample_rate) for part in parts)
        if response is None:
            return Desk(levels, (GainCurve.still(0.0),) * len(parts), None)
        sends = tuple(traits.send for traits in self._traits)
        return Desk(levels, sends, convolution_with(response))

    def listen_ahead(self, listening: Callable[[float], None] | None = None) -> Ahead:
        """What can be known of the whole piece without mixing it.

        Its loudness is the sum of its notes' energies, set right by what a few moments of the mix sound like; its highest
        peak is looked for where both let it be expected. Only of a piece whose notes FluidSynth plays on anyway, because
        they hardly repeat, or that has notes without an end, all is listened to: that takes less time, or memory, than its
        notes one by one.

        Parameters
        ----------
        listening
            Called now and then, where all is listened to, with the share that has been heard.
        """
        if all(self._direct) or any(map(self._is_endless, self.performance.parts)):
            whole = self._heard_whole(listening)
            return Ahead(whole.integrated_lufs, lambda _: whole.true_peak_db)
        kinds = [kind for notes in self._notes for kind in notes.kinds]
        self._note_by_note(self._bank.energy, self._one_of_each_family(kinds))
        with ThreadPoolExecutor(1, thread_name_prefix="calmando-energy") as beside:
            energy = beside.submit(self._predicted_energy, kinds)
            # Each thread has all the notes of two regions at hand: in a night there is memory for one.
            n_threads = self._n_threads if self._is_roomy else 1
            moments = heard_moments(self._listened, energy.result, self._steps, self.sample_rate, n_threads)
        if not self._is_roomy:
            give_back_freed_memory()
        power = self._faded_power(energy.result(), self._steps)
        loudness = gated_loudness(power, self._steps) + 10 * math.log10(heard_share(moments))
        return Ahead(loudness, lambda near_db: self._highest_peak(moments, power, near_db))

    def _heard_whole(self, listening: Callable[[float], None] | None) -> Loudness:
        meter = LoudnessMeter(self.sample_rate)
        n_heard = 0
        for block in self.fader.over(self.blocks(0.0)):
            meter.add(block)
            n_heard += len(block)
            if listening is not None:
                listening(n_heard / self.total_frames)
        return meter.result()

    def _highest_peak(self, moments: Sequence[Moment], power: Floats, near_db: Decibels) -> Decibels:
        if any(self._direct):
            # What FluidSynth plays on sounds otherwise from the bank.
            return -math.inf
        likely = likely_highest(moments, power, self._steps, near_db)
        # Not all their sound at once: a night has no memory for it.
        peaks = self._side_by_side(lambda region: self._listened(region)[1], likely)
        highest = max([*peaks, *(moment.peak for moment in moments)], default=0.0)
        return to_decibels(highest) + _UNHEARD_DB

    def _predicted_energy(self, kinds: Iterable[NoteKind]) -> Floats:
        """The energy of every step of the piece, as its notes' energies sum up."""
        return self._energy({kind: self._bank.energy(kind) for kind in kinds}, self._steps)

    def _listened(self, region: int) -> tuple[Stereo, float]:
        """One region of the mix, from the bank alone, and its true peak, faded.

        It is kept where there is memory, and need not be mixed again.
        """
        source = BankSource(self._notes, self._bank, REGION_FRAMES)
        whole = whole_region(source, self._desk, self._everything, region)
        if self._is_roomy and not any(self._direct):
            self._known[region] = whole
        frames = whole[0][0]
        faded = frames.copy().T
        self.fader.apply(faded, region * REGION_FRAMES)
        meter = TruePeakMeter()
        meter.add(faded)
        return frames, meter.true_peak()

    def loudness_to_begin_with(self, start_frame: Frames) -> Lufs:
        """The estimated loudness; the notes that are heard first from a frame on are played meanwhile."""
        with ThreadPoolExecutor(1, thread_name_prefix="calmando-beside") as beside:
            playing = beside.submit(self._play_first_notes, start_frame // REGION_FRAMES)
            loudness = self.estimated_loudness()
            playing.result()
        return loudness

    def estimated_loudness(self) -> Lufs:
        """Its loudness within 1 LU, from a few notes of every part: quick enough to begin playing at once."""
        played = [{kind: len(onsets) for kind, onsets in notes.onsets.items()} for notes in self._notes]
        shares = shares_of(zip(played, map(self._mean_square, self._desk.levels), strict=True))
        probes = [
            probes_of(kinds, self.sample_rate, most_probes(share))
            for kinds, share in zip(played, shares, strict=True)
        ]
        heard = self._heard({probe for part in probes for probe in part})
        energies: dict[NoteKind, NoteEnergy] = {}
        for kinds, own in zip(played, probes, strict=True):
            energies |= estimated_energies(kinds, {probe: heard[probe] for probe in own})
        steps = Steps.coarse(self.total_frames, self.sample_rate)
        return gated_loudness(self._faded_power(self._energy(energies, steps), steps), steps)

    def _mean_square(self, level: PartLevel) -> float:
        """A part's level, squared, on the average of some moments."""
        moments = np.linspace(0, self.total_frames, _MOMENTS_OF_LEVEL, dtype=np.int64)
        return float(np.mean(level.at(moments) ** 2))

    def _heard(self, kinds: Iterable[NoteKind]) -> dict[NoteKind, NoteEnergy]:
        """The energies of some notes, nearly, by an ear or two."""
        ordered, n_ears = _longest_first(kinds), min(self._n_threads, AT_FIRST)
        shares = [ordered[first::n_ears] for first in range(n_ears)]
        return {kind: energy for told in self._side_by_side(self._told, shares) for kind, energy in told}

    def _told(self, kinds: Iterable[NoteKind]) -> list[tuple[NoteKind, NoteEnergy]]:
        """The energies of some notes by an ear of their own, if one has to listen."""
        weights = _weights(self.sample_rate, ONE_OF, has_reverb=self.options.reverb)
        with ExitStack() as opened:

            @functools.cache
            def ear() -> Ear:
                synth = self._rack.take(self.sample_rate // ONE_OF, len(self._voices))
                return opened.enter_context(Ear(synth, self._voices, weights))

            def energy(kind: NoteKind) -> NoteEnergy:
                question = "energy", self.options.reverb, kind[1:]
                return self._hearings[kind.voice].told(question, lambda: ear().energy(kind))

            return [(kind, energy(kind)) for kind in kinds]

    def _side_by_side(self, deed: Callable[[T], Done], items: Iterable[T]) -> list[Done]:
        """Do something for many items, in as many threads as there are."""
        with ThreadPoolExecutor(self._n_threads, thread_name_prefix="calmando-note") as pool:
            return list(pool.map(deed, items))

    def _note_by_note(
        self, deed: Callable[[NoteKind], Done], kinds: Iterable[NoteKind]
    ) -> dict[NoteKind, Done]:
        """Do something for some notes; the longest are begun first, so that no thread is late."""
        ordered = _longest_first(kinds)
        return dict(zip(ordered, self._side_by_side(deed, ordered), strict=True))

    def _energy(self, energies: dict[NoteKind, NoteEnergy], steps: Steps) -> Floats:
        return step_energy(self._lines(energies, steps), self._weights, steps)

    def _faded_power(self, energy: Floats, steps: Steps) -> Floats:
        """The mean square of every step."""
        return energy / steps.frames * self.fader.gains_at(steps.centres) ** 2

    def _lines(self, energies: dict[NoteKind, NoteEnergy], steps: Steps) -> Iterator[WeightedLine]:
        centres = steps.centres
        for notes, level, send in zip(self._notes, self._desk.levels, self._desk.sends, strict=True):
            line = EnergyLine(steps)
            line.add(
                together
                for kind, onsets in notes.onsets.items()
                for together in in_phase(onsets, self._begins[kind], energies[kind])
            )
            yield WeightedLine(line, level.at(centres), send.at(centres))

    def blocks(
        self,
        gain_db: Decibels,
        start_frame: Frames = 0,
        block_frames: Frames = REGION_FRAMES,
        end_frame: Frames | None = None,
    ) -> Iterator[Block]:
        """The piece from a frame on, up to another or to its end, at a gain, in blocks of ``block_frames`` (the last may be shorter).

        The frames are the same whatever the start, the block size and the number of threads. A block is the
        caller's own: its memory is not used again.

        Raises
        ------
        SynthesisError
            If FluidSynth fails, or stays silent where sound was asked for.
        """
        end = self.total_frames if end_frame is None else min(end_frame, self.total_frames)
        for (block,) in self._play(self._everything, gain_db, start_frame, block_frames, end):
            yield block

    def stems(
        self, gain_db: Decibels, start_frame: Frames = 0, block_frames: Frames = REGION_FRAMES
    ) -> Iterator[tuple[StemBlock, ...]]:
        """The same, one block for every part, its own reverb included; they sum to the mix."""
        buses = tuple(Bus((part,)) for part in range(len(self.performance.parts)))
        names = [part.strip.name for part in self.performance.parts]
        for blocks in self._play(buses, gain_db, start_frame, block_frames, self.total_frames):
            yield tuple(
                StemBlock(part, name, block)
                for part, (name, block) in enumerate(zip(names, blocks, strict=True))
            )

    def _play(
        self,
        buses: tuple[Bus, ...],
        gain_db: Decibels,
        start_frame: Frames,
        block_frames: Frames,
        end_frame: Frames,
    ) -> Iterator[tuple[Block, ...]]:
        if self._closed:
            raise ValueError("the engine is closed")
        n_frames = end_frame - start_frame
        if n_frames <= 0 or not buses:
            return
        gain = 10 ** (gain_db / 20)
        first = start_frame // REGION_FRAMES
        end = -(-end_frame // REGION_FRAMES)
        source = self._source(max(first - 1, 0))
        self._play_first_notes(first)
        known = self._known if buses is self._everything else None
        regions = mixed_regions(source, self._desk, buses, first, end, self._n_threads, gain, known)
        try:
            stacked = (
                region[0] if len(region) == 1 else np.concatenate(region) for region in self._lean(regions)
            )
            skip = start_frame - first * REGION_FRAMES
            for block in reblocked(stacked, skip, n_frames, block_frames):
                yield tuple(block[2 * bus : 2 * bus + 2].T for bus in range(len(buses)))
        finally:
            regions.close()

    def _lean(self, regions: Iterable[T]) -> Iterator[T]:
        """The regions; through a night memory is given back now and then, for what comes and goes leaves holes."""
        for number, region in enumerate(regions, 1):
            if not self._is_roomy and number % _REGIONS_BETWEEN == 0:
                give_back_freed_memory()
            yield region

    def _play_first_notes(self, region: int) -> None:
        """Have the notes of the region that is heard first ready, and of the one before, whose reverb is in it."""
        before, first, end = (max(region + more, 0) * REGION_FRAMES for more in (-1, 0, 1))
        kinds = {
            notes.kinds[number]
            for notes, is_direct in zip(self._notes, self._direct, strict=True)
            if not is_direct
            for _, number in notes.within(before, end)
        }
        for some in (self._one_of_each_family(kinds), kinds):
            self._note_by_note(lambda kind: self._bank.note(kind, first), some)

    def _one_of_each_family(self, kinds: Iterable[NoteKind]) -> list[NoteKind]:
        """What to play first of some notes, their voices met before: so no thread waits for what another finds out."""
        ordered = _longest_first(kinds)
        self._side_by_side(self._bank.meet, self._bank.voices_to_meet(ordered))
        return self._bank.one_of_each_family(reversed(ordered))

    def _source(self, first_region: int) -> Source:
        parts = self.performance.parts
        noted = [
            None if is_direct else notes for notes, is_direct in zip(self._notes, self._direct, strict=True)
        ]
        bank = BankSource(noted, self._bank, REGION_FRAMES)
        if not any(self._direct):
            return bank
        played_on = tuple(index for index, is_direct in enumerate(self._direct) if is_direct)
        stream = DirectSource(
            [parts[index] for index in played_on],
            self._font_paths,
            self.sample_rate,
            REGION_FRAMES,
            first_region,
        )
        return BothSources(bank, stream, played_on)

    def close(self) -> None:
        """Free FluidSynth; the engine cannot be used after it."""
        self._closed = True
        self._known.clear()
        self._bank.close()
        self._rack.close()
        while self._spare:
            self._spare.pop().close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def rates_at_first(sample_rate: int, *, is_heard: bool) -> tuple[int, ...]:
    """The sample rates of the synths that a stream asks for at its beginning: for whoever plays its notes, and for as many that hear them where its gain has to be found."""
    rates = (sample_rate, sample_rate // ONE_OF) if is_heard else (sample_rate,)
    return rates * min(_usual_threads(), AT_FIRST)


def _usual_threads() -> int:
    return min(_n_cores(), _MOST_THREADS)


def _n_cores() -> int:
    """How many of the processor's cores this process may use."""
    may_use = getattr(os, "sched_getaffinity", None)
    return (len(may_use(0)) if may_use is not None else os.cpu_count()) or 1


@functools.cache
def _weights(sample_rate: int, one_of: int = 1, *, has_reverb: bool) -> Weights:
    """How loudness hears notes in FluidSynth's room, or dry, where they are given by one of so many frames."""
    return Weights.of(measured_response(sample_rate) if has_reverb else None, sample_rate, one_of)


def _longest_first(kinds: Iterable[NoteKind]) -> list[NoteKind]:
    return sorted(kinds, key=lambda kind: (-kind.length_frames, kind))


def _close(made: Future[Synth]) -> None:
    made.result().close()


def opening_regions(total_frames: Frames, sample_rate: int) -> int:
    """How many regions a piece's opening has: one, and one more for every hour begun, in which the piece is composed.

    Of a piece of half an hour it is the first: it is composed at once.
    """
    hours = total_frames / (3_600 * sample_rate)
    return 1 + (math.ceil(hours) if hours > _SOON_COMPOSED_HOURS else 0)


_SOON_COMPOSED_HOURS = 0.5
_REGIONS_BETWEEN = 50
"""Five minutes of music."""

_MOST_THREADS = 4
"""Each takes some 15 MB, and all of them take turns with Python."""

_LONGEST_KEPT_NOTE_S: Seconds = 120.0
"""Forty megabytes; no composed note is a quarter as long."""
_LONGEST_ROOMY_PIECE_S: Seconds = 2 * 3_600.0
"""Up to here there is memory for notes that are held to stand for many, and for what is mixed beforehand (48 MB, where it
may come near its ceiling 96)."""

_UNHEARD_DB: Decibels = 0.15
"""So much higher than in what was listened to a peak may be in the rest of the piece."""

_MOMENTS_OF_LEVEL = 64

_FEW_NOTES = 200
_HARDLY_REPEATS = 0.8


_Voice: TypeAlias = tuple[int, int, bool, tuple[int, ...]]
"""What of a part decides how its notes sound: its program and still controllers, not its notes."""


def _voice(part: PerformedPart) -> _Voice:
    strip = part.strip
    still = (static_value(part, controller) for controller in (*MIXED_CONTROLLERS, Controller.PAN))
    return strip.program, strip.bank, strip.is_percussion, tuple(still)


def _too_many_sounds(n_sounds: int) -> InputError:
    return InputError(
        f"The piece has {n_sounds} different sounds.",
        f"Instruments, each with its volume and place, are told apart; FluidSynth plays {MOST_CHANNELS} at once.",
        "Split the file, or give tracks of one instrument the same volume and pan.",
    )


def _silent_piece(too_soft: bool) -> SynthesisError:
    if too_soft:
        return SynthesisError(
            "The piece stayed silent where sound was asked for.",
            f"All its notes are too soft: below {20 * math.log10(SILENCE):g} dB of full scale.",
            "Raise their velocities, and the volume (controller 7) and expression (11) of its parts. Where these are high, "
            "the SoundFont is damaged: choose another with --soundfont.",
        )
    return SynthesisError(
        "The piece stayed silent where sound was asked for.",
        "The SoundFont has no sound for any of its notes.",
        "Choose another SoundFont with --soundfont, or other instruments.",
    )


def _remarks(
    parts: tuple[PerformedPart, ...],
    channels: Sequence[int],
    synth: Synth,
    missing: Sequence[tuple[MidiPitch, ...]],
) -> tuple[str, ...]:
    """A sentence for every part that a neighbour has to play, and for every one that lacks keys."""
    sentences: list[str] = []
    for part, channel, keys in zip(parts, channels, missing, strict=True):
        wanted = wanted_by(part.strip)
        chosen = synth.choose(channel, wanted)
        if chosen.replaces is not None:
            sentences.append(
                f"{part.strip.name}: the SoundFont has no {wanted.description}, "
                f"{WantedProgram(chosen.place).description} plays instead."
            )
        if keys:
            sentences.append(missing_keys_told(part.strip.name, keys))
    return tuple(sentences)
