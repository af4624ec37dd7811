"""The one reverb of the mix: FluidSynth's own room, measured once as an impulse response."""

from __future__ import annotations

import math
import threading

import numpy as np
from numpy import fft

from calmando.instruments.model import Envelope, Sample, Zone
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes
from calmando.score.model import Controller
from calmando.sound.fluidsynth import library
from calmando.sound.fluidsynth.programs import WantedProgram
from calmando.sound.fluidsynth.synth import Stereo, Synth, SynthOptions
from calmando.sound.mixing.convolution import RESPONSE_FRAMES
from calmando.sound.temporary_folder import temporary_folder
from calmando.theory.programs import ProgramPlace
from calmando.units import Frames, Seconds

FULL_SEND = 0.2
"""What the default modulator of the SoundFont specification sends at a controller value of 127 (8.4.9)."""

_CLICK_AT: Frames = 4_096
_LISTEN_S: Seconds = 2.8
"""By then what is left lies 110 dB below the whole."""
_CENTRE_PAN = 2.0**-0.5
_LEAST_CLICK_ENERGY = 1e-4
_FULL = 127

_measured: dict[tuple[str, int], Stereo] = {}
_measuring = threading.Lock()


def measured_response(sample_rate: int) -> Stereo:
    """FluidSynth's default room: its answer to a sent impulse of 1, shape (2, RESPONSE_FRAMES).

    FluidSynth's room wavers slowly, so that it answers a little differently at every moment; the answer
    to a click at one fixed moment is kept.
    """
    version = library.load().report.version or ""
    with _measuring:
        if (version, sample_rate) not in _measured:
            _measured[version, sample_rate] = _trim(_listen_to_a_click(sample_rate))
        return _measured[version, sample_rate]


def _listen_to_a_click(sample_rate: int) -> Stereo:
    """Sound a font of one click and take the click itself out of what the room answers."""
    with temporary_folder() as folder:
        font = folder / "click.sf2"
        font.write_bytes(_click_font(sample_rate))
        with Synth((font,), sample_rate, SynthOptions(reverb=True)) as synth:
            synth.choose(0, WantedProgram(ProgramPlace(0, 0)))
            for controller in (Controller.VOLUME, Controller.EXPRESSION, Controller.REVERB):
                synth.control(0, controller, _FULL)
            synth.note_on(0, 60, _FULL)
            dry, wet = synth.render_apart(_CLICK_AT + round(_LISTEN_S * sample_rate))
    size = 2 ** math.ceil(math.log2(2 * dry.shape[1]))
    sent = fft.rfft(dry[0].astype(np.float64) / _CENTRE_PAN * FULL_SEND, size)
    energy = np.abs(sent) ** 2
    floor = _LEAST_CLICK_ENERGY * float(energy.max())
    answer = fft.irfft(fft.rfft(wet.astype(np.float64), size) * sent.conj() / np.maximum(energy, floor), size)
    return np.asarray(answer[:, : round(_LISTEN_S * sample_rate)], np.float32)


def _click_font(sample_rate: int) -> bytes:
    frames = np.zeros(2 * _CLICK_AT)
    frames[_CLICK_AT] = 1.0
    sample = Sample("click", frames, root_key=60, rate_hz=sample_rate)
    envelope = Envelope(attack_s=0.001, hold_s=_LISTEN_S, decay_s=_LISTEN_S)
    return font_bytes(FontInfo("click"), [Preset("click", 0, 0, (Zone(sample, 0, 127, envelope),))])


def _trim(answer: Stereo) -> Stereo:
    """Cut, the last tenth faded out: what is lost of its energy lies 57 to 60 dB below the whole, by the rate."""
    kept = answer[:, :RESPONSE_FRAMES].copy()
    fade = RESPONSE_FRAMES // 10
    kept[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)).astype(np.float32) ** 2
    return kept
