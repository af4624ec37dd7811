"""What the writer puts into a SoundFont comes back through an independent reader, and nothing unplayable is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from font_player import FontPlayer
from sf2_parser import ParsedFont, parse

from calmando.instruments.model import Envelope, Loop, LowPass, Sample, Vibrato, Zone
from calmando.instruments.sf2_write import FontInfo, Preset, font_bytes
from calmando.instruments.sf2_zone import velocity_gain_db

PERIOD = 100


def sine(name: str = "sine", n_frames: int = 1_000, **fields: object) -> Sample:
    frames = 0.5 * np.sin(2 * np.pi * np.arange(n_frames) / PERIOD)
    return replace(Sample(name, frames, 69, loop=Loop(200, 900)), **fields)  # type: ignore[arg-type]


def zone(sample: Sample | None = None, **fields: object) -> Zone:
    return replace(Zone(sample or sine(), 0, 127, Envelope()), **fields)  # type: ignore[arg-type]


def font(*zones: Zone) -> ParsedFont:
    return parse(font_bytes(FontInfo("Test"), [Preset("Only", 0, 0, zones)]))


def test_header_and_names_come_back() -> None:
    """Version 2.04, the texts, and the presets by bank and program."""
    info = FontInfo("Test font", copyright="CC0", comment="odd")
    places = (("Kit", 128, 0), ("Bowls", 1, 14), ("Piano", 0, 0))
    parsed = parse(
        font_bytes(info, [Preset(name, bank, program, (zone(),)) for name, bank, program in places])
    )
    assert parsed.info["ifil"] == b"\x02\x00\x04\x00"
    assert parsed.info["INAM"].rstrip(b"\0") == b"Test font"
    assert all(len(body) % 2 == 0 for body in parsed.info.values())
    assert [(p.name, p.bank, p.program) for p in parsed.presets] == [
        ("Piano", 0, 0),
        ("Bowls", 1, 14),
        ("Kit", 128, 0),
    ]
    assert len(parsed.samples) == 1, "one sample shared by three presets is stored once"


def test_ranges_stand_first_and_the_sample_last() -> None:
    """The order the specification demands in every zone."""
    full = zone(
        low_pass=LowPass(2_000), vibrato=Vibrato(5, 10, 1), pan=0.3, start_offset_frames=40_000 // 100
    )
    for parsed in font(full, zone()).presets[0].zones:
        names = [name for name, _ in parsed.generators]
        assert names[:2] == ["keys", "velocities"]
        assert names[-1] == "sample"
        assert len(names) == len(set(names))


def test_every_field_of_a_zone_is_written_in_the_units_of_the_format() -> None:
    """Timecents, absolute cents, centibels, tenths of a per cent."""
    envelope = Envelope(
        attack_s=0.5, hold_s=0.25, decay_s=4.0, sustain_db=12.5, release_s=2.0, key_to_decay=50
    )
    parsed = font(
        zone(
            low_key=40, high_key=50, low_velocity=10, high_velocity=90, envelope=envelope, pan=-0.5,
            low_pass=LowPass(8.175_798_915_643_707 * 2**7, 1_200, 3), vibrato=Vibrato(8.1758 / 2, 12, 1.5, 0.5),
            attenuation_db=4.0, tune_cents=-130.0, pitch_follows_key=False, start_offset_frames=321,
        )
    ).presets[0].zones[0]  # fmt: skip
    assert parsed.span("keys") == (40, 50)
    assert parsed.span("velocities") == (10, 90)
    expected = {
        "attack": -1200, "hold": -2400, "decay": 2400, "sustain": 125, "release": 1200, "key_to_decay": 50,
        "pan": -250, "cutoff": 8400, "resonance": 30, "vibrato_to_pitch": 12, "vibrato_rate": -1200,
        "vibrato_delay": -1200, "tremolo": 15, "attenuation": 100, "coarse_tune": -1, "fine_tune": -30,
        "scale": 0, "start": 321, "root": 69, "modes": 1,
    }  # fmt: skip
    assert {name: parsed.value(name) for name in expected} == expected
    assert parsed.modulators == ((0x0102, 8, -1200, 0, 0),)


def test_late_starts_are_split_into_coarse_and_fine() -> None:
    """An offset beyond 32,767 frames does not fit one generator."""
    parsed = font(zone(sine(n_frames=80_000), start_offset_frames=70_000)).presets[0].zones[0]
    assert parsed.value("start") + 32_768 * parsed.value("start_coarse") == 70_000


def test_velocity_is_gentle_and_the_default_filter_response_is_off() -> None:
    """60 dB deep instead of 96, and no velocity to filter unless the zone asks for it."""
    common = font(zone()).presets[0].common
    assert common.modulators == ((0x0502, 48, 600, 0, 0), (0x0102, 8, 0, 0, 0))
    assert velocity_gain_db(127) == pytest.approx(0.0)
    assert velocity_gain_db(20) == pytest.approx(-20.0, abs=0.2)


def test_samples_keep_their_frames_rate_and_tuning() -> None:
    """16 bits, apart by 46 zeros or more, with the loop where it was."""
    low = sine("low", rate_hz=22_050, sharp_cents=3.4)
    parsed = font(zone(low), zone(sine("high", loop=None)))
    first, second = parsed.samples
    assert (first.name, first.rate_hz, first.root_key, first.kind) == ("low", 22_050, 69, 1)
    assert np.allclose(first.frames[:900] / 32_767, low.frames[:900], atol=0.5 / 32_767 + 1e-9)
    assert (first.loop_start - first.start, first.loop_end - first.start) == (200, 900)
    assert parsed.presets[0].zones[0].value("fine_tune") == -3
    assert parsed.presets[0].zones[1].value("modes") == 0
    for sample, following in ((first, second.start), (second, len(parsed.smpl))):
        assert following - sample.end >= 46
        assert not parsed.smpl[sample.end : following].any()


def test_a_loop_has_eight_frames_beside_it_that_continue_it() -> None:
    """Players that interpolate read past the loop's end; there they find its beginning again."""
    sample = font(zone(sine(loop=Loop(200, 1_000)))).samples[0]
    frames = sample.frames
    start, end = sample.loop_start - sample.start, sample.loop_end - sample.start
    assert len(frames) >= end + 8
    assert np.array_equal(frames[end : end + 8], frames[start : start + 8])


