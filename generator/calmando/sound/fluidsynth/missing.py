"""Which of a part's keys no font has a sound for, and how that is told."""

from __future__ import annotations

import functools

from calmando.performance import GRID_FRAMES, PerformedPart
from calmando.sound.fluidsynth.setup import set_channel
from calmando.sound.fluidsynth.synth import Synth
from calmando.sound.heard_before import Hearing
from calmando.units import MidiPitch

_MOST_NAMED = 8


def missing_keys(synth: Synth, channel: int, part: PerformedPart, hearing: Hearing) -> tuple[MidiPitch, ...]:
    """The keys of a part that sound in none of a synth's fonts, each tried at one of its velocities."""
    if not part.notes:
        return ()
    set_channel(synth, channel, part)
    missing = tuple(
        key
        for key, velocity in sorted(part.notes.touches().items())
        if not hearing.told(
            ("has sound", key, velocity), functools.partial(synth.has_sound, channel, key, velocity)
        )
    )
    synth.render(GRID_FRAMES)
    return missing


def missing_keys_told(name: str, keys: tuple[MidiPitch, ...]) -> str:
    """A sentence for the user.

    Examples
    --------
    >>> missing_keys_told("drums", (60, 61))
    'drums: the SoundFont has no sound for the keys 60, 61; their notes are left out.'
    """
    named = ", ".join(str(key) for key in keys[:_MOST_NAMED])
    others = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    noun, rest = ("key", "its notes are left out") if len(keys) == 1 else ("keys", "their notes are left out")
    return f"{name}: the SoundFont has no sound for the {noun} {named}{others}; {rest}."
