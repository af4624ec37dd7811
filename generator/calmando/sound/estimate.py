"""A part's notes as energies, guessed from a few of them."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping

from calmando.sound.bank.notes import NoteKind
from calmando.sound.bank.predict import NoteEnergy, of_length
from calmando.units import Frames, MidiPitch, Seconds, Unit, Velocity

PROBES = 6
"""So many keys of a part are listened to at most, spread over its range, the one in the middle first."""
_COUNTS: Unit = 0.02
"""From this share of the piece on a part counts: instruments of one touch differ by ten decibels, and what is rarely heard may be what is loudest."""
_FEW_PROBES = 2
LONGEST_S: Seconds = 24.0
"""No further key is listened to where all notes together would be held for longer: the listener waits."""
LONGEST_PROBE_S: Seconds = 30.0
"""Nor is any note listened to for longer, which goes on as it last sounded: no composed one is, those of others last for
hours."""


def estimated_energies(
    kinds: Iterable[NoteKind], probes: Mapping[NoteKind, NoteEnergy]
) -> dict[NoteKind, NoteEnergy]:
    """Energies of all kinds of a part, those of its probes carried over to their neighbours."""

    @functools.cache
    def held(probe: NoteKind, length: Frames) -> NoteEnergy:
        known = probes[probe]
        return known if length == probe.length_frames else of_length(known, probe.length_frames, length)

    @functools.cache
    def nearest_to(key: MidiPitch, velocity: Velocity) -> NoteKind:
        return min(probes, key=lambda probe: (abs(probe.key - key), abs(probe.velocity - velocity)))

    estimated: dict[NoteKind, NoteEnergy] = {}
    for kind in kinds:
        nearest = nearest_to(kind.key, kind.velocity)
        estimated[kind] = held(nearest, kind.length_frames).at_level(_louder(nearest, kind))
    return estimated


def shares_of(parts: Iterable[tuple[Mapping[NoteKind, int], float]]) -> list[Unit]:
    """How much of the piece's energy each part may have: how long its notes are held, how strongly, and at which level.

    Parameters
    ----------
    parts
        Of each how often its kinds are played, and the mean square of its level.
    """
    energies = [
        power * sum(n * kind.length_frames * kind.velocity**4 for kind, n in kinds.items())
        for kinds, power in parts
    ]
    whole = sum(energies)
    return [energy / whole if whole > 0.0 else 1.0 for energy in energies]


def most_probes(share: Unit) -> int:
    """How many keys of a part are listened to that has a share of the piece: few where it hardly counts."""
    return PROBES if share >= _COUNTS else _FEW_PROBES


def probes_of(kinds: Mapping[NoteKind, int], sample_rate: int, most: int = PROBES) -> list[NoteKind]:
    """The kinds of a part to listen to: for some keys spread by how often they are played, the usual one, not held too long.

    Parameters
    ----------
    kinds
        How often each is played.
    most
        How many keys at most.
    """
    by_key = sorted(kinds, key=lambda kind: kind.key)
    total = sum(kinds.values())
    marks = [(2 * index + 1) * total / (2 * most) for index in range(most)]
    keys: list[int] = []
    passed = 0
    for kind in by_key:
        passed += kinds[kind]
        while marks and passed >= marks[0]:
            keys.append(kind.key)
            marks.pop(0)
    from_the_middle = sorted(keys, key=lambda key: abs(keys.index(key) - most // 2))
    longest = round(LONGEST_PROBE_S * sample_rate)
    typical = [_typical(kinds, key) for key in dict.fromkeys(from_the_middle)]
    probes = [kind._replace(length_frames=min(kind.length_frames, longest)) for kind in typical]
    length = 0
    for n_probes, probe in enumerate(probes):
        length += probe.length_frames
        if n_probes and length > LONGEST_S * sample_rate:
            return probes[:n_probes]
    return probes


def _typical(kinds: Mapping[NoteKind, int], key: MidiPitch) -> NoteKind:
    """A key's longest note at the velocity it is played with most often."""
    of_key = [kind for kind in kinds if kind.key == key]
    often: Counter[Velocity] = Counter()
    for kind in of_key:
        often[kind.velocity] += kinds[kind]
    velocity = max(often, key=lambda velocity: (often[velocity], velocity))
    return max(kind for kind in of_key if kind.velocity == velocity)


def _louder(probe: NoteKind, kind: NoteKind) -> float:
    """How much larger a velocity's amplitude is: it grows as its square in General MIDI's curve."""
    return (kind.velocity / probe.velocity) ** 2
