"""The version of Calmando and of its composer."""

__version__ = "0.1.0"

COMPOSER_VERSION = 1
"""Counts up with every release that makes other music from the same recipe."""

RENDERER_VERSION = 1
"""Counts up with every release that makes other sound from the same record."""
