"""Takes every measure of what is written: music becomes readings."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from calmando.audit.judge import Reading
from calmando.audit.music import Music, MusicNote, Span
from calmando.audit.standard import Standard
from calmando.audit.written import close, density, harmony, line, phrases, rhythm, tempo, tonality
from calmando.preset.model import Intent
from calmando.score.model import Role
from calmando.score.pace import At, steepest_slope, while_sounding

_HOME_SHARE = 40.0
_HOME_SHARE_MODAL = 35.0
_ONE_SCALE = 95.0
_NO_BREATH_ANY_MORE = 1.3
_WIDEST_GAPPED_MEAN = 2.9
_BPM_DIGITS = 3
"""A tempo is whole microseconds a quarter note, as in MIDI: up to 200 beats a minute less than a thousandth of one."""
_FEWEST_NOTES = 8
_FEWEST_GUESSED_PHRASES = 3
_NO_TUNE = "No part is tune-like enough to be called the tune."
_TOO_FEW = "the tune has fewer than a hundred intervals, too few to compare with real lullabies."
_NO_SURPRISE = f"How much it surprises cannot be told: {_TOO_FEW}"
_NO_REPETITION = f"How much it repeats cannot be told: {_TOO_FEW}"


def written_readings(music: Music, standard: Standard) -> Iterator[Reading]:
    """Every reading of a written piece."""
    yield from _tempo(music)
    yield from _density(music)
    yield from _harmony(music)
    if music.tune is None or len(music.tune.notes) < _FEWEST_NOTES:
        yield from (Reading(key, None, why_not=_NO_TUNE) for key in _TUNE_KEYS)
    else:
        yield from _line(music.tune.notes)
        yield from _phrases(music, music.tune.notes, standard)
        yield from _rhythm(music, music.tune.notes)
    yield from _close(music)


_TUNE_KEYS = (
    *(
        "range",
        "steps",
        "wide-leaps",
        "mean-interval",
        "largest-interval",
        "contour",
        "upward",
        "phrase-ends",
    ),
    *("predictability", "repetition", "phrase-length", "rhythm-variety", "npvi", "syncopation", "tune-rests"),
)


def _at(key: str, found: At | None, why_not: str = "") -> Reading:
    return Reading(key, None, why_not=why_not) if found is None else Reading(key, found.value, found.at_s)


def _tempo(music: Music) -> Iterator[Reading]:
    end_beats = music.end_of_notes_beats
    sounding = while_sounding(music.tempo, end_beats)
    slowest, fastest = tempo.slowest(sounding), tempo.fastest(sounding)
    yield Reading("tempo-slowest", round(slowest.value, _BPM_DIGITS), slowest.at_s)
    yield Reading("tempo-fastest", round(fastest.value, _BPM_DIGITS), fastest.at_s)
    yield Reading("tempo-end", round(sounding[-1].bpm, _BPM_DIGITS))
    yield _at("tempo-drift", tempo.largest_drift(sounding, end_beats))
    yield _at("tempo-step", tempo.largest_step(sounding))
    yield _at("tempo-slope", steepest_slope(sounding, end_beats))
    yield Reading("closing-slowdown", tempo.closing_slowdown(sounding, end_beats))
    steady = [p for p in music.parts if p.role not in (Role.HEARTBEAT, Role.AMBIENCE, Role.BREATH)]
    jitter = tempo.beat_jitter([note.onset_beats for part in steady for note in part.notes])
    yield Reading("beat-jitter", jitter, why_not="Too few notes fall on beats to say how even they are.")


def _density(music: Music) -> Iterator[Reading]:
    struck = [p for p in music.parts if p.role not in (Role.AMBIENCE, Role.BREATH)]
    yield _at("onset-density", density.busiest_window([n.onset_s for p in struck for n in p.notes]))
    if music.tune is not None:
        yield Reading("tune-density", density.tune_density(music.tune.notes))
    own = [part.notes for part in struck if part.role is not Role.HEARTBEAT]
    yield Reading("accents", density.accent_share(own), why_not="There are too few notes to find accents in.")


def _harmony(music: Music) -> Iterator[Reading]:
    chords = harmony.sonorities(music.pitched)
    alone = "No tones sound together."
    yield Reading("roughness-mean", harmony.mean_roughness(chords), why_not=alone)
    yield _at("roughness-max", harmony.largest_roughness(chords), alone)
    yield Reading("semitones", harmony.semitone_share(chords), why_not=alone)
    yield _at("low-interval", harmony.smallest_low_interval(chords), "No two tones lie below C3.")
    yield from _key(music)


def _key(music: Music) -> Iterator[Reading]:
    windows = tonality.windows(music.pitched, music.beats_per_bar, music.end_of_notes_beats)
    felt = [key.clarity for weights in windows if (key := tonality.key_felt(weights)) is not None]
    kept = [share for weights in windows if (share := tonality.scale_share(weights)) is not None]
    why = "There are no tones to find a key in."
    yield Reading(
        "key-clarity", statistics.median(felt) if felt else None, excuse=_home_share(music), why_not=why
    )
    yield Reading("scale", statistics.median(kept) if kept else None, why_not=why)


def _home_share(music: Music) -> str:
    """A sentence where tonic and fifth alone carry the sense of home, as over a drone or in five tones."""
    weights = tonality.pitch_class_weights(music.pitched)
    felt = tonality.key_felt(weights)
    tonic = music.key.tonic if music.key else felt.tonic if felt else 0
    share = tonality.tonic_fifth_share(weights, tonic) or 0.0
    kept = tonality.scale_share(weights) or 0.0
    modal = music.key is not None and music.key.mode.name not in ("major", "minor")
    if kept < _ONE_SCALE or share < (_HOME_SHARE_MODAL if modal else _HOME_SHARE):
        return ""
    return f"It keeps to one scale, and tonic and fifth sound for {share:.0f} % of the time: home is always there."


def _line(notes: tuple[MusicNote, ...]) -> Iterator[Reading]:
    intervals = line.intervals_of(notes)
    never = "The tune never moves."
    yield _at("range", line.ambitus(notes))
    yield Reading("steps", line.step_share(notes), why_not=never)
    yield Reading("wide-leaps", line.wide_share(intervals), why_not=never)
    mean = line.mean_interval(intervals)
    gapped = mean is not None and line.is_gapped(notes) and mean <= _WIDEST_GAPPED_MEAN
    wide = (
        f"It moves {mean:.2f} semitones in the mean: among five tones even steps are wide." if gapped else ""
    )
    yield Reading("mean-interval", mean, excuse=wide, why_not=never)
    yield _at("largest-interval", line.largest_interval(notes), never)
    yield Reading("upward", line.upward_share(intervals), why_not=never)
    yield Reading("predictability", line.conditional_entropy(intervals), why_not=_NO_SURPRISE)
    repeated = line.repetition(intervals)
    yield Reading("repetition", None if repeated is None else 100 * repeated, why_not=_NO_REPETITION)


def _phrases(music: Music, notes: tuple[MusicNote, ...], standard: Standard) -> Iterator[Reading]:
    found = phrases.phrases_of(notes, music.phrases, music.beats_per_bar)
    short = "The tune has no phrase of four notes."
    guessed = not music.phrases
    if guessed and len(found) < _FEWEST_GUESSED_PHRASES:
        why = "Where its phrases begin and end could not be found."
        yield from (Reading(key, None, why_not=why) for key in ("contour", "phrase-ends", "phrase-length"))
        yield Reading("tune-rests", phrases.rest_share(notes))
        return
    yield Reading("contour", line.calm_contour_share(found), why_not=short, doubtful=guessed)
    ends = _settled_ends(music, found)
    yield Reading("phrase-ends", ends, why_not="The key is not known.", doubtful=guessed)
    lengths = phrases.phrase_lengths_s(found, music.phrases)
    middle_s = statistics.median(lengths) if lengths else None
    yield Reading("phrase-length", middle_s, why_not="No phrases were found.", doubtful=guessed)
    if _is_paced(standard) and music.phrases:
        later = breaths_of(music)[len(music.phrases) // 2 :]
        yield Reading("breath-rate", 60 / statistics.median(b.end_s - b.onset_s for b in later))
    yield Reading("tune-rests", phrases.rest_share(notes))


def breaths_of(music: Music) -> tuple[Span, ...]:
    """The breath cycles of a piece that paces breathing: its phrases, but for the long ones at the end."""
    spans = music.phrases
    usual = statistics.median(span.end_s - span.onset_s for span in spans)
    while len(spans) > 1 and spans[-1].end_s - spans[-1].onset_s > usual * _NO_BREATH_ANY_MORE:
        spans = spans[:-1]
    return spans


def _is_paced(standard: Standard) -> bool:
    return standard.intent is Intent.BREATH or bool(standard.preset and standard.preset.breath.on)


def _settled_ends(music: Music, found: tuple[tuple[MusicNote, ...], ...]) -> float | None:
    if music.key is not None:
        return line.settled_end_share(found, music.key.tonic, music.key.mode.minor_third)
    felt = tonality.key_felt(tonality.pitch_class_weights(music.pitched))
    return None if felt is None else line.settled_end_share(found, felt.tonic, felt.minor)


def _rhythm(music: Music, notes: tuple[MusicNote, ...]) -> Iterator[Reading]:
    yield Reading("rhythm-variety", rhythm.rhythm_entropy(notes))
    yield Reading("npvi", rhythm.npvi(notes))
    phase = rhythm.beat_phase([note.onset_beats for part in music.parts for note in part.notes])
    share = rhythm.syncopation_share(notes, phase)
    yield Reading(
        "syncopation", share, doubtful=not music.phrases
    )  # a foreign file's beats may not be those felt


def _close(music: Music) -> Iterator[Reading]:
    lead = close.heartbeat_lead_s(music.parts)
    if lead is not None:
        yield Reading("heartbeat-last", lead)
    untold = "Notes alone do not tell how the sound ends; audit the sound made from them."
    yield Reading("final-fade", music.fade_out_s, why_not=untold)
    silence_s = music.end_silence_s
    begins_s = max(music.length_s - silence_s, 0.0) if silence_s is not None else None
    yield Reading("closing-silence", silence_s, begins_s, why_not=untold)
