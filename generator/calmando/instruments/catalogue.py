"""Every voice of the built-in font, as one explicit list."""

from __future__ import annotations

from calmando.instruments.model import Voice

VOICES: tuple[Voice, ...] = ()
"""The voices by bank and program."""
