"""The audit's front door: a score, blocks of sound, or anybody's file in; findings out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calmando.audit.listen import Heard
from calmando.audit.model import Audit
from calmando.preset.model import Intent, Preset
from calmando.score.model import Score


@dataclass(frozen=True, slots=True)
class Playback:
    """How a person will hear it, as far as they say so; without it no exposure is estimated.

    Attributes
    ----------
    level_dba
        Sound level at the ear in dB(A), measured by the user while the piece plays.
    hours_per_week
        How long it is heard in a week; at most 168.
    child
        Whether the listener is a child (75 dB(A) for 40 hours a week instead of 80).
    """

    level_dba: float
    hours_per_week: float
    child: bool = False


def audit_piece(
    score: Score | None,
    heard: Heard | None,
    intent: Intent | Preset,
    *,
    title: str = "",
    playback: Playback | None = None,
    notices: tuple[str, ...] = (),
) -> Audit:
    """Audit a piece from its score, its sound (see `Listener`), or both, which say more together.

    Parameters
    ----------
    intent
        What to hold it against; a preset brings its own loudness target, ceiling, step and range, and its
        breath and tempo plans.
    """
    raise NotImplementedError


def audit_score(score: Score, intent: Intent | Preset, *, title: str = "") -> Audit:
    """Audit written music; what needs sound stays out."""
    return audit_piece(score, None, intent, title=title)


def audit_audio(
    blocks: Iterable[NDArray[np.float32]],
    sample_rate: int,
    intent: Intent | Preset = Intent.RELAXATION,
    *,
    title: str = "",
    score: Score | None = None,
    playback: Playback | None = None,
) -> Audit:
    """Audit sound that comes in blocks of any size, shape (n_frames, 2), in flat memory."""
    raise NotImplementedError


def audit_file(
    path: Path | str,
    intent: Intent | Preset | None = None,
    *,
    tune: str | None = None,
    score: Score | None = None,
    playback: Playback | None = None,
) -> Audit:
    """Audit any MIDI, WAV, FLAC, OGG or MP3 file.

    Parameters
    ----------
    path
        The file; what it is shows in its content, not in its name.
    intent
        What to hold it against. None: the preset of the record the file carries, else relaxation.
    tune
        Name of the part that has the tune, in a MIDI file. None: found (a part called ``melody``, else the most
        tune-like part).
    score
        The score of a sound file, where the caller has it.

    Raises
    ------
    MidiFileError, AudioFileError
        Where the file is missing, damaged, empty, or of an unknown kind.
    InputError
        Where no part has the name ``tune``.
    """
    raise NotImplementedError
