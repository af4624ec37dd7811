"""The audit's front door: a score, blocks of sound, or anybody's file in; findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calmando.audit.curves import curves_of, drawn_parts, drawn_spans
from calmando.audit.exposure import CHILD_LEVEL_DBA, WEEK_HOURS, weekly_dose
from calmando.audit.judge import Reading, judge
from calmando.audit.listen import Heard, Listener
from calmando.audit.model import Audit
from calmando.audit.music import Music, music_of_score
from calmando.audit.of_midi import music_of_midi
from calmando.audit.open_audio import is_midi, open_audio
from calmando.audit.own_bounds import OwnBounds
from calmando.audit.read_heard import heard_readings
from calmando.audit.read_written import breaths_of, written_readings
from calmando.audit.remake import Remade, remade
from calmando.audit.standard import Standard, measures, standard_for
from calmando.errors import InputError
from calmando.given import given_kind, given_path
from calmando.preset.model import Intent, Preset
from calmando.score.given_score import given_score
from calmando.score.model import Score
from calmando.units import Seconds

_HOURS_A_WEEK = 168.0
_DAYS_A_WEEK = 7
_A_SCORE = "calmando.compose(recipe) makes one."
_LEVELS_DBA = (20.0, 130.0)


@dataclass(frozen=True, slots=True)
class Playback:
    """How a person will hear it, as far as they say so; without it no exposure is estimated.

    Attributes
    ----------
    level_dba
        Sound level at the ear in dB(A), measured by the user while the piece plays; 20–130.
    hours_per_week
        How long it is heard in a week; more than 0, at most 168.
    child
        Whether the listener is a child (75 dB(A) for 40 hours a week instead of 80); music for children is held
        against that in any case.

    Raises
    ------
    InputError
        For a level or a time that cannot be.
    """

    level_dba: float
    hours_per_week: float
    child: bool = False

    def __post_init__(self) -> None:
        low, high = _LEVELS_DBA
        if not low <= self.level_dba <= high:
            raise InputError(
                f"A level of {self.level_dba:g} dB(A) is not possible.",
                f"It must be {low:g} to {high:g} dB(A).",
                "Measure it at the ear with a sound level meter while the piece plays.",
            )
        if not 0 < self.hours_per_week <= _HOURS_A_WEEK:
            raise InputError(
                f"{self.hours_per_week:g} hours a week are not possible.",
                f"It must be more than 0 and at most {_HOURS_A_WEEK:g} hours.",
            )


def audit_piece(
    score: Score | None,
    heard: Heard | None,
    intent: Intent | str | Preset,
    *,
    title: str = "",
    playback: Playback | None = None,
    bounds: OwnBounds | None = None,
    notices: tuple[str, ...] = (),
) -> Audit:
    """Audit a piece from its score, its sound (see `Listener`), or both, which say more together.

    Parameters
    ----------
    intent
        What to hold it against; a preset brings its own loudness target, ceiling, step and range, and its
        paced breath.
    title
        Of the piece; the score's where it is not given.
    bounds
        Bounds of the user's own in place of the built-in ones; see `own_bounds`.

    Raises
    ------
    InputError
        Where there is neither score nor sound.
    """
    music = music_of_score(score) if score is not None else None
    return _audit(music, heard, standard_for(intent, bounds), title, playback, notices)


def audit_score(
    score: Score, intent: Intent | str | Preset, *, title: str = "", bounds: OwnBounds | None = None
) -> Audit:
    """Audit written music; what needs sound stays out.

    Raises
    ------
    InputError
        Where the score, made by hand, holds what MIDI cannot say.
    """
    given_score(score)
    return audit_piece(score, None, intent, title=title, bounds=bounds)


def audit_audio(
    blocks: Iterable[NDArray[np.float32]],
    sample_rate: int,
    intent: Intent | str | Preset = Intent.RELAXATION,
    *,
    title: str = "",
    score: Score | None = None,
    playback: Playback | None = None,
    bounds: OwnBounds | None = None,
) -> Audit:
    """Audit sound that comes in blocks of any size, shape (n_frames, 2), in flat memory.

    Raises
    ------
    AudioFileError
        For a sample rate that music cannot have.
    """
    listener = Listener(sample_rate)
    for block in blocks:
        listener.add(block)
    return audit_piece(score, listener.heard(), intent, title=title, playback=playback, bounds=bounds)


def audit_file(
    path: Path | str,
    intent: Intent | str | Preset | None = None,
    *,
    tune: str | None = None,
    score: Score | None = None,
    playback: Playback | None = None,
    bounds: OwnBounds | None = None,
) -> Audit:
    """Audit any MIDI, WAV, FLAC, OGG or MP3 file.

    Parameters
    ----------
    path
        The file; what it is shows in its content, not in its name.
    intent
        What to hold it against: an intent, by its name such as ``sleep`` too, or a preset. None: the preset of the
        record the file carries, else relaxation.
    tune
        Name of the part that has the tune, in a MIDI file. None: found (a part called ``melody``, else the most
        tune-like part).
    score
        The score of a sound file, where the caller has it. A file of our own brings it in its record.
    bounds
        Bounds of the user's own in place of the built-in ones; see `own_bounds`.

    Raises
    ------
    MidiFileError, AudioFileError
        Where the file is missing, damaged, empty, or of an unknown kind.
    InputError
        Where no part has the name ``tune``, or the file is no MIDI file.
    """
    path = given_path(path, "path")
    if tune is not None:
        given_kind(tune, str, "tune", "Give the name of a part.")
    if score is not None:
        given_kind(score, Score, "score", _A_SCORE)
    if is_midi(path):
        return _audit_midi(path, intent, tune, playback, bounds)
    if tune is not None:
        raise InputError(
            f"{path.name} holds no MIDI, so no part of it can be named.", fix="Leave the tune's name out."
        )
    with open_audio(path) as audio:
        listener = Listener(audio.sample_rate)
        for block in audio.blocks():
            listener.add(block)
        again = remade(audio.record, path.name)
        standard = _standard(intent, again, bounds)
        score = score or again.score
        heard = listener.heard()
        notices = (
            *audio.notices,
            *again.notices,
            *_of_another_length(heard, again),
            *_assumed(intent, again),
        )
        music = music_of_score(score) if score is not None else None
        return _audit(music, heard, standard, audio.title or path.stem, playback, notices)


def _audit_midi(
    path: Path,
    intent: Intent | str | Preset | None,
    tune: str | None,
    playback: Playback | None,
    bounds: OwnBounds | None,
) -> Audit:
    foreign = music_of_midi(path, tune)
    again = remade(foreign.record, path.name, notes_of=foreign.score)
    standard = _standard(intent, again, bounds)
    music = foreign.music if again.score is None or tune is not None else music_of_score(again.score)
    notices = again.notices if music is not foreign.music else (*foreign.notices, *again.notices)
    return _audit(music, None, standard, "", playback, (*notices, *_assumed(intent, again)))


def _standard(intent: Intent | str | Preset | None, again: Remade, bounds: OwnBounds | None) -> Standard:
    known = (intent, again.preset, Intent.RELAXATION)
    return standard_for(next(one for one in known if one is not None), bounds)


def _of_another_length(heard: Heard, again: Remade) -> tuple[str, ...]:
    """What to say of a sound that was cut, lengthened or slowed after it was written."""
    if again.score is None or abs(heard.length_s - again.score.length_s) <= _SAME_LENGTH_S:
        return ()
    return (
        f"The sound lasts {heard.length_s:.0f} s, the piece of its record {again.score.length_s:.0f} s: it was changed "
        "after Calmando wrote it. What is said of the notes holds for the piece of the record.",
    )


def _assumed(intent: Intent | str | Preset | None, again: Remade) -> tuple[str, ...]:
    if intent is not None or again.preset is not None:
        return ()
    return ("No purpose was named; the bounds of relaxation were used.",)


def _audit(
    music: Music | None,
    heard: Heard | None,
    standard: Standard,
    title: str,
    playback: Playback | None,
    notices: tuple[str, ...],
) -> Audit:
    if music is None and heard is None:
        raise InputError("There is nothing to audit.", "An audit needs a score, or sound, or both.")
    readings: list[Reading] = []
    if music is not None:
        readings.extend(written_readings(music, standard))
    if heard is not None:
        readings.extend(heard_readings(heard, music))
    length_s = heard.length_s if heard is not None else music.length_s if music is not None else 0.0
    readings.extend(_exposure(playback, length_s, standard))
    paced = music is not None and any(reading.key == "breath-rate" for reading in readings)
    return Audit(
        title=title or (music.title if music is not None else ""),
        intent=standard.intent,
        length_s=length_s,
        findings=judge(readings, standard),
        curves=curves_of(music, heard),
        key=music.key if music is not None else None,
        parts=drawn_parts(music) if music is not None else (),
        sections=drawn_spans(music.sections) if music is not None else (),
        breaths=drawn_spans(breaths_of(music)) if music is not None and paced else (),
        notices=(*notices, *_of_children(playback, standard), *_of_own_bounds(standard)),
    )


def _exposure(playback: Playback | None, length_s: Seconds, standard: Standard) -> Iterator[Reading]:
    """How loud and how long it is heard: one hearing has a length, all else is known only if somebody states it."""
    hearing_h = length_s / 3600
    if playback is None:
        yield Reading("exposure", None, why_not=_NO_LEVEL)
        yield Reading("daily-hours", hearing_h)
        return
    given_kind(playback, Playback, "playback", "Make one with Playback(level_dba, hours_per_week).")
    child = playback.child or standard.for_children
    yield Reading("exposure", weekly_dose(playback.level_dba, playback.hours_per_week, child=child))
    yield Reading("level", playback.level_dba)
    yield Reading("daily-hours", max(hearing_h, playback.hours_per_week / _DAYS_A_WEEK))


def _of_children(playback: Playback | None, standard: Standard) -> tuple[str, ...]:
    if playback is None or playback.child or not standard.for_children:
        return ()
    return (
        f"It is music for children: the limit for them was used, {CHILD_LEVEL_DBA:g} dB(A) for {WEEK_HOURS:g} hours a week.",
    )


def _of_own_bounds(standard: Standard) -> tuple[str, ...]:
    if not standard.own:
        return ()
    changed = ", ".join(measure.title for key, measure in measures().items() if key in standard.own)
    return (f"The user's own bounds from {standard.own_place} were used for: {changed}.",)


_SAME_LENGTH_S = 0.5
"""Packed formats add some hundredths of a second."""
_NO_LEVEL = "How loud it is at the ear, only a sound level meter knows: without a measured level no exposure is estimated."
