"""What the README says is true: its commands and its program run, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NEEDS_A_FONT = "FluidR3_GM"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def _commands() -> list[list[str]]:
    lines = [line for block in _blocks("sh") for line in block.splitlines() if line.strip()]
    return [shlex.split(line, comments=True) for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all commands, in the README's order: later ones use what earlier ones made."""
    return tmp_path_factory.mktemp("readme")


def test_the_commands_run_in_order(folder: Path) -> None:
    """Every ``calmando`` command of the README ends well."""
    fonts = subprocess.run(
        [sys.executable, "-m", "calmando", "soundfonts", "--json"], capture_output=True, text=True, check=True
    ).stdout
    for words in _commands():
        if words[0] != "calmando" or (NEEDS_A_FONT in words and NEEDS_A_FONT not in fonts):
            continue
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stderr}"


def test_the_make_targets_exist() -> None:
    """``make lullaby`` and ``make test`` are targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [words[1] for words in _commands() if words[0] == "make"]
    assert targets == ["lullaby", "test"]
    assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in targets)


def test_the_program_runs(tmp_path: Path) -> None:
    """The Python block of the README runs as it stands."""
    (program,) = _blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"lullaby.mid", "lullaby.flac"}


def test_every_command_is_in_the_readme() -> None:
    """No command of the tool is missing from the README."""
    from calmando.cli.app import app

    names = {command.callback.__name__ for command in app.registered_commands if command.callback}
    told = set(re.findall(r"calmando (\w+)", README))
    assert names <= told


def test_links_lead_to_files() -> None:
    """Every relative link and picture is there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
