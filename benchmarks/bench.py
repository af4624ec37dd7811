"""How fast Calmando renders, beside other renderers on the same MIDI file and the same SoundFont, and how fast it composes.

``make bench`` prints the tables, everything measured in one run; ``--write docs/benchmarks.md`` keeps them, with the
machine named. Every rendering runs in a process of its own, so that its peak of memory is its own. Seconds count
from the first line of work to the finished file (imports are not counted, loading the SoundFont is); CPU seconds are
of the whole process, for machines that others use as well.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calmando.score.model import Score

SEED = 7
SAMPLE_RATE = 44_100
RAMPED_PRESET = "bedtime-lullaby"
FLAT_PRESET = "quiet-focus"
RICH_PRESET = "pain-companion"
SHORT_MINUTES = 10.0
"""Renderers that keep the whole piece in memory, and formats that are lossy, are asked for no more than this."""
LONG_MINUTES = 120.0
"""Longer pieces are rendered by Calmando alone."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is rendered."""

    preset: str
    tempo: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Job:
    """One rendering of a piece."""

    renderer: str
    piece: Piece
    font: Path


@dataclass(frozen=True, slots=True)
class Figure:
    """What one rendering took; ``remark`` says why where it was not made."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    remark: str = ""


def score_of(piece: Piece) -> Score:
    """Compose a piece."""
    from calmando import api

    return api.compose(api.recipe(piece.preset, seed=SEED, minutes=piece.minutes))


def render_with_calmando(job: Job, midi: Path, folder: Path) -> float:
    """Everything on: reverb, loudness, dither, verification, the record inside."""
    import calmando.sound.engine
    import calmando.sound.files.encode  # noqa: F401  (both are imported when first needed)
    from calmando import api

    score = score_of(job.piece)
    started = time.perf_counter()
    api.render(score, folder / f"out.{job.renderer.split()[-1].lower()}", soundfonts=job.font)
    return time.perf_counter() - started


def compose_alone(job: Job, midi: Path, folder: Path) -> float:
    """The written music phrase by phrase, as a long piece is made; nothing is kept."""
    from calmando.compose.piece import compose_piece
    from calmando.preset.load import load_preset

    preset = load_preset(job.piece.preset)
    started = time.perf_counter()
    for _ in compose_piece(preset, seed=SEED, length_s=60.0 * job.piece.minutes).passages():
        pass
    return time.perf_counter() - started


def render_directly(job: Job, midi: Path, folder: Path) -> float:
    """Calmando's reference: FluidSynth plays every note, blocks are thrown away."""
    from calmando.performance import perform
    from calmando.sound.engine import Engine, EngineOptions, Way

    score = score_of(job.piece)
    started = time.perf_counter()
    performance = perform(score, SAMPLE_RATE)
    with Engine(performance, (job.font,), EngineOptions(way=Way.DIRECT)) as engine:
        for _ in engine.blocks(0.0):
            pass
    return time.perf_counter() - started


