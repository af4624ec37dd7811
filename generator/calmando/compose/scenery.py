"""Scenery: which parts sound in a strophe and how; one change at a time, at a section's beginning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from calmando.compose.arc import Targets
from calmando.preset.model import PartSettings, Preset
from calmando.rng import Stream

_THIN_BELOW = 0.42
_FULL_FROM = 0.75
_INERTIA = 0.04
_ALWAYS_ALL = 2
"""So few optional parts may sound all at once."""


class Fullness(IntEnum):
    """How full the accompaniments play."""

    THIN = 0
    THIN_AT_REST = 1
    """Full under the tune, thin where it rests."""
    FULL = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """What sounds now.

    Attributes
    ----------
    sounding
        Names of the parts that play.
    fullness
        How full the accompaniments play.
    change
        What has just changed, in words; empty where nothing has.
    """

    sounding: tuple[str, ...]
    fullness: Fullness
    change: str = ""


def first_scene(preset: Preset, targets: Targets) -> Scene:
    """The introduction: the parts that may sound in it."""
    names = tuple(part.name for part in preset.parts if part.enters_strophe == 0 and not part.optional)
    return Scene(names or (preset.lead.name,), _wanted_fullness(preset, targets, Fullness.THIN))


def next_scene(preset: Preset, scene: Scene, strophe: int, targets: Targets, *, stream: Stream) -> Scene:
    """The scene of a strophe: the parts due by now, then at most one change of one's own accord."""
    due = tuple(
        part.name
        for part in preset.parts
        if part.enters_strophe <= strophe and (not part.optional or part.name in scene.sounding)
    )
    entered = [name for name in due if name not in scene.sounding]
    scene = replace(scene, sounding=due, change="" if not entered else f"{', '.join(entered)} in")
    if entered or preset.form.same_always:
        return scene
    return _one_change(preset, scene, strophe, targets, stream=stream)


def _one_change(preset: Preset, scene: Scene, strophe: int, targets: Targets, *, stream: Stream) -> Scene:
    options = [part for part in preset.parts if part.optional and part.enters_strophe <= strophe]
    activity = targets.activity * (0.5 + preset.melody.activity)
    wanted = round(len(options) * min(1.0, activity * stream.uniform(0.8, 1.3)))
    if len(options) > _ALWAYS_ALL:
        # One rests, so that there is always something to come back.
        wanted = min(wanted, len(options) - 1)
    present = [part for part in options if part.name in scene.sounding]
    if len(present) < wanted:
        part = stream.choice([part for part in options if part not in present])
        return _with(preset, scene, part)
    if len(present) > wanted:
        part = present[-1]
        names = tuple(name for name in scene.sounding if name != part.name)
        return replace(scene, sounding=names, change=f"{part.name} out")
    fullness = _wanted_fullness(preset, targets, scene.fullness)
    if fullness != scene.fullness:
        return replace(scene, fullness=fullness, change="fuller" if fullness > scene.fullness else "thinner")
    return _exchange(preset, scene, options, present, stream=stream)


def _exchange(
    preset: Preset, scene: Scene, options: list[PartSettings], present: list[PartSettings], *, stream: Stream
) -> Scene:
    """One optional part hands over to another."""
    absent = [part for part in options if part not in present]
    if not absent or not present:
        return scene
    leaving, coming = stream.choice(present), stream.choice(absent)
    names = tuple(name for name in scene.sounding if name != leaving.name)
    scene = _with(preset, replace(scene, sounding=names), coming)
    return replace(scene, change=f"{leaving.name} hands over to {coming.name}")


def _with(preset: Preset, scene: Scene, part: PartSettings) -> Scene:
    names = {*scene.sounding, part.name}
    ordered = tuple(each.name for each in preset.parts if each.name in names)
    return replace(scene, sounding=ordered, change=f"{part.name} in")


def _wanted_fullness(preset: Preset, targets: Targets, now: Fullness) -> Fullness:
    """Fuller the more activity is wanted; near a threshold it stays as it is."""
    activity = targets.activity * (0.5 + preset.melody.activity)
    if activity < _THIN_BELOW - _INERTIA * (now > Fullness.THIN):
        return Fullness.THIN
    return (
        Fullness.FULL if activity >= _FULL_FROM - _INERTIA * (now is Fullness.FULL) else Fullness.THIN_AT_REST
    )
