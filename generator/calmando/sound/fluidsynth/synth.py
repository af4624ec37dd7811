"""The only door to FluidSynth: fonts in, MIDI moves in, frames out; every return code checked."""

from __future__ import annotations

import ctypes
import itertools
import math
import os
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from calmando.errors import SoundFontError, SynthesisError
from calmando.sound.fluidsynth import library
from calmando.sound.fluidsynth.entry_points import entry_points, forget_words, last_words
from calmando.sound.fluidsynth.programs import WantedProgram, candidates
from calmando.sound.kernels import addresses
from calmando.theory.programs import ProgramPlace
from calmando.units import MidiPitch, Velocity

Stereo = NDArray[np.float32]
"""Two rows of frames, left and right: shape (2, n_frames)."""

_FAILED = -1
_PAN_GENERATOR = 17
_REVERB_GENERATOR = 16
_N_GENERATORS = 59
"""SoundFont 2.04, section 8.1.2: 0 (startAddrsOffset) to 58 (overridingRootKey)."""
_OF_A_MUTED_VOICE = ((48, 1_440.0), (34, -12_000.0), (35, -12_000.0), (36, -12_000.0), (37, 1_000.0))
"""The softest that FluidSynth lets a voice be (48, initialAttenuation), and a volume envelope (34 to 37: attack, hold, decay,
sustain) that falls to nothing within a few blocks: it works no longer on a voice that has."""
_EXCLUSIVE_GENERATOR = 57
_MOST_VOICES = 64
_PIN_CHANNELS = 32
"""Channels that play nothing: a preset selected on one keeps its samples in memory."""
MOST_CHANNELS = 256 - _PIN_CHANNELS
"""So many are left of those that FluidSynth has."""


@dataclass(frozen=True, slots=True)
class SynthOptions:
    """How a synth is set up; the defaults are FluidSynth's own but for gain, voices and effects."""

    n_channels: int = 16
    apart: bool = False
    """Whether every channel has an output of its own (see `Synth.render_channels`)."""
    gain: float = 1.0
    polyphony: int = 512
    reverb: bool = False


