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

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Self

_STEERING = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ENDLESS_WORD = re.compile(r"\S{301,}")


def steers(sign: str) -> bool:
    """Whether a sign commands a terminal or turns the order of letters, where text should only be read."""
    return sign in _STEERING or unicodedata.category(sign) in ("Cc", "Cs")


def shown(text: str) -> str:
    """Text as it may be shown to a person, wherever it came from.

    Signs that steer a terminal become �, line ends stay, and a word of more than 300 letters loses its middle.

    Examples
    --------
    >>> shown("Sleep\\x1b[31m")
    'Sleep�[31m'
    """
    readable = "".join("�" if sign != "\n" and steers(sign) else sign for sign in text)
    return _ENDLESS_WORD.sub(lambda word: f"{word[0][:120]}…{word[0][-40:]}", readable)


def spelt(value: object, spell: Callable[[object], str] = str) -> str:
    """A value as text, whole numbers too that have more digits than Python writes out.

    Examples
    --------
    >>> spelt(7), spelt("7", repr), spelt(10**5_000)
    ('7', "'7'", 'a number of thousands of digits')
    """
    try:
        return spell(value)
    except ValueError:
        return "a number of thousands of digits"


def typed(name: object) -> str:
    """A file's name as it is typed at a command line: in quotes where it holds more than plain signs.

    Examples
    --------
    >>> typed("anna.toml"), typed("Zoé's own.toml")
    ('anna.toml', '"Zoé\\'s own.toml"')
    """
    text = str(name)
    return text if re.fullmatch(r"[\w./\\:+@%=,~-]+", text) else f'"{text}"'


def listed(items: Sequence[object]) -> str:
    """Several things as words list them.

    Examples
    --------
    >>> listed([44_100, 48_000]), listed(["a", "b", "c"]), listed("a")
    ('44100 and 48000', 'a, b and c', 'a')
    """
    *others, last = map(str, items)
    return f"{', '.join(others)} and {last}" if others else last


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
        self.what = shown(what)
        self.why = shown(why)
        self.fix = shown(fix)
        super().__init__(" ".join(part for part in (self.what, self.why, self.fix) if part))

    @classmethod
    def unreadable(cls, path: object, error: OSError) -> Self:
        """That a file cannot be opened, in the system's words."""
        return cls(
            f"{path} cannot be opened for reading.",
            f"The system says: {error.strerror}.",
            "Check its name and permissions.",
        )

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
