"""The audit: what a piece of music *is*, measured, held against the bounds of its intent, with their sources.

::

    score ─▶ music ─▶ measures ─┐
                                ├─▶ findings (bounds.toml) ─▶ Audit ─▶ report (HTML), JSON
    blocks ─▶ Listener ─▶ Heard ┘
"""

from calmando.audit.examine import Playback, audit_audio, audit_file, audit_piece, audit_score
from calmando.audit.json_form import json_schema, to_json
from calmando.audit.listen import Heard, Listener
from calmando.audit.model import Audit, Bound, Curve, Finding, Verdict
from calmando.audit.own_bounds import OwnBounds
from calmando.audit.report import ReportContext, report_html, write_report
from calmando.audit.standard import own_bounds

__all__ = [
    "Audit",
    "Bound",
    "Curve",
    "Finding",
    "Heard",
    "Listener",
    "OwnBounds",
    "Playback",
    "ReportContext",
    "Verdict",
    "audit_audio",
    "audit_file",
    "audit_piece",
    "audit_score",
    "json_schema",
    "own_bounds",
    "report_html",
    "to_json",
    "write_report",
]
