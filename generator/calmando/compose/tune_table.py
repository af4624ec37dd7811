"""The statistics of many tunes, mode by mode, beside the table of real lullabies."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum

from calmando.compose.tune import compose_tune
from calmando.compose.tune_brief import TuneBrief
from calmando.compose.tune_statistics import TuneStatistics, measure_tune
from calmando.rng import Stream
from calmando.score.tune import Tune
from calmando.theory.metre import METRES
from calmando.theory.scale import MODES, Key

DRONE = "drone"
"""The column of tunes over a drone (in dorian)."""
COLUMNS = (*MODES, DRONE)
_METRES = ("2/4", "3/4", "4/4", "6/8")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A figure: its name, the lullabies' value as printed, and how it is taken from many tunes' statistics."""

    name: str
    lullabies: str
    value: Callable[[Sequence[TuneStatistics]], float]


def tunes_of(column: str, n_tunes: int) -> list[Tune]:
    """Tunes of a mode (or over a drone), seeds from 0, in every metre, with and without upbeat, in every key."""
    drone = column == DRONE
    mode = MODES["dorian" if drone else column]
    return [
        compose_tune(
            TuneBrief(
                Key(seed % 12, mode), METRES[_METRES[seed % 4]], low_pitch=55, high_pitch=79, drone=drone
            ),
            stream=Stream(seed, "tune"),
        )
        for seed in range(n_tunes)
    ]


def _mean(of: Callable[[TuneStatistics], float]) -> Callable[[Sequence[TuneStatistics]], float]:
    return lambda tunes: fsum(of(tune) for tune in tunes) / len(tunes)


def _share(of: Callable[[TuneStatistics], bool]) -> Callable[[Sequence[TuneStatistics]], float]:
    return lambda tunes: sum(of(tune) for tune in tunes) / len(tunes)


def _contour(shape: str) -> Callable[[Sequence[TuneStatistics]], float]:
    return _share(lambda tune: tune.contour == shape)


def _interval(size: int) -> Callable[[Sequence[TuneStatistics]], float]:
    return _mean(lambda tune: tune.interval_shares[size])


def _unanswered(tunes: Sequence[TuneStatistics]) -> float:
    return sum(tune.unanswered_leaps for tune in tunes) / max(sum(tune.n_leaps for tune in tunes), 1)


def _has_single_peak(tune: TuneStatistics) -> bool:
    return tune.n_peaks == 1 and 0.5 <= tune.peak_position <= 0.8


ROWS: tuple[TableRow, ...] = (
    *(
        TableRow(f"interval of {'8 or more' if size == 8 else size} st", share, _interval(size))
        for size, share in enumerate((".39", ".11", ".25", ".12", ".05", ".05", ".00", ".02", ".01"))
    ),
    TableRow("steps, of the moves", ".59", _mean(lambda tune: tune.steps)),
    TableRow("thirds, of the moves", ".28", _mean(lambda tune: tune.thirds)),
    TableRow("fourths, of the moves", ".09", _mean(lambda tune: tune.fourths)),
    TableRow("wider, of the moves", ".04", _mean(lambda tune: tune.wider)),
    TableRow("upward, of the moves", ".45", _mean(lambda tune: tune.upward)),
    TableRow("mean interval, st", "1.58 (1.29–2.07)", _mean(lambda tune: tune.mean_interval)),
    TableRow("range, st", "9 (7–12)", _mean(lambda tune: float(tune.range_semitones))),
    TableRow("distinct pitches", "6", _mean(lambda tune: float(tune.distinct_pitches))),
    TableRow("distinct pitch classes", "6", _mean(lambda tune: float(tune.distinct_pitch_classes))),
    TableRow("contour arch", ".44", _contour("arch")),
    TableRow("contour falling", ".22", _contour("falling")),
    TableRow("contour valley", ".13", _contour("valley")),
    TableRow("contour rising", ".03", _contour("rising")),
    TableRow("H0, bits", "2.31 (2.14–2.58)", _mean(lambda tune: tune.entropy)),
    TableRow("H1, bits, 100 intervals", "1.55 (1.32–1.76)", _mean(lambda tune: tune.conditional_entropy)),
    TableRow("repetition, 100 intervals", ".49 (.33–.62)", _mean(lambda tune: tune.repetition)),
    TableRow("time on 1, 3, 5", "≥ .58", _mean(lambda tune: tune.stable_time)),
    TableRow("key clarity (Krumhansl–Kessler)", "", _mean(lambda tune: tune.key_clarity)),
    TableRow("notes a quarter", "", _mean(lambda tune: tune.notes_per_quarter)),
    TableRow("run of 4 or more equal notes", "≤ .05", _share(lambda tune: tune.longest_run >= 4)),
    TableRow("final note by step", "≥ .85", _share(lambda tune: tune.final_by_step)),
    TableRow(
        "final leapt to or repeated into",
        "≤ .01",
        _share(lambda tune: abs(tune.final_interval) not in (1, 2, 3)),
    ),
    TableRow("peak more than four times", "≤ .02", _share(lambda tune: tune.n_peaks > 4)),
    TableRow("single peak at 50–80 %", "≥ .70", _share(_has_single_peak)),
    TableRow("leaps of a fourth or more not answered", "≤ .08", _unanswered),
)
"""Every figure of the table. Ceilings and floors are design bounds; plain values are the lullabies' medians."""


def table_text(n_tunes: int, columns: Sequence[str] = COLUMNS) -> str:
    """The table as Markdown, from ``n_tunes`` tunes a column."""
    figures = [[measure_tune(tune) for tune in tunes_of(column, n_tunes)] for column in columns]
    lines = [
        f"| figure | lullabies or bound | {' | '.join(columns)} |",
        f"|---|---|{'---|' * len(columns)}",
    ]
    for row in ROWS:
        values = " | ".join(f"{row.value(tunes):.2f}" for tunes in figures)
        lines.append(f"| {row.name} | {row.lullabies} | {values} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Print the table: ``[tunes a mode] [mode …]``."""
    n_tunes = int(arguments[0]) if arguments else 200
    sys.stdout.write(table_text(n_tunes, arguments[1:] or COLUMNS))


if __name__ == "__main__":
    main(sys.argv[1:])
