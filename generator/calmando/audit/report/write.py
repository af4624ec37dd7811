"""Writes an audit as one self-contained HTML file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import jinja2
from markupsafe import Markup

from calmando.audit.judge import is_excused, shown
from calmando.audit.model import Audit, Bound, Finding, Verdict
from calmando.audit.report.context import ReportContext
from calmando.audit.report.items import reporting_items
from calmando.audit.report.pictures import pictures
from calmando.audit.report.provenance import provenance
from calmando.audit.standard import measures
from calmando.errors import listed
from calmando.preset.model import Status
from calmando.told_time import clock, spoken_length
from calmando.version import __version__
from calmando.whole_file import write_text

_NOTHING_ELSE = ReportContext()
_SIGNS = {Verdict.PASS: "●", Verdict.WARN: "▲", Verdict.FAIL: "■", Verdict.NOT_MEASURED: "○"}


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as the table shows it."""

    finding: Finding
    sign: str
    value: str
    bound: str
    limit: str
    at: str


@dataclass(frozen=True, slots=True)
class Group:
    """Findings under one heading."""

    heading: str
    rows: tuple[Row, ...]


def report_html(audit: Audit, context: ReportContext = _NOTHING_ELSE) -> str:
    """The report as HTML text."""
    made = provenance(context)
    return _page().render(
        audit=audit,
        context=context,
        preset=context.preset,
        made=made,
        style=Markup(_text("style.css")),
        length=spoken_length(audit.length_s),
        headline=_headline(audit),
        open_points=(*_rows(audit, Verdict.FAIL), *_rows(audit, Verdict.WARN)),
        groups=_groups(audit),
        pictures=pictures(audit),
        items=reporting_items(audit, context, made),
        statuses=tuple(Status),
        version=__version__,
    )


def write_report(audit: Audit, path: Path | str, context: ReportContext = _NOTHING_ELSE) -> Path:
    """Write the report; the file appears whole or not at all.

    Raises
    ------
    OutputError
        Where it cannot be written.
    """
    path = Path(path)
    write_text(path, report_html(audit, context))
    return path


def _groups(audit: Audit) -> tuple[Group, ...]:
    """Failures and warnings first, then what is well, then what was not measured."""
    groups = (
        Group("Outside their bounds", _rows(audit, Verdict.FAIL)),
        Group("Worth a look", _rows(audit, Verdict.WARN)),
        Group("Beyond their bounds for a reason that is told", _rows(audit, Verdict.PASS, excused=True)),
        Group("Within their bounds", _rows(audit, Verdict.PASS)),
        Group("Not judged", _rows(audit, Verdict.NOT_MEASURED)),
    )
    return tuple(group for group in groups if group.rows)


def _rows(audit: Audit, verdict: Verdict, *, excused: bool = False) -> tuple[Row, ...]:
    return tuple(_row(finding) for finding in audit.of(verdict) if is_excused(finding) is excused)


def _row(finding: Finding) -> Row:
    digits = measures()[finding.key].digits
    value = "–" if finding.value is None else f"{shown(finding.value, digits)} {finding.unit}".strip()
    pointed = finding.at_s is not None and finding.verdict in (Verdict.WARN, Verdict.FAIL)
    return Row(
        finding,
        _SIGNS[finding.verdict],
        value,
        bound_text(finding.bound, digits),
        limit_text(finding, digits),
        f"at {clock(finding.at_s)}" if pointed and finding.at_s is not None else "",
    )


def bound_text(bound: Bound | None, digits: int) -> str:
    """A bound in words: ``at most 3.0``, ``48 to 90``."""
    if bound is None:
        return "–"
    if bound.low is not None and bound.high is not None:
        return f"{shown(bound.low, digits)} to {shown(bound.high, digits)}"
    if bound.high is not None:
        return f"at most {shown(bound.high, digits)}"
    return f"at least {shown(bound.low, digits)}" if bound.low is not None else "–"


def limit_text(finding: Finding, digits: int) -> str:
    """From where on it fails, and whose choice that is: ``fails above 7.0, our choice``."""
    bound = finding.bound
    if bound is None or not finding.limit_source:
        return ""
    ends = []
    if bound.fail_low is not None:
        ends.append(f"below {shown(bound.fail_low, digits)}")
    if bound.fail_high is not None:
        ends.append(f"above {shown(bound.fail_high, digits)}")
    return f"fails {' or '.join(ends)} [{finding.limit_status}]"


def _headline(audit: Audit) -> str:
    fails, warns = len(audit.of(Verdict.FAIL)), len(audit.of(Verdict.WARN))
    passed = audit.of(Verdict.PASS)
    judged, excused = fails + warns + len(passed), sum(map(is_excused, passed))
    if not fails and not warns and not excused:
        return f"All {judged} measures lie within their bounds."
    inside = f"{len(passed) - excused} of {judged} measures lie within their bounds"
    open_points = []
    if fails:
        open_points.append(f"{fails} {'lies' if fails == 1 else 'lie'} clearly outside")
    if warns:
        open_points.append(f"{warns} {'is' if warns == 1 else 'are'} worth a look")
    if excused:
        open_points.append(f"{excused} {'lies' if excused == 1 else 'lie'} beyond for a reason that is told")
    return f"{inside}; {listed(open_points)}."


@cache
def _page() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.html.j2"))


def _text(name: str) -> str:
    return resources.files("calmando.audit.report").joinpath(name).read_text(encoding="utf-8")
