"""Pitches by name (``C4`` is middle C, MIDI pitch 60) and in hertz."""

from __future__ import annotations

import re

from calmando.theory.scale import PITCH_CLASS_NAMES, pitch_class
from calmando.units import Hertz, MidiPitch

HIGHEST_PITCH: MidiPitch = 127
"""The highest pitch that MIDI knows; the lowest is 0."""
_NAME = re.compile(r"^([A-Ga-g][b#♭♯]?)(-?\d)$")


def pitch(name: str) -> MidiPitch:
    """The MIDI pitch of a note name with its octave.

    Raises
    ------
    ValueError
        Where the name is none.

    Examples
    --------
    >>> pitch("C4"), pitch("Bb2"), pitch("F#5")
    (60, 46, 78)
    """
    match = _NAME.match(name.strip())
    if match is None:
        raise ValueError(f"{name!r} is not a note with its octave; write C4 (middle C), Bb2 or F#5")
    letter = pitch_class(match[1][:1])
    accidental = pitch_class(match[1]) - letter
    accidental = (accidental + 6) % 12 - 6
    return 12 * (int(match[2]) + 1) + letter + accidental


def pitch_name(midi_pitch: MidiPitch) -> str:
    """A MIDI pitch as a note name with its octave: 60 is ``C4``."""
    return f"{PITCH_CLASS_NAMES[midi_pitch % 12]}{midi_pitch // 12 - 1}"


def key_hz(key: float) -> Hertz:
    """The frequency of a MIDI key in equal temperament; A4 (69) has 440 Hz.

    Examples
    --------
    >>> key_hz(57), round(key_hz(60), 2)
    (220.0, 261.63)
    """
    return 440.0 * 2 ** ((key - 69) / 12)
