"""The standard a piece is held against: what is measured, and the bounds of its intent, read from two tables.

``measures.toml`` says what every measure is, where its bound comes from, and its sentences; ``bounds.toml`` has the
bounds by intent. A preset puts its own loudness, ceiling, step and range in place of the intent's, and a user whatever
their own table names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from calmando.audit.model import Bound
from calmando.audit.own_bounds import OwnBounds, read_bounds
from calmando.given import given_kind
from calmando.preset.model import Intent, Preset, Status

_LOUDNESS_TOLERANCE_LU = 2.0
_LOUDNESS_FAILS_LU = 4.0
_DISTURBING_STEP_LU = 7.0
_SHORTEST_SILENCE_S = 5.0
_NO_SILENCE_S = 4.0
_LEVEL_FAILS_DB = 10.0
"""Beyond the level that is allowed: heard as twice as loud."""
_CHILDS_LEVEL_FAILS_DB = 5.0
"""For children: more than a sound level meter errs by."""
_PROMISES = frozenset({"loudness", "true-peak", "loudness-step", "loudness-range", "level"})
"""What a preset says itself; its other bounds are those of every preset."""


class OwnWords(BaseModel):
    """What a measure says otherwise of one purpose; empty: as of all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    good: str = ""
    high: str = ""
    low: str = ""
    source: str = ""
    status: Status | None = None


class Measure(BaseModel):
    """What a measure is: see the head of ``measures.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    title: str
    unit: str
    digits: int
    source: str
    status: Status
    formula: str
    good: str
    high: str = ""
    low: str = ""
    limit: str = "our own choice"
    limit_status: Status = Status.DESIGN
    of: Mapping[Intent, OwnWords] = {}

    def of_purpose(self, intent: Intent) -> Measure:
        """The measure in the words of a purpose."""
        own = self.of.get(intent)
        changes = {} if own is None else {key: value for key, value in own if value}
        return self.model_copy(update=changes) if changes else self


@dataclass(frozen=True, slots=True)
class Standard:
    """The bounds of an intent, perhaps with a preset's own, and a user's; an empty `Bound` sets none.

    Attributes
    ----------
    for_children
        Whether exposure is held against the limit for children.
    promised
        The measures whose bound is the preset's own figure.
    own
        The measures whose bound the user set.
    own_place
        The file they set it in.
    """

    intent: Intent
    bounds: Mapping[str, Bound]
    preset: Preset | None = None
    for_children: bool = False
    promised: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    own_place: str = ""


@cache
def measures() -> Mapping[str, Measure]:
    """Every measure by its key, in the order of the report."""
    return MappingProxyType(TypeAdapter(dict[str, Measure]).validate_python(_table("measures.toml")))


def standard_for(intent: Intent | str | Preset, own: OwnBounds | None = None) -> Standard:
    """The standard of an intent, or of a preset; where a user set bounds of their own (see `own_bounds`), with these."""
    intents = ", ".join(known.value for known in Intent)
    named = Intent(intent) if isinstance(intent, str) and intent in set(Intent) else intent
    given_kind(named, (Intent, Preset), "intent", f"Give a preset, or an intent: {intents}.")
    if own is not None:
        given_kind(own, OwnBounds, "bounds", "own_bounds(path) reads them from a file.")
    preset = named if isinstance(named, Preset) else None
    purpose = Intent(named.intent if isinstance(named, Preset) else named)
    bounds = _bounds(purpose.value)
    promised = _promised(preset) if preset is not None else {}
    bounds.update(promised)
    set_by_user: dict[str, Bound] = {}
    if own is not None:
        for name in _line_of(purpose.value):
            set_by_user.update(own.tables.get(name, {}))
        bounds.update(set_by_user)
    return Standard(
        purpose,
        MappingProxyType(bounds),
        preset,
        for_children=purpose is Intent.NICU or (preset is not None and preset.limits.for_children),
        promised=frozenset(promised) & _PROMISES,
        own=frozenset(set_by_user),
        own_place=own.place if own is not None else "",
    )


def own_bounds(path: Path | str) -> OwnBounds:
    """Read bounds of a user's own: a TOML file with the tables of ``bounds.toml``, or a few lines of them.

    Raises
    ------
    InputError
        Where the file is missing or cannot be used; the text says where and why.
    """
    return read_bounds(path, purposes=_all_bounds(), measures=measures())


def _line_of(name: str) -> tuple[str, ...]:
    """A table's name after those it is `like`, the most general first."""
    like = _all_bounds()[name].get("like")
    return (*_line_of(like), name) if isinstance(like, str) else (name,)


def _bounds(name: str) -> dict[str, Bound]:
    table = dict(_all_bounds()[name])
    like = table.pop("like", None)
    bounds = _bounds(like) if isinstance(like, str) else {}
    for key, limits in table.items():
        if not isinstance(limits, dict):  # `like` is the only text
            raise TypeError(f"bounds.toml: {name}.{key} is no bound")
        bounds[key] = Bound(**limits)
    return bounds


def _promised(preset: Preset) -> dict[str, Bound]:
    """What a preset itself promises; breaking a promise by much is a failure."""
    sound = preset.sound
    target = sound.loudness_lufs
    return (
        _promised_level(preset)
        | {
            "loudness": Bound(
                low=target - _LOUDNESS_TOLERANCE_LU,
                high=target + _LOUDNESS_TOLERANCE_LU,
                fail_low=target - _LOUDNESS_FAILS_LU,
                fail_high=target + _LOUDNESS_FAILS_LU,
            ),
            "true-peak": Bound(high=sound.true_peak_dbtp, fail_high=sound.true_peak_dbtp + 0.5),
            "loudness-step": Bound(
                high=sound.largest_step_lu, fail_high=max(sound.largest_step_lu, _DISTURBING_STEP_LU)
            ),
            "loudness-range": Bound(high=sound.loudness_range_lu, fail_high=sound.loudness_range_lu + 5),
            "closing-silence": Bound(low=_SHORTEST_SILENCE_S, fail_low=_NO_SILENCE_S),
            "tempo-heard": Bound(high=1.0, fail_high=3.0),
        }
        | ({"breath-rate": _bounds(Intent.BREATH.value)["breath-rate"]} if preset.breath.on else {})
    )


def _promised_level(preset: Preset) -> dict[str, Bound]:
    """How loud it may be at the ear, where the preset says so in a number."""
    most = preset.limits.level_dba
    if most is None:
        return {}
    beyond = _CHILDS_LEVEL_FAILS_DB if preset.limits.for_children else _LEVEL_FAILS_DB
    return {"level": Bound(high=most, fail_high=most + beyond)}


@cache
def _all_bounds() -> Mapping[str, dict[str, dict[str, float] | str]]:
    adapter = TypeAdapter(dict[str, dict[str, dict[str, float] | str]])
    return adapter.validate_python(_table("bounds.toml"))


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("calmando.audit").joinpath(name).read_text(encoding="utf-8"))
