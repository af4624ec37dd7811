"""The JSON of an audit keeps its schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructed import SR, calm_score, calm_sound, silence

from calmando.audit import Audit, Verdict, audit_audio, audit_piece, json_schema, to_json
from calmando.audit.listen import Listener
from calmando.preset.model import Intent

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int,),
}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "$") -> list[str]:
    """Where a value breaks a schema, for the words of JSON Schema that ours uses."""
    if "$ref" in schema:
        return problems(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, place)
    if "oneOf" in schema:
        fits = [not problems(value, option, root, place) for option in schema["oneOf"]]
        return [] if sum(fits) == 1 else [f"{place}: fits {sum(fits)} options"]
    found = []
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, _TYPES[kind]) for kind in kinds):
        return [f"{place}: {value!r} is no {kinds}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{place}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} is not one of {schema['enum']}")
    if isinstance(value, dict):
        found += [f"{place}: lacks {key}" for key in schema.get("required", []) if key not in value]
        known = schema.get("properties", {})
        for key, part in value.items():
            found += problems(part, known[key], root, f"{place}.{key}") if key in known else []
    if isinstance(value, list):
        for index, part in enumerate(value):
            found += problems(part, schema.get("items", {}), root, f"{place}[{index}]")
    return found


@pytest.fixture(scope="module")
def audit() -> Audit:
    """An audit of score and sound."""
    listener = Listener(SR)
    listener.add(calm_sound(25))
    return audit_piece(calm_score(), listener.heard(), Intent.BREATH)


def test_it_keeps_its_schema(audit: Audit) -> None:
    """What is written is what the schema says, for a piece, for silence and for a score alone."""
    schema = json.loads(json_schema())
    for one in (audit, audit_audio([silence(8)], SR), audit_piece(calm_score(), None, Intent.SLEEP)):
        assert problems(json.loads(to_json(one)), schema, schema) == []


def test_the_schema_can_be_broken(audit: Audit) -> None:
    """The check finds what is missing and what is wrong."""
    schema = json.loads(json_schema())
    data = json.loads(to_json(audit))
    del data["findings"][0]["sentence"]
    data["findings"][1]["verdict"] = "perhaps"
    assert len(problems(data, schema, schema)) == 2


def test_nothing_is_lost_on_the_way(audit: Audit) -> None:
    """Findings, verdicts and counts come back as they were."""
    data = json.loads(to_json(audit))
    assert [f["key"] for f in data["findings"]] == [f.key for f in audit.findings]
    assert data["counts"] == {verdict.value: len(audit.of(verdict)) for verdict in Verdict}
    assert data["failed"] is audit.failed
    assert data["breaths"]


def test_curves_can_be_left_out(audit: Audit) -> None:
    """Apps that need no pictures get none."""
    assert json.loads(to_json(audit, curves=False))["curves"] == []
    curves = {curve["key"]: curve for curve in json.loads(to_json(audit))["curves"]}
    assert set(curves) == {"tempo", "tempo-heard", "density", "loudness", "brightness"}
    assert all(len(curve["times_s"]) == len(curve["values"]) for curve in curves.values())


def test_the_same_audit_is_written_the_same(audit: Audit) -> None:
    """The same piece gives the same text."""
    assert to_json(audit) == to_json(audit)
