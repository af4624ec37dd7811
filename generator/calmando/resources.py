"""Where the package's own presets and SoundFonts lie, and where a user's own do.

In the repository ``presets/`` and ``soundfonts/`` stand at the top level; in an installed wheel they lie
inside the package.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_REPOSITORY = _PACKAGE.parent.parent


def _data_folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _REPOSITORY / name


def presets_folder() -> Path:
    """The folder of the presets that come with Calmando."""
    return _data_folder("presets")


def soundfonts_folder() -> Path:
    """The folder of the SoundFonts that come with Calmando."""
    return _data_folder("soundfonts")


def home_folder() -> Path:
    """The user's home; where the system knows none, as in some containers and services, a folder that is not there."""
    home = os.path.expanduser("~")  # noqa: PTH111 - pathlib's own fails there
    return Path(home if home != "~" else "/nonexistent")


def user_folder() -> Path:
    """The user's own data folder (``presets`` and ``soundfonts`` in it are read); it need not exist.

    ``CALMANDO_HOME`` if set; else the platform's usual place.
    """
    chosen = os.environ.get("CALMANDO_HOME")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("APPDATA")
        return (Path(base) if base else home_folder() / "AppData" / "Roaming") / "calmando"
    if sys.platform == "darwin":
        return home_folder() / "Library" / "Application Support" / "calmando"
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else home_folder() / ".local" / "share") / "calmando"


def user_presets_folder() -> Path:
    """The folder of the user's own presets; it need not exist."""
    return user_folder() / "presets"


def user_soundfonts_folder() -> Path:
    """The folder of the user's own SoundFonts; it need not exist."""
    return user_folder() / "soundfonts"


def is_there(path: str | Path) -> bool:
    """Whether something stands at a path; unlike pathlib's question, no name is too long or too odd to ask."""
    return os.path.exists(path)  # noqa: PTH110 - see above


def is_file(path: str | Path) -> bool:
    """Whether an ordinary file stands at a path; never raises."""
    return os.path.isfile(path)  # noqa: PTH113 - see `is_there`


def not_a_file(path: str | Path) -> str:
    """What is wrong with a path where something stands that is no ordinary file, after its name; else nothing."""
    if not is_there(path) or is_file(path):
        return ""
    return "is a folder, not a file" if is_folder(path) else "is not an ordinary file"


def is_folder(path: str | Path) -> bool:
    """Whether a folder stands at a path; never raises."""
    return os.path.isdir(path)  # noqa: PTH112 - see `is_there`
