"""The presets and their scores, made once for all tests."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from calmando.compose.piece import compose_piece
from calmando.preset.model import Preset
from calmando.resources import presets_folder
from calmando.score.model import Score, assemble

PRESETS = sorted(path.stem for path in presets_folder().glob("*.toml"))


@lru_cache(maxsize=64)
def preset_of(name: str) -> Preset:
    """A preset as it lies in the repository."""
    return Preset.model_validate(
        tomllib.loads((presets_folder() / f"{name}.toml").read_text(encoding="utf-8"))
    )


def changed(name: str, **changes: object) -> Preset:
    """A preset with some values changed: ``melody__activity=0.2``."""
    data = preset_of(name).model_dump()
    for key, value in changes.items():
        table, _, field = key.rpartition("__")
        (data[table] if table else data)[field] = value
    return Preset.model_validate(data)


def score_from(preset: Preset, seed: int, minutes: float) -> Score:
    """A score of a preset."""
    piece = compose_piece(preset, seed=seed, length_s=60 * minutes)
    return assemble(piece.title, piece.passages())


@lru_cache(maxsize=256)
def score_of(name: str, seed: int, minutes: float) -> Score:
    """The score of a preset by name."""
    return score_from(preset_of(name), seed, minutes)
