"""The six tunes kept as readable text; run this file to write them anew, on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calmando.compose.tune import compose_tune
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_text import tune_text
from calmando.rng import Stream
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key, pitch_class

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class GoldenTune:
    """A tune to keep: where it stands and its seed."""

    tonic: str
    mode: str
    metre: str
    seed: int
    n_bars: int = 16
    phrase_bars: int = 4

    @property
    def path(self) -> Path:
        """The text it is kept in."""
        return FOLDER / f"tune-{self.mode}-{self.metre.replace('/', '')}.txt"

    def text(self) -> str:
        """The tune as composed now."""
        brief = TuneBrief(
            Key(pitch_class(self.tonic), MODES[self.mode]),
            METRES[self.metre],
            n_bars=self.n_bars,
            phrase_bars=self.phrase_bars,
        )
        return tune_text(compose_tune(brief, stream=Stream(self.seed, "golden")))


GOLDEN_TUNES = (
    GoldenTune("F", "major", "6/8", 1),
    GoldenTune("G", "major", "4/4", 2, n_bars=8, phrase_bars=2),
    GoldenTune("E", "minor", "3/4", 7),
    GoldenTune("D", "dorian", "2/4", 7),
    GoldenTune("F", "lydian", "3/4", 5),
    GoldenTune("A", "minor-pentatonic", "4/4", 6, n_bars=12, phrase_bars=3),
)

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for golden in GOLDEN_TUNES:
        golden.path.write_text(golden.text(), encoding="utf-8")
