"""What can go wrong, as one tree.

::

    CalmandoError                what, why, fix             exit code
    ├── InputError               wrong usage or bad input       2
    │   ├── UnknownPresetError   no preset of that name
    │   ├── PresetError          a preset, recipe or override is invalid (every problem at once)
    │   ├── RecordError          no record in a file, or one that cannot be used
    │   ├── MidiFileError        a MIDI file that cannot be read
    │   ├── AudioFileError       an audio file that cannot be read
    │   └── SoundFontError       a SoundFont that cannot be used
    ├── MissingError             something is missing here       3
    │   └── SynthMissingError    no FluidSynth library that works
    ├── OutputError              the output cannot be written    4
    └── SynthesisError           FluidSynth failed while playing 3

Exceptions of foreign libraries are translated where they are called; none reaches the user.
"""

from __future__ import annotations


class CalmandoError(Exception):
    """An error a person can act on.

    Parameters
    ----------
    what
        What is wrong, naming the place and the value.
    why
        The reason or the limit, with its unit; may be empty where `what` says it all.
    fix
        The next step.
    """

    exit_code = 2

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        self.what = what
        self.why = why
        self.fix = fix
        super().__init__(" ".join(part for part in (what, why, fix) if part))

    def __reduce__(self) -> tuple[type[CalmandoError], tuple[str, str, str]]:
        return (type(self), (self.what, self.why, self.fix))


class InputError(CalmandoError):
    """Wrong usage or bad input."""


class UnknownPresetError(InputError):
    """No preset of that name exists."""


class PresetError(InputError):
    """A preset, recipe or override is invalid; the text lists every problem."""


class RecordError(InputError):
    """A file carries no record, or one that this version cannot use."""


class MidiFileError(InputError):
    """A MIDI file cannot be read."""


class AudioFileError(InputError):
    """An audio file cannot be read."""


class SoundFontError(InputError):
    """A SoundFont is missing, broken, or lacks what the piece needs."""


class MissingError(CalmandoError):
    """Something this machine lacks."""

    exit_code = 3


class SynthMissingError(MissingError):
    """No FluidSynth library could be loaded."""


class SynthesisError(CalmandoError):
    """FluidSynth failed, or stayed silent where sound was asked for."""

    exit_code = 3


class OutputError(CalmandoError):
    """An output could not be written; what stood there before is untouched."""

    exit_code = 4
