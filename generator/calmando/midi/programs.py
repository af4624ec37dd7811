"""The General MIDI programs and percussion keys by name."""

from __future__ import annotations

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
