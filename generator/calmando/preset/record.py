"""The record: the recipe and how it was rendered, as it travels inside every file."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmando.errors import PresetError, RecordError
from calmando.preset.recipe import Recipe, preset_hash
from calmando.preset.table import FormatOne
from calmando.version import COMPOSER_VERSION, RENDERER_VERSION, __version__

RECORD_LIMIT_BYTES = 30_000
"""What fits into every format's text field."""

_FORMAT = 1
_CHECK = "check"
_CHECK_DIGITS = 16
_RELEASE = re.compile(r"[0-9][0-9A-Za-z.+!-]*")
_BEGINNING = re.compile(r'\s*\{\s*"calmando"\s*:\s*"record"')


class FontUsed(BaseModel):
    """A SoundFont by its file name and SHA-256; never by its place on a disk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str


class SoundMade(BaseModel):
    """How a recipe was rendered: all that is needed to make the same sound.

    ``gain_db`` is the one gain of the whole piece, in dB to two decimals; ``bit_depth`` is ``16``, ``24`` or
    ``float`` where the format has one; ``quality`` is 1–10 where the format has one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fonts: Annotated[tuple[FontUsed, ...], Field(min_length=1)]
    fluidsynth: str
    sample_rate: Annotated[int, Field(strict=True)]
    bit_depth: Literal["16", "24", "float"] | None = None
    quality: Annotated[float, Field(ge=1, le=10, strict=True)] | None = None
    gain_db: Annotated[float, Field(ge=-120, le=60, strict=True)]
    renderer: Annotated[int, Field(strict=True)] = RENDERER_VERSION


class Record(BaseModel):
    """A recipe, its preset's hash, the release that made it, and how it was rendered (``None`` in MIDI files)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calmando: Literal["record"] = "record"
    format: FormatOne = 1
    release: str = __version__
    recipe: Recipe
    preset_sha256: str
    sound: SoundMade | None = None


def make_record(recipe: Recipe, sound: SoundMade | None = None) -> Record:
    """The record of a piece as this release makes it."""
    return Record(recipe=recipe, preset_sha256=preset_hash(recipe.preset), sound=sound)


def record_json(record: Record) -> str:
    """The record as compact ASCII JSON, with a check by which `parse_record` knows that nothing in it was altered.

    Raises
    ------
    PresetError
        Where it is longer than 30 kB, because the preset's texts are too long.
    """
    data = record.model_dump(mode="json")
    text = json.dumps(data | {_CHECK: _check(data)}, separators=(",", ":"))
    if len(text) > RECORD_LIMIT_BYTES:
        raise PresetError(
            f"{record.recipe.preset.name}: its texts make a record of {len(text)} bytes.",
            f"The record travels inside every file and may be at most {RECORD_LIMIT_BYTES} bytes.",
            "Shorten the preset's summary, reasons, cautions or evidence.",
        )
    return text


def begins_like_record(text: str) -> bool:
    """Whether a text begins as a record does, though it may be damaged: any file may have a comment."""
    return _BEGINNING.match(text) is not None


def parse_record(text: str, place: str) -> Record:
    """Read a record.

    Parameters
    ----------
    text
        JSON as `record_json` wrote it.
    place
        The file's name, for messages.

    Raises
    ------
    RecordError
        Where it is damaged or altered, or made by a release whose music or format this one does not make.
    """
    data = _object(text, place)
    release = str(data.get("release"))
    if not _RELEASE.fullmatch(release):  # it stands in a command that a person may copy
        raise _damaged(place, "it does not say which release made it")
    if data.get("format") != _FORMAT or isinstance(data["format"], bool):
        raise RecordError(
            f"{place} carries a record of format {data.get('format')}, made by Calmando {release}.",
            f"This is Calmando {__version__}, which reads format {_FORMAT}.",
            f"Install that release to make it again: pip install calmando=={release}",
        )
    recipe = data.get("recipe")
    composer = recipe.get("composer") if isinstance(recipe, dict) else None
    if composer != COMPOSER_VERSION and isinstance(composer, int):
        raise RecordError(
            f"{place} was made by composer {composer} of Calmando {release}.",
            f"This is Calmando {__version__} with composer {COMPOSER_VERSION}: the same seed gives other music.",
            f"Install that release to make it again (pip install calmando=={release}); "
            "a MIDI file can still be rendered from its own notes with 'calmando render'.",
        )
    check = data.pop(_CHECK, None)
    try:
        record = Record.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        raise _damaged(place, f"{key}: {first['msg']}") from None
    if preset_hash(record.recipe.preset) != record.preset_sha256:
        raise _damaged(place, "the preset inside differs from its hash")
    if check != _check(data):
        raise RecordError(
            f"The record in {place} was altered after Calmando wrote it.",
            "It would make another piece than the one it was written for.",
            "Make the piece again from its preset and seed. Changes to a recipe are given beside it: "
            "calmando render RECIPE.json --seed N --set KEY=VALUE",
        )
    return record


def _check(data: dict[str, Any]) -> str:
    """Sixteen digits that any altered value changes, while other spacing, order or ways to write a number do not."""
    text = json.dumps(_canonical(data), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_CHECK_DIGITS]


def _canonical(value: Any) -> Any:
    """The same value with every number a float: some programs write 10.0 as 10."""
    if isinstance(value, dict):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_canonical(inner) for inner in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return float(value) + 0.0  # and −0.0 as 0
    except OverflowError:
        return str(value)


def _object(text: str, place: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise _damaged(place, "it is not JSON") from None
    if not isinstance(data, dict) or data.get("calmando") != "record":
        raise _damaged(place, "it is not a Calmando record")
    return data


def _damaged(place: str, detail: str) -> RecordError:
    return RecordError(
        f"The record in {place} is damaged ({detail}).", fix="Make the piece again from its preset and seed."
    )
