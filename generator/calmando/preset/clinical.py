"""Values of a preset outside a cited range: allowed, but said, with the source."""

from __future__ import annotations

from calmando.preset.model import Preset


def warnings(preset: Preset) -> tuple[str, ...]:
    """Sentences for values outside a cited range, each naming key, value, range, source and its status."""
    raise NotImplementedError(preset)
