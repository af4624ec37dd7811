"""Homing: where the tune rests, the harmony stays at home the longer, the stabler the music shall be.

While a tune sounds its chords are the tune's. Between, a stable piece rests on its key chord and leaves it for the
close alone; a less stable one goes through the tune's chords once more.
"""

from __future__ import annotations

from dataclasses import replace

from calmando.compose.ending import tonic_numeral
from calmando.compose.material import Material
from calmando.score.tune import TuneChord
from calmando.theory.chord import chord
from calmando.units import Unit

_CLOSING_CHORDS = 2
"""What leads to the next phrase stays as it is."""
_ALL_FROM: Unit = 0.2
"""Up to this stability no chord gives way."""


def at_home(material: Material, stability: Unit) -> Material:
    """A phrase without a tune with as many of its first chords as stability asks for given over to the key chord.

    Parameters
    ----------
    material
        The phrase.
    stability
        The dial, 0–1: at 1 all chords but the last two.
    """
    n_free = len(material.chords) - _CLOSING_CHORDS
    share = max(0.0, (stability - _ALL_FROM) / (1 - _ALL_FROM))
    count = int(n_free * share + 0.5)
    if count <= 0:
        return material
    home = tonic_numeral(material.key)
    end = material.chords[count - 1].onset_ticks + material.chords[count - 1].duration_ticks
    chords = (TuneChord(0, end, home), *material.chords[count:])
    return replace(material, name=f"{material.name}/home {count}", chords=chords)


def from_home(material: Material) -> Material:
    """A phrase without a tune that begins on the key chord, whatever its first chord was: so a piece begins."""
    first, *others = material.chords
    if chord(first.numeral, material.key.mode).root == 0:
        return material
    home = replace(first, numeral=tonic_numeral(material.key))
    return replace(material, name=f"{material.name}/from home", chords=(home, *others))