def render_with_command(job: Job, midi: Path, folder: Path) -> float:
    """The ``fluidsynth`` command, as its users call it."""
    started = time.perf_counter()
    subprocess.run(
        ["fluidsynth", "-ni", "-q", "-F", str(folder / "out.wav"), "-T", "wav", "-O", "s16", "-r",
         str(SAMPLE_RATE), str(job.font), str(midi)],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def render_with_pretty_midi(job: Job, midi: Path, folder: Path) -> float:
    """pretty_midi's ``fluidsynth()`` and a WAV of what it returns."""
    import pretty_midi
    import soundfile

    started = time.perf_counter()
    sound = pretty_midi.PrettyMIDI(str(midi)).fluidsynth(fs=SAMPLE_RATE, sf2_path=str(job.font))
    soundfile.write(folder / "out.wav", sound, SAMPLE_RATE, subtype="PCM_16")
    return time.perf_counter() - started


def render_with_tinysoundfont(job: Job, midi: Path, folder: Path) -> float:
    """tinysoundfont, driven message by message (it has no reverb)."""
    import mido
    import numpy
    import soundfile
    import tinysoundfont

    started = time.perf_counter()
    synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
    font = synth.sfload(str(job.font))
    for channel in range(16):
        synth.program_select(channel, font, 0, 0, channel == 9)
    moves: dict[str, Callable[[mido.Message], object]] = {
        "note_on": lambda m: (synth.noteon if m.velocity else _off(synth))(m.channel, m.note, m.velocity),
        "note_off": lambda m: synth.noteoff(m.channel, m.note),
        "control_change": lambda m: synth.control_change(m.channel, m.control, m.value),
        "program_change": lambda m: synth.program_change(m.channel, m.program, m.channel == 9),
    }
    with soundfile.SoundFile(folder / "out.wav", "w", SAMPLE_RATE, 2, "PCM_16") as file:
        due = 0.0
        for message in mido.MidiFile(midi):
            due += message.time * SAMPLE_RATE
            if due >= 1.0:
                block = numpy.frombuffer(synth.generate(int(due)), numpy.float32)
                file.write(block.reshape(-1, 2))
                due -= int(due)
            if message.type in moves:
                moves[message.type](message)
    return time.perf_counter() - started


def _off(synth: Any) -> Callable[[int, int, int], None]:
    return lambda channel, key, _velocity: synth.noteoff(channel, key)


RENDERERS: dict[str, Callable[[Job, Path, Path], float]] = {
    "calmando WAV": render_with_calmando,
    "calmando FLAC": render_with_calmando,
    "calmando OGG": render_with_calmando,
    "calmando MP3": render_with_calmando,
    "calmando direct path": render_directly,
    "fluidsynth command": render_with_command,
    "pretty_midi": render_with_pretty_midi,
    "tinysoundfont": render_with_tinysoundfont,
}
COMPOSING = "composing"
WORK = {**RENDERERS, COMPOSING: compose_alone}
COMPOSED_MINUTES = 60.0
NIGHT = ("deep-sleep", 480.0)
PACKAGES = ("pretty_midi", "tinysoundfont")
LONG_PIECE_RENDERERS = ("calmando WAV", "calmando FLAC", "fluidsynth command")


def missing(renderer: str) -> str:
    """Why a renderer cannot be measured here; empty if it can."""
    if renderer == "fluidsynth command" and shutil.which("fluidsynth") is None:
        return "the fluidsynth command is not installed"
    if renderer in PACKAGES and importlib.util.find_spec(renderer) is None:
        return f"{renderer} is not installed"
    if renderer == "pretty_midi":
        from ctypes.util import find_library

        if find_library("fluidsynth") is None:
            return "no FluidSynth library on the system, which pretty_midi needs"
    return ""


def jobs(lengths: Sequence[float], fonts: Sequence[Path]) -> Iterator[Job]:
    """Everything that is asked for, as far as it is done in reason."""
    ramped, flat, rich = (RAMPED_PRESET, "ramped"), (FLAT_PRESET, "flat"), (RICH_PRESET, "ramped, many pads")
    for minutes in lengths:
        for font in fonts:
            for preset, tempo in (ramped, flat):
                for renderer in renderers_of(minutes):
                    yield Job(renderer, Piece(preset, tempo, minutes), font)
            if minutes > SHORT_MINUTES:
                yield Job("calmando WAV", Piece(*rich, minutes), font)


def renderers_of(minutes: float) -> Sequence[str]:
    """Who is measured with a piece of a length: the slower ones with short pieces alone."""
    if minutes <= SHORT_MINUTES:
        return tuple(RENDERERS)
    return LONG_PIECE_RENDERERS if minutes <= LONG_MINUTES else ("calmando WAV",)


def measure(job: Job, midi: Path) -> Figure:
    """Run one job in a process of its own."""
    remark = missing(job.renderer)
    if remark:
        return Figure(remark=remark)
    command = [
        sys.executable, __file__, "--one", job.renderer, "--preset", job.piece.preset,
        "--minutes", str(job.piece.minutes), "--font", str(job.font), "--midi", str(midi),
    ]  # fmt: skip
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    if child.returncode != 0:
        return Figure(remark=(child.stderr.strip().splitlines() or ["failed"])[-1][:100])
    seconds, cpu_s, peak_mb = (float(word) for word in child.stdout.split()[-3:])
    return Figure(seconds, cpu_s, peak_mb)


def run_one(job: Job, midi: Path) -> None:
    """In the child: render, and say seconds, CPU seconds and peak memory (children's included)."""
    import resource

    with tempfile.TemporaryDirectory(prefix="calmando-bench-") as folder:
        seconds = WORK[job.renderer](job, midi, Path(folder))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(one.ru_utime + one.ru_stime for one in used)
    peak_kb = used[1].ru_maxrss if job.renderer == "fluidsynth command" else own_peak_kb()
    sys.stdout.write(f"{seconds} {cpu_s} {peak_kb / 1024}\n")


def own_peak_kb() -> int:
    """The most memory this process has held; what Linux tells in ``ru_maxrss`` begins with that of its parent."""
    import resource

    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    told = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return told[0] if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def table_line(job: Job, figure: Figure) -> str:
    """One line of the table."""
    length = f"{job.piece.minutes:g} min" if job.piece.minutes < 120 else f"{job.piece.minutes / 60:g} h"
    head = f"| {job.font.stem} | {length} | {job.piece.tempo} | {job.renderer} |"
    if figure.remark:
        return f"{head} – | – | – | {figure.remark} |"
    times = job.piece.minutes * 60 / figure.seconds
    return f"{head} {figure.seconds:.1f} | {figure.cpu_s:.1f} | {times:,.0f} × | {figure.peak_mb:.0f} MB |"


def composing_lines(font: Path) -> Iterator[str]:
    """The second table: every preset's hour, and a night."""
    from calmando.preset.load import found_presets

    pieces = [(found.name, COMPOSED_MINUTES) for found in found_presets() if not found.own]
    for preset, minutes in (*pieces, NIGHT):
        figure = measure(Job(COMPOSING, Piece(preset, "", minutes), font), font)
        length = f"{minutes:g} min" if minutes < LONG_MINUTES else f"{minutes / 60:g} h"
        yield f"| {preset} | {length} | {figure.seconds:.2f} | {figure.peak_mb:.0f} MB |"


COMPOSING_HEAD = (
    "Composing, on one core, tables of rules made anew; the program itself is most of the memory:\n\n"
    "| preset | length | seconds | peak memory |\n|---|---|---|---|"
)
HEAD = (
    "| SoundFont | length | tempo | renderer | seconds | CPU seconds | real time | peak memory |\n"
    "|---|---|---|---|---|---|---|---|"
)


def machine() -> str:
    """The machine and what ran on it, as one line."""
    from calmando.sound.fluidsynth import library
    from calmando.version import __version__

    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line.split(":")[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        name = models[0] if models else name
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{name}, {os.cpu_count()} cores, {system}; Calmando {__version__}, "
        f"FluidSynth {library.report().version} (bundled); load average at the start {load}"
    )


def default_fonts() -> list[Path]:
    """The built-in font, and FluidR3 where the system has it."""
    from calmando.resources import soundfonts_folder

    places = [soundfonts_folder() / "calmando.sf2", Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")]
    return [place for place in places if place.exists()]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lengths", type=float, nargs="+", default=[10.0, 60.0, 480.0], help="minutes")
    parser.add_argument("--fonts", type=Path, nargs="+", default=None)
    parser.add_argument("--write", type=Path, default=None, help="a Markdown file for the table")
    for name in ("--one", "--preset", "--midi", "--font"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        run_one(Job(asked.one, Piece(asked.preset, "", asked.minutes), Path(asked.font)), Path(asked.midi))
        return
    lines: list[str] = []
    fonts = asked.fonts or default_fonts()
    with tempfile.TemporaryDirectory(prefix="calmando-bench-") as folder:
        for line in all_lines(asked.lengths, fonts, Path(folder)):
            lines.append(line)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            if asked.write is not None:
                asked.write.parent.mkdir(exist_ok=True)
                asked.write.write_text("# Benchmarks\n\n" + (__doc__ or "") + "\n" + "\n".join(lines) + "\n")


def all_lines(lengths: Sequence[float], fonts: Sequence[Path], folder: Path) -> Iterator[str]:
    """Both tables, line by line as they are measured."""
    yield from (machine(), "", HEAD)
    for job in jobs(lengths, fonts):
        yield table_line(job, measure(job, _midi(job.piece, folder)))
    yield from ("", COMPOSING_HEAD)
    yield from composing_lines(fonts[0])


def _midi(piece: Piece, folder: Path) -> Path:
    from calmando import api

    midi = folder / f"{piece.preset}-{piece.minutes:g}.mid"
    if not midi.exists():
        api.write_midi(score_of(piece), midi)
    return midi


if __name__ == "__main__":
    main()
