"""What a channel is set to for a part, the same for every way of rendering."""

from __future__ import annotations

from calmando.performance import PerformedPart
from calmando.score.model import Controller
from calmando.sound.fluidsynth.levels import is_mixed
from calmando.sound.fluidsynth.programs import wanted_by
from calmando.sound.fluidsynth.synth import Chosen, Synth

FULL = 127


def static_value(part: PerformedPart, controller: Controller) -> int:
    """What FluidSynth is told of a controller: full where the mixer takes care of it, else its value."""
    curve = part.curve(controller)
    return FULL if is_mixed(curve) else curve.first_value


def set_channel(synth: Synth, channel: int, part: PerformedPart) -> Chosen:
    """Put a part's program and still controllers on a channel; effects stay off, the engine has its own."""
    chosen = synth.choose(channel, wanted_by(part.strip))
    for controller in (Controller.VOLUME, Controller.EXPRESSION, Controller.PAN):
        synth.control(channel, controller, static_value(part, controller))
    for controller in (Controller.REVERB, Controller.CHORUS):
        synth.control(channel, controller, 0)
    return chosen
