"""Draws a score: a piano roll with its sections, and below it the curve of the tempo."""

from __future__ import annotations

import contextlib
import io
import itertools
import logging
import os
import threading
import warnings
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from calmando.errors import InputError, shown
from calmando.score.model import Part, Role, Score
from calmando.theory.percussion import DRUM_BANK
from calmando.theory.programs import program_name
from calmando.theory.scale import PITCH_CLASS_NAMES
from calmando.whole_file import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PICTURE_SUFFIXES = (".png", ".svg")
_COLOURS = {
    Role.MELODY: "#1b4965",
    Role.SECOND: "#2f7fb5",
    Role.HARMONY: "#3f7d4f",
    Role.BASS: "#54593f",
    Role.PULSE: "#bc6c25",
    Role.HEARTBEAT: "#c1666b",
    Role.BREATH: "#65659f",
    Role.AMBIENCE: "#75664f",
}
_FURTHER_COLOURS = ("#8a6a05", "#416aa8", "#8a558c", "#6f6252")
"""For the second, third… part of a role."""
_BACK_ALPHA = 0.75
_FRONT = (Role.MELODY, Role.SECOND, Role.HEARTBEAT, Role.PULSE)
_IN_MINUTES_FROM_S = 120.0
_MOST_NAMED, _LONGEST_LABEL, _MOST_COLUMNS = 19, 40, 5
_WIDEST_LEGEND = 0.93
"""Against the whole picture: what is left of it beside the names of the notes."""

_drawing = threading.Lock()
"""One picture at a time: matplotlib's settings, and the variables that it reads, are the whole program's."""


def write_picture(score: Score, path: Path) -> None:
    """Draw a score into a ``.png`` or ``.svg`` file, whole or not at all.

    Raises
    ------
    InputError
        Where the environment keeps matplotlib from beginning.
    OutputError
        Where the file cannot be written.
    """
    with _drawing:
        picture = _drawn(score, path.suffix.lower().removeprefix("."))
    write_bytes(path, picture)


def _drawn(score: Score, kind: str) -> bytes:
    """The score as a picture of a kind (``png`` or ``svg``)."""
    try:
        with _without_its_warnings():
            from matplotlib import rc_context
            from matplotlib.figure import Figure
    except ValueError:  # it reads one variable of the environment as it is imported
        if "MPLBACKEND" not in os.environ:
            raise
        raise InputError(
            "The picture cannot be drawn.",
            f"MPLBACKEND is {os.environ['MPLBACKEND']}, which matplotlib does not know.",
            "Correct or remove this environment variable.",
        ) from None

    with (
        rc_context(
            {
                "svg.hashsalt": "calmando",
                "font.size": 9,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "text.parse_math": False,  # a title with dollars is no formula
            }
        ),
        warnings.catch_warnings(),
    ):
        # Signs that its font lacks are drawn as boxes: the picture is none the worse.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure = Figure(figsize=(11, 5.2), layout="constrained")
        roll, tempo = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        unit_s, unit = (60.0, "minutes") if score.length_s > _IN_MINUTES_FROM_S else (1.0, "seconds")
        _draw_roll(roll, score, unit_s)
        _draw_tempo(tempo, score, unit_s)
        tempo.set_xlabel(unit)
        tempo.set_xlim(0, score.length_s / unit_s)
        figure.suptitle(shown(score.title), x=0.01, ha="left", fontsize=12)
        buffer = io.BytesIO()
        metadata = {"Date": None, "Creator": "Calmando"} if kind == "svg" else {"Software": "Calmando"}
        with _without_source_date():
            figure.savefig(buffer, format=kind, dpi=110, metadata=metadata)
    return buffer.getvalue()


@contextlib.contextmanager
def _without_its_warnings() -> Iterator[None]:
    """Keep to itself what matplotlib says where it has no folder for its cache: the picture is none the worse."""
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


@contextlib.contextmanager
def _without_source_date() -> Iterator[None]:
    """Keep the date of a build from matplotlib: no picture carries it, and one that is no date would break it."""
    date = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        yield
    finally:
        if date is not None:
            os.environ["SOURCE_DATE_EPOCH"] = date


