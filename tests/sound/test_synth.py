"""The door to FluidSynth."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from calmando.errors import SoundFontError
from calmando.instruments.model import Envelope, Sample, Zone
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes
from calmando.resources import soundfonts_folder
from calmando.sound.fluidsynth.entry_points import entry_points
from calmando.sound.fluidsynth.programs import WantedProgram, candidates
from calmando.sound.fluidsynth.soundfonts import BUILT_IN_NAME
from calmando.sound.fluidsynth.synth import Synth, SynthOptions
from calmando.theory.percussion import DRUM_BANK
from calmando.theory.programs import ProgramPlace, program_named

ATTACK = 34
"""The generator attackVolEnv (SoundFont 2.04, section 8.1.2)."""


def sine_font(folder: Path, *places: tuple[int, int]) -> Path:
    """A font of looped sines at some banks and programs."""
    frames = np.sin(np.arange(4_410) * (2 * np.pi * 441 / 44_100)) * 0.5
    zone = Zone(Sample("sine", frames, root_key=69), 0, 127, Envelope(hold_s=5.0))
    presets = [Preset(f"p{bank}-{program}", bank, program, (zone,)) for bank, program in places]
    path = folder / "sines.sf2"
    path.write_bytes(font_bytes(FontInfo("sines"), presets))
    return path


def wanted(program: int, bank: int = 0) -> WantedProgram:
    """A wanted preset."""
    return WantedProgram(ProgramPlace(bank, program))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "It is empty."),
        (b"Twinkle, twinkle, little star", "does not begin as a SoundFont"),
        (b"RIFF\x10\x00\x00\x00sfbkLIST\xff\xff", "cannot be used"),
    ],
    ids=["empty", "text renamed", "cut off"],
)
def test_what_is_no_soundfont_is_refused(
    tmp_path: Path, content: bytes, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """An empty, a renamed and a cut-off file raise an error with a fix before any sound, and nothing is printed."""
    font = tmp_path / "nice.sf2"
    font.write_bytes(content)
    with pytest.raises(SoundFontError, match=words) as caught:
        Synth((font,), 44_100)
    assert "nice.sf2" in str(caught.value)
    assert "--soundfont" in caught.value.fix
    assert capfd.readouterr() == ("", "")


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is an error naming it."""
    with pytest.raises(SoundFontError, match=r"nowhere\.sf2 cannot be opened"):
        Synth((tmp_path / "nowhere.sf2",), 44_100)


def test_a_missing_program_gets_its_neighbour(tmp_path: Path) -> None:
    """A missing bank falls back to bank 0, a missing program to the nearest of its family, and both are told."""
    with Synth((sine_font(tmp_path, (0, 14), (0, 48)),), 44_100) as synth:
        assert synth.choose(0, wanted(14)).replaces is None
        heart = synth.choose(0, wanted(14, bank=1))
        assert (heart.place, heart.replaces) == (ProgramPlace(0, 14), ProgramPlace(1, 14))
        assert synth.choose(0, wanted(51)).place == ProgramPlace(0, 48)


def test_a_program_without_any_neighbour_is_an_error(tmp_path: Path) -> None:
    """A font of strings alone cannot stand for a piano or a drum kit; the error counts programs from 1."""
    with Synth((sine_font(tmp_path, (0, 48)),), 44_100) as synth:
        with pytest.raises(
            SoundFontError, match=r"has no acoustic grand piano \(program 0\), nor anything near it"
        ):
            synth.choose(0, wanted(0))
        with pytest.raises(SoundFontError, match="has no drum kit 0"):
            synth.choose(0, wanted(0, bank=DRUM_BANK))


def test_fonts_stack_the_first_before_the_next(tmp_path: Path) -> None:
    """A program is taken from the first font that has it."""
    (tmp_path / "second").mkdir()
    first, second = sine_font(tmp_path, (0, 48)), sine_font(tmp_path / "second", (0, 48), (0, 0))
    with Synth((first, second), 44_100) as synth:
        assert synth.choose(0, wanted(48)).font == 0
        assert synth.choose(0, wanted(0)).font == 1


