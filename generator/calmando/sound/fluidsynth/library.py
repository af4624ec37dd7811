"""Finding a FluidSynth library that works, and opening it.

The order is: the path in ``CALMANDO_LIBFLUIDSYNTH``; the library bundled in pygame-ce's wheel (found in its
installed files, pygame itself is never imported); the system's. The library is opened through a private copy
of pyfluidsynth's module, so that an application's own ``fluidsynth`` module is left as it is.
"""

from __future__ import annotations

import builtins
import ctypes
import ctypes.util
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import sys
import threading
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from calmando.errors import SynthMissingError
from calmando.resources import user_folder

ENVIRONMENT_VARIABLE = "CALMANDO_LIBFLUIDSYNTH"
OLDEST_VERSION = (2, 2, 0)
"""The oldest FluidSynth whose rendering calls behave as the engine needs."""

_SYSTEM_NAMES = ("fluidsynth", "fluidsynth-3", "libfluidsynth", "libfluidsynth-3", "libfluidsynth-2")
_HOMEBREW_PREFIXES = ("/opt/homebrew", "/usr/local")


class Origin(StrEnum):
    """Where a library comes from."""

    ENVIRONMENT = "named in CALMANDO_LIBFLUIDSYNTH"
    BUNDLED = "bundled with pygame-ce"
    SYSTEM = "installed on the system"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A place that was tried and why it did not serve."""

    origin: Origin
    place: str
    problem: str


@dataclass(frozen=True, slots=True)
class LibraryReport:
    """Which library is in use, and what was tried before it; ``path`` is ``None`` where none works."""

    path: str | None
    version: str | None
    origin: Origin | None
    attempts: tuple[Attempt, ...]

    @property
    def found(self) -> bool:
        """Whether a library works."""
        return self.path is not None


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """An open FluidSynth: the private copy of pyfluidsynth's module, the C library, where it was found."""

    module: types.ModuleType = field(repr=False)
    handle: ctypes.CDLL = field(repr=False)
    report: LibraryReport


_lock = threading.Lock()
_opened: dict[str | None, Library] = {}


