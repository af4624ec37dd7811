"""Names the programs of one SoundFont by their nearest neighbours in another, from features of timbre.

``python tests/instruments/timbre.py FONT REFERENCE [--programs 48,52]`` prints, for each melodic program of
FONT, its five nearest programs of REFERENCE and whether the nearest belongs to its own family.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from font_player import SAMPLE_RATE, FontPlayer
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.stats import linregress

Features = NDArray[np.float64]

KEYS = (48, 60, 72)
"""C3, C4 and C5: in the range of nearly every program."""
VELOCITY = 80
HOLD_S, TAIL_S = 2.0, 0.6
N_PROGRAMS = 120
"""The sound effects (120 and above) have no pitch to compare."""

_WINDOW, _HOP = 2048, 441
_N_MELS, _N_MFCC = 40, 14
_FLOOR_DB = -75.0
_TIME_FLOOR_S = 0.005

Family = frozenset[int]


def _programs(*spans: tuple[int, int]) -> Family:
    return frozenset(p for first, last in spans for p in range(first, last + 1))


PIANO = _programs((0, 7))
BARS_AND_BELLS = _programs((8, 15), (98, 98), (108, 108), (112, 112), (114, 114))
ORGAN = _programs((16, 23))
PLUCKED = _programs((15, 15), (24, 28), (31, 39), (45, 46), (104, 108))
BASS = _programs((32, 39)) | _programs((24, 28), (45, 45))
BOWED = _programs((40, 44), (48, 51), (110, 110))
CHOIR = _programs((52, 54), (85, 85), (91, 91))
BRASS = _programs((56, 63))
WINDS = _programs((64, 79), (109, 109), (111, 111))
LEADS = _programs((80, 87))
PADS = _programs((48, 54), (88, 95))
EFFECTS = _programs((96, 103))

FAMILIES: tuple[tuple[Family, Family], ...] = (
    (_programs((0, 7)), PIANO),
    (_programs((8, 14), (98, 98), (112, 112), (114, 114)), BARS_AND_BELLS),
    (_programs((108, 108)), BARS_AND_BELLS | PLUCKED),
    (_programs((16, 23)), ORGAN),
    (_programs((15, 15), (24, 31), (45, 46), (104, 107)), PLUCKED),
    (_programs((32, 39)), BASS),
    (_programs((40, 44), (48, 51), (110, 110)), BOWED),
    (_programs((52, 54), (85, 85), (91, 91)), CHOIR),
    (_programs((56, 63)), BRASS),
    (_programs((64, 79), (109, 109), (111, 111)), WINDS),
    (_programs((80, 84), (86, 87)), LEADS),
    (_programs((88, 90), (92, 95)), PADS),
    (_programs((96, 97), (99, 103)), EFFECTS | PADS),
)
"""Programs, and the programs that a listener would call of their kind."""


def family_of(program: int) -> Family:
    """The programs of the same kind as a program, itself among them."""
    for members, family in FAMILIES:
        if program in members:
            return family
    return frozenset({program})


@dataclass(frozen=True, slots=True)
class Timbre:
    """A program and its features, one row a key of `KEYS`."""

    program: int
    features: Features


@dataclass(frozen=True, slots=True)
class Verdict:
    """A program's nearest programs in the reference font, the nearest first, with their distances."""

    program: int
    nearest: tuple[int, ...]
    distances: tuple[float, ...]

    @property
    def hit(self) -> bool:
        """Whether the nearest program is of its own family."""
        return self.nearest[0] in family_of(self.program)

    @property
    def share(self) -> float:
        """How many of the nearest programs are of its own family, 0 to 1."""
        family = family_of(self.program)
        return sum(program in family for program in self.nearest) / len(self.nearest)


def _mel_bank() -> Features:
    """Triangular mel bands from 50 Hz to 14 kHz (O'Shaughnessy 1987), shape (n_mels, n_bins)."""
    mel_low, mel_high = 2595.0 * np.log10(1.0 + np.array([50.0, 14_000.0]) / 700.0)
    edges_hz = 700.0 * (10.0 ** (np.linspace(mel_low, mel_high, _N_MELS + 2) / 2595.0) - 1.0)
    bins_hz = np.fft.rfftfreq(_WINDOW, 1.0 / SAMPLE_RATE)
    rising = (bins_hz - edges_hz[:-2, None]) / (edges_hz[1:-1] - edges_hz[:-2])[:, None]
    falling = (edges_hz[2:, None] - bins_hz) / (edges_hz[2:] - edges_hz[1:-1])[:, None]
    bank = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(bank / np.maximum(bank.sum(axis=1, keepdims=True), 1e-9))


_BANK = _mel_bank()
_HANN = np.hanning(_WINDOW)


