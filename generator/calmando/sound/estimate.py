"""A part's notes as energies, guessed from a few of them."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping

from calmando.sound.notes import NoteKind
from calmando.sound.predict import NoteEnergy, of_length
from calmando.units import Frames, MidiPitch, Velocity

PROBES = 3
"""So many keys of a part are listened to, spread over its range."""


def estimated_energies(
    kinds: Mapping[NoteKind, int], energy: Callable[[NoteKind], NoteEnergy]
) -> dict[NoteKind, NoteEnergy]:
    """Energies of all kinds of a part, those of the probed keys carried over to their neighbours.

    Parameters
    ----------
    kinds
        How often each is played.
    energy
        Measures one.
    """
    probes = _probes(kinds)

    @functools.cache
    def held(probe: NoteKind, length: Frames) -> NoteEnergy:
        known = energy(probe)
        return known if length == probe.length_frames else of_length(known, probe.length_frames, length)

    estimated: dict[NoteKind, NoteEnergy] = {}
    for kind in kinds:
        nearest = min(
            probes, key=lambda probe: (abs(probe.key - kind.key), abs(probe.velocity - kind.velocity))
        )
        estimated[kind] = held(nearest, kind.length_frames).at_level(_louder(nearest, kind))
    return estimated


def _probes(kinds: Mapping[NoteKind, int]) -> list[NoteKind]:
    """For some keys spread by how often they are played, the kind played most often."""
    by_key = sorted(kinds, key=lambda kind: kind.key)
    total = sum(kinds.values())
    marks = [(2 * index + 1) * total / (2 * PROBES) for index in range(PROBES)]
    keys: list[int] = []
    passed = 0
    for kind in by_key:
        passed += kinds[kind]
        while marks and passed >= marks[0]:
            keys.append(kind.key)
            marks.pop(0)
    return [_typical(kinds, key) for key in dict.fromkeys(keys)]


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
