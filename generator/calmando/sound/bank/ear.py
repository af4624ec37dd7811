"""Hearing a few notes to tell how loud a piece will be: at half the sample rate, in half the time.

What lies above folds down into what is heard, for FluidSynth does not filter what it reads in larger steps: a note's energy
stays what it is, within a tenth of a decibel for most, four tenths for the brightest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calmando.performance import GRID_FRAMES, PerformedPart
from calmando.sound.bank.notes import NoteKind, SynthPlayer
from calmando.sound.bank.predict import NoteEnergy, Weights, note_energy
from calmando.sound.fluidsynth.synth import Synth
from calmando.units import Frames

ONE_OF = 2
"""It hears one frame where a mix has so many."""


class Ear:
    """Tells the energies of notes; a context manager, for one thread.

    Parameters
    ----------
    synth
        One at the sample rate ÷ `ONE_OF`; it is freed with the ear.
    voices
        A part for every voice, see `NoteKind`.
    weights
        How loudness hears one of `ONE_OF` frames.
    """

    def __init__(self, synth: Synth, voices: Sequence[PerformedPart], weights: Weights) -> None:
        self._player = SynthPlayer(synth, voices)
        self._weights = weights

    def energy(self, kind: NoteKind) -> NoteEnergy:
        """A note's weighted energy, nearly; it hangs on the note alone, not on what was heard before."""
        heard = self._player.loud_part(kind._replace(length_frames=_in_blocks(kind.length_frames)))
        grown = ONE_OF * note_energy(heard, self._weights).grown
        spans = np.arange(ONE_OF * (grown.shape[1] - 1) + 1) / ONE_OF
        return NoteEnergy(np.stack([np.interp(spans, np.arange(grown.shape[1]), row) for row in grown]))

    def __enter__(self) -> Ear:
        return self

    def __exit__(self, *_: object) -> None:
        self._player.close()


def _in_blocks(n_frames: Frames) -> Frames:
    """So many frames as the ear hears them: in whole blocks of FluidSynth's, one at least."""
    return max(round(n_frames / (ONE_OF * GRID_FRAMES)), 1) * GRID_FRAMES
