"""Builds a SoundFont from voices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calmando.instruments.level import levelled_voice
from calmando.instruments.model import Voice
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes

INFO = FontInfo(
    name="Calmando",
    copyright="CC0 1.0: dedicated to the public domain",
    comment="Original instruments for calm music, synthesised by code; no recordings.",
)

Progress = Callable[[Voice], None]


def built_preset(voice: Voice) -> Preset:
    """One voice, synthesised and levelled."""
    return Preset(voice.name, voice.bank, voice.program, levelled_voice(voice))


def build_font(voices: Sequence[Voice], *, begin: Progress = lambda _: None) -> bytes:
    """The bytes of a font of these voices.

    Parameters
    ----------
    voices
        Each bank and program at most once.
    begin
        Called with each voice before it is built.
    """
    presets = []
    for voice in voices:
        begin(voice)
        presets.append(built_preset(voice))
    return font_bytes(INFO, presets)
