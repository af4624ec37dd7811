"""Scenery: which parts sound in a strophe and how; one change at a time, at a section's beginning."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calmando.compose.arc import Targets
from calmando.preset.model import Intent, PartSettings, Preset
from calmando.rng import Stream
from calmando.units import Unit

_HEARD = 0.06
"""A difference of fullness that is worth a change."""
_LONG_DUE = 0.15
"""A difference that comes before any part's coming or going."""
_ALWAYS_ALL = 2
"""So few optional parts may sound all at once."""
_LONE_SHARE: Unit = 0.75
"""A part that is the only optional one rests sometimes, however much activity is wanted …"""
_LONE_BONUS: Unit = 0.35
"""… and sounds sometimes, however little."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What sounds now.

    Attributes
    ----------
    sounding
        Names of the parts that play.
    fullness
        How full the accompaniments play, 0–1 and somewhat more: each phrase is full from a value of its own.
    change
        What has just changed, in words; empty where nothing has.
    """

    sounding: tuple[str, ...]
    fullness: float
    change: str = ""


def first_scene(preset: Preset, targets: Targets) -> Scene:
    """The introduction: the parts that may sound in it."""
    names = tuple(part.name for part in preset.parts if part.enters_strophe == 0 and not part.optional)
    return Scene(names or (preset.lead.name,), _activity(preset, targets))


def next_scene(preset: Preset, scene: Scene, strophe: int, targets: Targets, *, stream: Stream) -> Scene:
    """The scene of a strophe: the parts due by now, else at most one change of one's own accord."""
    entering = [
        part.name
        for part in preset.parts
        if part.enters_strophe <= strophe and not part.optional and part.name not in scene.sounding
    ]
    scene = replace(scene, change="")
    if entering:
        return _with(preset, scene, *entering)
    if preset.form.same_always:
        return scene
    return _one_change(preset, scene, strophe, targets, stream=stream)


def _one_change(preset: Preset, scene: Scene, strophe: int, targets: Targets, *, stream: Stream) -> Scene:
    activity = _activity(preset, targets)
    if abs(activity - scene.fullness) >= _LONG_DUE:
        return _filled(scene, activity)
    options = [part for part in preset.parts if part.optional and part.enters_strophe <= strophe]
    present = [part for part in options if part.name in scene.sounding]
    wanted = _wanted(len(options), activity, stream=stream)
    if preset.intent is Intent.SLEEP and targets.stage_index > 0:
        # On the way down nothing comes back.
        wanted = min(wanted, len(present))
    if len(present) < wanted:
        return _with(preset, scene, stream.choice([part for part in options if part not in present]).name)
    if len(present) > wanted:
        leaving = present[-1].name
        names = tuple(name for name in scene.sounding if name != leaving)
        return replace(scene, sounding=names, change=f"{leaving} out")
    if abs(activity - scene.fullness) >= _HEARD:
        return _filled(scene, activity)
    return _exchange(preset, scene, options, present, stream=stream)


def _wanted(n_options: int, activity: Unit, *, stream: Stream) -> int:
    """How many optional parts shall sound: now one more, now one less, on average what activity asks for."""
    share = min(1.0, activity)
    if n_options == 1:
        share = min(_LONE_SHARE, activity + _LONE_BONUS)
    count = int(n_options * share + stream.random())
    # One of several rests, so that there is always something to come back.
    return min(count, n_options - 1 if n_options > _ALWAYS_ALL else n_options)


def _filled(scene: Scene, activity: float) -> Scene:
    return replace(scene, fullness=activity, change="fuller" if activity > scene.fullness else "thinner")


def _exchange(
    preset: Preset, scene: Scene, options: list[PartSettings], present: list[PartSettings], *, stream: Stream
) -> Scene:
    """One optional part hands over to another."""
    absent = [part for part in options if part not in present]
    if not absent or not present:
        return scene
    leaving, coming = stream.choice(present), stream.choice(absent)
    names = tuple(name for name in scene.sounding if name != leaving.name)
    scene = _with(preset, replace(scene, sounding=names), coming.name)
    return replace(scene, change=f"{coming.name} in place of {leaving.name}")


def _with(preset: Preset, scene: Scene, *entering: str) -> Scene:
    names = {*scene.sounding, *entering}
    ordered = tuple(each.name for each in preset.parts if each.name in names)
    return replace(scene, sounding=ordered, change=f"{', '.join(entering)} in")


def _activity(preset: Preset, targets: Targets) -> float:
    """The arc's activity and the dial's together."""
    return targets.activity * (0.5 + preset.melody.activity)