def _powers(frames: Features) -> Features:
    """Short-time power spectra, every 10 ms, of the two channels together."""
    padded = np.pad(frames, ((_WINDOW // 2, _WINDOW), (0, 0)))
    starts = np.arange(0, len(frames), _HOP)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW, axis=0)[starts]
    return np.asarray((np.abs(np.fft.rfft(windows * _HANN, axis=-1)) ** 2).sum(axis=1))


def _mfcc(powers: Features, top: float) -> Features:
    """Mel cepstra without the level, floored 75 dB below the note's loudest frame; shape (n_frames, n_mfcc)."""
    bands = 10.0 * np.log10(powers @ _BANK.T / top + 1e-12)
    return np.asarray(dct(np.maximum(bands, _FLOOR_DB), norm="ortho", axis=1)[:, 1 : _N_MFCC + 1])


def _slope_db_s(levels_db: Features) -> float:
    times_s = np.arange(len(levels_db)) * _HOP / SAMPLE_RATE
    return float(linregress(times_s, levels_db).slope)


def note_features(frames: Features, key: int) -> Features:
    """Describe one note: what it is like while it starts, sounds and ends.

    Parameters
    ----------
    frames : ndarray
        Shape (n_frames, 2): the note, held for `HOLD_S`, then released for `TAIL_S`.
    key : int
        Its MIDI key.

    Returns
    -------
    ndarray
        Mel cepstra of attack, sustain and release, then attack time (log s), brightness (octaves of the
        centroid above the key), flatness, decay and release slopes (dB/s, compressed), wobble (dB).
    """
    powers = _powers(frames)
    totals = powers.sum(axis=1)
    top = float((powers @ _BANK.T).max()) + 1e-20
    levels_db = 10.0 * np.log10(totals / (totals.max() + 1e-20) + 1e-9)
    held = round(HOLD_S * SAMPLE_RATE / _HOP)
    cepstra = _mfcc(powers, top)
    onset = int(np.argmax(levels_db > -40.0))
    attack_end = onset + int(np.argmax(levels_db[onset:held] > levels_db[onset:held].max() - 3.0))
    sustain = slice(onset + 40, held)
    mean_power = powers[sustain].mean(axis=0) + 1e-20
    bins_hz = np.fft.rfftfreq(_WINDOW, 1.0 / SAMPLE_RATE)
    fundamental_hz = 440.0 * 2.0 ** ((key - 69) / 12.0)
    centroid_hz = float((bins_hz * mean_power).sum() / mean_power.sum())
    audible = mean_power[(bins_hz > 50.0) & (bins_hz < 10_000.0)]
    flatness_db = 10.0 * float(np.mean(np.log10(audible)) - np.log10(audible.mean()))
    decay = _slope_db_s(levels_db[sustain])
    release = _slope_db_s(levels_db[held + 5 : held + 45])
    trend = np.linspace(0.0, 1.0, held - onset - 40)
    straight = np.polyval(np.polyfit(trend, levels_db[sustain], 1), trend)
    wobble_db = float(np.std(levels_db[sustain] - straight))
    return np.concatenate(
        [
            cepstra[onset : onset + 15].mean(axis=0),
            cepstra[sustain].mean(axis=0),
            cepstra[held + 5 : held + 35].mean(axis=0),
            [
                np.log((attack_end - onset) * _HOP / SAMPLE_RATE + _TIME_FLOOR_S),
                np.log2(centroid_hz / fundamental_hz),
                flatness_db,
                np.arcsinh(decay / 3.0),
                np.arcsinh(release / 10.0),
                min(wobble_db, 6.0),
            ],
        ]
    )


_GROUP_WEIGHTS: tuple[tuple[int, float], ...] = (
    (_N_MFCC, 1.0),
    (_N_MFCC, 1.5),
    (_N_MFCC, 0.5),
    (1, 1.0),
    (1, 0.5),
    (1, 0.5),
    (1, 1.0),
    (1, 0.5),
    (1, 0.5),
)
"""How many features stand in a row for one thing, and how much that thing counts."""


def _weights() -> Features:
    return np.concatenate([np.full(count, weight / count) for count, weight in _GROUP_WEIGHTS])


def describe(font: Path, programs: Iterable[int] = range(N_PROGRAMS)) -> tuple[Timbre, ...]:
    """Play the programs of a font and take their features; programs it lacks are left out."""
    found = []
    with FontPlayer(font) as player:
        for program in programs:
            try:
                notes = [player.note(program, key, VELOCITY, hold_s=HOLD_S, tail_s=TAIL_S) for key in KEYS]
            except LookupError:
                continue
            rows = [note_features(note, key) for note, key in zip(notes, KEYS, strict=True)]
            found.append(Timbre(program, np.stack(rows)))
    return tuple(found)


def recognise(
    unknown: Sequence[Timbre], reference: Sequence[Timbre], *, count: int = 5
) -> tuple[Verdict, ...]:
    """Find each unknown program's nearest programs in the reference font.

    A feature counts in standard deviations of the reference font's own programs at that key; distances are
    root mean squares over features and keys.
    """
    known = np.stack([timbre.features for timbre in reference])
    scale = known.std(axis=0) + 1e-9
    weights = _weights()
    verdicts = []
    for timbre in unknown:
        squares = ((known - timbre.features) / scale) ** 2 @ (weights / weights.sum())
        distances = np.sqrt(squares.mean(axis=1))
        order = np.argsort(distances, kind="stable")[:count]
        nearest = tuple(reference[i].program for i in order)
        verdicts.append(Verdict(timbre.program, nearest, tuple(float(distances[i]) for i in order)))
    return tuple(verdicts)


def _table(verdicts: Sequence[Verdict]) -> str:
    lines = ["program  nearest five (distance)                                      hit  of five"]
    for v in verdicts:
        near = "  ".join(f"{p:3d} ({d:.2f})" for p, d in zip(v.nearest, v.distances, strict=True))
        lines.append(f"{v.program:7d}  {near:58s}  {'yes' if v.hit else 'NO ':3s}  {v.share:.1f}")
    hits = np.mean([v.hit for v in verdicts])
    shares = np.mean([v.share for v in verdicts])
    lines.append(
        f"nearest in its own family: {hits:.0%} of {len(verdicts)}; of the nearest five: {shares:.0%}"
    )
    return "\n".join(lines)


def main() -> None:
    """Print the table for a font against a reference font."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("font", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--programs", default="", help="numbers with commas; all melodic ones unless told")
    choice = parser.parse_args()
    programs = [int(p) for p in choice.programs.split(",") if p] or range(N_PROGRAMS)
    verdicts = recognise(describe(choice.font, programs), describe(choice.reference))
    sys.stdout.write(_table(verdicts) + "\n")


if __name__ == "__main__":
    main()
