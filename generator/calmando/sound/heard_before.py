"""What was heard of fonts in this process: whoever plays piece after piece need not listen to the same notes again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

MOST_ANSWERS = 4_096
"""So many are remembered (two kilobytes each at most), those asked for last."""

_known: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is asked of one sound, and was perhaps asked before.

    Attributes
    ----------
    sound
        All that it hangs on but the note: the state of the fonts, the sample rate, the channel's settings.
    """

    sound: Hashable

    def told(self, question: tuple[Hashable, ...], listen: Callable[[], T]) -> T:
        """The answer to a question, its notes in it; listened to where it is not remembered."""
        asked = self.sound, question
        with _lock:
            if asked in _known:
                _known.move_to_end(asked)
                known: T = _known[asked]
                return known
        heard = listen()
        with _lock:
            _known[asked] = heard
            while len(_known) > MOST_ANSWERS:
                _known.popitem(last=False)
        return heard
