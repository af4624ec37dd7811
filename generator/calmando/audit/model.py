"""What an audit is: findings, each a measure held against its bound, and the curves behind them. Frozen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from calmando.preset.model import Intent, Status
from calmando.theory.scale import Key
from calmando.units import Seconds

SCHEMA_VERSION = 1
"""Version of the JSON form; raised whenever a reader of the old form could be misled."""


class Verdict(StrEnum):
    """How a measure stands to its bound."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a measure should be for an intent.

    Attributes
    ----------
    low, high
        The bound itself; either may be missing.
    fail_low, fail_high
        Beyond these it is a failure; between them and the bound a warning. Missing: never a failure.
    """

    low: float | None = None
    high: float | None = None
    fail_low: float | None = None
    fail_high: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure, its bound, the verdict, where the bound comes from, and a sentence.

    Attributes
    ----------
    key
        Stable name, such as ``largest-loudness-step``.
    row
        Number of the measure's family in the documentation (1–25; 0 for further checks).
    title, unit
        In words.
    value
        The measured value in ``unit``; None where it could not be measured.
    bound
        None where the intent sets none.
    verdict
        Pass, warn, fail or not measured.
    source, status
        Where the bound comes from, and how sure that is; `Status.DESIGN` means: a design choice.
    limit_source, limit_status
        The same for the limit of failure; most of these limits are our own choices.
    sentence
        What it means, in one plain sentence.
    at_s
        Where in the piece it was found, in seconds; None for the whole piece.
    """

    key: str
    row: int
    title: str
    unit: str
    value: float | None
    bound: Bound | None
    verdict: Verdict
    source: str
    status: Status
    sentence: str
    at_s: Seconds | None = None
    limit_source: str = ""
    limit_status: Status = Status.DESIGN

    @property
    def is_design_bound(self) -> bool:
        """Whether the bound is an engineering choice without direct trial evidence."""
        return self.bound is not None and self.status is Status.DESIGN


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A measure over time: points ``(time in seconds, value)`` in order; a gap is a NaN value, and equals a gap."""

    key: str
    title: str
    unit: str
    times_s: tuple[Seconds, ...]
    values: tuple[float, ...]

    def __eq__(self, other: object) -> bool:
        return self._compared() == other._compared() if isinstance(other, Curve) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> tuple[object, ...]:
        values = tuple(None if math.isnan(value) else value for value in self.values)
        return (self.key, self.title, self.unit, self.times_s, values)


@dataclass(frozen=True, slots=True)
class DrawnNote:
    """A note as a picture of the piece needs it."""

    onset_s: Seconds
    end_s: Seconds
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """A part as a picture of the piece needs it."""

    name: str
    role: str
    is_percussion: bool
    notes: tuple[DrawnNote, ...]


@dataclass(frozen=True, slots=True)
class DrawnSpan:
    """A section, phrase or breath as a picture of the piece needs it."""

    onset_s: Seconds
    end_s: Seconds
    label: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything an audit found.

    Attributes
    ----------
    title
        Of the piece, or the file's name.
    intent
        What it was held against.
    length_s
        The whole length in seconds.
    findings
        In the order of the documentation.
    curves
        Tempo, loudness, density, brightness … over time.
    key
        The key it begins in; ``None`` where nobody says so.
    parts, sections, breaths
        For the pictures; empty where only sound was heard.
    notices
        Plain sentences on what was simplified or could not be read.
    """

    title: str
    intent: Intent
    length_s: Seconds
    findings: tuple[Finding, ...]
    curves: tuple[Curve, ...] = ()
    key: Key | None = None
    parts: tuple[DrawnPart, ...] = ()
    sections: tuple[DrawnSpan, ...] = ()
    breaths: tuple[DrawnSpan, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether any measure failed (what ``--strict`` asks)."""
        return any(finding.verdict is Verdict.FAIL for finding in self.findings)

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings of one verdict."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    def finding(self, key: str) -> Finding:
        """The finding of one measure.

        Raises
        ------
        KeyError
            Where the audit has none of that key.
        """
        for finding in self.findings:
            if finding.key == key:
                return finding
        raise KeyError(key)

    def curve(self, key: str) -> Curve | None:
        """The curve of one key, if there is one."""
        return next((curve for curve in self.curves if curve.key == key), None)
