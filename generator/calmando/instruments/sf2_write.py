"""Writes zones and samples as a SoundFont 2.04 file.

What FluidSynth and the SoundFont specification ask for, and what is easily got wrong:

- a zone's generators begin with the key range and the velocity range and end with the sample;
- every list of the ``pdta`` chunk ends with a terminal record;
- at least 46 zero frames stand between samples, a loop spans 32 frames or more with 8 frames beside it;
- full-scale velocity response is 96 dB deep in the specification; here it is 60 dB, so that velocities 20 to
  127 span 20 dB, which suits quiet music;
- players scale the attenuation generator by 0.4 as the first hardware did; level belongs into the samples.

References
----------
SoundFont Technical Specification 2.04 (Creative Technology, 2006), chapters 4 to 9.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from calmando.instruments.model import Sample, Zone
from calmando.instruments.sf2_zone import Gen, common_modulators, zone_generators, zone_modulators

GAP_FRAMES = 46
GUARD_FRAMES = 8
SHORTEST_LOOP_FRAMES = 32
NAME_LENGTH = 20

_FULL_SCALE = 32_767


@dataclass(frozen=True, slots=True, eq=False)
class Preset:
    """A program of the font: where it stands and the zones it plays."""

    name: str
    bank: int
    program: int
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class FontInfo:
    """What a font says of itself (the ``INFO`` chunk)."""

    name: str
    copyright: str = ""
    comment: str = ""
    maker: str = "Calmando"


def font_bytes(info: FontInfo, presets: Iterable[Preset]) -> bytes:
    """A whole SoundFont file; the same presets always give the same bytes.

    Parameters
    ----------
    info
        Names and licence.
    presets
        In any order; each bank and program at most once. A sample that several zones share (one object, or one
        name with equal frames) is stored once.

    Raises
    ------
    ValueError
        If a name, a loop, a range or a level cannot be written; the text names the sample or the preset.
    """
    ordered = sorted(presets, key=lambda preset: (preset.bank, preset.program))
    _check_presets(ordered)
    samples = _samples_of(ordered)
    stored = {sample.name: _stored_frames(sample) for sample in samples}
    lengths = [len(stored[sample.name]) // 2 + GAP_FRAMES for sample in samples]
    starts = [0, *accumulate(lengths)]
    gap = bytes(2 * GAP_FRAMES)
    smpl = b"".join(stored[sample.name] + gap for sample in samples)
    body = (
        _list(b"INFO", _info_chunks(info))
        + _list(b"sdta", _chunk(b"smpl", smpl))
        + _list(b"pdta", _pdta_chunks(ordered, samples, starts))
    )
    return _chunk(b"RIFF", b"sfbk" + body)


def _check_presets(presets: Sequence[Preset]) -> None:
    places = [(preset.bank, preset.program) for preset in presets]
    for place in places:
        if places.count(place) > 1:
            raise ValueError(f"two presets in bank {place[0]}, program {place[1]}")
    for preset in presets:
        _check_name(preset.name)
        if not preset.zones:
            raise ValueError(f"preset {preset.name} has no zones")
        for zone in preset.zones:
            _check_zone(preset.name, zone)


def _check_name(name: str) -> None:
    if not name or len(name) > NAME_LENGTH or not name.isascii() or not name.isprintable():
        raise ValueError(f"{name!r} is not a name of 1 to {NAME_LENGTH} ASCII characters")


def _check_zone(preset: str, zone: Zone) -> None:
    where = f"preset {preset}, sample {zone.sample.name}"
    if not 0 <= zone.low_key <= zone.high_key <= 127:
        raise ValueError(f"{where}: keys {zone.low_key} to {zone.high_key} are no range")
    if not 0 <= zone.low_velocity <= zone.high_velocity <= 127:
        raise ValueError(f"{where}: velocities {zone.low_velocity} to {zone.high_velocity} are no range")
    if not 0 <= zone.start_offset_frames < len(zone.sample.frames):
        raise ValueError(f"{where}: starts at frame {zone.start_offset_frames}, outside the sample")


def _samples_of(presets: Sequence[Preset]) -> tuple[Sample, ...]:
    found: dict[str, Sample] = {}
    for preset in presets:
        for zone in preset.zones:
            known = found.setdefault(zone.sample.name, zone.sample)
            if known is not zone.sample and not np.array_equal(known.frames, zone.sample.frames):
                raise ValueError(f"two different samples are called {known.name}")
    return tuple(found.values())


def _stored_frames(sample: Sample) -> bytes:
    _check_name(sample.name)
    frames = sample.frames
    if not np.isfinite(frames).all():
        raise ValueError(f"sample {sample.name} holds values that are no numbers")
    peak = float(np.max(np.abs(frames)))
    if peak > 1.0:
        raise ValueError(f"sample {sample.name} peaks at {peak:.3f}, above full scale 1")
    loop = sample.loop
    if loop is not None:
        if loop.end - loop.start < SHORTEST_LOOP_FRAMES:
            raise ValueError(f"sample {sample.name}: the loop is shorter than {SHORTEST_LOOP_FRAMES} frames")
        if loop.start < GUARD_FRAMES or loop.end > len(frames):
            raise ValueError(f"sample {sample.name}: the loop {loop.start} to {loop.end} leaves the sample")
        guard = frames[loop.start : loop.start + GUARD_FRAMES]
        frames = np.concatenate([frames[: loop.end], guard])
    return np.rint(frames * _FULL_SCALE).astype("<i2").tobytes()


def _pdta_chunks(presets: Sequence[Preset], samples: Sequence[Sample], starts: Sequence[int]) -> bytes:
    numbers = {sample.name: number for number, sample in enumerate(samples)}
    phdr, pbag, pgen = bytearray(), bytearray(), bytearray()
    inst, ibag, imod, igen = bytearray(), bytearray(), bytearray(), bytearray()

    def instrument_bag() -> None:
        ibag.extend(struct.pack("<HH", len(igen) // 4, len(imod) // 10))

    for index, preset in enumerate(presets):
        phdr += _preset_record(preset.name, preset.program, preset.bank, index)
        pbag += struct.pack("<HH", index, 0)
        pgen += struct.pack("<HH", Gen.INSTRUMENT, index)
        inst += struct.pack("<20sH", preset.name.encode(), len(ibag) // 4)
        instrument_bag()
        imod += b"".join(struct.pack("<HHhHH", *modulator) for modulator in common_modulators())
        for zone in preset.zones:
            instrument_bag()
            igen += b"".join(_generator(*pair) for pair in zone_generators(zone, numbers[zone.sample.name]))
            imod += b"".join(struct.pack("<HHhHH", *modulator) for modulator in zone_modulators(zone))
    phdr += _preset_record("EOP", 0, 0, len(presets))
    pbag += struct.pack("<HH", len(pgen) // 4, 0)
    pgen += bytes(4)
    inst += struct.pack("<20sH", b"EOI", len(ibag) // 4)
    instrument_bag()
    imod += bytes(10)
    igen += bytes(4)
    shdr = b"".join(_sample_record(s, start) for s, start in zip(samples, starts, strict=False))
    shdr += struct.pack("<20s5IBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    chunks = (
        (b"phdr", bytes(phdr)),
        (b"pbag", bytes(pbag)),
        (b"pmod", bytes(10)),
        (b"pgen", bytes(pgen)),
        (b"inst", bytes(inst)),
        (b"ibag", bytes(ibag)),
        (b"imod", bytes(imod)),
        (b"igen", bytes(igen)),
        (b"shdr", shdr),
    )
    return b"".join(_chunk(name, data) for name, data in chunks)


def _preset_record(name: str, program: int, bank: int, first_bag: int) -> bytes:
    return struct.pack("<20sHHHIII", name.encode(), program, bank, first_bag, 0, 0, 0)


def _sample_record(sample: Sample, start: int) -> bytes:
    loop = sample.loop
    end = start + (len(sample.frames) if loop is None else loop.end + GUARD_FRAMES)
    loop_start, loop_end = (start, end) if loop is None else (start + loop.start, start + loop.end)
    name = sample.name.encode()
    mono = 1
    return struct.pack(
        "<20s5IBbHH", name, start, end, loop_start, loop_end, sample.rate_hz, sample.root_key, 0, 0, mono
    )


def _generator(number: int, value: int) -> bytes:
    return struct.pack("<HH", number, value & 0xFFFF)


def _info_chunks(info: FontInfo) -> bytes:
    texts = (
        (b"isng", "EMU8000"),
        (b"INAM", info.name),
        (b"IENG", info.maker),
        (b"ICOP", info.copyright),
        (b"ICMT", info.comment),
        (b"ISFT", "calmando.instruments"),
    )
    return _chunk(b"ifil", struct.pack("<HH", 2, 4)) + b"".join(_text(n, t) for n, t in texts if t)


def _text(name: bytes, text: str) -> bytes:
    data = text.encode("ascii") + b"\0"
    return _chunk(name, data + bytes(len(data) % 2))


def _list(name: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", name + data)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
