"""Names and hashes of the SoundFonts in use, for the record."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TypeAlias

from calmando.errors import SoundFontError
from calmando.preset.record import FontUsed

FontState: TypeAlias = tuple[Path, int, int]
"""A file as it is now: its place, when it was changed last, its length."""

_PIECE_BYTES = 1 << 23

_known: dict[FontState, str] = {}
_lock = threading.Lock()


def font_state(font: Path) -> FontState:
    """What tells whether a font's file is still the same; raises OSError where it is gone."""
    state = font.stat()
    return font.resolve(), state.st_mtime_ns, state.st_size


def _sha256(font: Path) -> str:
    """The hash of a file; read in long pieces, so that it seldom waits for other threads to let it into Python."""
    digest = hashlib.sha256()
    piece = memoryview(bytearray(_PIECE_BYTES))
    with font.open("rb", buffering=0) as file:
        while n_bytes := file.readinto(piece):
            digest.update(piece[:n_bytes])
    return digest.hexdigest()


def font_used(font: Path) -> FontUsed:
    """Name and hash of a font; a file that has not changed is read once a process."""
    try:
        state = font_state(font)
        # Kept while it is read: whoever asks meanwhile waits instead of reading it again.
        with _lock:
            known = _known.get(state)
            if known is None:
                known = _known[state] = _sha256(font)
    except OSError as problem:
        raise SoundFontError(
            f"The SoundFont {font} cannot be read.", f"{problem.strerror or problem}.", "Check the path."
        ) from problem
    return FontUsed(name=font.name, sha256=known)
