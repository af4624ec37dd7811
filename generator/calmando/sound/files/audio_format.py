"""Which sound formats can be written, and with which rates, depths and qualities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from calmando.errors import InputError, listed


class BitDepth(StrEnum):
    """How a sample is stored in WAV and FLAC (FLAC: 16 and 24)."""

    PCM_16 = "16"
    PCM_24 = "24"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How a sound file is written; made by `audio_format`, which refuses what does not exist."""

    extension: str
    sample_rate: int
    bit_depth: BitDepth | None
    """``None`` where the format packs sound with loss."""
    quality: float | None
    """``None`` where the format keeps every sample."""


@dataclass(frozen=True, slots=True)
class _Known:
    sample_rates: tuple[int, ...]
    bit_depths: tuple[BitDepth, ...] = ()

    @property
    def is_lossy(self) -> bool:
        return not self.bit_depths


_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_HIGH_RATES = (*_RATES, 88_200, 96_000)

_KNOWN = {
    ".wav": _Known(_HIGH_RATES, (BitDepth.PCM_16, BitDepth.PCM_24, BitDepth.FLOAT)),
    ".flac": _Known(_HIGH_RATES, (BitDepth.PCM_16, BitDepth.PCM_24)),
    ".ogg": _Known(_RATES),
    ".mp3": _Known(_RATES),
}

EXTENSIONS = tuple(_KNOWN)
"""The file name extensions of the formats that can be written."""

DEFAULT_QUALITY = 7.0
"""About 210 kbit/s in OGG and 160 in MP3 for calm music: not to be told from the original."""


def audio_format(
    path: Path | str,
    *,
    sample_rate: int = 44_100,
    bit_depth: BitDepth | None = None,
    quality: float | None = None,
) -> AudioFormat:
    """Choose how to write by the file's extension: .wav, .flac, .ogg or .mp3.

    Cheap; call it before composing, so that a wrong choice is told at once.

    Parameters
    ----------
    sample_rate
        Frames a second.
    bit_depth
        For WAV and FLAC; 16 by default.
    quality
        For OGG and MP3, 1 (smallest) to 10 (best); 7 by default.

    Raises
    ------
    InputError
        For an unknown extension (naming the known), or a rate, depth or quality the format does not have.
    """
    extension = Path(path).suffix.lower()
    known = _KNOWN.get(extension)
    if known is None:
        raise InputError(
            f"{path}: its name ends in {extension}, which cannot be written."
            if extension
            else f"{path}: its name has no ending, which says what to write.",
            f"Sound ends in {listed(EXTENSIONS)}, notes in .mid, a picture of them in .png or .svg.",
            "Let the name end in one of these.",
        )
    if sample_rate not in known.sample_rates:
        raise InputError(
            f"{path}: {extension} cannot be written at a sample rate of {sample_rate} Hz.",
            f"It can at {listed(known.sample_rates)} Hz.",
            "Choose one of these; 44100 suits every player.",
        )
    if known.is_lossy:
        _refuse_bit_depth(path, extension, bit_depth)
        return AudioFormat(extension, sample_rate, None, _checked_quality(path, quality))
    if quality is not None:
        raise InputError(
            f"{path}: {extension} has no quality setting.",
            "It keeps every sample.",
            "Leave the quality out, or write .ogg or .mp3.",
        )
    depth = BitDepth.PCM_16 if bit_depth is None else bit_depth
    if depth not in known.bit_depths:
        raise InputError(
            f"{path}: {extension} cannot be written with a bit depth of {depth}.",
            f"It can with {listed(known.bit_depths)}.",
            "Choose one of these, or write .wav.",
        )
    return AudioFormat(extension, sample_rate, depth, None)


def kept_settings(
    path: Path | str, bit_depth: BitDepth | None, quality: float | None
) -> tuple[BitDepth | None, float | None]:
    """What of a bit depth and a quality a file's format has; what it does not have is ``None``.

    For making a piece again in another format than the one its settings were chosen for.
    """
    known = _KNOWN.get(Path(path).suffix.lower())
    if known is None:
        return None, None
    return bit_depth if bit_depth in known.bit_depths else None, quality if known.is_lossy else None


def packs_by_ear(path: Path | str) -> bool | None:
    """Whether a file's format has a quality in place of a bit depth; ``None`` where it is no sound format known here."""
    known = _KNOWN.get(Path(path).suffix.lower())
    return None if known is None else known.is_lossy


def _refuse_bit_depth(path: Path | str, extension: str, bit_depth: BitDepth | None) -> None:
    if bit_depth is not None:
        raise InputError(
            f"{path}: {extension} has no bit depth.",
            "It packs sound by ear, not sample by sample.",
            "Leave the bit depth out and choose a quality instead, or write .wav or .flac.",
        )


def _checked_quality(path: Path | str, quality: float | None) -> float:
    if quality is None:
        return DEFAULT_QUALITY
    if not (math.isfinite(quality) and 1 <= quality <= 10):
        raise InputError(
            f"{path}: the quality is {quality:g}.",
            "It goes from 1 (smallest file) to 10 (best sound).",
            f"Choose one of these; {DEFAULT_QUALITY:g} suits most.",
        )
    return float(quality)
