"""What a person may ask to hear: a preset's name, a preset file, a recipe, or any MIDI file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calmando.errors import InputError, RecordError
from calmando.midi.read import read_midi_file
from calmando.preset.overrides import Setting
from calmando.preset.recipe import Recipe, make_recipe
from calmando.preset.record import parse_record
from calmando.rendering import compose, is_midi
from calmando.score.model import Score

RECIPE_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class Source:
    """Something to hear: a recipe, or the score of a MIDI file; and what to tell about it."""

    name: str
    recipe: Recipe | None
    written: Score | None
    notices: tuple[str, ...] = ()

    @property
    def score(self) -> Score:
        """The music: as written, or composed now."""
        if self.written is not None:
            return self.written
        if self.recipe is None:
            raise InputError(f"{self.name} holds no music.")
        return compose(self.recipe)


def open_source(
    text: str,
    *,
    seed: int | None = None,
    minutes: float | None = None,
    overrides: Mapping[str, Setting] | None = None,
) -> Source:
    """Open what a person named.

    Parameters
    ----------
    text
        A preset's name, or the path of a preset (``.toml``), recipe (``.json``) or MIDI file (``.mid``).
    seed, minutes, overrides
        Changes to a preset or a recipe; a MIDI file allows none.

    Raises
    ------
    InputError
        Where there is nothing of that name, or it cannot be used, or changes do not apply to it.
    """
    if is_midi(Path(text)):
        if seed is not None or minutes is not None or overrides:
            raise InputError(
                f"{text} is a MIDI file: its notes are written already.",
                "Seed, length, tempo, key and settings can only be changed where a piece is composed.",
                "Leave them out, or start from a preset.",
            )
        contents = read_midi_file(Path(text))
        return Source(Path(text).stem, None, contents.score, contents.notices)
    if Path(text).suffix.lower() == RECIPE_SUFFIX:
        recipe = read_recipe_file(Path(text))
        changed = make_recipe(
            recipe.preset,
            seed=recipe.seed if seed is None else seed,
            minutes=recipe.minutes if minutes is None else minutes,
            overrides={**recipe.overrides, **(overrides or {})},
        )
        return Source(Path(text).stem, changed, None)
    made = make_recipe(text, seed=seed, minutes=minutes, overrides=overrides)
    return Source(made.preset.name, made, None)


def read_recipe_file(path: Path) -> Recipe:
    """Read a recipe that `recipe_text` wrote.

    Raises
    ------
    RecordError
        Where the file is missing, damaged or of another release.
    """
    if path.exists() and not path.is_file():
        raise RecordError(f"{path} is not an ordinary file.", "", "Give the name of a recipe file (.json).")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RecordError(f"There is no recipe file {path}.", fix="Check the name and the folder.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"The recipe file {path} cannot be read ({error}).") from None
    try:
        compact = json.dumps(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path.name} is no recipe ({error}).") from None
    return parse_record(compact, path.name).recipe
