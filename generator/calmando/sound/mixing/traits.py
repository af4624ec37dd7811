"""What a font asks for a part: how much of it goes to the reverb, and whether its notes cut each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calmando.performance import GRID_FRAMES, PerformedPart, Wholes
from calmando.score.model import Controller
from calmando.sound.blocks import sum_of_products
from calmando.sound.fluidsynth.levels import GainCurve
from calmando.sound.fluidsynth.setup import FULL, set_channel
from calmando.sound.fluidsynth.synth import Synth
from calmando.sound.heard_before import Hearing
from calmando.sound.mixing.reverb import FULL_SEND
from calmando.units import Frames, Seconds

T = TypeVar("T")

_LISTEN_FRAMES: Frames = 128 * GRID_FRAMES
_PROBES = 3
JUDGED_S: Seconds = 90.0
"""So much of any piece is known when it begins to be heard."""
_HARD_LEFT = -1_000.0


@dataclass(frozen=True, slots=True, eq=False)
class PartTraits:
    """What the engine has to know of how a part sounds.

    Attributes
    ----------
    send
        What of left + right goes to the reverb, all through the piece.
    cuts_itself
        Whether notes of other keys cut each other short (exclusive classes, as of a hi-hat).
    """

    send: GainCurve
    cuts_itself: bool = False


def part_traits(synth: Synth, channel: int, part: PerformedPart, hearing: Hearing) -> PartTraits:
    """Probe a part on a channel of a synth; the channel is left as `set_channel` sets it.

    A part is judged by its notes of the piece's first `JUDGED_S`, where it has some: a piece may not be known further.

    FluidSynth sends every voice before its pan, by the font's own amount plus the controller's. The sum of
    all voices before their pans is found by sounding a note with everything pushed to one side.
    """
    if not part.notes:
        return PartTraits(GainCurve.still(0.0))
    set_channel(synth, channel, part)
    n_first = int(np.searchsorted(part.notes.onset_frames, JUDGED_S * synth.sample_rate)) or len(part.notes)
    first = part.notes.touches(n_first)
    keys = sorted(first)
    probed = keys[:: max(len(keys) // _PROBES, 1)][:_PROBES]

    def told(deed: Callable[[Synth, int, int, int], T], key: int, velocity: int) -> T:
        return hearing.told((deed.__name__, key, velocity), lambda: deed(synth, channel, key, velocity))

    probes = np.array([told(_probe, key, first[key]) for key in probed])
    share, own = probes.mean(axis=0).tolist()

    def sent(values: Wholes) -> NDArray[np.float64]:
        sends: NDArray[np.float64] = share * np.minimum(own + FULL_SEND * values / FULL, 1.0)
        return sends

    send = GainCurve.smooth(part.curve(Controller.REVERB), synth.sample_rate, sent)
    cuts = part.strip.is_percussion and any(
        told(_has_exclusive_class, *note) for note in part.notes.touches().items()
    )
    return PartTraits(send, cuts)


def _probe(synth: Synth, channel: int, key: int, velocity: int) -> tuple[float, float]:
    """The sum of a note's voices as a factor of left + right, and what its font sends of its own accord.

    In its first block a voice of FluidSynth glides from the level of the note before it: that block is not listened to, so
    that the answer is the same whatever was asked before.
    """
    synth.note_on(channel, key, velocity)
    voices = synth.voices()
    both = synth.render(_LISTEN_FRAMES)[:, GRID_FRAMES:].sum(axis=0, keepdims=True)
    _clear(synth, channel)
    synth.set_pan_offset(channel, _HARD_LEFT)
    synth.note_on(channel, key, velocity)
    mono = synth.render(_LISTEN_FRAMES)[:1, GRID_FRAMES:]
    synth.set_pan_offset(channel, 0.0)
    _clear(synth, channel)
    energy = sum_of_products(both, both)
    share = sum_of_products(mono, both) / energy if energy > 0.0 else 0.0
    return share, float(np.mean([voice.reverb_send for voice in voices])) if voices else 0.0


def _has_exclusive_class(synth: Synth, channel: int, key: int, velocity: int) -> bool:
    synth.note_on(channel, key, velocity)
    found = any(voice.exclusive_class for voice in synth.voices())
    _clear(synth, channel)
    return found


def _clear(synth: Synth, channel: int) -> None:
    synth.cut(channel)
    synth.render(GRID_FRAMES)
