"""The whole road, from a recipe or a MIDI file to files and blocks of sound."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from calmando.collecting import collecting_put_off
from calmando.compose.piece import compose_piece
from calmando.errors import CalmandoError, InputError
from calmando.midi.write import write_midi_file
from calmando.performance import perform
from calmando.picture import PICTURE_SUFFIXES, write_picture
from calmando.preset.recipe import Recipe
from calmando.preset.record import SoundMade, make_record, record_json
from calmando.remarks import sound_remarks, written_remarks
from calmando.score.model import ChannelStrip, Score, assemble
from calmando.score.tune import Tune
from calmando.sound.blocks import Block
from calmando.units import Decibels, Frames, Lufs, Seconds

if TYPE_CHECKING:
    from calmando.sound.engine import Engine
    from calmando.sound.files.audio_format import BitDepth
    from calmando.sound.files.tags import Tags
    from calmando.sound.fluidsynth.rack import Rack

FOREIGN_TARGET_LUFS: Lufs = -23.0
"""Loudness of music that brings no target of its own (EBU R 128)."""
FOREIGN_CEILING_DBTP: Decibels = -3.0
MIDI_SUFFIXES = (".mid", ".midi")
SAMPLE_RATES = (44_100, 48_000)
_BELOW_DB = 0.05
_BLOCK_FRAMES: Frames = 262_144
"""Six seconds at a time go into a file: every block costs the threads some waiting for each other."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece has come: what is being done, and the share done (0 to 1)."""

    doing: str
    share: float

    def __str__(self) -> str:
        return f"{self.doing}: {self.share:.0%}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a piece shall sound as a whole.

    Attributes
    ----------
    target_lufs, ceiling_dbtp
        Integrated loudness and the highest true peak.
    """

    target_lufs: Lufs
    ceiling_dbtp: Decibels


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was written and what was measured while writing.

    Attributes
    ----------
    path
        The file.
    length_s
        Its length.
    loudness_lufs, true_peak_dbtp, gain_db
        Measured loudness and true peak, and the one gain that was applied; ``None`` for MIDI files.
    remarks
        Plain sentences about replaced instruments, a long silence and the like.
    """

    path: Path
    length_s: Seconds
    loudness_lufs: Lufs | None = None
    true_peak_dbtp: Decibels | None = None
    gain_db: Decibels | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundOptions:
    """How audio is made and written.

    Attributes
    ----------
    soundfonts
        SoundFont files or names, the first one first; empty for the default.
    sample_rate
        44,100 or 48,000 frames a second.
    bit_depth
        For WAV and FLAC; 16 where it is ``None``.
    quality
        For OGG and MP3, 1 to 10; 7 where it is ``None``.
    gain_db
        The gain of an earlier rendering; decided from what is foreseen of loudness and peak where it is ``None``.
    """

    soundfonts: tuple[str | Path, ...] = ()
    sample_rate: int = 44_100
    bit_depth: BitDepth | None = None
    quality: float | None = None
    gain_db: Decibels | None = None


def compose(recipe: Recipe, *, tune: Tune | None = None) -> Score:
    """Compose the piece of a recipe.

    Parameters
    ----------
    recipe
        What to compose.
    tune
        A given tune (a familiar song) to arrange in place of a composed one.

    Raises
    ------
    PresetError
        Where the piece cannot be made so short, no tune has so many bars in such phrases, or its settings contradict each
        other.
    """
    piece = compose_piece(recipe.adapted, seed=recipe.seed, length_s=recipe.length_s, tune=tune)
    with collecting_put_off():
        return assemble(piece.title, piece.passages(), recipe if tune is None else None)


def write_midi(score: Score, path: str | Path) -> Path:
    """Write a score as a MIDI file, whole or not at all; its recipe, if it has one, is kept inside.

    Parameters
    ----------
    score
        What to write.
    path
        Where to; replaced if it exists.

    Raises
    ------
    OutputError
        Where it cannot be written; what stood there before is untouched.
    """
    target = Path(path)
    record = record_json(make_record(score.recipe)) if score.recipe else ""
    write_midi_file(score, target, record)
    return target