def test_candidates_stay_in_the_family() -> None:
    """What stands for a melodic program is one of its family of eight, each once; for a kit the standard kit."""
    for program in set(range(128)) - {40, 41, 42, 43, 110}:
        places = list(candidates(wanted(program, bank=2)))
        assert places[:2] == [ProgramPlace(2, program), ProgramPlace(0, program)]
        assert {place.program // 8 for place in places} == {program // 8}
        assert len(set(places)) == len(places) == 9
    assert list(candidates(wanted(9, bank=DRUM_BANK))) == [ProgramPlace(128, 9), ProgramPlace(128, 0)]


@pytest.mark.parametrize("name", ["violin", "viola", "cello", "contrabass", "fiddle"])
def test_what_is_bowed_is_not_replaced_by_what_is_plucked(name: str) -> None:
    """The built-in font has a harp in the family of the violin, but strings outside it: they play."""
    place = program_named(name)
    assert place is not None
    with Synth((soundfonts_folder() / BUILT_IN_NAME,), 44_100) as synth:
        assert synth.choose(0, WantedProgram(place)).place.program == 48
    with_its_family = [other.program for other in candidates(WantedProgram(place))]
    assert len(set(with_its_family)) == len(with_its_family)
    assert {program // 8 for program in with_its_family[:5]} <= {40 // 8, 110 // 8}


def test_outputs_apart_sum_to_the_whole(tmp_path: Path) -> None:
    """Channels rendered apart are what is rendered together."""
    font = sine_font(tmp_path, (0, 48))
    sounds = []
    for options in (SynthOptions(n_channels=2, apart=True), SynthOptions(n_channels=2)):
        with Synth((font,), 44_100, options) as synth:
            for channel, key in enumerate((60, 67)):
                synth.choose(channel, wanted(48))
                synth.note_on(channel, key, 90)
            sounds.append(synth.render_channels(4_096, 2 if options.apart else 1))
    apart, together = sounds
    assert float(np.abs(apart[0]).max()) > 0.01
    assert float(np.abs(apart[1]).max()) > 0.01
    np.testing.assert_allclose(apart.sum(axis=0), together[0], atol=1e-6)


def test_a_muted_voice_leaves_the_other_alone_and_ends(tmp_path: Path) -> None:
    """Of two voices of a note the one that is kept sounds as it does alone, and soon it is the only one."""
    low, high = (
        Sample(name, np.sin(np.arange(4_410) * (2 * np.pi * hertz / 44_100)) * 0.5, root_key=69)
        for name, hertz in (("low", 220), ("high", 880))
    )
    envelopes = Envelope(hold_s=5.0), Envelope(attack_s=0.5, decay_s=2.0, sustain_db=-6.0, hold_s=1.0)
    zones = tuple(
        Zone(sample, 0, 127, envelope) for sample, envelope in zip((low, high), envelopes, strict=True)
    )
    sounds = []
    for name, own in (("both", zones), ("alone", zones[:1])):
        font = tmp_path / f"{name}.sf2"
        font.write_bytes(font_bytes(FontInfo(name), [Preset(name, 0, 0, own)]))
        with Synth((font,), 44_100) as synth:
            synth.choose(0, wanted(0))
            synth.note_on(0, 69, 90)
            first = min(range(len(own)), key=lambda place: synth.zones()[place][ATTACK])
            synth.mute_all_but([first])
            sounds.append(np.concatenate([synth.render(1_600) for _ in range(2)], axis=1))
            assert synth.n_voices == 1
    both, alone = sounds
    assert float(np.abs(alone).max()) > 0.01
    np.testing.assert_allclose(both, alone, atol=1e-7)


FOUR_AT_ONCE = """
import sys, threading
from calmando.resources import soundfonts_folder
from calmando.sound.fluidsynth.programs import WantedProgram
from calmando.sound.fluidsynth.soundfonts import BUILT_IN_NAME
from calmando.sound.fluidsynth.synth import Synth, SynthOptions
from calmando.theory.programs import ProgramPlace

sys.setswitchinterval(1e-6)
together, heard = threading.Barrier(4), []

def play():
    together.wait()
    with Synth((soundfonts_folder() / "calmando.sf2",), 44_100, SynthOptions()) as synth:
        synth.choose(0, WantedProgram(ProgramPlace(0, 0)))
        synth.note_on(0, 60, 64)
        heard.append(synth.render(8_192).tobytes())

threads = [threading.Thread(target=play) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(heard), len(set(heard)))
"""


@pytest.mark.parametrize("attempt", range(5))
def test_the_first_synths_of_a_process_sound_alike(attempt: int) -> None:
    """Four made at once, in a process that had none yet, sound the same; where they may not, two in five attempts tell."""
    told = subprocess.run([sys.executable, "-c", FOUR_AT_ONCE], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["4", "1"]


def test_no_two_threads_load_samples_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What guards the samples that all synths of a process share is made by the first that loads some, alone."""
    font = sine_font(tmp_path, (0, 0), (0, 9))
    inside, most = [0], [0]

    def loading(*_: object) -> int:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.01)
        inside[0] -= 1
        return 0

    synths = [Synth((font,), 44_100) for _ in range(4)]
    monkeypatch.setattr(entry_points(), "fluid_synth_program_select", loading)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda synth: synth.choose(0, wanted(9)), synths))
    assert most == [1]
    for synth in synths:
        synth.close()
