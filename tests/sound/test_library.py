"""Finding FluidSynth."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import sys
from pathlib import Path

import pytest

from calmando.errors import SynthMissingError
from calmando.sound.fluidsynth import library


@pytest.fixture
def afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing opened yet, nothing asked for."""
    monkeypatch.setattr(library, "_opened", {})
    monkeypatch.delenv(library.ENVIRONMENT_VARIABLE, raising=False)


def hide_system_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the system's search find nothing."""
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)


def hide_bundled_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that pygame-ce is not installed."""

    def no_files(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", no_files)


@pytest.mark.usefixtures("afresh")
def test_the_bundled_library_works_without_a_system_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no FluidSynth, the one in pygame-ce's wheel is found and opened, pygame untouched."""
    hide_system_library(monkeypatch)
    before = set(sys.modules)
    opened = library.load()
    assert opened.report.origin is library.Origin.BUNDLED
    assert opened.report.version == "2.5.7"
    assert Path(opened.report.path or "").exists()
    assert not any(name.split(".")[0] == "pygame" for name in set(sys.modules) - before)


@pytest.mark.usefixtures("afresh")
def test_the_applications_own_module_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening ours neither imports nor replaces a module named fluidsynth."""
    own = object()
    monkeypatch.setitem(sys.modules, "fluidsynth", own)
    assert library.load().module is not own
    assert sys.modules["fluidsynth"] is own


@pytest.mark.usefixtures("afresh")
def test_opening_prints_nothing(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """pyfluidsynth prints where CI is set; our copy of it stays silent."""
    monkeypatch.setenv("CI", "true")
    library.load()
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("afresh")
def test_a_library_named_by_the_user_is_the_only_one_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A wrong path in the environment is an error that names it, not a silent change to another library."""
    wrong = tmp_path / "libfluidsynth.so.3"
    wrong.write_text("not a library")
    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, str(wrong))
    with pytest.raises(SynthMissingError, match=library.ENVIRONMENT_VARIABLE) as caught:
        library.load()
    assert str(wrong) in str(caught.value)
    report = library.report()
    assert not report.found
    assert [attempt.origin for attempt in report.attempts] == [library.Origin.ENVIRONMENT]


@pytest.mark.usefixtures("afresh")
def test_a_library_named_by_the_user_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right path in the environment is taken before any other."""
    bundled = library.load().report.path
    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, bundled or "")
    report = library.report()
    assert (report.path, report.origin) == (bundled, library.Origin.ENVIRONMENT)


@pytest.mark.usefixtures("afresh")
def test_without_any_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing bundled and nothing installed the error names both places and one command."""
    hide_system_library(monkeypatch)
    hide_bundled_library(monkeypatch)
    monkeypatch.setattr(library, "_HOMEBREW_PREFIXES", ())
    monkeypatch.delenv("HOMEBREW_PREFIX", raising=False)
    with pytest.raises(SynthMissingError) as caught:
        library.load()
    assert caught.value.fix == library.install_advice()
    assert "pygame-ce" in caught.value.why
    assert "system" in caught.value.why
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("afresh")
def test_a_library_that_is_too_old_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version below the oldest that serves is named with its version, and the search goes on."""
    hide_system_library(monkeypatch)
    monkeypatch.setattr(library, "_version", lambda handle: "1.1.11")
    with pytest.raises(SynthMissingError, match=r"version is 1\.1\.11, 2\.2\.0 or newer is needed"):
        library.load()


def test_what_is_unpacked_on_windows_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder of its release's name, the newest first."""
    old, new = "fluidsynth-v2.4.5-win10-x64", "fluidsynth-v2.5.1-win10-x64-cpp11"
    for release, name in (
        (old, "fluidsynth-3.dll"),
        (new, "libfluidsynth-3.dll"),
        ("other", "fluidsynth-3.dll"),
    ):
        (tmp_path / release / "bin").mkdir(parents=True)
        (tmp_path / release / "bin" / name).touch()
    monkeypatch.setattr(library.sys, "platform", "win32")
    monkeypatch.setattr(library, "_windows_roots", lambda: (tmp_path,))
    monkeypatch.setattr(library.ctypes.util, "find_library", lambda _: None)
    assert [Path(place).parts[-3] for place in library._system_places()] == [new, old]


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        ("linux", "apt install libfluidsynth3"),
        ("darwin", "brew install fluid-synth"),
        ("win32", "win10-x64-cpp11.zip"),
    ],
)
def test_every_platform_has_its_advice(platform: str, words: str) -> None:
    """What to install is said for Linux, macOS and Windows."""
    assert words in library.install_advice(platform)
