"""The search for garbage is off while it is put off, and then as it was."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

import calmando
from calmando.collecting import collecting_put_off


@pytest.fixture(params=[True, False], ids=["on", "off"])
def before(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether the program collects garbage, or has turned that off."""
    was_on = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if was_on else gc.disable)()


def test_it_is_off_meanwhile_and_then_as_it_was(before: bool) -> None:
    """Also within itself, and after a failure."""
    with pytest.raises(ZeroDivisionError), collecting_put_off():
        with collecting_put_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled() is before


def test_composing_leaves_it_as_it_was(before: bool) -> None:
    """A piece is made, or cannot be made."""
    calmando.compose(calmando.recipe("infant-lullaby", seed=1, minutes=1))
    assert gc.isenabled() is before
    with pytest.raises(calmando.CalmandoError):
        calmando.compose(calmando.recipe("bedtime-lullaby", seed=1, minutes=0.2))
    assert gc.isenabled() is before


def test_threads_do_not_turn_it_on_for_each_other(before: bool) -> None:
    """Who ends first leaves it off for who still works."""
    first_ended, second_began = threading.Event(), threading.Event()
    seen: list[bool] = []

    def second() -> None:
        with collecting_put_off():
            second_began.set()
            first_ended.wait(10)
            seen.append(gc.isenabled())

    thread = threading.Thread(target=second)
    with collecting_put_off():
        thread.start()
        second_began.wait(10)
    first_ended.set()
    thread.join()
    assert seen == [False]
    assert gc.isenabled() is before