@dataclass(frozen=True, slots=True)
class VoiceTraits:
    """What the font itself asks for a voice: its share sent to the reverb (0–1), and who cuts it (0: nobody)."""

    reverb_send: float
    exclusive_class: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The preset that plays a channel: which of the fonts, where in it, and whether it replaces another."""

    font: int
    place: ProgramPlace
    replaces: ProgramPlace | None = None


_making = threading.Lock()
"""The first synth of a process prepares what all of them share; one that is made meanwhile would not wait for it."""

_loading = threading.Lock()
"""Samples are kept for all synths of a process. What guards them FluidSynth 2.5 makes when it is first needed: two that need
it at the same moment are each guarded by one of their own, count wrongly, and free what the other still plays."""


class Synth:
    """One FluidSynth with its fonts; a context manager.

    Parameters
    ----------
    fonts
        Paths of SoundFonts; the first has precedence.
    sample_rate
        Frames a second.

    Raises
    ------
    SynthMissingError
        Without a FluidSynth library.
    SoundFontError
        If a font cannot be read.
    """

    def __init__(self, fonts: Sequence[Path], sample_rate: int, options: SynthOptions | None = None) -> None:
        options = options or SynthOptions()
        self._fl = entry_points()
        self.version: str = library.load().report.version or ""
        self.sample_rate = sample_rate
        self._synth: int | None = None
        self._settings: int | None = self._fl.new_fluid_settings()
        try:
            self._set_up(sample_rate, options)
            self._fonts = tuple(self._load_font(font) for font in fonts)
        except BaseException:
            self.close()
            raise
        self._names = tuple(font.name for font in fonts)
        self._polyphony = options.polyphony
        self._first_pin = _playing_channels(options)
        self._wanted: dict[int, WantedProgram] = {}
        self._stacks: dict[int, tuple[Chosen, ...]] = {}
        self._played_by: dict[tuple[int, MidiPitch, Velocity], Chosen] = {}
        self._pinned: set[Chosen] = set()

    def _set_up(self, sample_rate: int, options: SynthOptions) -> None:
        whole_numbers = {
            "synth.polyphony": options.polyphony,
            "synth.midi-channels": _playing_channels(options) + _PIN_CHANNELS,
            "synth.audio-channels": options.n_channels if options.apart else 1,
            "synth.audio-groups": options.n_channels if options.apart else 1,
            "synth.reverb.active": int(options.reverb),
            "synth.chorus.active": 0,
            "synth.dynamic-sample-loading": 1,
            "synth.threadsafe-api": 0,
            "synth.lock-memory": 0,
            "synth.cpu-cores": 1,
        }
        for name, whole in whole_numbers.items():
            self._check(self._fl.fluid_settings_setint(self._settings, name.encode(), whole), f"set {name}")
        for name, number in {"synth.sample-rate": float(sample_rate), "synth.gain": options.gain}.items():
            self._check(self._fl.fluid_settings_setnum(self._settings, name.encode(), number), f"set {name}")
        forget_words()
        with _making:
            self._synth = self._fl.new_fluid_synth(self._settings) or None
        if self._synth is None:
            raise SynthesisError(
                "FluidSynth could not be started.", last_words(), "See what `calmando doctor` says."
            )

    def _load_font(self, font: Path) -> int:
        _refuse_what_is_no_soundfont(font)
        forget_words()
        handle: int = self._fl.fluid_synth_sfload(self._synth, os.fsencode(font), 0)
        if handle == _FAILED:
            raise SoundFontError(
                f"The SoundFont {font} cannot be used.",
                "It is damaged inside: FluidSynth could not read it.",
                "Get the file anew, or choose another with --soundfont.",
            )
        return handle

    def choose(self, channel: int, wanted: WantedProgram) -> Chosen:
        """Put a program on a channel, or its nearest neighbour where no font has it.

        Raises
        ------
        SoundFontError
            If no font has anything that could stand for it.
        """
        if self._wanted.get(channel) == wanted:
            return self._stacks[channel][0]
        found: dict[int, Chosen] = {}
        for place in candidates(wanted):
            for font in range(len(self._fonts)):
                chosen = Chosen(font, place, None if place == wanted.place else wanted.place)
                if font not in found and self._select(channel, chosen):
                    found[font] = chosen
            if len(found) == len(self._fonts):
                break
        if not found:
            raise SoundFontError(
                f"{', '.join(self._names)} has no {wanted.description}, nor anything near it.",
                "The piece cannot be played without it.",
                "Choose a General MIDI SoundFont with --soundfont, or change the preset's instrument.",
            )
        stack = tuple(found.values())
        self._wanted[channel], self._stacks[channel] = wanted, stack
        self._played_by = {struck: by for struck, by in self._played_by.items() if struck[0] != channel}
        if len(self._fonts) > 1:
            self._select(channel, stack[0])
        return stack[0]

    def _select(self, channel: int, chosen: Chosen) -> bool:
        forget_words()
        font, place = self._fonts[chosen.font], chosen.place
        with _loading:
            result: int = self._fl.fluid_synth_program_select(
                self._synth, channel, font, place.bank, place.program
            )
        return result != _FAILED

    def control(self, channel: int, controller: int, value: int) -> None:
        """Move a controller of a channel."""
        self._check(
            self._fl.fluid_synth_cc(self._synth, channel, controller, value),
            f"set controller {controller} to {value}",
        )

    def set_pan_offset(self, channel: int, offset: float) -> None:
        """Move everything on a channel by tenths of a percent (−1,000 pushes all voices hard left)."""
        self._check(self._fl.fluid_synth_set_gen(self._synth, channel, _PAN_GENERATOR, offset), "set the pan")

    def note_on(self, channel: int, key: int, velocity: int) -> bool:
        """Strike a key; whether FluidSynth had a sound for it.

        A key that the channel's preset has no sound for is taken from the first font behind that has one.
        """
        stack = self._stacks.get(channel, ())
        if len(stack) < 2:
            return self._strike(channel, key, velocity)
        by = self._played_by.get((channel, key, velocity))
        for chosen in stack if by is None else (by,):
            if chosen is stack[0]:
                struck = self._strike(channel, key, velocity)
            else:
                struck = self._strike_borrowed(channel, key, velocity, chosen)
            if by is not None or self._sounds(channel, key):
                self._played_by[channel, key, velocity] = chosen
                return struck
        self._played_by[channel, key, velocity] = stack[0]
        return False

    def has_sound(self, channel: int, key: MidiPitch, velocity: Velocity) -> bool:
        """Whether any font has a sound for a key on a channel; the channel is silenced again."""
        found = self.note_on(channel, key, velocity) and self._sounds(channel, key)
        self.cut(channel)
        return found

    def _strike(self, channel: int, key: MidiPitch, velocity: Velocity) -> bool:
        result: int = self._fl.fluid_synth_noteon(self._synth, channel, key, velocity)
        return result != _FAILED

    def _strike_borrowed(self, channel: int, key: MidiPitch, velocity: Velocity, chosen: Chosen) -> bool:
        """Strike a key with another preset and go back to the channel's own; voices that sound are left alone."""
        own = self._stacks[channel][0]
        for preset in (own, chosen):
            self._pin(preset)
        self._select(channel, chosen)
        struck = self._strike(channel, key, velocity)
        self._select(channel, own)
        return struck

    def _pin(self, chosen: Chosen) -> None:
        """Keep a preset's samples in memory while channels turn to and from it."""
        if chosen not in self._pinned and len(self._pinned) < _PIN_CHANNELS:
            self._select(self._first_pin + len(self._pinned), chosen)
            self._pinned.add(chosen)

    def _sounds(self, channel: int, key: MidiPitch) -> bool:
        """Whether a voice of a key is held on a channel."""
        return any(
            self._fl.voice_channel(voice) == channel
            and self._fl.voice_key(voice) == key
            and self._fl.voice_is_on(voice)
            for voice in self._handles(self._polyphony)
        )

    def note_off(self, channel: int, key: int) -> None:
        """Let a key go; one that has already fallen silent is let go in vain, which is no fault."""
        self._fl.fluid_synth_noteoff(self._synth, channel, key)

    def cut(self, channel: int) -> None:
        """Silence a channel at once."""
        self._check(self._fl.fluid_synth_all_sounds_off(self._synth, channel), "silence a channel")

    @property
    def n_voices(self) -> int:
        """Voices that sound now."""
        count: int = self._fl.n_voices(self._synth)
        return count

    def voices(self) -> tuple[VoiceTraits, ...]:
        """What the font says of the voices that sound now."""
        return tuple(
            VoiceTraits(
                reverb_send=min(max(self._fl.voice_generator(voice, _REVERB_GENERATOR) / 1_000.0, 0.0), 1.0),
                exclusive_class=int(self._fl.voice_generator(voice, _EXCLUSIVE_GENERATOR)),
            )
            for voice in self._handles(_MOST_VOICES)
        )

    def zones(self) -> tuple[tuple[float, ...], ...]:
        """All the numbers that the font gives each voice that sounds now, voices in no order of their own."""
        return tuple(zone for zone, _ in self._zones_and_voices())

    def mute_all_but(self, kept: Collection[int]) -> None:
        """Silence the voices that sound now, but for those whose places among `zones` are given."""
        for place, (_, voice) in enumerate(self._zones_and_voices()):
            if place not in kept:
                for generator, value in _OF_A_MUTED_VOICE:
                    self._fl.set_voice_generator(voice, generator, value)
                    self._fl.update_voice(voice, generator)
        # Voices hear of it with the next question to the synth.
        self._fl.n_voices(self._synth)

    def _zones_and_voices(self) -> list[tuple[tuple[float, ...], int]]:
        return sorted(
            (tuple(self._fl.voice_generator(voice, number) for number in range(_N_GENERATORS)), voice)
            for voice in self._handles(_MOST_VOICES)
        )

    def _handles(self, most: int) -> list[int]:
        found = (ctypes.c_void_p * most)()
        self._fl.get_voicelist(self._synth, found, most, -1)
        return list(itertools.takewhile(bool, found))

    def render(self, n_frames: int) -> Stereo:
        """The next frames, dry: shape (2, n_frames)."""
        dry: Stereo = self.render_channels(n_frames, 1)[0]
        return dry

    def render_channels(self, n_frames: int, n_outputs: int) -> Stereo:
        """The next frames of every output, dry: shape (n_outputs, 2, n_frames)."""
        dry = np.empty((n_outputs, 2, n_frames), np.float32)
        self.render_on(dry.reshape(2 * n_outputs, n_frames))
        return dry

    def render_on(self, rows: Stereo) -> None:
        """Write the next frames on rows, left and right of every output, dry: shape (2 · n_outputs, n_frames)."""
        rows.fill(0.0)  # FluidSynth adds
        outputs = (ctypes.c_void_p * len(rows))(*addresses(rows))
        self._check(self._fl.process(self._synth, rows.shape[1], 0, None, len(rows), outputs), "render")

    def render_apart(self, n_frames: int) -> tuple[Stereo, Stereo]:
        """The next frames, dry and reverb apart (the synth's reverb must be on)."""
        dry, wet = np.zeros((2, n_frames), np.float32), np.zeros((2, n_frames), np.float32)
        chorus = np.zeros((2, n_frames), np.float32)
        outputs = (ctypes.c_void_p * 2)(dry[0].ctypes.data, dry[1].ctypes.data)
        effects = (ctypes.c_void_p * 4)(*(row.ctypes.data for row in (*wet, *chorus)))
        self._check(self._fl.process(self._synth, n_frames, 4, effects, 2, outputs), "render")
        return dry, wet

    def close(self) -> None:
        """Free it; calling twice does no harm."""
        synth, self._synth = self._synth, None
        if synth is not None:
            self._fl.delete_fluid_synth(synth)
        settings, self._settings = self._settings, None
        if settings is not None:
            self._fl.delete_fluid_settings(settings)

    def __enter__(self) -> Synth:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check(self, code: int, deed: str) -> None:
        if code == _FAILED:
            raise SynthesisError(
                f"FluidSynth refused to {deed}.", last_words(), "See what `calmando doctor` says."
            )


def _playing_channels(options: SynthOptions) -> int:
    """FluidSynth takes channels by sixteens."""
    return 16 * math.ceil(max(options.n_channels, 1) / 16)


def _refuse_what_is_no_soundfont(font: Path) -> None:
    """Look before FluidSynth does: its own answer to a text file named .sf2 is easily missed."""
    try:
        with font.open("rb") as file:
            head = file.read(12)
    except OSError as problem:
        raise SoundFontError(
            f"The SoundFont {font} cannot be opened.",
            f"{problem.strerror or problem}.",
            "Check the path; `calmando soundfonts` lists what was found.",
        ) from problem
    if head[:4] == b"RIFF" and head[8:12] in (b"sfbk", b"DLS "):
        return
    why = "It is empty." if not head else "It does not begin as a SoundFont does (RIFF … sfbk)."
    raise SoundFontError(f"{font} is no SoundFont.", why, "Choose an .sf2 or .sf3 file with --soundfont.")
