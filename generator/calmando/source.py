"""What a person may ask to hear: a preset's name, a preset file, a recipe, or any MIDI file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calmando.errors import InputError, MidiFileError, RecordError, typed
from calmando.midi.open import is_midi_file
from calmando.midi.read import read_midi_file
from calmando.preset.overrides import Setting
from calmando.preset.recipe import Recipe, changed_recipe, make_recipe
from calmando.preset.record import begins_like_record, parse_record
from calmando.rendering import compose
from calmando.resources import is_file, is_there
from calmando.score.model import Score

RECIPE_SUFFIX = ".json"
SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff")
_BIGGEST_BYTES = 1_000_000
_GIVE_A_RECIPE = "Give the name of a recipe file (.json), made with 'calmando render … -o recipe.json'."


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
    if is_midi_file(Path(text)):
        if not is_there(text):
            raise MidiFileError(f"There is no file {text}.", fix="Check the name and the folder.")
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
        changed = changed_recipe(recipe, seed=seed, minutes=minutes, overrides=overrides)
        return Source(Path(text).stem, changed, None)
    if _is_sound(text):
        raise InputError(
            f"{text} is a sound file: its music is finished.",
            "Music is made from a preset, a recipe (.json) or a MIDI file.",
            f"To make a piece of Calmando's again: calmando replay {typed(text)}. To measure one: calmando audit {typed(text)}.",
        )
    made = make_recipe(text, seed=seed, minutes=minutes, overrides=overrides)
    return Source(made.preset.name, made, None)


def read_recipe_file(path: Path) -> Recipe:
    """Read a recipe that `calmando render … -o recipe.json` wrote.

    Raises
    ------
    RecordError
        Where the file is missing, damaged or of another release.
    """
    text = recipe_file_text(path)
    if not begins_like_record(text):
        raise RecordError(f"{path.name} is no recipe that Calmando wrote.", "", _GIVE_A_RECIPE)
    return parse_record(text, path.name).recipe


def recipe_file_text(path: Path) -> str:
    """The text of a recipe file, unread.

    Raises
    ------
    RecordError
        Where the file is missing, too large, or no text.
    """
    try:
        if is_there(path) and not is_file(path):
            raise RecordError(f"{path} is not an ordinary file.", "", _GIVE_A_RECIPE)
        if path.stat().st_size > _BIGGEST_BYTES:
            raise RecordError(
                f"{path.name} is larger than a megabyte.", "No recipe is that large.", _GIVE_A_RECIPE
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RecordError(f"There is no recipe file {path}.", fix="Check the name and the folder.") from None
    except UnicodeDecodeError:
        raise RecordError(f"{path.name} is not a text file in UTF-8.", "", _GIVE_A_RECIPE) from None
    except OSError as error:
        raise RecordError(
            f"{path} cannot be read.",
            f"The system says: {error.strerror}.",
            "Check its name and permissions.",
        ) from None


def _is_sound(text: str) -> bool:
    return Path(text).suffix.lower() in SOUND_SUFFIXES
