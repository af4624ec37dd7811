"""Opens a sound file for reading, whatever signs its name is made of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import soundfile


def opened_sound(path: Path) -> soundfile.SoundFile:
    """Open a sound file; its ``name`` may be bytes.

    Raises
    ------
    soundfile.SoundFileError
        Where libsndfile cannot read it.
    """
    # soundfile encodes a name itself, and fails on one from before UTF-8, which a disk may well hold.
    return soundfile.SoundFile(str(path) if sys.platform == "win32" else os.fsencode(path))