def test_what_cannot_be_played_is_refused() -> None:
    """Each mistake is named with its sample or preset."""
    mistakes = (
        (zone(sine(frames=np.full(100, 1.01), loop=None)), "peaks at 1.010"),
        (zone(sine(frames=np.array([0.0, np.nan] * 30), loop=None)), "no numbers"),
        (zone(sine(loop=Loop(100, 120))), "loop is shorter"),
        (zone(sine(loop=Loop(2, 120))), "leaves the sample"),
        (zone(sine(loop=Loop(100, 1_001))), "leaves the sample"),
        (zone(sine("a name of more than 20 characters")), "ASCII"),
        (zone(sine("größe")), "ASCII"),
        (zone(low_key=61, high_key=60), "no range"),
        (zone(low_velocity=90, high_velocity=60), "no range"),
        (zone(start_offset_frames=1_000), "outside the sample"),
    )
    for wrong, text in mistakes:
        with pytest.raises(ValueError, match=text):
            font(wrong)
    with pytest.raises(ValueError, match="two different samples"):
        font(zone(sine()), zone(sine(n_frames=950)))
    with pytest.raises(ValueError, match="no zones"):
        font()
    with pytest.raises(ValueError, match="two presets"):
        font_bytes(FontInfo("x"), [Preset("A", 0, 0, (zone(),)), Preset("B", 0, 0, (zone(),))])


def test_fluidsynth_takes_the_font_without_a_word_and_plays_its_pitch(tmp_path: Path) -> None:
    """A sine of 441 Hz said to be A4 sounds as 441 Hz there, and an octave up at twice that."""
    path = tmp_path / "sine.sf2"
    path.write_bytes(font_bytes(FontInfo("Test"), [Preset("Only", 0, 0, (zone(),))]))
    with FontPlayer(path) as player:
        for key, expected in ((69, 441.0), (81, 882.0)):
            note = player.note(0, key, 100, hold_s=1.0)[:, 0]
            spectrum = np.abs(np.fft.rfft(note * np.hanning(len(note)), 4 * len(note)))
            assert np.argmax(spectrum) / 4 == pytest.approx(expected, abs=0.5)
        assert player.messages == []
