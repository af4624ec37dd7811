"""An audit as JSON, by the schema ``audit.schema.json`` beside this module."""

from __future__ import annotations

import json
import math
from importlib import resources
from typing import TypeAlias

from calmando.audit.model import SCHEMA_VERSION, Audit, Bound, Curve, DrawnSpan, Finding, Verdict
from calmando.version import __version__

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | int | bool | None"


def to_json(audit: Audit, *, curves: bool = True) -> str:
    """Write an audit as JSON text (two-space indents, no NaN; keys in a fixed order).

    Parameters
    ----------
    curves
        Whether the curves over time are written too.
    """
    return json.dumps(_audit(audit, curves), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def json_schema() -> str:
    """The JSON schema (draft 2020-12) of `to_json`, as text."""
    return resources.files("calmando.audit").joinpath("audit.schema.json").read_text(encoding="utf-8")


def _audit(audit: Audit, curves: bool) -> Json:
    return {
        "schema": SCHEMA_VERSION,
        "calmando": __version__,
        "title": audit.title,
        "intent": audit.intent.value,
        "length_s": _number(audit.length_s),
        "failed": audit.failed,
        "counts": {verdict.value: len(audit.of(verdict)) for verdict in Verdict},
        "notices": list(audit.notices),
        "findings": [_finding(finding) for finding in audit.findings],
        "sections": [_span(span) for span in audit.sections],
        "breaths": [_span(span) for span in audit.breaths],
        "curves": [_curve(curve) for curve in audit.curves] if curves else [],
    }


def _finding(finding: Finding) -> Json:
    return {
        "key": finding.key,
        "row": finding.row,
        "title": finding.title,
        "verdict": finding.verdict.value,
        "value": _number(finding.value),
        "unit": finding.unit,
        "bound": _bound(finding.bound),
        "at_s": _number(finding.at_s),
        "sentence": finding.sentence,
        "source": finding.source,
        "status": finding.status.value,
        "design_bound": finding.is_design_bound,
        "limit_source": finding.limit_source,
        "limit_status": finding.limit_status.value,
    }


def _bound(bound: Bound | None) -> Json:
    if bound is None:
        return None
    return {
        "low": bound.low,
        "high": bound.high,
        "fail_low": bound.fail_low,
        "fail_high": bound.fail_high,
    }


def _curve(curve: Curve) -> Json:
    return {
        "key": curve.key,
        "title": curve.title,
        "unit": curve.unit,
        "times_s": [_number(time) for time in curve.times_s],
        "values": [_number(value) for value in curve.values],
    }


def _span(span: DrawnSpan) -> Json:
    return {"onset_s": _number(span.onset_s), "end_s": _number(span.end_s), "label": span.label}


def _number(value: float | None) -> float | None:
    """Six significant digits; None for what is no number."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")
