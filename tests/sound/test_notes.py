"""Single notes as FluidSynth plays them for the bank."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from calmando.instruments.model import Envelope, Loop, Sample, Zone
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes
from calmando.sound.bank.notes import LONGEST_TAIL_S, NoteKind, SynthPlayer
from calmando.sound.fluidsynth.programs import WantedProgram
from calmando.sound.fluidsynth.synth import Synth
from calmando.theory.programs import ProgramPlace

RATE = 44_100


def test_what_rings_on_too_long_leaves_the_next_note_as_it_is(tmp_path: Path) -> None:
    """A note after one whose ring had to be cut short is, to the last bit, what it is before."""
    tone = Sample("tone", np.sin(np.arange(4_410) * 0.06), root_key=60, loop=Loop(100, 4_400))
    zone = Zone(tone, 0, 127, Envelope(release_s=4 * LONGEST_TAIL_S))
    font = tmp_path / "endless.sf2"
    font.write_bytes(font_bytes(FontInfo("endless"), [Preset("endless", 0, 0, (zone,))]))
    with Synth((font,), RATE) as synth:
        synth.choose(0, WantedProgram(ProgramPlace(0, 0)))
        player = SynthPlayer(synth, [])
        first, after = (player.play(NoteKind(0, 60, 90, 6_400)).frames for _ in range(2))
    np.testing.assert_array_equal(after, first)


def test_a_note_that_is_only_held_ends_with_its_length(tmp_path: Path) -> None:
    """It is, to the last bit, the note that is let go then, without what sounds afterwards."""
    tone = Sample("tone", np.sin(np.arange(4_410) * 0.06), root_key=60, loop=Loop(100, 4_400))
    font = tmp_path / "ringing.sf2"
    zone = Zone(tone, 0, 127, Envelope(release_s=1.0))
    font.write_bytes(font_bytes(FontInfo("ringing"), [Preset("ringing", 0, 0, (zone,))]))
    with Synth((font,), RATE) as synth:
        synth.choose(0, WantedProgram(ProgramPlace(0, 0)))
        player = SynthPlayer(synth, [])
        held, let_go = (player.play(NoteKind(0, 60, 90, 6_400, 0, rings)).frames for rings in (64, 0))
    assert held.shape[1] == 6_400 < let_go.shape[1]
    np.testing.assert_array_equal(held, let_go[:, :6_400])
