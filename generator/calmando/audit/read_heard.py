"""Takes every measure of what sounds: what was heard becomes readings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from calmando.audit.heard import arc, pulse
from calmando.audit.heard.ending import ending_of
from calmando.audit.heard.envelope import Rise, entry_rises_db, largest_entry, largest_rise
from calmando.audit.judge import Reading
from calmando.audit.listen import Heard
from calmando.audit.music import Music
from calmando.audit.written.density import busiest_window
from calmando.units import Bpm, Seconds

GENTLE_STEP_DB = 8.0
STANDING_OUT_DB = 11.0
GENTLE_ENTRY_DB = 6.0
_FEWEST_CLEAR_WINDOWS = 3
_SILENT_MEAN_SQUARE = 1e-7
_SHORTEST_FOR_CHANGE_S: Seconds = 3.0


def heard_readings(heard: Heard, music: Music | None) -> Iterator[Reading]:
    """Every reading of a sounding piece; of silence only that it is one."""
    loudness = heard.loudness
    yield Reading("silent", loudness.sample_peak_db if not heard.is_silent else -120.0)
    yield from _faults(heard)
    if heard.is_silent:
        return
    planned = music.fade_in_s if music is not None else None
    yield from _loudness(heard, max(planned or 0.0, arc.USUAL_FADE_IN_S))
    yield from _attacks(heard)
    yield from _colour(heard)
    yield from _ending(heard)
    yield _closing_silence(heard)
    if music is None:
        onsets = heard.onsets_s.tolist()
        busiest = busiest_window(onsets)
        yield Reading("onset-density", busiest.value, busiest.at_s)
    else:
        yield _tempo_heard(heard, music)


def planned_tempo(music: Music, times_s: Sequence[Seconds]) -> list[Bpm]:
    """The written tempo at moments."""
    onsets = [point.onset_s for point in music.tempo]
    indices = np.searchsorted(onsets, times_s, side="right") - 1
    return [music.tempo[max(int(index), 0)].bpm for index in indices]


def _faults(heard: Heard) -> Iterator[Reading]:
    yield Reading("clipping", float(heard.clipped_runs))
    yield Reading("constant-offset", heard.dc_offset_percent)
    yield Reading("broken-values", float(heard.not_finite))


def _loudness(heard: Heard, fade_in_s: Seconds) -> Iterator[Reading]:
    loudness = heard.loudness
    short = f"The sound lasts {heard.length_s:.1f} s, too short for this."
    yield Reading("loudness", _finite(loudness.integrated_lufs), why_not=short)
    yield Reading("loudness-range", _finite(loudness.range_lu), why_not=short)
    yield Reading("true-peak", _finite(loudness.true_peak_db))
    if heard.length_s < 6.0 or not math.isfinite(loudness.integrated_lufs):
        yield from (
            Reading(key, None, why_not=short)
            for key in ("loudness-step", "loudest-moment", "swell", "sudden-rise")
        )
    else:
        windows = heard.short_term_lufs
        sounding = arc.windows_that_sound(heard.mean_squares, heard.envelope_hop_s, len(windows))
        step = arc.largest_step(windows, loudness.integrated_lufs, sounding, fade_in_s=fade_in_s)
        swell = arc.steepest_swell(windows, loudness.integrated_lufs, sounding, fade_in_s=fade_in_s)
        rise = largest_rise(heard.mean_squares, heard.envelope_hop_s)
        yield Reading("loudness-step", step.value, step.at_s)
        loudest = arc.loudest_moment(heard.momentary_lufs, loudness.integrated_lufs)
        yield Reading("loudest-moment", loudest.value, loudest.at_s)
        yield Reading("swell", swell.value, swell.at_s)
        yield Reading("sudden-rise", rise.rise_db, rise.at_s)
    entry = _entry(heard)
    yield Reading("entry", entry.rise_db, entry.at_s)


def _entry(heard: Heard) -> Rise:
    return largest_entry(heard.mean_squares, heard.envelope_hop_s)


def _attacks(heard: Heard) -> Iterator[Reading]:
    attacks = heard.attacks
    if not len(attacks.times_s):
        why = "No note stands out enough to measure how it comes up."
        yield from (Reading(key, None, why_not=why) for key in ("attack", "first-attack"))
        return
    middle_ms = float(np.median(attacks.rise_s)) * 1000
    step = float(np.median(attacks.step_db))
    excuse = (
        f"Notes come up in {middle_ms:.0f} ms, as plucked and struck ones do, but stand only {max(step, 0):.1f} dB above "
        "what sounded before: they are soft."
    )
    yield Reading(
        "attack",
        middle_ms,
        excuse=excuse if step <= GENTLE_STEP_DB else "",
        doubtful=step <= STANDING_OUT_DB,
    )
    if not attacks.from_silence.any():
        yield Reading("first-attack", None, why_not="No note comes out of silence.")
        return
    yield _first_attack(heard)


def _first_attack(heard: Heard) -> Reading:
    """The quickest of the attacks out of silence that are loud; where all are soft, the quickest, excused."""
    attacks = heard.attacks
    starts = [round(at_s / heard.envelope_hop_s) for at_s in attacks.times_s]
    entry_db = entry_rises_db(heard.mean_squares, heard.envelope_hop_s, starts)
    loud = attacks.from_silence & (entry_db > GENTLE_ENTRY_DB)
    found = int(np.argmin(np.where(loud if loud.any() else attacks.from_silence, attacks.rise_s, np.inf)))
    rise_ms = float(attacks.rise_s[found]) * 1000
    gentle = f"Out of silence, sound comes up in {rise_ms:.0f} ms, but softly: {entry_db[found]:.1f} dB against the rest."
    return Reading(
        "first-attack",
        rise_ms,
        float(attacks.times_s[found]),
        excuse="" if loud.any() else gentle.replace("-", "−"),
    )


def _colour(heard: Heard) -> Iterator[Reading]:
    colour = heard.colour
    if not colour.sounding.any():
        why = "Too little sounds to tell its colour."
        keys = ("brightness", "bright-share", "roll-off", "presence", "flux", "sub-bass")
        yield from (Reading(key, None, why_not=why) for key in keys)
        return
    nyquist = heard.sample_rate / 2
    yield Reading("brightness", float(np.median(colour.centroid_hz[colour.sounding])))
    yield Reading("bright-share", 100 * colour.bright_share)
    yield Reading("roll-off", float(np.median(colour.roll_off_hz[colour.sounding])))
    narrow = f"The file holds nothing above {nyquist / 1000:.1f} kHz."
    presence = _db(colour.presence_share) if nyquist > 5000 else None
    yield Reading("presence", presence, why_not=narrow)
    brief = f"The sound lasts {heard.length_s:.1f} s, too short for this."
    yield Reading("flux", _usual_flux(heard), why_not=brief)
    yield Reading("sub-bass", _db(colour.sub_bass_share))


def _usual_flux(heard: Heard) -> float | None:
    """The 95th percentile of the change, in percent; of a moment's sound none, which is nearly all beginning."""
    changing = heard.flux[heard.flux > 0]
    if heard.length_s < _SHORTEST_FOR_CHANGE_S or not len(changing):
        return None
    return 100 * float(np.percentile(changing, 95))


