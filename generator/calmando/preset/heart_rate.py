"""How fast the heart beats: one heartbeat for one beat or for two, whichever keeps it calm throughout a piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmando.preset.travel import slowest_and_fastest

if TYPE_CHECKING:
    from calmando.preset.model import Preset

BEATS_PER_HEARTBEAT = (1, 2)
"""What is tried, in this order: one heartbeat a beat; one for two beats where the beat is a walking one."""


def beats_per_heartbeat(preset: Preset) -> int | None:
    """Beats of one heartbeat, the same in the whole piece, or ``None`` where the rate would leave its bounds.

    It is not chosen anew on the way: a heart that halves or doubles its rate would be the largest change of all.
    """
    heart = preset.heartbeat
    slowest, fastest = slowest_and_fastest(preset)
    return next(
        (
            beats
            for beats in BEATS_PER_HEARTBEAT
            if heart.lowest_rate <= slowest.bpm / beats and fastest.bpm / beats <= heart.highest_rate
        ),
        None,
    )
