"""The table of the instruments, and a small picture of each spectrum, for the people who read about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calmando.instruments.level import model_note
from calmando.instruments.model import SAMPLE_RATE, Voice, Zone
from calmando.theory.percussion import DRUM_BANK, HEART_LUB

_NOTES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_SOFT, _LOUD = 40, 110
_HEARD_S = 2.0
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 16_000.0
_FLOOR_DB = -80.0
_BANDS_AN_OCTAVE = 24
_HEAD = (
    "| instrument | bank:program | range | method | after | spectrum |",
    "|---|---|---|---|---|---|",
)


def table(voices: Sequence[Voice], pictures: str = "pictures") -> str:
    """A Markdown table of the voices by bank and program; ``pictures`` is the folder named in it."""
    ordered = sorted(voices, key=lambda voice: (voice.bank == DRUM_BANK, voice.program, voice.bank))
    return "\n".join((*_HEAD, *(_row(voice, pictures) for voice in ordered))) + "\n"


def picture_name(voice: Voice) -> str:
    """The file name of a voice's picture."""
    return voice.name.lower().replace(" ", "-") + ".png"


def write_picture(voice: Voice, zones: Sequence[Zone], folder: Path) -> Path:
    """Draw the spectrum of one key, struck or sung softly and strongly; returns the file written."""
    from matplotlib.figure import Figure  # heavy, and needed for pictures only

    figure = Figure(figsize=(3.0, 1.2), dpi=100)
    axes = figure.add_axes((0.0, 0.14, 1.0, 0.86))
    for velocity, colour in ((_LOUD, "#c9a66b"), (_SOFT, "#3d5a80")):
        hz, level_db = spectrum(zones, picture_key(voice), velocity)
        axes.fill_between(hz, np.full(len(hz), _FLOOR_DB), level_db, color=colour, linewidth=0)
    axes.set_xscale("log")
    axes.set_xlim(_LOWEST_HZ, _HIGHEST_HZ)
    axes.set_ylim(_FLOOR_DB, 3.0)
    axes.set_yticks([])
    axes.set_xticks([100, 1_000, 10_000], ["100", "1k", "10k Hz"], fontsize=6)
    axes.tick_params(length=2, pad=1)
    axes.minorticks_off()
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    path = folder / picture_name(voice)
    figure.savefig(path, metadata={"Software": None})
    return path


def spectrum(
    zones: Sequence[Zone], key: int, velocity: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Highest level in each 24th of an octave over the first two seconds: Hz, and dB below the highest."""
    note = model_note(zones, key, velocity, hold_s=_HEARD_S).sum(axis=1)
    size = np.abs(np.fft.rfft(note * np.hanning(2 * len(note))[len(note) :]))
    hz = np.fft.rfftfreq(len(note), 1 / SAMPLE_RATE)
    # The model's plain interpolation mirrors what dark samples hold; above their own range there is nothing.
    size[hz > 0.48 * max(zone.sample.rate_hz for zone in zones if zone.low_key <= key <= zone.high_key)] = 0.0
    octaves = np.log2(_HIGHEST_HZ / _LOWEST_HZ)
    edges = _LOWEST_HZ * 2 ** (np.arange(int(octaves * _BANDS_AN_OCTAVE) + 1) / _BANDS_AN_OCTAVE)
    places = np.searchsorted(hz, edges)
    highest = np.array([size[a : max(a + 1, b)].max() for a, b in pairwise(places)])
    level_db = 20 * np.log10(highest / max(float(size.max()), 1e-12) + 1e-6)
    return edges[:-1], np.maximum(level_db, _FLOOR_DB)


def picture_key(voice: Voice) -> int:
    """The key that is drawn: the one of the range nearest middle C; of the drums, the heart."""
    if voice.bank == DRUM_BANK:
        return HEART_LUB
    return min(max(60, voice.keys[0]), voice.keys[1])


def note_name(key: int) -> str:
    """C4 is middle C, key 60."""
    return f"{_NOTES[key % 12]}{key // 12 - 1}"


def _row(voice: Voice, pictures: str) -> str:
    return f"| {' | '.join(_cells(voice, pictures))} |"


def _cells(voice: Voice, pictures: str) -> Iterator[str]:
    low, high = voice.keys
    drums = voice.bank == DRUM_BANK
    yield voice.name
    yield f"{voice.bank}:{voice.program}"
    yield f"keys {low}–{high}" if drums else f"{note_name(low)}–{note_name(high)}"
    yield voice.method
    yield voice.reference
    yield f"![{voice.name}]({pictures}/{picture_name(voice)})"