def _ending(heard: Heard) -> Iterator[Reading]:
    end = ending_of(heard.mean_squares, heard.envelope_hop_s)
    if end is None:
        why = f"The sound lasts {heard.length_s:.1f} s, too short to say how it ends."
        yield from (Reading(key, None, why_not=why) for key in ("fade-heard", "breaking-off"))
        return
    yield Reading("fade-heard", end.fade_s, end.starts_s)
    yield Reading("breaking-off", end.last_second_under_db, end.gone_s)


def _closing_silence(heard: Heard) -> Reading:
    sounding = np.flatnonzero(heard.mean_squares > _SILENT_MEAN_SQUARE)
    end = (int(sounding[-1]) + 1) * heard.envelope_hop_s if len(sounding) else 0.0
    return Reading("closing-silence", max(heard.length_s - end, 0.0), end)


def _tempo_heard(heard: Heard, music: Music) -> Reading:
    times = pulse.curve_times(heard.length_s)
    planned = planned_tempo(music, times)
    values = pulse.tempo_curve(heard.flux, heard.flux_hop_s, times, planned)
    errors = [abs(v / p - 1) * 100 for v, p in zip(values, planned, strict=True) if math.isfinite(v)]
    why = "No beat stands out clearly enough in the sound to measure its tempo."
    enough = len(errors) >= _FEWEST_CLEAR_WINDOWS
    return Reading("tempo-heard", float(np.median(errors)) if enough else None, why_not=why)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _db(share: float) -> float:
    return 10 * math.log10(max(share, 1e-12))
