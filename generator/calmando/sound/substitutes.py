"""Which instruments play in place of those that the SoundFonts lack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from calmando.score.model import Score
from calmando.sound.fluidsynth.programs import wanted_by
from calmando.sound.fluidsynth.synth import Synth, SynthOptions
from calmando.theory.programs import ProgramPlace

_ANY_RATE = 44_100


def substitutes(score: Score, fonts: Sequence[Path]) -> dict[str, ProgramPlace]:
    """By the name of each part whose own instrument no font has: what plays it.

    Raises
    ------
    SynthMissingError
        Without a FluidSynth library.
    SoundFontError
        If a font cannot be read, or has nothing that could stand for an instrument.
    """
    found: dict[str, ProgramPlace] = {}
    with Synth(fonts, _ANY_RATE, SynthOptions(n_channels=1)) as synth:
        for part in score.parts:
            chosen = synth.choose(0, wanted_by(part.strip))
            if chosen.replaces is not None:
                found[part.strip.name] = chosen.place
    return found
