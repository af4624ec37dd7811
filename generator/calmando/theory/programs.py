"""The General MIDI programs by name, and where the built-in SoundFont has voices of its own for them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from calmando.theory.percussion import DRUM_BANK

PROGRAM_NAMES: tuple[str, ...] = (
    *("acoustic grand piano", "bright acoustic piano", "electric grand piano", "honky-tonk piano"),
    *("electric piano 1", "electric piano 2", "harpsichord", "clavinet"),
    *(
        "celesta",
        "glockenspiel",
        "music box",
        "vibraphone",
        "marimba",
        "xylophone",
        "tubular bells",
        "dulcimer",
    ),
    *("drawbar organ", "percussive organ", "rock organ", "church organ"),
    *("reed organ", "accordion", "harmonica", "bandoneon"),
    *("nylon guitar", "steel guitar", "jazz guitar", "clean electric guitar"),
    *("muted electric guitar", "overdriven guitar", "distortion guitar", "guitar harmonics"),
    *("acoustic bass", "fingered bass", "picked bass", "fretless bass"),
    *("slap bass 1", "slap bass 2", "synth bass 1", "synth bass 2"),
    *("violin", "viola", "cello", "contrabass", "tremolo strings", "pizzicato strings", "harp", "timpani"),
    *("slow strings", "string ensemble", "synth strings 1", "synth strings 2"),
    *("choir aah", "choir ooh", "synth voice", "orchestra hit"),
    *(
        "trumpet",
        "trombone",
        "tuba",
        "muted trumpet",
        "french horn",
        "brass section",
        "synth brass 1",
        "synth brass 2",
    ),
    *("soprano sax", "alto sax", "tenor sax", "baritone sax", "oboe", "english horn", "bassoon", "clarinet"),
    *("piccolo", "flute", "recorder", "pan flute", "blown bottle", "shakuhachi", "whistle", "ocarina"),
    *("square lead", "saw lead", "calliope lead", "chiff lead"),
    *("charang lead", "voice lead", "fifths lead", "bass and lead"),
    *("new-age pad", "warm pad", "polysynth pad", "choir pad"),
    *("bowed pad", "metallic pad", "halo pad", "sweep pad"),
    *("rain effect", "soundtrack effect", "crystal effect", "atmosphere effect"),
    *("brightness effect", "goblins effect", "echoes effect", "sci-fi effect"),
    *("sitar", "banjo", "shamisen", "koto", "kalimba", "bagpipe", "fiddle", "shanai"),
    *(
        "tinkle bell",
        "agogo",
        "steel drums",
        "wood block",
        "taiko drum",
        "melodic tom",
        "synth drum",
        "reverse cymbal",
    ),
    *(
        "fret noise",
        "breath noise",
        "seashore",
        "bird tweet",
        "telephone",
        "helicopter",
        "applause",
        "gunshot",
    ),
)
"""General MIDI level 1 sound set, by program number from 0 (MIDI Manufacturers Association 1991)."""

_VARIATIONS: dict[tuple[int, int], str] = {
    (1, 14): "singing bowl",
    (1, 104): "monochord",
    (0, 122): "ocean",
    (1, 122): "rain",
    (3, 122): "wind",
    (4, 122): "stream",
    (10, 122): "womb",
}


class ProgramPlace(NamedTuple):
    """Where an instrument stands: its bank, and its program counted from 0."""

    bank: int
    program: int


BUILT_IN_INSTRUMENTS: tuple[ProgramPlace, ...] = tuple(
    ProgramPlace(bank, program)
    for bank, programs in (
        (0, (0, 8, 9, 10, 11, 12, 24, 32, 46, 48, 49, 52, 53, 71, 73, 74, 79, 88, 89, 91, 104, 108)),
        (1, (14, 104)),
    )
    for program in programs
)
"""The instruments that the built-in SoundFont has itself, sounds of nature and drums left out."""

_ALSO_CALLED: dict[str, ProgramPlace] = {
    "piano": ProgramPlace(0, 0),
    "felt piano": ProgramPlace(0, 0),
    "guitar": ProgramPlace(0, 24),
    "bass": ProgramPlace(0, 32),
    "soft bass": ProgramPlace(0, 32),
    "strings": ProgramPlace(0, 48),
    "choir": ProgramPlace(0, 52),
    "soft reed": ProgramPlace(0, 71),
    "pad": ProgramPlace(0, 89),
    "tambura": ProgramPlace(0, 104),
    "singing bowls": ProgramPlace(1, 14),
}
"""Shorter names, and those of voices of the built-in SoundFont."""


def program_named(name: str) -> ProgramPlace | None:
    """Where the instrument of a name stands; capitals, hyphens and further spaces count for nothing.

    Examples
    --------
    >>> program_named("Music-Box"), program_named("singing bowl"), program_named("hurdy-gurdy")
    (ProgramPlace(bank=0, program=10), ProgramPlace(bank=1, program=14), None)
    """
    return _PLACES.get(_plain(name))


def also_called(place: ProgramPlace) -> tuple[str, ...]:
    """Other names of an instrument, beside that of `program_name`.

    Examples
    --------
    >>> also_called(ProgramPlace(0, 24))
    ('guitar',)
    """
    return tuple(name for name, where in _ALSO_CALLED.items() if where == place)


def names_like(name: str) -> tuple[str, ...]:
    """At most three names of instruments that may have been meant, the likeliest first.

    Examples
    --------
    >>> names_like("harfe"), names_like("pipes")
    (('harp',), ('bagpipe',))
    """
    return tuple(get_close_matches(_plain(name), _PLACES, n=3, cutoff=0.6))


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("-", " ").replace("_", " ").split())


def program_name(program: int, bank: int = 0) -> str:
    """What an instrument is called: a variation's own name, else its General MIDI name.

    Examples
    --------
    >>> program_name(73), program_name(122, 1), program_name(0, 128)
    ('flute', 'rain', 'drums')
    """
    if bank == DRUM_BANK:
        return "drums"
    return _VARIATIONS.get((bank, program), PROGRAM_NAMES[program])


_PLACES: dict[str, ProgramPlace] = {
    **{_plain(name): ProgramPlace(0, program) for program, name in enumerate(PROGRAM_NAMES)},
    **{_plain(name): ProgramPlace(bank, program) for (bank, program), name in _VARIATIONS.items()},
    **_ALSO_CALLED,
}
