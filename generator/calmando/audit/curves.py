"""What changes over time, as curves and spans for the pictures of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calmando.audit.heard import pulse
from calmando.audit.listen import Heard
from calmando.audit.model import Curve, DrawnNote, DrawnPart, DrawnSpan
from calmando.audit.music import Music, Span
from calmando.audit.read_heard import planned_tempo
from calmando.audit.written.density import density_curve
from calmando.audit.written.tempo import tempo_curve
from calmando.units import Seconds

_MOST_POINTS = 1200
_COLOUR_S: Seconds = 5.0
_SILENT_LUFS = -70.0


def curves_of(music: Music | None, heard: Heard | None) -> tuple[Curve, ...]:
    """Every curve that can be drawn."""
    found: list[Curve] = []
    if music is not None:
        corners = tempo_curve(music.tempo, music.seconds_at(music.end_of_notes_beats))
        found.append(_curve("tempo", "Tempo as written", "BPM", *_columns(corners)))
        onsets = [note.onset_s for part in music.parts for note in part.notes]
        found.append(_curve("density", "Onsets", "onsets/s", *density_curve(onsets, music.length_s)))
    if heard is not None and not heard.is_silent:
        found.extend(_heard_curves(music, heard))
    return tuple(found)


def drawn_parts(music: Music) -> tuple[DrawnPart, ...]:
    """The parts for the piano roll."""
    return tuple(
        DrawnPart(
            part.name,
            part.role.value,
            part.is_percussion,
            tuple(DrawnNote(n.onset_s, n.end_s, n.pitch, n.velocity) for n in part.notes),
        )
        for part in music.parts
    )


def drawn_spans(spans: Sequence[Span]) -> tuple[DrawnSpan, ...]:
    """Sections or breaths for the pictures."""
    return tuple(DrawnSpan(span.onset_s, span.end_s, span.label) for span in spans)


def _heard_curves(music: Music | None, heard: Heard) -> list[Curve]:
    times = pulse.curve_times(heard.length_s)
    planned = planned_tempo(music, times) if music is not None else None
    heard_bpm = pulse.tempo_curve(heard.flux, heard.flux_hop_s, times, planned)
    found = [_curve("tempo-heard", "Tempo as heard", "BPM", times, heard_bpm)]
    short_term = heard.short_term_lufs
    window_middles = np.linspace(1.5, 1.5 + 0.1 * max(len(short_term) - 1, 0), len(short_term))
    loud = np.where(short_term > _SILENT_LUFS, short_term, np.nan)
    found.append(
        _curve("loudness", "Loudness", "LUFS", *_thinned(window_middles, np.asarray(loud, np.float64)))
    )
    found.append(_curve("brightness", "Brightness", "Hz", *_in_stretches(heard, heard.colour.centroid_hz)))
    if music is None:
        onsets = density_curve(heard.onsets_s.tolist(), heard.length_s)
        found.append(_curve("density", "Onsets heard", "onsets/s", *onsets))
    return found


def _in_stretches(heard: Heard, values: NDArray[np.float64]) -> tuple[tuple[Seconds, ...], tuple[float, ...]]:
    """The median of what sounds in stretches of five seconds, longer ones in long pieces."""
    colour = heard.colour
    width = max(_COLOUR_S, heard.length_s / _MOST_POINTS)
    n_stretches = max(math.ceil(heard.length_s / width), 1)
    index = np.minimum((colour.times_s / width).astype(int), n_stretches - 1)
    medians = tuple(
        float(np.median(inside)) if len(inside := values[(index == i) & colour.sounding]) else math.nan
        for i in range(n_stretches)
    )
    return tuple((i + 0.5) * width for i in range(n_stretches)), medians


def _thinned(
    times: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[tuple[Seconds, ...], tuple[float, ...]]:
    """At most some twelve hundred points."""
    every = max(math.ceil(len(times) / _MOST_POINTS), 1)
    return tuple(times[::every].tolist()), tuple(values[::every].tolist())


def _columns(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(x for x, _ in points), tuple(y for _, y in points)


def _curve(key: str, title: str, unit: str, times: tuple[float, ...], values: tuple[float, ...]) -> Curve:
    return Curve(key, title, unit, times, values)
