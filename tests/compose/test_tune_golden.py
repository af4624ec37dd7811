"""The same seed makes the same tune as ever."""

from __future__ import annotations

import pytest
from golden_tunes import GOLDEN_TUNES, GoldenTune


@pytest.mark.parametrize("golden", GOLDEN_TUNES, ids=lambda golden: golden.path.stem)
def test_tune_is_the_one_kept(golden: GoldenTune) -> None:
    """The kept text is what is composed today; changed on purpose by ``python tests/compose/golden_tunes.py``."""
    assert golden.text() == golden.path.read_text(encoding="utf-8")
