"""The glottis and the vocal tract: a source and its resonances.

The tract is a row of resonances (Fant's all-pole model), the source a train of glottal pulses whose partials
fall by 12 dB an octave, 6 of which the lips give back, softer the breathier the voice.

References
----------
Fant, G. (1960). Acoustic theory of speech production. Mouton.
Peterson, G. E. & Barney, H. L. (1952). Control methods used in a study of the vowels. JASA 24, 175–184.
Sundberg, J. (1987). The science of the singing voice. Northern Illinois University Press: sung vowels, the
tuning of the first formant to high pitches.
Klatt, D. H. & Klatt, L. C. (1990). Analysis, synthesis, and perception of voice quality variations among female
and male talkers. JASA 87, 820–857: breathiness, bandwidths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmando.instruments.model import Frames

_TUBE_TOP_HZ = 12_000.0


@dataclass(frozen=True, slots=True)
class Formant:
    """One resonance of the vocal tract: its centre and its width at −3 dB, in Hz."""

    centre_hz: float
    width_hz: float


@dataclass(frozen=True, slots=True)
class Tract:
    """A vocal tract holding one vowel."""

    formants: tuple[Formant, ...]

    def scaled(self, factor: float) -> Tract:
        """The same vowel in a shorter (factor above 1) or longer tract."""
        return Tract(tuple(Formant(f.centre_hz * factor, f.width_hz) for f in self.formants))

    def tuned_to(self, frequency_hz: float) -> Tract:
        """The same vowel sung high: the first formant is never left below the pitch, nor the second below both."""
        first, second, *others = self.formants
        lifted = Formant(max(first.centre_hz, 1.05 * frequency_hz), first.width_hz)
        above = Formant(max(second.centre_hz, 1.35 * lifted.centre_hz), second.width_hz)
        return Tract((lifted, above, *others))

    def gains(self, frequencies_hz: Frames) -> NDArray[np.complex128]:
        """The complex gain at each frequency; 1 at 0 Hz."""
        total = np.ones(len(frequencies_hz), dtype=np.complex128)
        for formant in (*self.formants, *self._upper()):
            centre, width = formant.centre_hz, formant.width_hz
            total *= centre**2 / (centre**2 - frequencies_hz**2 + 1j * frequencies_hz * width)
        return total

    def _upper(self) -> tuple[Formant, ...]:
        """The resonances above the given ones, as regular as those of a tube, up to 12 kHz."""
        last = self.formants[-1].centre_hz
        spacing_hz = last / (len(self.formants) - 0.5)
        n = max(0, int((_TUBE_TOP_HZ - last) / spacing_hz))
        return tuple(Formant(last + spacing_hz * (i + 1), 300.0 + 100.0 * i) for i in range(n))


def blended(low: Tract, high: Tract, share: float) -> Tract:
    """The vowel of a voice between two voices; ``share`` 0 is the low one, 1 the high one."""
    pairs = zip(low.formants, high.formants, strict=True)
    return Tract(
        tuple(
            Formant(
                a.centre_hz ** (1 - share) * b.centre_hz**share, a.width_hz ** (1 - share) * b.width_hz**share
            )
            for a, b in pairs
        )
    )


def glottal_partials(n: int, frequency_hz: float, *, corner_hz: float) -> Frames:
    """Amplitudes of the first n partials of the flow's derivative, which is what the lips radiate.

    A round pulse falls by 6 dB an octave once radiated; above ``corner_hz`` the softly closing folds of a
    quiet voice take another 6 dB an octave.
    """
    partials = np.arange(1, n + 1)
    return np.asarray(1.0 / partials / np.sqrt(1.0 + (partials * frequency_hz / corner_hz) ** 2))
