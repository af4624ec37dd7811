"""Composes calm, therapeutic music by readable rules and renders it to MIDI and audio.

Importing does no work: every name below is loaded when it is first used.

Examples
--------
>>> import calmando
>>> recipe = calmando.recipe("bedtime-lullaby", seed=7, minutes=3)
>>> score = calmando.compose(recipe)
>>> score.title
'Bedtime Lullaby'
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from calmando.errors import (
    AudioFileError,
    CalmandoError,
    InputError,
    MidiFileError,
    MissingError,
    OutputError,
    PresetError,
    RecordError,
    SoundFontError,
    SynthesisError,
    SynthMissingError,
    UnknownPresetError,
)
from calmando.version import __version__

if TYPE_CHECKING:
    from calmando.api import compose, presets, recipe, render, replay, stream, write_midi
    from calmando.audit.examine import audit_file, audit_score
    from calmando.audit.model import Audit
    from calmando.preset.load import load_preset
    from calmando.preset.model import Preset
    from calmando.preset.recipe import Recipe
    from calmando.rendering import Progress, Rendered
    from calmando.score.model import Score
    from calmando.score.tune import Tune, TuneChord, TuneNote, TunePhrase
    from calmando.theory.metre import METRES
    from calmando.theory.pitch import pitch
    from calmando.theory.scale import MODES, Key

_HOMES = {
    "calmando.api": ("compose", "presets", "recipe", "render", "replay", "stream", "write_midi"),
    "calmando.audit.examine": ("audit_file", "audit_score"),
    "calmando.audit.model": ("Audit",),
    "calmando.preset.load": ("load_preset",),
    "calmando.preset.model": ("Preset",),
    "calmando.preset.recipe": ("Recipe",),
    "calmando.rendering": ("Progress", "Rendered"),
    "calmando.score.model": ("Score",),
    "calmando.score.tune": ("Tune", "TuneChord", "TuneNote", "TunePhrase"),
    "calmando.theory.metre": ("METRES",),
    "calmando.theory.pitch": ("pitch",),
    "calmando.theory.scale": ("Key", "MODES"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "METRES",
    "MODES",
    "AudioFileError",
    "Audit",
    "CalmandoError",
    "InputError",
    "Key",
    "MidiFileError",
    "MissingError",
    "OutputError",
    "Preset",
    "PresetError",
    "Progress",
    "Recipe",
    "RecordError",
    "Rendered",
    "Score",
    "SoundFontError",
    "SynthMissingError",
    "SynthesisError",
    "Tune",
    "TuneChord",
    "TuneNote",
    "TunePhrase",
    "UnknownPresetError",
    "__version__",
    "audit_file",
    "audit_score",
    "compose",
    "load_preset",
    "pitch",
    "presets",
    "recipe",
    "render",
    "replay",
    "stream",
    "write_midi",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'calmando' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__


class _Names(ModuleType):
    """This module: its public functions are not hidden by a subpackage of the same name (``compose``).

    Importing a subpackage binds its name in the parent; here that is left out where a function has the name.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Names
