"""The examples run, in a folder of their own, and do what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))
LEFT_BEHIND = {
    "render_a_preset": {"lullaby.mid", "lullaby.flac", "lullaby-again.flac"},
    "adapt_to_a_client": {f"for-anna-{seed}.ogg" for seed in (11, 12, 13)},
    "stream_blocks": set(),
    "arrange_a_familiar_tune": {"twinkle-for-zoe.flac"},
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_leaves_its_files(example: Path, tmp_path: Path) -> None:
    """Each example ends well and leaves just the files it speaks of."""
    done = subprocess.run(
        [sys.executable, str(example)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == LEFT_BEHIND[example.stem]
    assert done.stdout


def test_the_piece_made_again_is_the_same(tmp_path: Path) -> None:
    """The first example's second file holds the same bytes of sound as its first."""
    example = next(path for path in EXAMPLES if path.stem == "render_a_preset")
    subprocess.run([sys.executable, str(example)], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "lullaby.flac").read_bytes() == (tmp_path / "lullaby-again.flac").read_bytes()
