"""The preset model: what it accepts, what it refuses, and in which words."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from calmando.preset.model import ModeName, Preset
from calmando.theory.scale import MODES


def small_preset(**changes: Any) -> dict[str, Any]:
    """A small valid preset as read from a file; dotted keys change it."""
    data: dict[str, Any] = {
        "name": "small",
        "title": "Small",
        "intent": "lullaby",
        "summary": "A small preset.",
        "for_whom": "Tests.",
        "minutes": 5,
        "reasons": "To be checked.",
        "tempo": {"metre": "3/4", "start_bpm": 66, "end_bpm": 60, "phrase_bars": 4},
        "pitch": {"tonics": ["C"], "modes": ["major"]},
        "melody": {"predictability": 0.7, "stability": 0.7, "resonance": 0.3, "activity": 0.5},
        "stages": [{"name": "all", "share": 1.0, "way": 1.0, "activity": 0.5, "tune_share": 0.7}],
        "parts": [{"name": "melody", "role": "melody", "program": 73, "texture": "tune"}],
        "limits": {"level": "Soft.", "stop": "When asked."},
    }
    for key, value in changes.items():
        table, _, field = key.rpartition("__")
        (data[table] if table else data)[field] = value
    return data


def test_a_small_preset_is_valid() -> None:
    """The fields without a default are enough for a preset."""
    assert Preset.model_validate(small_preset()).lead.program == 73


def test_modes_by_name_are_the_modes_of_the_theory() -> None:
    """Every mode of the theory can be written in a preset, and no other."""
    assert set(get_args(ModeName)) == set(MODES)


def test_every_field_is_described() -> None:
    """Each field of each table says in words what it is."""
    schema = Preset.model_json_schema()
    for name, table in schema["$defs"].items():
        for key, field in table.get("properties", {}).items():
            assert field.get("description"), f"{name}.{key}"


ALL = {"name": "all", "share": 1.0, "way": 1.0, "activity": 0.5, "tune_share": 0.7}
HALF = {**ALL, "share": 0.5}
TUNE = {"name": "melody", "role": "melody", "program": 73, "texture": "tune"}
PACED = {"on": True, "inhale_bars": 2, "exhale_bars": 3}
CONTRADICTIONS = [
    ({"tempo__phrase_bars": 8, "tempo__start_bpm": 40}, "a phrase lasts 36.0 s"),
    ({"tempo__change": "stairs"}, "audible tempo steps belong to walking"),
    ({"tempo__largest_step_percent": 4}, "steps above 1.5 %"),
    ({"stages": [{"name": "a", "share": 0.5, "way": 1, "activity": 1, "tune_share": 1}]}, "add up to 0.5"),
    ({"pitch__tune_low": "D5"}, "needs at least 9"),
    ({"pitch__tune_low": "C2"}, "between A2 and E6"),
    ({"parts": [{**TUNE, "octave": 2}]}, "parts.melody.octave = 2: the tune must lie between A2 and E6"),
    (
        {"parts": [{**TUNE, "texture": "solo"}]},
        "parts.melody.texture is 'solo', but the part's role is 'melody'",
    ),
    (
        {"parts": [TUNE, {**TUNE, "name": "drum", "role": "pulse", "texture": "pad"}]},
        "role is 'pulse', whose keys are drums",
    ),
    (
        {"parts": [TUNE, {**TUNE, "name": "harp", "role": "harmony", "texture": "pulse"}]},
        "parts.harp.texture is 'pulse', strokes of a drum",
    ),
    ({"tempo__start_bpm": 100, "tempo__end_bpm": 50, "stages": [{**ALL, "way": 2.0}]}, "leads to 0 BPM"),
    (
        {"heartbeat": {"on": True, "refused": "It frightens."}},
        "heartbeat.refused is set: this preset refuses a heartbeat: It frightens.",
    ),
    ({"intent": "trauma", "heartbeat": {"on": True}}, "the sound of a heart can frighten"),
    ({"heartbeat": {"on": True}, "tempo__end_bpm": 40}, "stays within 50 to 80"),
    (
        {"heartbeat": {"on": True}, "tempo__start_bpm": 110},
        "60 to 110 times a minute, to every second one 30 to 55",
    ),
    (
        {"heartbeat": {"on": True}, "stages": [{**ALL, "way": 1.25}], "tempo__end_bpm": 51},
        "stages.all.way = 1.25 leads to 47.2 BPM",
    ),
    ({"breath": {"on": True, "inhale_bars": 3, "exhale_bars": 1}}, "the exhale is the longer one"),
    ({"breath": {"on": True, "inhale_bars": 1, "exhale_bars": 2}}, "a phrase is one breath"),
    ({"form": {"kind": "breath"}}, "breath.on is false"),
    ({"form": {"kind": "tense-release"}}, "tempo.metre is 3/4: letting go is written in quarters of a bar"),
    (
        {"breath": PACED, "tempo__phrase_bars": 5, "tempo__start_bpm": 80, "stages": [{**ALL, "way": 2.0}]},
        "stages.all.way = 2 leads to 40 BPM, which paces 2.7 breaths a minute",
    ),
    (
        {"tempo__phrase_bars": 5, "tempo__start_bpm": 80, "stages": [{**ALL, "way": 2.0}]},
        "lasts 22.5 s there",
    ),
    ({"breath": {**PACED, "exhale_bars": 2}}, "nothing here breathes: form.kind is 'strophes'"),
    ({"form": {"ends_awake": True}}, "nothing rises in the last stage, 'all'"),
    (
        {"form": {"ends_awake": True}, "stages": [HALF, {**HALF, "name": "b", "way": 1.5}]},
        "in the last stage, 'b'",
    ),
    (
        {"ambience": {"on": True, "refused": "No sea."}},
        "ambience.refused is set: this preset refuses ambience: No sea.",
    ),
    ({"sound": {"fade_out_s": 170}, "minutes": 3}, "60 % of the piece"),
    (
        {"limits": {"level": "At most 60 dBA.", "level_dba": 50, "stop": "When asked."}},
        "limits.level_dba is 50, but limits.level does not say so",
    ),
]


@pytest.mark.parametrize(("changes", "said"), CONTRADICTIONS, ids=[said for _, said in CONTRADICTIONS])
def test_contradictions_are_refused_in_words(changes: dict[str, Any], said: str) -> None:
    """What contradicts itself is refused with the value, the limit and a way out."""
    with pytest.raises(ValidationError) as caught:
        Preset.model_validate(small_preset(**changes))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "rise", [{"way": 0.2}, {"activity": 0.6}, {"brightness": 0.6}, {"loudness_db": -1}], ids=str
)
def test_a_last_stage_that_rises_may_end_awake(rise: dict[str, float]) -> None:
    """A quicker tempo, more activity, brightness or loudness: each is a way back."""
    stages = [{**HALF, "loudness_db": -2}, {**HALF, "loudness_db": -2, "name": "b", **rise}]
    assert Preset.model_validate(small_preset(form={"ends_awake": True}, stages=stages)).form.ends_awake


def test_a_piece_of_one_stage_may_end_awake_if_its_tempo_rises() -> None:
    """It rises above where it began."""
    data = small_preset(form={"ends_awake": True}, tempo__end_bpm=70)
    assert Preset.model_validate(data).form.ends_awake


def test_all_contradictions_are_said_at_once() -> None:
    """Two contradictions make two sentences."""
    with pytest.raises(ValidationError) as caught:
        Preset.model_validate(small_preset(pitch__tune_low="D5", tempo__largest_step_percent=4))
    assert "needs at least 9" in str(caught.value) and "steps above" in str(caught.value)


def test_unknown_keys_are_refused() -> None:
    """A misspelt key is an error, not silence."""
    with pytest.raises(ValidationError, match=r"melody\.stabilty"):
        Preset.model_validate(small_preset(melody__stabilty=0.5))