def load() -> Library:
    """Open FluidSynth, once a process.

    Raises
    ------
    SynthMissingError
        Where no library works; the text says in one line what to install on this platform.
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE) or None
    with _lock:
        if chosen not in _opened:
            _opened[chosen] = _open_first_that_works(chosen)
        return _opened[chosen]


def report() -> LibraryReport:
    """Say which library is in use and what was tried; never raises."""
    try:
        return load().report
    except SynthMissingError:
        chosen = os.environ.get(ENVIRONMENT_VARIABLE) or None
        return LibraryReport(None, None, None, _try_all(chosen)[1])


def _open_first_that_works(chosen: str | None) -> Library:
    library, attempts = _try_all(chosen)
    if library is not None:
        return library
    tried = "; ".join(f"{attempt.place} ({attempt.origin}): {attempt.problem}" for attempt in attempts)
    what = "No FluidSynth library could be loaded."
    if chosen is not None:
        raise SynthMissingError(
            what, f"Tried {tried}.", f"Correct or remove the environment variable {ENVIRONMENT_VARIABLE}."
        )
    raise SynthMissingError(what, f"Tried {tried}.", install_advice())


def install_advice(platform: str | None = None) -> str:
    """One line: what to install on a platform (`sys.platform`) to get a FluidSynth library."""
    platform = sys.platform if platform is None else platform
    if platform == "darwin":
        return "Install one: brew install fluid-synth"
    if platform == "win32":
        return (
            "Fetch fluidsynth-…-win10-x64-cpp11.zip, 2.5.1 or newer, from github.com/FluidSynth/fluidsynth/releases and "
            f"unpack it into the folder C:\\tools (or set {ENVIRONMENT_VARIABLE} to its bin\\libfluidsynth-3.dll). "
            "MIDI files need nothing"
        )
    return "Install one: sudo apt install libfluidsynth3 (Alpine: apk add fluidsynth-libs)"


def _try_all(chosen: str | None) -> tuple[Library | None, tuple[Attempt, ...]]:
    attempts: list[Attempt] = []
    for origin, place in _candidates(chosen):
        if place is None:
            attempts.append(Attempt(origin, "nothing", "none found"))
            continue
        try:
            return _open(origin, place, tuple(attempts)), tuple(attempts)
        except (OSError, ImportError, AttributeError, ValueError) as problem:
            attempts.append(Attempt(origin, place, str(problem)))
    return None, tuple(attempts)


def _candidates(chosen: str | None) -> Iterator[tuple[Origin, str | None]]:
    """Places to try, in order. A library named by the user is the only one tried: no silent change of sound."""
    if chosen is not None:
        yield Origin.ENVIRONMENT, chosen
        return
    yield Origin.BUNDLED, _bundled_path()
    system = list(_system_places())
    yield from ((Origin.SYSTEM, place) for place in system)
    if not system:
        yield Origin.SYSTEM, None


def _bundled_path() -> str | None:
    try:
        files = importlib.metadata.files("pygame-ce") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name.lower().startswith("libfluidsynth"):
            return str(Path(str(file.locate())).resolve())
    return None


def _system_places() -> Iterator[str]:
    for name in _SYSTEM_NAMES:
        found = ctypes.util.find_library(name)
        if found:
            yield found
            break
    prefixes = (os.environ.get("HOMEBREW_PREFIX"), *_HOMEBREW_PREFIXES) if sys.platform == "darwin" else ()
    for prefix in prefixes:
        place = Path(prefix or "/nowhere") / "lib" / "libfluidsynth.dylib"
        if place.exists():
            yield str(place)
            break
    if sys.platform == "win32":
        folders = (
            folder for root in _windows_roots() for folder in sorted(root.glob("fluidsynth*"), reverse=True)
        )
        yield from (str(place) for folder in folders for place in folder.rglob("*fluidsynth-3.dll"))


def _windows_roots() -> tuple[Path, ...]:
    """Where somebody unpacks what is not installed; the first is also Chocolatey's."""
    return Path("C:/tools"), user_folder()


def _open(origin: Origin, place: str, attempts: tuple[Attempt, ...]) -> Library:
    handle = ctypes.CDLL(place)
    version = _version(handle)
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_VERSION:
        oldest = ".".join(str(part) for part in OLDEST_VERSION)
        raise ValueError(f"its version is {version}, {oldest} or newer is needed")
    module = _private_pyfluidsynth(place)
    return Library(module, handle, LibraryReport(place, version, origin, attempts))


def _version(handle: ctypes.CDLL) -> str:
    handle.fluid_version_str.restype = ctypes.c_char_p
    text = handle.fluid_version_str()
    return str(text.decode("ascii"))


def _private_pyfluidsynth(place: str) -> types.ModuleType:
    """Run pyfluidsynth's source as a module of our own whose library search answers ``place``.

    It is given builtins of its own in which ``import`` hands out that search and ``print`` is silent (it
    prints where ``CI`` is set), so nothing of the process at large is touched.
    """
    found = importlib.machinery.PathFinder.find_spec("fluidsynth")
    if found is None or found.origin is None:
        raise ImportError("the Python package pyfluidsynth is not installed")
    spec = importlib.util.spec_from_file_location("calmando.sound._private_fluidsynth", found.origin)
    if spec is None or spec.loader is None:
        raise ImportError(f"{found.origin} cannot be read as a module")
    module = importlib.util.module_from_spec(spec)
    search = types.ModuleType("ctypes.util")
    vars(search)["find_library"] = lambda _name: place

    def import_with_our_search(name: str, *args: Any, **kwargs: Any) -> types.ModuleType:
        if name == "ctypes.util":
            return search
        return builtins.__import__(name, *args, **kwargs)

    vars(module)["__builtins__"] = {
        **vars(builtins),
        "__import__": import_with_our_search,
        "print": lambda *_args, **_kwargs: None,
    }
    spec.loader.exec_module(module)
    return module
