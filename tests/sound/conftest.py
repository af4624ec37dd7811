"""What tests of the mixer's arithmetic need: both ways in which it is done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from calmando.sound.kernels import VARIABLE, kernels


@contextlib.contextmanager
def _by_numpy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "numpy")
        yield


@pytest.fixture(scope="session")
def by_numpy() -> Callable[[], AbstractContextManager[None]]:
    """Within ``with by_numpy():`` no kernel is used."""
    return _by_numpy


@pytest.fixture(scope="module", params=["kernels", "numpy"])
def arithmetic(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever asks for this is tried with the kernels, and with numpy."""
    if request.param == "numpy":
        with _by_numpy():
            yield
    elif kernels() is None:
        pytest.skip("there are no kernels for this machine")
    else:
        yield