def wanted_sound(recipe: Recipe | None) -> Wanted:
    """The loudness a recipe's preset asks for, or that of a foreign piece."""
    if recipe is None:
        return Wanted(FOREIGN_TARGET_LUFS, FOREIGN_CEILING_DBTP)
    sound = recipe.adapted.sound
    return Wanted(sound.loudness_lufs, sound.true_peak_dbtp)


def render(
    score: Score,
    path: str | Path,
    options: SoundOptions,
    *,
    stems_folder: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Rendered:
    """Make a file: MIDI or audio, by its extension.

    Parameters
    ----------
    score
        The piece; its recipe, if it has one, is kept inside the file.
    path
        Ends in ``.mid``, ``.wav``, ``.flac``, ``.ogg`` or ``.mp3`` (or ``.png``, ``.svg``: a picture of the score);
        replaced if it exists.
    options
        How audio is made.
    stems_folder
        Where every part is written as a file of its own as well.
    progress
        Called now and then with a `Progress`.

    Raises
    ------
    InputError
        For an unknown extension, sample rate, depth or quality.
    SoundFontError, SynthMissingError
        Where a SoundFont or FluidSynth is missing or broken.
    OutputError
        Where the file cannot be written; what stood there before is untouched.
    """
    target = Path(path)
    check_format(target, options)
    if is_midi(target):
        rendered = Rendered(write_midi(score, target), score.length_s)
    elif is_picture(target):
        write_picture(score, target)
        rendered = Rendered(target, score.length_s)
    else:
        with opened_engine(score, options) as engine:
            rendered = _write_sound(engine, target, options, score.recipe, stems_folder, progress)
    return replace(rendered, remarks=(*rendered.remarks, *written_remarks(score)))


def is_sound(path: Path) -> bool:
    """Whether what is written under a name is sound, neither notes nor a drawing of them."""
    return not (is_midi(path) or is_picture(path))


def is_picture(path: Path) -> bool:
    """Whether a file's name says that it is a drawing of the score."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def is_midi(path: Path) -> bool:
    """Whether a file's name says that it holds notes rather than sound."""
    return path.suffix.lower() in MIDI_SUFFIXES


@contextmanager
def opened_engine(score: Score, options: SoundOptions, rack: Rack | None = None) -> Iterator[Engine]:
    """An engine ready to play a score, with the synths of a rack if there is one."""
    from calmando.sound.engine import Engine
    from calmando.sound.fluidsynth.soundfonts import choose_fonts

    fonts = choose_fonts(options.soundfonts, any_program=score.recipe is None)
    with collecting_put_off():
        opened = Engine(perform(score, options.sample_rate), fonts, rack=rack)
    with opened as engine:
        yield engine


def synths_ahead(strips: Sequence[ChannelStrip], options: SoundOptions) -> Rack | None:
    """A rack where synths for a piece's instruments will soon be ready; what is wrong with the fonts is told to whoever renders."""
    from calmando.sound.engine import rates_at_first
    from calmando.sound.fluidsynth.programs import wanted_by
    from calmando.sound.fluidsynth.rack import Rack
    from calmando.sound.fluidsynth.soundfonts import choose_fonts

    with suppress(CalmandoError, OSError):
        check_rate(options)
        rack = Rack(choose_fonts(options.soundfonts))
        programs = [wanted_by(strip) for strip in strips]
        rack.prepare(rates_at_first(options.sample_rate, is_heard=options.gain_db is None), programs)
        return rack
    return None


def get_ready(options: SoundOptions) -> None:
    """Begin what the sound of a recipe will ask for, while the piece is composed or the engine set up.

    FluidSynth is loaded, its room measured, and the fonts are hashed for the record. What is wrong with them is told to
    whoever renders.
    """
    threading.Thread(target=_get_ready, args=(options,), name="calmando-ahead", daemon=True).start()


def _get_ready(options: SoundOptions) -> None:
    from calmando.sound.fluidsynth.hashes import font_used
    from calmando.sound.fluidsynth.soundfonts import choose_fonts
    from calmando.sound.mixing.reverb import measured_response

    with suppress(CalmandoError, OSError, MemoryError):
        fonts = choose_fonts(options.soundfonts)
        measured_response(options.sample_rate)
        for font in fonts:
            font_used(font)


def decided_gain(loudness: Callable[[], Lufs], wanted: Wanted, options: SoundOptions) -> Decibels:
    """The one gain of the piece: as recorded, or from the loudness known before mixing."""
    from calmando.sound.loudness.loudness import decide_gain

    if options.gain_db is not None:
        return options.gain_db
    with collecting_put_off():
        expected = loudness()
    return decide_gain(expected, wanted.target_lufs, ceiling_db=wanted.ceiling_dbtp).gain_db


def check_format(target: Path, options: SoundOptions) -> None:
    """Refuse a file name, sample rate, depth or quality that cannot be written, before any work is done."""
    from calmando.sound.files.audio_format import audio_format

    check_rate(options)
    if not is_sound(target):
        return
    audio_format(
        target, sample_rate=options.sample_rate, bit_depth=options.bit_depth, quality=options.quality
    )


def choices_of_sound(asked: SoundOptions) -> tuple[str, ...]:
    """What was chosen about the sound: without effect where no sound file is made."""
    choices = (
        ("a SoundFont", bool(asked.soundfonts)),
        ("a quality", asked.quality is not None),
        ("a bit depth", asked.bit_depth is not None),
        ("another sample rate", asked.sample_rate != SAMPLE_RATES[0]),
    )
    return tuple(choice for choice, is_made in choices if is_made)


def check_rate(options: SoundOptions) -> None:
    """Refuse a sample rate that cannot be made."""
    rate = options.sample_rate
    if not isinstance(rate, int) or rate not in SAMPLE_RATES:
        known = " or ".join(str(known) for known in SAMPLE_RATES)
        raise InputError(
            f"The sample rate is {rate} Hz.",
            f"It must be {known} Hz.",
            "Leave it out: 44100 suits every player.",
        )


def _write_sound(
    engine: Engine,
    target: Path,
    options: SoundOptions,
    recipe: Recipe | None,
    stems_folder: Path | None,
    progress: Callable[[Progress], None] | None,
) -> Rendered:
    wanted = wanted_sound(recipe)
    _say(progress, "listening ahead", 0.0)
    gain_db = _foreseen_gain(engine, wanted, progress) if options.gain_db is None else options.gain_db
    chosen = replace(options, gain_db=gain_db)
    try:
        rendered = _write_once(engine, target, chosen, recipe, wanted, progress)
    except _TooLoudError:
        # Also where the gain comes from a record: a changed number in it must not become noise.
        chosen = replace(chosen, gain_db=_gain_below(engine, chosen, wanted.ceiling_dbtp, progress))
        rendered = _write_once(engine, target, chosen, recipe, wanted, progress)
    if stems_folder is not None:
        _write_stems(engine, stems_folder, target.stem, rendered.gain_db or 0.0, progress)
    return rendered


def _foreseen_gain(engine: Engine, wanted: Wanted, progress: Callable[[Progress], None] | None) -> Decibels:
    """The gain that the loudness asks for, or what the highest peak that can be foreseen leaves of it."""
    from calmando.sound.loudness.loudness import decide_gain

    ceiling_db = wanted.ceiling_dbtp
    with collecting_put_off():
        ahead = engine.listen_ahead(lambda share: _say(progress, "listening ahead", share))
        asked_db = decide_gain(ahead.loudness_lufs, wanted.target_lufs).gain_db
        peak_db = ahead.highest_peak(ceiling_db - asked_db)
    allowed = decide_gain(
        ahead.loudness_lufs, wanted.target_lufs, peak_db=peak_db, ceiling_db=ceiling_db - _BELOW_DB
    )
    return allowed.gain_db


class _TooLoudError(Exception):
    """A peak passes the ceiling; the file has not appeared."""


def _write_once(
    engine: Engine,
    target: Path,
    options: SoundOptions,
    recipe: Recipe | None,
    wanted: Wanted,
    progress: Callable[[Progress], None] | None,
) -> Rendered:
    from calmando.sound.files.encode import write_audio
    from calmando.sound.loudness.loudness import LoudnessMeter

    gain_db = options.gain_db or 0.0
    total = engine.total_frames
    meter = LoudnessMeter(engine.sample_rate)
    loudness = meter.result()

    highest_sample = 10 ** (min(wanted.ceiling_dbtp, 0.0) / 20)

    def watch(block: Block, peak: float) -> None:
        # There is no use in writing the rest.
        if peak > highest_sample:
            raise _TooLoudError
        meter.add(block)

    def approve() -> None:
        nonlocal loudness
        loudness = meter.result()
        if loudness.true_peak_db > wanted.ceiling_dbtp:
            raise _TooLoudError

    written = write_audio(
        target,
        engine.fader.over(engine.blocks(gain_db, block_frames=_BLOCK_FRAMES)),
        n_frames=total,
        sample_rate=engine.sample_rate,
        bit_depth=options.bit_depth,
        quality=options.quality,
        tags=_tags(engine, options, recipe, target),
        watch=watch,
        approve=approve,
        progress=lambda done: _say(progress, "rendering", done / total),
    )
    return Rendered(
        written.path,
        total / engine.sample_rate,
        loudness.integrated_lufs,
        loudness.true_peak_db,
        gain_db,
        (*engine.remarks, *sound_remarks(engine, meter, loudness, wanted.target_lufs, recipe)),
    )


def _gain_below(
    engine: Engine,
    options: SoundOptions,
    ceiling_dbtp: Decibels,
    progress: Callable[[Progress], None] | None,
) -> Decibels:
    """Measure the whole piece's true peak and decide the gain that keeps it under the ceiling."""
    from calmando.sound.loudness.loudness import LoudnessMeter

    gain_db = options.gain_db or 0.0
    meter = LoudnessMeter(engine.sample_rate)
    frame = 0
    for block in engine.fader.over(engine.blocks(gain_db, block_frames=_BLOCK_FRAMES)):
        meter.add(block)
        frame += len(block)
        _say(progress, "measuring its peak", frame / engine.total_frames)
    return round(gain_db - (meter.result().true_peak_db - ceiling_dbtp) - _BELOW_DB, 2)


def _tags(engine: Engine, options: SoundOptions, recipe: Recipe | None, target: Path) -> Tags:
    """What the file says of itself; only a piece with a recipe carries a record."""
    from calmando.sound.files.audio_format import audio_format
    from calmando.sound.files.tags import NO_RECORD, Tags

    if recipe is None or options.gain_db is None:
        return Tags(title=engine.performance.title, record=NO_RECORD)
    written = audio_format(
        target,
        sample_rate=options.sample_rate,
        bit_depth=options.bit_depth,
        quality=options.quality,
    )
    sound = SoundMade(
        fonts=engine.fonts,
        fluidsynth=engine.synth_version,
        sample_rate=engine.sample_rate,
        bit_depth=written.bit_depth.value if written.bit_depth else None,
        quality=written.quality,
        gain_db=options.gain_db,
    )
    record = record_json(make_record(recipe, sound))
    return Tags(title=engine.performance.title, preset=recipe.preset.name, record=record)


def _write_stems(
    engine: Engine,
    folder: Path,
    stem: str,
    gain_db: Decibels,
    progress: Callable[[Progress], None] | None,
) -> None:
    """Write every part as a 24-bit WAV file, faded like the mix, so that they sum to it."""
    from calmando.sound.stems import write_stems

    total = engine.total_frames
    write_stems(
        engine,
        folder,
        stem,
        gain_db,
        progress=lambda done: _say(progress, "writing stems", done / total),
    )


def _say(progress: Callable[[Progress], None] | None, doing: str, share: float) -> None:
    if progress is not None:
        progress(Progress(doing, share))
