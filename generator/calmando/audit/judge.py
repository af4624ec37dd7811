"""Holds readings against bounds and says what it means: a reading and a bound become a finding."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from calmando.audit.model import Bound, Finding, Verdict
from calmando.audit.standard import Measure, Standard, measures
from calmando.preset.model import Status
from calmando.units import Seconds

_EPSILON = 1e-9
_NOTHING = Bound()


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value.

    Attributes
    ----------
    key
        The measure.
    value
        In the measure's unit; None where it could not be measured.
    at_s
        Where in the piece, in seconds.
    excuse
        Why the value is fine even beyond its bound, as a whole sentence; empty where it is not.
    why_not
        Why there is no value, as a whole sentence.
    doubtful
        Whether the value rests on a guess, or lies where calm music may lie: then it is a warning at worst.
    """

    key: str
    value: float | None
    at_s: Seconds | None = None
    excuse: str = ""
    why_not: str = ""
    doubtful: bool = False


def judge(readings: Iterable[Reading], standard: Standard) -> tuple[Finding, ...]:
    """The findings in the order of the table of measures."""
    found = {reading.key: reading for reading in readings}
    return tuple(
        _finding(key, measure.of_purpose(standard.intent), found[key], standard)
        for key, measure in measures().items()
        if key in found and key in standard.bounds
    )


def verdict_on(value: float, bound: Bound) -> Verdict:
    """Pass within the bound, fail beyond the limits of failure, warn between."""
    if _below(value, bound.fail_low) or _above(value, bound.fail_high):
        return Verdict.FAIL
    if _below(value, bound.low) or _above(value, bound.high):
        return Verdict.WARN
    return Verdict.PASS


def is_excused(finding: Finding) -> bool:
    """Whether it passes beyond its bound, for a reason that its sentence tells."""
    if finding.verdict is not Verdict.PASS or finding.value is None or finding.bound is None:
        return False
    return verdict_on(finding.value, finding.bound) is not Verdict.PASS


def shown(value: float, digits: int) -> str:
    """A value as a person reads it, with a true minus sign."""
    rounded = round(value, digits)
    text = f"{abs(rounded):.{digits}f}"
    return f"−{text}" if rounded < 0 else text


def _finding(key: str, measure: Measure, reading: Reading, standard: Standard) -> Finding:
    value = reading.value if reading.value is not None and math.isfinite(reading.value) else None
    limits = standard.bounds.get(key) or _NOTHING
    set_elsewhere = _set_elsewhere(key, standard)
    can_fail = limits.fail_low is not None or limits.fail_high is not None
    unbounded = limits == _NOTHING
    if value is None:
        verdict, sentence = Verdict.NOT_MEASURED, reading.why_not or "This could not be measured here."
    elif unbounded:
        verdict = Verdict.NOT_MEASURED
        # What is good depends on the purpose: without bounds the value alone is told.
        told = f"{measure.title}: {shown(value, measure.digits)} {measure.unit}".strip()
        sentence = f"{told}. For this purpose nothing is prescribed."
    else:
        verdict, sentence = _verdict_and_sentence(measure, reading, value, limits)
    return Finding(
        key=key,
        row=measure.row,
        title=measure.title,
        unit=measure.unit,
        value=value,
        bound=None if unbounded else limits,
        verdict=verdict,
        source=set_elsewhere or measure.source,
        status=Status.DESIGN if set_elsewhere else measure.status,
        sentence=sentence,
        at_s=reading.at_s,
        limit_source=(set_elsewhere if key in standard.own else measure.limit) if can_fail else "",
        limit_status=Status.DESIGN if set_elsewhere else measure.limit_status,
    )


def _set_elsewhere(key: str, standard: Standard) -> str:
    """Who set a bound, where it is not the table's own."""
    if key in standard.own:
        return f"set by the user in {standard.own_place}"
    return f"the preset's own figure; {measures()[key].source}" if key in standard.promised else ""


def _verdict_and_sentence(
    measure: Measure, reading: Reading, value: float, bound: Bound
) -> tuple[Verdict, str]:
    verdict = verdict_on(value, bound)
    if verdict is Verdict.PASS:
        return verdict, _filled(measure.good, measure, value, bound)
    if reading.excuse:
        return Verdict.PASS, reading.excuse
    if reading.doubtful:
        verdict = Verdict.WARN
    template = measure.low if _below(value, bound.low) or _below(value, bound.fail_low) else measure.high
    return verdict, _filled(template, measure, value, bound)


def _filled(template: str, measure: Measure, value: float, bound: Bound) -> str:
    return template.format(
        value=_telling(value, measure.digits, bound),
        bound_low=shown(bound.low, measure.digits) if bound.low is not None else "",
        bound_high=shown(bound.high, measure.digits) if bound.high is not None else "",
    )


def _telling(value: float, digits: int, bound: Bound) -> str:
    """The value with a further digit where rounding would hide that it is beyond its bound."""
    for limit in (bound.low, bound.high):
        if limit is not None and value != limit and round(value, digits) == round(limit, digits):
            outside = verdict_on(value, bound) is not Verdict.PASS
            return shown(value, digits + 1) if outside else shown(value, digits)
    return shown(value, digits)


def _below(value: float, limit: float | None) -> bool:
    return limit is not None and value < limit - _EPSILON


def _above(value: float, limit: float | None) -> bool:
    return limit is not None and value > limit + _EPSILON