def _draw_roll(axes: Axes, score: Score, unit_s: float) -> None:
    """Notes as bars: the tune in front, drums on a line of their own below."""
    pitched = [note.pitch for part in score.parts if not part.strip.is_percussion for note in part.notes]
    lowest = min(pitched, default=48)
    colours = _colours(score)
    parts = sorted(score.parts, key=lambda part: part.strip.role in _FRONT)
    for part in parts:
        if part.notes:
            _draw_part(axes, part, colours[part.strip.name], score, unit_s, lowest)
    _draw_sections(axes, score, unit_s)
    ticks = [
        pitch
        for pitch in range(128)
        if pitch % 12 == 0 and lowest - 1 <= pitch <= max(pitched, default=72) + 1
    ]
    axes.set_yticks(ticks, [f"{PITCH_CLASS_NAMES[pitch % 12]}{pitch // 12 - 1}" for pitch in ticks])
    axes.grid(axis="y", color="#eeeeee", linewidth=0.6)
    axes.set_axisbelow(True)
    _name_parts(axes)


def _name_parts(axes: Axes) -> None:
    """A legend above the roll, as wide as it at most: others' files have dozens of parts, with names of any length."""
    from matplotlib.patches import Patch

    handles, labels = axes.get_legend_handles_labels()
    named = [
        label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
        for label in labels[:_MOST_NAMED]
    ]
    handles = handles[:_MOST_NAMED]
    if len(labels) > _MOST_NAMED:
        named.append(f"and {len(labels) - _MOST_NAMED} more")
        handles.append(Patch(visible=False))
    for n_columns in range(min(len(named), _MOST_COLUMNS), 0, -1):
        legend = axes.legend(
            handles,
            named,
            loc="lower right",
            bbox_to_anchor=(1.0, 1.06),
            fontsize=7,
            frameon=False,
            ncols=n_columns,
        )
        if legend.get_window_extent().width <= _WIDEST_LEGEND * axes.figure.bbox.width:
            return


def _colours(score: Score) -> dict[str, str]:
    """A colour for every part that sounds: its role's, or a further one where the role has it already."""
    chosen: dict[str, str] = {}
    further = itertools.cycle(_FURTHER_COLOURS)
    taken: set[Role] = set()
    for part in (part for part in score.parts if part.notes):
        role = part.strip.role
        chosen[part.strip.name] = next(further) if role in taken else _COLOURS[role]
        taken.add(role)
    return chosen


def _draw_sections(axes: Axes, score: Score, unit_s: float) -> None:
    """A dotted line where a section begins, with its name where there is room for it."""
    width = score.length_s / unit_s
    free_from = -width
    for section in score.sections:
        x = score.tempo_map.seconds_at(section.onset_ticks) / unit_s
        axes.axvline(x, color="#767676", linewidth=0.6, linestyle=":")
        if x >= free_from:
            axes.text(
                x,
                1.01,
                shown(section.name),
                in_layout=False,  # a long one near the end takes no room from the notes
                transform=axes.get_xaxis_transform(),
                fontsize=7,
                color="#555555",
                clip_on=False,
            )
            free_from = x + width * (0.015 + 0.0058 * len(section.name))


def _draw_part(axes: Axes, part: Part, colour: str, score: Score, unit_s: float, lowest: int) -> None:
    from matplotlib.collections import PolyCollection

    strip = part.strip
    bank = DRUM_BANK if strip.is_percussion else strip.bank
    boxes = []
    keys = sorted({note.pitch for note in part.notes})
    for note in part.notes:
        start = score.tempo_map.seconds_at(note.onset_ticks) / unit_s
        end = score.tempo_map.seconds_at(note.end_ticks) / unit_s
        y = float(lowest - 4 - bisect_left(keys, note.pitch)) if strip.is_percussion else float(note.pitch)
        boxes.append([(start, y - 0.4), (start, y + 0.4), (end, y + 0.4), (end, y - 0.4)])
    front = strip.role in _FRONT
    axes.add_collection(
        PolyCollection(
            boxes,
            facecolors=colour,
            edgecolors=colour,
            linewidths=0.3,
            snap=False,  # set on whole pixels, even beats would bunch
            alpha=1.0 if front else _BACK_ALPHA,
            # What begins with an underscore stands in no legend.
            label=shown(f"{strip.name} ({program_name(strip.program, bank)})").lstrip("_"),
        )
    )
    axes.autoscale_view()


def _draw_tempo(axes: Axes, score: Score, unit_s: float) -> None:
    metre = score.metres[0].metre
    changes = score.tempo_map.changes
    times = [score.tempo_map.seconds_at(change.ticks) / unit_s for change in changes]
    values = [metre.bpm(change.us_per_quarter) for change in changes]
    axes.step(
        [*times, score.length_s / unit_s], [*values, values[-1]], where="post", color="#1b4965", linewidth=1.4
    )
    middle, half = (max(values) + min(values)) / 2, max((max(values) - min(values)) / 2, 3.0)
    axes.set_ylim(middle - 1.3 * half, middle + 1.3 * half)
    axes.set_ylabel("BPM")
    axes.grid(axis="y", color="#eeeeee", linewidth=0.6)
