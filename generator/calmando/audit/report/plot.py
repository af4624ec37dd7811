"""A plane of time against a value, as SVG: its axes, lines and bands. Colours and type come from the page's style."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from calmando.audit.judge import shown
from calmando.told_time import clock
from calmando.units import Seconds

WIDTH = 760.0
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200)
_MOST_TIME_TICKS = 9
_VALUE_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Plot:
    """A plane from 0 to ``end_s`` and from ``low`` to ``high``, ``height`` units high in all."""

    end_s: Seconds
    low: float
    high: float
    height: float
    left: float = 46.0
    right: float = 10.0
    top: float = 26.0
    bottom: float = 26.0

    def x(self, seconds: Seconds) -> float:
        """Where a moment lies."""
        inside = WIDTH - self.left - self.right
        return self.left + min(max(seconds / max(self.end_s, 1e-9), 0.0), 1.0) * inside

    def y(self, value: float) -> float:
        """Where a value lies, kept within the plane."""
        share = (value - self.low) / max(self.high - self.low, 1e-9)
        return self.height - self.bottom - min(max(share, 0.0), 1.0) * (self.height - self.top - self.bottom)

    @property
    def floor(self) -> float:
        """Where the axis of time lies."""
        return self.height - self.bottom

    def time_axis(self) -> str:
        """The axis of time with its ticks."""
        parts = [f'<line class="axis" x1="{n(self.left)}" x2="{n(WIDTH - self.right)}" {_at_y(self.floor)}/>']
        for tick in time_ticks(self.end_s):
            x = self.x(tick)
            parts.append(f'<line class="axis" {_at_x(x)} y1="{n(self.floor)}" y2="{n(self.floor + 4)}"/>')
            parts.append(
                text(x, self.floor + 17, clock(tick), "middle" if x < WIDTH - self.right - 14 else "end")
            )
        return "".join(parts)

    def value_axis(self, unit: str, *, digits: int = 0, n_ticks: int = 4) -> str:
        """Lines across at round values, with their numbers, and the unit on top."""
        parts = []
        for value in value_ticks(self.low, self.high, n_ticks):
            y = self.y(value)
            parts.append(f'<line class="grid" x1="{n(self.left)}" x2="{n(WIDTH - self.right)}" {_at_y(y)}/>')
            parts.append(text(self.left - 7, y + 4, shown(value, digits), "end"))
        parts.append(text(0, 10, unit, "start", "unit"))
        return "".join(parts)

    def line(self, times_s: Sequence[Seconds], values: Sequence[float], kind: str) -> str:
        """A curve, broken where a value is missing."""
        path, pen_down = [], False
        for time, value in zip(times_s, values, strict=True):
            if not math.isfinite(value):
                pen_down = False
                continue
            path.append(f"{'L' if pen_down else 'M'}{n(self.x(time))} {n(self.y(value))}")
            pen_down = True
        return f'<path class="{kind}" d="{"".join(path)}"/>' if path else ""

    def dots(self, times_s: Sequence[Seconds], values: Sequence[float], kind: str) -> str:
        """A dot for every value that is there."""
        circles = (
            f'<circle cx="{n(self.x(time))}" cy="{n(self.y(value))}" r="2.6"/>'
            for time, value in zip(times_s, values, strict=True)
            if math.isfinite(value)
        )
        return f'<g class="{kind}">{"".join(circles)}</g>'

    def bars(self, times_s: Sequence[Seconds], values: Sequence[float], width_s: Seconds, kind: str) -> str:
        """A bar about every moment, from the axis up."""
        path = []
        for time, value in zip(times_s, values, strict=True):
            if math.isfinite(value) and value > self.low:
                x, wide = self.x(time - width_s / 2), self.x(time + width_s / 2) - self.x(time - width_s / 2)
                path.append(
                    f"M{n(x + 0.3)} {n(self.floor)}V{n(self.y(value))}h{n(max(wide - 0.6, 0.4))}V{n(self.floor)}"
                )
        return f'<path class="{kind}" d="{"".join(path)}"/>'

    def band(self, low: float | None, high: float | None, kind: str = "band") -> str:
        """The stretch of values that is wanted."""
        if low is None and high is None:
            return ""
        top = self.y(high if high is not None else self.high)
        bottom = self.y(low if low is not None else self.low)
        if bottom - top < 0.5:
            return ""
        wide = WIDTH - self.left - self.right
        return f'<rect class="{kind}" x="{n(self.left)}" y="{n(top)}" width="{n(wide)}" height="{n(bottom - top)}"/>'

    def level(self, value: float, label: str, kind: str = "level") -> str:
        """A line across at a value, with its name at the right."""
        y = self.y(value)
        return f'<line class="{kind}" x1="{n(self.left)}" x2="{n(WIDTH - self.right)}" {_at_y(y)}/>' + text(
            WIDTH - self.right - 2, y - 4, label, "end", "note"
        )

    def moment(self, at_s: Seconds, label: str) -> str:
        """A line up and down at a moment, with its name."""
        x = self.x(at_s)
        anchor, shift = ("end", -5) if x > WIDTH * 0.6 else ("start", 5)
        line = f'<line class="moment" {_at_x(x)} y1="{n(self.top)}" y2="{n(self.floor)}"/>'
        return line + text(x + shift, self.floor - 6, label, anchor, "note")


def picture(name: str, title: str, description: str, height: float, body: Iterable[str]) -> str:
    """A whole SVG picture with its title and its description for those who cannot see it."""
    return (
        f'<svg viewBox="0 0 {n(WIDTH)} {n(height)}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(description)}</desc>{"".join(body)}</svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "tick") -> str:
    """Words at a place."""
    return f'<text class="{kind}" x="{n(x)}" y="{n(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def n(value: float) -> str:
    """A length, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def time_ticks(end_s: Seconds) -> tuple[float, ...]:
    """Round moments from 0 to the end, nine at most."""
    step = next((s for s in _TIME_STEPS if end_s / s <= _MOST_TIME_TICKS), _TIME_STEPS[-1])
    return tuple(float(step * index) for index in range(int(end_s // step) + 1))


def value_ticks(low: float, high: float, n_ticks: int) -> tuple[float, ...]:
    """About so many round values between two."""
    span = max(high - low, 1e-9)
    power = 10 ** math.floor(math.log10(span / n_ticks))
    step = next(power * s for s in _VALUE_STEPS if span / (power * s) <= n_ticks + 0.5)
    first = math.ceil(low / step - 1e-9)
    return tuple(index * step for index in range(first, math.floor(high / step + 1e-9) + 1))


def _at_x(x: float) -> str:
    return f'x1="{n(x)}" x2="{n(x)}"'


def _at_y(y: float) -> str:
    return f'y1="{n(y)}" y2="{n(y)}"'
