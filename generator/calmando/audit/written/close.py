"""How a piece ends: what sounds last, and how much silence follows."""

from __future__ import annotations

from collections.abc import Sequence

from calmando.audit.music import MusicPart
from calmando.score.model import Role
from calmando.units import Seconds

_SPEAKS_FOR_ITSELF = (Role.HEARTBEAT, Role.AMBIENCE)


def heartbeat_lead_s(parts: Sequence[MusicPart]) -> Seconds | None:
    """How long before the last tone begins to end the heartbeat has stopped, in seconds; None without a heartbeat.

    From the last heart sound's onset to the end of the last note of the other parts; negative where the heart is
    last.
    """
    hearts = [note.onset_s for part in parts if part.role is Role.HEARTBEAT for note in part.notes]
    if not hearts:
        return None
    others = [note.end_s for part in parts if part.role not in _SPEAKS_FOR_ITSELF for note in part.notes]
    return max(others, default=0.0) - max(hearts)
