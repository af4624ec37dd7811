"""The built wheel, installed in an environment of its own, makes music outside the repository."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from calmando.sound.kernels import ENDING, kernels_name

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; the dependencies are lent from here, the project itself is not."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    (libraries,) = (
        environment.glob("lib/python*/site-packages")
        if os.name != "nt"
        else (environment / "Lib/site-packages",)
    )
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--no-index",
            "--quiet",
            "--target",
            str(libraries),
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    # A path in a .pth file lends the packages there, but not what their own .pth files add (the editable project).
    (libraries / "lent.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    return environment


def _run(environment: Path, folder: Path, *words: str) -> str:
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return subprocess.run(
        [str(python), "-m", *words], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    """The package, its presets and its SoundFont come from the environment, not from the repository."""
    program = "import calmando.resources as r; print(r.__file__, r.presets_folder(), r.soundfonts_folder())"
    python = installed / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    told = subprocess.run(
        [str(python), "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert all(place.startswith(str(installed)) for place in told.split())


def test_the_presets_come_along(installed: Path, tmp_path: Path) -> None:
    """All presets of the repository are in the wheel."""
    rows = json.loads(_run(installed, tmp_path, "calmando", "presets", "--json"))
    assert {row["name"] for row in rows} == {path.stem for path in (ROOT / "presets").glob("*.toml")}


def test_the_kernels_come_along(installed: Path, tmp_path: Path) -> None:
    """What is compiled lies in the wheel, for every system, and is found by whoever installs it."""
    program = (
        "import os, calmando.sound.kernels as k;"
        "print(k.kernels_name(), *sorted(os.listdir(os.path.dirname(k.__file__))))"
    )
    python = installed / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    name, *there = subprocess.run(
        [str(python), "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    libraries = {path.name for path in (ROOT / "generator/calmando/sound/kernels").glob(f"*{ENDING}")}
    assert libraries and libraries <= set(there)
    assert name == str(kernels_name())


def test_sound_is_made_with_the_font_that_came_along(installed: Path, tmp_path: Path) -> None:
    """A piece is rendered, with the SoundFont inside the wheel as the default."""
    fonts = json.loads(_run(installed, tmp_path, "calmando", "soundfonts", "--json"))["fonts"]
    (default,) = [font for font in fonts if font["default"]]
    assert default["path"].startswith(str(installed))
    _run(installed, tmp_path, "calmando", "render", "bedtime-lullaby", "-s", "1", "-m", "1.2", "-o", "a.flac")
    assert (tmp_path / "a.flac").stat().st_size > 100_000
