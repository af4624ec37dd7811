"""An independent reader of whole SoundFont files, for tests: every chunk, record and sample, and nothing clever.

Written from the SoundFont specification 2.04 (chapters 5 to 8); shares no code with the writer.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

OPERATORS = {
    0: "start", 4: "start_coarse", 6: "vibrato_to_pitch", 8: "cutoff", 9: "resonance", 13: "tremolo", 17: "pan",
    21: "tremolo_delay", 22: "tremolo_rate", 23: "vibrato_delay", 24: "vibrato_rate", 34: "attack", 35: "hold",
    36: "decay", 37: "sustain", 38: "release", 40: "key_to_decay", 41: "instrument", 43: "keys", 44: "velocities",
    48: "attenuation", 51: "coarse_tune", 52: "fine_tune", 53: "sample", 54: "modes", 56: "scale", 58: "root",
}  # fmt: skip


@dataclass(frozen=True)
class ParsedSample:
    """A sample header and its frames."""

    name: str
    start: int
    end: int
    loop_start: int
    loop_end: int
    rate_hz: int
    root_key: int
    correction: int
    kind: int
    frames: NDArray[np.int16]


@dataclass(frozen=True)
class ParsedZone:
    """Generators in file order as (name, raw value), and modulators as (source, target, amount, source 2, transform)."""

    generators: tuple[tuple[str, int], ...]
    modulators: tuple[tuple[int, int, int, int, int], ...]

    def value(self, name: str, default: int = 0) -> int:
        """A generator's value as a signed number."""
        raw = dict(self.generators).get(name, default)
        return raw - 0x10000 if raw >= 0x8000 else raw

    def span(self, name: str) -> tuple[int, int]:
        """A range generator's two ends."""
        raw = dict(self.generators)[name]
        return raw & 0xFF, raw >> 8


@dataclass(frozen=True)
class ParsedPreset:
    """A preset and the zones of its one instrument; ``common`` is the instrument's global zone."""

    name: str
    bank: int
    program: int
    common: ParsedZone
    zones: tuple[ParsedZone, ...]


@dataclass(frozen=True)
class ParsedFont:
    """A whole font."""

    info: dict[str, bytes]
    presets: tuple[ParsedPreset, ...]
    samples: tuple[ParsedSample, ...]
    smpl: NDArray[np.int16]


def parse(data: bytes) -> ParsedFont:
    """Read a font, asserting its structure on the way."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"sfbk"
    assert struct.unpack("<I", data[4:8])[0] + 8 == len(data)
    lists = {}
    for name, body in chunks(data[12:]):
        assert name == b"LIST"
        lists[body[:4]] = dict(chunks(body[4:]))
    assert list(lists) == [b"INFO", b"sdta", b"pdta"]
    smpl = np.frombuffer(lists[b"sdta"][b"smpl"], "<i2")
    pdta = lists[b"pdta"]
    order = [b"phdr", b"pbag", b"pmod", b"pgen", b"inst", b"ibag", b"imod", b"igen", b"shdr"]
    assert list(pdta) == order
    return ParsedFont(
        {name.decode(): body for name, body in lists[b"INFO"].items()},
        presets(pdta),
        samples(pdta, smpl),
        smpl,
    )


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and body of each chunk; they fill the data exactly."""
    found, place = [], 0
    while place < len(data):
        name, length = struct.unpack_from("<4sI", data, place)
        assert place + 8 + length <= len(data)
        found.append((name, data[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    assert place == len(data)
    return found


def records(body: bytes, layout: str) -> list[tuple]:
    """All records of a list, the terminal one included."""
    assert len(body) % struct.calcsize(layout) == 0
    return list(struct.iter_unpack(layout, body))


def presets(pdta: dict[bytes, bytes]) -> tuple[ParsedPreset, ...]:
    """Presets with the zones of their instrument."""
    headers = records(pdta[b"phdr"], "<20sHHHIII")
    preset_bags = records(pdta[b"pbag"], "<HH")
    preset_generators = records(pdta[b"pgen"], "<HH")
    instruments = records(pdta[b"inst"], "<20sH")
    zones = instrument_zones(pdta)
    assert text(headers[-1][0]) == "EOP"
    assert text(instruments[-1][0]) == "EOI"
    found = []
    for header, after in pairwise(headers):
        assert after[3] - header[3] == 1, "one zone a preset"
        first, last = preset_bags[header[3]][0], preset_bags[header[3] + 1][0]
        operators = [(OPERATORS[number], value) for number, value in preset_generators[first:last]]
        assert operators[-1][0] == "instrument"
        index = operators[-1][1]
        own = zones[instruments[index][1] : instruments[index + 1][1]]
        assert "sample" not in dict(own[0].generators), "the first zone is the global one"
        found.append(ParsedPreset(text(header[0]), header[2], header[1], own[0], tuple(own[1:])))
    return tuple(found)


def instrument_zones(pdta: dict[bytes, bytes]) -> list[ParsedZone]:
    """All zones of all instruments."""
    bags = records(pdta[b"ibag"], "<HH")
    generators = records(pdta[b"igen"], "<HH")
    modulators = records(pdta[b"imod"], "<HHhHH")
    assert bags[-1] == (len(generators) - 1, len(modulators) - 1), "terminal records follow the last ones"
    assert generators[-1] == (0, 0)
    return [
        ParsedZone(
            tuple((OPERATORS[number], value) for number, value in generators[first[0] : last[0]]),
            tuple(modulators[first[1] : last[1]]),
        )
        for first, last in pairwise(bags)
    ]


def samples(pdta: dict[bytes, bytes], smpl: NDArray[np.int16]) -> tuple[ParsedSample, ...]:
    """All samples."""
    headers = records(pdta[b"shdr"], "<20s5IBbHH")
    assert text(headers[-1][0]) == "EOS"
    return tuple(
        ParsedSample(
            text(name), start, end, loop_start, loop_end, rate, root, correction, kind, smpl[start:end]
        )
        for name, start, end, loop_start, loop_end, rate, root, correction, _, kind in headers[:-1]
    )


def text(name: bytes) -> str:
    """A name without its padding."""
    return name.rstrip(b"\0").decode("ascii")
