"""The libraries are made of the sources that lie here, and where none fits, numpy is used."""

from __future__ import annotations

import importlib.util
import platform
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from calmando.sound import kernels
from calmando.sound.bank.described import difference_energy
from calmando.sound.bank.drift import Drift
from calmando.sound.bank.own_pages import passing
from calmando.sound.bank.spans import N_BINS, SpanWeights
from calmando.sound.files.dither import quantise_16
from calmando.sound.loudness.k_weighting import KWeightedEnergy
from calmando.sound.mixing.convolution import REGION_FRAMES, RESPONSE_FRAMES, convolution_with

SOURCES = Path(__file__).parents[2] / "generator" / "kernels"
LIBRARIES = Path(kernels.__file__).parent


def build_script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("kernels_build", SOURCES / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "kernels_build", module)
    spec.loader.exec_module(module)
    return module


def test_every_library_is_made_of_the_sources_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No library is missing or left over, and each holds the hash of the sources as they are: else, `make kernels`."""
    build = build_script(monkeypatch)
    files = {file.name: file for file in LIBRARIES.iterdir() if file.suffix == kernels.ENDING}
    assert files.keys() == {target.path.name for target in build.TARGETS}
    made_of = build.sources_hash().encode()
    assert [name for name, file in files.items() if made_of not in file.read_bytes()] == []


def test_the_library_in_use_tells_its_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash can be asked for, and so can the library's name."""
    library = kernels.kernels()
    if library is None:
        pytest.skip("there are no kernels for this machine")
    assert kernels.sources_of(library) == build_script(monkeypatch).sources_hash()
    assert (kernels.kernels_name() or "").startswith(("linux-", "macos-", "windows-"))


@pytest.mark.parametrize(("system", "processor"), [(sys.platform, "riscv64"), ("sunos5", "x86_64")])
def test_an_unknown_machine_has_none(monkeypatch: pytest.MonkeyPatch, system: str, processor: str) -> None:
    """On a processor or a system that nothing was compiled for, numpy does it all."""
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: processor)
    assert kernels._loaded.__wrapped__() is None


def test_wide_and_wider_vectors_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernels for processors with AVX2 give to the last bit what those for AVX-512 give."""
    if not (kernels.kernels_name() or "").endswith("_v4"):
        pytest.skip("this processor has no AVX-512")
    response, sent = noise(2, RESPONSE_FRAMES), noise(1, REGION_FRAMES)
    found = []
    opened = kernels._opened
    for level in ("3", "4"):
        monkeypatch.setattr(
            kernels, "_opened", lambda name, to=level: opened(re.sub("_v4$", f"_v{to}", name))
        )
        library = kernels._loaded.__wrapped__()
        assert Path(library._name).stem.endswith(f"_v{level}")
        monkeypatch.setattr(kernels, "_loaded", lambda library=library: library)
        mixed = noise(2, REGION_FRAMES)
        convolution_with(response).add_answer(None, sent[0], mixed)
        energies = KWeightedEnergy(44_100, 441).of_steps(mixed.T)
        spans = SpanWeights(*np.abs(noise(2, N_BINS))).energies(mixed)
        free = Drift.of(mixed, 44_100).taken_from(mixed, 0, passing)
        told = (mixed, energies, quantise_16(mixed.T * 0.01, 5), spans, free)
        found.append((*(each.tobytes() for each in told), difference_energy(mixed, free, 0.7)))
        monkeypatch.undo()
    assert found[0] == found[1]


def noise(*shape: int) -> NDArray[np.float32]:
    """The same noise every time."""
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pages are guarded on Linux alone")
def test_no_kernel_touches_what_is_not_its_own() -> None:
    """With forbidden pages right before and behind all they are given, kernels work as ever."""
    if kernels.kernels() is None:
        pytest.skip("there are no kernels for this machine")
    script = Path(__file__).parent / "kernel_bounds.py"
    tried = subprocess.run(
        [sys.executable, str(script), "7", "60"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr


def test_they_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets the variable gets numpy, at once."""
    monkeypatch.setenv(kernels.VARIABLE, "numpy")
    assert kernels.kernels() is None
    assert kernels.kernels_name() is None
