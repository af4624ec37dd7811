"""Where synths come from: made when one is asked for, or before, beside the composing of what they will play."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from calmando.errors import CalmandoError
from calmando.sound.fluidsynth.programs import WantedProgram
from calmando.sound.fluidsynth.synth import Synth, SynthOptions

AT_FIRST = 2
"""So many synths of each kind are made when a piece begins, side by side: more would be late for its first notes."""
_AHEAD_CHANNELS = 16
"""FluidSynth takes channels by sixteens; whoever needs more waits for a synth of their own."""


class Rack:
    """Synths with the same fonts, for any number of threads. Who takes one closes it; those that nobody took are freed with the rack.

    Parameters
    ----------
    fonts
        SoundFonts; a sound missing in the first is looked for in the next.
    """

    def __init__(self, fonts: Sequence[Path]) -> None:
        self._fonts = tuple(fonts)
        self._coming: list[_Coming] = []
        self._lock = threading.Lock()
        # Also where whoever had it made never came to use it.
        self.close = weakref.finalize(self, _free, self._coming)

    def prepare(self, sample_rates: Iterable[int], programs: Sequence[WantedProgram]) -> None:
        """Begin to make synths, one for each sample rate, and to have the samples of some programs at hand."""
        pool = ThreadPoolExecutor(AT_FIRST, thread_name_prefix="calmando-rack")
        made = [
            _Coming(rate, pool.submit(_made, self._fonts, rate, _AHEAD_CHANNELS)) for rate in sample_rates
        ]
        for coming in made:
            coming.ready = pool.submit(coming.choose, programs)
        pool.shutdown(wait=False)
        self._coming += made

    def take(self, sample_rate: int, n_channels: int) -> Synth:
        """A synth of so many channels, on which any program may be chosen.

        Raises
        ------
        SynthMissingError, SoundFontError, SynthesisError
            If it cannot be made.
        """
        coming = self._next(sample_rate) if n_channels <= _AHEAD_CHANNELS else None
        return coming.taken() if coming is not None else _made(self._fonts, sample_rate, n_channels)

    def _next(self, sample_rate: int) -> _Coming | None:
        with self._lock:
            found = next((coming for coming in self._coming if coming.sample_rate == sample_rate), None)
            if found is not None:
                self._coming.remove(found)
            return found


@dataclass(slots=True, eq=False)
class _Coming:
    """A synth that is being made."""

    sample_rate: int
    made: Future[Synth]
    ready: Future[None] | None = None
    is_wanted: bool = False

    def choose(self, programs: Sequence[WantedProgram]) -> None:
        """Put programs on the channels until it is wanted: whoever takes it chooses what is left."""
        synth = self.made.result()
        for channel, wanted in enumerate(programs[:_AHEAD_CHANNELS]):
            if self.is_wanted:
                return
            synth.choose(channel, wanted)

    def taken(self) -> Synth:
        """The synth, as soon as it can be had."""
        self.is_wanted = True
        if self.ready is not None and not self.ready.cancel():
            # What fails there is told to whoever chooses the program again.
            wait([self.ready])
        return self.made.result()


def _made(fonts: tuple[Path, ...], sample_rate: int, n_channels: int) -> Synth:
    return Synth(fonts, sample_rate, SynthOptions(n_channels=n_channels))


def _free(coming: list[_Coming]) -> None:
    while coming:
        nobodys = coming.pop()
        with suppress(CalmandoError, CancelledError):
            nobodys.made.cancel()
            nobodys.taken().close()
