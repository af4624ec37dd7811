"""Time as a person reads it: a moment on a clock, a length in words."""

from __future__ import annotations

from calmando.units import Seconds


def clock(seconds: Seconds) -> str:
    """A moment as minutes and seconds (and hours, where there are any): ``4:05``.

    Examples
    --------
    >>> clock(245.2), clock(3_661)
    ('4:05', '1:01:01')
    """
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def spoken_length(seconds: Seconds) -> str:
    """A length to the second, in words where they say it: ``49 seconds``, ``5 minutes``, ``1:48 minutes``.

    Examples
    --------
    >>> spoken_length(300), spoken_length(108)
    ('5 minutes', '1:48 minutes')
    """
    whole = max(round(seconds), 0)
    size, name = (1, "second") if whole < 60 else (60, "minute") if whole < 3600 else (3600, "hour")
    if whole % size:
        return f"{clock(whole)} {name}s"
    n = whole // size
    return f"{n} {name}" if n == 1 else f"{n} {name}s"


def told_minutes(minutes: float) -> str:
    """A length as it was asked for, in minutes: ``1 minute``, ``2.5 minutes``."""
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"


def about(seconds: Seconds) -> str:
    """Roughly how long something lasts: at least a second.

    Examples
    --------
    >>> about(37.2), about(650), about(18_700)
    ('37 s', '11 minutes', '5.2 hours')
    """
    if seconds < 100:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 6_000 else f"{seconds / 3600:.2g} hours"
