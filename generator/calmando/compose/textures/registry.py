"""Every texture by its name in a preset."""

from __future__ import annotations

from calmando.compose.textures import beaten, held, linked
from calmando.compose.textures.broken import PATTERNS, broken
from calmando.compose.textures.contract import Texture

TEXTURES: dict[str, Texture] = {
    **{name: broken(name) for name in PATTERNS},
    "tune": linked.tune,
    "unison": linked.unison,
    "solo": linked.solo,
    "pad": held.pad,
    "drone5": held.drone5,
    "tambura": held.tambura,
    "chorale": held.chorale,
    "bassbar": held.bassbar,
    "bells": linked.bells,
    "sixths": linked.sixths,
    "echo": linked.echo,
    "cue": linked.cue,
    "march": beaten.march,
    "click": beaten.click,
    "pulse": beaten.pulse,
}

WALKING = frozenset((*PATTERNS, "tambura"))
"""What is plucked tone by tone, and goes on so through a fade."""
