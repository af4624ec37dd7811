"""The course of a piece as text: minute by minute what changes, and what each lever of resonance costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calmando.compose.composing import Composing
from calmando.compose.levers import TERMS, Lever
from calmando.preset.model import Preset
from calmando.told_time import clock
from calmando.units import Seconds, Unit


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changes or happens: when, in which section, and what, in words."""

    at_s: Seconds
    section: str
    news: str


def events_of(composing: Composing) -> Iterator[Event]:
    """Run through a piece and tell its sections and what changes."""
    section = ""
    at_s: Seconds = 0.0
    for passage in composing.passages():
        if passage.section is not None:
            section = passage.section.name
        if passage.section is not None or composing.news:
            yield Event(at_s, section, composing.news)
        at_s = composing.elapsed_s


def course_text(composing: Composing, preset: Preset) -> str:
    """The course of a piece, and the terms of the levers its resonance allows."""
    return "\n".join((*_course_lines(composing), "", *_terms_lines(preset.melody.resonance), ""))


def _course_lines(composing: Composing) -> Iterator[str]:
    minutes_long = composing.length_s / 60
    yield f"The course of the piece at {minutes_long:.3g} minutes (one thing changes at a time):"
    before = ""
    for event in events_of(composing):
        section = event.section if event.section != before else ""
        before = event.section
        yield f"  {clock(event.at_s):>6} {section:<28} {event.news}".rstrip()


def _terms_lines(resonance: Unit) -> Iterator[str]:
    yield f"Levers of resonance (the dial stands at {resonance:g}; a strophe earns points, a lever costs them):"
    for lever in Lever:
        terms = TERMS[lever]
        state = f"costs {terms.cost:g}" if resonance >= terms.from_value else "not moved"
        yield f"  {lever.value:<16} from {terms.from_value:g}, {state}: {terms.sentence}"
