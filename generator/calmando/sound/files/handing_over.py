"""Blocks from the thread that mixes to one that writes, such that neither ever waits for one that has ended."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from queue import Empty, Full, Queue
from typing import TypeAlias

from calmando.sound.blocks import Block

Blocks: TypeAlias = Queue[Block | None]
"""Blocks on their way; ``None`` says that no more will come."""

_PATIENCE_S = 0.1
"""How long a full queue is waited for before looking whether the writer still lives (and Ctrl-C is heard)."""


def hand_over(block: Block | None, waiting: Blocks, writer: Future[None]) -> None:
    """Hand a block on as soon as there is room; a writer that has ended takes no more, its future says why."""
    while not writer.done():
        try:
            waiting.put(block, timeout=_PATIENCE_S)
        except Full:
            continue
        return


def give_up(waiting: Blocks) -> None:
    """Take back what was not yet written, and say that no more will come."""
    with contextlib.suppress(Empty):
        while True:
            waiting.get_nowait()
    waiting.put(None)
