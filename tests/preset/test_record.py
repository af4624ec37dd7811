"""Recipes and records: what is kept, and what is refused when it is read again."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calmando.errors import PresetError, RecordError
from calmando.preset.load import found_presets, load_preset
from calmando.preset.recipe import make_recipe, preset_hash
from calmando.preset.record import (
    RECORD_LIMIT_BYTES,
    FontUsed,
    SoundMade,
    make_record,
    parse_record,
    record_json,
)
from calmando.source import read_recipe_file
from calmando.version import COMPOSER_VERSION, __version__

SOUND = SoundMade(
    fonts=(FontUsed(name="a.sf2", sha256="0" * 64),),
    fluidsynth="2.5.7",
    sample_rate=44_100,
    bit_depth="16",
    gain_db=-3.25,
)


def _recipe() -> Any:
    return make_recipe("bedtime-lullaby", seed=7, minutes=5, overrides={"melody.stability": 0.9})


@pytest.mark.parametrize("found", found_presets(), ids=lambda found: found.name)
def test_every_preset_s_record_comes_back_whole(found: Any) -> None:
    """What is written is what is read, small enough for every format, plain ASCII."""
    record = make_record(make_recipe(found.name, seed=1), SOUND)
    text = record_json(record)
    assert text.isascii()
    assert len(text) <= RECORD_LIMIT_BYTES
    assert parse_record(text, "a.wav") == record


def test_a_recipe_keeps_the_preset_as_it_was_and_the_changes_apart() -> None:
    """The overrides are applied when composing; the preset in the recipe stays the one that was loaded."""
    recipe = _recipe()
    assert recipe.preset == load_preset("bedtime-lullaby")
    assert recipe.adapted.melody.stability == 0.9
    assert recipe.length_s == 300.0


def test_without_a_seed_one_is_drawn_and_kept() -> None:
    """A recipe always has a seed, and two without one differ."""
    seeds = {make_recipe("bedtime-lullaby").seed for _ in range(20)}
    assert len(seeds) > 1


@pytest.mark.parametrize("minutes", [0, -1, math.nan, math.inf, 720.1])
def test_impossible_lengths_are_refused(minutes: float) -> None:
    """Zero, negative, not a number, endless, beyond twelve hours."""
    with pytest.raises(PresetError, match="more than 0 and at most 720 minutes"):
        make_recipe("bedtime-lullaby", minutes=minutes)


@pytest.mark.parametrize(("minutes", "said"), [(720.0001, "720.0001"), (721.0, "721"), (-0.00001, "-1e-05")])
def test_a_length_is_told_as_it_was_given(minutes: float, said: str) -> None:
    """No "720 minutes" that are more than 720."""
    with pytest.raises(PresetError, match=f"The length is {said} minutes"):
        make_recipe("bedtime-lullaby", minutes=minutes)


@pytest.mark.parametrize("seed", [-1, 2**31, True])
def test_impossible_seeds_are_refused(seed: int) -> None:
    """A seed is a whole number from 0 to 2³¹ − 1."""
    with pytest.raises(PresetError, match="whole number from 0 to 2147483647"):
        make_recipe("bedtime-lullaby", seed=seed)


def test_a_wrong_override_is_told_before_composing() -> None:
    """A recipe that cannot be cooked is never made."""
    with pytest.raises(PresetError, match=r"melody\.stability is 3; the most allowed is 1"):
        make_recipe("bedtime-lullaby", overrides={"melody.stability": 3})


def test_the_hash_depends_on_content_alone() -> None:
    """The same settings give the same hash; one change gives another."""
    preset = load_preset("bedtime-lullaby")
    assert preset_hash(preset) == preset_hash(preset.model_copy())
    assert preset_hash(preset) != preset_hash(preset.model_copy(update={"minutes": 11}))


def _changed(change: Callable[[dict[str, Any]], None]) -> str:
    data = json.loads(record_json(make_record(_recipe(), SOUND)))
    change(data)
    return json.dumps(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda data: data.update(format=2, release="9.9.9"),
            r"format 2, made by Calmando 9\.9\.9.*pip install",
        ),
        (
            lambda data: (data.update(release="0.9.0"), data["recipe"].update(composer=COMPOSER_VERSION + 1)),
            r"made by composer \d+ of Calmando 0\.9\.0.*pip install calmando==0\.9\.0",
        ),
        (
            lambda data: data["recipe"].update(composer=COMPOSER_VERSION - 1),
            rf"made by composer {COMPOSER_VERSION - 1} of Calmando {__version__}",
        ),
        (lambda data: data["recipe"]["preset"].update(minutes=99), "differs from its hash"),
        (lambda data: data["recipe"].update(seed="x"), r"damaged \(recipe\.seed"),
        (lambda data: data.pop("recipe"), "damaged"),
        (lambda data: (data.pop("release"), data.update(format=2)), "does not say which release"),
        (lambda data: data.update(format=2, release="9.9.9 --index-url http://x"), r"does not say[^-]*$"),
        (lambda data: data.update(calmando="something"), "not a Calmando record"),
    ],
)
def test_records_that_cannot_be_used_are_refused_in_words(
    change: Callable[[dict[str, Any]], None], said: str
) -> None:
    """Newer, older, changed and damaged records each say what they are, and what to do."""
    with pytest.raises(RecordError, match=f"(?s){said}"):
        parse_record(_changed(change), "a.wav")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"calmando":"record"'])
def test_what_is_no_record_is_refused(text: str) -> None:
    """Broken JSON and other JSON are damaged records."""
    with pytest.raises(RecordError, match=r"The record in a\.wav is damaged"):
        parse_record(text, "a.wav")


def test_a_preset_with_endless_texts_is_refused() -> None:
    """A record that would not fit into a file's tags is told with what to shorten."""
    preset = load_preset("bedtime-lullaby")
    long = preset.model_copy(update={"cautions": tuple("x" * 1200 for _ in range(30))})
    with pytest.raises(PresetError, match="Shorten"):
        record_json(make_record(make_recipe(long, seed=1)))


