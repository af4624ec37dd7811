"""How equal the mix of the bank is to FluidSynth playing every note, dry, over a piece of each preset.

Prints two levels in dB, relative to the sound: over all, and outside the first 128 frames after every onset.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calmando import api
from calmando.performance import Performance, perform
from calmando.preset.load import found_presets
from calmando.resources import soundfonts_folder
from calmando.sound.engine import Engine, EngineOptions, Way

SEED = 7
SAMPLE_RATE = 44_100
ONSET_FRAMES = 128
SYSTEM_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")


def played(performance: Performance, font: Path, way: Way) -> NDArray[np.float64]:
    """The dry sound, shape (n_frames, 2)."""
    with Engine(performance, (font,), EngineOptions(way=way, reverb=False)) as engine:
        return np.concatenate(list(engine.blocks(0.0))).astype(np.float64)


def away_from_onsets(performance: Performance) -> NDArray[np.bool_]:
    """Which frames are not among the first after an onset."""
    away = np.ones(performance.total_frames, bool)
    for part in performance.parts:
        for onset in part.notes.onset_frames.tolist():
            away[onset : onset + ONSET_FRAMES] = False
    return away


def level_db(error: NDArray[np.float64], sound: NDArray[np.float64]) -> float:
    """RMS of an error relative to that of the sound."""
    return 10.0 * math.log10(max(float(np.mean(error**2)), 1e-30) / float(np.mean(sound**2)))


def lines(fonts: Sequence[Path], minutes: float) -> Iterator[str]:
    """The table, line by line as it is measured."""
    yield f"| preset, {minutes:g} min | SoundFont | over all | away from onsets |"
    yield "|---|---|---|---|"
    for found in found_presets():
        performance = perform(api.compose(api.recipe(found.name, seed=SEED, minutes=minutes)), SAMPLE_RATE)
        away = away_from_onsets(performance)
        for font in fonts:
            bank, direct = (played(performance, font, way) for way in (Way.BANK, Way.DIRECT))
            over_all = level_db(bank - direct, direct)
            outside = level_db((bank - direct)[away], direct[away])
            yield f"| {found.name} | {font.stem} | {over_all:.0f} dB | {outside:.0f} dB |"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--fonts", type=Path, nargs="+", default=None)
    asked = parser.parse_args()
    fonts = asked.fonts or [
        font for font in (soundfonts_folder() / "calmando.sf2", SYSTEM_FONT) if font.exists()
    ]
    for line in lines(fonts, asked.minutes):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
