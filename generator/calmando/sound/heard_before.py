"""What was heard of fonts in this process: whoever plays piece after piece need not listen to the same notes again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from calmando.sound.bank.predict import NoteEnergy

MOST_NOTES = 4_096
"""So many are remembered (some two kilobytes each), those asked for last."""

_known: OrderedDict[Hashable, NoteEnergy] = OrderedDict()
_lock = threading.Lock()


def heard_before(note: Hashable, listen: Callable[[], NoteEnergy]) -> NoteEnergy:
    """The energy of a note, listened to where it is not remembered.

    Parameters
    ----------
    note
        All that its sound hangs on: the state of the fonts, the sample rate, the channel's settings, the note.
    """
    with _lock:
        if note in _known:
            _known.move_to_end(note)
            return _known[note]
    heard = listen()
    with _lock:
        _known[note] = heard
        while len(_known) > MOST_NOTES:
            _known.popitem(last=False)
    return heard
