"""How much of a part goes to the reverb: measured from FluidSynth, so that any font keeps its own sends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from calmando.performance import GRID_FRAMES, PerformedPart
from calmando.score.model import Controller
from calmando.sound.reverb import FULL_SEND
from calmando.sound.setup import FULL, set_channel, static_value
from calmando.sound.synth import Stereo, Synth, SynthOptions
from calmando.units import Frames

_LISTEN_FRAMES: Frames = 256 * GRID_FRAMES
_PROBES = 3


class SendProbe:
    """Measures sends; owns a synth whose reverb is on."""

    def __init__(self, fonts: Sequence[Path], sample_rate: int) -> None:
        self._synth = Synth(fonts, sample_rate, SynthOptions(reverb=True))

    def close(self) -> None:
        """Free the synth."""
        self._synth.close()

    def factor(self, part: PerformedPart) -> float:
        """What of left + right is sent.

        FluidSynth sends every voice before its pan, by the font's own amount plus the controller's. The
        first is found by sounding a note with everything pushed to one side, the second by listening to the
        reverb while the controller is at 0.
        """
        if not part.notes:
            return 0.0
        set_channel(self._synth, 0, part)
        keys = sorted({(note.key, note.velocity) for note in part.notes})
        chosen = keys[:: max(len(keys) // _PROBES, 1)][:_PROBES]
        share = [self._mono_share(key, velocity) for key, velocity in chosen]
        own = max(self._own_send(key, velocity) for key, velocity in chosen)
        amount = own + FULL_SEND * static_value(part, Controller.REVERB) / FULL
        return float(np.mean(share)) * min(amount, 1.0)

    def _mono_share(self, key: int, velocity: int) -> float:
        """The sum of all voices before their pans, as a factor of left + right."""
        both = self._sound(key, velocity)[0].sum(axis=0)
        self._synth.set_pan_offset(0, -1_000.0)
        mono = self._sound(key, velocity)[0][0]
        self._synth.set_pan_offset(0, 0.0)
        energy = float(np.dot(both, both))
        return float(np.dot(mono, both)) / energy if energy > 0.0 else 0.0

    def _own_send(self, key: int, velocity: int) -> float:
        """What the font sends of its own accord, while the controller is at 0."""
        at_rest = _energy(self._sound(key, velocity)[1])
        if at_rest == 0.0:
            return 0.0
        self._synth.control(0, Controller.REVERB, FULL)
        at_full = _energy(self._sound(key, velocity)[1])
        self._synth.control(0, Controller.REVERB, 0)
        ratio = min((at_rest / at_full) ** 0.5, 0.99) if at_full > 0.0 else 0.0
        return FULL_SEND * ratio / (1.0 - ratio)

    def _sound(self, key: int, velocity: int) -> tuple[Stereo, Stereo]:
        """A note from its first frame on, after the room has fallen silent."""
        self._synth.cut(0)
        while _energy(self._synth.render_apart(_LISTEN_FRAMES)[1]) > _ROOM_NOISE:
            pass
        self._synth.note_on(0, key, velocity)
        return self._synth.render_apart(_LISTEN_FRAMES)


_ROOM_NOISE = 1e-9


def _energy(frames: Stereo) -> float:
    """Energy, with the constant that the reverb adds against denormal numbers taken away."""
    moving = frames.astype(np.float64) - frames.mean(axis=1, keepdims=True, dtype=np.float64)
    energy = float((moving**2).sum())
    return energy if energy > _ROOM_NOISE else 0.0
