"""The library's functions, as a program calls them; `calmando` hands them out by name."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from calmando import rendering
from calmando.errors import InputError, spelt
from calmando.given import given_callable, given_fonts, given_number, given_path, given_whole
from calmando.preset.load import found_presets
from calmando.preset.model import Preset
from calmando.preset.recipe import Recipe, changed_recipe, make_recipe
from calmando.rendering import Progress, Rendered, SoundOptions
from calmando.replaying import prepare_replay
from calmando.score.given_score import given_score
from calmando.score.given_tune import given_tune
from calmando.score.model import Score
from calmando.score.tune import Tune
from calmando.sound.blocks import Block
from calmando.source import RECIPE_SUFFIX, read_recipe_file
from calmando.streaming import BLOCK_FRAMES, stream_recipe, stream_score
from calmando.units import Decibels, Frames

if TYPE_CHECKING:
    from calmando.sound.files.audio_format import BitDepth

Fonts = str | Path | Sequence[str | Path]
_MOST_GAIN_DB = 120
Depth = Literal[16, 24, "16", "24", "float"]


def presets() -> tuple[str, ...]:
    """The names of all presets, Calmando's own and the user's, in alphabetical order.

    Examples
    --------
    >>> "bedtime-lullaby" in presets()
    True
    """
    return tuple(preset.name for preset in found_presets())


def recipe(
    preset: str | Path | Preset,
    *,
    seed: int | None = None,
    minutes: float | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Recipe:
    """Decide on a piece: all that is needed to make the same music again.

    Parameters
    ----------
    preset
        A preset's name, a preset file (``.toml``), or a preset; or a recipe file (``.json``) that was written here, whose
        seed, length and changes stay where no others are given.
    seed
        0 to 2³¹ − 1; drawn where it is not given, and kept in the recipe.
    minutes
        Whole length, closing silence included, more than 0 and at most 720; the preset's own if not given.
    overrides
        Settings to change, by dotted key: ``{"tempo.end_bpm": 60, "parts.melody.program": "harp"}``.

    Raises
    ------
    UnknownPresetError
        Where there is no such preset.
    PresetError
        Where the preset, an override, the seed or the length is invalid; every problem is named.
    RecordError
        Where a recipe file is missing, damaged, or of another release.

    Examples
    --------
    >>> recipe("bedtime-lullaby", seed=7, minutes=5, overrides={"tempo.end_bpm": 60}).length_s
    300.0
    """
    if isinstance(preset, str | Path) and Path(preset).suffix.lower() == RECIPE_SUFFIX:
        written = read_recipe_file(given_path(preset, "preset"))
        return changed_recipe(written, seed=seed, minutes=minutes, overrides=overrides)
    return make_recipe(preset, seed=seed, minutes=minutes, overrides=overrides)


def compose(recipe: Recipe, *, tune: Tune | None = None) -> Score:
    """Compose the piece of a recipe. Pure: the same recipe gives the same score.

    Parameters
    ----------
    recipe
        What to compose.
    tune
        A given tune (a familiar song) to arrange in place of a composed one. Such a score carries no recipe,
        because the recipe alone would not make it again.

    Raises
    ------
    PresetError
        Where the piece cannot be made so short, or no tune has so many bars in such phrases.
    InputError
        Where the tune is not whole and in order (`Tune` says what it must be), or the piece has no room for it.

    Examples
    --------
    >>> compose(recipe("bedtime-lullaby", seed=7, minutes=3)).length_s
    180.0
    """
    if not isinstance(recipe, Recipe):
        raise _not_a_piece("compose", "a recipe", recipe)
    return rendering.compose(recipe, tune=None if tune is None else given_tune(tune))


def write_midi(score: Score, path: str | Path) -> Path:
    """Write a score as a MIDI file (format 1, 480 ticks a quarter), whole or not at all.

    Parameters
    ----------
    score
        What to write; its recipe is kept inside, so that `replay` makes the piece again.
    path
        Where to; a file that stands there is replaced.

    Raises
    ------
    InputError
        Where the path is not the name of a MIDI file, or the score, made by hand, holds what MIDI cannot say.
    OutputError
        Where it cannot be written; what stood there before is untouched.
    """
    if not isinstance(score, Score):
        raise _not_a_piece("write_midi", "a score", score)
    given_score(score)
    target = given_path(path, "path")
    if not rendering.is_midi(target):
        raise InputError(f"{target} is not the name of a MIDI file.", "", "Let its name end in .mid.")
    return rendering.write_midi(score, target)


def render(
    piece: Recipe | Score,
    path: str | Path,
    *,
    soundfonts: Fonts = (),
    sample_rate: int = 44_100,
    bit_depth: Depth | None = None,
    quality: float | None = None,
    stems: str | Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Rendered:
    """Make a file of a piece: MIDI or audio, by its extension.

    Parameters
    ----------
    piece
        A recipe, or a score.
    path
        Ends in ``.mid``, ``.wav``, ``.flac``, ``.ogg`` or ``.mp3``, or in ``.png`` or ``.svg`` for a picture of the
        score; a file that stands there is replaced.
    soundfonts
        A SoundFont file or name, or several, the first one first; the default font if empty.
    sample_rate
        44,100 or 48,000 frames a second.
    bit_depth
        16, 24 or ``"float"`` for WAV, 16 or 24 for FLAC; 16 if not given.
    quality
        1 (smallest) to 10 (best) for OGG and MP3; 7 if not given.
    stems
        A folder where every part is written as a 24-bit WAV file as well; they sum to the mix.
    progress
        Called now and then, in the caller's thread, with a `Progress` (``print`` will do).

    Returns
    -------
    Rendered
        The path, the length in seconds, the measured loudness (LUFS) and true peak (dBTP), the gain (dB).

    Raises
    ------
    InputError
        For an extension, sample rate, depth or quality that does not exist, for stems of a file that holds no sound, or
        an invalid piece.
    SoundFontError
        Where a SoundFont is missing or broken.
    SynthMissingError
        Where no FluidSynth library works (MIDI files need none).
    OutputError
        Where the file cannot be written; what stood there before is untouched.
    """
    target = given_path(path, "path")
    stems_folder = given_path(stems, "stems") if stems is not None else None
    listener = given_callable(progress, "progress")
    options = _options(soundfonts, sample_rate, bit_depth, quality)
    rendering.check_format(target, options)
    if stems_folder is not None and not rendering.is_sound(target):
        raise InputError(
            "Stems need a sound file to be made.",
            f"{target} holds no sound.",
            "Name one, such as piece.flac.",
        )
    recipe = piece.recipe if isinstance(piece, Score) else piece
    if isinstance(recipe, Recipe) and rendering.is_sound(target):
        rendering.get_ready(options)
    return rendering.render(_score(piece), target, options, stems_folder=stems_folder, progress=listener)


def stream(
    piece: Recipe | Score,
    *,
    soundfonts: Fonts = (),
    sample_rate: int = 44_100,
    start_bar: int = 1,
    block_frames: Frames = BLOCK_FRAMES,
    gain_db: Decibels | None = None,
) -> Generator[Block, None, None]:
    """Yield a piece as blocks of sound, in flat memory whatever its length.

    At equal gain the frames are those of a rendered file, before dither. A block comes within milliseconds, but now and then
    one takes some tenths of a second, while notes are played for the first time, or where it is asked for much sooner than it is
    heard: the piece is composed while its first seconds are. Feed a queue of
    a second or more, rather than a sound card's callback. Close what is not heard to its end (``close()``).

    Parameters
    ----------
    piece
        A recipe, or a score.
    soundfonts, sample_rate
        As in `render`.
    start_bar
        The bar to begin at, counted from 1. What rings there rings at once: fade the first hundredths of a second in.
    block_frames
        Frames a block, 1 or more; the last may be shorter.
    gain_db
        The gain of an earlier rendering (`Rendered.gain_db`); estimated where it is not given, which makes a long piece begin
        some tenths of a second later.

    Yields
    ------
    numpy.ndarray
        Shape (n_frames, 2), float32, −1 to 1; contiguous, the caller's own.

    Raises
    ------
    InputError
        Where there is no such bar, or the piece is invalid.
    SoundFontError, SynthMissingError
        As in `render`.
    """
    frames, bar = given_whole(block_frames, "block_frames"), given_whole(start_bar, "start_bar")
    if frames < 1:
        raise InputError(f"block_frames is {frames}.", "A block needs at least one frame.")
    gain = given_number(gain_db, "gain_db") if gain_db is not None else None
    if gain is not None and not -_MOST_GAIN_DB <= gain <= _MOST_GAIN_DB:
        raise InputError(
            f"gain_db is {gain}.", f"It must be within ±{_MOST_GAIN_DB} dB.", "Take it from Rendered.gain_db."
        )
    options = replace(_options(soundfonts, sample_rate, None, None), gain_db=gain)
    if isinstance(piece, Recipe):
        return stream_recipe(piece, options, start_bar=bar, block_frames=frames)
    return stream_score(_score(piece), options, start_bar=bar, block_frames=frames)


def replay(
    file: str | Path,
    path: str | Path,
    *,
    soundfonts: Fonts = (),
    progress: Callable[[Progress], None] | None = None,
) -> Rendered:
    """Make the very same piece again, from any file Calmando wrote.

    Parameters
    ----------
    file
        A MIDI, audio or recipe file that carries a record.
    path
        As in `render`.
    soundfonts
        Other fonts than the recorded ones: the same notes with another sound.
    progress
        As in `render`.

    Returns
    -------
    Rendered
        As in `render`; its remarks tell what differs from the file, and why.

    Raises
    ------
    RecordError
        Where the file carries no record, a damaged one, or one of another release.
    SoundFontError
        Where a recorded SoundFont is not on this machine.
    OutputError
        Where the file cannot be written.
    """
    target, listener = given_path(path, "path"), given_callable(progress, "progress")
    again = prepare_replay(given_path(file, "file"), soundfonts=given_fonts(soundfonts, "soundfonts"))
    options = again.options_for(target)
    rendering.check_format(target, options)
    if rendering.is_sound(target):
        rendering.get_ready(options)
    rendered = rendering.render(rendering.compose(again.record.recipe), target, options, progress=listener)
    return replace(rendered, remarks=(*again.notices, *rendered.remarks))


def _score(piece: Recipe | Score) -> Score:
    if not isinstance(piece, Recipe | Score):
        raise _not_a_piece("This", "a recipe or a score", piece)
    return rendering.compose(piece) if isinstance(piece, Recipe) else given_score(piece)


def _not_a_piece(who: str, wants: str, given: object) -> InputError:
    name = given if isinstance(given, str) else "bedtime-lullaby"
    return InputError(
        f"{who} takes {wants}, not a {type(given).__name__}.",
        "",
        f'recipe = calmando.recipe("{name}") makes a recipe, calmando.compose(recipe) a score.',
    )


def _options(fonts: Fonts, sample_rate: int, bit_depth: Depth | None, quality: float | None) -> SoundOptions:
    return SoundOptions(
        soundfonts=given_fonts(fonts, "soundfonts"),
        sample_rate=given_whole(sample_rate, "sample_rate"),
        bit_depth=None if bit_depth is None else parsed_depth(spelt(bit_depth)),
        quality=None if quality is None else given_number(quality, "quality"),
    )


def parsed_depth(text: str) -> BitDepth:
    """A bit depth by its name.

    Raises
    ------
    InputError
        Where it is none of 16, 24 and float.
    """
    from calmando.sound.files.audio_format import BitDepth

    known = {depth.value: depth for depth in BitDepth}
    if text.lower() not in known:
        raise InputError(
            f"The bit depth is {text}.",
            f"It must be {', '.join(known)}.",
            "Leave it out: 16 suits every player.",
        )
    return known[text.lower()]
