"""Single settings changed by dotted key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from calmando.errors import PresetError
from calmando.preset.load import load_preset
from calmando.preset.overrides import Setting, key_overrides, overridden, parse_override

LULLABY = load_preset("bedtime-lullaby")


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("melody.stability=0.9", "melody.stability", 0.9),
        ("minutes = 5", "minutes", 5),
        ("heartbeat.on=false", "heartbeat.on", False),
        ("pitch.tonics=['C', 'D']", "pitch.tonics", ["C", "D"]),
        ("pitch.tonics=[D, F#]", "pitch.tonics", ["D", "F#"]),
        ("pitch.tonics=[D, F#,]", "pitch.tonics", ["D", "F#"]),
        ("pitch.modes=[dorian]", "pitch.modes", ["dorian"]),
        ("title=Für Zoë", "title", "Für Zoë"),
        ("title=a=b", "title", "a=b"),
    ],
)
def test_settings_are_read_as_toml_or_plain_text(text: str, key: str, value: Setting) -> None:
    """A value is what TOML says it is; what is no TOML is text, so nobody needs quotes."""
    assert parse_override(text) == (key, value)


@pytest.mark.parametrize("text", ["melody.stability", "=3", "", " = "])
def test_a_setting_without_key_or_value_is_refused(text: str) -> None:
    """What is not written as key=value is told with an example."""
    with pytest.raises(PresetError, match="key=value"):
        parse_override(text)


def test_a_value_is_changed_and_nothing_else() -> None:
    """Only the named setting differs."""
    changed = overridden(LULLABY, {"melody.stability": 0.9})
    assert changed.melody.stability == 0.9
    assert overridden(changed, {"melody.stability": LULLABY.melody.stability}) == LULLABY


def test_parts_and_stages_are_reached_by_name() -> None:
    """``parts.melody.program`` is the program of the part called melody."""
    changed = overridden(LULLABY, {"parts.melody.program": 79})
    assert changed.lead.program == 79


def test_one_value_stands_for_a_list_of_one() -> None:
    """``pitch.modes=dorian`` needs no brackets."""
    assert overridden(LULLABY, {"pitch.modes": "dorian"}).pitch.modes == ("dorian",)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("melody.stabilty", "melody.stability"),
        ("tempo.end", "tempo.end_bpm"),
        ("parts.flute.program", "parts.melody.program"),
        ("stability", "melody.stability"),
    ],
)
def test_a_key_that_does_not_exist_brings_the_nearest(key: str, hint: str) -> None:
    """A mistyped key is answered with the key that was meant."""
    with pytest.raises(PresetError, match=rf"no setting {key}\. Did you mean .*{hint}"):
        overridden(LULLABY, {key: 1})


@pytest.mark.parametrize(
    "key", ["melody", "tempo.start_bpm.x", "stages.0.way", "__class__", "melody.__dict__.x"]
)
def test_nothing_but_settings_can_be_reached(key: str) -> None:
    """Tables, numbers and Python's own attributes are no settings."""
    with pytest.raises(PresetError):
        overridden(LULLABY, {key: 1})


def test_a_value_out_of_range_names_the_preset_and_the_limit() -> None:
    """The limits of a preset's file hold for overrides too."""
    with pytest.raises(
        PresetError, match=r"bedtime-lullaby with your changes: tempo\.end_bpm is 5; the least"
    ):
        overridden(LULLABY, {"tempo.end_bpm": 5})


def settings_in(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every dotted key and its value; what lies in a list is reached by its name."""
    named = (
        isinstance(data, list) and data and all(isinstance(item, dict) and "name" in item for item in data)
    )
    inner = {item["name"]: item for item in data} if named else data
    if not isinstance(inner, dict) or not inner:
        yield ".".join(path), data
        return
    for step, value in inner.items():
        yield from settings_in(value, (*path, step))


def test_every_key_can_be_set_to_its_own_value() -> None:
    """Setting a setting to what it is changes nothing, for every key there is."""
    settings = dict(settings_in(LULLABY.model_dump(mode="json")))
    assert {"minutes", "tempo.end_bpm", "parts.melody.program", "stages.rest.way"} <= set(settings)
    for key, value in settings.items():
        assert overridden(LULLABY, {key: value}) == LULLABY, key


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("G", "G", None),
        ("bb major", "Bb", "major"),
        ("Am", "A", "minor"),
        ("F#m", "F#", "minor"),
        ("d dorian", "D", "dorian"),
        ("A minor pentatonic", "A", "minor-pentatonic"),
        ("C pentatonic", "C", "major-pentatonic"),
    ],
)
def test_keys_are_read_as_musicians_write_them(text: str, tonic: str, mode: str | None) -> None:
    """A key is a note and perhaps a mode."""
    changes = key_overrides(text)
    assert changes["pitch.tonics"] == [tonic]
    assert changes.get("pitch.modes") == ([mode] if mode else None)


@pytest.mark.parametrize(
    ("text", "said"),
    [("H", "not a note name"), ("Fis", "Fis is F#"), ("", "note name"), ("C locrian", "no mode")],
)
def test_what_is_no_key_is_refused(text: str, said: str) -> None:
    """An unknown note or mode is told with what there is."""
    with pytest.raises(PresetError, match=said):
        key_overrides(text)


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000], ids=["deep", "long"])
def test_a_value_too_deep_or_long_for_toml_is_text(value: str) -> None:
    """Brackets without end and numbers of thousands of digits are refused as any wrong value is."""
    key, setting = parse_override(f"tempo.end_bpm={value}")
    with pytest.raises(PresetError, match="must be a number"):
        overridden(LULLABY, {key: setting})
