"""An audit as JSON, by the schema ``audit.schema.json`` beside this module."""

from __future__ import annotations

from calmando.audit.model import Audit


def to_json(audit: Audit, *, curves: bool = True) -> str:
    """Write an audit as JSON text (two-space indents, no NaN; keys in a fixed order)."""
    raise NotImplementedError


def json_schema() -> str:
    """The JSON schema of `to_json`, as text."""
    raise NotImplementedError
