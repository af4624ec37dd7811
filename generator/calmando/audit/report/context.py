"""What a report tells beyond the audit."""

from __future__ import annotations

from dataclasses import dataclass

from calmando.audit.examine import Playback
from calmando.preset.model import Preset


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What a report tells beyond the audit; everything may be left out.

    Attributes
    ----------
    preset
        Its reasons, evidence, cautions and limits are printed.
    record_json
        The record the piece carries (recipe and rendering); printed whole, and read for seed and fonts.
    music_file
        Name of the music file, for "how to make this piece again".
    playback
        What the user stated about level and time of listening.
    """

    preset: Preset | None = None
    record_json: str = ""
    music_file: str = ""
    playback: Playback | None = None
