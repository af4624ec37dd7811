"""The pictures of the report: piano roll, tempo, loudness, density, brightness, breaths; each with its words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calmando.audit.judge import shown
from calmando.audit.model import Audit, Bound, Curve, DrawnPart, DrawnSpan
from calmando.audit.report.plot import WIDTH, Plot, n, picture, text
from calmando.score.model import Role
from calmando.theory.pitch import pitch_name
from calmando.units import Seconds

_NO_BOUND = Bound()
_ROLL_HEIGHT = 300.0
_LANE = 13.0
_SMALL = 160.0
_LOUD = 220.0
_NARROWEST = 0.5
_HARMONIES = 3


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A colour of the piano roll: its style class and what it stands for."""

    style: str
    name: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its heading and a sentence under it; ``svg`` is complete."""

    heading: str
    svg: str
    caption: str
    legend: tuple[LegendEntry, ...] = ()


def pictures(audit: Audit) -> tuple[Picture, ...]:
    """Every picture that there is something to draw for."""
    drawn = (_piano_roll, _tempo, _loudness, _density, _brightness, _breaths)
    return tuple(made for make in drawn if (made := make(audit)) is not None)


def _piano_roll(audit: Audit) -> Picture | None:
    tones = [part for part in audit.parts if not _is_lane(part) and part.notes]
    lanes = [part for part in audit.parts if _is_lane(part) and part.notes]
    if not tones and not lanes:
        return None
    pitches = [note.pitch for part in tones for note in part.notes] or [60]
    low, high = min(pitches) - 2, max(pitches) + 2
    plot = Plot(
        audit.length_s, low, high, _ROLL_HEIGHT + _LANE * len(lanes), top=34, bottom=26 + _LANE * len(lanes)
    )
    height = plot.floor + _LANE * len(lanes) + 26
    body = [_section_bands(plot, audit.sections, height), _pitch_lines(plot, low, high)]
    thickness = max((plot.floor - plot.top) / (high - low) * 0.8, 2.2)
    styles = _styles((*tones, *lanes))
    body += [_note_path(plot, part, style, thickness) for part, style in zip(tones, styles, strict=False)]
    for index, part in enumerate(lanes):
        body.append(_lane(plot, part, styles[len(tones) + index], plot.floor + _LANE * (index + 0.5)))
    axis = Plot(audit.length_s, 0, 1, height, top=height - 26)
    body.append(axis.time_axis())
    n_notes = sum(len(part.notes) for part in audit.parts)
    named = pitch_name if audit.key is None else audit.key.pitch_name
    words = (
        f"{n_notes} notes in {len(tones) + len(lanes)} parts ({', '.join(p.name for p in (*tones, *lanes))}), from "
        f"{named(min(pitches))} to {named(max(pitches))}"
    )
    sections = (
        f"; sections: {', '.join(dict.fromkeys(s.label for s in audit.sections))}" if audit.sections else ""
    )
    return Picture(
        "The whole piece",
        picture("roll", "Piano roll", f"{words}{sections}.", height, body),
        f"{words}. Height is pitch; every stroke is a note.",
        tuple(
            LegendEntry(style, _legend_name(part))
            for style, part in zip(styles, (*tones, *lanes), strict=True)
        ),
    )


def _is_lane(part: DrawnPart) -> bool:
    toneless = (Role.HEARTBEAT.value, Role.AMBIENCE.value, Role.BREATH.value)
    return part.is_percussion or part.role in toneless


def _legend_name(part: DrawnPart) -> str:
    return part.name if part.name.casefold().startswith(part.role) else f"{part.name} ({part.role})"


def _styles(parts: Sequence[DrawnPart]) -> tuple[str, ...]:
    """A style a part: that of its role; further harmonies have colours of their own."""
    styles: list[str] = []
    for part in parts:
        style = "r-" + part.role.replace(" ", "-")
        again = sum(name.startswith(style) for name in styles)
        styles.append(f"{style} {style}-{min(again + 1, _HARMONIES)}" if again else style)
    return tuple(styles)


def _note_path(plot: Plot, part: DrawnPart, style: str, thickness: float) -> str:
    """All notes of a part as strokes of one path; strokes that would coincide are drawn once."""
    strokes = {
        (
            n(plot.x(note.onset_s)),
            n(plot.y(note.pitch)),
            n(max(plot.x(note.end_s) - plot.x(note.onset_s) - 0.3, _NARROWEST)),
        ): None
        for note in part.notes
    }
    path = "".join(f"M{x} {y}h{wide}" for x, y, wide in strokes)
    return f'<path class="notes {style}" stroke-width="{n(thickness)}" d="{path}"/>'


def _lane(plot: Plot, part: DrawnPart, style: str, y: float) -> str:
    strokes = {
        (n(plot.x(note.onset_s)), n(max(plot.x(note.end_s) - plot.x(note.onset_s), 0.6))): None
        for note in part.notes
    }
    held = part.role in (Role.AMBIENCE.value, Role.BREATH.value)
    wide = "" if held else "0.6"
    path = "".join(f"M{x} {n(y)}h{wide or length}" for x, length in strokes)
    return f'<path class="notes {style}" stroke-width="{n(_LANE * 0.5)}" d="{path}"/>'


def _pitch_lines(plot: Plot, low: int, high: int) -> str:
    parts = []
    for pitch in range(low, high + 1):
        if pitch % 12 == 0:
            y = n(plot.y(pitch))
            parts.append(
                f'<line class="grid" x1="{n(plot.left)}" x2="{n(WIDTH - plot.right)}" y1="{y}" y2="{y}"/>'
            )
            parts.append(text(plot.left - 7, plot.y(pitch) + 4, pitch_name(pitch), "end"))
    return "".join(parts)


def _section_bands(plot: Plot, sections: Sequence[DrawnSpan], height: float) -> str:
    """Every other section lightly shaded; names where there is room for them."""
    parts, free_from = [], 0.0
    for index, section in enumerate(sections):
        x, end = plot.x(section.onset_s), plot.x(section.end_s)
        if index % 2:
            parts.append(
                f'<rect class="section" x="{n(x)}" y="24" width="{n(max(end - x, 0))}" height="{n(height - 50)}"/>'
            )
        needed = 6.2 * len(section.label) + 8
        if x >= free_from and x + needed <= WIDTH:
            parts.append(text(x + 2, 16, section.label, "start", "note"))
            free_from = x + needed
    return "".join(parts)


def _tempo(audit: Audit) -> Picture | None:
    written, heard = audit.curve("tempo"), audit.curve("tempo-heard")
    if heard is not None and not any(math.isfinite(value) for value in heard.values):
        heard = None
    values = _values(written) + _values(heard)
    if not values:
        return None
    plot = Plot(audit.length_s, *_room(values, least=8.0), _SMALL + 20)
    body = [plot.value_axis("beats a minute"), plot.time_axis()]
    if written is not None:
        body.append(plot.line(written.times_s, written.values, "line"))
    if heard is not None:
        body.append(plot.dots(heard.times_s, heard.values, "dots"))
    if written is not None:
        first, last = shown(written.values[0], 0), shown(written.values[-1], 0)
        words = (
            f"Written: {first} beats a minute throughout."
            if max(written.values) - min(written.values) < 0.5
            else f"Written: from {first} to {last} beats a minute."
        )
    else:
        words = "As heard in the sound."
    if heard is not None and written is not None:
        words += " Dots: as heard in the sound, where a beat stands out clearly."
    return Picture("Tempo", picture("tempo", "Tempo over time", words, _SMALL + 20, body), words)


def _loudness(audit: Audit) -> Picture | None:
    curve = audit.curve("loudness")
    values = _values(curve)
    if curve is None or not values:
        return None
    bound = _bound(audit, "loudness")
    low = min(max(min(values), max(values) - 36), 0.0 if bound.low is None else bound.low)
    plot = Plot(audit.length_s, math.floor(low / 6) * 6, 0.0, _LOUD)
    body = [plot.value_axis("LUFS, dBTP", n_ticks=6), plot.time_axis()]
    if bound.low is not None and bound.high is not None:
        body.insert(0, plot.band(bound.low, bound.high))
        target = (bound.low + bound.high) / 2
        body.append(plot.level(target, f"target {shown(target, 0)} LUFS"))
    ceiling = _bound(audit, "true-peak").high
    if ceiling is not None:
        body.append(plot.level(ceiling, f"ceiling of peaks {shown(ceiling, 0)} dBTP", "ceiling"))
    body.append(plot.line(curve.times_s, curve.values, "line"))
    step = _value(audit, "loudness-step")
    at = next((f.at_s for f in audit.findings if f.key == "loudness-step"), None)
    if step is not None and at is not None and step > 0:
        body.append(plot.moment(at, f"largest step {shown(step, 1)} LU"))
    integrated, peak = _value(audit, "loudness"), _value(audit, "true-peak")
    words = "Three-second loudness"
    words += f"; of the whole piece {shown(integrated, 1)} LUFS" if integrated is not None else ""
    words += f"; highest peak {shown(peak, 1)} dBTP" if peak is not None else ""
    return Picture("Loudness", picture("loud", "Loudness over time", words + ".", _LOUD, body), words + ".")


def _density(audit: Audit) -> Picture | None:
    curve = audit.curve("density")
    values = _values(curve)
    if curve is None or not values:
        return None
    most = _bound(audit, "onset-density").high
    plot = Plot(audit.length_s, 0, max(*values, (most or 0) * 1.15, 1.0), _SMALL)
    width = curve.times_s[1] - curve.times_s[0] if len(curve.times_s) > 1 else 5.0
    body = [plot.value_axis("onsets a second", n_ticks=3), plot.time_axis()]
    body.append(plot.bars(curve.times_s, curve.values, width, "bars"))
    if most is not None:
        body.append(plot.level(most, f"at most {shown(most, 0)}"))
    words = f"How much begins in every second, in stretches of five seconds: at most {shown(max(values), 1)}."
    return Picture("Density", picture("density", "Density over time", words, _SMALL, body), words)


def _brightness(audit: Audit) -> Picture | None:
    curve = audit.curve("brightness")
    values = _values(curve)
    if curve is None or not values:
        return None
    most = _bound(audit, "brightness").high
    plot = Plot(audit.length_s, 0, max(*values, (most or 0) * 1.15) * 1.02, _SMALL)
    body = [plot.value_axis("hertz", n_ticks=3), plot.time_axis()]
    body.append(plot.line(curve.times_s, curve.values, "line"))
    if most is not None:
        body.append(plot.level(most, f"at most {shown(most, 0)} Hz"))
    middle = sorted(values)[len(values) // 2]
    words = f"The centre of the sound's energy, mostly around {shown(middle, 0)} Hz."
    return Picture("Brightness", picture("bright", "Brightness over time", words, _SMALL, body), words)


def _breaths(audit: Audit) -> Picture | None:
    if not audit.breaths:
        return None
    rates = [60 / (span.end_s - span.onset_s) for span in audit.breaths if span.end_s > span.onset_s]
    bound = _bound(audit, "breath-rate")
    low, high = _room([*rates, *(v for v in (bound.low, bound.high) if v is not None)], least=3.0)
    plot = Plot(audit.length_s, max(low, 0.0), high, _SMALL)
    times: list[Seconds] = []
    values: list[float] = []
    for span, rate in zip(audit.breaths, rates, strict=False):
        times += [span.onset_s, span.end_s]
        values += [rate, rate]
    body = [plot.band(bound.low, bound.high), plot.value_axis("breaths a minute", n_ticks=4)]
    body += [plot.time_axis(), plot.line(times, values, "line")]
    words = f"{len(rates)} breaths, from {shown(rates[0], 1)} to {shown(rates[-1], 1)} a minute."
    return Picture("Paced breaths", picture("breath", "Breaths over time", words, _SMALL, body), words)


def _values(curve: Curve | None) -> list[float]:
    return [value for value in curve.values if math.isfinite(value)] if curve is not None else []


def _value(audit: Audit, key: str) -> float | None:
    return next((finding.value for finding in audit.findings if finding.key == key), None)


def _bound(audit: Audit, key: str) -> Bound:
    return next((f.bound for f in audit.findings if f.key == key and f.bound is not None), _NO_BOUND)


def _room(values: Sequence[float], *, least: float) -> tuple[float, float]:
    """A range that holds the values with some room, and is not too narrow."""
    low, high = min(values), max(values)
    missing = max(least - (high - low), 0.0) / 2
    margin = (high - low) * 0.08
    return math.floor(low - missing - margin), math.ceil(high + missing + margin)