def test_no_path_and_no_time_stands_in_a_record() -> None:
    """A record tells of the music and nothing of the machine or the person."""
    data = json.loads(record_json(make_record(_recipe(), SOUND)))
    assert set(data) == {"calmando", "format", "release", "recipe", "preset_sha256", "sound", "check"}
    assert set(data["recipe"]) == {"format", "preset", "overrides", "seed", "minutes", "composer"}


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["recipe"].update(seed=2),
        lambda data: data["recipe"].update(minutes=11.0),
        lambda data: data["recipe"]["overrides"].update({"heartbeat.on": False}),
        lambda data: data["sound"].update(gain_db=20.0),
        lambda data: data["sound"].update(sample_rate=48_000),
        lambda data: data.update(sound=None),
        lambda data: data.pop("check"),
    ],
)
def test_a_record_altered_in_any_place_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    """What would silently make another piece than the file holds is told as altered."""
    with pytest.raises(RecordError, match=r"a\.wav was altered"):
        parse_record(_changed(change), "a.wav")


def test_a_record_that_another_program_wrote_anew_is_the_same_record() -> None:
    """Other spacing, another order and 10 for 10.0 are no alteration."""
    record = make_record(_recipe(), SOUND)
    whole = re.sub(r"(?<=[0-9])\.0(?=[,}])", "", record_json(record))
    data = json.loads(whole)
    turned = json.dumps({"calmando": "record"} | dict(reversed(data.items())), indent=3)
    assert parse_record(turned, "a.wav") == record


def test_a_record_nested_too_deeply_is_damaged() -> None:
    """Brackets without end are told as damage."""
    with pytest.raises(RecordError, match="is damaged"):
        parse_record("[" * 100_000, "a.wav")


def test_a_recipe_file_nested_too_deeply_is_no_recipe(tmp_path: Path) -> None:
    """Brackets without end in a recipe file are told."""
    path = tmp_path / "mine.json"
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(RecordError, match="is no recipe"):
        read_recipe_file(path)
