"""Bounds a user sets: a file with a few lines of the built-in table."""

from __future__ import annotations

from pathlib import Path

import pytest
from constructed import calm_score

from calmando.audit import Bound, Verdict, audit_score, own_bounds
from calmando.audit.standard import standard_for
from calmando.errors import InputError
from calmando.preset.load import load_preset
from calmando.preset.model import Intent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table with a line for all purposes and one for sleep."""
    path = tmp_path / "mine.toml"
    path.write_text(
        "[calm]\nonset-density = { high = 0.5 }\n[sleep]\nloudness-step = { high = 2, fail_high = 3 }\n"
    )
    return path


def test_a_line_takes_the_place_of_the_built_in_one(file: Path) -> None:
    """What the file names is held to it, for every purpose that is like calm; all else stays."""
    own = own_bounds(file)
    sleep, plain = standard_for(Intent.SLEEP, own), standard_for(Intent.SLEEP)
    assert sleep.bounds["onset-density"] == Bound(high=0.5)
    assert sleep.bounds["loudness-step"] == Bound(high=2.0, fail_high=3.0)
    changed = {key for key in plain.bounds if sleep.bounds[key] != plain.bounds[key]}
    assert changed == {"onset-density", "loudness-step"} == sleep.own
    assert standard_for(Intent.LULLABY, own).own == {"onset-density"}


def test_it_goes_before_a_preset_s_own_figure(file: Path) -> None:
    """A user may be stricter than the preset."""
    assert standard_for(load_preset("deep-sleep"), own_bounds(file)).bounds["loudness-step"].high == 2.0


def test_the_findings_say_whose_bound_it_is(file: Path) -> None:
    """Source, design mark and a notice tell that the bound is the user's."""
    audit = audit_score(calm_score(), Intent.LULLABY, bounds=own_bounds(file))
    finding = audit.finding("onset-density")
    assert finding.verdict is Verdict.WARN
    assert finding.source == "set by the user in mine.toml"
    assert finding.is_design_bound
    assert any("mine.toml" in notice and "Busiest five seconds" in notice for notice in audit.notices)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[clam]\nsteps = { low = 5 }", "Did you mean calm"),
        ("[calm]\nstep = { low = 5 }", "Did you mean steps"),
        ("[calm]\nsteps = { lowest = 5 }", "Did you mean low"),
        ("[calm]\nsteps = 5", "is no bound"),
        ("[calm]\nsteps = { low = 'x' }", "no number"),
        ("[calm]\nsteps = { low = nan }", "no number"),
        ("[calm]\nsteps = { low = 5, high = 4 }", "not in order"),
        ("steps = { low = 5 }", "there is no purpose called steps"),
        ("calm = 3", "outside a purpose"),
        ("[calm", "no table of bounds"),
        (f"[calm]\nsteps = {{ low = {'9' * 400} }}", "no number"),
        (f"[calm]\nsteps = {{ low = {'9' * 5000} }}", "no table of bounds"),
        ("[calm]\nsteps = " + "[" * 3000, "no table of bounds"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, text: str, said: str) -> None:
    """Every mistake is answered with its place and what would be right."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        own_bounds(path)


def test_empty_braces_prescribe_nothing(tmp_path: Path) -> None:
    """A measure whose braces are empty is told but not judged."""
    path = tmp_path / "mine.toml"
    path.write_text("[calm]\nonset-density = {}\n")
    finding = audit_score(calm_score(), Intent.LULLABY, bounds=own_bounds(path)).finding("onset-density")
    assert finding.verdict is Verdict.NOT_MEASURED
    assert finding.value is not None
    assert "nothing is prescribed" in finding.sentence


def test_the_example_of_the_documentation_can_be_used(tmp_path: Path) -> None:
    """The table shown in docs/audit.md is one."""
    text = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.split("```toml\n")[1].split("```")[0])
    assert own_bounds(path).tables["sleep"]["true-peak"] == Bound()


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """An editor on Windows may write one."""
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf[calm]\nsteps = { low = 5 }\n")
    assert own_bounds(path).tables["calm"]["steps"] == Bound(low=5.0)


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    """A file that is not there, and a folder, are told in words."""
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(InputError, match="no file"):
            own_bounds(path)
